"""What a printed cell says, and what a wording says of its kind."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurance_clinics.choices import FigureKind, IndicatorKind, Polarity
from assurance_clinics.rules.figures import guess_kind, guess_polarity, marked, print_number, read_cell, unmarked

PERCENTAGE, NUMBER = IndicatorKind.PERCENTAGE, IndicatorKind.NUMBER


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", FigureKind.BLANK), ("-", FigureKind.BLANK), ("  ", FigureKind.BLANK),
        ("0", FigureKind.NUMBER), ("0%", FigureKind.NUMBER),
        ("N/A", FigureKind.NOT_APPLICABLE), ("n/a", FigureKind.NOT_APPLICABLE),
        ("TBC", FigureKind.TO_BE_CONFIRMED), ("tbc", FigureKind.TO_BE_CONFIRMED),
        ("c", FigureKind.SUPPRESSED), ("*", FigureKind.SUPPRESSED), ("<5", FigureKind.SUPPRESSED),
        ("< 5", FigureKind.SUPPRESSED),
    ],
)  # fmt: skip
def test_five_kinds_of_missing_are_five_kinds(text: str, kind: FigureKind) -> None:
    cell, reason = read_cell(text, PERCENTAGE)
    assert (cell.kind, reason) == (kind, "")
    assert (cell.value is not None) == (kind == FigureKind.NUMBER)
    assert cell.printed == text.strip()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [("83%", PERCENTAGE, "83"), ("83", PERCENTAGE, "83"), ("83.4 %", PERCENTAGE, "83.4"), ("100", PERCENTAGE, "100"),
     ("1,234", NUMBER, "1234"), ("1 234", NUMBER, "1234"), ("1\u00a0234", NUMBER, "1234"),
     ("12\u2009345\u202f678", NUMBER, "12345678"), ("15.64", IndicatorKind.AVERAGE, "15.64"), (83.0, PERCENTAGE, "83")],
)  # fmt: skip
def test_numbers_as_printed(text: object, kind: IndicatorKind, value: str) -> None:
    cell, reason = read_cell(text, kind)
    assert not reason
    assert cell.value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("83.%.", PERCENTAGE), ("83%%", PERCENTAGE), ("eighty", PERCENTAGE), ("NaN", NUMBER), ("1e9", NUMBER),
     ("101%", PERCENTAGE), ("-1", PERCENTAGE), ("100.1", PERCENTAGE), ("83%", NUMBER), ("-4", NUMBER),
     ("12,34", NUMBER), ("12 34", NUMBER), ("1 234,567", NUMBER), ("83q", NUMBER), ("83%pp", PERCENTAGE),
     ("83¹", NUMBER), ("p", NUMBER), ("83 84", NUMBER), (0.83, PERCENTAGE), (True, NUMBER), ("1O", NUMBER)],
)  # fmt: skip
def test_what_is_no_figure_is_refused_with_a_sentence(text: object, kind: IndicatorKind) -> None:
    _cell, reason = read_cell(text, kind)
    assert reason.endswith((".", "?"))


@pytest.mark.parametrize(
    ("text", "bare", "in_a_file"),
    [("83%p", "83%", "83%p"), ("83% p", "83%", "83% p"), ("83 (p)", "83", "83 (p)"), ("83%ᵖ", "83%", "83%ᵖ"),
     ("*83%", "83%", "*83%"), ("83%*", "83%", "83%*"), ("p 83", "83", "p 83"),
     ("83.5% (prov)", "83.5%", "83.5% (prov)"),
     ("83 provisional", "83", "83 provisional"), ("83%P", "83%", "83%P"), ("83%[p]", "83%", "83%[p]")],
)  # fmt: skip
def test_a_mark_says_that_a_figure_is_provisional(text: str, bare: str, in_a_file: str) -> None:
    cell, reason = read_cell(text, PERCENTAGE)
    assert (reason, cell.provisional, cell.printed) == ("", True, text)
    assert 83 <= (cell.value or 0) < 84
    assert (unmarked(text), marked(text), marked(bare)) == (bare, in_a_file, f"{bare}p")


def test_what_is_no_number_gets_no_mark() -> None:
    assert [marked(text) for text in ("TBC", "N/A", "", "fewer than 5")] == ["TBC", "N/A", "", "fewer than 5"]
    assert not read_cell("83%", PERCENTAGE)[0].provisional


@given(st.decimals(0, 100, places=2))
def test_a_percentage_reads_back_as_it_was_written(number: Decimal) -> None:
    cell, reason = read_cell(f"{number}%", PERCENTAGE)
    assert not reason
    assert cell.value == number


@given(st.text(max_size=20), st.sampled_from(list(IndicatorKind)))
def test_any_text_is_read_or_refused(text: str, kind: IndicatorKind) -> None:
    cell, reason = read_cell(text, kind)
    assert bool(reason) or cell.kind in FigureKind
    if not reason and cell.value is not None and kind == PERCENTAGE:
        assert 0 <= cell.value <= 100


@pytest.mark.parametrize(
    ("wording", "cells", "kind"),
    [
        ("Percentage of children visited", [], PERCENTAGE),
        ("% of reviews in time", [], PERCENTAGE),
        ("Rate of contacts per 10,000", [], IndicatorKind.RATE),
        ("Average number of children for each worker", [], IndicatorKind.AVERAGE),
        ("Number of contacts", [], NUMBER),
        ("Reviews in time", ["83%"], PERCENTAGE),
        ("Reviews", ["83"], NUMBER),
    ],
)
def test_the_wording_says_the_kind(wording: str, cells: list[str], kind: IndicatorKind) -> None:
    assert guess_kind(wording, cells) == kind


def test_a_guess_of_the_polarity() -> None:
    assert guess_polarity("Percentage of children visited within last 6 weeks") == Polarity.HIGHER
    assert guess_polarity("Percentage of re-referrals within 12 months") == Polarity.LOWER
    assert guess_polarity("Number of contacts") == Polarity.NONE


def test_a_computed_share_prints_as_the_papers_do() -> None:
    assert print_number(Decimal("66.666667"), PERCENTAGE) == "67%"
    assert print_number(Decimal("12.5"), PERCENTAGE) == "13%"
    assert print_number(Decimal("1234"), NUMBER) == "1,234"
    assert print_number(Decimal("15.636"), IndicatorKind.AVERAGE) == "15.64"
