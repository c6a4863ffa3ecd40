"""Which summaries, panels, meetings, items and packs: for those who sit on a panel and those who prepare it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.access import unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from accounts.querysets import current
from audits.querysets import tied, took_part
from cases.querysets import not_hidden
from learning.choices import BriefingStatus, ExemplarStatus, ItemKind

if TYPE_CHECKING:
    from learning.models import (  # noqa: F401  for the type parameters
        AgendaItem,
        Briefing,
        Exemplar,
        Meeting,
        Pack,
        Panel,
        PanelSummary,
        PracticeList,
    )

KEEPERS = (*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER)
"""Roles that prepare panels: they see every panel and every meeting."""

SITTERS = (Role.PANEL_MEMBER, Role.PRINCIPAL_SOCIAL_WORKER, *QA_ROLES)
"""Roles of those who may have a seat on a panel."""

SIGHT = "learning.meeting"
"""The kind of the grants that let a member read a meeting's pack for its life."""


def prepares(user: Any) -> bool:
    """Whether this person prepares panels, or is the system."""
    return getattr(user, "is_system", False) or (bool(getattr(user, "pk", None)) and user.holds(*KEEPERS))


def _granted(user: Any, path: str) -> Q:
    return Q(**{f"{path}__in": user.lent(SIGHT)})


def _may_sit(user: Any) -> bool:
    """Whether this person may sit on a panel today: a seat and lent sight are worth nothing without the role."""
    return bool(getattr(user, "pk", None)) and user.holds(*SITTERS)


class PanelSummaryQuerySet(models.QuerySet["PanelSummary"]):
    def visible_to(self, user: Any) -> Self:
        """The QA unit, the Principal Social Worker and panel members."""
        if getattr(user, "is_system", False):
            return self
        if user.pk and user.holds(*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER):
            return self
        return self.none()


class PanelQuerySet(models.QuerySet["Panel"]):
    def visible_to(self, user: Any) -> Self:
        """The QA unit and the Principal Social Worker see every panel; a panel member those on which they sit today."""
        if prepares(user):
            return self
        if not _may_sit(user):
            return self.none()
        return self.sat_on_by(user, timezone.localdate())

    def sat_on_by(self, user: Any, on: date) -> Self:
        """Panels on which this person has a seat that day."""
        seats = apps.get_model("learning", "Seat").objects.filter(current(on), user=user.pk)
        return self.filter(Exists(seats.filter(panel=OuterRef("pk"))))


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Any) -> Self:
        """The QA unit and the Principal Social Worker see every meeting; a member those whose pack they were given,
        for its life."""
        if prepares(user):
            return self
        return self.filter(_granted(user, "pk")) if _may_sit(user) else self.none()


class PackQuerySet(models.QuerySet["Pack"]):
    def visible_to(self, user: Any) -> Self:
        """Whoever sees the meeting."""
        if prepares(user):
            return self
        return self.filter(_granted(user, "meeting")) if _may_sit(user) else self.none()


class ItemQuerySet(models.QuerySet["AgendaItem"]):
    def visible_to(self, user: Any) -> Self:
        """Whoever sees the meeting, and who proposed the item; the QA unit and the Principal Social Worker all.

        Never somebody with a conflict: one that was written down, or, with a dispute, whoever has a tie to the audit's
        case or had a part in its grade. About a restricted case: the people named there only.
        """
        if getattr(user, "is_system", False):
            return self
        if not _may_sit(user):
            return self.none()
        seen = self if prepares(user) else self.filter(_granted(user, "meeting") | Q(proposed_by=user.pk))
        return seen.without_conflict(user).not_restricted(user)

    def without_conflict(self, user: Any) -> Self:
        """Items that this person has no conflict with."""
        conflicts = apps.get_model("learning", "Conflict").objects.filter(item=OuterRef("pk"), user=user.pk)
        declared: Self = self.exclude(Exists(conflicts))
        return declared.exclude(Q(kind=ItemKind.DISPUTE, audit__isnull=False) & (tied(user, "audit") | took_part(user)))

    def not_restricted(self, user: Any) -> Self:
        """Items that are about no restricted case, unless the case names this user."""
        return self.filter(Q(audit=None) | not_hidden(user, "audit__case"))


PRACTICE_ROLES = (
    *QA_ROLES, *LINE_ROLES, Role.PRACTITIONER, Role.AUDITOR, Role.MODERATOR, Role.PRINCIPAL_SOCIAL_WORKER,
    Role.PANEL_MEMBER,
)  # fmt: skip
"""Roles whose holders learn from exemplars and briefings."""


def learns(user: Any) -> bool:
    """Whether exemplars and briefings are for this person."""
    return bool(getattr(user, "pk", None)) and user.holds(*PRACTICE_ROLES)


class PracticeListQuerySet(models.QuerySet["PracticeList"]):
    def visible_to(self, user: Any) -> Self:
        """The Principal Social Worker and the QA unit."""
        return self if prepares(user) else self.none()


class ExemplarQuerySet(models.QuerySet["Exemplar"]):
    def visible_to(self, user: Any) -> Self:
        """What is published is for everybody who works with practice; before that it is for the Principal Social
        Worker and the QA unit, and for the practitioner from the day on which they are asked."""
        if prepares(user):
            return self
        if not learns(user):
            return self.none()
        asked = Q(practitioner=user.pk, consent_asked_at__isnull=False) & ~Q(status=ExemplarStatus.ACCEPTED)
        return self.filter(Q(status=ExemplarStatus.PUBLISHED) | asked)

    def published(self) -> Self:
        """The library."""
        return self.filter(status=ExemplarStatus.PUBLISHED)


class BriefingQuerySet(models.QuerySet["Briefing"]):
    def visible_to(self, user: Any) -> Self:
        """Those who write briefings see all; others what was published to a unit in which they hold a role."""
        if prepares(user):
            return self
        if not learns(user):
            return self.none()
        units = above_and_below(user)
        reached = apps.get_model("learning", "Briefing").units.through.objects.filter(
            briefing=OuterRef("pk"), orgunit__in=units
        )
        return self.filter(Exists(reached), status=BriefingStatus.PUBLISHED)


def above_and_below(user: Any) -> set[Any]:
    """The units in which a person holds a practice role, those below them, and those above them: a briefing for a
    service reaches its teams, and whoever answers for a team's service reads what its teams are told."""
    held = user.units_as(*PRACTICE_ROLES)
    units = set(unit_scope(user, *PRACTICE_ROLES))
    for unit in held:
        above = unit.parent
        while above is not None:
            units.add(above.pk)
            above = above.parent
    return units
