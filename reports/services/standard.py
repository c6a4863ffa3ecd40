"""A standard report for somebody: made of the rows that they may count at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from django.conf import settings
from django.utils import timezone

from accounts.access import SYSTEM, YES, Decision, must, no, sight_of
from actions.models import Action
from audits.models import Audit, GradeTally
from audits.selectors.grades import services_of
from core.documents import OFFICIAL, OFFICIAL_SENSITIVE, Document, Section
from core.jobs import services as jobs
from reports import access
from reports.models import PublishedMonth
from reports.rules.periods import read_month
from reports.selectors.standard import Asked, Rows, StandardReport, report_of
from reports.services.figures import scope_in_words, written

KIND = "standard_report"
_STEPS = 2


@dataclass(frozen=True)
class Made:
    """A report as made: which, what was asked, whose audits it counts, and its sections."""

    report: StandardReport
    asked: Asked
    scope: str
    sections: tuple[Section, ...]

    @property
    def rows(self) -> int:
        """How many lines its tables have."""
        return sum(len(getattr(block, "rows", ())) for section in self.sections for block in section.blocks)


def make_report(
    *, by: Any, key: str, first: date, last: date, services: Sequence[Any] = (), version: str = "internal"
) -> Made:
    """The report of this key as far as `by` may read it now.

    Services that they cannot read are left out; where none of those asked for is left, nothing is counted. Whoever
    reads from outside gets the public version. Raises NotAllowed where the report is not for them, KeyError where
    there is none of this key.
    """
    report = report_of(key)
    if report is None:
        raise KeyError(key)
    must(access.can_read_figures(by))
    if report.readers not in access.reader_groups(by):
        must(no("This report is for the QA unit and heads of service."))
    tallies = GradeTally.objects.visible_to(by)
    held = services_of(tallies)
    readable = {str(each): each for choice in held for each in choice.keys}
    chosen = tuple(readable[str(each)] for each in services if str(each) in readable)
    if services and not chosen:
        tallies = tallies.none()
    outside = access.reads_outside(by)
    public = outside or (report.public and version == "public")
    asked = Asked(
        first,
        last,
        chosen,
        timezone.localdate(),
        "public" if public else "internal",
        tuple(choice.name for choice in held if set(choice.keys) & set(chosen)),
    )
    every = Audit.objects.visible_to(SYSTEM)
    audits = access.countable_audits(by)
    if services and not chosen:
        every, audits = every.none(), audits.none()
    elif not access.counts_everything(by):
        every = every.filter(service__in=list(readable.values()))
    rows = Rows(
        tallies,
        audits,
        every,
        Action.objects.visible_to(by),
        PublishedMonth.objects.visible_to(SYSTEM),
        access.sights(by),
    )
    names = [choice.name for choice in held if not chosen or set(choice.keys) & set(chosen)]
    scope = scope_in_words(names=names, by=by)
    if asked.public:
        scope += " Public version: published months alone, small numbers withheld."
    return Made(report, asked, scope, report.build(rows, asked))


def document_of(*, made: Made, by: Any, at: datetime) -> Document:
    """A report as a document, marked with who takes it out and when."""
    return Document(
        title=made.report.title,
        audience="anybody" if made.asked.public else access.audience_of(by),
        period=made.asked.in_words,
        made_by=str(by),
        made_at=at,
        sections=made.sections,
        scope=made.scope,
        marking=OFFICIAL if made.asked.public else OFFICIAL_SENSITIVE,
        organisation=settings.COUNCIL_NAME,
    )


# --- by a job ------------------------------------------------------------------------------------------------------


def as_data(*, made: Made) -> dict[str, Any]:
    """What was asked, as data that a job can keep."""
    asked = made.asked
    return {
        "key": made.report.key, "first": f"{asked.first:%Y-%m}", "last": f"{asked.last:%Y-%m}",
        "services": sorted(map(str, asked.services)), "version": asked.version,
    }  # fmt: skip


def may(*, by: Any, asked: dict[str, Any]) -> Decision:
    """Whether this report is for this person."""
    report = report_of(asked["key"])
    if report is None or report.readers not in access.reader_groups(by):
        return no("This report is for the QA unit and heads of service.")
    readable = access.can_read_figures(by)
    return YES if readable else readable


def scope(*, by: Any, asked: dict[str, Any]) -> str:
    """What decides what this person reads in it: the roles they hold, and where."""
    return sight_of(by)


def make(
    *, by: Any, asked: dict[str, Any], form: str, reason: str, at: datetime, out: BinaryIO, on_progress: Any
) -> jobs.Made:
    """Write the report as a file, with the rights that `by` has now."""
    on_progress(0, _STEPS, "Counting")
    made = make_report(
        by=by, key=asked["key"], first=read_month(asked["first"]), last=read_month(asked["last"]),
        services=asked["services"], version=asked["version"],
    )  # fmt: skip
    on_progress(1, _STEPS, "Writing the file")
    out.write(written(document=document_of(made=made, by=by, at=at), form=form))
    return jobs.Made(rows=made.rows)
