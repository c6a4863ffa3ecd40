"""What one printed cell says, and what a wording says of its kind. Nothing is guessed about a number."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from assurance_clinics.choices import Basis, FigureKind, IndicatorKind, Polarity
from core.spreadsheets import clean, fold

_MARK = r"\*+|[\[(]?p[\])]?|ᵖ|⁽ᵖ⁾|[\[(]?prov(?:isional|\.)?[\])]?"
_NUMBER = re.compile(
    rf"(?P<before>(?:{_MARK})\s?)?(?P<sign>-?)(?P<whole>\d{{1,3}}(?:,\d{{3}})+|\d{{1,3}}(?: \d{{3}})+|\d{{1,9}})"
    rf"(?P<rest>\.\d{{1,15}})?\s?(?P<percent>%?)(?P<after>\s?(?:{_MARK}))?",
    re.IGNORECASE,
)
_BLANK = frozenset({"", "-", "--", "–", "—", ":", "..", "..."})
_NOT_APPLICABLE = frozenset({"n/a", "na", "n.a.", "n.a", "not applicable", "z", "[z]"})
_TO_BE_CONFIRMED = frozenset({"tbc", "to be confirmed", "tba", "to be advised"})
_SUPPRESSED = re.compile(
    r"\[?(?:c|k|u|x|low)\]?|\*+|(?:<|fewer than|less than|under)\s?(?:\d{1,2}|five|ten)|suppressed"
)
_PLACES = 6


LARGEST_COUNT = 10_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as read: which of the five things it says, its number where it is one, how it was printed, and the two
    counts that it comes from where they are known. `provisional` is whether it was printed with a mark that says so."""

    kind: FigureKind
    value: Decimal | None = None
    printed: str = ""
    numerator: int | None = None
    denominator: int | None = None
    provisional: bool = False

    @property
    def has_counts(self) -> bool:
        """Whether both counts are known."""
        return self.numerator is not None and self.denominator is not None

    @property
    def words(self) -> str:
        """The cell in a sentence: "83% (5 of 6)", "blank"."""
        counts = counts_in_words(self.numerator, self.denominator)
        return (self.printed or "blank") + (f" ({counts})" if counts else "")

    def same_as(self, other: Cell) -> bool:
        """Whether the two say the same: "83%" and "83.0" do, blank and 0 do not. Counts decide where both have them."""
        if self.has_counts and other.has_counts:
            return (self.numerator, self.denominator) == (other.numerator, other.denominator)
        is_printed_alike = bool(self.printed) and self.printed == other.printed
        return self.kind == other.kind and (self.value == other.value or is_printed_alike)


BLANK = Cell(FigureKind.BLANK)


def read_cell(raw: object, kind: str, *, in_percents: bool = False) -> tuple[Cell, str]:
    """(cell, reason): what a cell says in a row of this kind of indicator, or why it cannot be one.

    "83%" is 83; "1,234" and "1 234" are 1234. Blank (or a dash), 0, N/A, TBC and suppressed (c, *, <5) are five
    different things. A p or an asterisk beside the number ("83%p", "83 (p)", "*83%") says that it is provisional.
    A percentage between 0 and 1 has to have its sign, since 0.83 may be 83%, unless the source is known to write
    `in_percents`.
    """
    text = clean(raw)
    words = fold(text)
    if words in _BLANK:
        return Cell(FigureKind.BLANK, None, text), ""
    if words in _NOT_APPLICABLE:
        return Cell(FigureKind.NOT_APPLICABLE, None, text), ""
    if words in _TO_BE_CONFIRMED:
        return Cell(FigureKind.TO_BE_CONFIRMED, None, text), ""
    if _SUPPRESSED.fullmatch(words):
        return Cell(FigureKind.SUPPRESSED, None, text), ""
    found = _NUMBER.fullmatch(text)
    if not found or isinstance(raw, bool):
        return BLANK, (
            "This is not a number. Write it in digits, such as 83 or 83%, or one of: N/A, TBC, <5; or leave it blank."
        )
    value = Decimal(f"{found['sign']}{re.sub('[, ]', '', found['whole'])}{found['rest'] or ''}")
    if len(found["rest"] or "") > _PLACES + 1:
        value = value.quantize(Decimal(1).scaleb(-_PLACES))
        # The result of a spreadsheet's formula, which its own cell does not show to so many places either.
        text = f"{value:.2f}" if isinstance(raw, float) else text
    if kind == IndicatorKind.PERCENTAGE:
        if 0 < value < 1 and not found["percent"] and not in_percents:
            share = f"{value * 100:f}".rstrip("0").rstrip(".")
            return BLANK, f"The cell holds {text}: is that {share}% or {value}%? Write it with its % sign."
        if not 0 <= value <= 100:
            return BLANK, "A percentage lies between 0 and 100."
    elif found["percent"]:
        return BLANK, "This indicator is not a percentage. Write the number without a % sign."
    elif value < 0:
        return BLANK, "This cannot be below 0."
    return Cell(FigureKind.NUMBER, value, text, provisional=bool(found["before"] or found["after"])), ""


def unmarked(printed: str) -> str:
    """A figure as printed, without the mark of a provisional one: "83%" for "83%p"."""
    found = _NUMBER.fullmatch(printed)
    if not found:
        return printed
    return printed[len(found["before"] or "") : len(printed) - len(found["after"] or "")].strip()


def marked(printed: str) -> str:
    """A provisional figure with its mark: its own where it was printed with one, else "p". Only a number has one."""
    found = _NUMBER.fullmatch(printed)
    return f"{printed}p" if found and not (found["before"] or found["after"]) else printed


# --- counts --------------------------------------------------------------------------------------------------------


def read_count(raw: object) -> tuple[Cell, str]:
    """(cell, reason): what a cell of numerators or denominators holds, or why it cannot be a count."""
    cell, reason = read_cell(raw, IndicatorKind.NUMBER)
    if reason or (cell.value is not None and cell.value % 1):
        return BLANK, "A count is a whole number of 0 or more. Write it in digits, such as 12, or leave it blank."
    if cell.value is not None and cell.value > LARGEST_COUNT:
        return BLANK, f"A count is {LARGEST_COUNT:,} at most. Correct it, or leave both counts blank."
    return cell, ""


def counts_in_words(numerator: int | None, denominator: int | None) -> str:
    """ "9 of 12", "198 ÷ 18" for an average above one, "" where one of the two is not known."""
    if numerator is None or denominator is None:
        return ""
    return f"{numerator:,} {'÷' if numerator > denominator else 'of'} {denominator:,}"


def figure_of(numerator: int, denominator: int, kind: str) -> Cell:
    """The figure that follows from two counts: exact to six places, printed as the papers print it; N/A of none."""
    if not denominator:
        return Cell(FigureKind.NOT_APPLICABLE, None, "N/A", numerator, denominator)
    factor = {IndicatorKind.PERCENTAGE: 100, IndicatorKind.RATE: 10_000}.get(IndicatorKind(kind), 1)
    value = Decimal(numerator) if kind == IndicatorKind.NUMBER else Decimal(factor * numerator) / denominator
    value = value.quantize(Decimal("0.000001"))
    return Cell(FigureKind.NUMBER, value, print_number(value, kind), numerator, denominator)


def with_counts(cell: Cell, numerator: int | None, denominator: int | None, kind: str) -> tuple[Cell, str]:
    """(cell, reason): a printed cell with the counts that stand beside it, or why the two do not go together.

    A blank cell is filled from the counts. A printed number has to be theirs, rounded or cut off at its last place; it
    stays as printed, and its value becomes the exact one. Of a number the numerator is enough.
    """
    if numerator is None and denominator is None:
        return cell, ""
    if kind == IndicatorKind.NUMBER and numerator is not None:
        exact = replace(figure_of(numerator, 1, kind), denominator=denominator)
    elif numerator is None or denominator is None:
        return cell, "One of the two counts is given. Give both, or neither."
    elif kind == IndicatorKind.PERCENTAGE and numerator > denominator:
        return cell, (
            f"The numerator, {numerator:,}, is larger than the denominator, {denominator:,}. Turn the two round, or "
            "correct the one that is wrong."
        )
    else:
        exact = figure_of(numerator, denominator, kind)
    if cell.kind == FigureKind.BLANK:
        return exact, ""
    if cell.kind != exact.kind:
        return cell, (
            f"The counts make {exact.printed}, and the figure is “{cell.printed}”. Leave both counts blank, or write "
            f"{exact.printed}."
        )
    if cell.value is not None and exact.value is not None:
        last_place = Decimal(1).scaleb(min(int(cell.value.as_tuple().exponent), 0))
        if abs(cell.value - exact.value) >= last_place:
            return cell, (
                f"The counts make {exact.printed}, and the figure printed is {cell.printed}. Correct the one that is "
                "wrong."
            )
    return replace(exact, printed=cell.printed, provisional=cell.provisional), ""


# --- what a wording says -------------------------------------------------------------------------------------------

_KINDS = (
    (re.compile(r"^(percentage|percent|proportion|share|%)\b|^%|\bpercentage of\b"), IndicatorKind.PERCENTAGE),
    (re.compile(r"^rates?\b|\bper 10,?000\b"), IndicatorKind.RATE),
    (re.compile(r"^(average|mean|median)\b"), IndicatorKind.AVERAGE),
    (re.compile(r"^(number|total|count|no\.?)\b"), IndicatorKind.NUMBER),
)
_UNITS = {
    IndicatorKind.PERCENTAGE: "%",
    IndicatorKind.RATE: "per 10,000 children",
    IndicatorKind.AVERAGE: "average",
    IndicatorKind.NUMBER: "number",
}
_AT_END = re.compile(r"\b(at|as at) (the )?(end|period end)|\bat (month|period) end|\bcurrently\b|^rate of children\b")
_ROLLING = re.compile(r"\b(rolling|last|within|past|previous) (12|twelve) months\b|\bduring the year\b")
_HIGHER = re.compile(
    r"\bvisit(ed)?\b|\bin (agreed )?time(scales?)?\b|\bwithin (agreed |the )?timescales?\b|\bup to date\b"
    r"|\bwithin \d+ (working )?days\b|\bin the last \d+ weeks\b|\bsupervision\b"
)
_LOWER = re.compile(
    r"\bre-?referrals?\b|\b3 or more placements\b|\bnfa\b|\b2nd or more\b|\bsecond or (more|later|subsequent)\b|\b20\+"
)


def guess_kind(wording: str, cells: list[str]) -> IndicatorKind:
    """What kind of figure a wording means; where the words do not say, a % sign in its cells does."""
    folded = fold(wording)
    for pattern, kind in _KINDS:
        if pattern.search(folded):
            return kind
    return IndicatorKind.PERCENTAGE if any("%" in cell for cell in cells) else IndicatorKind.NUMBER


def unit_of(kind: str) -> str:
    """The unit in which a kind of figure is given."""
    return _UNITS[IndicatorKind(kind)]


def guess_basis(wording: str) -> Basis:
    """Over what a wording's figure is counted, as far as the words say; otherwise the month."""
    folded = fold(wording)
    if _AT_END.search(folded):
        return Basis.SNAPSHOT
    return Basis.ROLLING_12 if _ROLLING.search(folded) else Basis.IN_MONTH


def guess_polarity(wording: str) -> Polarity:
    """Which way is better, as far as the words say. A guess is shown to be corrected and colours nothing until then."""
    folded = fold(wording)
    if _LOWER.search(folded):
        return Polarity.LOWER
    return Polarity.HIGHER if _HIGHER.search(folded) else Polarity.NONE


# --- printing ------------------------------------------------------------------------------------------------------


def print_number(value: Decimal, kind: str) -> str:
    """A computed number as the papers print it: a whole percent with its sign, an average to two places."""
    if kind == IndicatorKind.PERCENTAGE:
        return f"{value.quantize(Decimal(1), ROUND_HALF_UP)}%"
    if kind == IndicatorKind.AVERAGE:
        return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP)}"
    return f"{value.quantize(Decimal(1), ROUND_HALF_UP):,}"
