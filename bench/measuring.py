"""Medians of many, taken turn by turn, so that whatever else the machine does falls on both sides alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Work = Callable[[], object]


@dataclass
class Measure:
    """One figure: what was divided by what (both in milliseconds unless `unit` says otherwise), and the goal.

    `least`: what the ratio must reach besides, where it may be neither more nor less.
    """

    key: str
    what: str
    ours: float
    peer: float
    goal: float
    at_least: bool = False
    unit: str = "ms"
    note: str = ""
    turns: int = 0
    least: float = 0.0

    @property
    def ratio(self) -> float:
        """Ours divided by the peer's."""
        return self.ours / self.peer if self.peer else float("inf")

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio >= self.goal if self.at_least else self.least <= self.ratio <= self.goal

    @property
    def aim(self) -> str:
        """The goal in words."""
        if self.least:
            return f"{self.least:g} to {self.goal:g}"
        return f"{'>=' if self.at_least else '<='} {self.goal:g}"


@dataclass
class Table:
    """The figures of a run."""

    measures: list[Measure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, measure: Measure) -> None:
        """Keep a figure and print it."""
        self.measures.append(measure)
        print(line(measure), flush=True)

    def say(self, text: str) -> None:
        """Keep a sentence about the run and print it."""
        self.notes.append(text)
        print(f"     {text}", flush=True)


def line(measure: Measure) -> str:
    """One figure as it is printed."""
    return (
        f"{'ok  ' if measure.met else 'MISS'} {measure.key:<4} {measure.what:<66} "
        f"{measure.ours:>10.2f} / {measure.peer:>10.2f} {measure.unit:<5} = {measure.ratio:>6.3f}  "
        f"(goal {measure.aim})"
    )


def in_turns(works: dict[str, Work], *, times: int, warm: int = 5) -> dict[str, list[float]]:
    """Do each work `times` times, one after the other in turn. Returns the milliseconds of every turn by name.

    A work that returns a float has measured itself (in a process of its own, say).
    """
    for work in works.values():
        for _ in range(warm):
            work()
    took: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    for _ in range(times):
        for name, work in works.items():
            started = time.perf_counter()
            own = work()
            took[name].append(own if isinstance(own, float) else (time.perf_counter() - started) * 1000)
    return took


def medians(works: dict[str, Work], *, times: int, warm: int = 5) -> dict[str, float]:
    """The median milliseconds of each work."""
    return {name: statistics.median(values) for name, values in in_turns(works, times=times, warm=warm).items()}


def percentile(values: list[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
