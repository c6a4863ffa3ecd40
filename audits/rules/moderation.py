"""What the policy says between submission and settled grade: who answers, who confirms, who decides a dispute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from audits.choices import Grade

MOST_RETURNS = 2
MIN_DISPUTE = 20

_GOOD_OR_BETTER = (Grade.GOOD, Grade.OUTSTANDING)


def an_inadequate_grade_is_confirmed(grade: str) -> bool:
    """Every inadequate grade, the auditor's or a moderator's, is confirmed by a head of service who was neither.

    The panel's decision is final and is not confirmed again.
    """
    return grade == Grade.INADEQUATE


def a_changed_grade_is_answered(*, before: str, after: str, sections_changed: int) -> bool:
    """A grade that moderation changed, overall or of a section, goes to the auditor to accept or dispute."""
    return before != after or bool(sections_changed)


def the_third_return_goes_to_the_qa_lead(returns: int) -> bool:
    """A moderator returns an audit twice at most; a third return goes to the QA lead."""
    return returns >= MOST_RETURNS


def a_jump_goes_to_the_panel(one: str, other: str) -> bool:
    """A disputed grade that is inadequate to one and good or outstanding to the other is decided by the panel."""
    return (one == Grade.INADEQUATE and other in _GOOD_OR_BETTER) or (
        other == Grade.INADEQUATE and one in _GOOD_OR_BETTER
    )


def what_is_still_disputed_goes_to_the_panel(decided_before: int) -> bool:
    """A grade that is disputed again after a second moderator decided goes to the panel."""
    return decided_before > 0


def silence_accepts(*, answer_by: date | None, today: date) -> bool:
    """An auditor who says nothing until the end of the last day has accepted the changed grade."""
    return answer_by is not None and answer_by < today


@dataclass(frozen=True)
class Vote:
    """A panel member's part: the grade, or "" for none; `conflict` says why they had no part at all."""

    member: Any
    grade: str = ""
    conflict: str = ""


def faults_of_votes(votes: Iterable[Vote], *, grade: str, conflicts: Mapping[Any, Iterable[str]]) -> list[str]:
    """The panel decides by vote: no member with a conflict votes, and no other grade has more votes than the decision.

    `conflicts` are those that the records show, by member. Where votes are equal the chair decides between them.
    """
    cast, faults, seen = Counter[str](), [], set()
    for vote in votes:
        if vote.member in seen:
            faults.append("Each member votes once.")
        seen.add(vote.member)
        if vote.grade and (vote.conflict or list(conflicts.get(vote.member, ()))):
            faults.append("A member with a conflict cannot vote.")
        elif vote.grade:
            cast[vote.grade] += 1
    if not cast:
        faults.append("Enter at least one vote.")
    elif not faults and cast[grade] < max(cast.values()):
        faults.append("Another grade has more votes than the decision.")
    return list(dict.fromkeys(faults))
