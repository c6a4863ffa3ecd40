"""What may follow what: the moves of a clinic, as data. One table feeds the guard, the buttons and the tests."""

from __future__ import annotations

from assurance_clinics.choices import ON_THE_WAY, ClinicStatus
from core.workflow import Move, sentence_of_refusal

_S = ClinicStatus
_LEADS = "head of service, chair or QA unit"
CLINIC_MOVES = (
    Move("convene", (), _S.TO_BE_CONVENED, "system, by the rota", "put the clinic on the rota"),
    Move("schedule", (_S.TO_BE_CONVENED, _S.POSTPONED), _S.SCHEDULED, _LEADS, "scheduled the clinic"),
    Move("change", ON_THE_WAY, "", _LEADS, "changed its day, place or people"),
    Move("load", (_S.SCHEDULED,), _S.DATA_LOADED, "system, when every figure is in", "found every figure in"),
    Move("build", (_S.SCHEDULED, _S.DATA_LOADED), _S.PACK_READY, "system, or whoever leads it", "built the pack"),
    Move("rebuild", (_S.PACK_READY,), "", "system, or whoever leads it", "built the pack again"),
    Move("hold", (_S.PACK_READY,), _S.HELD, _LEADS, "held the clinic"),
    Move("confirm", (_S.HELD,), _S.CONFIRMED, "chair", "confirmed the notes"),
    Move("close", (_S.CONFIRMED,), _S.CLOSED, _LEADS, "closed the clinic"),
    Move("postpone", ON_THE_WAY, _S.POSTPONED, _LEADS, "postponed the clinic", True),
    Move("cancel", (_S.TO_BE_CONVENED, *ON_THE_WAY, _S.POSTPONED), _S.CANCELLED, _LEADS, "cancelled the clinic", True),
)

_DOING = {
    "schedule": "schedule it",
    "change": "change its day, place or people",
    "load": "load its figures",
    "build": "build its pack",
    "rebuild": "build its pack again",
    "hold": "record that it was held",
    "note": "write notes",
    "act": "make actions from it",
    "confirm": "confirm its notes",
    "close": "close it",
    "postpone": "postpone it",
    "cancel": "cancel it",
}


def refusal(event: str, status_label: str) -> str:
    """The sentence for what the clinic's present state does not allow."""
    return sentence_of_refusal("clinic", _DOING[event], status_label)
