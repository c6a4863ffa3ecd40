"""The panel's papers: a summary as text, JSON and document, a pack and minutes as documents, as their pages are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from audits.choices import Grade
from core.charts import GRADES, BarRow
from core.documents import Bars, Bullets, Column, Document, Paragraph, Section, Table
from learning.choices import ItemKind, MeetingStatus, ThemeMove
from learning.models import Meeting
from learning.selectors.packs import PackContent, PackDecision, ResponseSpeed
from learning.selectors.summaries import Figures, ListedAudit, PanelSummaryContent, ThemeCount
from learning.selectors.trend import ShownTrend, shown_trend
from learning.selectors.widening import HeatCell, HeatMap, ModerationEffect

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


@dataclass(frozen=True)
class Taken:
    """Who takes a document out, when, and from whom."""

    by: str
    at: datetime
    organisation: str


def as_document(content: PanelSummaryContent, *, number: int, built_at: datetime, taken: Taken) -> Document:
    """A version of the summary as a document: the figures and lists of its page, for PDF, Word and slides."""
    return _document(
        f"Summary for {content.starts_on:%B %Y}", "the Learning and Improvement Panel", _built(number, built_at),
        taken, _figures_of(content),
    )  # fmt: skip


def _document(title: str, audience: str, period: str, taken: Taken, sections: tuple[Section, ...]) -> Document:
    return Document(
        title=title, audience=audience, period=period, made_by=taken.by, made_at=taken.at,
        organisation=taken.organisation, scope="The whole department.", sections=sections,
    )  # fmt: skip


def _built(number: int, built_at: datetime) -> str:
    at = timezone.localtime(built_at)
    return f"Version {number}, built on {at.day} {at:%B %Y} at {at:%H:%M}"


def pack_document(
    pack: PackContent, month: PanelSummaryContent, *, of: int, number: int, built_at: datetime, taken: Taken
) -> Document:
    """A version of a pack as its page prints it. `pack` holds what its reader may see of `of` items."""
    hidden = of - len(pack.items)
    kinds = dict(ItemKind.choices)
    agenda = tuple(
        Section(
            f"{place}. {item.title}",
            (Paragraph(f"{kinds.get(item.kind, item.kind)}{f': {item.about}' if item.about else ''}"),
             Paragraph(item.paper)),
        )
        for place, item in enumerate(pack.items, 1)
    )  # fmt: skip
    notes = [] if agenda else [Paragraph("Nothing is on the agenda.")]
    if hidden:
        notes.append(Paragraph(f"{hidden} not shown to the reader, because of a conflict."))
    counts = pack.counts
    actions: list[Paragraph | Table] = [
        Paragraph(
            f"In the whole department {counts.open} open and {counts.overdue} overdue. Of this panel's, "
            f"{counts.from_panel} open and {counts.from_panel_overdue} overdue."
        )
    ]
    if pack.actions:
        heads = (Column("Action"), Column("What has to be done"), Column("Due", "date"), Column("Status"))
        rows = tuple(
            (each.reference, each.what, date.fromisoformat(each.due_on),
             f"{each.status}{', overdue' if each.overdue else ''}")
            for each in pack.actions
        )  # fmt: skip
        actions.append(Table("Open actions of this panel", heads, rows))
    sections = [Section("Agenda", tuple(notes), agenda)]
    if pack.reviews:
        sections.append(Section("Decisions to look at again", sections=tuple(map(_decision, pack.reviews))))
    sections.append(Section("Actions", tuple(actions)))
    if pack.response is not None:
        sections.append(Section("How fast managers responded", (Paragraph(_responses(pack.response)),)))
    none = () if pack.decisions else (Paragraph("No earlier meeting has decided anything in the last twelve months."),)
    sections.append(Section("Earlier decisions", none, tuple(map(_decision, pack.decisions))))
    if pack.missing:
        sections.append(Section("What is not in this pack", (Bullets(pack.missing),)))
    return _document(
        f"Pack of {pack.meeting}", pack.panel, _built(number, built_at), taken, (*sections, *_figures_of(month))
    )


def _decision(decision: PackDecision) -> Section:
    blocks: list[Paragraph | Bullets | Table] = [Paragraph(decision.decision)]
    if decision.outcomes:
        blocks.append(Bullets(tuple(f"{kind}: {text}" for kind, text in decision.outcomes)))
    if (found := decision.impact) is not None:
        heads = (Column("Months"), Column("Audits to develop", "whole"), Column("Of", "whole"))
        rows = (
            (f"Before: {found.before[0]} to {found.before[1]}", found.n_before, found.of_before),
            (f"Since: {found.after[0]} to {found.after[1]}", found.n_after, found.of_after),
        )
        move = ThemeMove(found.move).label
        blocks.append(Table(f"{found.theme}, before and since: {move.lower()}", heads, rows))
    return Section(f"{decision.meeting}: {decision.title}", tuple(blocks))


def _responses(speed: ResponseSpeed) -> str:
    if not speed.due:
        return "No response fell due in the month."
    half = "" if speed.median_days is None else f" Half of those given came within {speed.median_days} working days."
    return (
        f"{speed.due} fell due in the month: {speed.in_time} came in time, {speed.late} late, and {speed.waiting} "
        f"still waited for.{half}"
    )


def minutes_document(meeting: Meeting, *, taken: Taken) -> Document:
    """A meeting's minutes: each numbered item under its heading, and corrections at the end."""
    sections: list[Section] = []
    heading = "Present"
    blocks: list[Paragraph] = []
    for line in filter(None, map(str.strip, meeting.minutes.splitlines())):
        if _NUMBERED.match(line):
            sections.append(Section(heading, tuple(blocks)))
            heading, blocks = line, []
        else:
            blocks.append(Paragraph(line))
    sections.append(Section(heading, tuple(blocks)))
    corrections = tuple(
        f"{timezone.localtime(note.at):%d/%m/%Y}: {note.text}" for note in meeting.corrections.order_by("at", "pk")
    )
    if corrections:
        sections.append(Section("Corrections", (Bullets(corrections),)))
    draft = " (draft)" if meeting.status == MeetingStatus.MINUTES_DRAFT else ""
    day = meeting.held_on
    return _document(
        f"Minutes of {meeting.reference}{draft}", meeting.panel.name, f"{day.day} {day:%B %Y}", taken, tuple(sections)
    )


_NUMBERED = re.compile(r"\d+\. ")


def _figures_of(content: PanelSummaryContent) -> tuple[Section, ...]:
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
    trend = shown_trend(content.trend, target=content.target)
    return (
        Section("In short", (Paragraph(content.headline, strong=True), Bullets((*content.missing, *not_counted)))),
        Section("Grades", (months, grades)),
        *([] if trend is None else [_trend(trend)]),
        *([] if content.moderation is None else [_moderation(content.moderation)]),
        Section("By service", (by_service, services) if shown else (services,)),
        *([_heat(content.heat_map)] if content.heat_map.rows else []),
        Section("Development points", (_themes("Development points", content.development),)),
        Section("Strengths", (_themes("Strengths", content.strengths),)),
        Section("Good and outstanding audits", (_audits("Good and outstanding audits", content.good_audits),)),
        Section("Inadequate audits", (_audits("Inadequate audits", content.inadequate_audits),)),
        Section("Beside the figures", (Bullets(listed),)),
    )


def _trend(trend: ShownTrend) -> Section:
    more = [Bullets(trend.said[1:])] if len(trend.said) > 1 else []
    return Section("Trend", (Paragraph(trend.said[0], strong=True), *more, trend.line, trend.table))


def _moderation(found: ModerationEffect) -> Section:
    said = (
        f"Of {found.settled} settled audits {found.good_before} were good or outstanding by the auditor's grade and "
        f"{found.good_after} by the settled one. Grades raised: {found.raised}; lowered: {found.lowered}."
        if found.settled
        else "No grade of the month is settled yet."
    )
    return Section("What moderation changed", (Paragraph(said),))


def _heat(heat: HeatMap) -> Section:
    def words(cell: HeatCell) -> str:
        return "not shown" if cell.n is None else NONE if not cell.n else f"{cell.percent}% ({cell.n})"

    heads = (Column("Section"), *(Column(name) for name in heat.services), Column("All"))
    rows = tuple((row.section, *map(words, row.cells), words(row.total)) for row in heat.rows)
    return Section(
        "Sections by service",
        (Table("Good or outstanding in three months, with the number of judgements", heads, rows),),
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
