"""When a month is drafted and published, and what later changes to it are called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from audits.choices import GRADES, Grade, TallyStage
from audits.rules.arithmetic import percentages
from core.council.rules import Setting
from core.working_days import nth_working_day_of_month
from reports.rules.periods import earlier

DUE_TIME = time(6, 0)
_GROUP = "Reports"
TIMESCALES = (
    Setting("month_draft_day", "Month drafted on this working day", 5, "", _GROUP, 1, 15),
    Setting("month_publish_day", "QA lead reminded to publish on this working day", 10, "", _GROUP, 1, 15),
)


def moments(now: datetime, working_day: int, closed: Collection[date] = ()) -> tuple[datetime, datetime]:
    """The last moment at or before `now` (local time) at which the month's `working_day` came, and the next one."""

    def on(month: date) -> datetime:
        day = nth_working_day_of_month(month.year, month.month, working_day, closed)
        return datetime.combine(day, DUE_TIME, tzinfo=now.tzinfo)

    this = now.date().replace(day=1)
    if now >= on(this):
        return on(this), on(earlier(this, -1))
    return on(earlier(this, 1)), on(this)


def month_due(now: datetime, working_day: int, closed: Collection[date] = ()) -> date:
    """The month whose figures are due: the one before the month of the last such moment."""
    return earlier(moments(now, working_day, closed)[0].date().replace(day=1), 1)


def is_over(month: date, today: date) -> bool:
    """A month can be published once it is over."""
    return earlier(month.replace(day=1), -1) <= today


def checksum(cells: Iterable[Sequence[object]]) -> str:
    """SHA-256 over the counts of a month in one order: the same figures give the same checksum."""
    text = json.dumps(sorted([[str(part) for part in cell] for cell in cells]), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Fact:
    """How one audit counts in a month."""

    service: str
    team: str
    plan_type: str
    audit_type: str
    stage: str
    grade: str


@dataclass(frozen=True, slots=True)
class Change:
    """One audit that counts differently since a day; `before` or `after` is None where it did or does not count."""

    audit: str
    before: Fact | None
    after: Fact | None
    on: date


@dataclass(frozen=True, slots=True)
class Sight:
    """Audits that somebody's figures hold: those of these units (None: all) at these stages."""

    units: frozenset[str] | None
    stages: frozenset[str]

    def holds(self, fact: Fact) -> bool:
        """Whether an audit that counts like this is among them."""
        whose = self.units is None or fact.service in self.units or fact.team in self.units
        return whose and fact.stage in self.stages


EVERY_STAGE = frozenset(TallyStage.values)
EVERYTHING = (Sight(None, EVERY_STAGE),)


@dataclass(frozen=True, slots=True)
class Restated:
    """What became of a published month on a day: the four counts before and after, and how many audits did what."""

    month: date
    on: date
    before: tuple[int, ...]
    after: tuple[int, ...]
    regraded: int
    added: int
    taken_out: int

    @property
    def sentence(self) -> str:
        """ "restated from 41% to 45% on 3 May 2026: 1 audit re-graded"."""
        old, new = _share(self.before), _share(self.after)
        moved = f"restated from {old} to {new}" if old != new else f"restated, {new} as before,"
        what = [
            f"{number:,} audit{'' if number == 1 else 's'} {words}"
            for number, words in (
                (self.regraded, "re-graded"),
                (self.added, "added"),
                (self.taken_out, "taken out"),
            )
            if number
        ]
        return f"{moved} on {self.on.day} {self.on:%B %Y}: {' and '.join(what) if len(what) < 3 else ', '.join(what)}"


def _share(counts: tuple[int, ...]) -> str:
    percent = percentages(*counts)
    return "-" if percent is None else f"{percent.good_or_outstanding}%"


def restated(
    month: date, now: Sequence[int], changes: Iterable[Change], sights: Sequence[Sight] = EVERYTHING,
    services: Collection[str] = (), stages: Collection[str] = EVERY_STAGE,
) -> list[Restated]:  # fmt: skip
    """What became of a month that was published, day by day, in the figures of somebody with these `sights`.

    `now` are the four counts as they stand, best first; `services` and `stages` narrow what is counted. A change that
    these figures do not show is left out.
    """

    def shown(fact: Fact | None) -> Fact | None:
        if fact is None or fact.stage not in stages or (services and fact.service not in services):
            return None
        return fact if any(sight.holds(fact) for sight in sights) else None

    found: list[Restated] = []
    after = list(now)
    in_order = sorted(changes, key=lambda change: change.on)
    for on, group in reversed([(on, list(group)) for on, group in groupby(in_order, key=lambda change: change.on)]):
        before = list(after)
        # Of one audit that changed twice on a day, what it was at first and what it is at last.
        ends: dict[str, tuple[Fact | None, Fact | None]] = {}
        for change in group:
            ends[change.audit] = (ends.get(change.audit, (change.before, None))[0], change.after)
        regraded = added = taken_out = 0
        for was, is_ in ((shown(first), shown(last)) for first, last in ends.values()):
            for fact, by in ((was, 1), (is_, -1)):
                if fact is not None:
                    before[GRADES.index(Grade(fact.grade))] += by
            if was and is_:
                regraded += was.grade != is_.grade
            elif is_:
                added += 1
            elif was:
                taken_out += 1
        if regraded or added or taken_out:
            found.append(Restated(month, on, tuple(before), tuple(after), regraded, added, taken_out))
        after = before
    return list(reversed(found))
