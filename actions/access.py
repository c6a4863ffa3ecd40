"""Who may do what with an action, and why not. Which rows somebody sees stands in querysets; the two agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.access import YES, Decision, NotAllowed, must, no, people_as, unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from accounts.models import Membership, OrgUnit, User
from actions.choices import ActionStatus, Verifier
from actions.models import Action
from cases.models import Case, NamedPerson

__all__ = [
    "OWNERS",
    "NotAllowed",
    "can",
    "can_keep_recommendations",
    "can_make",
    "possible_owners",
    "require",
    "sees_actions",
    "sees_recommendations",
    "verifiers_of",
]  # fmt: skip

_ABOVE = (Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)
_PROPOSERS = (Role.AUDITOR, Role.MODERATOR)
# Whoever holds one of these has work to do with practice; the others see figures, accounts or logs only.
OWNERS = (
    *QA_ROLES, *LINE_ROLES, Role.PRACTITIONER, Role.AUDITOR, Role.MODERATOR, Role.PRINCIPAL_SOCIAL_WORKER,
)  # fmt: skip


def sees_actions(user: Any) -> bool:
    """Whether the list of actions is of any use to this person; it hides a link and guards nothing."""
    return bool(getattr(user, "pk", None)) and user.holds(*OWNERS)


def sees_recommendations(user: Any) -> bool:
    """Whether the list of recommendations is of any use to this person; it hides a link and guards nothing."""
    return bool(getattr(user, "pk", None)) and user.holds(*QA_ROLES, *_ABOVE, Role.PRINCIPAL_SOCIAL_WORKER)


def can_make(user: Any) -> bool:
    """Whether this person may make any action at all by hand."""
    return _is_qa(user) or user.holds(*LINE_ROLES, Role.PRINCIPAL_SOCIAL_WORKER)


def can_keep_recommendations(user: Any) -> Decision:
    """The QA unit keeps the list of recommendations and writes down what the bodies decide."""
    return YES if _is_qa(user) else no("Only the QA unit can change the recommendations of outside bodies.")


def can(user: Any, verb: str, action: Action) -> Decision:
    """Whether the user may do `verb` to the action, and if not why.

    Whether the action's state allows it is the workflow's question. Raises KeyError for an unknown verb.
    """
    decide = _VERBS[verb]
    if getattr(user, "is_system", False):
        return YES if verb in _BY_SYSTEM else no("This is for a person to do.")
    if not _may_see(user, action):
        return no("You cannot see this action.")
    return decide(user, action)


def require(user: Any, verb: str, action: Action) -> None:
    """Raise NotAllowed with the reason when the user may not do `verb` to the action."""
    must(can(user, verb, action))


def can_create(
    user: Any, *, case: Case | None, service: OrgUnit | None, team: OrgUnit | None, draft: bool = False
) -> Decision:
    """Whether the user may make an action for this case and these units.

    The QA unit for all that it sees; line management in its own units; the Principal Social Worker where no case is
    concerned; an auditor or moderator may propose a draft (the app above has asked whether the finding is theirs).
    """
    if getattr(user, "is_system", False):
        return YES
    if case is not None and case.restricted and not _is_named(user.pk, case):
        return no("You cannot create an action for this case.")
    if user.holds(*QA_ROLES):
        return YES
    if draft and user.holds(*_PROPOSERS):
        return YES
    if case is None and user.holds(Role.PRINCIPAL_SOCIAL_WORKER):
        return YES
    if not user.holds(*LINE_ROLES):
        return no("Only line management and the QA unit can create actions.")
    if _keys(team, service, *((case.team, case.service) if case else ())) & set(unit_scope(user, *LINE_ROLES)):
        return YES
    return no("You can create actions for your own teams and services only.")


def possible_owners(*, case: Case | None, service: OrgUnit | None, team: OrgUnit | None) -> QuerySet[User]:
    """The active people who may own an action of this case and these units, by name.

    Those who work with practice in the department: at the units, above them or below them, the present holder of the
    case, and the QA unit. For no unit (the partnership): everybody who works with practice. For a restricted case:
    the people named there only.
    """
    today = timezone.localdate()
    active = Membership.objects.active(today).filter(user=OuterRef("pk"))
    people = User.objects.filter(is_active=True)
    if case is not None and case.restricted:
        return people.filter(pk__in=NamedPerson.objects.filter(case=case).values("user")).order_by("name", "pk")
    units = [unit for unit in (team, service, *((case.team, case.service) if case else ())) if unit is not None]
    fitting = Q(Exists(active.filter(role__in=OWNERS)))
    if units:
        below = set(OrgUnit.objects.under(units).values_list("pk", flat=True))
        near = Q(Exists(active.filter(role__in=OWNERS, unit__in=below | _with_above(units))))
        fitting = near | Q(Exists(active.filter(role__in=QA_ROLES)))
        if case is not None:
            fitting |= Q(Exists(active)) & Q(
                pk__in=case.holdings.filter(held_to=None, worker__user__isnull=False).values("worker__user")
            )
    return people.filter(fitting).order_by("name", "pk")


def verifiers_of(action: Action) -> list[User]:
    """The people who are told that an action waits for its check: the nearest who may do it, never its owner."""
    if action.verifier != Verifier.MANAGER:
        return _seeing(action, people_as(QA_ROLES, _department(action)))
    units = _units(action)
    for role in LINE_ROLES:
        people = _seeing(action, people_as([role], units))
        if people:
            return people
    return _seeing(action, people_as([Role.QA_LEAD], _department(action)))


def told_of_lateness(action: Action, *roles: str) -> list[User]:
    """The people of these roles who answer for the action's units; the QA lead where there are none.

    Also where the owner is the only one of them: they know already.
    """
    people = _seeing(action, people_as(roles, _units(action)))
    return people or _seeing(action, people_as([Role.QA_LEAD], _department(action)))


def _seeing(action: Action, people: Iterable[User]) -> list[User]:
    return [
        person
        for person in people
        if person.pk not in (action.owner_id, action.claimed_by_id)
        and Action.objects.visible_to(person).filter(pk=action.pk).exists()
    ]


def _department(action: Action) -> list[OrgUnit]:
    """The action's units; where it has none, every directorate: the QA unit holds its roles there."""
    return _units(action) or list(OrgUnit.objects.filter(parent=None))


def _units(action: Action) -> list[OrgUnit]:
    of_case = (action.case.team, action.case.service) if action.case else ()
    return [unit for unit in (action.team, action.service, *of_case) if unit is not None]


def _keys(*units: OrgUnit | None) -> set[Any]:
    return {unit.pk for unit in units if unit is not None}


def _with_above(units: Iterable[OrgUnit]) -> set[Any]:
    found = set()
    for unit in units:
        here: OrgUnit | None = unit
        while here is not None:
            found.add(here.pk)
            here = here.parent
    return found


def _is_qa(user: Any) -> bool:
    return getattr(user, "is_system", False) or user.holds(*QA_ROLES)


def _is_named(user_id: Any, case: Case) -> bool:
    return NamedPerson.objects.filter(case=case, user=user_id).exists()


def _may_see(user: Any, action: Action) -> bool:
    if user.pk is not None and action.seen_by == user.pk:
        return True
    return Action.objects.visible_to(user).filter(pk=action.pk).exists()


def _in_line(user: Any, action: Action, *roles: str) -> bool:
    return user.holds(*roles) and bool(_keys(*_units(action)) & set(unit_scope(user, *roles)))


def _is_own(user: Any, action: Action) -> bool:
    return user.pk in (action.owner_id, action.claimed_by_id)


def _see(user: Any, action: Action) -> Decision:
    return YES


def _owners(user: Any, action: Action) -> Decision:
    return YES if action.owner_id == user.pk else no("Only the owner of this action can do this.")


def _note(user: Any, action: Action) -> Decision:
    if action.owner_id == user.pk or user.holds(*QA_ROLES) or _in_line(user, action, *LINE_ROLES):
        return YES
    return no("Only the owner, line management and the QA unit can add a note to this action.")


def _verify(user: Any, action: Action) -> Decision:
    if _is_own(user, action):
        return no("Somebody other than the owner has to verify an action.")
    if action.verifier == Verifier.MANAGER:
        if _in_line(user, action, *LINE_ROLES):
            return YES
        return no("This action is verified by the team manager or somebody above.")
    return YES if user.holds(*QA_ROLES) else no("This action is verified by the QA unit.")


def _for_body(user: Any, action: Action) -> Decision:
    if action.verifier != Verifier.BODY:
        return no("No outside body waits for this action.")
    if _is_own(user, action):
        return no("Somebody other than the owner has to write down what the outside body decides.")
    return YES if user.holds(*QA_ROLES) else no("Only the QA unit writes down what an outside body decides.")


def _verify_here(user: Any, action: Action) -> Decision:
    if action.verifier == Verifier.BODY:
        return no("The outside body verifies this action. Send it to the body first.")
    return _verify(user, action)


def _cancel(user: Any, action: Action) -> Decision:
    if action.owner_id == user.pk:
        return no("Somebody other than the owner has to cancel an action.")
    if user.holds(Role.QA_LEAD):
        return YES
    if action.from_inadequate:
        return no("Only the QA lead can cancel this action.")
    if _in_line(user, action, *_ABOVE):
        return YES
    return no("Only a service lead or somebody above can cancel an action.")


def _reopen(user: Any, action: Action) -> Decision:
    return YES if user.holds(*QA_ROLES) else no("Only the QA unit can reopen an action.")


def _move_due(user: Any, action: Action) -> Decision:
    if action.owner_id == user.pk:
        return no("The owner cannot move the due date. Ask whoever verifies the action.")
    if _verify(user, action) or user.holds(Role.QA_LEAD):
        return YES
    return no("Only whoever verifies this action, or somebody above, can move its due date.")


def _reassign(user: Any, action: Action) -> Decision:
    if user.holds(*QA_ROLES) or _in_line(user, action, *LINE_ROLES):
        return YES
    return no("Only line management and the QA unit can give an action to another owner.")


def _open(user: Any, action: Action) -> Decision:
    return YES if user.holds(*QA_ROLES) else no("Only the QA unit can open a proposed action.")


def _discard(user: Any, action: Action) -> Decision:
    if action.created_by_id == user.pk or user.holds(*QA_ROLES):
        return YES
    return no("Only whoever proposed the action, and the QA unit, can withdraw it.")


_BY_SYSTEM = frozenset({"see", "open", "note"})
_VERBS: dict[str, Callable[[Any, Action], Decision]] = {
    "see": _see,
    "open": _open,
    "discard": _discard,
    "start": _owners,
    "update": _owners,
    "note": _note,
    "claim": _owners,
    "verify": _verify_here,
    "send_back": _verify,
    "send_to_body": _for_body,
    "accept": _for_body,
    "reject": _for_body,
    "cancel": _cancel,
    "reopen": _reopen,
    "move_due": _move_due,
    "reassign": _reassign,
}
VERBS = tuple(_VERBS)


def may_verify_now(user: Any, action: Action) -> bool:
    """Whether the action waits for this person's check, as `to_verify_by` lists it."""
    if action.status == ActionStatus.WITH_BODY:
        return bool(can(user, "accept", action))
    return action.status == ActionStatus.CLAIMED and bool(can(user, "send_back", action))
