"""A standard report for somebody: made of the rows that they may count at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.access import SYSTEM, must, no
from actions.models import Action
from audits.models import Audit, GradeTally
from audits.selectors.grades import services_of
from core.documents import OFFICIAL, OFFICIAL_SENSITIVE, Document, Section
from reports import access
from reports.models import PublishedMonth
from reports.selectors.standard import Asked, Rows, StandardReport, report_of

KIND = "standard_report"


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
    return Made(report, asked, _scope(names, by, asked), report.build(rows, asked))


def _scope(names: list[str], by: Any, asked: Asked) -> str:
    if not names:
        whose = "No audits are counted yet."
    elif len(names) <= 3:
        whose = f"Audits in {' and '.join(names) if len(names) < 3 else ', '.join(names)}."
    else:
        whose = f"Audits in {len(names)} services."
    if access.sees_issued_only(by):
        whose += " Only audits whose feedback has been issued."
    return f"{whose} Public version: published months alone, small numbers withheld." if asked.public else whose


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
