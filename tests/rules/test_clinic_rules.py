"""The rules of clinics: whose turn it is, which month is looked at, red for two running, better for three."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from assurance_clinics.choices import Rag
from assurance_clinics.rules import rota
from assurance_clinics.rules.judging import Aim, Figure, Meaning
from assurance_clinics.rules.running import Number, Reading, better_for_three, reasons_not_to_close, red_twice

VISITS = Meaning("percentage", "snapshot", "higher")
AIM = Aim(Decimal(90))


def reading(month: int, value: str, rag: Rag | None = Rag.RED) -> Reading:
    return Reading(date(2026, month, 1), Figure("number", Decimal(value)), rag, f"{value}%")


def test_every_service_has_one_turn_in_each_cycle() -> None:
    weeks = [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23), date(2026, 3, 30)]
    for slot in range(5):
        assert sum(rota.has_its_turn(slot, week, 5) for week in weeks) == 1
    assert rota.has_its_turn(1, date(2026, 3, 4), 5) == rota.has_its_turn(1, date(2026, 3, 2), 5)


def test_the_next_turn_is_never_a_day_that_has_gone_by() -> None:
    slot = next(slot for slot in range(5) if rota.has_its_turn(slot, date(2026, 3, 4), 5))
    thursday = 3
    found = [rota.next_turn(slot, thursday, date(2026, 3, day), 5) for day in (2, 5, 6)]
    assert found == [date(2026, 3, 5), date(2026, 3, 5), date(2026, 4, 9)]


def test_a_slot_beyond_a_shortened_cycle_starts_over() -> None:
    week = date(2026, 3, 2)
    assert rota.has_its_turn(4, week, 4) == rota.has_its_turn(0, week, 4)


@pytest.mark.parametrize(
    ("meets_on", "period"),
    [
        (date(2026, 3, 6), date(2026, 2, 1)),  # the 5th working day of March 2026
        (date(2026, 3, 5), date(2026, 1, 1)),  # the day before it
        (date(2026, 1, 8), date(2025, 12, 1)),  # 1 January is a bank holiday: the 5th working day is the 8th
        (date(2026, 1, 7), date(2025, 11, 1)),
    ],
)
def test_a_clinic_looks_at_the_latest_month_whose_figures_are_due(meets_on: date, period: date) -> None:
    assert rota.period_for(meets_on, 5) == period


def test_the_pack_is_due_working_days_before() -> None:
    assert rota.pack_due(date(2026, 4, 7), 2) == date(2026, 4, 1)  # Easter lies between


@pytest.mark.parametrize(
    ("last", "by"),
    [
        (date(2026, 2, 4), date(2026, 3, 13)),  # the Friday five weeks on
        (date(2026, 2, 26), date(2026, 4, 2)),  # Good Friday is the 3rd
    ],
)
def test_a_service_meets_again_by_the_last_working_day_of_the_week(last: date, by: date) -> None:
    assert rota.latest_by(last, 5) == by
    assert rota.latest_by(last, 5, {by}) == by - timedelta(days=1)


def test_the_rota_proposes_a_working_day() -> None:
    assert rota.moment(date(2026, 4, 6), 0, time(10)).date() == date(2026, 4, 7)  # the 6th is Easter Monday
    assert rota.moment(date(2026, 4, 13), 2, time(10)).isoformat() == "2026-04-15T10:00:00"


def test_a_clinic_is_missed_the_day_after_it_was_to_meet() -> None:
    week = date(2026, 3, 2)
    assert not rota.is_missed(week, date(2026, 3, 5), date(2026, 3, 5))
    assert rota.is_missed(week, date(2026, 3, 5), date(2026, 3, 6))
    assert not rota.is_missed(week, None, date(2026, 3, 8))
    assert rota.is_missed(week, None, date(2026, 3, 9))


def test_red_at_two_clinics_that_looked_at_different_months_is_red_twice() -> None:
    assert red_twice([reading(2, "70"), reading(1, "75")]) == (
        "Red for two clinics running: 75% in January 2026 and 70% in February 2026."
    )


@pytest.mark.parametrize(
    "readings",
    [
        [reading(2, "70")],
        [reading(2, "70"), reading(2, "70")],  # the same month seen twice says nothing new
        [reading(2, "70"), reading(1, "95", Rag.GREEN)],
        [reading(2, "89", Rag.AMBER), reading(1, "70")],
        [reading(3, "70"), reading(2, "95", None), reading(1, "70")],  # nothing to judge in between
    ],
)
def test_what_is_not_red_twice(readings: list[Reading]) -> None:
    assert red_twice(readings) == ""


def test_better_for_three_needs_four_readings_each_better_than_the_one_before() -> None:
    up = [reading(month, value) for month, value in ((1, "60"), (2, "65"), (3, "70"), (4, "75"))]
    assert better_for_three(up, VISITS, AIM).startswith("Better for three clinics running: 60% in January 2026")
    assert better_for_three(up[1:], VISITS, AIM) == ""
    assert better_for_three([*up[:3], reading(4, "70")], VISITS, AIM) == ""
    assert better_for_three(up, Meaning("percentage", "snapshot", "lower"), AIM) == ""
    assert better_for_three(up, Meaning("percentage", "snapshot", "none"), AIM) == ""


def test_a_red_number_needs_an_action_or_a_reason_before_the_clinic_is_closed() -> None:
    reason = "The team has been closed since."
    said = reasons_not_to_close(
        [
            Number(1, "A", True, 0, ""), Number(2, "B", True, 0, "too short"), Number(3, "C", True, 1, ""),
            Number(4, "D", True, 0, reason), Number(5, "E", False, 0, ""),
        ]
    )  # fmt: skip
    assert [(key, sentence[:3]) for key, sentence in said] == [(1, "“A”"), (2, "“B”")]
