"""Finding the services, teams and workers that a file names; noting those to be made."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from accounts.choices import UnitKind
from accounts.models import OrgUnit, User, name_key
from cases.choices import SERVICE_TO_BE_CONFIRMED
from cases.models import Worker

LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands. `refusal` is (column, value, reason) where the file's words lead nowhere."""

    service: uuid.UUID | None
    team: uuid.UUID | None
    refusal: tuple[str, str, str] | None = None


@dataclass
class Units:
    """The open services and teams by name, and those that `create` allows to be made.

    Nothing is saved here: `new` holds the units to be saved, parents first.
    """

    create: bool
    team_column: str
    new: list[OrgUnit] = field(default_factory=list)
    unplaced: int = 0

    def __post_init__(self) -> None:
        self._services: dict[str, list[OrgUnit]] = defaultdict(list)
        self._teams: dict[str, list[OrgUnit]] = defaultdict(list)
        self._found: dict[tuple[str, str], Place] = {}
        self._directorate: OrgUnit | None = None
        for unit in OrgUnit.objects.filter(closed_on=None).select_related("parent").order_by("opened_on", "id"):
            if unit.kind == UnitKind.DIRECTORATE and self._directorate is None:
                self._directorate = unit
            elif unit.kind == UnitKind.SERVICE:
                self._services[unit.name_key].append(unit)
            elif unit.kind == UnitKind.TEAM:
                self._teams[unit.name_key].append(unit)

    def place(self, service: str, team: str, present: tuple[uuid.UUID | None, uuid.UUID | None]) -> Place:
        """Where a row stands that names `service` and `team` ("" for none), for a case that stood at `present`.

        A blank says nothing: what is known stays. A case of which nothing is known stands under "Service to be
        confirmed" until a file or a person says more.
        """
        if not service and not team:
            return Place(*present) if present[0] else self._unplaced()
        found = self._found.get((service, team))
        if found is None:
            found = self._find(service, team)
            if found.refusal is None or found.refusal[0] != "":
                self._found[service, team] = found
        if found.refusal and found.refusal[0] == "":  # several teams of the name: the one where the case stood
            if present[1] in {unit.pk for unit in self._teams[name_key(team)]}:
                return Place(*present)
            return Place(None, None, (self.team_column, team, found.refusal[2]))
        if not team and found.service == present[0]:
            return Place(*present)
        return found

    def _unplaced(self) -> Place:
        self.unplaced += 1
        return Place(self._to_be_confirmed().pk, None)

    def _find(self, service: str, team: str) -> Place:
        for column, name in (("service", service), (self.team_column, team)):
            if max(len(name), len(name_key(name))) > LONGEST_NAME:
                reason = f"The name is longer than {LONGEST_NAME} characters. Shorten it in the file."
                return Place(None, None, (column, name, reason))
        parent = None
        if service:
            parent = next(iter(self._services[name_key(service)]), None)
            if parent is None and not self.create:
                return Place(None, None, ("service", service, _unknown("service", service)))
            parent = parent or self._add(UnitKind.SERVICE, service, self._root())
            if not team:
                return Place(parent.pk, None)
        same = [unit for unit in self._teams[name_key(team)] if parent is None or unit.parent_id == parent.pk]
        if parent is None and len(same) > 1:
            known = [unit for unit in same if unit.parent_id != self._to_be_confirmed_key()]
            same = known or same
        if len(same) > 1:
            return Place(
                None, None, ("", team, "Several teams have this name. Give them different names under People.")
            )
        if same:
            return Place(same[0].parent_id, same[0].pk)
        if not self.create:
            return Place(None, None, (self.team_column, team, _unknown("team", team, service)))
        made = self._add(UnitKind.TEAM, team, parent or self._to_be_confirmed())
        return Place(made.parent_id, made.pk)

    def _to_be_confirmed_key(self) -> uuid.UUID | None:
        return next((unit.pk for unit in self._services[name_key(SERVICE_TO_BE_CONFIRMED)]), None)

    def _to_be_confirmed(self) -> OrgUnit:
        standing = self._services[name_key(SERVICE_TO_BE_CONFIRMED)]
        return standing[0] if standing else self._add(UnitKind.SERVICE, SERVICE_TO_BE_CONFIRMED, self._root())

    def _root(self) -> OrgUnit:
        if self._directorate is None:
            self._directorate = self._add(UnitKind.DIRECTORATE, "Directorate", None)
        return self._directorate

    def _add(self, kind: str, name: str, parent: OrgUnit | None) -> OrgUnit:
        unit = OrgUnit(kind=kind, name=name, name_key=name_key(name), parent=parent)
        self.new.append(unit)
        if kind == UnitKind.SERVICE:
            self._services[unit.name_key].append(unit)
        elif kind == UnitKind.TEAM:
            self._teams[unit.name_key].append(unit)
        return unit


def _unknown(what: str, name: str, service: str = "") -> str:
    where = f" in the service “{service}”" if service else ""
    return (
        f"No open {what} is called “{name}”{where}. Correct the name, add the {what} under People, or let the import "
        "create services and teams (on the command line: --create-units)."
    )


@dataclass
class Workers:
    """The workers by name, and those to be made or newly linked to the one active user of that name.

    `ambiguous` gives, by name, how many active users have it: such a worker is not linked.
    """

    new: list[Worker] = field(default_factory=list)
    linked: list[Worker] = field(default_factory=list)
    ambiguous: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_key: dict[str, Worker] = {worker.name_key: worker for worker in Worker.objects.all()}
        self._seen: dict[str, uuid.UUID | None] = {"": None}
        self._users: dict[str, list[uuid.UUID]] = defaultdict(list)
        for key, name in User.objects.filter(is_active=True).values_list("pk", "name"):
            self._users[name_key(name)].append(key)

    def key_of(self, name: str) -> uuid.UUID | None:
        """The worker's key for a name as written; None for no name."""
        if name not in self._seen:
            self._seen[name] = self._find(name)
        return self._seen[name]

    def _find(self, name: str) -> uuid.UUID:
        name = name[:LONGEST_NAME]
        key = name_key(name)[:LONGEST_NAME]
        worker = self._by_key.get(key)
        users = self._users.get(key, [])
        if len(users) > 1 and (worker is None or worker.user_id is None):
            self.ambiguous[name] = len(users)
        if worker is None:
            worker = Worker(name=name, name_key=key, user_id=users[0] if len(users) == 1 else None)
            self._by_key[key] = worker
            self.new.append(worker)
        elif worker.user_id is None and len(users) == 1:
            worker.user_id = users[0]
            self.linked.append(worker)
        return worker.pk
