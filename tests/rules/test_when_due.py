"""How far off a due date is, in words, across a weekend."""

from datetime import date

import pytest

from core.working_days import when_due

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("due_on", "today", "words"),
    [
        (FRIDAY, FRIDAY, "today"),
        (date(2026, 11, 23), FRIDAY, "in 1 working day"),
        (date(2026, 11, 25), FRIDAY, "in 3 working days"),
        (date(2026, 11, 22), date(2026, 11, 21), "before the next working day"),
        (date(2026, 11, 21), date(2026, 11, 22), "overdue"),
        (FRIDAY, date(2026, 11, 23), "1 working day overdue"),
        (date(2026, 11, 18), FRIDAY, "2 working days overdue"),
    ],
)
def test_when_due(due_on: date, today: date, words: str) -> None:
    assert when_due(due_on, today) == words
