"""Written reports: what they begin with, and the figures that are printed under their headings."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.access import SYSTEM
from actions.choices import OPEN_STATUSES, RecommendationStatus
from actions.models import Action, Recommendation
from audits.choices import Breakdown, FindingKind
from audits.documents import WITHHELD
from audits.models import Audit, GradeTally
from audits.rules.suppression import SMALLEST_SHOWN, told_along, with_the_rest
from core.documents import Bullets, Column, Paragraph, Section, Table
from core.documents.content import Cell
from reports.choices import WrittenKind, WrittenStatus
from reports.models import PublishedMonth, WrittenReport
from reports.rules.periods import in_words
from reports.rules.writing import HEADINGS
from reports.selectors.figures import said, said_outside
from reports.selectors.kept import kept, table_from
from reports.selectors.standard import Asked, Rows
from reports.selectors.standard.asking import counted, share, some
from reports.selectors.standard.grading import (
    found_often,
    grades,
    most_frequent,
    public_of,
    public_table,
    table_of,
    theme_counts,
    trend_report,
)
from reports.selectors.standard.working import FAMILIES_CAPTION, FAMILIES_HEADS, family_report, heard_by_month

_THEMES = 5
_LISTED = 12


def first_words(*, kind: str, first: date, last: date) -> dict[str, str]:
    """What a new report says before anybody has written: sentences made of the figures, to be kept or changed.

    A return to the partnership leaves the department: it has the public figures, and no small number. Each return of a
    year holds the months of the one before, so it tells a count only where no return of the year leaves few between
    them, and of themes their names alone.
    """
    rows, asked = _whole(kind, first, last)
    audits = counted(rows, asked)
    themes = theme_counts(audits)
    forms = audits.filter(tool_version__isnull=False).count()

    def named(kind_of_finding: str) -> str:
        found = themes[kind_of_finding]
        if asked.public:
            return "\n".join(f"{name}." for name in found_often(found)[:_THEMES])
        return "\n".join(
            f"{name}: in {some(count, 'audit')} of {forms:,}." for name, count in most_frequent(found)[:_THEMES]
        )

    strengths, gaps = named(FindingKind.STRENGTH), named(FindingKind.DEVELOPMENT)
    if asked.public:
        grade_words = said_outside(public_of(rows, asked, Breakdown.SERVICE))
    else:
        grade_words = said(table_of(rows, asked, Breakdown.SERVICE))
    trend = trend_report(rows, asked)[0]
    trend_words = "\n".join(block.text for block in trend.blocks[:1] if isinstance(block, Paragraph))
    actions = _action_words(asked)
    if kind == WrittenKind.BOARD:
        return {
            "positive": strengths, "development": gaps, "table": grade_words, "analysis": trend_words,
            "next_steps": actions,
        }  # fmt: skip
    family = _family_words(rows, asked)
    return {
        "key_developments": "",
        "statistics": "\n".join(filter(None, (grade_words, trend_words))),
        "evidence": "",
        "staff": "",
        "families": family,
        "reviews": _review_words(),
        "strengths": strengths,
        "concerns": "",
        "development": gaps,
        "action_plan": actions,
        "outcomes": "",
    }


def _may_tell(count: int, of: int, asked: Asked) -> bool:
    """Whether a count of audits may stand in the report: outside the department none of 1 to 4, and none that leaves
    so few."""
    return not asked.public or not (0 < count < SMALLEST_SHOWN or 0 < of - count < SMALLEST_SHOWN)


def _family_words(rows: Rows, asked: Asked) -> str:
    table = _families_table(rows, asked)
    if table is None or WITHHELD in table.rows[-1]:
        return ""
    _, of, heard, percent = table.rows[-1]
    return f"The family was heard in {heard} of {of} audits ({percent}%)."


def _families_table(rows: Rows, asked: Asked) -> Table | None:
    """In how many audits the family was heard, by service; None where there is no audit to count.

    Outside the department the whole alone, of the audits of published months: the services' counts could be set against
    those of the grades.
    """
    if asked.public:
        return _families_so_far(rows, asked)
    found = [
        block for section in family_report(rows, asked) for block in section.blocks if isinstance(block, Table)
    ]  # fmt: skip
    return found[0] if found else None


def _families_so_far(rows: Rows, asked: Asked) -> Table | None:
    audits = counted(rows, asked).filter(pk__in=rows.published.issued_audits())
    heard, every = heard_by_month(audits)
    sums: Counter[str] = Counter()
    parts: dict[str, Counter[str]] = defaultdict(Counter)
    run: list[dict[str, int]] = []
    services = {service for month in every.values() for service in month}
    for month in asked.months:
        for service, of in every[month].items():
            yes = heard[month][service]
            for counts in (sums, parts[service]):
                counts.update({"of": of, "heard": yes, "not heard": of - yes})
        run.append(with_the_rest(sums, parts, services))
    of, yes = sums["of"], sums["heard"]
    if not of:
        return None
    told = told_along(run)[-1] and all(not 0 < count < SMALLEST_SHOWN for count in run[-1].values())
    line = ("Total", of, yes, share(yes, of)) if told else ("Total", *[WITHHELD] * 3)
    return Table(FAMILIES_CAPTION, FAMILIES_HEADS, (line,))


def _action_words(asked: Asked) -> str:
    open_ = Action.objects.visible_to(SYSTEM).filter(status__in=OPEN_STATUSES)
    overdue = open_.overdue(asked.today).count()
    number = open_.count()
    if not number:
        return "No actions are open."
    if asked.public and not all(_may_tell(count, number, asked) for count in (number, overdue)):
        return "Some actions are open; how many are overdue is not told, since it is a small number."
    return f"{some(number, 'action')} open, {overdue:,} of them overdue."


def _review_words() -> str:
    items = Recommendation.objects.visible_to(SYSTEM).order_by("made_on", "item_number")
    counts = Counter(items.order_by().values_list("status", flat=True))
    labels = dict(RecommendationStatus.choices)
    told = [f"{count:,} {labels[key].lower()}" for key, count in sorted(counts.items())]
    return f"Recommendations of outside bodies: {', '.join(told)}." if told else ""


def _whole(kind: str, first: date, last: date) -> tuple[Rows, Asked]:
    """The whole department's rows: a written report is the department's own."""
    audits = Audit.objects.visible_to(SYSTEM)
    rows = Rows(
        GradeTally.objects.visible_to(SYSTEM), audits, audits, Action.objects.visible_to(SYSTEM),
        PublishedMonth.objects.visible_to(SYSTEM),
    )  # fmt: skip
    version = "public" if kind == WrittenKind.PARTNERSHIP else "internal"
    return rows, Asked(first, last, (), timezone.localdate(), version)


def figures_of(*, kind: str, first: date, last: date) -> dict[str, Any]:
    """The tables under the headings as data, to be kept with a finished report: heading to caption, columns, rows."""
    return {key: kept(table) for key, table in _tables(kind, first, last).items()}


def _tables(kind: str, first: date, last: date) -> dict[str, Table]:
    rows, asked = _whole(kind, first, last)
    found: dict[str, Table] = {}
    for heading in HEADINGS[kind]:
        match heading.figures:
            case "grades":
                if asked.public:
                    found[heading.key] = public_table(public_of(rows, asked, Breakdown.SERVICE))
                else:
                    found[heading.key] = grades(table_of(rows, asked, Breakdown.SERVICE))
            case "themes":
                table = _themes_table(rows, asked)
                if table.rows:
                    found[heading.key] = table
            case "families":
                if (families := _families_table(rows, asked)) is not None:
                    found[heading.key] = families
    return found


def _themes_table(rows: Rows, asked: Asked) -> Table:
    audits = counted(rows, asked)
    forms = audits.filter(tool_version__isnull=False).count()
    themes = theme_counts(audits)
    if asked.public:
        strong, weak = (found_often(themes[kind]) for kind in (FindingKind.STRENGTH, FindingKind.DEVELOPMENT))
        names = dict.fromkeys((*weak, *strong))
        told = tuple((name, "yes" if name in strong else "-", "yes" if name in weak else "-") for name in names)
        named = (Column("Theme"), Column("A strength"), Column("To develop"))
        return Table(f"Themes in {SMALLEST_SHOWN} audits or more", named, told[:_LISTED])
    counts = themes[FindingKind.STRENGTH] + themes[FindingKind.DEVELOPMENT]
    lines: list[tuple[Cell, ...]] = []
    for name, _ in most_frequent(counts)[:_LISTED]:
        good, bad = (themes[kind][name] for kind in (FindingKind.STRENGTH, FindingKind.DEVELOPMENT))
        lines.append((name, good, bad, share(bad, forms)))
    heads = (
        Column("Theme"),
        Column("Strength", "whole"),
        Column("To develop", "whole"),
        Column("% to develop", "percent"),
    )
    return Table(f"Themes in {some(forms, 'audit')}", heads, tuple(lines))


@dataclass(frozen=True)
class WrittenPage:
    """A written report as read: its sections, its versions, and whether it is finished."""

    title: str
    period: str
    finished: bool
    sections: tuple[Section, ...]
    versions: tuple[tuple[int, datetime, str], ...]


def period_words(report: WrittenReport) -> str:
    """The months that a report is about."""
    return in_words(report.first, report.last)


def written_page(report: WrittenReport) -> WrittenPage:
    """A report with its texts and figures: those kept with a finished one, those of today under a draft."""
    finished = report.status == WrittenStatus.FINISHED
    tables = (
        {key: table_from(data) for key, data in report.figures.items()}
        if finished
        else _tables(report.kind, report.first, report.last)
    )
    sections = []
    for heading in HEADINGS[report.kind]:
        text = report.texts.get(heading.key, "")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        blocks: list[Paragraph | Bullets | Table] = [Paragraph(line) for line in lines]
        if not lines:
            blocks.append(Paragraph("Nothing has been written here."))
        if heading.key in tables:
            blocks.append(tables[heading.key])
        sections.append(Section(heading.words, tuple(blocks)))
    versions = tuple(
        (each.number, each.saved_at, str(each.saved_by or "The system"))
        for each in report.versions.select_related("saved_by").order_by("-number")
    )
    return WrittenPage(str(report.get_kind_display()), period_words(report), finished, tuple(sections), versions)
