"""What may follow what: the moves of an audit and of its moderation, as data.

One table feeds the guard, the buttons on the page, the documentation and the tests.
"""

from __future__ import annotations

from audits.choices import AlertStatus, AuditStatus, ModerationStatus
from core.workflow import Move, sentence_of_refusal

AUDIT_MOVES = (
    Move("create", (), AuditStatus.PLANNED, "QA lead", "planned the audit"),
    Move("allocate", (AuditStatus.PLANNED,), AuditStatus.ALLOCATED, "QA lead", "allocated the audit"),
    Move("decline", (AuditStatus.ALLOCATED,), AuditStatus.PLANNED, "auditor", "declined the audit", True),
    Move("start", (AuditStatus.ALLOCATED,), AuditStatus.IN_PROGRESS, "auditor", "started the audit"),
    Move(
        "reassign", (AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS), AuditStatus.ALLOCATED, "QA lead",
        "gave the audit to somebody else", True,
    ),
    Move("submit", (AuditStatus.IN_PROGRESS,), AuditStatus.SUBMITTED, "auditor", "submitted the audit"),
    Move("recall", (AuditStatus.SUBMITTED,), AuditStatus.IN_PROGRESS, "auditor", "took the submission back", True),
    Move("settle", (AuditStatus.SUBMITTED,), AuditStatus.SETTLED, "system or moderator", "settled the grade"),
    Move("issue", (AuditStatus.SETTLED,), AuditStatus.FEEDBACK_ISSUED, "system", "issued the feedback"),
    Move(
        "void",
        (AuditStatus.PLANNED, AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS, AuditStatus.SUBMITTED),
        AuditStatus.VOID, "QA lead", "made the audit void", True,
    ),
)  # fmt: skip

MODERATION_MOVES = (
    Move("open", (ModerationStatus.SELECTED,), ModerationStatus.OPENED, "moderator", "opened the moderation"),
    Move("agree", (ModerationStatus.OPENED,), ModerationStatus.DONE, "moderator", "agreed with the grade"),
    Move("change", (ModerationStatus.OPENED,), ModerationStatus.DONE, "moderator", "changed the grade", True),
    Move(
        "withdraw",
        (ModerationStatus.SELECTED, ModerationStatus.OPENED),
        ModerationStatus.WITHDRAWN,
        "auditor or QA lead",
        "withdrew the submission",
        True,
    ),
)

ALERT_MOVES = (
    Move(
        "acknowledge", (AlertStatus.RAISED,), AlertStatus.ACKNOWLEDGED, "line of the case", "acknowledged the alert"
    ),
    Move(
        "resolve", (AlertStatus.RAISED, AlertStatus.ACKNOWLEDGED), AlertStatus.RESOLVED, "line of the case",
        "resolved the alert", True,
    ),
    Move("check", (AlertStatus.RESOLVED,), AlertStatus.CHECKED, "QA unit", "checked what was done"),
)  # fmt: skip


_DOING = {
    "allocate": "allocate it",
    "decline": "decline it",
    "start": "start it",
    "reassign": "reassign it",
    "submit": "submit it again",
    "recall": "take it back",
    "settle": "settle it",
    "issue": "issue its feedback",
    "void": "make it void",
    "save": "change what was written",
    "open": "open it",
    "agree": "decide it",
    "change": "decide it",
    "acknowledge": "acknowledge it again",
    "resolve": "resolve it again",
    "check": "check it again",
    "withdraw": "withdraw it",
}


def refusal(what: str, event: str, status_label: str) -> str:
    """The sentence for a move that the record's present state does not allow."""
    return sentence_of_refusal(what, _DOING[event], status_label)
