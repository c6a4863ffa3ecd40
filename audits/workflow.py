"""What may follow what: the moves of an audit, of its moderation and of a dispute, as data.

One table feeds the guard, the buttons on the page, the documentation and the tests.
"""

from __future__ import annotations

from audits.choices import (
    DISPUTE_UNDER_WAY,
    MODERATION_UNDER_WAY,
    AlertStatus,
    AuditStatus,
    CalibrationStatus,
    DisputeStatus,
    ModerationStatus,
    ToolStatus,
)
from core.workflow import Move, sentence_of_refusal

CHALLENGEABLE = (AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED)
AUDIT_MOVES = (
    Move("create", (), AuditStatus.PLANNED, "QA lead", "planned the audit"),
    Move("allocate", (AuditStatus.PLANNED,), AuditStatus.ALLOCATED, "QA lead", "allocated the audit"),
    Move("decline", (AuditStatus.ALLOCATED,), AuditStatus.PLANNED, "auditor", "declined the audit", True),
    Move("start", (AuditStatus.ALLOCATED,), AuditStatus.IN_PROGRESS, "auditor", "started the audit"),
    Move(
        "reassign", (AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS), AuditStatus.ALLOCATED, "QA lead",
        "gave the audit to somebody else", True,
    ),
    Move(
        "move_due", (AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS), "", "QA lead", "changed the due date", True
    ),
    Move("submit", (AuditStatus.IN_PROGRESS,), AuditStatus.SUBMITTED, "auditor", "submitted the audit"),
    Move("recall", (AuditStatus.SUBMITTED,), AuditStatus.IN_PROGRESS, "auditor", "took the submission back", True),
    Move("settle", (AuditStatus.SUBMITTED,), AuditStatus.SETTLED, "system or moderator", "settled the grade"),
    Move(
        "issue", (AuditStatus.SETTLED,), AuditStatus.FEEDBACK_ISSUED, "QA lead, moderator or system",
        "issued the feedback",
    ),
    Move(
        "respond", (AuditStatus.FEEDBACK_ISSUED,), AuditStatus.RESPONDED,
        "team manager; countersigned above where inadequate", "responded",
    ),
    Move("challenge", CHALLENGEABLE, "", "practitioner or team manager", "challenged the audit"),
    Move("decide_challenge", CHALLENGEABLE, "", "second moderator or panel", "decided the challenge", True),
    Move("issue_again", CHALLENGEABLE, "", "system", "issued the feedback again with another grade"),
    Move("close", (AuditStatus.RESPONDED,), AuditStatus.CLOSED, "system", "closed the audit"),
    Move("reopen", (AuditStatus.CLOSED,), AuditStatus.RESPONDED, "QA lead", "reopened the audit", True),
    Move(
        "void",
        (AuditStatus.PLANNED, AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS, AuditStatus.SUBMITTED),
        AuditStatus.VOID, "QA lead; system when a calibration ends", "made the audit void", True,
    ),
)  # fmt: skip

_M = ModerationStatus

# An inadequate grade goes on to a head of service: the move with "_inadequate" leads there, the plain one to the end.
MODERATION_MOVES = (
    Move("open", (_M.SELECTED,), _M.OPENED, "moderator", "opened the moderation"),
    Move("agree", (_M.OPENED,), _M.DONE, "moderator", "agreed with the grade"),
    Move("agree_inadequate", (_M.OPENED,), _M.AWAITING_CONFIRMATION, "moderator", "agreed with the grade"),
    Move("change", (_M.OPENED,), _M.AWAITING_ACCEPTANCE, "moderator", "changed the grade", True),
    Move("return", (_M.OPENED,), _M.RETURNED, "moderator", "returned the audit with questions"),
    Move("return_to_lead", (_M.OPENED,), _M.WITH_QA_LEAD, "moderator", "asked for a third return"),
    Move("send_back", (_M.WITH_QA_LEAD,), _M.RETURNED, "QA lead", "returned the audit once more", True),
    Move("hand_on", (_M.WITH_QA_LEAD,), _M.SELECTED, "QA lead", "gave the audit to another moderator", True),
    Move(
        "reassign_returned", (_M.RETURNED,), _M.RETURNED, "QA lead", "gave the returned audit to somebody else", True
    ),
    Move("resubmit", (_M.RETURNED,), _M.OPENED, "auditor", "submitted the audit again"),
    Move("accept", (_M.AWAITING_ACCEPTANCE,), _M.DONE, "auditor", "accepted the changed grade"),
    Move(
        "accept_inadequate", (_M.AWAITING_ACCEPTANCE,), _M.AWAITING_CONFIRMATION, "auditor",
        "accepted the changed grade",
    ),
    Move("lapse", (_M.AWAITING_ACCEPTANCE,), _M.DONE, "system", "took silence for acceptance"),
    Move(
        "lapse_inadequate", (_M.AWAITING_ACCEPTANCE,), _M.AWAITING_CONFIRMATION, "system",
        "took silence for acceptance",
    ),
    Move("dispute", (_M.AWAITING_ACCEPTANCE,), _M.DISPUTED, "auditor", "disputed the changed grade", True),
    Move("confirm", (_M.AWAITING_CONFIRMATION,), _M.DONE, "head of service", "confirmed the inadequate grade"),
    Move("query", (_M.AWAITING_CONFIRMATION,), _M.DISPUTED, "head of service", "queried the inadequate grade", True),
    Move("end_dispute", (_M.DISPUTED,), _M.DONE, "second moderator or panel", "ended the dispute"),
    Move(
        "end_dispute_inadequate", (_M.DISPUTED,), _M.AWAITING_CONFIRMATION, "second moderator", "ended the dispute"
    ),
    Move(
        "end_dispute_changed", (_M.DISPUTED,), _M.AWAITING_ACCEPTANCE, "second moderator",
        "decided the dispute for another grade",
    ),
    Move("withdraw", MODERATION_UNDER_WAY, _M.WITHDRAWN, "auditor or QA lead", "withdrew the submission", True),
)  # fmt: skip

_D = DisputeStatus

DISPUTE_MOVES = (
    Move("raise", (), _D.OPEN, "whoever does not agree", "raised a dispute", True),
    Move("assign", (_D.OPEN,), _D.WITH_SECOND_MODERATOR, "second moderator or QA lead", "took up the dispute"),
    Move("decide", (_D.WITH_SECOND_MODERATOR,), _D.DECIDED, "second moderator", "decided the dispute", True),
    Move(
        "refer", (_D.OPEN, _D.WITH_SECOND_MODERATOR), _D.WITH_PANEL, "second moderator, or by rule",
        "referred the dispute to the panel", True,
    ),
    Move("decide_by_panel", (_D.WITH_PANEL,), _D.DECIDED, "panel", "decided the dispute, finally", True),
    Move("drop", DISPUTE_UNDER_WAY, _D.WITHDRAWN, "system", "ended the dispute with the audit"),
)  # fmt: skip

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

CALIBRATION_MOVES = (
    Move("set_up", (), CalibrationStatus.RUNNING, "QA lead", "set up the calibration"),
    Move("reveal", (CalibrationStatus.RUNNING,), CalibrationStatus.REVEALED, "system", "revealed the grades"),
    Move(
        "reveal_early", (CalibrationStatus.RUNNING,), CalibrationStatus.REVEALED, "QA lead",
        "ended the calibration early", True,
    ),
)  # fmt: skip

TOOL_MOVES = (
    Move("change_tool", (ToolStatus.DRAFT,), "", "QA unit", "changed the draft"),
    Move("publish", (ToolStatus.DRAFT,), ToolStatus.LIVE, "QA unit", "made it live"),
    Move("discard", (ToolStatus.DRAFT,), "", "QA unit", "threw the draft away"),
    Move("retire", (ToolStatus.LIVE,), ToolStatus.RETIRED, "QA unit", "retired it", True),
    Move("supersede", (ToolStatus.LIVE,), ToolStatus.RETIRED, "system", "retired it for the next version"),
)


_DOING = {
    "allocate": "allocate it",
    "decline": "decline it",
    "start": "start it",
    "reassign": "reassign it",
    "move_due": "change when it is due",
    "submit": "submit it again",
    "recall": "take it back",
    "settle": "settle it",
    "issue": "issue its feedback",
    "respond": "respond to it",
    "close": "close it",
    "reopen": "reopen it",
    "act": "create actions from it",
    "challenge": "challenge it",
    "decide_challenge": "decide its challenge",
    "issue_again": "issue its feedback again",
    "reflect": "write about it",
    "thank": "thank for it",
    "meet": "record a meeting about it",
    "hold": "hold it open",
    "countersign": "countersign it",
    "void": "make it void",
    "save": "change what was written",
    "open": "open it",
    "agree": "decide it",
    "change": "decide it",
    "acknowledge": "acknowledge it again",
    "resolve": "resolve it again",
    "check": "check it again",
    "reveal": "reveal its grades again",
    "reveal_early": "end it early",
    "withdraw": "withdraw it",
    "return": "return it",
    "return_to_lead": "return it",
    "send_back": "send it back",
    "hand_on": "give it to another moderator",
    "reassign_returned": "reassign it",
    "resubmit": "submit it again",
    "accept": "accept the grade",
    "dispute": "dispute the grade",
    "confirm": "confirm the grade",
    "query": "query the grade",
    "end_dispute": "end the dispute",
    "assign": "take it up",
    "decide": "decide it",
    "refer": "refer it to the panel",
    "decide_by_panel": "decide it",
    "change_tool": "change it",
    "publish": "make it live again",
    "discard": "throw it away",
    "retire": "retire it",
}


def refusal(what: str, event: str, status_label: str) -> str:
    """The sentence for a move that the record's present state does not allow."""
    return sentence_of_refusal(what, _DOING[event], status_label)
