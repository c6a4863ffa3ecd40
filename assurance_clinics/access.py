"""Who may bring figures in, correct definitions, read exception lists, and run and attend clinics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.access import YES, Decision, can_import, must, no, unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role, UnitKind
from accounts.models import Membership, OrgUnit, User
from assurance_clinics.models import Clinic
from assurance_clinics.querysets import FIGURE_READERS
from cases.models import Case, Worker


def _is_qa(user: Any) -> bool:
    return getattr(user, "is_system", False) or (bool(user.pk) and user.holds(*QA_ROLES))


def sees_indicators(user: Any) -> bool:
    """Whether the pages of indicators are of any use to this person."""
    return getattr(user, "is_system", False) or (
        bool(getattr(user, "pk", None)) and user.holds(*FIGURE_READERS, Role.PRACTITIONER)
    )


def can_import_indicators(by: Any) -> Decision:
    """The QA unit brings figures in."""
    return can_import(by)


def can_define(by: Any) -> Decision:
    """The QA unit keeps the definitions and targets."""
    return YES if _is_qa(by) else no("Only the QA unit can change what an indicator means.")


def can_type_values(by: Any) -> Decision:
    """The QA unit types figures."""
    return YES if _is_qa(by) else no("Only the QA unit can type figures.")


def sees_figures_of(user: Any, unit: OrgUnit | None) -> bool:
    """Whether somebody may read the figures of a unit, or of the department (None)."""
    if _is_qa(user):
        return True
    if not user.pk:
        return False
    if unit is None:
        return bool(user.holds(*FIGURE_READERS))
    return user.holds(Role.PRINCIPAL_SOCIAL_WORKER) or unit.pk in unit_scope(user, *LINE_ROLES)


def sees_exceptions_of(user: Any, unit: OrgUnit | None, worker: Worker | None = None) -> bool:
    """Whether somebody may read which cases are behind a figure: the QA unit those of every place, a line those of its
    own units, a practitioner their own. Each case must be open to the reader besides."""
    if _is_qa(user):
        return True
    if not user.pk or unit is None:
        return False
    if unit.pk in unit_scope(user, *LINE_ROLES):
        return True
    return worker is not None and worker.user_id == user.pk and user.holds(Role.PRACTITIONER)


def sees_small_numbers_of(user: Any, unit: OrgUnit | None, worker: Worker | None = None) -> bool:
    """Whether counts of 1 to 4 are shown: inside the QA unit, to the Principal Social Worker as in the reports, and to
    whoever may read the cases anyway. Who reads the figures of every unit could work a withheld one out."""
    psw = bool(getattr(user, "pk", None)) and user.holds(Role.PRINCIPAL_SOCIAL_WORKER)
    return psw or sees_exceptions_of(user, unit, worker)


# --- clinics ---------------------------------------------------------------------------------------------------------

ATTENDS = (*LINE_ROLES, *QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.PRACTITIONER, Role.AUDITOR, Role.MODERATOR)
CHAIRS = (Role.HEAD_OF_SERVICE, Role.SERVICE_LEAD, Role.QA_LEAD)


def sees_clinics(user: Any) -> bool:
    """Whether the overview of all clinics is for this person: it holds figures and states, no case and no words."""
    return bool(getattr(user, "pk", None)) and user.holds(*FIGURE_READERS)


def works_on_exceptions(user: Any) -> bool:
    """Whether the list of what is overdue is for this person: the line, practitioners for their own, the QA unit."""
    return bool(getattr(user, "pk", None)) and user.holds(*LINE_ROLES, *QA_ROLES, Role.PRACTITIONER)


def exception_places(user: Any) -> list[OrgUnit]:
    """The services and teams whose cases this person works with: services first, by name."""
    units = OrgUnit.objects.visible_to(user).open_on(timezone.localdate())
    units = units.filter(kind__in=(UnitKind.TEAM, UnitKind.SERVICE))
    if not user.holds(*QA_ROLES):
        units = units.filter(pk__in=unit_scope(user, *LINE_ROLES))
    return sorted(units, key=lambda one: (one.kind != UnitKind.SERVICE, one.name.casefold()))


def can_note_exception(by: Any, case: Case) -> Decision:
    """The QA unit, the case's line and its practitioners write notes beside it, where they may see the case."""
    if not works_on_exceptions(by) or not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        return no("Only the case's own line, its practitioner and the QA unit can write here.")
    if by.holds(*QA_ROLES) or {case.team_id, case.service_id} & set(unit_scope(by, *LINE_ROLES)):
        return YES
    if by.holds(Role.PRACTITIONER) and case.holdings.filter(held_to=None, worker__user=by.pk).exists():
        return YES
    return no("Only the case's own line, its practitioner and the QA unit can write here.")


def can_keep_rota(by: Any, service: OrgUnit) -> Decision:
    """The QA unit keeps the rota, and a head of service their services' places in it."""
    if _is_qa(by) or (bool(by.pk) and service.pk in unit_scope(by, Role.HEAD_OF_SERVICE)):
        return YES
    return no("Only the QA unit and the service's head can change its place on the rota.")


def can(user: Any, verb: str, clinic: Clinic) -> Decision:
    """Whether the user may do `verb` to the clinic, and if not why.

    Whether the clinic's state allows it is the workflow's question. Raises KeyError for an unknown verb.
    """
    decide = _VERBS[verb]
    if getattr(user, "is_system", False):
        return YES if verb in ("load", "build", "rebuild") else no("This is for a person to do.")
    if not Clinic.objects.visible_to(user).filter(pk=clinic.pk).exists():
        return no("You cannot see this clinic.")
    return decide(user, clinic)


def require(user: Any, verb: str, clinic: Clinic) -> None:
    """Raise NotAllowed with the reason when the user may not do `verb` to the clinic."""
    must(can(user, verb, clinic))


def _leads(user: Any, clinic: Clinic) -> Decision:
    if _is_qa(user) or clinic.chair_id == user.pk or clinic.service_id in unit_scope(user, Role.HEAD_OF_SERVICE):
        return YES
    return no("Only the service's head, the chair and the QA unit can do this.")


def _takes_part(user: Any, clinic: Clinic) -> Decision:
    if _leads(user, clinic) or clinic.attendees.filter(user=user.pk).exists():
        return YES
    return no("Only the people of this clinic can write in it.")


def _chairs(user: Any, clinic: Clinic) -> Decision:
    """The chair; where there is none any more (they left, or hold no role today) whoever leads the clinic."""
    if clinic.chair_id == user.pk:
        return YES
    if clinic.chair is None or not clinic.chair.is_active or not clinic.chair.roles():
        return _leads(user, clinic)
    return no("Only the chair confirms the notes.")


_VERBS: dict[str, Callable[[Any, Clinic], Decision]] = {
    "schedule": _leads,
    "change": _leads,
    "load": lambda user, clinic: no("Figures are loaded when they are in."),
    "build": _leads,
    "rebuild": _leads,
    "hold": _leads,
    "close": _leads,
    "postpone": _leads,
    "cancel": _leads,
    "note": _takes_part,
    "act": _takes_part,
    "confirm": _chairs,
}


def possible_attendees(service: OrgUnit) -> QuerySet[User]:
    """Who may be asked to a service's clinic: whoever works with practice in it, above it or below it, by name."""
    return _people_at(ATTENDS, _near(service), everywhere=QA_ROLES)


def possible_chairs(service: OrgUnit) -> QuerySet[User]:
    """Who may chair a service's clinic: its head, its service lead, a QA lead."""
    return _people_at(CHAIRS, _with_above(service), everywhere=(Role.QA_LEAD,))


def _with_above(service: OrgUnit) -> set[Any]:
    found: set[Any] = set()
    here: OrgUnit | None = service
    while here is not None:
        found.add(here.pk)
        here = here.parent
    return found


def _near(service: OrgUnit) -> set[Any]:
    return _with_above(service) | set(OrgUnit.objects.under([service]).values_list("pk", flat=True))


def _people_at(roles: Iterable[str], units: set[Any], everywhere: Iterable[str]) -> QuerySet[User]:
    active = Membership.objects.active(timezone.localdate()).filter(user=OuterRef("pk"))
    near = Exists(active.filter(role__in=list(roles), unit__in=units)) | Exists(
        active.filter(role__in=list(everywhere))
    )
    return User.objects.filter(near, is_active=True).order_by("name", "pk")
