"""What must not stand in a text that others learn from (NK-10), and the panel's own rules."""

from __future__ import annotations

from datetime import date

import pytest

from learning.choices import HitKind, ItemKind, ItemStatus, OutcomeKind
from learning.rules.free_text import hits_in, masked, references_in, unconfirmed
from learning.rules.meetings import (
    dates_of_a_series,
    is_quorate,
    month_of_pack,
    months_later,
    pack_due,
    reasons_against_closing,
    reasons_against_decision,
)

STAFF = ["Parker Example-Practitioner", "Ann Good", "Zuri Sampleton"]


def kinds(text: str) -> list[str]:
    return [hit.kind for hit in hits_in(text, staff=STAFF, cases={"EX-0012/3"})]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NHS number 943 476 5919 is his.", HitKind.NHS_NUMBER),
        ("9434765919", HitKind.NHS_NUMBER),
        ("943-476-5918, mistyped", HitKind.NHS_NUMBER),
        ("They live at EX4 3RT now.", HitKind.POSTCODE),
        ("sw1a1aa", HitKind.POSTCODE),
        ("Ring 01392 555 123.", HitKind.PHONE),
        ("Ring +44 7700 900123 or text", HitKind.PHONE),
        ("(01392) 555123", HitKind.PHONE),
        ("Write to parent.one@mail.example.", HitKind.EMAIL),
        ("parker example-practitioner visited", HitKind.NAME),
        ("Example-Practitioner, Parker", HitKind.NAME),
        ("P. Example-Practitioner", HitKind.NAME),
        ("Sampleton thinks that", HitKind.NAME),
        ("Mrs Good said", HitKind.NAME),
        ("Ann Good said", HitKind.NAME),
        ("As in ex-0012/3 before", HitKind.CASE),
    ],
)
def test_what_leads_to_somebody_is_found(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Good practice was seen in 12 of 40 audits, 30% in March 2026.",
        "The child was seen on 04/05/2026 and again in 2027.",
        "Audit A-2026-0012 shows 3 visits in 10 working days.",
        "Ann said that a good plan needs dates.",
        "",
    ],
)
def test_ordinary_words_and_figures_are_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_a_reason_is_asked_for_once_for_the_same_words_and_a_blank_is_none() -> None:
    hits = hits_in("Sampleton and again Sampleton, EX4 3RT", staff=STAFF)
    assert len(hits) == 3
    assert len(unconfirmed(hits, {})) == 2
    assert [hit.kind for hit in unconfirmed(hits, {hits[0].key: "Is the trainer", hits[2].key: "  "})] == ["postcode"]


def test_what_is_masked_says_of_what_kind_it_was() -> None:
    text = "Sampleton rang 01392 555 123."
    assert masked(text, hits_in(text, staff=STAFF)) == "[name removed] rang [number removed]."


def test_only_words_with_a_digit_can_be_a_case() -> None:
    assert references_in("See EX-0012/3, and A1, in 2026.") == {"EX-0012/3", "2026"}


def test_the_third_thursday_follows_the_third_thursday_and_a_fifth_becomes_the_last() -> None:
    assert dates_of_a_series(date(2026, 1, 15), 3) == [date(2026, 1, 15), date(2026, 2, 19), date(2026, 3, 19)]
    assert dates_of_a_series(date(2026, 1, 29), 2) == [date(2026, 1, 29), date(2026, 2, 26)]


def test_a_pack_is_due_five_working_days_before_over_a_bank_holiday() -> None:
    assert pack_due(date(2026, 1, 6), 5) == date(2025, 12, 29)


def test_a_pack_sums_up_the_last_month_that_was_over() -> None:
    assert month_of_pack(date(2026, 12, 3), date(2026, 11, 26)) == date(2026, 10, 1)
    assert month_of_pack(date(2026, 11, 30), date(2026, 12, 4)) == date(2026, 10, 1)


def test_months_later_stays_in_the_month() -> None:
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_later(date(2026, 3, 31), -1) == date(2026, 2, 28)


def test_the_quorum_is_reached_at_its_number() -> None:
    assert (is_quorate(3, 3), is_quorate(2, 3)) == (True, False)


DECISION = "A decision in enough words."


def test_below_the_quorum_no_dispute_is_decided_and_everything_else_is() -> None:
    def reasons(kind: str) -> list[str]:
        return reasons_against_decision(kind=kind, quorate=False, decision=DECISION, outcomes=[OutcomeKind.ACTION])

    assert reasons(ItemKind.THEME) == []
    assert "below its quorum" in reasons(ItemKind.DISPUTE)[0]


@pytest.mark.parametrize(
    ("decision", "outcomes", "words"),
    [
        ("Too short", [OutcomeKind.ACTION], "15 characters"),
        (DECISION, [], "Add what follows"),
        (DECISION, [OutcomeKind.NO_ACTION, OutcomeKind.ACTION], "cannot stand beside"),
    ],
)
def test_a_decision_has_words_and_an_outcome(decision: str, outcomes: list[str], words: str) -> None:
    found = reasons_against_decision(kind=ItemKind.CASE, quorate=True, decision=decision, outcomes=outcomes)
    assert words in found[0]


def test_no_item_without_an_outcome_at_the_close() -> None:
    items = [("First", ItemStatus.OUTCOME_SET), ("Second", ItemStatus.DISCUSSED), ("Third", ItemStatus.DEFERRED)]
    assert reasons_against_closing(items) == ["“Second” has no outcome yet."]
