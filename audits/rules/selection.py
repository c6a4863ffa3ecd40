"""Which submissions go to a moderator. Each reason is one sentence; the reasons are hidden from the auditor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from audits.choices import Grade, SelectionReason

RANDOM_SHARE = 20
NEW_AUDITOR_AUDITS = 3
QUARTER_MINIMUM = 1


@dataclass(frozen=True)
class Submission:
    """A submission as the choice sees it: `grade` is one of the four or empty; `draw` a number from 0 to 99.

    `earlier` is how many audits this auditor had submitted before; `chosen_this_quarter` how many of theirs were
    chosen since the quarter began.
    """

    grade: str
    overridden: bool
    alert_raised: bool
    draw: int
    earlier: int = NEW_AUDITOR_AUDITS
    chosen_this_quarter: int = 1


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


def reasons_to_moderate(
    submission: Submission,
    *,
    random_share: int = RANDOM_SHARE,
    new_auditor_audits: int = NEW_AUDITOR_AUDITS,
    quarter_minimum: int = QUARTER_MINIMUM,
) -> tuple[str, ...]:
    """Of the rest, `random_share` in a hundred are moderated, by a number drawn once for the audit and kept.

    The first audits of a new auditor are moderated always, and at least `quarter_minimum` of each auditor in a
    quarter. Returns the values of SelectionReason; empty when the audit settles as it stands.
    """
    always = [reason for reason, holds in REASONS.items() if holds(submission)]
    if first_audits_of_a_new_auditor_are_moderated(submission, new_auditor_audits):
        always.append(SelectionReason.NEW_AUDITOR)
    if always:
        return tuple(always)
    if submission.draw < random_share:
        return (SelectionReason.RANDOM,)
    if each_auditor_is_moderated_in_each_quarter(submission, quarter_minimum):
        return (SelectionReason.QUARTER,)
    return ()


def first_audits_of_a_new_auditor_are_moderated(submission: Submission, number: int) -> bool:
    """The first three audits of a new auditor are all moderated."""
    return submission.earlier < number


def each_auditor_is_moderated_in_each_quarter(submission: Submission, number: int) -> bool:
    """At least one audit of each auditor is moderated in a quarter: the first, where no other was chosen by then."""
    return submission.chosen_this_quarter < number


def joined(before: Iterable[str], now: Iterable[str]) -> list[str]:
    """The reasons for which an audit was chosen at first, and those that a new submission adds."""
    return list(dict.fromkeys([*before, *now]))


def quarter_start(day: date) -> date:
    """The first day of the calendar quarter, which is a quarter of the council's year too."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
