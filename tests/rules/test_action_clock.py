"""When an action is due and who hears of it: working days in England, across a bank holiday and the clock change."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.choices import Level, Origin, Priority, Step, Verifier
from actions.rules import clock, writing
from actions.rules.timescales import LIMITS, TIMESCALES
from core.working_days import LONDON, add_working_days, is_working_day
from core.working_hours import mornings

DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
LONG_AGO = date(2020, 1, 1)


def test_each_priority_allows_its_working_days_unless_the_council_says_otherwise() -> None:
    assert {each: setting.default for each, setting in LIMITS.items()} == {
        Priority.IMMEDIATE: 1, Priority.HIGH: 10, Priority.MEDIUM: 20, Priority.LOW: 60,
    }  # fmt: skip
    assert all(setting.used for setting in TIMESCALES)


def test_steps_of_one_action_day_by_day() -> None:
    """Due on Wednesday 6 May 2026; Monday 4 May is a bank holiday."""
    due, told = date(2026, 5, 6), {}
    for offset in range(-20, 30):
        day = due + timedelta(days=offset)
        if is_working_day(day):
            for step in clock.steps_reached(due, made_on=LONG_AGO, today=day):
                told.setdefault(step, day)
    assert told == {
        Step.SOON: date(2026, 4, 28),
        Step.DUE: date(2026, 5, 6),
        Step.OVERDUE: date(2026, 5, 7),
        Step.ESCALATED: date(2026, 5, 13),
        Step.ESCALATED_AGAIN: date(2026, 5, 20),
    }


def test_due_at_a_weekend_is_told_on_friday_and_overdue_on_monday() -> None:
    saturday = date(2026, 6, 6)
    assert clock.steps_reached(saturday, made_on=LONG_AGO, today=date(2026, 6, 5)) == [Step.DUE]
    assert clock.steps_reached(saturday, made_on=LONG_AGO, today=date(2026, 6, 8)) == [Step.OVERDUE]


def test_a_new_and_short_action_is_not_announced_again_before_it_is_due() -> None:
    made = date(2026, 6, 1)
    assert clock.steps_reached(date(2026, 6, 8), made_on=made, today=date(2026, 6, 2)) == []
    assert clock.steps_reached(date(2026, 6, 8), made_on=made, today=date(2026, 6, 8)) == [Step.DUE]


@given(due=DAYS, late=st.integers(0, 60))
def test_run_late_what_is_still_true_is_told_and_nothing_else(due: date, late: int) -> None:
    today = due + timedelta(days=late)
    steps = clock.steps_reached(due, made_on=LONG_AGO, today=today)
    days = clock.working_days_overdue(due, today)
    assert (Step.OVERDUE in steps) == (days >= 1)
    assert (Step.ESCALATED in steps) == (days >= 5)
    assert (Step.ESCALATED_AGAIN in steps) == (days >= 10)
    assert Step.SOON not in steps
    assert (Step.DUE in steps) == (today == due)


@given(
    made=DAYS,
    days=st.integers(-10, 120),
    allowed=st.sampled_from([0, 1, 10, 20, 60]),
    why=st.sampled_from(["", " ", "Court"]),
)
def test_a_due_date_is_today_or_later_and_within_the_limit_or_reasoned(
    made: date, days: int, allowed: int, why: str
) -> None:
    due, last = made + timedelta(days=days), add_working_days(made, allowed)
    fine = not clock.reasons_against_due_date(due, days=allowed, last=last, today=made, why=why)
    within = due <= last
    assert fine == (due >= made and (within or bool(why.strip())))


def test_the_council_s_own_closing_days_count_for_actions_too() -> None:
    """Due on Tuesday 8 December 2026; the council is closed on Wednesday the 9th and Thursday the 10th."""
    due, closed = date(2026, 12, 8), {date(2026, 12, 9), date(2026, 12, 10)}
    steps = partial(clock.steps_reached, due, made_on=LONG_AGO, extra=closed)
    assert steps(today=date(2026, 12, 10)) == []
    assert steps(today=date(2026, 12, 11)) == [Step.OVERDUE]
    assert steps(today=date(2026, 12, 17)) == [Step.OVERDUE, Step.ESCALATED]


@given(day=DAYS, hour=st.times())
def test_the_sweep_runs_on_working_mornings_by_the_clock_on_the_wall(day: date, hour: time) -> None:
    now = datetime.combine(day, hour, tzinfo=LONDON)
    last, following = mornings(now, clock.SWEEP_AT)
    assert last <= now < following
    for moment in (last, following):
        assert is_working_day(moment.date())
        assert (moment.hour, moment.minute) == (7, 30)


def test_the_sample_is_drawn_on_the_first_working_day() -> None:
    now = datetime(2026, 5, 1, 7, 29, tzinfo=LONDON)
    assert [moment.date() for moment in clock.sample_moments(now)] == [date(2026, 4, 1), date(2026, 5, 1)]
    later = now + timedelta(minutes=1)
    assert [moment.date() for moment in clock.sample_moments(later)] == [date(2026, 5, 1), date(2026, 6, 1)]


@pytest.mark.parametrize(("verified", "drawn"), [(0, 0), (1, 1), (9, 1), (10, 1), (11, 2), (20, 2), (95, 10)])
def test_a_tenth_is_looked_at_again_and_at_least_one(verified: int, drawn: int) -> None:
    assert clock.sample_size(verified, share=10) == drawn
    assert clock.sample_size(verified, share=0) == 0
    assert clock.sample_size(verified, share=100) == verified


@pytest.mark.parametrize(
    ("level", "origin", "inadequate", "verifier"),
    [
        (Level.CASE, Origin.FINDING, False, Verifier.MANAGER),
        (Level.CASE, Origin.FINDING, True, Verifier.QA),
        (Level.WORKER, Origin.RESPONSE, False, Verifier.MANAGER),
        (Level.TEAM, Origin.STAND_ALONE, False, Verifier.QA),
        (Level.SERVICE, Origin.PANEL, False, Verifier.QA),
        (Level.PARTNERSHIP, Origin.STAND_ALONE, False, Verifier.QA),
        (Level.SERVICE, Origin.BODY, False, Verifier.BODY),
        (Level.CASE, Origin.BODY, True, Verifier.BODY),
    ],
)
def test_who_verifies(level: str, origin: str, inadequate: bool, verifier: str) -> None:
    assert writing.verified_by(level=level, origin=origin, from_inadequate=inadequate) == verifier
