"""Bringing joiners, movers and leavers in: checked by doing it and taking it back, so that check and deed agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access import NotAllowed, can_manage_people, must
from accounts.choices import UnitKind
from accounts.models import Membership, OrgUnit, User, name_key
from accounts.querysets import current
from accounts.readers import JOINER, LEAVER, LIST, PeopleFile, PersonRow, read_people
from accounts.services.people import add_user, bring_back, edit_user, mark_as_left, send_invitation
from accounts.services.roles import end_role, grant_role
from accounts.services.structure import open_unit
from core.jobs.services import CannotApply, Importer, ImportOutcome
from core.spreadsheets import Fault, one_refusal

KIND = "people"
# More leavers than this share of the accounts (and than a handful) have to be confirmed by typing their number.
MOST_LEAVERS = 5
Progress = Callable[[int, int], None]


class _TakenBack(Exception):
    """Ends the transaction of a check, so that nothing stays."""


def import_people(*, content: PeopleFile, by: Any, create_units: bool = False, apply: bool = False,
                  confirm: int | None = None, on_progress: Progress | None = None) -> ImportOutcome:  # fmt: skip
    """Apply a file row by row, or with `apply` off do the same and take it back.

    Counts are rows_in, accepted, rejected, new (people), changed (people), closed (leavers) and unchanged (rows). With
    `apply` the caller may have opened a transaction. Raises NotAllowed where `by` may not, CannotApply (nothing is
    written) where no row was accepted or `confirm` is not the number of leavers that was asked for.
    """
    must(can_manage_people(by))
    try:
        with transaction.atomic():
            outcome = _bring_in(content, by, create_units, on_progress)
            if not apply:
                raise _TakenBack
            if outcome.problem or (outcome.confirm is not None and confirm != outcome.confirm):
                raise CannotApply(outcome)
    except _TakenBack:
        pass
    return outcome


def _bring_in(content: PeopleFile, by: Any, create_units: bool, on_progress: Progress | None) -> ImportOutcome:
    refusals = list(content.refusals)
    done: Counter[str] = Counter()
    accounts = User.objects.filter(is_active=True).count()
    for number, row in enumerate(content.rows, start=1):
        try:
            with transaction.atomic():
                done[_APPLY[row.change](row, by, create_units)] += 1
        except ValidationError as error:
            refusals.append(_fault(row, " ".join(error.messages)))
        except NotAllowed as error:
            refusals.append(_fault(row, str(error)))
        if on_progress is not None and number % 50 == 0:
            on_progress(number, len(content.rows))
    counts = {
        "rows_in": content.rows_in, "accepted": content.rows_in - len(refusals), "rejected": len(refusals),
        "new": done["new"], "changed": done["changed"], "closed": done["closed"], "unchanged": done["unchanged"],
    }  # fmt: skip
    many = counts["closed"] > MOST_LEAVERS and counts["closed"] * 5 > accounts
    problem = "" if counts["accepted"] else "No row of the file was accepted, so there is nothing to apply."
    ordered = tuple(sorted(refusals, key=lambda fault: fault.row or 0))
    return ImportOutcome(counts, ordered, content.warnings, confirm=counts["closed"] if many else None, problem=problem)


def _fault(row: PersonRow, reason: str) -> Fault:
    return one_refusal([Fault(LIST, row.row, row.change, row.email, reason.rstrip(".") + ".")])


def _known(row: PersonRow) -> User | None:
    return User.objects.filter(email=row.email).first()


def _must_know(row: PersonRow) -> User:
    user = _known(row)
    if user is None:
        raise ValidationError("Nobody here has this e-mail address")
    return user


def _join(row: PersonRow, by: Any, create_units: bool) -> str:
    """Somebody new, or somebody who comes back after their last day; a role where one is given."""
    user = _known(row)
    did = "unchanged"
    if user is None:
        if not row.name:
            raise ValidationError("A joiner needs a name")
        user = add_user(email=row.email, name=row.name, job_title=row.job_title, by=by)
        send_invitation(user=user, by=by)
        did = "new"
    elif not user.is_active:
        if user.left_on is None or row.on <= user.left_on:
            return "unchanged"
        bring_back(user=user, by=by, why="Joined again, by a file.")
        did = "changed"
    if row.role and _give(user, row, by, create_units) and did == "unchanged":
        did = "changed"
    return did


def _move(row: PersonRow, by: Any, create_units: bool) -> str:
    """A role moves: what is held of it elsewhere ends the day before, and it is held at the new place from the day."""
    user = _must_know(row)
    if not user.is_active:
        raise ValidationError("This person has left. Write them as a joiner")
    changed = bool(
        edit_user(user=user, by=by, name=row.name or user.name, email=user.email,
                  job_title=row.job_title or user.job_title)
    )  # fmt: skip
    unit = _place(row, by, create_units)
    if not _held(user, row, unit):
        elsewhere = Membership.objects.filter(user=user, role=row.role).exclude(unit=unit)
        for membership in elsewhere.exclude(ends_on__lt=row.on).select_related("user"):
            end_role(membership=membership, by=by, ends_on=row.on - timedelta(days=1), why="Moved, by a file.")
        changed |= _give(user, row, by, create_units)
    return "changed" if changed else "unchanged"


def _leave(row: PersonRow, by: Any, create_units: bool) -> str:
    user = _must_know(row)
    if not user.is_active or user.left_on == row.on:
        return "unchanged"
    mark_as_left(user=user, by=by, why="Left, by a file.", last_day=row.on, today=timezone.localdate())
    return "closed"


def _held(user: User, row: PersonRow, unit: OrgUnit) -> bool:
    held = Membership.objects.filter(user=user, role=row.role, unit=unit)
    return held.filter(current(row.on)).exists() or held.filter(starts_on=row.on).exists()


def _give(user: User, row: PersonRow, by: Any, create_units: bool) -> bool:
    unit = _place(row, by, create_units)
    if _held(user, row, unit):
        return False
    grant_role(user=user, role=row.role, unit=unit, by=by, starts_on=row.on)
    return True


def _place(row: PersonRow, by: Any, create_units: bool) -> OrgUnit:
    """The open team (within the service, where one is named) or service of a row. Raises ValidationError."""
    service = _one(UnitKind.SERVICE, row.service, None) if row.service else None
    if row.service and service is None:
        if not create_units:
            raise ValidationError(f"There is no open service called {row.service}")
        above = OrgUnit.objects.filter(kind=UnitKind.DIRECTORATE, closed_on=None).first()
        service = open_unit(kind=UnitKind.SERVICE, name=row.service, parent=above, by=by)
    if not row.team:
        assert service is not None  # noqa: S101  the reader refuses a role without a place
        return service
    team = _one(UnitKind.TEAM, row.team, service)
    if team is None:
        if not create_units or service is None:
            raise ValidationError(f"There is no open team called {row.team}")
        team = open_unit(kind=UnitKind.TEAM, name=row.team, parent=service, by=by)
    return team


def _one(kind: str, name: str, parent: OrgUnit | None) -> OrgUnit | None:
    units = OrgUnit.objects.filter(kind=kind, name_key=name_key(name), closed_on=None)
    found = list(units.filter(parent=parent)[:2] if parent else units[:2])
    if len(found) > 1:
        raise ValidationError(f"There are several called {name}. Name the service too")
    return found[0] if found else None


_APPLY: dict[str, Callable[[PersonRow, Any, bool], str]] = {JOINER: _join, "mover": _move, LEAVER: _leave}


def _read(*, data: bytes, filename: str, options: dict[str, Any], on_progress: Progress) -> PeopleFile:
    return read_people(data=data, filename=filename, on_progress=on_progress)


def _check(*, content: PeopleFile, options: dict[str, Any], by: Any, on_progress: Progress) -> ImportOutcome:
    return import_people(
        content=content, by=by, create_units=bool(options.get("create_units")), on_progress=on_progress
    )


def _apply(
    *, content: PeopleFile, options: dict[str, Any], by: Any, on_progress: Progress, confirm: int | None = None
) -> ImportOutcome:
    return import_people(
        content=content, by=by, create_units=bool(options.get("create_units")), apply=True, confirm=confirm,
        on_progress=on_progress,
    )  # fmt: skip


PEOPLE_IMPORTER = Importer(
    kind=KIND,
    title="Joiners, movers and leavers",
    may=can_manage_people,
    read=_read,
    check=_check,
    apply=_apply,
    noun="people",
    intro="One row a change, from the HR system: joiner, mover or leaver, with the date and the e-mail address.",
    confirm_words="This file takes the accounts of {closed} people away, more than one in five.",
)
