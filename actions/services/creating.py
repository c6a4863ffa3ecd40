"""Making actions: by hand, and for the apps above, which know where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import must
from accounts.choices import UnitKind
from accounts.models import OrgUnit, User
from actions import access
from actions.choices import ActionStatus, Level, Origin
from actions.models import Action, ActionCounter, ActionMove, Recommendation
from actions.rules import clock, writing
from actions.selectors.duplicates import possible_duplicates
from actions.selectors.limits import days_allowed
from actions.services.moves import Moves, lock_action
from actions.services.telling import tell_owner
from cases.models import Case
from core.council.selectors import closing_days
from core.history.services import actor_id, record
from core.working_days import add_working_days


@dataclass(frozen=True)
class ActionDraft:
    """What somebody wants done. `unit` is a service or team, where no case says it; `themes` are names.

    `due_on` None is the last day that the priority allows; `why_later` is the reason for a later one.
    """

    what: str
    how_we_know: str
    owner: User
    priority: str
    level: str
    due_on: date | None = None
    why_later: str = ""
    themes: Sequence[str] = ()
    case: Case | None = None
    unit: OrgUnit | None = None


@dataclass(frozen=True)
class From:
    """Where an action comes from: a kind, a reference of the record there and a path of this site that leads to it."""

    kind: str = Origin.STAND_ALONE
    reference: str = ""
    link: str = ""
    inadequate: bool = False
    recommendation: Recommendation | None = None


STAND_ALONE = From()


class PossibleDuplicates(Exception):
    """Open actions of the same case share a theme with this one. Nothing was kept; say so, and ask again."""

    def __init__(self, found: list[Action]) -> None:
        super().__init__("There may be an action for this already.")
        self.found = found


def create_action(
    *, wanted: ActionDraft, by: Any, origin: From = STAND_ALONE, propose: bool = False, despite_duplicates: bool = False
) -> Action:
    """Make an action, open at once, or a draft where it is only proposed.

    The case's units are kept as they are today. A body's action hangs under its recommendation. Raises NotAllowed,
    ValidationError by field, and PossibleDuplicates with what `by` may see of them unless `despite_duplicates`.
    """
    case, (service, team) = wanted.case, _units_of(wanted)
    must(access.can_create(by, case=case, service=service, team=team, draft=propose))
    today = timezone.localdate()
    days = days_allowed(wanted.priority, on=today)
    last = add_working_days(today, days, closing_days())
    due_on = wanted.due_on or last
    _check(wanted, due_on=due_on, days=days, last=last, today=today, service=service, team=team)
    if not despite_duplicates:
        found = possible_duplicates(Action.objects.visible_to(by), case=case, themes=wanted.themes)
        if found:
            raise PossibleDuplicates(found)
    status, event = (ActionStatus.DRAFT, "propose") if propose else (ActionStatus.OPEN, "create")
    with transaction.atomic():
        at = timezone.now()
        action = Action.objects.create(
            reference=_next_reference(today.year),
            what=wanted.what.strip(),
            how_we_know=wanted.how_we_know.strip(),
            owner=wanted.owner,
            due_on=due_on,
            original_due_on=due_on,
            priority=wanted.priority,
            level=wanted.level,
            themes=list(dict.fromkeys(wanted.themes)),
            case=case,
            service=service,
            team=team,
            origin=origin.kind,
            origin_reference=origin.reference,
            origin_link=origin.link,
            recommendation=origin.recommendation,
            from_inadequate=origin.inadequate,
            verifier=writing.verified_by(level=wanted.level, origin=origin.kind, from_inadequate=origin.inadequate),
            status=status,
            created_by_id=actor_id(by),
            created_at=at,
        )
        why = wanted.why_later.strip()
        ActionMove.objects.create(
            action=action, at=at, by_id=actor_id(by), event=event, to_status=status, why=why, due_to=due_on,
            owner_to=wanted.owner,
        )  # fmt: skip
        if not propose:
            tell_owner(action=action)
        record(
            by=by, verb=event, record=action, to_state=status, why=why,
            values={
                "reference": action.reference, "owner": str(action.owner_id), "due_on": due_on.isoformat(),
                "origin": origin.kind, "origin_reference": origin.reference,
            },
        )  # fmt: skip
    return action


def open_action(*, action: Action, by: Any, version: int | None = None) -> Action:
    """Open a proposed action: its owner hears of it. A due date that has meanwhile passed is today.

    Raises NotAllowed, IllegalMove and StaleVersion.
    """
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "open", held)
        moves = Moves(action=held, by=by, version=version)
        today = timezone.localdate()
        moves.make("open")
        if held.due_on < today:
            moves.set(due_on=today, original_due_on=today)
        moves.save()
        tell_owner(action=held)
    return held


def discard_action(*, action: Action, by: Any, why: str, version: int | None = None) -> Action:
    """Withdraw a proposal. Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError without a reason."""
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "discard", held)
        moves = Moves(action=held, by=by, version=version)
        moves.make("discard", why=why, closed_at=moves.at, closed_by=_person(by))
        moves.save()
    return held


def _person(by: Any) -> User | None:
    return by if isinstance(by, User) else None


def _units_of(wanted: ActionDraft) -> tuple[OrgUnit | None, OrgUnit | None]:
    """Service and team: the chosen unit's, else the case's as it is today."""
    if wanted.unit is not None:
        if wanted.unit.kind == UnitKind.TEAM:
            return wanted.unit.parent, wanted.unit
        return wanted.unit, None
    if wanted.case is not None:
        return wanted.case.service, wanted.case.team
    return None, None


def _check(
    wanted: ActionDraft, *, due_on: date, days: int, last: date, today: date, service: OrgUnit | None,
    team: OrgUnit | None,
) -> None:  # fmt: skip
    faults = writing.faults_of_action(
        what=wanted.what,
        how_we_know=wanted.how_we_know,
        level=wanted.level,
        has_case=wanted.case is not None,
        has_unit=service is not None,
    )
    late = clock.reasons_against_due_date(due_on, days=days, last=last, today=today, why=wanted.why_later)
    if late:
        faults["due_on"] = late[0]
    owners = access.possible_owners(case=wanted.case, service=service, team=team)
    if not owners.filter(pk=wanted.owner.pk).exists():
        faults["owner"] = "Choose somebody who works with this case, team or service and can sign in"
    if wanted.level == Level.PARTNERSHIP and wanted.case is not None:
        faults["level"] = "An action of the partnership is not about one case. Choose another level"
    if faults:
        raise ValidationError(faults)


def _next_reference(year: int) -> str:
    """The next reference of the year, as in ACT-2026-0001. Its counter is held until the transaction ends."""
    ActionCounter.objects.get_or_create(year=year)
    ActionCounter.objects.filter(year=year).update(last=F("last") + 1)
    return f"ACT-{year}-{ActionCounter.objects.get(year=year).last:04}"
