"""Answers by question as they are printed: in the words of the page, for readers inside and outside the QA unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from audits.choices import QuestionKind
from audits.rules.answers import hidden_choices, percents
from audits.rules.suppression import SMALLEST_SHOWN
from audits.selectors.answers import AnswerCell, AnswerTable, QuestionFigures
from core.templatetags.page_parts import day

NONE, WITHHELD = "-", "withheld"
RESTRICTED = "withheld: restricted cases only"


@dataclass(frozen=True)
class AnswerLine:
    """A question as printed: `cells` are the lines of text of each column, the total first."""

    text: str
    note: str
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class AnswerGroup:
    """The questions of one section as printed."""

    section: str
    lines: tuple[AnswerLine, ...]


def printed(table: AnswerTable, *, outside: bool) -> list[AnswerGroup]:
    """The table by section. For readers outside the QA unit small numbers are withheld."""
    groups: dict[str, list[AnswerLine]] = {}
    for question in table.questions:
        cells = (question.total, *question.columns)
        short = bool(table.columns)
        lines = (tuple(cell_lines(question, cell, outside=outside, short=short)) for cell in cells)
        line = AnswerLine(question.text, note(question), tuple(lines))
        groups.setdefault(question.section, []).append(line)
    return [AnswerGroup(section, tuple(lines)) for section, lines in groups.items()]


def note(question: QuestionFigures) -> str:
    """What a reader has to know of a question: other wordings, repeats, several choices."""
    parts = []
    if question.reworded:
        listed = ", ".join(map(str, question.versions))
        parts.append(f"as worded in version{'s' if len(question.versions) > 1 else ''} {listed}, counted by itself")
    if question.repeats:
        parts.append(f"asked for each {question.repeats}")
    if question.several:
        parts.append("several answers may be chosen")
    words = "; ".join(parts)
    return words[:1].upper() + words[1:]


def cell_lines(question: QuestionFigures, cell: AnswerCell, *, outside: bool, short: bool = False) -> list[str]:
    """One cell in lines: n first, then each answer with its share, or the median and the range. `short` leaves the n
    of each share to the first line, where many columns stand beside each other."""
    if cell.withheld:
        return [RESTRICTED]
    if not cell.n:
        return [NONE]
    if outside and cell.n < SMALLEST_SHOWN:
        return [WITHHELD]
    audits = f" in {cell.audits:,} audits" if question.repeats else ""
    small = " (small)" if cell.small else ""
    lines = [f"n = {cell.n:,}{audits}{small}"]
    if cell.middle is not None:
        lines.append(f"median {_said(cell.middle.median)}")
        if not outside:
            lines.append(f"from {_said(cell.middle.lowest)} to {_said(cell.middle.highest)}")
    hidden = _hidden(question, cell) if outside else set()
    of = "" if short else f" of {cell.n:,}"
    both = question.kind in (QuestionKind.YES_PARTLY_NO, QuestionKind.EVIDENCED)
    return lines + [
        f"{label}: {WITHHELD if key in hidden else f'{count:,}{of} ({percent}%)'}"
        for (key, label, count), percent in zip(cell.counts, _percents(question, cell), strict=True)
        if count or both
    ]


def _percents(question: QuestionFigures, cell: AnswerCell) -> tuple[int, ...]:
    return percents([count for _, _, count in cell.counts], cell.n, several=question.several)


def _hidden(question: QuestionFigures, cell: AnswerCell) -> set[str]:
    counts = {key: count for key, _, count in cell.counts}
    return hidden_choices(counts, cell.n, k=SMALLEST_SHOWN, several=question.several)


def _said(value: float | date) -> str:
    return day(value) if isinstance(value, date) else f"{value:,g}"


HEADER = (
    "Section", "Question", "Versions", "Kind", "Of", "Answers (n)", "Audits", "Answer", "Count", "Percent", "Median",
    "Lowest", "Highest",
)  # fmt: skip


def as_rows(table: AnswerTable, *, outside: bool) -> list[list[object]]:
    """A row for each answer that can be given and each median: what the page prints, for a spreadsheet."""
    rows: list[list[object]] = []
    for question in table.questions:
        columns = zip(("All", *table.columns), (question.total, *question.columns), strict=True)
        for name, cell in columns:
            start: list[object] = [
                question.section, question.text, ", ".join(map(str, question.versions)),
                QuestionKind(question.kind).label, name,
            ]  # fmt: skip
            rows += [start + rest for rest in _rest(question, cell, outside=outside)]
    return rows


def _rest(question: QuestionFigures, cell: AnswerCell, *, outside: bool) -> list[list[object]]:
    none: list[object] = [""]
    if cell.withheld or (outside and 0 < cell.n < SMALLEST_SHOWN):
        return [[WITHHELD] * 2 + none * 6]
    if cell.counts:
        hidden = _hidden(question, cell) if outside else set()
        counts = zip(cell.counts, _percents(question, cell), strict=True)
        return [
            [cell.n, cell.audits, label, *_counted(key in hidden, count, percent, cell.n), *none * 3]
            for (key, label, count), percent in counts
        ]
    if cell.middle is None:
        return [[cell.n, cell.audits, *none * 3, NONE, *none * 2]]
    ends: list[object] = ["", ""] if outside else [cell.middle.lowest, cell.middle.highest]
    return [[cell.n, cell.audits, *none * 3, cell.middle.median, *ends]]


def _counted(hidden: bool, count: int, percent: int, n: int) -> list[object]:
    return [WITHHELD, WITHHELD] if hidden else [count, percent if n else NONE]
