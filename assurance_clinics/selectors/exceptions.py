"""What is overdue for which child, and what is due next: one list over all indicators, from the latest extract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.choices import UnitKind
from accounts.models import OrgUnit
from actions.models import Action
from actions.querysets import ActionQuerySet
from assurance_clinics.models import CaseNote, DatedEvent
from assurance_clinics.rules.exceptions import COMING_DAYS, DUTIES, Duty
from assurance_clinics.rules.indicators import FORMULAS, Extracted, Judged
from assurance_clinics.selectors.drilling import names_of, seen_cases
from assurance_clinics.selectors.extracts import read_extract
from cases.models import Extract
from cases.querysets import CaseQuerySet
from core.working_days import when_due, working_days_between


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """One thing to do for one child. `overdue_since` None with `is_late` means that no date is known at all; `also`
    are the words of the wider intervals that have passed too."""

    duty: str
    what: str
    code: str
    reference: str
    case: UUID | None
    reason: str
    is_late: bool
    overdue_since: date | None
    due: date | None
    when: str
    also: tuple[str, ...]
    team: str
    worker: str
    worker_key: Any


@dataclass(frozen=True)
class Exceptions:
    """The whole list of a place: late first and longest first, then what is due next. `hidden` of the late children
    are counted and not listed, since the reader may not see the case."""

    as_at: date
    late: tuple[ExceptionLine, ...]
    coming: tuple[ExceptionLine, ...]
    hidden: int

    def counts(self, lines: Iterable[ExceptionLine]) -> list[tuple[str, str, int]]:
        """How many of these lines of each duty that has any: key, words, number."""
        found = Counter(line.duty for line in lines)
        return [(duty.key, duty.words, found[duty.key]) for duty in DUTIES if found[duty.key]]

    @property
    def workers(self) -> list[tuple[str, str]]:
        """The workers of the lines, by name."""
        named = {(str(line.worker_key), line.worker) for line in (*self.late, *self.coming) if line.worker_key}
        return sorted(named, key=lambda each: each[1].casefold())


def of_unit(unit: OrgUnit) -> Q:
    """Rows of an extract that belong to a team, or to a service and its teams."""
    return Q(team=unit) if unit.kind == UnitKind.TEAM else Q(service=unit) | Q(team__parent=unit)


def exceptions(
    extract: Extract, cases: CaseQuerySet, *, only: Q, agreed: QuerySet[DatedEvent], today: date
) -> Exceptions:
    """What is late and what is due next for the rows `only`, as the extract has them. `cases` are those that the
    reader may see."""
    lists = {number for duty in DUTIES for number in FORMULAS[duty.first].main}
    extracted = read_extract(extract, lists=lists, only=only, agreed=agreed)
    judged = [(duty, each, also) for duty in DUTIES for each, also in _judge(duty, extracted, extract.as_at)]
    seen = seen_cases([each for _, each, _ in judged], cases)
    listed = [found for found in judged if found[1].row.case is None or found[1].row.case in seen]
    teams, workers = names_of([each for _, each, _ in listed])
    lines = [_line(duty, each, also, today, teams, workers) for duty, each, also in listed]
    late = [line for line in lines if line.is_late]
    until = today + timedelta(days=COMING_DAYS)
    coming = [line for line in lines if not line.is_late and line.due is not None and line.due <= until]
    hidden = sum(each.state == duty.late for duty, each, _ in judged) - len(late)
    return Exceptions(
        extract.as_at,
        tuple(sorted(late, key=lambda line: (line.overdue_since or date.min, line.reference))),
        tuple(sorted(coming, key=lambda line: (line.due or date.max, line.reference))),
        hidden,
    )


def _judge(duty: Duty, extracted: Extracted, on: date) -> list[tuple[Judged, tuple[str, ...]]]:
    """Each child that the tightest indicator judges, with the words of the wider intervals that have passed too."""
    wider = {
        words: {each.row.row for each in FORMULAS[code].judge(extracted, on) if each.state == duty.late}
        for code, words in duty.codes[1:]
    }
    return [
        (each, tuple(words for words, late in wider.items() if each.row.row in late))
        for each in FORMULAS[duty.first].judge(extracted, on)
        if duty.is_to_do(each)
    ]


def _line(
    duty: Duty, each: Judged, also: tuple[str, ...], today: date, teams: Mapping[Any, str], workers: Mapping[Any, str]
) -> ExceptionLine:
    row, late = each.row, each.state == duty.late
    since = each.due + timedelta(days=1) if late and each.due is not None else None
    if late:
        days = working_days_between(each.due, today) if each.due is not None else 0
        when = f"{days} working day{'' if days == 1 else 's'} overdue" if each.due is not None else ""
    else:
        when = when_due(each.due, today) if each.due is not None else ""
    return ExceptionLine(
        duty=duty.key, what=duty.words, code=duty.first, reference=row.reference,
        case=row.case if isinstance(row.case, UUID) else None, reason=each.reason, is_late=late, overdue_since=since,
        due=each.due, when=when, also=also, team=teams.get(row.team, ""), worker=workers.get(row.worker, ""),
        worker_key=row.worker,
    )  # fmt: skip


@dataclass(frozen=True)
class Beside:
    """What stands beside the lines of one page: notes by duty's code and case, open actions by case."""

    notes: Mapping[tuple[str, UUID], CaseNote]
    actions: Mapping[UUID, Sequence[Action]]


def noted(lines: Iterable[ExceptionLine], notes: QuerySet[CaseNote]) -> Mapping[tuple[str, UUID], CaseNote]:
    """The notes beside these lines that say something."""
    keys = list({line.case for line in lines if line.case is not None})
    rows = notes.filter(case__in=keys[:2000]).exclude(text="").select_related("indicator", "saved_by")
    return {(one.indicator.code or "", one.case_id): one for one in rows}


def beside(
    lines: Sequence[ExceptionLine], notes: Mapping[tuple[str, UUID], CaseNote], actions: ActionQuerySet
) -> Beside:
    """The notes, and the open actions about the cases of these lines that the reader may see."""
    keys = [line.case for line in lines if line.case is not None]
    found: dict[UUID, list[Action]] = {}
    for action in actions.open().filter(case__in=keys).order_by("due_on", "reference"):
        if action.case_id is not None:
            found.setdefault(action.case_id, []).append(action)
    return Beside(notes, found)
