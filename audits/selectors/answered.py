"""Level and speed of response, and what moved between audits and their re-audits. Every share with its number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from django.utils import timezone

from audits.choices import GRADE_FINAL, GRADES, ClockKind, ClockState, Grade, Movement, View
from audits.models import Audit, Clock, ResponsePoint
from audits.querysets import AuditQuerySet
from audits.rules.re_auditing import movement
from core.working_days import working_days_between

NO_GRADE = "No grade"


@dataclass(frozen=True)
class SpeedRow:
    """How fast one group of audits was answered. `days` is the median of working days, None where none was."""

    label: str
    due: int
    answered: int
    in_time: int
    days: float | None
    agree: int
    partly: int
    disagree: int

    @property
    def share(self) -> int | None:
        """How many in a hundred were answered in time, of those whose time is over or that were answered."""
        return None if not self.due else (200 * self.in_time + self.due) // (2 * self.due)


@dataclass(frozen=True)
class MovementRow:
    """What moved in one group of re-audits."""

    label: str
    improved: int
    same: int
    worse: int

    @property
    def n(self) -> int:
        """How many pairs there are."""
        return self.improved + self.same + self.worse


@dataclass(frozen=True)
class Answered:
    """The page: speed by grade and by service, the whole, and the movement by service."""

    by_grade: tuple[SpeedRow, ...]
    by_service: tuple[SpeedRow, ...]
    total: SpeedRow
    movement: tuple[MovementRow, ...]


def answered(audits: AuditQuerySet, *, today: date, closed: frozenset[date] = frozenset()) -> Answered:
    """The figures of audits that are already scoped to what the reader may see in figures.

    An audit counts once its response is given or its time is over; one whose clock still runs in time does not.
    """
    clocks = [
        clock
        for clock in Clock.objects.filter(audit__in=audits.values("pk"), kind=ClockKind.RESPONSE)
        .exclude(state=ClockState.STOPPED)
        .select_related("audit__service")
        if clock.state == ClockState.MET or clock.due_on < today
    ]
    views: dict[Any, Counter[str]] = defaultdict(Counter)
    given = ResponsePoint.objects.filter(response__audit__in=audits.values("pk"), response__given_at__isnull=False)
    for audit, view in given.values_list("response__audit", "view"):
        views[audit][view] += 1
    grades = [*GRADES, ""]
    services = sorted({clock.audit.service.name for clock in clocks})
    return Answered(
        by_grade=tuple(
            _row(Grade(grade).label if grade else NO_GRADE, found, views, closed)
            for grade in grades
            if (found := [clock for clock in clocks if clock.audit.counted_grade == grade]) or grade
        ),
        by_service=tuple(
            _row(name, [clock for clock in clocks if clock.audit.service.name == name], views, closed)
            for name in services
        ),
        total=_row("All", clocks, views, closed),
        movement=_movement(audits),
    )


def _row(label: str, clocks: Iterable[Clock], views: dict[Any, Counter[str]], closed: frozenset[date]) -> SpeedRow:
    found = list(clocks)
    met = [(clock, timezone.localdate(clock.ended_at)) for clock in found if clock.ended_at is not None]
    days = [max(working_days_between(clock.started_on, day, closed), 0) for clock, day in met]
    said: Counter[str] = sum((views[clock.audit_id] for clock in found), Counter())
    return SpeedRow(
        label=label,
        due=len(found),
        answered=len(met),
        in_time=sum(day <= clock.due_on for clock, day in met),
        days=median(days) if days else None,
        agree=said[View.AGREE],
        partly=said[View.PARTLY],
        disagree=said[View.DISAGREE],
    )


def _movement(audits: AuditQuerySet) -> tuple[MovementRow, ...]:
    pairs = (
        Audit.objects.filter(first_audit__in=audits.values("pk"), status__in=GRADE_FINAL)
        .select_related("first_audit", "service")
        .order_by("service__name")
    )
    counted: dict[str, Counter[str]] = {}
    for again in pairs:
        first = again.first_audit
        moved = movement(first.counted_grade, again.counted_grade) if first else ""
        if moved:
            counted.setdefault(again.service.name, Counter())[moved] += 1
    rows = [
        MovementRow(name, found[Movement.IMPROVED], found[Movement.SAME], found[Movement.WORSE])
        for name, found in sorted(counted.items())
    ]
    if len(rows) > 1:
        rows.append(
            MovementRow(
                "All", sum(row.improved for row in rows), sum(row.same for row in rows), sum(row.worse for row in rows)
            )
        )
    return tuple(rows)
