"""Rows that leave the product: which ones a person may take out, and writing them with the rights of that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.access import SYSTEM, Decision, sight_of, unit_scope
from accounts.choices import QA_ROLES, Role
from actions.models import Action
from actions.querysets import ActionQuerySet
from audits.choices import GRADE_GIVEN, Breakdown
from audits.models import Audit, AuditSection, Finding
from audits.querysets import AuditQuerySet
from core.documents import OFFICIAL, OFFICIAL_SENSITIVE, Bullets, Document, Section, Table, watermark
from core.documents.workbook import as_csv, as_xlsx
from core.jobs.services import JobFailed, Made
from core.spreadsheets import stream_csv, write_xlsx
from reports import access
from reports.choices import Dataset, Edition
from reports.documents.printing import printed_tables
from reports.models import PublishedCounts, PublishedMonth
from reports.rules.editions import MOST
from reports.rules.periods import in_words, read_month
from reports.selectors import rows as selectors
from reports.selectors.figures import printed_outside
from reports.selectors.kept import kept, table_from
from reports.selectors.public import public_figures, public_table
from reports.selectors.rows import Record, Row

KIND = "rows"
_PROGRESS_EVERY = 500


def asked(*, dataset: str, edition: str, first: date, last: date, services: Iterable[Any]) -> dict[str, Any]:
    """A question about rows as data that a job can keep."""
    return {
        "dataset": str(dataset), "edition": str(edition), "first": f"{first:%Y-%m}", "last": f"{last:%Y-%m}",
        "services": sorted(map(str, services)),
    }  # fmt: skip


def may(*, by: Any, asked: dict[str, Any]) -> Decision:
    """Whether this person may take these rows out."""
    if asked["edition"] == Edition.PUBLIC:
        return access.can_publish_counts(by)
    return access.can_take_rows(by)


def scope(*, by: Any, asked: dict[str, Any]) -> str:
    """What decides which rows this person sees: the roles they hold, and where."""
    return sight_of(by)


def still(*, by: Any, records: list[Record]) -> bool:
    """Whether every record of a file may still be seen: a case may have been restricted since."""
    wanted: dict[str, set[UUID]] = {"audits.audit": set(), "cases.case": set()}
    for kind, key in records:
        wanted[kind].add(key)
    audits = Audit.objects.visible_to(by)
    actions = Action.objects.visible_to(by)
    return all(audits.filter(pk__in=some).count() == len(some) for some in _parts(wanted["audits.audit"])) and all(
        actions.filter(case__in=some).order_by().values("case").distinct().count() == len(some)
        for some in _parts(wanted["cases.case"])
    )


def _parts(keys: set[UUID]) -> Iterator[list[UUID]]:
    listed = sorted(keys, key=str)
    for start in range(0, len(listed), 500):
        yield listed[start : start + 500]


def _ends(asked: dict[str, Any]) -> tuple[date, date]:
    return read_month(asked["first"]), read_month(asked["last"])


def _audits(by: Any, asked: dict[str, Any]) -> AuditQuerySet:
    audits = selectors.audits_between(Audit.objects.visible_to(by), *_ends(asked))
    return audits.filter(service__in=asked["services"]) if asked["services"] else audits


def _actions(by: Any, asked: dict[str, Any]) -> ActionQuerySet:
    actions = selectors.actions_between(Action.objects.visible_to(by), *_ends(asked))
    return actions.filter(service__in=asked["services"]) if asked["services"] else actions


def how_many(*, by: Any, asked: dict[str, Any]) -> int:
    """About how many rows the file would have."""
    match asked["dataset"]:
        case Dataset.AUDITS:
            return _audits(by, asked).count()
        case Dataset.SECTIONS:
            return AuditSection.objects.filter(audit__in=_audits(by, asked).filter(status__in=GRADE_GIVEN)).count()
        case Dataset.FINDINGS:
            return Finding.objects.filter(audit__in=_audits(by, asked).filter(status__in=GRADE_GIVEN)).count()
    return _actions(by, asked).count()


def reads_in_full(*, by: Any) -> Callable[[Audit], bool]:
    """Which audits this person reads in full: the QA unit all, a head of service theirs, an auditor their own."""
    if by.holds(*QA_ROLES):
        return lambda audit: True
    heads = set(unit_scope(by, Role.HEAD_OF_SERVICE))
    auditor = by.pk if by.holds(Role.AUDITOR) else None

    def full(audit: Audit) -> bool:
        own = auditor is not None and audit.auditor_id == auditor
        return own or audit.service_id in heads or audit.team_id in heads

    return full


def make(
    *, by: Any, asked: dict[str, Any], form: str, reason: str, at: datetime, out: BinaryIO, on_progress: Any
) -> Made:
    """Write the rows, or the counts to publish, as CSV or as a workbook."""
    total = how_many(by=by, asked=asked)
    if total > MOST:
        raise JobFailed(f"That would be {total:,} rows, and a file has {MOST:,} at the most. Ask for a shorter time.")
    if asked["edition"] == Edition.PUBLIC:
        document = to_publish(by=by, asked=asked, at=at)
        out.write(as_csv(document) if form == "csv" else as_xlsx(document))
        return Made(rows=sum(len(table.rows) for table in document.tables))
    header, rows = _rows(by, asked)
    audience = access.audience_of(by)
    mark = watermark(OFFICIAL_SENSITIVE, audience, str(by), at, reason)
    seen: set[Record] = set()
    count = 0

    def cells() -> Iterator[tuple[object, ...]]:
        nonlocal count
        for row in rows:
            count += 1
            if row.record:
                seen.add(row.record)
            if count % _PROGRESS_EVERY == 0:
                on_progress(count, max(total, count), "Rows written")
            yield (*row.cells, mark) if form == "csv" else row.cells

    if form == "csv":
        stream_csv(out, (*header, "Marking"), cells())
    else:
        label = Dataset(asked["dataset"]).label
        about = [[mark], [f"{label}, {months(asked=asked)}"], ["Only what the person named above may see."]]
        sheets = [(label, header, cells()), ("About this file", ["About this file"], about)]
        out.write(write_xlsx(sheets, title=label, marking=mark))
    return Made(rows=count, records=tuple(sorted(seen, key=str)))


def _rows(by: Any, asked: dict[str, Any]) -> tuple[tuple[str, ...], Iterator[Row]]:
    match asked["dataset"]:
        case Dataset.AUDITS:
            return selectors.AUDIT_HEADER, selectors.audit_rows(_audits(by, asked), reads_in_full(by=by))
        case Dataset.SECTIONS:
            return selectors.SECTION_HEADER, selectors.section_rows(_audits(by, asked), reads_in_full(by=by))
        case Dataset.FINDINGS:
            return selectors.FINDING_HEADER, selectors.finding_rows(_audits(by, asked))
    return selectors.ACTION_HEADER, selectors.action_rows(_actions(by, asked))


PUBLISHED_NOTES = (
    "Counts from 1 to 4 are withheld, and others with them so that they cannot be worked out.",
    "No team is named, no text is given, and cases whose access is restricted are not in it.",
    "Audits are counted once their grade is settled; by service as the months were published.",
)


def to_publish(*, by: Any, asked: dict[str, Any], at: datetime) -> Document:
    """Counts of a whole quarter and the whole department, with small numbers withheld.

    What left once stays: two sets of counts of one quarter could be subtracted from each other.
    """
    first, last = _ends(asked)
    notes: tuple[str, ...] = PUBLISHED_NOTES
    if asked["dataset"] == Dataset.AUDITS:
        public = public_figures(PublishedMonth.objects.visible_to(SYSTEM))
        printed = printed_outside(public_table(public, first=first, last=last, by=Breakdown.SERVICE))
        (table,) = printed_tables(printed, "Audits by service")
    else:
        held, _ = PublishedCounts.objects.get_or_create(
            dataset=asked["dataset"], quarter=first,
            defaults={"table": lambda: kept(_counted(by, {**asked, "services": []})), "published_at": at},
        )  # fmt: skip
        table, day = table_from(held.table), timezone.localtime(held.published_at)
        notes = (*notes, f"As they stood on {day.day} {day:%B %Y}, when they were first published.")
    return Document(
        title=table.caption, audience="publication", period=months(asked=asked), made_by=settings.COUNCIL_NAME,
        made_at=at, marking=OFFICIAL, organisation=settings.COUNCIL_NAME, scope="The whole department.",
        sections=(Section(table.caption, (table,)), Section("About these figures", (Bullets(notes),))),
    )  # fmt: skip


def _counted(by: Any, asked: dict[str, Any]) -> Table:
    match asked["dataset"]:
        case Dataset.SECTIONS:
            return selectors.sections_to_publish(_audits(by, asked))
        case Dataset.FINDINGS:
            return selectors.findings_to_publish(_audits(by, asked))
    return selectors.actions_to_publish(_actions(by, asked))


def months(*, asked: dict[str, Any]) -> str:
    """The months of a question in words."""
    return in_words(*_ends(asked))


def title(*, asked: dict[str, Any]) -> str:
    """What the file is called on the pages of the product."""
    edition = ", to publish" if asked["edition"] == Edition.PUBLIC else ""
    return f"{Dataset(asked['dataset']).label}, {months(asked=asked)}{edition}"


def file_name(*, asked: dict[str, Any], form: str) -> str:
    """What the file is called: what it holds and its months."""
    edition = "-to-publish" if asked["edition"] == Edition.PUBLIC else ""
    return f"{asked['dataset']}-{asked['first']}-to-{asked['last']}{edition}.{form}"
