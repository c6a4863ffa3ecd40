"""The rollup rows behind every grade table: moved with each audit, rebuilt from the audits when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from audits.choices import (
    GRADE_GIVEN,
    AuditPurpose,
    AuditStatus,
    ExcludedReason,
    SectionState,
    TallyCut,
    TallyStage,
)
from audits.models import Audit, AuditSection, GradeTally, SchemeGrade

_ROWS_A_STATEMENT = 2000  # seven values a row: below the 32,766 of SQLite and the 65,535 of PostgreSQL

STAGES = {
    AuditStatus.SUBMITTED: TallyStage.PROVISIONAL,
    AuditStatus.SETTLED: TallyStage.SETTLED,
    AuditStatus.FEEDBACK_ISSUED: TallyStage.ISSUED,
    AuditStatus.RESPONDED: TallyStage.ISSUED,
    AuditStatus.CLOSED: TallyStage.ISSUED,
    AuditStatus.VOID: TallyStage.SETTLED,
}


class Cell(NamedTuple):
    """One rollup row without its count: the unit that it is kept under, the first of the month, and what is counted."""

    unit: UUID
    month: date
    cut: str
    key: str
    stage: str
    grade: str


def contribution(*, audit: Audit) -> Counter[Cell]:
    """What one audit adds to the rollup as it stands now: cell to count, empty before its first submission.

    A counted audit stands under its service (total, team, plan type, audit type, each graded section)
    and under its team (the same without the team). One that is void, shadow, calibration, ungraded or
    not comparable stands in the cut `excluded` alone, under its reason. Sections are read from the
    database: take the contribution before the change and again after it, and give both to `move`.
    """
    return contributions(audits=[audit])[audit.pk]


def contributions(*, audits: Iterable[Audit]) -> dict[Any, Counter[Cell]]:
    """The contribution of each audit, by its key; three queries at most however many there are."""
    found: dict[Any, Counter[Cell]] = {}
    counted: dict[Any, Audit] = {}
    for audit in audits:
        found[audit.pk] = _audit_cells(audit)
        if found[audit.pk] and not _reason_excluded(audit):
            counted[audit.pk] = audit
    with_sections = [pk for pk, audit in counted.items() if audit.tool_version_id]
    if with_sections:
        meanings = _grade_meanings()
        for pk, key, grade in (
            _graded_sections().filter(audit__in=with_sections).values_list("audit", "section__key", "final")
        ):
            audit = counted[pk]
            meaning = meanings.get((audit.scheme_id, grade), "")
            if meaning and audit.month:
                stage = STAGES[AuditStatus(audit.status)]
                for unit in _units(audit):
                    found[pk][Cell(unit, audit.month, TallyCut.SECTION, key, stage, meaning)] += 1
    return found


def move(*, before: Counter[Cell], after: Counter[Cell]) -> int:
    """Take `before` out of the rollup and put `after` in, inside the transaction of the change itself.

    One statement, its rows in one order everywhere, so that two writers cannot hold each other up for
    ever. Returns how many cells it touched.
    """
    change = Counter(after)
    change.subtract(before)
    cells = sorted((cell, count) for cell, count in change.items() if count)
    model: Any = GradeTally._meta
    fields = [model.get_field(name) for name in (*Cell._fields, "count")]
    quote = connection.ops.quote_name
    table = quote(model.db_table)
    columns = ", ".join(quote(field.column) for field in fields)
    conflict = ", ".join(quote(field.column) for field in fields[:-1])
    count = quote("count")
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(cells), _ROWS_A_STATEMENT):
            rows = cells[start : start + _ROWS_A_STATEMENT]
            values = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * len(rows))
            cursor.execute(
                f"INSERT INTO {table} ({columns}) VALUES {values} ON CONFLICT ({conflict}) "  # noqa: S608  our own names only, values bound
                f"DO UPDATE SET {count} = {table}.{count} + excluded.{count}",
                [
                    field.get_db_prep_save(value, connection)
                    for cell, number in rows
                    for field, value in zip(fields, (*cell, number), strict=True)
                ],
            )
    return len(cells)


def recount(*, first: date | None = None, last: date | None = None) -> Counter[Cell]:
    """The rollup as the audits themselves give it, for the months from `first` to `last` (any day of each)."""
    audits = Audit.objects.filter(_months(first, last), month__isnull=False).annotate(stage=_stage("status"))
    cells: Counter[Cell] = Counter()
    standard = Q(purpose=AuditPurpose.STANDARD)
    counted = audits.filter(standard, status__in=GRADE_GIVEN).exclude(counted_grade="").order_by()
    for service, team, month, plan, tool, stage, grade, number in counted.values_list(
        "service", "team", "month", "plan_type", "audit_type", "stage", "counted_grade"
    ).annotate(number=Count("pk")):
        for cell in _cells(service, team, month, plan, tool, stage, grade):
            cells[cell] += number
    given = Q(status__in=GRADE_GIVEN)
    reasons = {
        ExcludedReason.VOID: Q(status=AuditStatus.VOID),
        ExcludedReason.SHADOW: given & Q(purpose=AuditPurpose.SHADOW),
        ExcludedReason.CALIBRATION: given & Q(purpose=AuditPurpose.CALIBRATION),
        ExcludedReason.UNGRADED: given & standard & Q(counted_grade="", grade=""),
        ExcludedReason.NOT_COMPARABLE: given & standard & Q(counted_grade="") & ~Q(grade=""),
    }
    for reason, which in reasons.items():
        for service, team, month, stage, number in (
            audits.filter(which).order_by().values_list("service", "team", "month", "stage").annotate(n=Count("pk"))
        ):
            for unit in filter(None, (service, team)):
                cells[Cell(unit, month, TallyCut.EXCLUDED, reason, stage, "")] += number
    meanings = _grade_meanings()
    sections = (
        _graded_sections()
        .filter(_months(first, last, "audit__"), audit__in=counted.values("pk"))
        .annotate(stage=_stage("audit__status"))
        .order_by()
    )
    for service, team, month, stage, scheme, key, grade, number in sections.values_list(
        "audit__service", "audit__team", "audit__month", "stage", "audit__scheme", "section__key", "final"
    ).annotate(number=Count("pk")):
        meaning = meanings.get((scheme, grade), "")
        if meaning:
            for unit in filter(None, (service, team)):
                cells[Cell(unit, month, TallyCut.SECTION, key, stage, meaning)] += number
    return cells


def rebuild(*, first: date | None = None, last: date | None = None) -> int:
    """Make the rollup equal to a recount, in one transaction. Returns how many cells were different."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # A change under way has moved its cells already (we wait for it) or moves them after us.
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {connection.ops.quote_name(GradeTally._meta.db_table)} IN EXCLUSIVE MODE")
        kept = GradeTally.objects.filter(_months(first, last))
        there = Counter(
            {Cell(*values): number for *values, number in kept.values_list(*Cell._fields, "count") if number}
        )
        different = move(before=there, after=recount(first=first, last=last))
        kept.filter(count=0).delete()
    return different


def _audit_cells(audit: Audit) -> Counter[Cell]:
    """The cells of an audit without its sections."""
    if audit.month is None or audit.status not in STAGES:
        return Counter()
    stage = STAGES[AuditStatus(audit.status)]
    reason = _reason_excluded(audit)
    if reason:
        return Counter(Cell(unit, audit.month, TallyCut.EXCLUDED, reason, stage, "") for unit in _units(audit))
    return Counter(
        _cells(
            audit.service_id, audit.team_id, audit.month, audit.plan_type, audit.audit_type, stage, audit.counted_grade
        )
    )


def _cells(service: UUID, team: UUID | None, month: date, plan: str, tool: str, stage: str, grade: str) -> list[Cell]:
    """The cells of a counted audit: under its service, and under its team where it has one."""
    keys = [(TallyCut.TOTAL, ""), (TallyCut.PLAN_TYPE, plan), (TallyCut.TOOL, tool)]
    cells = [Cell(service, month, TallyCut.TEAM, str(team or ""), stage, grade)]
    for unit in filter(None, (service, team)):
        cells += [Cell(unit, month, cut, key, stage, grade) for cut, key in keys]
    return cells


def _units(audit: Audit) -> list[UUID]:
    return [unit for unit in (audit.service_id, audit.team_id) if unit]


def _reason_excluded(audit: Audit) -> str:
    """Why an audit is not counted (product.md RP-3), or "" where it is."""
    if audit.status == AuditStatus.VOID:
        return ExcludedReason.VOID
    if audit.purpose == AuditPurpose.SHADOW:
        return ExcludedReason.SHADOW
    if audit.purpose == AuditPurpose.CALIBRATION:
        return ExcludedReason.CALIBRATION
    if not audit.counted_grade:
        return ExcludedReason.NOT_COMPARABLE if audit.grade else ExcludedReason.UNGRADED
    return ""


def _graded_sections() -> QuerySet[Any]:
    """Sections with a grade, their settled one where there is one as `final`; never one that does not apply."""
    graded = AuditSection.objects.annotate(final=Coalesce(NullIf(F("settled_grade"), Value("")), F("grade")))
    return graded.exclude(final="").exclude(state=SectionState.NOT_APPLICABLE).exclude(not_applicable=True)


def _grade_meanings() -> dict[tuple[str, str], str]:
    """(scheme, grade of it) to the one of the four grades that it counts as, "" where it counts as none."""
    return {
        (scheme, key): meaning for scheme, key, meaning in SchemeGrade.objects.values_list("scheme", "key", "counts_as")
    }


def _stage(status: str) -> Case:
    return Case(
        *(When(**{status: value}, then=Value(stage.value)) for value, stage in STAGES.items()),
        output_field=CharField(),
    )


def _months(first: date | None, last: date | None, prefix: str = "") -> Q:
    which = Q()
    if first:
        which &= Q(**{f"{prefix}month__gte": first.replace(day=1)})
    if last:
        which &= Q(**{f"{prefix}month__lte": last.replace(day=1)})
    return which
