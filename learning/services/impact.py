"""The impact check: at its review date a decision is looked at again, with before and after (LP-5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access import SYSTEM, must
from audits.models import Audit, Theme
from learning import access
from learning.models import AgendaItem
from learning.rules.meetings import TEXT_AT_LEAST
from learning.selectors.packs import BeforeAfter, before_after, impact_data
from learning.services.checking import check_texts, keep_reasons
from learning.services.moves import lock_item, move_item


def impact_now(*, item: AgendaItem) -> BeforeAfter | None:
    """Before and after as the department stands today, or as it was found at the review."""
    return before_after(
        item,
        audits=Audit.objects.visible_to(SYSTEM),
        themes=Theme.objects.visible_to(SYSTEM),
        today=timezone.localdate(),
    )


def check_impact(
    *, item: AgendaItem, note: str, by: Any, version: int | None = None, reasons: Mapping[str, str] | None = None
) -> AgendaItem:
    """Keep what was found at the review date, with what the panel makes of it.

    Raises NotAllowed, IllegalMove, StaleVersion, ValidationError and LeadsToSomebody.
    """
    given = reasons or {}
    today = timezone.localdate()
    with transaction.atomic():
        held = lock_item(item=item)
        must(access.can_keep_item(by, held))
        if held.review_on is None or held.review_on > today:
            raise ValidationError("The review date has not come yet.")
        if held.impact_checked_on is not None:
            raise ValidationError("The impact has been checked already.")
        if len(note.strip()) < TEXT_AT_LEAST:
            raise ValidationError({"note": f"Say in {TEXT_AT_LEAST} characters or more what came of it"})
        hits = check_texts(texts=[note], reasons=given, kind=held._meta.label_lower, object_id=held.pk)
        found = impact_now(item=held)
        move_item(
            item=held, event="check_impact", by=by, version=version, impact=impact_data(found) if found else None,
            impact_note=note.strip(), impact_checked_on=today,
        )  # fmt: skip
        keep_reasons(hits=hits, reasons=given, record=held, by=by)
    return held
