"""Each working morning: the rota filled, figures looked for, packs asked for, and those told who have to know."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from accounts.access import SYSTEM, people_as
from accounts.choices import Role
from accounts.models import User
from assurance_clinics.choices import BEFORE_IT_IS_HELD, ON_THE_WAY, ClinicStatus
from assurance_clinics.models import Clinic, Indicator, IndicatorDefinition, Value
from assurance_clinics.rules import rota, timescales
from assurance_clinics.selectors.packs import late_indicators
from assurance_clinics.services.clinics.packing import load_data, looked_at, request_pack
from assurance_clinics.services.clinics.scheduling import convene
from assurance_clinics.services.clinics.telling import REFERENCE, tell
from core.council.selectors import closing_days, setting
from core.notifications.services import notify
from core.working_days import add_working_days


def look_at_clinics(*, today: dt.date) -> dict[str, int]:
    """What is due this morning, each told and done once however often it is asked: clinics put on the rota, figures
    found, packs asked for, missing figures told to their owners and then to the head of service, missed clinics told
    to the head of service, notes that are late told to the chair."""
    done = {"convened": convene(today=today), "loaded": 0, "packs": 0, "told": 0}
    extra, pack_days = closing_days(), setting(timescales.PACK_DAYS.key)
    for clinic in Clinic.objects.visible_to(SYSTEM).filter(status__in=ON_THE_WAY).select_related("service", "chair"):
        done["loaded"] += load_data(clinic=clinic)
        clinic.refresh_from_db()
        if clinic.day < today:
            continue
        done["told"] += _tell_of_missing(clinic, today)
        if clinic.status != ClinicStatus.PACK_READY and today >= rota.pack_due(clinic.day, pack_days, extra):
            request_pack(clinic=clinic, by=SYSTEM)
            done["packs"] += 1
        elif clinic.status == ClinicStatus.PACK_READY and clinic.data_late:
            request_pack(clinic=clinic, by=SYSTEM)  # what was missing may be in by now
    done["told"] += _tell_of_missed(today) + _tell_of_late_notes(today)
    return done


def _tell_of_missing(clinic: Clinic, today: dt.date) -> int:
    extra = closing_days()
    if today < add_working_days(clinic.day, -rota.OWNER_TOLD, extra):
        return 0
    missing = late_indicators(Value.objects.visible_to(SYSTEM), clinic, looked_at(clinic=clinic))
    told = 0
    for indicator in missing:
        told += _tell_owner(clinic, indicator)
    if missing and today >= add_working_days(clinic.day, -rota.HEAD_TOLD, extra):
        told += tell(clinic=clinic, kind="clinic_data_late", event="data late", people=_heads(clinic))
    return told


def _tell_owner(clinic: Clinic, indicator: Indicator) -> int:
    definition = (
        IndicatorDefinition.objects.filter(indicator=indicator).select_related("owner").order_by("valid_from").last()
    )
    owner = definition.owner if definition else None
    if owner is None or not owner.is_active:
        return 0
    return notify(
        people=[owner],
        kind="clinic_figure_missing",
        event=f"{clinic.pk}:{indicator.pk}",
        object_id=indicator.pk,
        link=reverse("assurance_clinics:indicator", args=[indicator.pk]),
        reference=indicator.wording[:REFERENCE],
        due_on=clinic.day,
    )


def _tell_of_missed(today: dt.date) -> int:
    told = 0
    for clinic in Clinic.objects.visible_to(SYSTEM).filter(status__in=BEFORE_IT_IS_HELD, week__lte=today):
        settled = clinic.day if clinic.status in ON_THE_WAY else None
        if rota.is_missed(clinic.week, settled, today):
            told += tell(clinic=clinic, kind="clinic_missed", event=f"missed:{clinic.day}", people=_heads(clinic))
    return told


def _tell_of_late_notes(today: dt.date) -> int:
    late = Clinic.objects.visible_to(SYSTEM).filter(status=ClinicStatus.HELD, notes_due_on__lt=today)
    return sum(
        tell(clinic=clinic, kind="clinic_notes_late", event="notes late", people=[clinic.chair])
        for clinic in late.select_related("chair")
        if clinic.chair is not None
    )


def _heads(clinic: Clinic) -> list[User]:
    return people_as([Role.HEAD_OF_SERVICE], [clinic.service])
