"""The invented council's structure and people. The surnames say that nobody here is real."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.choices import Role, UnitKind
from accounts.models import Membership, OrgUnit, User
from accounts.services import open_unit
from cases.models import Worker

SERVICES: dict[str, tuple[str, ...]] = {
    "Family Help": ("Heron Team", "Kingfisher Team"),
    "Family Safeguarding": ("Otter Team", "Badger Team", "Hare Team"),
    "Children with Disabilities (Jigsaw)": ("Bluebell Team", "Foxglove Team"),
    "Pathways Through Care": ("Willow Team", "Alder Team"),
    "Young People's Service": ("Rowan Team",),
    "Fostering": ("Hazel Team",),
}
FIRST_NAMES = (
    "Ada", "Blake", "Casey", "Dale", "Eden", "Frankie", "Gale", "Harper", "Indigo", "Jules", "Kit", "Lane", "Marley",
    "Noor", "Ola", "Peyton", "Quinn", "Remy", "Sasha", "Tal", "Uma", "Vesper", "Wren", "Xanthe", "Yael", "Zuri",
)  # fmt: skip
SURNAMES = ("Sampleton", "Exampleby", "Demoworth", "Testingham", "Placeholder", "Specimen", "Mockridge", "Fictley")


@dataclass(frozen=True)
class Persona:
    """Somebody to sign in as: the role's own person in the demo council."""

    address: str
    name: str
    job_title: str
    role: str
    unit: str
    says: str


PERSONAS = (
    Persona("qa.lead", "Quinn Exampleby", "QA lead", Role.QA_LEAD, "", "plans, allocates, sees every audit"),
    Persona("qa.admin", "Ada Sampleton", "QA administrator", Role.QA_ADMIN, "", "imports files, watches the jobs"),
    Persona("auditor", "Avery Testingham", "QA officer", Role.AUDITOR, "", "fills in and submits audits"),
    Persona("moderator", "Morgan Specimen", "Senior QA officer", Role.MODERATOR, "", "agrees or changes grades"),
    Persona(
        "practitioner", "Parker Demoworth", "Social worker", Role.PRACTITIONER, "Otter Team",
        "reads the feedback on their own cases",
    ),
    Persona(
        "team.manager", "Taylor Fictley", "Team manager", Role.TEAM_MANAGER, "Otter Team",
        "reads the team's feedback, acts on alerts",
    ),
    Persona(
        "service.lead", "Sasha Mockridge", "Service lead", Role.SERVICE_LEAD, "Family Safeguarding",
        "reads the service's feedback",
    ),
    Persona(
        "head", "Harper Placeholder", "Head of service", Role.HEAD_OF_SERVICE, "Family Safeguarding",
        "reads the grade table and breakdown",
    ),
    Persona(
        "psw", "Robin Sampleton", "Principal Social Worker", Role.PRINCIPAL_SOCIAL_WORKER, "",
        "reads the panel's summary and good practice",
    ),
    Persona("panel", "Pat Exampleby", "Panel member", Role.PANEL_MEMBER, "", "reads the panel's summary"),
    Persona("partner", "Alex Testingham", "Partner agency", Role.PARTNER_AUDITOR, "", "multi-agency audits, later"),
    Persona("readonly", "Reese Specimen", "Lead member", Role.READ_ONLY, "", "reads figures only"),
    Persona(
        "governance", "Indigo Demoworth", "Information governance lead", Role.INFORMATION_GOVERNANCE, "",
        "sees no case content",
    ),
    Persona("duty", "Devon Fictley", "Duty senior manager", Role.DUTY_MANAGER, "", "sees unacknowledged alerts"),
    Persona(
        "sysadmin", "Sky Mockridge", "System administrator", Role.SYSTEM_ADMINISTRATOR, "",
        "looks after the jobs, sees no case content",
    ),
)  # fmt: skip
_SINCE = date(2020, 4, 1)


def address_of(persona: Persona) -> str:
    """The e-mail address that the persona signs in with."""
    return f"{persona.address}@exampleshire.example"


@dataclass
class Council:
    """What was made, for the next steps of the seeding."""

    services: list[OrgUnit]
    teams: list[OrgUnit]
    people: dict[str, User]
    auditors: list[User]
    moderators: list[User]
    workers: dict[Any, list[Worker]]


def make_people(*, rng: random.Random, by: Any) -> Council:
    """The structure, one persona a role, eight auditors, three moderators, and six workers a team."""
    directorate = open_unit(kind=UnitKind.DIRECTORATE, name="Children and Families", parent=None, by=by)
    services, teams = [], []
    for service_name, team_names in SERVICES.items():
        service = open_unit(kind=UnitKind.SERVICE, name=service_name, parent=directorate, by=by)
        services.append(service)
        teams += [open_unit(kind=UnitKind.TEAM, name=name, parent=service, by=by) for name in team_names]
    units = {unit.name: unit for unit in [*services, *teams]} | {"": directorate}
    password = make_password(settings.DEMO_PASSWORD)

    def person(address: str, name: str, job_title: str, role: str, unit: OrgUnit) -> User:
        user = User.objects.create(
            email=f"{address}@exampleshire.example", name=name, job_title=job_title, password=password
        )
        Membership.objects.create(user=user, role=role, unit=unit, starts_on=_SINCE)
        return user

    people = {
        persona.address: person(persona.address, persona.name, persona.job_title, persona.role, units[persona.unit])
        for persona in PERSONAS
    }
    auditors = [people["auditor"]]
    moderators = [people["moderator"]]
    for number in range(2, 9):
        name = f"{FIRST_NAMES[number]} {SURNAMES[number % len(SURNAMES)]}"
        auditors.append(person(f"auditor{number}", name, "QA officer", Role.AUDITOR, directorate))
    for number in range(2, 4):
        name = f"{FIRST_NAMES[-number]} {SURNAMES[-number]}"
        moderators.append(person(f"moderator{number}", name, "Senior QA officer", Role.MODERATOR, directorate))
    for service in services:
        if service.name != "Family Safeguarding":
            slug = "".join(character for character in service.name.lower() if character.isalpha())[:14]
            first = rng.choice(FIRST_NAMES)
            person(f"head.{slug}", f"{first} Headley-Example", "Head of service", Role.HEAD_OF_SERVICE, service)
    for team in teams:
        if team.name != "Otter Team":
            slug = team.name.split()[0].lower()
            first = rng.choice(FIRST_NAMES)
            person(f"manager.{slug}", f"{first} Manager-Example", "Team manager", Role.TEAM_MANAGER, team)
    return Council(services, teams, people, auditors, moderators, _workers(rng, teams, people, password))


def _workers(
    rng: random.Random, teams: list[OrgUnit], people: dict[str, User], password: str
) -> dict[Any, list[Worker]]:
    names = [f"{first} {surname}" for first in FIRST_NAMES for surname in SURNAMES]
    taken = set(User.objects.values_list("name", flat=True))
    names = [name for name in names if name not in taken]
    rng.shuffle(names)
    workers: dict[Any, list[Worker]] = {}
    for team in teams:
        workers[team.pk] = []
        for place in range(6):
            user = None
            if team.name == "Otter Team" and place == 0:
                user = people["practitioner"]
            elif place < 2:
                slug = f"{team.name.split()[0].lower()}.worker{place + 1}"
                user = User.objects.create(
                    email=f"{slug}@exampleshire.example", name=names.pop(), job_title="Social worker", password=password
                )
                Membership.objects.create(user=user, role=Role.PRACTITIONER, unit=team, starts_on=_SINCE)
            worker = Worker(name=user.name if user else names.pop(), user=user)
            worker.save()
            workers[team.pk].append(worker)
    return workers
