"""docs/rules.md says what the tables and the rules say."""

from __future__ import annotations

from audits.workflow import AUDIT_MOVES, DISPUTE_MOVES, MODERATION_MOVES
from scripts import rules


def test_the_document_is_what_the_code_prints() -> None:
    assert rules.PAGE.read_text(encoding="utf-8") == rules.page(), "run: .venv/bin/python -m scripts.rules"


def test_every_move_of_an_audit_is_in_it() -> None:
    text = rules.page()
    for move in (*AUDIT_MOVES, *MODERATION_MOVES, *DISPUTE_MOVES):
        assert f"| {move.event} | " in text
    assert "Every inadequate grade, the auditor's or a moderator's, is confirmed by a head of service" in text
