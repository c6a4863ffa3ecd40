"""Which indicators, values and events: what a role opens.

Figures are seen more widely than records. The QA unit and the Principal Social Worker see the figures of every
service and team; a head of service, a service lead and a team manager those of their own units; everybody of these,
panel members and readers of reports see the department's. A worker's own figures are seen by that worker and by
their own line only, beside the QA unit.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from accounts.access import unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role

if TYPE_CHECKING:
    from assurance_clinics.models import (  # noqa: F401  for the type parameters only
        Comparator,
        DatedEvent,
        Indicator,
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

    def of_place(self, unit: Any = None, worker: Any = None) -> Self:
        """Values of one place: the department (nothing given), a unit, or a worker in a team."""
        return self.filter(unit=unit, worker=worker)


class DatedEventQuerySet(models.QuerySet["DatedEvent"]):
    def visible_to(self, user: Any) -> Self:
        """Events as the council's files give them: for the QA unit and the system."""
        return self if getattr(user, "may_import", False) else self.none()
