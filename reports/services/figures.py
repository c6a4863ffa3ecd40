"""The figures that a person may read, for files: asked for as data, worked out with the rights of that moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from django.conf import settings

from accounts.access import SYSTEM, Decision, must, sight_of
from audits.choices import Breakdown
from audits.models import Audit, GradeTally
from audits.querysets import GradeTallyQuerySet
from audits.selectors.grades import GradeTable, ServiceChoice, grade_table, hold_back, services_of
from core.documents import FORMS, Document, PdfProblem
from core.jobs.services import JobFailed, Made
from reports import access
from reports.documents.printing import figures_document
from reports.models import PublishedMonth
from reports.rules.periods import in_words, read_month
from reports.selectors.figures import PublicTable
from reports.selectors.months import with_restatements
from reports.selectors.public import public_figures, public_table

KIND = "figures"
_STEPS = 2


@dataclass(frozen=True)
class Figures:
    """A grade table, or its public version for readers outside the QA unit, and whose audits it holds."""

    table: GradeTable | PublicTable
    scope: str


def asked(
    *, first: date, last: date, by: str, services: tuple[Any, ...], settled_only: bool, as_now: bool = False
) -> dict[str, Any]:
    """A question about figures as data that a job, a saved report or a subscription can keep."""
    return {
        "first": f"{first:%Y-%m}", "last": f"{last:%Y-%m}", "by": str(by), "services": sorted(map(str, services)),
        "settled_only": settled_only, "as_now": as_now,
    }  # fmt: skip


def figures_for(*, by: Any, asked: dict[str, Any]) -> Figures:
    """The figures that were asked for, as far as `by` may read them now.

    Raises NotAllowed where no figures are open to them. Services that they cannot read are left out; where none of
    those asked for is left, nothing is counted.
    """
    must(access.can_read_figures(by))
    tallies = GradeTally.objects.visible_to(by)
    held = services_of(tallies)
    readable = {str(key): key for choice in held for key in choice.keys}
    wanted = list(asked["services"])
    chosen = tuple(readable[key] for key in wanted if key in readable)
    if wanted and not chosen:
        tallies = tallies.none()
    return worked_out(
        by=by, tallies=tallies, held=held, cut=asked["by"], services=chosen,
        first=read_month(asked["first"]), last=read_month(asked["last"]),
        settled_only=bool(asked["settled_only"]), as_now=bool(asked["as_now"]),
    )  # fmt: skip


def worked_out(
    *,
    by: Any,
    tallies: GradeTallyQuerySet,
    held: list[ServiceChoice],
    first: date,
    last: date,
    cut: str,
    services: tuple[Any, ...],
    settled_only: bool,
    as_now: bool,
) -> Figures:
    """The figures of tallies that are scoped to `by` already; `held` are the services among them."""
    whose = scope_in_words(
        names=[choice.name for choice in held if not services or set(choice.keys) & set(services)], by=by
    )
    if access.reads_outside(by):
        # The public version is cut by month and by service: two cuts more could be subtracted from each other.
        public = public_table(
            public_figures(PublishedMonth.objects.visible_to(SYSTEM)),  # what may be told of it is worked out there
            first=first, last=last, by=cut if cut == Breakdown.MONTH else Breakdown.SERVICE,
            services=[choice.name for choice in held if set(choice.keys) & set(services)],
        )  # fmt: skip
        return Figures(public, whose)
    table = grade_table(
        tallies, first=first, last=last, by=Breakdown(cut), services=services, settled_only=settled_only, as_now=as_now
    )
    # The grade of a restricted case alone is told to nobody, and finding that out takes every audit.
    in_table = services or [key for choice in held for key in choice.keys]
    table = hold_back(table, Audit.objects.visible_to(SYSTEM).filter(service__in=in_table))
    table = with_restatements(
        table,
        PublishedMonth.objects.visible_to(SYSTEM),  # the reader's own sight narrows what is told of them
        sights=access.sights(by),
        services=services,
    )
    return Figures(table, whose)


def scope_in_words(*, names: Sequence[str], by: Any) -> str:
    """Whose audits the figures of services with these names hold, in a sentence or two."""
    if not names:
        whose = "No audits are counted yet."
    elif len(names) <= 3:
        whose = f"Audits in {' and '.join(names) if len(names) < 3 else ', '.join(names)}."
    else:
        whose = f"Audits in {len(names)} services."
    return f"{whose} Only audits whose feedback has been issued." if access.sees_issued_only(by) else whose


def document_for(*, by: Any, asked: dict[str, Any], at: datetime) -> Document:
    """The figures as a document, marked with who takes it out and when."""
    found = figures_for(by=by, asked=asked)
    return figures_document(
        found.table, scope=found.scope, audience=access.audience_of(by),
        made_by=str(by), made_at=at, organisation=settings.COUNCIL_NAME,
    )  # fmt: skip


def may(*, by: Any, asked: dict[str, Any]) -> Decision:
    """Whether figures are open to this person."""
    return access.can_read_figures(by)


def scope(*, by: Any, asked: dict[str, Any]) -> str:
    """What decides the figures that this person reads: the roles they hold, and where."""
    return sight_of(by)


def make(
    *, by: Any, asked: dict[str, Any], form: str, reason: str, at: datetime, out: BinaryIO, on_progress: Any
) -> Made:
    """Write the figures as a file."""
    on_progress(0, _STEPS, "Counting audits and grades")
    document = document_for(by=by, asked=asked, at=at)
    on_progress(1, _STEPS, "Writing the file")
    out.write(written(document=document, form=form))
    return Made(rows=sum(len(table.rows) for table in document.tables))


def written(*, document: Document, form: str) -> bytes:
    """The document as a file of this form. Raises JobFailed with the sentence where it cannot be made here."""
    try:
        return FORMS[form].write(document)
    except PdfProblem as problem:
        raise JobFailed(str(problem)) from problem


def file_name(*, asked: dict[str, Any], form: str) -> str:
    """What the file is called: what it is about and its months, nothing of whose it is."""
    cut = asked["by"]
    name = "grade-table" if cut == Breakdown.MONTH else f"grades-by-{cut.replace('_', '-')}"
    return f"{name}-{asked['first']}-to-{asked['last']}.{form}"


def title(*, asked: dict[str, Any]) -> str:
    """What the file is called on the pages of the product."""
    cut = Breakdown(asked["by"])
    months = in_words(read_month(asked["first"]), read_month(asked["last"]))
    return f"{'Grade table' if cut == Breakdown.MONTH else f'Grades by {cut.label.lower()}'}, {months}"
