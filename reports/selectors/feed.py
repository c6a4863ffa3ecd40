"""The feed for business intelligence: what each table holds, once for PostgreSQL's views and once for CSV.

De-identified: pseudonyms for records, months for days, no name of a person, no reference, no text. Cases whose access
is restricted are left out wholly, and so is what was not submitted, and calibrations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from actions.choices import ActionStatus
from actions.querysets import ActionQuerySet
from audits.choices import GRADE_FINAL, GRADE_GIVEN, AuditPurpose, AuditStatus
from audits.models import AuditSection, Finding, SchemeGrade, Theme
from audits.querysets import AuditQuerySet
from audits.selectors.pages import shown_grade
from reports.rules.pseudonyms import LENGTH, pseudonym

SCHEMA = "reporting"
_CHUNK = 2000
Halves = tuple[bytes, bytes]


@dataclass(frozen=True)
class FeedColumn:
    """A column: its name, what kind of value it holds, what it means, and how PostgreSQL says it."""

    name: str
    kind: str
    meaning: str
    sql: str


@dataclass(frozen=True)
class FeedTable:
    """A table of the feed: what one row is, its columns, and where PostgreSQL takes it from."""

    name: str
    row: str
    columns: tuple[FeedColumn, ...]
    source: str
    rows: Callable[[Feed, Halves], Iterator[tuple[Any, ...]]]


@dataclass(frozen=True)
class Feed:
    """The rows that the feed is made of, as the system sees them."""

    audits: AuditQuerySet
    actions: ActionQuerySet


def _listed(values: tuple[Any, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _hashed(kind: str, key: str) -> str:
    """The pseudonym in SQL: the same two rounds of SHA-256 over the same halves."""
    inner = f"sha256(k.inner || convert_to('{kind}:' || {key}::text, 'UTF8'))"
    return f"CASE WHEN {key} IS NOT NULL THEN left(encode(sha256(k.outer || {inner}), 'hex'), {LENGTH}) END"


def _month(column: str) -> str:
    return f"to_char({column} AT TIME ZONE 'Europe/London', 'YYYY-MM')"


def _days(start: str, end: str) -> str:
    local = "({} AT TIME ZONE 'Europe/London')::date"
    return f"{local.format(end)} - {local.format(start)}"


_KEY = """CROSS JOIN (SELECT "inner", "outer" FROM public.reports_feedkey WHERE purpose = 'views') AS k"""
_GIVEN = (
    f"a.status IN ({_listed(GRADE_GIVEN)}) AND a.month IS NOT NULL AND (c.id IS NULL OR NOT c.restricted) "
    f"AND a.purpose <> '{AuditPurpose.CALIBRATION}'"
)
_FINAL = f"a.status IN ({_listed(GRADE_FINAL)})"
_AUDIT = "public.audits_audit AS a LEFT JOIN public.cases_case AS c ON c.id = a.case_id"


def _open(feed: Feed) -> AuditQuerySet:
    given = feed.audits.filter(status__in=GRADE_GIVEN, month__isnull=False).exclude(case__restricted=True)
    return given.exclude(purpose=AuditPurpose.CALIBRATION)


def _day(moment: datetime | None) -> Any:
    return timezone.localtime(moment).date() if moment else None


def _apart(start: datetime | None, end: datetime | None) -> int | None:
    return (_day(end) - _day(start)).days if start and end else None


def _audit_rows(feed: Feed, halves: Halves) -> Iterator[tuple[Any, ...]]:
    held = _open(feed).select_related("service", "team", "tool_version").order_by("month", "reference")
    for a in held.iterator(chunk_size=_CHUNK):
        yield (
            pseudonym(halves, "audit", a.pk), pseudonym(halves, "case", a.case_id), f"{a.month:%Y-%m}", a.audit_type,
            a.tool_version.number if a.tool_version else None, a.purpose, a.mode, a.status, a.service.name,
            a.team.name if a.team else None, a.plan_type or None, a.is_cwd, a.age_band or None, a.subject_kind,
            a.historic, a.status == AuditStatus.SUBMITTED, a.auditor_grade or None, shown_grade(a) or None,
            a.counted_grade or None, _apart(a.allocated_at, a.submitted_at), _apart(a.submitted_at, a.settled_at),
            _apart(a.settled_at, a.feedback_issued_at), pseudonym(halves, "audit", a.first_audit_id),
        )  # fmt: skip


def _section_rows(feed: Feed, halves: Halves) -> Iterator[tuple[Any, ...]]:
    meanings = {
        (scheme, key): counts_as
        for scheme, key, counts_as in SchemeGrade.objects.values_list("scheme", "key", "counts_as")
    }
    held = AuditSection.objects.filter(audit__in=_open(feed)).select_related("audit", "section")
    for part in held.order_by("audit__month", "audit__reference", "section__position").iterator(chunk_size=_CHUNK):
        grade = part.settled_grade or part.grade if part.audit.status in GRADE_FINAL else part.grade
        grade = "" if part.not_applicable else grade
        yield (
            pseudonym(halves, "audit", part.audit_id), part.section.key, part.section.title, part.section.graded,
            part.not_applicable, part.grade if part.grade and not part.not_applicable else None, grade or None,
            meanings.get((part.audit.scheme_id, grade)) or None,
        )  # fmt: skip


def _finding_rows(feed: Feed, halves: Halves) -> Iterator[tuple[Any, ...]]:
    themes = {theme.pk: theme for theme in Theme.objects.select_related("parent")}
    held = Finding.objects.filter(audit__in=_open(feed)).order_by("audit__month", "audit__reference", "id")
    rows = held.values_list("pk", "audit", "audit_section__section__key", "kind", "themes")
    for key, audit, section, kind, theme_key in rows.iterator(chunk_size=_CHUNK):
        theme = themes.get(theme_key)
        yield (
            pseudonym(halves, "finding", key), pseudonym(halves, "audit", audit), section, kind,
            theme.name if theme else None, theme.parent.name if theme and theme.parent else None,
        )  # fmt: skip


def _action_rows(feed: Feed, halves: Halves) -> Iterator[tuple[Any, ...]]:
    held = feed.actions.exclude(status=ActionStatus.DRAFT).exclude(case__restricted=True)
    for action in held.select_related("service", "team").order_by("reference").iterator(chunk_size=_CHUNK):
        yield (
            pseudonym(halves, "action", action.pk), pseudonym(halves, "case", action.case_id),
            action.service.name if action.service else None, action.team.name if action.team else None, action.level,
            action.priority, action.origin, action.from_inadequate, action.status,
            f"{_day(action.created_at):%Y-%m}", f"{action.due_on:%Y-%m}",
            f"{_day(action.closed_at):%Y-%m}" if action.closed_at else None,
            _apart(action.created_at, action.closed_at), action.due_moves,
        )  # fmt: skip


C = FeedColumn
_SETTLED = f"WHEN {_FINAL} AND s.settled_grade <> '' THEN s.settled_grade"
_PART = f"CASE WHEN s.not_applicable THEN '' {_SETTLED} ELSE s.grade END"
_OWN = "CASE WHEN NOT s.not_applicable THEN NULLIF(s.grade, '') END"
TABLES: dict[str, FeedTable] = {
    table.name: table
    for table in (
        FeedTable(
            "audits",
            "One audit that was submitted",
            (
                C("audit_id", "pseudonym", "Stands for the audit in every table", _hashed("audit", "a.id")),
                C(
                    "case_id",
                    "pseudonym",
                    "Stands for the case; empty for an old audit without one",
                    _hashed("case", "a.case_id"),
                ),
                C(
                    "month",
                    "month",
                    "The month in which it counts: that of its submission",
                    "to_char(a.month, 'YYYY-MM')",
                ),
                C("audit_type", "text", "What was audited, in the council's words", "a.audit_type"),
                C("tool_version", "whole number", "The version of the audit tool", "tv.number::int"),
                C("purpose", "word", "standard or shadow; reports count standard alone", "a.purpose"),
                C("mode", "word", "desk, with_practitioner or live", "a.mode"),
                C("status", "word", "submitted, settled, feedback_issued, responded or closed", "a.status"),
                C("service", "text", "The service that the case was with", "sv.name"),
                C("team", "text", "The team that the case was with", "tm.name"),
                C("plan_type", "word", "The child's plan at the time", "NULLIF(a.plan_type, '')"),
                C(
                    "with_disabilities",
                    "yes or no",
                    "Whether the child was with the service for disabled children",
                    "a.is_cwd",
                ),
                C("age_band", "word", "The child's age band at the time", "NULLIF(a.age_band, '')"),
                C("subject_kind", "word", "What kind of record was audited", "a.subject_kind"),
                C("historic", "yes or no", "Brought in from an old list", "a.historic"),
                C("provisional", "yes or no", "Submitted, and its grade not settled yet", "(a.status = 'submitted')"),
                C("auditor_grade", "word", "The auditor's own grade", "NULLIF(a.auditor_grade, '')"),
                C("grade", "word", "The settled grade, or what it is so far while provisional", "NULLIF(a.grade, '')"),
                C(
                    "counted_grade",
                    "word",
                    "Which of the four grades it counts as; empty where it counts as none",
                    "NULLIF(a.counted_grade, '')",
                ),
                C(
                    "days_to_submit",
                    "whole number",
                    "Days from allocation to submission",
                    _days("a.allocated_at", "a.submitted_at"),
                ),
                C(
                    "days_to_settle",
                    "whole number",
                    "Days from submission to the settled grade",
                    _days("a.submitted_at", "a.settled_at"),
                ),
                C(
                    "days_to_feedback",
                    "whole number",
                    "Days from the settled grade to feedback",
                    _days("a.settled_at", "a.feedback_issued_at"),
                ),
                C(
                    "re_audit_of",
                    "pseudonym",
                    "The first audit, where this one repeats it",
                    _hashed("audit", "a.first_audit_id"),
                ),
            ),
            f"{_AUDIT} JOIN public.accounts_orgunit AS sv ON sv.id = a.service_id "
            "LEFT JOIN public.accounts_orgunit AS tm ON tm.id = a.team_id "
            f"LEFT JOIN public.audits_toolversion AS tv ON tv.id = a.tool_version_id {_KEY} WHERE {_GIVEN}",
            _audit_rows,
        ),
        FeedTable(
            "sections",
            "One section of an audit that was submitted",
            (
                C("audit_id", "pseudonym", "The audit", _hashed("audit", "a.id")),
                C("section_key", "word", "The section, the same in every version of a tool", "ts.key"),
                C("section", "text", "What the section was called", "ts.title"),
                C("graded", "yes or no", "Whether the section is graded at all", "ts.graded"),
                C("not_applicable", "yes or no", "The auditor left it out with a reason", "s.not_applicable"),
                C("auditor_grade", "word", "The auditor's own grade", _OWN),
                C("grade", "word", "The settled grade, or what it is so far while provisional", f"NULLIF({_PART}, '')"),
                C("counted_grade", "word", "Which of the four grades it counts as", "NULLIF(sg.counts_as, '')"),
            ),
            f"{_AUDIT} JOIN public.audits_auditsection AS s ON s.audit_id = a.id "
            "JOIN public.audits_toolsection AS ts ON ts.id = s.section_id "
            f"LEFT JOIN public.audits_schemegrade AS sg ON sg.scheme_id = a.scheme_id AND sg.key = {_PART} "
            f"{_KEY} WHERE {_GIVEN}",
            _section_rows,
        ),
        FeedTable(
            "findings",
            "One finding with one of its themes; a finding without a theme has one row",
            (
                C("finding_id", "pseudonym", "Stands for the finding", _hashed("finding", "f.id")),
                C("audit_id", "pseudonym", "The audit", _hashed("audit", "a.id")),
                C("section_key", "word", "The section in which it was found", "ts.key"),
                C("kind", "word", "strength or development", "f.kind"),
                C("theme", "text", "The theme", "th.name"),
                C("parent_theme", "text", "The theme above it", "pt.name"),
            ),
            f"{_AUDIT} JOIN public.audits_finding AS f ON f.audit_id = a.id "
            "JOIN public.audits_auditsection AS s ON s.id = f.audit_section_id "
            "JOIN public.audits_toolsection AS ts ON ts.id = s.section_id "
            "LEFT JOIN public.audits_finding_themes AS ft ON ft.finding_id = f.id "
            "LEFT JOIN public.audits_theme AS th ON th.id = ft.theme_id "
            f"LEFT JOIN public.audits_theme AS pt ON pt.id = th.parent_id {_KEY} WHERE {_GIVEN}",
            _finding_rows,
        ),
        FeedTable(
            "actions",
            "One action, whatever it came from; drafts are left out",
            (
                C("action_id", "pseudonym", "Stands for the action", _hashed("action", "x.id")),
                C("case_id", "pseudonym", "The case, where it is about one", _hashed("case", "x.case_id")),
                C("service", "text", "The service that it is for", "sv.name"),
                C("team", "text", "The team that it is for", "tm.name"),
                C("level", "word", "case, worker, team, service or partnership", "x.level"),
                C("priority", "word", "immediate, high, medium or low", "x.priority"),
                C("origin", "word", "What it came from", "x.origin"),
                C("from_inadequate", "yes or no", "It came from an audit graded inadequate", "x.from_inadequate"),
                C(
                    "status",
                    "word",
                    "open, in_progress, claimed, verified, cancelled, with_body, accepted or rejected",
                    "x.status",
                ),
                C("created_month", "month", "When it was made", _month("x.created_at")),
                C("due_month", "month", "When it is due", "to_char(x.due_on, 'YYYY-MM')"),
                C("closed_month", "month", "When it came to its end", _month("x.closed_at")),
                C("days_open", "whole number", "Days from its making to its end", _days("x.created_at", "x.closed_at")),
                C("due_date_moved", "whole number", "How often its due date was moved", "x.due_moves::int"),
            ),
            "public.actions_action AS x LEFT JOIN public.cases_case AS c ON c.id = x.case_id "
            "LEFT JOIN public.accounts_orgunit AS sv ON sv.id = x.service_id "
            f"LEFT JOIN public.accounts_orgunit AS tm ON tm.id = x.team_id {_KEY} "
            "WHERE x.status <> 'draft' AND (c.id IS NULL OR NOT c.restricted)",
            _action_rows,
        ),
    )
}


def create_statements() -> list[str]:
    """The SQL that makes the views, with every meaning as a comment that BI tools show."""
    found = []
    for table in TABLES.values():
        columns = ",\n  ".join(f'{column.sql} AS "{column.name}"' for column in table.columns)
        found.append(
            f'CREATE VIEW {SCHEMA}."{table.name}" WITH (security_barrier) AS SELECT\n  {columns}\nFROM {table.source}'
        )
        found.append(f"COMMENT ON VIEW {SCHEMA}.\"{table.name}\" IS '{_quoted(table.row)}'")
        found += [
            f'COMMENT ON COLUMN {SCHEMA}."{table.name}"."{column.name}" IS \'{_quoted(column.meaning)}\''
            for column in table.columns
        ]
    values = ",\n  ".join(
        f"('{table.name}', '{column.name}', '{column.kind}', '{_quoted(column.meaning)}')"
        for table in TABLES.values()
        for column in table.columns
    )
    found.append(f'CREATE VIEW {SCHEMA}.dictionary ("table", "column", "kind", "meaning") AS VALUES\n  {values}')
    return found


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def drop_statements() -> list[str]:
    """The SQL that takes the views away, so that the tables under them can be changed."""
    return [f'DROP VIEW IF EXISTS {SCHEMA}."{name}"' for name in (*TABLES, "dictionary")]
