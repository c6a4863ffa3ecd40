"""A clinic's figures and its pack: built two working days before by a job, numbered, and never changed once built."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.access import SYSTEM
from actions.models import Action
from assurance_clinics import access
from assurance_clinics.choices import ClinicStatus
from assurance_clinics.models import (
    Clinic,
    ClinicPack,
    Comparator,
    Indicator,
    IndicatorDefinition,
    Target,
    Value,
)
from assurance_clinics.selectors.packs import PackContent, Sources, late_indicators, pack_content
from assurance_clinics.selectors.tables import Definitions, definitions_of
from assurance_clinics.services.clinics.moves import lock_clinic, make_move
from assurance_clinics.services.clinics.scheduling import add_notes, people_of
from assurance_clinics.services.clinics.telling import tell
from assurance_clinics.workflow import CLINIC_MOVES, refusal
from audits.models import Audit, GradeTally, Theme
from core.history.services import actor_id
from core.jobs.models import Job
from core.jobs.services import JobRun, enqueue
from core.workflow import IllegalMove, may_follow

BUILD = "build_clinic_pack"


def known_definitions() -> Definitions:
    """Every definition, target and comparator, as the system sees them."""
    return definitions_of(
        IndicatorDefinition.objects.visible_to(SYSTEM),
        Target.objects.visible_to(SYSTEM),
        Comparator.objects.visible_to(SYSTEM),
    )


def looked_at(*, clinic: Clinic) -> list[Indicator]:
    """The indicators of a clinic's notes, in their order."""
    notes = clinic.notes.filter(indicator__isnull=False).select_related("indicator").order_by("position", "id")
    return [note.indicator for note in notes if note.indicator is not None]


def held_before(*, clinic: Clinic) -> list[Clinic]:
    """The clinics of the service that were held before this one, the latest first."""
    return list(Clinic.objects.visible_to(SYSTEM).before(clinic).held()[:12])


def load_data(*, clinic: Clinic) -> bool:
    """Move a scheduled clinic on where every figure of its month is in; whether it moved."""
    with transaction.atomic():
        held = lock_clinic(clinic=clinic)
        if held.status != ClinicStatus.SCHEDULED:
            return False
        add_notes(clinic=held)
        chosen = looked_at(clinic=held)
        if not chosen or late_indicators(Value.objects.visible_to(SYSTEM), held, chosen):
            return False
        make_move(clinic=held, event="load", by=SYSTEM)
    return True


def request_pack(*, clinic: Clinic, by: Any) -> Job:
    """Ask for a clinic's pack to be built in the background; the job that is at it already, where there is one.

    Raises NotAllowed, and IllegalMove where the clinic has no pack to be built.
    """
    event = _event(clinic)
    if not getattr(by, "is_system", False):
        access.require(by, event, clinic)
    at_work = Job.objects.visible_to(SYSTEM).filter(
        kind=BUILD, payload__clinic_id=str(clinic.pk), status__in=("queued", "running")
    )
    return at_work.first() or enqueue(BUILD, by=by, clinic_id=str(clinic.pk))


def _event(clinic: Clinic) -> str:
    event = "rebuild" if clinic.status == ClinicStatus.PACK_READY else "build"
    if not may_follow(CLINIC_MOVES, event, clinic.status):
        raise IllegalMove(refusal(event, clinic.get_status_display()))
    return event


def build_pack(*, clinic: Clinic, by: Any, run: JobRun | None = None) -> ClinicPack:
    """Build the pack of a scheduled clinic, or build it again; the newest version.

    A new version is stored, and its people told, only where something differs from the newest one. Figures that are
    not in are listed, and the clinic is marked as late. Raises NotAllowed and IllegalMove.
    """
    _say(run, 0, "Gathering the figures")
    with _completing(run) as result, transaction.atomic():
        held = lock_clinic(clinic=clinic)
        event = _event(held)
        access.require(by, event, held)
        add_notes(clinic=held)
        chosen = looked_at(clinic=held)
        content = pack_content(held, chosen, held_before(clinic=held), _sources())
        pack, is_new = _store(held, content, by)
        late = bool(content.data["late"]) or not chosen
        if event == "build" or is_new or held.data_late != late:
            make_move(clinic=held, event=event, by=by, data_late=late)
        if is_new:
            tell(clinic=held, kind="clinic_pack", event=f"pack:{pack.number}", people=people_of(clinic=held))
        if result is not None:
            words = "is ready" if is_new else "has not changed"
            result |= {"clinic_id": str(held.pk), "says": f"Pack {pack.number} of {held} {words}."}
    return pack


def _sources() -> Sources:
    return Sources(
        Value.objects.visible_to(SYSTEM), known_definitions(), GradeTally.objects.visible_to(SYSTEM),
        Audit.objects.visible_to(SYSTEM), Theme.objects.visible_to(SYSTEM), Action.objects.visible_to(SYSTEM),
    )  # fmt: skip


def _store(clinic: Clinic, content: PackContent, by: Any) -> tuple[ClinicPack, bool]:
    newest = clinic.packs.order_by("-number").first()
    if newest is not None and newest.checksum == content.checksum:
        return newest, False
    number = (clinic.packs.aggregate(last=Max("number"))["last"] or 0) + 1
    pack = ClinicPack.objects.create(
        clinic=clinic, number=number, content=content.data, checksum=content.checksum, built_at=timezone.now(),
        asked_by_id=actor_id(by),
    )  # fmt: skip
    return pack, True


def _say(run: JobRun | None, done: int, text: str) -> None:
    if run is not None:
        run.progress(done, 1, text)


def _completing(run: JobRun | None) -> AbstractContextManager[dict[str, Any] | None]:
    return nullcontext(None) if run is None else run.completing()
