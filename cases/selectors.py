"""Cases as a person reads them. Takes rows that are already scoped; never asks who reads."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Prefetch, Q

from accounts.choices import UnitKind
from accounts.querysets import OrgUnitQuerySet
from cases.choices import DataFault
from cases.models import Case, Holding, reference_key
from cases.querysets import AliasQuerySet, CaseQuerySet, ExtractQuerySet, WorkerQuerySet
from cases.rules import is_stale

SORTS = {
    "reference": ("reference_key",),
    "opened": (F("opened_on").asc(nulls_last=True), "reference_key"),
    "-opened": (F("opened_on").desc(nulls_last=True), "reference_key"),
    "-reference": ("-reference_key",),
    "team": (F("team__name").asc(nulls_last=True), "reference_key"),
    "-team": (F("team__name").desc(nulls_last=True), "reference_key"),
    "plan": ("plan_type", "reference_key"),
    "-plan": ("-plan_type", "reference_key"),
}


def case_called(cases: CaseQuerySet, reference: str) -> Case | None:
    """The case of this reference, or of another one that it goes by; None where there is none among these.

    As people type it: case and spaces do not count.
    """
    key = reference_key(reference)
    return cases.filter(reference_key=key).first() or cases.filter(aliases__reference_key=key).first()


@dataclass(frozen=True)
class CaseLine:
    """One case in a list."""

    id: uuid.UUID
    reference: str
    subject: str
    plan: str
    is_cwd: bool
    service: str
    team: str
    worker: str
    opened_on: date | None
    closed_on: date | None
    restricted: bool


@dataclass(frozen=True)
class HoldingLine:
    """Who held a case, where and on which plan, from a day to a day (None: still)."""

    worker: str
    service: str
    team: str
    plan: str
    held_from: date
    held_to: date | None


@dataclass(frozen=True)
class Reference:
    """Another reference of a case and the case system it comes from."""

    reference: str
    system: str


@dataclass(frozen=True)
class CasePage:
    """A case with who held it and its other references."""

    line: CaseLine
    age_band: str
    legal_status: str
    holdings: list[HoldingLine]
    references: list[Reference]


@dataclass(frozen=True)
class UnitChoices:
    """Services and teams to choose from: (key, name), a team with its service's name."""

    services: list[tuple[str, str]]
    teams: list[tuple[str, str]]


def narrowed(
    cases: CaseQuerySet, *, on: date, service: uuid.UUID | None = None, team: uuid.UUID | None = None,
    plan_type: str = "", state: str = "open", sort: str = "",
) -> CaseQuerySet:  # fmt: skip
    """The cases of a service, team and plan type, open or closed on a day, in the order asked for.

    `state` is "open", "closed" or "all"; `service` and `team` are keys; `sort` is one of SORTS, by reference otherwise.
    """
    if service:
        cases = cases.filter(service=service)
    if team:
        cases = cases.filter(team=team)
    if plan_type:
        cases = cases.filter(plan_type=plan_type)
    if state == "open":
        cases = cases.open_on(on)
    elif state == "closed":
        cases = cases.filter(closed_on__lte=on)
    return cases.order_by(*SORTS.get(sort, SORTS["reference"]))


def with_holders(cases: CaseQuerySet) -> CaseQuerySet:
    """The same cases with what a line prints, in two queries however many there are."""
    current = Prefetch(
        "holdings", queryset=Holding.objects.current().select_related("worker"), to_attr="current_holdings"
    )
    return cases.select_related("service", "team").prefetch_related(current)


def case_line(case: Case) -> CaseLine:
    """One case as printed; from `with_holders` it costs no query."""
    held = getattr(case, "current_holdings", None)
    if held is None:
        held = list(case.holdings.current().select_related("worker"))
    worker = held[0].worker if held else None
    return CaseLine(
        id=case.pk,
        reference=case.reference,
        subject=case.get_subject_kind_display(),
        plan=case.get_plan_type_display() if case.plan_type else "",
        is_cwd=case.is_cwd,
        service=case.service.name,
        team=case.team.name if case.team else "",
        worker=worker.name if worker else "",
        opened_on=case.opened_on,
        closed_on=case.closed_on,
        restricted=case.restricted,
    )


def case_page(case: Case) -> CasePage:
    """A case with its holdings, the latest first."""
    holdings = case.holdings.select_related("worker", "service", "team").order_by("-held_from", "-held_to")
    return CasePage(
        line=case_line(case),
        age_band=case.get_age_band_display() if case.age_band else "",
        legal_status=case.legal_status,
        holdings=[
            HoldingLine(
                worker=holding.worker.name if holding.worker else "",
                service=holding.service.name,
                team=holding.team.name if holding.team else "",
                plan=holding.get_plan_type_display() if holding.plan_type else "",
                held_from=holding.held_from,
                held_to=holding.held_to,
            )
            for holding in holdings
        ],
        references=[Reference(alias.reference, alias.system) for alias in case.aliases.all()],
    )


def unit_choices(units: OrgUnitQuerySet) -> UnitChoices:
    """The open services and teams of `units`, by name."""
    rows = list(units.filter(closed_on=None).select_related("parent").order_by("name"))
    return UnitChoices(
        services=[(str(unit.pk), unit.name) for unit in rows if unit.kind == UnitKind.SERVICE],
        teams=[
            (str(unit.pk), f"{unit.name} ({unit.parent.name})" if unit.parent else unit.name)
            for unit in rows
            if unit.kind == UnitKind.TEAM
        ],
    )


@dataclass(frozen=True)
class FaultCount:
    """How many open cases lack something."""

    fault: str
    words: str
    cases: int


@dataclass(frozen=True)
class Freshness:
    """The newest extract of one layout: when it was drawn and how many days ago. Stale is a rule's word."""

    layout: str
    as_at: date
    days: int
    stale: bool


@dataclass(frozen=True)
class WorkerLine:
    """Somebody who holds open cases and is no user, with the number of their cases."""

    name: str
    cases: int


@dataclass(frozen=True)
class DataQuality:
    """What the records of open cases lack, how old the extracts are, and who of the files is no user."""

    open_cases: int
    faults: tuple[FaultCount, ...]
    extracts: tuple[Freshness, ...]
    stale: bool
    workers: tuple[WorkerLine, ...]
    other_references: int


MOST_WORKERS = 50


def data_quality(
    *, cases: CaseQuerySet, extracts: ExtractQuerySet, workers: WorkerQuerySet, aliases: AliasQuerySet, today: date
) -> DataQuality:
    """Count what is missing among the open ones of these cases. Five queries however many there are."""
    open_cases = cases.open_on(today)
    counts = open_cases.aggregate(
        everything=Count("pk"),
        **{
            fault: Count("pk", filter=Q(pk__in=open_cases.with_fault(fault).values("pk"))) for fault in DataFault.values
        },
    )
    newest: dict[str, date] = {}
    for layout, as_at in extracts.order_by("as_at").values_list("layout", "as_at"):
        newest[layout] = as_at
    fresh = tuple(
        Freshness(layout, as_at, (today - as_at).days, is_stale(as_at, today))
        for layout, as_at in sorted(newest.items())
    )
    unknown = (
        workers.filter(user=None, holdings__held_to=None, holdings__case__in=open_cases.values("pk"))
        .annotate(cases=Count("holdings"))
        .order_by("-cases", "name_key")[:MOST_WORKERS]
    )
    return DataQuality(
        open_cases=counts["everything"],
        faults=tuple(FaultCount(fault.value, str(fault.label), counts[fault.value]) for fault in DataFault),
        extracts=fresh,
        stale=is_stale(max(newest.values(), default=None), today),
        workers=tuple(WorkerLine(worker.name, worker.cases) for worker in unknown),
        other_references=aliases.count(),
    )
