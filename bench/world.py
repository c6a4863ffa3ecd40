"""A council of any size: the demo council's people and tools, and audits made by the database itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.access import SYSTEM
from accounts.choices import Role, UnitKind
from accounts.models import Membership, OrgUnit, User
from accounts.services import open_unit
from audits.choices import AuditStatus
from audits.models import Answer, Audit, AuditSection, Conversation, Finding, ToolVersion
from audits.services.tallies import rebuild
from cases.models import Case, Holding, Worker
from worklist.services.demo import seed

SERVICES, TEAMS_EACH, WORKERS_EACH = 12, 5, 8
MONTHS = 36
_AT_ONCE = 50_000


def fetch(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement; its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def lay_ground(cases: int) -> None:
    """The demo council grown to 12 services, 60 teams and 480 workers, with `cases` cases and one holding each."""
    fetch("SET statement_timeout = 0")
    today = timezone.localdate()
    seed(today=today)
    directorate = OrgUnit.objects.get(kind=UnitKind.DIRECTORATE)
    services = list(OrgUnit.objects.filter(kind=UnitKind.SERVICE))
    for number in range(len(services), SERVICES):
        services.append(
            open_unit(kind=UnitKind.SERVICE, name=f"Example Service {number}", parent=directorate, by=SYSTEM)
        )
    for service in services:
        for number in range(service.children.count(), TEAMS_EACH):
            open_unit(kind=UnitKind.TEAM, name=f"{service.name} Team {number}", parent=service, by=SYSTEM)
    teams = list(OrgUnit.objects.filter(kind=UnitKind.TEAM))
    names = [f"Example Worker {place}" for place in range(len(teams) * WORKERS_EACH)]
    Worker.objects.bulk_create([Worker(name=name, name_key=name.casefold()) for name in names])
    fetch("CREATE TABLE bench_team AS SELECT (row_number() OVER (ORDER BY id))::int - 1 AS n, id, parent_id "
          "FROM accounts_orgunit WHERE kind = 'team'")  # fmt: skip
    fetch("CREATE TABLE bench_worker AS SELECT (row_number() OVER (ORDER BY id))::int - 1 AS n, id "
          "FROM cases_worker WHERE name LIKE 'Example Worker %%'")  # fmt: skip
    workers = len(names)
    _insert(
        Case,
        {
            "reference": "'EX-' || g", "reference_key": "'ex-' || g", "service_id": "t.parent_id", "team_id": "t.id",
            "plan_type": "(ARRAY['cin','cp','cla'])[1 + g %% 3]", "subject_kind": "'child'",
            "opened_on": f"DATE '{today}' - (g %% 900)", "restricted": "g %% 1000 = 7", "version": "1",
            "created_at": "now()",
        },
        f"generate_series(1, {cases}) g JOIN bench_team t ON t.n = g %% {len(teams)}",
    )  # fmt: skip
    fetch("CREATE TABLE bench_case AS SELECT substr(reference, 4)::int AS n, id, reference, service_id, team_id, "
          "plan_type FROM cases_case WHERE reference LIKE 'EX-%%'")  # fmt: skip
    fetch("CREATE UNIQUE INDEX ON bench_case (n)")
    _insert(
        Holding,
        {
            "case_id": "c.id", "worker_id": "w.id", "service_id": "c.service_id", "team_id": "c.team_id",
            "plan_type": "c.plan_type", "held_from": f"DATE '{today}' - 800",
        },
        f"bench_case c JOIN bench_worker w ON w.n = c.n %% {workers}",
    )  # fmt: skip
    fetch("ANALYZE")


def grow(to: int, cases: int) -> None:
    """Add audits until there are `to`, spread over 36 months, and make the rollup of grades anew."""
    there = Audit.objects.count()
    today = timezone.localdate()
    month = today.replace(day=1)
    version = ToolVersion.objects.select_related("tool").get(tool__key="whole-case", status="live")
    auditors = list(
        User.objects.filter(memberships__role=Role.AUDITOR).order_by("pk").values_list("pk", flat=True).distinct()
    )
    keys = ", ".join(f"'{key}'::uuid" for key in auditors)
    fetch("SET statement_timeout = 0")
    grades = "'good','good','requires_improvement','outstanding','good','inadequate','requires_improvement'"
    grade = f"(ARRAY[{grades}])[1 + g %% 7]"
    given = "g %% 100 < 96"
    started = f"DATE '{month}' - make_interval(months => g %% {MONTHS}) + make_interval(days => g %% 27)"
    values = {
        "reference": "'B-' || lpad(g::text, 8, '0')", "case_id": "c.id", "case_reference": "c.reference",
        "subject_kind": "'child'", "tool_version_id": f"'{version.pk}'::uuid", "audit_type": f"'{version.tool.name}'",
        "scheme_id": f"'{version.scheme_id}'", "purpose": "'standard'", "mode": "'desk'",
        "status": "CASE WHEN g %% 100 < 94 THEN 'feedback_issued' WHEN g %% 100 < 96 THEN 'submitted' "
                  "WHEN g %% 100 < 99 THEN 'in_progress' ELSE 'allocated' END",
        "service_id": "c.service_id", "team_id": "c.team_id", "plan_type": "c.plan_type",
        "auditor_id": f"(ARRAY[{keys}])[1 + g %% {len(auditors)}]",
        "window_from": f"({started})::date - 365", "window_to": f"({started})::date",
        "due_on": f"({started})::date + 10",
        "created_at": f"{started} + g * interval '1 microsecond'", "allocated_at": started, "started_at": started,
        "submitted_at": f"CASE WHEN {given} THEN {started} END",
        "settled_at": f"CASE WHEN g %% 100 < 94 THEN {started} END",
        "feedback_issued_at": f"CASE WHEN g %% 100 < 94 THEN {started} END",
        "audited_on": f"CASE WHEN {given} THEN ({started})::date END",
        "month": f"CASE WHEN {given} THEN date_trunc('month', {started})::date END",
        "auditor_grade": f"CASE WHEN {given} THEN {grade} ELSE '' END",
        "grade": f"CASE WHEN {given} THEN {grade} ELSE '' END",
        "counted_grade": f"CASE WHEN {given} THEN {grade} ELSE '' END",
        "rationale": "repeat('Invented words about an invented record. ', 5)", "version": "1",
    }  # fmt: skip
    with _without_indexes(Audit._meta.db_table):
        for first in range(there + 1, to + 1, _AT_ONCE):
            last = min(first + _AT_ONCE - 1, to)
            _insert(
                Audit,
                values,
                f"generate_series({first}, {last}) g JOIN bench_case c ON c.n = 1 + (g * 7919::bigint) %% {cases}",
            )
    fetch("VACUUM ANALYZE audits_audit")
    rebuild()
    fetch("VACUUM ANALYZE audits_gradetally")


@contextmanager
def _without_indexes(table: str) -> Iterator[None]:
    """Fill a table without its indexes and without asking whether what its rows point at exists; then make them anew.

    Twenty indexes kept up to date row by row take ten times as long as made at the end.
    """
    made = fetch(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        table,
    )
    for name, _ in made:
        fetch(f"DROP INDEX {name}")
    fetch("SET session_replication_role = replica")
    try:
        yield
    finally:
        fetch("RESET session_replication_role")
    fetch("SET maintenance_work_mem = '256MB'")
    for _, statement in made:
        fetch(statement.replace("%", "%%"))


def _insert(model: type[models.Model], values: dict[str, str], source: str) -> None:
    """INSERT ... SELECT: what `values` does not name gets its empty value."""
    columns = {}
    for column in model._meta.concrete_fields:
        name = column.column
        if name in values:
            columns[name] = values[name]
        elif column.primary_key:
            columns[name] = "gen_random_uuid()"
        elif column.null:
            columns[name] = "NULL"
        elif isinstance(column, models.BooleanField):
            columns[name] = "false"
        elif isinstance(column, (models.CharField, models.TextField)):
            columns[name] = "''"
        elif isinstance(column, models.JSONField):
            columns[name] = "'[]'"
        else:
            columns[name] = "0"
    names = ", ".join(f'"{name}"' for name in columns)
    fetch(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(columns.values())} FROM {source}")


def persona(address: str) -> User:
    """One of the demo council's people: "qa.lead", "auditor", "practitioner"..."""
    return User.objects.get(email=f"{address}@exampleshire.example")


def give_work(user: User, cases: int) -> None:
    """Let a practitioner hold that many of the cases."""
    worker = Worker.objects.get(user=user)
    chosen = Case.objects.filter(restricted=False).order_by("pk").values_list("pk", flat=True)[:cases]
    Holding.objects.filter(case__in=list(chosen), held_to=None).update(worker=worker)


def superuser() -> User:
    """Whom Django's admin lets in."""
    user = User.objects.create_superuser("admin@exampleshire.example", "Example Administrator", "unused")
    Membership.objects.create(
        user=user, role=Role.QA_LEAD, unit=OrgUnit.objects.get(kind=UnitKind.DIRECTORATE), starts_on=dt.date(2020, 1, 1)
    )
    return user


def ready_audits(number: int) -> list[Audit]:
    """Audits that wait only for their auditor to submit them: copies of the one that the demo council has written."""
    from audits.services.submitting import faults_of

    drafts = Audit.objects.filter(status=AuditStatus.IN_PROGRESS, reference__startswith="A-")
    first = next(audit for audit in drafts if not faults_of(audit=audit))
    sections = list(AuditSection.objects.filter(audit=first))
    answers = list(Answer.objects.filter(audit_section__audit=first))
    findings = list(Finding.objects.filter(audit=first).prefetch_related("themes"))
    talks = list(Conversation.objects.filter(audit=first))
    made = []
    with transaction.atomic():
        for place in range(number):
            audit = _renewed(first, reference=f"C-{place:06d}")
            audit.save(force_insert=True)
            rows = {row.pk: _renewed(row, audit=audit) for row in sections}
            AuditSection.objects.bulk_create(rows.values())
            Answer.objects.bulk_create(
                _renewed(answer, audit_section=rows[answer.audit_section_id]) for answer in answers
            )
            Finding.objects.bulk_create(
                _renewed(finding, audit=audit, audit_section=rows[finding.audit_section_id]) for finding in findings
            )
            Conversation.objects.bulk_create(_renewed(talk, audit=audit) for talk in talks)
            made.append(audit)
    return made


def _renewed(row: Any, **changes: Any) -> Any:
    """The same row once more, with another key."""
    new = copy(row)
    new._state = copy(row._state)
    new._state.fields_cache = {}
    new.pk = row._meta.pk.get_default()
    new._state.adding = True
    for name, value in changes.items():
        setattr(new, name, value)
    return new


def sizes(tables: Iterable[str]) -> dict[str, int]:
    """Bytes of these tables with their indexes."""
    return {table: fetch("SELECT pg_total_relation_size(%s)", table)[0][0] for table in tables}
