"""Answers by question across a set of audits, counted by the database: one row for each different answer, not for each
answer. Questions of several versions of a tool are counted together where they read the same, and told apart where not.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast

from accounts.models import OrgUnit
from audits.choices import CHOSEN_KINDS, QuestionKind
from audits.models import AuditTool, ToolQuestion, ToolSection, ToolVersion
from audits.querysets import AnswerQuerySet, ToolVersionQuerySet
from audits.rules.answers import COUNTED_KINDS, Middle, count_of_choices, middle, wording
from audits.rules.building import answers_of
from audits.selectors.tools import built_question

SERVICE, MONTH = "service", "month"
_CUTS = {
    SERVICE: "audit_section__audit__service",
    MONTH: "audit_section__audit__month",
}


@dataclass(frozen=True)
class AnswerCell:
    """The answers to one question in one column. `n` answers were given, in `audits` audits.

    `counts` are (key, words, how often) of what may be chosen, `middle` the median of numbers or dates. `withheld`:
    every audit behind it is of a restricted case, so nothing is told but that.
    """

    n: int
    audits: int
    counts: tuple[tuple[str, str, int], ...] = ()
    middle: Middle | None = None
    withheld: bool = False

    @property
    def small(self) -> bool:
        """Whether it rests on so few answers that it must be marked."""
        return 0 < self.n < 5


@dataclass(frozen=True)
class QuestionFigures:
    """A question with its answers, in all and by column. `versions` are those that ask it in this wording."""

    section: str
    key: str
    text: str
    kind: str
    versions: tuple[int, ...]
    reworded: bool
    repeats: str
    total: AnswerCell
    columns: tuple[AnswerCell, ...]

    @property
    def several(self) -> bool:
        """Whether one answer may hold several choices."""
        return self.kind == QuestionKind.CHOICES


@dataclass(frozen=True)
class AnswerTable:
    """The questions of a tool in order; `columns` are the names over the cells of each. `audits` is the largest number
    of audits that answered one question."""

    tool: str
    columns: tuple[str, ...]
    questions: tuple[QuestionFigures, ...]
    audits: int


def tools_to_choose(versions: ToolVersionQuerySet) -> list[tuple[str, str]]:
    """The tools with a version that is or was live, (key, name), by name."""
    ids = versions.filter(~Q(status="draft")).order_by().values("tool")
    return [(str(pk), name) for pk, name in AuditTool.objects.filter(pk__in=ids).values_list("pk", "name")]


def busiest_tool(versions: ToolVersionQuerySet) -> str:
    """The key of the tool with which most audits were done; "" where there is none."""
    rows = versions.order_by().values("tool").annotate(times=Count("audits")).order_by("-times", "tool")[:1]
    return str(rows[0]["tool"]) if rows else ""


def answer_table(answers: AnswerQuerySet, *, versions: ToolVersionQuerySet, cut: str = "") -> AnswerTable:
    """What was answered to each question of these versions, in the order of the newest.

    `answers` are those that count, already scoped to what the reader may count and to a period. Few queries, however
    many audits, and as the audits grow the database's own grouping is nearly all of the time.
    """
    rows = list(
        versions.select_related("tool", "scheme")
        .prefetch_related("sections__questions", "scheme__grades")
        .order_by("-number")
    )
    asked = _questions(rows)
    counted = _Counted(answers, asked, cut)
    found = [each.figures(counted) for each in asked]
    return AnswerTable(
        rows[0].tool.name if rows else "",
        tuple(name for _, name in counted.columns),
        tuple(found),
        max((question.total.audits for question in found), default=0),
    )


@dataclass(frozen=True)
class _Asked:
    """A question in one wording, with the rows of every version that has it."""

    section: str
    section_key: str
    first: ToolQuestion
    labels: dict[str, str]
    rows: tuple[tuple[Any, int], ...]  # the question's key and its version's number
    reworded: bool

    @property
    def ids(self) -> list[Any]:
        return [key for key, _ in self.rows]

    def figures(self, counted: _Counted) -> QuestionFigures:
        return QuestionFigures(
            section=self.section,
            key=f"{self.section_key}/{self.first.key}",
            text=self.first.text,
            kind=self.first.kind,
            versions=tuple(sorted(number for _, number in self.rows)),
            reworded=self.reworded,
            repeats=self.first.repeats,
            total=counted.cell(self, None),
            columns=tuple(counted.cell(self, key) for key, _ in counted.columns),
        )


def _questions(versions: Iterable[ToolVersion]) -> list[_Asked]:
    """The questions that can be counted, in the order of the newest version; older wordings follow the newer one."""
    first: dict[Any, tuple[ToolSection, ToolQuestion, dict[str, str]]] = {}
    rows: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
    places: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for version in versions:
        grades = [(grade.key, grade.name) for grade in version.scheme.grades.all()]
        for section in version.sections.all():
            for row in section.questions.all():
                if row.kind not in COUNTED_KINDS:
                    continue
                labels = answers_of(built_question(row), grades)
                same = (section.key, row.key, wording(row.text), row.kind, tuple(sorted(labels)))
                if same not in first:
                    first[same] = section, row, labels
                    places[section.key, row.key].append(same)
                rows[same].append((row.pk, version.number))
    found = []
    for sames in places.values():
        for same in sames:
            section, row, labels = first[same]
            found.append(_Asked(section.title, section.key, row, labels, tuple(rows[same]), len(sames) > 1))
    return found


class _Counted:
    """The database's counts, by question and column."""

    def __init__(self, answers: AnswerQuerySet, asked: Sequence[_Asked], cut: str) -> None:
        fields = [_CUTS[cut]] if cut in _CUTS else []
        counted = answers.filter(question__in=[pk for each in asked for pk in each.ids]).order_by()
        self._rows: dict[tuple[Any, Any], list[tuple[Any, int]]] = defaultdict(list)
        self._restricted: dict[tuple[Any, Any], int] = defaultdict(int)
        self._audits: dict[tuple[Any, Any], int] = {}
        found: set[Any] = set()
        # As text: to group by that is a third of the work of comparing JSON.
        grouped = counted.annotate(said=Cast("value", TextField())).values_list("question", "said", *fields)
        for question, said, *rest in grouped.annotate(times=Count("pk")):
            value, times = json.loads(said), rest.pop()
            for column in [None, *rest]:
                self._rows[question, column].append((value, times))
            found.update(rest)
        hidden = counted.filter(audit_section__audit__case__restricted=True).values_list("question", *fields)
        for question, *rest in hidden.annotate(times=Count("pk")):
            times = rest.pop()
            for column in [None, *rest]:
                self._restricted[question, column] += times
        repeated = [pk for each in asked if each.first.repeats for pk in each.ids]
        for columns in ([[], fields] if fields else [[]]) if repeated else []:
            rows = counted.filter(question__in=repeated).values_list("question", *columns)
            for question, *rest in rows.annotate(times=Count("audit_section", distinct=True)):
                self._audits[question, rest[0] if columns else None] = rest[-1]
        self.columns = _named(found, cut)

    def cell(self, asked: _Asked, column: Any) -> AnswerCell:
        """What was answered to one question in one column, or in all."""
        values = [pair for pk in asked.ids for pair in self._rows.get((pk, column), ())]
        n = sum(times for _, times in values)
        if n and n == sum(self._restricted.get((pk, column), 0) for pk in asked.ids):
            return AnswerCell(0, 0, withheld=True)
        audits = sum(self._audits.get((pk, column), 0) for pk in asked.ids) if asked.first.repeats else n
        if asked.first.kind not in CHOSEN_KINDS:
            return AnswerCell(n, audits, middle=middle(asked.first.kind, values))
        counts = count_of_choices(values)
        return AnswerCell(n, audits, tuple((key, label, counts[key]) for key, label in asked.labels.items()))


def _named(keys: set[Any], cut: str) -> list[tuple[Any, str]]:
    """The columns with their names, in order: services by name, months by time."""
    if cut == SERVICE:
        names = dict(OrgUnit.objects.filter(pk__in=keys).values_list("pk", "name"))
        return sorted(names.items(), key=lambda each: each[1])
    return [(month, f"{month:%B %Y}") for month in sorted(keys)]
