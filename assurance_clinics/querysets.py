"""Which indicators, values and events: what a role opens.

Figures are seen more widely than records. The QA unit and the Principal Social Worker see the figures of every
service and team; a head of service, a service lead and a team manager those of their own units; everybody of these,
panel members and readers of reports see the department's. A worker's own figures are seen by that worker and by
their own line only, beside the QA unit.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.access import unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role, UnitKind
from assurance_clinics.choices import WAS_HELD

if TYPE_CHECKING:
    from assurance_clinics.models import (  # noqa: F401  for the type parameters only
        CaseNote,
        Clinic,
        Comparator,
        DatedEvent,
        Indicator,
        RotaPlace,
        Value,
    )

FIGURE_READERS = (*QA_ROLES, *LINE_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER, Role.READ_ONLY)
"""Roles that see the department's figures."""


def _knows_the_figures(user: Any) -> bool:
    return getattr(user, "is_system", False) or (bool(user.pk) and user.holds(*FIGURE_READERS, Role.PRACTITIONER))


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, user: Any) -> Self:
        """Definitions are no secret to whoever has figures to read."""
        return self if _knows_the_figures(user) else self.none()


class DefinedQuerySet(models.QuerySet[Any]):
    """Rows that hang on an indicator and say nothing of a unit: definitions, targets and comparators."""

    def visible_to(self, user: Any) -> Self:
        """As the indicator."""
        return self if _knows_the_figures(user) else self.none()


class ValueQuerySet(models.QuerySet["Value"]):
    def visible_to(self, user: Any) -> Self:
        """The department's figures, those of one's units, and one's own as a worker."""
        if getattr(user, "is_system", False):
            return self
        if not user.pk:
            return self.none()
        if user.holds(*QA_ROLES):
            return self
        seen = Q(pk__in=[])
        if user.holds(*FIGURE_READERS):
            seen |= Q(unit=None, worker=None)
        if user.holds(Role.PRINCIPAL_SOCIAL_WORKER):
            seen |= Q(worker=None)
        if units := unit_scope(user, *LINE_ROLES):
            seen |= Q(unit__in=units)
        if user.holds(Role.PRACTITIONER):
            seen |= Q(worker__user=user.pk)
        return self.filter(seen)

    def in_period(self, first: date, last: date) -> Self:
        """Values of the months from `first` to `last` (any day of each)."""
        return self.filter(month__gte=first.replace(day=1), month__lte=last.replace(day=1))

    def of_units(self) -> Self:
        """Values of services and teams, none of the department or of a worker."""
        return self.filter(unit__isnull=False, worker=None).select_related("unit")

    def of_services(self) -> Self:
        """Values of whole services."""
        return self.of_units().filter(unit__kind=UnitKind.SERVICE)

    def of_place(self, unit: Any = None, worker: Any = None) -> Self:
        """Values of one place: the department (nothing given), a unit, or a worker in a team."""
        return self.filter(unit=unit, worker=worker)


class DatedEventQuerySet(models.QuerySet["DatedEvent"]):
    def visible_to(self, user: Any) -> Self:
        """Events as the council's files give them: for the QA unit and the system."""
        return self if getattr(user, "may_import", False) else self.none()


class RotaQuerySet(models.QuerySet["RotaPlace"]):
    def visible_to(self, user: Any) -> Self:
        """When whose turn is, is no secret to whoever reads figures."""
        knows = getattr(user, "is_system", False) or (bool(user.pk) and user.holds(*FIGURE_READERS))
        return self if knows else self.none()


def _clinics_of(user: Any) -> Q:
    """Clinics of the services that somebody answers for, and those that they chair or attend."""
    asked = apps.get_model("assurance_clinics", "ClinicAttendee").objects.filter(user=user.pk).values("clinic")
    led = unit_scope(user, Role.HEAD_OF_SERVICE, Role.SERVICE_LEAD)
    return Q(service__in=led) | Q(chair=user.pk) | Q(pk__in=asked)


class ClinicQuerySet(models.QuerySet["Clinic"]):
    def visible_to(self, user: Any) -> Self:
        """The QA unit every clinic; heads of service and service leads those of their services; whoever chairs or
        attends one that one. Whoever holds no role today sees none."""
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        return self if user.holds(*QA_ROLES) else self.filter(_clinics_of(user))

    def held(self) -> Self:
        """Clinics that took place."""
        return self.filter(status__in=WAS_HELD)

    def before(self, clinic: Any) -> Self:
        """The earlier clinics of the same service, the latest first."""
        return self.filter(service=clinic.service_id, week__lt=clinic.week).order_by("-week")


class ClinicPartQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """As the clinic that it belongs to."""
        clinics = apps.get_model("assurance_clinics", "Clinic").objects.all().visible_to(user)
        return self.filter(clinic__in=clinics.values("pk"))


class CaseNoteQuerySet(models.QuerySet["CaseNote"]):
    def visible_to(self, user: Any) -> Self:
        """A note beside a case is read by the line, the QA unit and practitioners who may see the case."""
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.holds(*LINE_ROLES, *QA_ROLES, Role.PRACTITIONER):
            return self.none()
        cases = apps.get_model("cases", "Case").objects.all().visible_to(user)
        return self.filter(case__in=cases.values("pk"))
