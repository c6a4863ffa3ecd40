"""What people do to a case by hand: restrict it, say who may see it, join references, declare a connection."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import Actor
from accounts.models import User
from cases.access import require
from cases.models import Case, CaseAlias, Connection, NamedPerson, reference_key
from core.history.services import record


class CannotChange(Exception):
    """The case cannot be changed so; the message is a sentence for the person."""


def restrict_case(*, case: Case, people: list[User], why: str, by: Actor) -> Case:
    """Take a case out of everybody's sight but that of named people.

    `people` may see it from now on; whoever restricts it is always one of them, so that somebody can lift it again.
    Raises NotAllowed for anyone but the QA unit.
    """
    require(by, "restrict", case)
    named = {person.pk: person for person in people}
    if isinstance(by, User):
        named[by.pk] = by
    with transaction.atomic():
        moved = Case.objects.filter(pk=case.pk, restricted=False).update(restricted=True, version=F("version") + 1)
        added = [person for person in named.values() if _name(case, person, by)]
        if moved or added:
            values = {"named": [person.pk for person in added]}
            record(by=by, verb="restricted", record=case, to_state="restricted", why=why, values=values)
    case.refresh_from_db()
    return case


def lift_restriction(*, case: Case, why: str, by: Actor) -> Case:
    """Put a restricted case back into the sight of everybody whose role opens it.

    Who was named is forgotten. Raises NotAllowed for anyone but those of the QA unit who may see it.
    """
    require(by, "lift restriction", case)
    with transaction.atomic():
        moved = Case.objects.filter(pk=case.pk, restricted=True).update(restricted=False, version=F("version") + 1)
        if moved:
            NamedPerson.objects.filter(case=case).delete()
            record(by=by, verb="lifted restriction", record=case, from_state="restricted", why=why)
    case.refresh_from_db()
    return case


def name_person(*, case: Case, person: User, by: Actor) -> bool:
    """Let one more person see a restricted case. True when they could not before. Raises NotAllowed."""
    require(by, "name people", case)
    with transaction.atomic():
        new = _name(case, person, by)
        if new:
            record(by=by, verb="named", record=case, values={"person": person.pk})
    return new


def unname_person(*, case: Case, person: User, by: Actor) -> None:
    """Take sight of a restricted case away from a named person.

    Raises NotAllowed; CannotChange where nobody would be left who can see the case.
    """
    require(by, "name people", case)
    with transaction.atomic():
        if case.restricted and not NamedPerson.objects.filter(case=case).exclude(user=person).exists():
            raise CannotChange("Name somebody else first: a restricted case needs a person who can see it.")
        gone, _ = NamedPerson.objects.filter(case=case, user=person).delete()
        if gone:
            record(by=by, verb="no longer named", record=case, values={"person": person.pk})


def add_alias(*, case: Case, reference: str, system: str = "", by: Actor) -> CaseAlias:
    """Add another reference of the same case, from another case system.

    Raises NotAllowed; CannotChange where the reference already belongs to a case.
    """
    require(by, "add alias", case)
    key = reference_key(reference)
    if not key or len(reference) > 60 or len(key) > 60:
        raise CannotChange("Enter a reference of 60 characters or fewer.")
    with transaction.atomic():
        taken = Case.objects.filter(reference_key=key).exists() or CaseAlias.objects.filter(reference_key=key).exists()
        if taken:
            raise CannotChange("This reference already belongs to a case, so it cannot be added.")
        alias = CaseAlias.objects.create(case=case, reference=reference.strip(), system=system.strip())
        record(by=by, verb="added alias", record=case, values={"reference": alias.reference, "system": alias.system})
    return alias


def declare_connection(*, case: Case, by: User) -> Connection:
    """Note that somebody knows the child or family: they are never asked to audit or moderate the case.

    No details are asked for. Declared twice it stays the first. Raises NotAllowed.
    """
    require(by, "declare connection", case)
    with transaction.atomic():
        connection, new = Connection.objects.get_or_create(
            case=case, user=by, defaults={"declared_on": timezone.localdate()}
        )
        if new:
            record(by=by, verb="declared connection", record=case)
    return connection


def _name(case: Case, person: User, by: Actor) -> bool:
    _named, new = NamedPerson.objects.get_or_create(case=case, user=person, defaults={"named_by_id": by.pk})
    return new
