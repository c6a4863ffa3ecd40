"""A note beside a case on the list of exceptions."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import must
from assurance_clinics.access import can_note_exception
from assurance_clinics.models import CaseNote, Indicator
from cases.models import Case
from core.history.services import record


class CaseNoteChanged(Exception):
    """Somebody saved this note after it was read: `note` is what stands there now."""

    def __init__(self, note: CaseNote) -> None:
        super().__init__("Somebody else has saved this note since you opened it. Both texts are below.")
        self.note = note


def note_exception(*, indicator: Indicator, case: Case, text: str, by: Any, version: int) -> CaseNote:
    """Keep what is written beside a case; `version` is what the person had read, 0 where there was no note.

    Raises NotAllowed, and CaseNoteChanged where somebody else was first.
    """
    must(can_note_exception(by, case))
    with transaction.atomic():
        held = CaseNote.objects.filter(indicator=indicator, case=case).first()
        at = timezone.now()
        if held is None and version == 0:
            try:
                with transaction.atomic():
                    held = CaseNote.objects.create(
                        indicator=indicator, case=case, text=text.strip(), saved_by=by, saved_at=at
                    )
            except IntegrityError:  # somebody else was first
                raise CaseNoteChanged(CaseNote.objects.get(indicator=indicator, case=case)) from None
        elif held is None or not CaseNote.objects.filter(pk=held.pk, version=version).update(
            version=F("version") + 1, text=text.strip(), saved_by=by, saved_at=at
        ):
            raise CaseNoteChanged(CaseNote.objects.select_related("saved_by").get(indicator=indicator, case=case))
        found = CaseNote.objects.get(pk=held.pk)
        values = {"case": str(case.pk), "indicator": str(indicator.pk), "version": found.version}
        record(by=by, verb="noted", record=found, values=values)
    return found
