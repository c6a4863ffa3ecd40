"""Which actions and recommendations: those that a role and a relationship open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.access import unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from actions.choices import OFF_THE_LIST, OPEN_STATUSES, TO_DO, ActionStatus, Level, Verifier
from cases.querysets import not_hidden

if TYPE_CHECKING:
    from actions.models import Action, LoopCheck, Recommendation  # noqa: F401  for the type parameters only

UNIT_PATHS = ("team", "service", "case__team", "case__service")
"""Where an action belongs: to the units for which it was made, and to those that have its case today."""


def in_units(units: list[Any]) -> Q:
    """Actions that belong to one of these units."""
    condition = Q(pk__in=[])
    if units:
        for path in UNIT_PATHS:
            condition |= Q(**{f"{path}__in": units})
    return condition


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: Any) -> Self:
        """Need-to-know for actions.

        The QA unit sees all; an owner their own; a team manager, service lead and head of service those of their
        units; whoever holds the case today its open ones (NK-9); the Principal Social Worker those of services and
        the partnership that are about no case. A draft is seen by who proposed it and by the QA unit. An action
        about a restricted case is seen by the people named there only (NK-3). Whoever holds no role today sees none.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        if user.holds(*QA_ROLES):
            seen = Q()
        else:
            shared = in_units(unit_scope(user, *LINE_ROLES)) | Q(owner=user.pk)
            if user.holds(Role.PRACTITIONER):
                holds = Exists(
                    apps.get_model("cases", "Holding")
                    .objects.current()
                    .filter(case=OuterRef("case"), worker__user=user.pk)
                )
                shared |= Q(status__in=OPEN_STATUSES) & Q(holds)
            if user.holds(Role.PRINCIPAL_SOCIAL_WORKER):
                shared |= Q(case=None, level__in=(Level.SERVICE, Level.PARTNERSHIP))
            seen = (shared & ~Q(status=ActionStatus.DRAFT)) | Q(status=ActionStatus.DRAFT, created_by=user.pk)
        return self.filter((seen & not_hidden(user)) | Q(pk__in=user.lent("actions.action")))

    def open(self) -> Self:
        """Actions that are not at an end: drafts are not open yet."""
        return self.filter(status__in=OPEN_STATUSES)

    def to_do_by(self, user: Any) -> Self:
        """What this person has to do: open actions that they own and have not claimed as done."""
        return self.filter(owner=user.pk, status__in=TO_DO)

    def of_team_of(self, user: Any, units: list[Any] | None = None) -> Self:
        """Open actions of the units that this person manages, and for the QA unit all open ones.

        `units` are those units' keys where they are known already.
        """
        if user.holds(*QA_ROLES):
            return self.open()
        return self.open().filter(in_units(unit_scope(user, *LINE_ROLES) if units is None else units))

    def to_verify_by(self, user: Any, units: list[Any] | None = None) -> Self:
        """What waits for this person's check. Never what they own or have themselves claimed as done."""
        condition = Q(pk__in=[])
        if user.holds(*QA_ROLES):
            condition |= Q(verifier__in=(Verifier.QA, Verifier.BODY), status=ActionStatus.CLAIMED)
            condition |= Q(verifier=Verifier.BODY, status=ActionStatus.WITH_BODY)
        managed = unit_scope(user, *LINE_ROLES) if units is None else units
        condition |= Q(verifier=Verifier.MANAGER, status=ActionStatus.CLAIMED) & in_units(managed)
        own = Q(owner=user.pk) | Q(claimed_by=user.pk, claimed_by__isnull=False)
        return self.filter(condition).exclude(own)

    def overdue(self, on: date) -> Self:
        """Actions that should have been done by now; what is claimed as done has stopped its clock."""
        return self.filter(status__in=TO_DO, due_on__lt=on)

    def due_this_week(self, on: date) -> Self:
        """Actions to be done between `on` and the Sunday of its week."""
        return self.filter(status__in=TO_DO, due_on__gte=on, due_on__lte=on + timedelta(days=6 - on.weekday()))

    def needing_owner(self) -> Self:
        """Open actions whose owner cannot sign in any more, or may not see the restricted case that they are about."""
        named = Exists(
            apps.get_model("cases", "NamedPerson").objects.filter(case=OuterRef("case"), user=OuterRef("owner"))
        )
        return self.open().filter(Q(owner__is_active=False) | (Q(case__restricted=True) & ~Q(named)))

    def of_origin(self, origin: str, reference: str) -> Self:
        """The actions that came from one finding, alert, audit and so on."""
        return self.filter(origin=origin, origin_reference=reference)


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def visible_to(self, user: Any) -> Self:
        """Recommendations hold no child's record.

        The QA unit, heads of service, service leads and the Principal Social Worker see all; the owner of an action
        that answers one sees that one. Whoever holds no role today sees none.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        if user.holds(*QA_ROLES, Role.HEAD_OF_SERVICE, Role.SERVICE_LEAD, Role.PRINCIPAL_SOCIAL_WORKER):
            return self
        owned = apps.get_model("actions", "Action").objects.filter(owner=user.pk, recommendation=OuterRef("pk"))
        return self.filter(Exists(owned))

    def on_the_list(self) -> Self:
        """Those that no body has accepted yet and whose rejection has not been reported (AC-7)."""
        return self.exclude(status__in=OFF_THE_LIST)


class LoopCheckQuerySet(models.QuerySet["LoopCheck"]):
    def visible_to(self, user: Any) -> Self:
        """The QA unit looks whether actions had an effect; a restricted case's is left to the people named there."""
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.holds(*QA_ROLES):
            return self.none()
        visible = apps.get_model("actions", "Action").objects.all().visible_to(user)
        return self.filter(action__in=visible.values("pk"))

    def waiting(self) -> Self:
        """Checks that nobody has made yet, whoever may make them."""
        return self.filter(checked_at=None)

    def not_own(self, user: Any) -> Self:
        """Checks of actions that somebody else did."""
        return self.exclude(action__owner=user.pk)
