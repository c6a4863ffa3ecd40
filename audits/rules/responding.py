"""What a manager's response has to hold, how long it may take, and when an audit can close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from audits.choices import AuditStatus, ClockKind, Grade, View
from audits.rules.grading import characters
from audits.rules.timescales import (
    CHALLENGE_DAYS,
    FEEDBACK_MEETING_DAYS,
    RESPONSE_GOOD_DAYS,
    RESPONSE_INADEQUATE_DAYS,
    RESPONSE_RI_DAYS,
    RESPONSE_SAFETY_DAYS,
)

MIN_SAFETY = 20
MIN_CHALLENGE = 30
MIN_RELEASE = 20


def response_days(grade: str) -> str:
    """The setting that says how long the full response may take: inadequate 5 working days, requires improvement 10,
    everything else 15."""
    if grade == Grade.INADEQUATE:
        return RESPONSE_INADEQUATE_DAYS.key
    return RESPONSE_RI_DAYS.key if grade == Grade.REQUIRES_IMPROVEMENT else RESPONSE_GOOD_DAYS.key


def clocks_on_issue(grade: str) -> dict[ClockKind, str]:
    """Issuing the feedback starts the clocks of the response, the meeting and the challenge, and for an inadequate
    audit that of the statement on safety. The settings that say how long, by kind."""
    wanted = {
        ClockKind.RESPONSE: response_days(grade),
        ClockKind.MEETING: FEEDBACK_MEETING_DAYS.key,
        ClockKind.CHALLENGE: CHALLENGE_DAYS.key,
    }
    if needs_safety_statement(grade):
        wanted[ClockKind.SAFETY] = RESPONSE_SAFETY_DAYS.key
    return wanted


def needs_safety_statement(grade: str) -> bool:
    """An inadequate audit is answered at once with what has been done so that the child is safe."""
    return grade == Grade.INADEQUATE


def needs_countersignature(grade: str) -> bool:
    """The response to an inadequate audit is countersigned by a service lead or somebody above."""
    return grade == Grade.INADEQUATE


def is_acknowledged_only(grade: str) -> bool:
    """A good or outstanding audit, and one without a grade, is acknowledged; each point may be answered."""
    return grade not in (Grade.INADEQUATE, Grade.REQUIRES_IMPROVEMENT)


def faults_of_safety(text: str) -> dict[str, str]:
    """The statement says in 20 characters or more what has been done so that the child is safe now."""
    if characters(text) < MIN_SAFETY:
        return {"safety": f"Say in at least {MIN_SAFETY} characters what has been done so that the child is safe now"}
    return {}


@dataclass(frozen=True)
class Answered:
    """What is said to one point."""

    view: str = ""
    text: str = ""


def faults_of_response(
    *, grade: str, points: Iterable[UUID], answers: Mapping[UUID, Answered], summary: str, safety_given: bool
) -> dict[str, str]:
    """What keeps a response from being given, by field ("safety", "summary", "view-<key>", "text-<key>").

    Where the audit is inadequate or requires improvement, each point is agreed with, partly or not, with what will be
    done or why not; where there is no point to answer, the response says in its own words what will be done. An
    inadequate audit needs the statement on safety first.
    """
    faults = {}
    wanted = list(points)
    if needs_safety_statement(grade) and not safety_given:
        faults["safety"] = "Give the statement on immediate safety first"
    for key in wanted:
        said = answers.get(key, Answered())
        if said.view not in View.values:
            if said.view or said.text.strip() or not is_acknowledged_only(grade):
                faults[f"view-{key}"] = "Say whether you agree, partly agree or disagree with this point"
        elif not said.text.strip() and (said.view == View.DISAGREE or not is_acknowledged_only(grade)):
            faults[f"text-{key}"] = (
                "Say why you disagree" if said.view == View.DISAGREE else "Say what will be done about this point"
            )
    if not wanted and not is_acknowledged_only(grade) and not summary.strip():
        faults["summary"] = "Say what will be done"
    return faults


def reasons_not_to_close(
    *,
    responded: bool,
    safety_missing: bool = False,
    actions_open: int,
    alerts_open: int,
    challenge_open: bool,
    window_open: bool,
    re_audit_missing: bool,
    held: bool,
) -> tuple[str, ...]:
    """An audit closes by itself once it is answered, nobody can challenge it any more, every action is verified, no
    alert is open, the re-audit is booked where one is due, and the QA lead does not hold it open."""
    said = (
        (not responded, "the manager’s response"),
        (safety_missing, "the statement on the child’s safety"),
        (challenge_open, "the decision of a challenge"),
        (window_open and not challenge_open, "the end of the time to challenge"),
        (actions_open > 0, f"{actions_open} action{'' if actions_open == 1 else 's'} to be verified"),
        (alerts_open > 0, "a safeguarding alert to be resolved"),
        (re_audit_missing, "the re-audit to be booked"),
        (held, "the QA lead, who holds it open"),
    )
    return tuple(words for waits, words in said if waits)


def reopens_with_its_action(status: str) -> bool:
    """A closed audit opens again with an action of it that is reopened: nothing is closed while work on it is open."""
    return status == AuditStatus.CLOSED
