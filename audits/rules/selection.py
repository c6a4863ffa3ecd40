"""Which submissions go to a moderator. Each reason is one sentence; the reasons are hidden from the auditor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audits.choices import Grade, SelectionReason

RANDOM_SHARE = 20


@dataclass(frozen=True)
class Submission:
    """A submission as the choice sees it: `grade` is one of the four or empty; `draw` a number from 0 to 99."""

    grade: str
    overridden: bool
    alert_raised: bool
    draw: int


def inadequate_audits_are_moderated(submission: Submission) -> bool:
    """Every audit graded inadequate is moderated."""
    return submission.grade == Grade.INADEQUATE


def outstanding_audits_are_moderated(submission: Submission) -> bool:
    """Every audit graded outstanding is moderated."""
    return submission.grade == Grade.OUTSTANDING


def overrides_are_moderated(submission: Submission) -> bool:
    """Every audit whose auditor went above a limit is moderated."""
    return submission.overridden


def audits_with_an_alert_are_moderated(submission: Submission) -> bool:
    """Every audit with a safeguarding alert is moderated, also when the alert is resolved."""
    return submission.alert_raised


REASONS: dict[str, Callable[[Submission], bool]] = {
    SelectionReason.INADEQUATE: inadequate_audits_are_moderated,
    SelectionReason.OUTSTANDING: outstanding_audits_are_moderated,
    SelectionReason.OVERRIDE: overrides_are_moderated,
    SelectionReason.ALERT: audits_with_an_alert_are_moderated,
}


def reasons_to_moderate(submission: Submission, *, random_share: int = RANDOM_SHARE) -> tuple[str, ...]:
    """Of the rest, `random_share` in a hundred are moderated, by a number drawn once for the audit and kept.

    Returns the values of SelectionReason; empty when the audit settles as it stands.
    """
    always = tuple(reason for reason, holds in REASONS.items() if holds(submission))
    if always:
        return always
    return (SelectionReason.RANDOM,) if submission.draw < random_share else ()
