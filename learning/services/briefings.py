"""Briefings: one page for teams, published with a notice, read and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import must
from accounts.models import Membership, OrgUnit, User
from core.history.services import actor_id, record
from core.notifications.services import notify
from learning import access
from learning.choices import BriefingStatus
from learning.models import Briefing, BriefingReceipt
from learning.querysets import PRACTICE_ROLES
from learning.services.checking import check_texts, keep_reasons
from learning.services.moves import move_briefing, note_move

MOST_MESSAGES = 5
TITLE_LENGTH = 150


def write_briefing(
    *, title: str, messages: Sequence[str], text: str, by: Any, briefing: Briefing | None = None,
    version: int | None = None, reasons: Mapping[str, str] | None = None,
) -> Briefing:  # fmt: skip
    """Write a briefing, or change a draft. Raises NotAllowed, IllegalMove, StaleVersion, ValidationError and
    LeadsToSomebody."""
    must(access.can_publish_practice(by))
    given = reasons or {}
    wanted = [message.strip() for message in messages if message.strip()]
    if not title.strip():
        raise ValidationError({"title": "Enter a title"})
    if not 1 <= len(wanted) <= MOST_MESSAGES:
        raise ValidationError({"message1": f"Write from 1 to {MOST_MESSAGES} key messages"})
    with transaction.atomic():
        known = briefing.pk if briefing is not None else None
        hits = check_texts(
            texts=[title, text, *wanted], reasons=given, kind=Briefing._meta.label_lower, object_id=known
        )
        if briefing is None:
            held = Briefing.objects.create(
                title=title.strip(), messages=wanted, text=text.strip(), written_by_id=actor_id(by),
                written_at=timezone.now(),
            )  # fmt: skip
            note_move(row=held, event="write", by=by, before="", after=BriefingStatus.DRAFT)
        else:
            held = _lock(briefing=briefing)
            move_briefing(
                briefing=held, event="edit", by=by, version=version, title=title.strip(), messages=wanted,
                text=text.strip(),
            )  # fmt: skip
        keep_reasons(hits=hits, reasons=given, record=held, by=by)
    return held


def begin_briefing(*, text: str, by: Any) -> Briefing:
    """The draft of a briefing that a panel has decided on, for the Principal Social Worker to write.

    Who may decide, and that no name stands in `text`, was asked when the decision was recorded.
    """
    said = text.strip()
    held = Briefing.objects.create(
        title=said[:TITLE_LENGTH], messages=[said], written_by_id=actor_id(by), written_at=timezone.now()
    )
    note_move(row=held, event="write", by=by, before="", after=BriefingStatus.DRAFT, why="Decided by the panel")
    return held


def publish_briefing(*, briefing: Briefing, units: Sequence[OrgUnit], by: Any, version: int | None = None) -> Briefing:
    """Publish a briefing to services and teams: whoever works there gets a notice, once."""
    if not units:
        raise ValidationError({"units": "Choose at least one service or team"})
    with transaction.atomic():
        held = _lock(briefing=briefing)
        must(access.can_publish_practice(by))
        move_briefing(briefing=held, event="publish", by=by, version=version, published_at=timezone.now())
        held.units.set(units)
        notify(
            people=readers_of(briefing=held),
            kind="briefing",
            event=str(held.pk),
            object_id=held.pk,
            link=reverse("learning:briefing", args=[held.pk]),
        )
    return held


def withdraw_briefing(*, briefing: Briefing, why: str, by: Any, version: int | None = None) -> Briefing:
    """Take a briefing back, with a reason."""
    with transaction.atomic():
        held = _lock(briefing=briefing)
        must(access.can_publish_practice(by))
        move_briefing(briefing=held, event="withdraw", by=by, version=version, why=why, withdrawn_at=timezone.now())
    return held


def note_read(*, briefing: Briefing, by: User) -> None:
    """Say that a reader has read it; said again, it changes nothing. Nobody sees who has read, only how many."""
    if briefing.status != BriefingStatus.PUBLISHED:
        raise ValidationError("This briefing is not published.")
    if not Briefing.objects.visible_to(by).filter(pk=briefing.pk).exists():
        must(access.cannot_see())
    with transaction.atomic():
        _, new = BriefingReceipt.objects.get_or_create(briefing=briefing, user=by, defaults={"at": timezone.now()})
        if new:
            record(by=None, verb="read", record=briefing)


def readers_of(*, briefing: Briefing) -> list[User]:
    """Those who work in the briefing's services and teams, and who answer for them, by name."""
    units = OrgUnit.objects.under(briefing.units.all())
    members = (
        Membership.objects.active(timezone.localdate())
        .filter(role__in=PRACTICE_ROLES, unit__in=units.values("pk"))
        .select_related("user")
    )
    return sorted({member.user for member in members}, key=lambda user: (user.name, str(user.pk)))


def _lock(*, briefing: Briefing) -> Briefing:
    return Briefing.objects.select_for_update(no_key=True).get(pk=briefing.pk)
