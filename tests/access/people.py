"""Who knocks at every door: one person for each role, and those who hold none today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.choices import Role
from accounts.models import OrgUnit, User
from tests.factories.accounts import UserFactory, give_role

NEAR, FAR = "near", "far"


@dataclass(frozen=True)
class Person:
    """Somebody who asks: `roles` are those in force today, `site` where the line roles are held.

    `user` is None for somebody who has not signed in; `signed_in` is whether a session of theirs still opens anything.
    """

    key: str
    words: str
    roles: frozenset[Role]
    site: str
    user: User | None
    signed_in: bool = True

    def holds(self, *roles: Role) -> bool:
        """Whether one of these roles is in force."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True)
class Structure:
    """Two services with one team each, under one directorate."""

    directorate: OrgUnit
    services: dict[str, OrgUnit]
    teams: dict[str, OrgUnit]

    def unit_for(self, role: Role, site: str) -> OrgUnit:
        """Where a role is usually held: practitioners in a team, heads at a service, the rest for the department."""
        if role in (Role.PRACTITIONER, Role.TEAM_MANAGER):
            return self.teams[site]
        if role in (Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE):
            return self.services[site]
        return self.directorate


def one_for_each_role(structure: Structure) -> list[Person]:
    """The fifteen roles, each held by one person, those of the line in the near team and service."""
    people = []
    for role in Role:
        user = UserFactory(name=f"Example {role.label}")
        give_role(user, role, structure.unit_for(role, NEAR))
        people.append(Person(role.name.lower(), role.label, frozenset({role}), NEAR, user))
    return people


def further_people(structure: Structure) -> list[Person]:
    """A manager elsewhere, a QA lead named on restricted cases, and those whose roles are not in force."""
    today = timezone.localdate()
    far_manager = UserFactory(name="Example Manager Elsewhere")
    give_role(far_manager, Role.TEAM_MANAGER, structure.teams[FAR])
    named = UserFactory(name="Example Named Lead")
    give_role(named, Role.QA_LEAD, structure.directorate)
    ended = UserFactory(name="Example Leaver")
    tomorrow = UserFactory(name="Example Joiner")
    for role in Role:
        unit = structure.unit_for(role, NEAR)
        give_role(ended, role, unit, ends_on=today - timedelta(days=1))
        give_role(tomorrow, role, unit, starts_on=today + timedelta(days=1))
    inactive = UserFactory(name="Example Deactivated Lead", is_active=False)
    give_role(inactive, Role.QA_LEAD, structure.directorate)
    none: frozenset[Role] = frozenset()
    return [
        Person("far_manager", "Team manager of another service", frozenset({Role.TEAM_MANAGER}), FAR, far_manager),
        Person("named", "QA lead named on the restricted cases", frozenset({Role.QA_LEAD}), NEAR, named),
        Person("ended", "Every role, ended yesterday", none, NEAR, ended),
        Person("tomorrow", "Every role, from tomorrow", none, NEAR, tomorrow),
        Person("inactive", "QA lead who was made inactive", none, NEAR, inactive, signed_in=False),
        Person("anonymous", "Somebody who has not signed in", none, NEAR, None, signed_in=False),
    ]
