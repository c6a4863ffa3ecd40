"""What the pages of people and structure show: frozen lines, made from rows that were scoped before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.choices import GrantStatus, Role, UnitKind
from accounts.models import GrantRequest, KeptForm, Membership, OrgUnit, User
from accounts.querysets import current
from core.history.models import Event
from core.page_parts import TimelineEntry

SORTS = {"name": ("name", "id"), "-name": ("-name", "-id"), "email": ("email", "id"), "-email": ("-email", "-id")}


@dataclass(frozen=True)
class RoleLine:
    """A role that somebody holds, held or will hold."""

    id: UUID
    role: str
    unit: str
    starts_on: date
    ends_on: date | None
    state: str


@dataclass(frozen=True)
class PersonLine:
    """A person in a list: who they are and the roles in force."""

    id: UUID
    name: str
    email: str
    job_title: str
    roles: tuple[str, ...]
    is_active: bool
    left_on: date | None
    last_login: datetime | None


@dataclass(frozen=True)
class UnitLine:
    """A unit of the tree with what stands below it."""

    id: UUID
    name: str
    kind: str
    opened_on: date
    closed_on: date | None
    successor: str
    former: tuple[tuple[str, date], ...]
    people: int
    below: tuple[UnitLine, ...]


def narrowed_people(
    people: QuerySet[User], *, on: date, role: str = "", unit: OrgUnit | None = None, state: str = "", sort: str = ""
) -> QuerySet[User]:
    """The people that a filter leaves: by a role in force, at a unit or below it, working here or left."""
    if role or unit:
        held = Membership.objects.filter(current(on), user=OuterRef("pk"))
        if role:
            held = held.filter(role=role)
        if unit:
            held = held.filter(unit__in=OrgUnit.objects.under([unit]).values("pk"))
        people = people.filter(Exists(held))
    if state == "left":
        people = people.filter(is_active=False)
    elif state != "all":
        people = people.filter(is_active=True)
    return people.order_by(*SORTS.get(sort, SORTS["name"]))


def people_called(people: QuerySet[User], words: str) -> QuerySet[User]:
    """The people whose name or e-mail address has these words in it, however written."""
    found = people
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return found.order_by("name", "id")


def person_lines(people: Iterable[User], on: date) -> list[PersonLine]:
    """A line for each person, with their roles in force, in the order given."""
    people = list(people)
    roles: dict[Any, list[str]] = defaultdict(list)
    held = Membership.objects.filter(current(on), user__in=[person.pk for person in people]).select_related("unit")
    for membership in held.order_by("role", "unit__name"):
        roles[membership.user_id].append(f"{membership.get_role_display()}, {membership.unit.name}")
    return [
        PersonLine(
            person.pk, person.name, person.email, person.job_title, tuple(roles[person.pk]), person.is_active,
            person.left_on, person.last_login,
        )
        for person in people
    ]  # fmt: skip


def role_lines(memberships: QuerySet[Membership], on: date) -> list[RoleLine]:
    """A line for each role, those in force first, then those to come, then those that ended."""
    order = {"In force": 0, "To come": 1, "Ended": 2}

    def state(membership: Membership) -> str:
        if membership.starts_on > on:
            return "To come"
        return "Ended" if membership.ends_on is not None and membership.ends_on < on else "In force"

    lines = [
        RoleLine(
            membership.pk, membership.get_role_display(), membership.unit.name, membership.starts_on,
            membership.ends_on, state(membership),
        )
        for membership in memberships.select_related("unit").order_by("-starts_on", "role", "pk")
    ]  # fmt: skip
    return sorted(lines, key=lambda line: order[line.state])


def unit_tree(units: QuerySet[OrgUnit], on: date, *, closed: bool) -> list[UnitLine]:
    """The directorates with what stands below each, by name; closed units only where asked for."""
    shown = units.select_related("succeeded_by").prefetch_related("former_names").order_by("name", "id")
    if not closed:
        shown = shown.filter(Q(closed_on=None) | Q(closed_on__gte=on))
    rows = list(shown)
    people: dict[Any, set[Any]] = defaultdict(set)
    for place, user in Membership.objects.active(on).values_list("unit", "user"):
        people[place].add(user)
    below: dict[Any, list[OrgUnit]] = defaultdict(list)
    for unit in rows:
        below[unit.parent_id].append(unit)

    def line(unit: OrgUnit) -> UnitLine:
        return UnitLine(
            unit.pk, unit.name, unit.get_kind_display(), unit.opened_on, unit.closed_on,
            unit.succeeded_by.name if unit.succeeded_by else "",
            tuple((each.name, each.until) for each in unit.former_names.all()), len(people[unit.pk]),
            tuple(line(child) for child in below[unit.pk]),
        )  # fmt: skip

    return [line(unit) for unit in below[None]]


def possible_parents(units: QuerySet[OrgUnit]) -> QuerySet[OrgUnit]:
    """The open units in which another may stand."""
    return units.filter(kind__in=[UnitKind.DIRECTORATE, UnitKind.SERVICE], closed_on=None).order_by("kind", "name")


def possible_successors(units: QuerySet[OrgUnit], unit: OrgUnit) -> QuerySet[OrgUnit]:
    """The open units that could take over from `unit`."""
    return units.filter(kind=unit.kind, closed_on=None).exclude(pk=unit.pk).order_by("name")


def has_second_factor(person: User) -> bool:
    """Whether an app or a key is set up."""
    return Authenticator.objects.filter(user=person).exists()


def provider_subject(person: User) -> str:
    """The subject by which the council's identity provider knows somebody; "" where they are not linked."""
    return SocialAccount.objects.filter(user=person).values_list("uid", flat=True).first() or ""


_SENTENCES = {
    "accounts.user": {
        "added": "Added",
        "edited": "Details changed",
        "left": "Marked as having left",
        "returned": "Works here again",
        "invited": "Invitation sent",
        "second factor taken away": "Second factor taken away",
        "second factor changed": "Changed their second factor",
        "password changed": "Changed their password",
        "linked to provider": "Linked to the identity provider",
        "unlinked from provider": "Link to the identity provider taken away",
    },
    "accounts.membership": {"granted": "Role given", "ended": "Role ended", "withdrawn": "Role taken back"},
    "accounts.grantrequest": {
        "asked for": "Role asked for",
        "approved": "Role approved by a second person",
        "declined": "Role declined",
        "withdrawn": "Request for a role taken back",
    },
}


def person_history(person: User) -> list[TimelineEntry]:
    """What happened to a person and to their roles, the latest first."""
    keys: dict[str, list[Any]] = {
        "accounts.user": [person.pk],
        "accounts.membership": list(person.memberships.values_list("pk", flat=True)),
        "accounts.grantrequest": list(person.grant_requests.values_list("pk", flat=True)),
    }
    wanted = Q(pk__in=[])
    for kind, found in keys.items():
        wanted |= Q(kind=kind, object_id__in=found)
    # A role that was taken back before it began has no row of its own any more; its events name the person.
    wanted |= Q(kind="accounts.membership", content__values__user=str(person.pk))
    events = Event.objects.filter(wanted).select_related("actor", "content").order_by("-sequence")[:200]
    roles = {str(each.pk): each for each in person.memberships.select_related("unit")}
    units = {str(pk): name for pk, name in OrgUnit.objects.values_list("pk", "name")}
    return [_entry(event, roles, units) for event in events]


def _entry(event: Event, roles: dict[str, Membership], units: dict[str, str]) -> TimelineEntry:
    title = _SENTENCES.get(event.kind, {}).get(event.verb, event.verb.capitalize())
    content = getattr(event, "content", None)
    values = content.values if content else {}
    about = ""
    membership = roles.get(str(event.object_id))
    if membership is not None:
        about = f"{membership.get_role_display()}, {membership.unit.name}"
    elif values.get("role") in Role.values:
        about = f"{Role(values['role']).label}, {units.get(str(values.get('unit')), 'a unit')}"
    elif event.verb == "edited":
        about = ", ".join({"job_title": "job title"}.get(name, name) for name in event.fields)
    return TimelineEntry(
        title=f"{title}: {about}" if about else title,
        at=event.at,
        by=event.actor.name if event.actor else "The system",
        text=content.why if content else "",
    )


def pending_grants(requests: QuerySet[GrantRequest]) -> QuerySet[GrantRequest]:
    """The strong roles that wait for a second person, the oldest first."""
    return requests.filter(status=GrantStatus.PENDING).select_related("user", "unit", "asked_by").order_by("asked_at")


@dataclass(frozen=True)
class Written:
    """One text of a form that was kept, under the name that its field has there ("Reason")."""

    label: str
    text: str


def written_in(kept: KeptForm) -> tuple[Written, ...]:
    """The texts that somebody typed into the form; choices are sent along, but mean nothing without their page."""
    return tuple(
        Written(re.sub(r"[-_]+", " ", name).strip().capitalize(), value)
        for name, value in kept.fields
        if " " in value.strip()
    )
