"""What may follow what: the moves of a meeting of the panel and of an item on its agenda, as data.

One table feeds the guard, the buttons on the page, the documentation and the tests.
"""

from __future__ import annotations

from core.workflow import Move, sentence_of_refusal
from learning.choices import TO_COME, BriefingStatus, ExemplarStatus, ItemStatus, MeetingStatus

_M = MeetingStatus
_KEEPER = "chair or QA unit"
MEETING_MOVES = (
    Move("schedule", (), _M.SCHEDULED, _KEEPER, "scheduled the meeting"),
    Move("open_agenda", (_M.SCHEDULED,), _M.AGENDA_OPEN, f"{_KEEPER}, or with the first item", "opened the agenda"),
    Move("build_pack", TO_COME, _M.PACK_BUILT, "the calendar, chair or QA unit", "built the pack"),
    Move("begin", (_M.AGENDA_OPEN, _M.PACK_BUILT), _M.IN_SESSION, _KEEPER, "opened the meeting"),
    Move("end", (_M.IN_SESSION,), _M.MINUTES_DRAFT, _KEEPER, "ended the meeting"),
    Move("write_minutes", (_M.MINUTES_DRAFT,), "", _KEEPER, "changed the draft minutes"),
    Move("agree_minutes", (_M.MINUTES_DRAFT,), _M.MINUTES_AGREED, _KEEPER, "recorded that the minutes were agreed"),
    Move("correct", (_M.MINUTES_AGREED, _M.CLOSED), "", _KEEPER, "added a correction to the minutes"),
    Move("close", (_M.MINUTES_AGREED,), _M.CLOSED, f"{_KEEPER}, once every item has an outcome", "closed the meeting"),
    Move("postpone", TO_COME, _M.POSTPONED, _KEEPER, "postponed the meeting", True),
    Move("cancel", TO_COME, _M.CANCELLED, _KEEPER, "cancelled the meeting", True),
)

_I = ItemStatus
ITEM_MOVES = (
    Move("propose", (), _I.PROPOSED, "members, chair, QA unit or Principal Social Worker", "proposed the item"),
    Move("accept", (_I.PROPOSED,), _I.ACCEPTED, _KEEPER, "put the item on the agenda"),
    Move("discuss", (_I.ACCEPTED, _I.DISCUSSED), _I.DISCUSSED, f"{_KEEPER}, in session", "wrote down the discussion"),
    Move("decide", (_I.DISCUSSED,), _I.OUTCOME_SET, f"{_KEEPER}, from the session until the meeting is closed",
         "recorded the decision"),
    Move("defer", (_I.ACCEPTED, _I.DISCUSSED), _I.DEFERRED, _KEEPER, "deferred the item to the next meeting", True),
    Move("withdraw", (_I.PROPOSED, _I.ACCEPTED), _I.WITHDRAWN, f"who proposed it, {_KEEPER}", "withdrew the item",
         True),
    Move("roll", (_I.PROPOSED, _I.ACCEPTED), "", "with its meeting", "took the item to another meeting", True),
    Move("check_impact", (_I.OUTCOME_SET,), "", _KEEPER, "checked what came of the decision"),
)  # fmt: skip

_E = ExemplarStatus
_PSW = "Principal Social Worker or QA lead"
EXEMPLAR_MOVES = (
    Move("nominate", (), _E.NOMINATED, "QA unit, Principal Social Worker or the panel", "nominated the practice"),
    Move("take_up", (_E.NOMINATED,), _E.ACCEPTED, _PSW, "accepted the nomination"),
    Move("write", (_E.ACCEPTED,), "", _PSW, "changed the text"),
    Move("ask_consent", (_E.ACCEPTED,), _E.CONSENT_ASKED, _PSW, "asked the practitioner"),
    Move("rewrite", (_E.CONSENT_ASKED,), _E.ACCEPTED, _PSW, "took it back to change the text", True),
    Move("agree", (_E.CONSENT_ASKED,), "", "the practitioner", "agreed to the text"),
    Move("refuse", (_E.CONSENT_ASKED,), _E.DECLINED, "the practitioner", "did not agree"),
    Move("publish", (_E.CONSENT_ASKED,), _E.PUBLISHED, _PSW, "published the exemplar"),
    Move("decline", (_E.NOMINATED, _E.ACCEPTED, _E.CONSENT_ASKED), _E.DECLINED, _PSW, "declined it", True),
    Move("withdraw", (_E.PUBLISHED,), _E.WITHDRAWN, f"{_PSW}, or the practitioner", "withdrew it", True),
)

_B = BriefingStatus
BRIEFING_MOVES = (
    Move("write", (), _B.DRAFT, _PSW, "wrote the briefing"),
    Move("edit", (_B.DRAFT,), "", _PSW, "changed the briefing"),
    Move("publish", (_B.DRAFT,), _B.PUBLISHED, _PSW, "published the briefing"),
    Move("withdraw", (_B.DRAFT, _B.PUBLISHED), _B.WITHDRAWN, _PSW, "withdrew the briefing", True),
)

_DOING = {
    "open_agenda": "open its agenda",
    "build_pack": "build its pack",
    "begin": "open the meeting",
    "end": "end it",
    "write_minutes": "change the draft minutes",
    "agree_minutes": "agree its minutes",
    "correct": "correct its minutes",
    "close": "close it",
    "postpone": "postpone it",
    "cancel": "cancel it",
    "accept": "put it on the agenda",
    "discuss": "write down its discussion",
    "decide": "record a decision on it",
    "defer": "defer it",
    "withdraw": "withdraw it",
    "roll": "take it to another meeting",
    "check_impact": "check its impact",
    "change_agenda": "change its agenda",
    "vote": "vote on it",
    "comment": "comment on it",
    "take_up": "accept it",
    "write": "change its text",
    "ask_consent": "ask for consent",
    "rewrite": "change its text again",
    "answer": "answer",
    "agree": "agree to it",
    "refuse": "refuse it",
    "publish": "publish it",
    "decline": "decline it",
    "edit": "change it",
}


def refusal(what: str, event: str, status_label: str) -> str:
    """The sentence for a move that the record's present state does not allow."""
    return sentence_of_refusal(what, _DOING[event], status_label)
