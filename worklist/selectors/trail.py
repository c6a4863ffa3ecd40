"""Who looked at what, as people read it.

Takes rows that are already scoped, and the cases whose references this reader may know.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.choices import Role
from accounts.models import Membership, OrgUnit, RecordGrant
from accounts.querysets import RecordGrantQuerySet
from audits.models import Audit, Moderation, SafeguardingAlert, Transition
from audits.querysets import AuditQuerySet
from cases.models import Case, Connection, Holding, NamedPerson
from cases.querysets import CaseQuerySet
from core.history.models import AccessEvent, AccessLine
from core.history.querysets import AccessEventQuerySet
from worklist import rules
from worklist.choices import Outside

PAGE_SIZE = 50
CASE, AUDIT = "cases.case", "audits.audit"
# How many records a line of the log names before it says how many more there are.
NAMED = 5
# Pages about the trail itself: whoever reads those looks at who looked, not at the child.
OVERSIGHT = "worklist:trail_"

_PAGES = {
    "cases:list": "List of cases",
    "cases:detail": "Case",
    "audits:list": "List of audits",
    "audits:detail": "Audit",
    "audits:section": "Section of an audit",
    "audits:overall": "Overall judgement",
    "audits:moderate": "Moderation",
    "audits:moderation_queue": "Moderation queue",
    "audits:alert": "Safeguarding alert",
    "audits:alerts": "List of safeguarding alerts",
    "audits:allocate": "Giving an audit to an auditor",
    "audits:reassign": "Giving an audit to somebody else",
    "audits:move_due": "Changing when an audit is due",
    "audits:change_many": "Change of many audits",
    "audits:dispute": "Dispute of a grade",
    "audits:grade_record": "What moderation made of an audit",
    "audits:respond": "Response to an audit",
    "actions:list": "List of actions",
    "actions:detail": "Action",
    "actions:change_many": "Change of many actions",
    "worklist:home": "My work",
    "jobs:import": "Imported file",
    "jobs:import_faults": "Faults of an imported file",
    "worklist:search": "Search",
    "worklist:trail_log": "Access log",
    "worklist:trail_csv": "Access log as a file",
    "worklist:trail_case": "Who looked at a case",
    "worklist:trail_own": "Who read audits of one's own work",
    "worklist:trail_outside": "Views outside caseload",
    "worklist:trail_glass": "Break-glass",
    "worklist:trail_glass_open": "Opening by break-glass",
}


@cache
def page_words(page: str) -> str:
    """What a page is called: "audits:raise_alert" gives "Audits: raise alert" where it has no better name."""
    app, _, name = page.partition(":")
    return _PAGES.get(page) or f"{app.replace('_', ' ').capitalize()}: {name.replace('_', ' ').replace('-', ' ')}"


@cache
def _role_words(codes: str) -> str:
    names = dict(Role.choices)
    return ", ".join(names.get(code, code) for code in codes.split(",") if code)


@dataclass(frozen=True)
class SeenRecord:
    """A record that a line of the log names. `case_id` leads to who else looked at the case; None for no case."""

    words: str
    case_id: uuid.UUID | None = None


@dataclass(frozen=True)
class LogLine:
    """One response: when, who with which roles, what kind of look, on which page, at what."""

    id: int
    at: datetime
    who: str
    roles: str
    purpose: str
    purpose_words: str
    page: str
    records: tuple[SeenRecord, ...]
    more: int
    address: str


@dataclass(frozen=True)
class LogPage:
    """Fifty lines, newest first. `older` is what to ask for to see those before; `shown` the cases named on it."""

    lines: tuple[LogLine, ...]
    older: int | None
    shown: frozenset[uuid.UUID]


def reference_of(case: Case) -> str:
    """What stands for a restricted case where its reference may not: the same words each time."""
    return f"Restricted case {str(case.pk)[:8]}" if case.restricted else case.reference


def narrowed(
    events: AccessEventQuerySet, *, person: uuid.UUID | None = None, first: date | None = None,
    last: date | None = None, purpose: str = "",
) -> AccessEventQuerySet:  # fmt: skip
    """The events of a person, of the days from `first` to `last` (both count, in London), for one purpose.

    Days become numbers of the chain, which run as time runs: a page of the log is then read in the order of one index.
    """
    if person:
        events = events.filter(actor=person)
    if purpose:
        events = events.filter(purpose=purpose)
    if first:
        start = _first_since(first)
        events = events.filter(sequence__gte=start) if start else events.none()
    if last:
        end = _first_since(last + timedelta(days=1))
        events = events.filter(sequence__lt=end) if end else events
    return events


def _first_since(day: date) -> int | None:
    """The number of the first event of that day or a later one."""
    midnight = datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())
    return AccessEvent.objects.filter(at__gte=midnight).order_by("at").values_list("sequence", flat=True).first()


def log_page(events: AccessEventQuerySet, readable: CaseQuerySet, *, before: int | None = None) -> LogPage:
    """A page of the log, newest first, beginning behind the event `before`.

    `readable` are the cases whose references this reader may see. Counts nothing, so that it costs the same at any
    length of the log.
    """
    if before:
        events = events.filter(sequence__lt=before)
    return _page(_read(events.order_by("-sequence")[: PAGE_SIZE + 1]), readable)


def case_page(events: AccessEventQuerySet, case: Case, readable: CaseQuerySet, *, before: int | None = None) -> LogPage:
    """Who looked at a case or at its audits, newest first, beginning behind the event `before`."""
    audits = list(Audit.objects.filter(case=case).values_list("pk", flat=True))
    return _page(_events_of(events, [(CASE, [case.pk]), (AUDIT, audits)], before), readable)


def audits_page(
    events: AccessEventQuerySet, audits: AuditQuerySet, readable: CaseQuerySet, *, before: int | None = None
) -> LogPage:
    """Who opened any of these audits, newest first, beginning behind the event `before`."""
    return _page(_events_of(events, [(AUDIT, list(audits.values_list("pk", flat=True)))], before), readable)


def _events_of(
    events: AccessEventQuerySet, records: list[tuple[str, list[uuid.UUID]]], before: int | None
) -> list[_Look]:
    """The newest events with a line for one of the records.

    Each record's lines lie in the index in the order in which they were written, so that only as many are read as
    are shown; a join would have the database sort or search the whole log.
    """
    keys: set[int] = set()
    behind = {}
    if before:
        start = events.filter(sequence=before).values_list("pk", flat=True).first()
        behind = {"event__lt": start} if start else {}
    for kind, objects in records:
        for key in objects:
            lines = AccessLine.objects.filter(kind=kind, object_id=key, **behind).order_by("-event")
            keys.update(lines.values_list("event", flat=True)[: PAGE_SIZE + 1])
    newest = sorted(keys, reverse=True)[: PAGE_SIZE + 1]
    return _read(events.filter(pk__in=newest).order_by("-sequence"))


class _Look(NamedTuple):
    """What a line prints of an event, without the event itself: a file has a hundred thousand of them."""

    pk: int
    sequence: int
    at: datetime
    actor: str | None
    roles: str
    purpose: str
    page: str
    address: str | None


_COLUMNS = ("pk", "sequence", "at", "actor__name", "roles", "purpose", "page", "address")
_PURPOSES = dict(AccessEvent.Purpose.choices)


def _read(events: AccessEventQuerySet) -> list[_Look]:
    return [_Look(*values) for values in events.values_list(*_COLUMNS)]


def _page(found: list[_Look], readable: CaseQuerySet) -> LogPage:
    older = found[PAGE_SIZE - 1].sequence if len(found) > PAGE_SIZE else None
    lines = tuple(_log_lines(found[:PAGE_SIZE], readable))
    shown = frozenset(record.case_id for line in lines for record in line.records if record.case_id)
    return LogPage(lines, older, shown)


def cases_in(events: AccessEventQuerySet) -> set[uuid.UUID]:
    """The cases that these events name."""
    lines = AccessLine.objects.filter(kind=CASE, event__in=events.order_by().values("pk"))
    return set(lines.order_by().values_list("object_id", flat=True).distinct())


def log_lines(
    events: AccessEventQuerySet, readable: CaseQuerySet, *, at_once: int = 2000
) -> Iterator[tuple[LogLine, ...]]:
    """Every line of the log, newest first, in pieces so that a file of any length needs little memory."""
    rows = events.order_by("-sequence").values_list(*_COLUMNS).iterator(chunk_size=at_once)
    while piece := [_Look(*values) for values in islice(rows, at_once)]:
        yield tuple(_log_lines(piece, readable))


def _log_lines(events: list[_Look], readable: CaseQuerySet) -> Iterator[LogLine]:
    numbered = AccessLine.objects.filter(event__in=[event.pk for event in events]).annotate(
        place=Window(RowNumber(), partition_by=F("event"), order_by=[F("kind").desc(), F("pk")]),
        number=Window(Count("pk"), partition_by=F("event")),
    )
    first = list(numbered.filter(place__lte=NAMED).values_list("event", "number", "kind", "object_id"))
    words = _words_for({(kind, key) for _, _, kind, key in first}, readable)
    records: dict[int, list[SeenRecord]] = defaultdict(list)
    counts = {}
    for event_id, number, kind, key in first:
        counts[event_id] = number
        records[event_id].append(words(kind, key))
    for event in events:
        named = records[event.pk]
        yield LogLine(
            id=event.sequence,
            at=event.at,
            who=event.actor or "System",
            roles=_role_words(event.roles),
            purpose=event.purpose,
            purpose_words=str(_PURPOSES[event.purpose]),
            page=page_words(event.page),
            records=tuple(named),
            more=counts.get(event.pk, 0) - len(named),
            address=event.address or "",
        )


def _words_for(records: set[tuple[str, uuid.UUID]], readable: CaseQuerySet) -> Callable[[str, uuid.UUID], SeenRecord]:
    """How each record is called: a case by its reference, where the reader may know it."""
    audits = {
        audit.pk: audit
        for audit in Audit.objects.filter(pk__in=[key for kind, key in records if kind == AUDIT]).only(
            "reference", "case", "case_reference"
        )
    }
    wanted = {key for kind, key in records if kind == CASE}
    wanted |= {audit.case_id for audit in audits.values() if audit.case_id}
    cases = {case.pk: case for case in Case.objects.filter(pk__in=wanted).only("reference", "restricted")}
    open_ones = set(readable.filter(pk__in=wanted).values_list("pk", flat=True))

    def of_case(case: Case) -> SeenRecord:
        if case.pk in open_ones:
            return SeenRecord(case.reference, case.pk)
        return SeenRecord(f"Restricted case {str(case.pk)[:8]}" if case.restricted else "A case", None)

    @cache
    def words(kind: str, key: uuid.UUID) -> SeenRecord:
        if kind == CASE and key in cases:
            return of_case(cases[key])
        if kind == AUDIT and key in audits:
            audit = audits[key]
            if audit.case_id is None:
                return SeenRecord(f"Audit {audit.reference}")
            case = of_case(cases[audit.case_id])
            if case.case_id is None:
                return SeenRecord("An audit of a restricted case")
            return SeenRecord(f"Audit {audit.reference}", case.case_id)
        if kind in (CASE, AUDIT):
            return SeenRecord("An address that leads nowhere")
        return SeenRecord({"jobs.fileimport": "Imported file"}.get(kind, kind.partition(".")[2].capitalize()))

    return words


# Views outside caseload


@dataclass(frozen=True)
class OutsideLine:
    """One look at one case by somebody whose work did not tie them to it that day."""

    at: datetime
    who: str
    roles: str
    reason: str
    reason_words: str
    case: SeenRecord
    page: str
    why: str


@dataclass(frozen=True)
class OutsideReport:
    """The looks outside caseload of a period, newest first; `looks` is how many were judged, `people` by how many."""

    lines: tuple[OutsideLine, ...]
    looks: int
    counts: dict[str, int]
    nowhere: int
    shown: frozenset[uuid.UUID]


def outside_report(events: AccessEventQuerySet, readable: CaseQuerySet) -> OutsideReport:
    """Judge every look at ONE case among these events: a page that shows one case, or a refusal of one.

    Lists are left out: whoever opens a list has not opened a record. The log holds them.
    """
    lines: list[OutsideLine] = []
    looks, nowhere = 0, 0
    shown: set[uuid.UUID] = set()
    for piece in _pieces(events.exclude(page__startswith=OVERSIGHT).select_related("actor").order_by("-sequence")):
        seen, lost = _looks(piece)
        nowhere += lost
        looks += len(seen)
        facts = _facts({case for _, case in seen})
        roles = _roles({event.actor_id for event, _ in seen})
        words = _words_for({(CASE, case) for _, case in seen}, readable)
        for event, case in seen:
            look = rules.Look(
                event.actor_id, event.at, timezone.localdate(event.at), event.purpose == AccessEvent.Purpose.REFUSED
            )
            reason = rules.outside(look, facts[case].facts, roles.get(event.actor_id, ()))
            if reason is None:
                continue
            record = words(CASE, case)
            if record.case_id:
                shown.add(record.case_id)
            lines.append(
                OutsideLine(
                    at=event.at,
                    who=event.actor.name if event.actor else "System",
                    roles=_role_words(event.roles),
                    reason=reason.value,
                    reason_words=reason.label,
                    case=record,
                    page=page_words(event.page),
                    why=facts[case].why.get(event.actor_id, "") if reason == Outside.BREAK_GLASS else "",
                )
            )
    return OutsideReport(tuple(lines), looks, dict(Counter(line.reason for line in lines)), nowhere, frozenset(shown))


def _pieces(events: AccessEventQuerySet, size: int = 2000) -> Iterator[list[AccessEvent]]:
    rows = events.iterator(chunk_size=size)
    while piece := list(islice(rows, size)):
        yield piece


def _looks(events: list[AccessEvent]) -> tuple[list[tuple[AccessEvent, uuid.UUID]], int]:
    """Each event that is about one case, with the case; and how many refusals named nothing that exists."""
    lines: dict[int, set[tuple[str, uuid.UUID]]] = defaultdict(set)
    kept = AccessLine.objects.filter(event__in=[event.pk for event in events], kind__in=(CASE, AUDIT))
    few = kept.order_by().values("event").annotate(number=Count("pk")).filter(number__lte=2).values("event")
    for number, kind, key in kept.filter(event__in=few).values_list("event", "kind", "object_id"):
        lines[number].add((kind, key))
    keys = {key for named in lines.values() for _, key in named}
    of_audit = dict(Audit.objects.filter(pk__in=keys, case__isnull=False).values_list("pk", "case"))
    known = set(Case.objects.filter(pk__in=keys).values_list("pk", flat=True))
    looks, nowhere = [], 0
    for event in events:
        named = lines.get(event.pk, set())
        cases = {of_audit[key] if kind == AUDIT and key in of_audit else key for kind, key in named}
        real = {case for case in cases if case in known or case in of_audit.values()}
        if len(real) == 1 and event.actor_id is not None:
            looks.append((event, next(iter(real))))
        elif named and not real and event.purpose == AccessEvent.Purpose.REFUSED:
            nowhere += 1
    return looks, nowhere


@dataclass(frozen=True)
class _Known:
    """What ties people to a case, and the reasons that were given for breaking the glass."""

    facts: rules.CaseFacts
    why: dict[Any, str]


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[tuple[Any, ...]]]:
    found: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *rest in rows:
        found[key].append(tuple(rest))
    return found


def _facts(cases: set[uuid.UUID]) -> dict[uuid.UUID, _Known]:
    """What ties people to each of these cases, in a fixed number of queries."""
    holdings = _grouped(
        Holding.objects.filter(case__in=cases).values_list(
            "case", "worker__user", "held_from", "held_to", "team", "service"
        )
    )
    units = _grouped(Case.objects.filter(pk__in=cases).values_list("pk", "team", "service"))
    audits = _grouped(
        Audit.objects.filter(case__in=cases).values_list("case", "pk", "created_at", "auditor", "allocated_at")
    )
    parts = _grouped(
        Transition.objects.filter(audit__case__in=cases, by__isnull=False).values_list("audit", "by", "at")
    )
    moderations = _grouped(
        Moderation.objects.filter(audit__case__in=cases).values_list(
            "audit", "created_at", "decided_at", "moderator", "opened_at"
        )
    )
    named = _grouped(NamedPerson.objects.filter(case__in=cases).values_list("case", "user"))
    connected = _grouped(Connection.objects.filter(case__in=cases).values_list("case", "user", "declared_on"))
    alerts = _grouped(
        SafeguardingAlert.objects.filter(audit__case__in=cases).values_list(
            "audit__case", "raised_at", "acknowledged_at"
        )
    )
    glass = _grouped(
        RecordGrant.objects.filter(kind=CASE, object_id__in=cases, granted_by=F("user")).values_list(
            "object_id", "user", "granted_at", "until", "why"
        )
    )
    known = {}
    for case in cases:
        ties = tuple(
            rules.AuditTie(
                created_at=created,
                auditor=auditor,
                allocated_at=allocated,
                part=(
                    *((who, at) for who, at in parts[pk]),
                    *((who, opened) for _, _, who, opened in moderations[pk] if who and opened),
                ),
                waiting=tuple((start, end) for start, end, _, _ in moderations[pk]),
            )
            for pk, created, auditor, allocated in audits[case]
        )
        facts = rules.CaseFacts(
            holdings=tuple(
                rules.Span(start, end, person=who, units=frozenset(filter(None, (team, service))))
                for who, start, end, team, service in holdings[case]
            ),
            units=frozenset(unit for pair in units[case] for unit in pair if unit),
            audits=ties,
            named=frozenset(who for (who,) in named[case]),
            connected=tuple((who, on) for who, on in connected[case]),
            alert_spans=tuple((start, end) for start, end in alerts[case]),
            glass=tuple((who, start, end) for who, start, end, _ in glass[case]),
        )
        known[case] = _Known(facts, {who: why for who, _, _, why in glass[case]})
    return known


def _roles(people: set[Any]) -> dict[Any, tuple[rules.Span, ...]]:
    """The memberships of these people, each with its unit and all below it."""
    below: dict[Any, set[Any]] = defaultdict(set)
    parents = dict(OrgUnit.objects.values_list("pk", "parent"))
    for unit in parents:
        above: uuid.UUID | None = unit
        while above is not None:
            below[above].add(unit)
            above = parents.get(above)
    found: dict[Any, list[rules.Span]] = defaultdict(list)
    rows = Membership.objects.filter(user__in=people).values_list("user", "role", "unit", "starts_on", "ends_on")
    for who, role, unit, start, end in rows:
        found[who].append(rules.Span(start, end, person=who, role=role, units=frozenset(below[unit])))
    return {who: tuple(spans) for who, spans in found.items()}


# Break-glass


@dataclass(frozen=True)
class GlassLine:
    """One opening by break-glass."""

    at: datetime
    until: datetime
    who: str
    why: str
    case: SeenRecord
    open_now: bool


@dataclass(frozen=True)
class OpenGlass:
    """How many cases a person has open by break-glass, and when the last of them closes."""

    number: int
    until: datetime


def glass_lines(grants: Iterable[RecordGrant], readable: CaseQuerySet, *, now: datetime) -> list[GlassLine]:
    """Openings in words; `grants` are those of cases, with their users."""
    rows = list(grants)
    words = _words_for({(CASE, grant.object_id) for grant in rows}, readable)
    return [
        GlassLine(
            grant.granted_at, grant.until, grant.user.name, grant.why, words(CASE, grant.object_id), grant.until > now
        )
        for grant in rows
    ]


def open_glass(user: Any, *, now: datetime) -> OpenGlass | None:
    """What this person has open by break-glass; None for nothing."""
    ends = list(
        RecordGrant.objects.active(now)
        .filter(user=user.pk, kind=CASE, granted_by=user.pk)
        .values_list("until", flat=True)
    )
    return OpenGlass(len(ends), max(ends)) if ends else None


def glass_of(grants: RecordGrantQuerySet) -> RecordGrantQuerySet:
    """Those of these grants that are openings of cases by break-glass, newest first: what people gave themselves."""
    return grants.filter(kind=CASE, granted_by=F("user")).select_related("user").order_by("-granted_at", "pk")
