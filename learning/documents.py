"""A summary as text for a terminal or an e-mail, and as JSON; the page prints the same object."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from audits.choices import Grade
from core.charts import GRADES, BarRow
from core.documents import Bars, Bullets, Column, Document, Paragraph, Section, Table
from learning.choices import ThemeMove
from learning.selectors.summaries import Figures, ListedAudit, PanelSummaryContent, ThemeCount

NONE = "-"


def as_json(content: PanelSummaryContent, *, number: int | None, built_at: datetime | None) -> dict[str, Any]:
    """The summary as the command's JSON: `stored` is the version's number, or null where it was worked out live."""
    return {"stored": number, "built_at": built_at.isoformat() if built_at else None, **content.data}


def as_text(content: PanelSummaryContent, *, number: int | None, built_at: datetime | None) -> str:
    """The summary as lines of text, each list under its heading."""
    lines = [f"Learning and Improvement Panel: summary for {content.starts_on:%B %Y}"]
    if number is None or built_at is None:
        lines.append("Not stored: worked out just now.")
    else:
        at = timezone.localtime(built_at)
        lines.append(f"Version {number}, built on {at.day} {at:%B %Y} at {at:%H:%M}.")
    lines += ["", content.headline, ""]
    lines += [f"  {label:<24}{figure}" for label, figure in _figures(content.total)]
    lines += _section("Not in these figures", content.missing)
    lines += _section("Not counted", (f"{number} {reason}" for number, reason in content.excluded))
    lines += _section("By service", (_service(row.service, row.figures) for row in content.services))
    of = content.audits_with_findings_form
    lines += _section(f"Development points, in how many of {of} audits", map(_theme, content.development))
    lines += _section(f"Strengths, in how many of {of} audits", map(_theme, content.strengths))
    lines += _section("Good and outstanding audits, for the Principal Social Worker", map(_audit, content.good_audits))
    lines += _section("Inadequate audits", map(_audit, content.inadequate_audits))
    if content.restricted_not_listed:
        lines += [
            "",
            f"Counted but not listed, since access to the case is restricted: {content.restricted_not_listed}",
        ]
    if content.provisional_not_listed:
        lines += ["", f"Counted but not listed, since the grade may still change: {content.provisional_not_listed}"]
    lines += ["", f"Open safeguarding alerts when this was built: {content.open_alerts}"]
    return "\n".join(lines)


def _figures(figures: Figures) -> list[tuple[str, str]]:
    percent = figures.percent or {}
    rows = [("Audits counted", str(figures.audited))]
    shares = [("Good or outstanding", figures.good_or_better, "good_or_outstanding")]
    shares += [(grade.label, figures.counts[grade], grade.value) for grade in Grade]
    rows += [(label, f"{n} ({percent[key]}%)" if percent else NONE) for label, n, key in shares]
    if figures.interval:
        rows.append(("Likely between", f"{figures.interval[0]}% and {figures.interval[1]}% good or outstanding"))
    rows.append(("Provisional", str(figures.provisional)))
    return rows


def _service(name: str, figures: Figures) -> str:
    if figures.hidden:
        return f"{name}: not shown, since it would give a restricted case away"
    if figures.percent is None:
        return f"{name}: {NONE}"
    small = ", small number" if figures.small else ""
    share = figures.percent["good_or_outstanding"]
    return f"{name}: {figures.good_or_better} of {figures.audited} good or outstanding ({share}%){small}"


def _theme(row: ThemeCount) -> str:
    return f"{row.n} of {row.of}  {row.theme} ({ThemeMove(row.move).label.lower()})"


def _audit(row: ListedAudit) -> str:
    return f"{row.reference}  {Grade(row.grade).label}  {row.audit_type}, {row.service}"


def _section(title: str, rows: Iterable[str]) -> list[str]:
    held = list(rows)
    return ["", title, *(f"  {row}" for row in held or ["None"])]


def as_document(
    content: PanelSummaryContent, *, number: int, built_at: datetime, made_by: str, made_at: datetime, organisation: str
) -> Document:
    """A version of the summary as a document: the figures and lists of its page, for PDF, Word and slides."""
    at = timezone.localtime(built_at)
    month, before = f"{content.starts_on:%B %Y}", f"{content.before_starts_on:%B %Y}"
    grades = Table(
        "Grades this month and the month before",
        (Column("Month"), *_GRADE_COLUMNS),
        ((month, *_grade_cells(content.total)), (before, *_grade_cells(content.before))),
    )
    months = Bars(
        "Audits with each grade",
        GRADES,
        (BarRow(month, content.total.counts), BarRow(before, content.before.counts)),
        first="Month",
    )
    shown = [row for row in content.services if not row.figures.hidden]
    services = Table(
        "Grades by service",
        (Column("Service"), *_GRADE_COLUMNS, Column("Change")),
        tuple((row.service, *_grade_cells(row.figures), row.change or NONE) for row in content.services),
    )
    by_service = Bars(
        "Audits of each service with each grade",
        GRADES,
        tuple(BarRow(row.service, row.figures.counts) for row in shown),
        first="Service",
    )
    not_counted = tuple(f"Not counted: {count} {reason}" for count, reason in content.excluded)
    listed = (
        f"Open safeguarding alerts when this was built: {content.open_alerts}",
        f"Counted but not listed, since access to the case is restricted: {content.restricted_not_listed}",
        f"Counted but not listed, since the grade may still change: {content.provisional_not_listed}",
    )
    return Document(
        title=f"Summary for {month}",
        audience="the Learning and Improvement Panel",
        period=f"Version {number}, built on {at.day} {at:%B %Y} at {at:%H:%M}",
        made_by=made_by,
        made_at=made_at,
        organisation=organisation,
        scope="The whole department.",
        sections=(
            Section("In short", (Paragraph(content.headline, strong=True), Bullets((*content.missing, *not_counted)))),
            Section("Grades", (months, grades)),
            Section("By service", (by_service, services) if shown else (services,)),
            Section("Development points", (_themes("Development points", content.development),)),
            Section("Strengths", (_themes("Strengths", content.strengths),)),
            Section("Good and outstanding audits", (_audits("Good and outstanding audits", content.good_audits),)),
            Section("Inadequate audits", (_audits("Inadequate audits", content.inadequate_audits),)),
            Section("Beside the figures", (Bullets(listed),)),
        ),
    )


_GRADE_COLUMNS = (
    Column("Audits", "whole"),
    *(Column(grade.label, "whole") for grade in Grade),
    Column("Good or outstanding", "percent"),
)


def _grade_cells(figures: Figures) -> tuple[int | str, ...]:
    if figures.hidden:
        return ("not shown",) * 6
    percent = figures.percent
    return (figures.audited, *figures.counts.values(), percent["good_or_outstanding"] if percent else NONE)


def _themes(caption: str, rows: tuple[ThemeCount, ...]) -> Table | Paragraph:
    if not rows:
        return Paragraph("No finding of this kind bears a theme.")
    columns = (Column("Theme"), Column("Audits", "whole"), Column("Of", "whole"), Column("Move"))
    return Table(caption, columns, tuple((row.theme, row.n, row.of, ThemeMove(row.move).label) for row in rows))


def _audits(caption: str, rows: tuple[ListedAudit, ...]) -> Table | Paragraph:
    if not rows:
        return Paragraph("None.")
    columns = (Column("Audit"), Column("Grade"), Column("Type"), Column("Service"))
    cells = tuple((row.reference, Grade(row.grade).label, row.audit_type, row.service) for row in rows)
    return Table(caption, columns, cells)
