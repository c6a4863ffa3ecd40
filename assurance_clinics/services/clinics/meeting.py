"""In the clinic: notes, actions, who came; afterwards the chair confirms and the clinic is closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM
from actions.choices import ActionStatus, Origin
from actions.models import Action
from actions.services.creating import ActionDraft, From, create_action
from assurance_clinics import access
from assurance_clinics.choices import OPEN_FOR_NOTES, ClinicStatus, NoteKind
from assurance_clinics.models import Clinic, ClinicAction, ClinicNote, Value
from assurance_clinics.rules import running, timescales
from assurance_clinics.rules.running import Number
from assurance_clinics.selectors.packs import readings_of
from assurance_clinics.services.clinics.moves import lock_clinic, make_move
from assurance_clinics.services.clinics.packing import held_before, known_definitions
from assurance_clinics.services.clinics.telling import tell
from assurance_clinics.workflow import refusal
from core.council.selectors import closing_days, setting
from core.history.services import record
from core.workflow import IllegalMove
from core.working_days import add_working_days


class NoteChanged(Exception):
    """Somebody saved this note after it was read: `note` is what stands there now. Nothing was kept of the second."""

    def __init__(self, note: ClinicNote) -> None:
        super().__init__("Somebody else has saved this note since you opened it. Both texts are below.")
        self.note = note


class CannotClose(Exception):
    """The clinic cannot be closed yet; `reasons` are sentences, each with the key of the note that it speaks of."""

    def __init__(self, reasons: list[tuple[Any, str]]) -> None:
        super().__init__(" ".join(sentence for _note, sentence in reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Words:
    """What somebody writes: the text, and for a number the reason why it needs no action."""

    text: str
    why_no_action: str = ""


def save_note(*, note: ClinicNote, words: Words, by: Any, version: int) -> ClinicNote:
    """Keep what is said under a number, or of strengths or concerns.

    Raises NotAllowed, IllegalMove once the notes are confirmed, and NoteChanged where somebody else was first.
    """
    with transaction.atomic():
        clinic = lock_clinic(clinic=note.clinic)
        access.require(by, "note", clinic)
        if clinic.status not in OPEN_FOR_NOTES:
            raise IllegalMove(refusal("note", clinic.get_status_display()))
        at = timezone.now()
        changes = {"text": words.text.strip(), "why_no_action": words.why_no_action.strip()}
        unchanged = ClinicNote.objects.filter(pk=note.pk, version=version)
        if not unchanged.update(version=F("version") + 1, saved_by=by, saved_at=at, **changes):
            raise NoteChanged(ClinicNote.objects.select_related("saved_by", "indicator", "clinic").get(pk=note.pk))
        found = ClinicNote.objects.get(pk=note.pk)
        record(by=by, verb="noted", record=found, values={"clinic": str(clinic.pk), "version": found.version})
    return found


def make_clinic_action(
    *, clinic: Clinic, note: ClinicNote | None, wanted: ActionDraft, by: Any, despite_duplicates: bool = False
) -> Action:
    """Make an action of the one tracker that came from this clinic, and from one of its numbers.

    Raises NotAllowed, IllegalMove once the clinic is closed, and what create_action raises.
    """
    with transaction.atomic():
        held = lock_clinic(clinic=clinic)
        access.require(by, "act", held)
        if held.status not in (*OPEN_FOR_NOTES, ClinicStatus.CONFIRMED):
            raise IllegalMove(refusal("act", held.get_status_display()))
        if note is not None and note.clinic_id != held.pk:
            raise ValidationError("The note is of another clinic.")
        origin = From(
            Origin.CLINIC, str(held)[:80], reverse("assurance_clinics:clinic", args=[held.pk])
        )  # fmt: skip
        action = create_action(wanted=wanted, by=by, origin=origin, despite_duplicates=despite_duplicates)
        link = ClinicAction.objects.create(clinic=held, note=note, action=action)
        values = {"action": str(action.pk), "note": str(note.pk) if note else "", "link": link.pk}
        record(by=by, verb="acted", record=held, values=values)
    return action


def hold_clinic(*, clinic: Clinic, came: Collection[Any], by: Any, version: int | None = None) -> Clinic:
    """Record that the clinic took place, and who of those asked came. The chair's clock for the notes begins.

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError before its day.
    """
    with transaction.atomic():
        held = lock_clinic(clinic=clinic)
        access.require(by, "hold", held)
        today = timezone.localdate()
        if held.status == ClinicStatus.PACK_READY and held.day > today:
            raise ValidationError(f"The clinic meets on {held.day.day} {held.day:%B %Y}. Change its day, or wait.")
        due = add_working_days(today, setting(timescales.NOTES_DAYS.key), closing_days())
        make_move(clinic=held, event="hold", by=by, version=version, held_at=timezone.now(), notes_due_on=due)
        held.attendees.filter(user__in=list(came)).update(came=True)
        held.attendees.exclude(user__in=list(came)).update(came=False)
        if held.chair is not None:
            tell(clinic=held, kind="clinic_notes_due", event="held", people=[held.chair])
    return held


def confirm_notes(*, clinic: Clinic, by: Any, version: int | None = None) -> Clinic:
    """The chair finds the notes right: from now on they stay as they are. Raises NotAllowed, IllegalMove, and
    StaleVersion."""
    with transaction.atomic():
        held = lock_clinic(clinic=clinic)
        access.require(by, "confirm", held)
        make_move(clinic=held, event="confirm", by=by, version=version)
    return held


def close_clinic(*, clinic: Clinic, by: Any, version: int | None = None) -> Clinic:
    """Close a clinic whose notes are confirmed.

    Raises NotAllowed, IllegalMove, StaleVersion, and CannotClose where an indicator was red for two clinics running
    and has neither an action nor a reason.
    """
    with transaction.atomic():
        held = lock_clinic(clinic=clinic)
        access.require(by, "close", held)
        reasons = running.reasons_not_to_close(numbers_of(clinic=held))
        if held.status == ClinicStatus.CONFIRMED and reasons:
            raise CannotClose(reasons)
        make_move(clinic=held, event="close", by=by, version=version, closed_at=timezone.now())
    return held


def give_reason(*, note: ClinicNote, why: str, by: Any, version: int) -> ClinicNote:
    """Say why an indicator that is red for two clinics running needs no action, also once the notes are confirmed.

    Raises NotAllowed, IllegalMove once the clinic is closed, ValidationError for too short a reason, and NoteChanged.
    """
    if len(why.strip()) < running.NO_ACTION_AT_LEAST:
        raise ValidationError({"why_no_action": f"Write at least {running.NO_ACTION_AT_LEAST} characters"})
    with transaction.atomic():
        clinic = lock_clinic(clinic=note.clinic)
        access.require(by, "close", clinic)
        if clinic.status not in (*OPEN_FOR_NOTES, ClinicStatus.CONFIRMED):
            raise IllegalMove(refusal("note", clinic.get_status_display()))
        unchanged = ClinicNote.objects.filter(pk=note.pk, version=version)
        if not unchanged.update(version=F("version") + 1, why_no_action=why.strip()):
            raise NoteChanged(ClinicNote.objects.select_related("saved_by", "indicator", "clinic").get(pk=note.pk))
        found = ClinicNote.objects.get(pk=note.pk)
        record(by=by, verb="reasoned", record=found, why=why.strip(), values={"clinic": str(clinic.pk)})
    return found


def red_twice_notes(*, clinic: Clinic) -> list[Any]:
    """The keys of the notes whose indicator is red for two clinics running."""
    return [number.key for number in numbers_of(clinic=clinic) if number.red_twice]


def numbers_of(*, clinic: Clinic) -> list[Number]:
    """Each indicator of a clinic as the rule of closing looks at it, by the key of its note. Cancelled actions are
    none."""
    known, values = known_definitions(), Value.objects.visible_to(SYSTEM)
    periods: list[dt.date | None] = [clinic.period, *(one.period for one in held_before(clinic=clinic))]
    acted: dict[Any, int] = {}
    links = clinic.action_links.exclude(action__status=ActionStatus.CANCELLED)
    for key in links.values_list("note", flat=True):
        acted[key] = acted.get(key, 0) + 1
    found: list[Number] = []
    for note in clinic.notes.filter(kind=NoteKind.FIGURE).select_related("indicator"):
        assert note.indicator is not None  # noqa: S101 - a note under a number has one
        readings = readings_of(values, known, clinic.service_id, note.indicator_id, periods)
        red = bool(running.red_twice(readings))
        found.append(Number(note.pk, note.indicator.wording, red, acted.get(note.pk, 0), note.why_no_action))
    return found
