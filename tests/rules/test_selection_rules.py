"""Which submissions a moderator sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.choices import GRADES, Grade, SelectionReason
from audits.rules.selection import REASONS, Submission, reasons_to_moderate

PLAIN = {"grade": Grade.GOOD, "overridden": False, "alert_raised": False, "draw": 99}


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, ()),
        ({"grade": Grade.REQUIRES_IMPROVEMENT}, ()),
        ({"grade": Grade.INADEQUATE}, (SelectionReason.INADEQUATE,)),
        ({"grade": Grade.OUTSTANDING}, (SelectionReason.OUTSTANDING,)),
        ({"overridden": True}, (SelectionReason.OVERRIDE,)),
        ({"alert_raised": True}, (SelectionReason.ALERT,)),
        ({"draw": 19}, (SelectionReason.RANDOM,)),
        ({"draw": 20}, ()),
        ({"grade": Grade.INADEQUATE, "alert_raised": True, "draw": 0}, ("inadequate", "alert")),
    ],
)
def test_each_reason(changes: dict[str, object], reasons: tuple[str, ...]) -> None:
    assert reasons_to_moderate(Submission(**{**PLAIN, **changes})) == reasons


@pytest.mark.parametrize("grade", [Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, ""])
def test_twenty_in_a_hundred_of_the_rest_are_drawn(grade: str) -> None:
    chosen = [draw for draw in range(100) if reasons_to_moderate(Submission(**{**PLAIN, "grade": grade, "draw": draw}))]
    assert chosen == list(range(20))


@given(
    st.builds(
        Submission,
        grade=st.sampled_from([*GRADES, ""]),
        overridden=st.booleans(),
        alert_raised=st.booleans(),
        draw=st.integers(0, 99),
    )
)
def test_the_draw_decides_only_about_the_rest(submission: Submission) -> None:
    found = reasons_to_moderate(submission)
    assert (SelectionReason.RANDOM in found) == (
        submission.draw < 20 and not any(holds(submission) for holds in REASONS.values())
    )
    assert bool(found) == (submission.draw < 20 or any(holds(submission) for holds in REASONS.values()))
