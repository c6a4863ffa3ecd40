"""Which cases: those that a person's role and relationship open to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.access import unit_scope
from accounts.choices import QA_ROLES, Role
from cases.choices import SERVICE_TO_BE_CONFIRMED, DataFault, SubjectKind

if TYPE_CHECKING:
    from cases.models import Case, CaseAlias, Extract, Holding, Worker  # noqa: F401  for the type parameters only


def not_hidden(user: Any, case: str = "case") -> Q:
    """Rows about no case, about one that is not restricted, or about one that names this user. `case` leads to it.

    Asked as "none of the few that are hidden", so that a long list is not joined with all cases.
    """
    restricted = apps.get_model("cases", "Case").objects.filter(restricted=True).order_by()
    hidden = restricted.exclude(named_people__user=user.pk).values("pk")
    return ~Q(**{f"{case}__in": hidden})


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: Any) -> Self:
        """Need-to-know for case records.

        The QA unit sees all; a practitioner the cases that they hold or held; a team manager, service
        lead and head of service those of their units. A restricted case is seen by named people only.
        Being named and sight that was lent are worth nothing without a role in force: they end when somebody leaves.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        named = Exists(apps.get_model("cases", "NamedPerson").objects.filter(case=OuterRef("pk"), user=user.pk))
        lent = Q(pk__in=user.lent("cases.case"))
        return self.filter((Q(restricted=False) & scope_of(user)) | Q(named) | lent)

    def open_on(self, on: date) -> Self:
        """Cases that are open on that day."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=on))

    def with_fault(self, fault: str) -> Self:
        """Cases whose record lacks this (a value of DataFault)."""
        return self.filter(_FAULTS[fault]())


def _held(**conditions: Any) -> Exists:
    """Whether the case is held now, by a worker of whom `conditions` are true."""
    present = apps.get_model("cases", "Holding").objects.filter(case=OuterRef("pk"), held_to=None, worker__isnull=False)
    return Exists(present.filter(**conditions))


_FAULTS: dict[str, Callable[[], Q]] = {
    DataFault.NO_SERVICE: lambda: Q(service__name=SERVICE_TO_BE_CONFIRMED),
    DataFault.NO_TEAM: lambda: Q(team=None),
    DataFault.NOBODY: lambda: ~Q(_held()),
    DataFault.NOT_A_USER: lambda: Q(_held(worker__user=None)),
    DataFault.LEFT: lambda: Q(_held(worker__user__is_active=False)),
    DataFault.NO_PLAN: lambda: Q(plan_type="", subject_kind=SubjectKind.CHILD),
    DataFault.NO_START: lambda: Q(opened_on=None),
    DataFault.NO_AGE: lambda: Q(age_band="", subject_kind=SubjectKind.CHILD),
}


def scope_of(user: Any, prefix: str = "") -> Q:
    """The condition for unrestricted cases in the user's scope; `prefix` leads from another row to its case."""
    if user.holds(*QA_ROLES):
        return Q()
    condition = Q(pk__in=[])
    if user.holds(Role.PRACTITIONER):
        condition |= Q(
            Exists(
                apps.get_model("cases", "Holding").objects.filter(case=OuterRef(f"{prefix}pk"), worker__user=user.pk)
            )
        )
    teams = unit_scope(user, Role.TEAM_MANAGER, Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)
    if teams:
        condition |= Q(**{f"{prefix}team__in": teams}) | Q(**{f"{prefix}service__in": teams})
    return condition


class HoldingQuerySet(models.QuerySet["Holding"]):
    def current(self) -> Self:
        """Holdings that have not ended."""
        return self.filter(held_to=None)

    def during(self, start: date, end: date) -> Self:
        """Holdings of which any day falls in the period."""
        return self.filter(held_from__lte=end).filter(Q(held_to=None) | Q(held_to__gte=start))


class WorkerQuerySet(models.QuerySet["Worker"]):
    def visible_to(self, user: Any) -> Self:
        """Workers as the council's files name them: for the QA unit and the system."""
        return self if getattr(user, "may_import", False) else self.none()


class AliasQuerySet(models.QuerySet["CaseAlias"]):
    def visible_to(self, user: Any) -> Self:
        """References of another case system: for the QA unit and the system."""
        return self if getattr(user, "may_import", False) else self.none()


class ExtractQuerySet(models.QuerySet["Extract"]):
    def visible_to(self, user: Any) -> Self:
        """Kept extracts: for the QA unit and the system."""
        return self if getattr(user, "may_import", False) else self.none()
