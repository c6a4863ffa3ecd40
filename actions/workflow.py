"""What may follow what: the moves of an action and of an outside body's recommendation, as data.

One table feeds the guard, the buttons on the page, the documentation and the tests.
"""

from __future__ import annotations

from actions.choices import TO_DO, ActionStatus, RecommendationStatus
from core.workflow import Move, sentence_of_refusal

_S = ActionStatus
ACTION_MOVES = (
    Move("propose", (), _S.DRAFT, "auditor, QA unit or line management", "proposed the action"),
    Move("create", (), _S.OPEN, "QA unit or line management", "created the action"),
    Move("open", (_S.DRAFT,), _S.OPEN, "QA unit or system", "opened the action"),
    Move("discard", (_S.DRAFT,), _S.CANCELLED, "whoever proposed it, or the QA unit", "withdrew the proposal", True),
    Move("start", (_S.OPEN, _S.REJECTED), _S.IN_PROGRESS, "owner", "started work"),
    Move("claim", (_S.IN_PROGRESS,), _S.CLAIMED, "owner", "said that it is done"),
    Move("verify", (_S.CLAIMED,), _S.VERIFIED, "verifier, never the owner", "verified that it is done"),
    Move("send_back", (_S.CLAIMED,), _S.IN_PROGRESS, "verifier, never the owner", "sent it back", True),
    Move("send_to_body", (_S.CLAIMED,), _S.WITH_BODY, "QA unit, never the owner", "sent it to the outside body"),
    Move("accept", (_S.WITH_BODY,), _S.ACCEPTED, "QA unit, for the body", "recorded that the outside body accepted it"),
    Move(
        "reject", (_S.WITH_BODY,), _S.REJECTED, "QA unit, for the body",
        "recorded that the outside body rejected it", True,
    ),
    Move(
        "cancel", (_S.OPEN, _S.IN_PROGRESS), _S.CANCELLED,
        "service lead or above; QA lead where it comes from an inadequate audit", "cancelled the action", True,
    ),
    Move("reopen", (_S.VERIFIED,), _S.IN_PROGRESS, "QA unit", "reopened the action", True),
    Move("move_due", TO_DO, "", "verifier or above, never the owner", "moved the due date", True),
    Move("reassign", TO_DO, "", "line management or QA unit", "gave it to another owner", True),
)  # fmt: skip

_R = RecommendationStatus
RECOMMENDATION_MOVES = (
    Move("add", (), _R.OPEN, "QA unit", "added the recommendation"),
    Move("answer", (_R.OPEN, _R.ANSWERED, _R.REJECTED), _R.ANSWERED, "QA unit", "wrote the response"),
    Move("send", (_R.ANSWERED,), _R.WITH_BODY, "QA unit", "sent what was done to the body"),
    Move("accept", (_R.WITH_BODY,), _R.ACCEPTED, "QA unit, for the body", "recorded that the body accepted it"),
    Move("reject", (_R.WITH_BODY,), _R.REJECTED, "QA unit, for the body", "recorded that the body rejected it", True),
    Move(
        "decline", (_R.OPEN, _R.ANSWERED), _R.REJECTED, "QA unit",
        "recorded that the council rejects the recommendation", True,
    ),
    Move("report", (_R.REJECTED,), _R.REPORTED, "QA unit", "reported the rejection"),
)  # fmt: skip


_DOING = {
    "open": "open it again",
    "discard": "withdraw it",
    "start": "start it",
    "claim": "say that it is done",
    "verify": "verify it",
    "send_back": "send it back",
    "send_to_body": "send it to the outside body",
    "accept": "record that it was accepted",
    "reject": "record that it was rejected",
    "cancel": "cancel it",
    "reopen": "reopen it",
    "move_due": "move its due date",
    "reassign": "give it to another owner",
    "update": "add progress to it",
    "answer": "change the response",
    "send": "send it to the body",
    "decline": "reject it",
    "report": "report its rejection",
}


def refusal(what: str, event: str, status_label: str) -> str:
    """The sentence for a move that the record's present state does not allow."""
    return sentence_of_refusal(what, _DOING[event], status_label)
