"""What one cell says: a date, an age, a whole number, an age band. Nothing is guessed."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from functools import lru_cache

from cases.choices import AgeBand
from core.spreadsheets import NOT_CALCULATED, clean, fold, is_blank, no_value
from core.working_days import LONDON

HOW_TO_WRITE_A_DATE = "Write it as DD/MM/YYYY, such as 08/02/2021"


@dataclass(frozen=True, slots=True)
class DateCell:
    """A cell read as a date: `day` where it is certain; both None and "" where the cell is blank; else `reason`."""

    day: dt.date | None
    reason: str = ""


_BLANK = DateCell(None)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,7})?)?(Z|[+-]\d{2}:?\d{2})?)?")
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,7})?)?)?")
_TOTAL = re.compile(r"(?:grand |overall |sub-?)?\s?totals?:?")
_SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")


def read_date(value: object) -> DateCell:
    """A cell as a day, or the reason why it is not certain.

    Taken: a real date cell, `DD/MM/YYYY` and ISO `YYYY-MM-DD`, each with or without a time of day; a moment with its
    time zone is the day that it falls on in London. Not taken: a month
    above 12, a year of two digits, a day that does not exist, a year outside 1900 to 2100, and a bare number: a real
    date cell arrives as a date, so a number in a date column may be anything. 1 January 1900, which some systems write
    for "no date", is blank.
    """
    if isinstance(value, str):
        return _date_from_text(clean(value))
    if isinstance(value, dt.datetime):
        return _in_range(value.date())
    if isinstance(value, dt.date):
        return _in_range(value)
    if is_blank(value):
        return _BLANK
    if isinstance(value, bool):
        return DateCell(None, f"The cell holds yes or no, not a date. {HOW_TO_WRITE_A_DATE}.")
    if isinstance(value, (int, float)):
        return DateCell(None, f"The cell holds a number, not a date. Format the column as a date, or: {_lower()}.")
    return DateCell(None, f"The cell holds a time, not a date. {HOW_TO_WRITE_A_DATE}.")


def _lower() -> str:
    return HOW_TO_WRITE_A_DATE[0].lower() + HOW_TO_WRITE_A_DATE[1:]


def _in_range(day: dt.date) -> DateCell:
    if day == dt.date(1900, 1, 1):
        return _BLANK
    if not 1900 <= day.year <= 2100:
        return DateCell(None, f"The year {day.year} cannot be right. {HOW_TO_WRITE_A_DATE}.")
    return DateCell(day)


@lru_cache(maxsize=65536)
def _date_from_text(text: str) -> DateCell:
    if not text:
        return _BLANK
    zone = ""
    if found := _ISO.fullmatch(text):
        year, month, day, *time, zone = found.groups()
    elif found := _BRITISH.fullmatch(text):
        day, month, year, *time = found.groups()
    elif _SHORT_YEAR.fullmatch(text):
        return DateCell(None, f"The year has two digits, so the date is not certain. {HOW_TO_WRITE_A_DATE}.")
    else:
        return DateCell(None, f"This is not a date that can be read for certain. {HOW_TO_WRITE_A_DATE}.")
    try:
        if zone:
            return _in_range(dt.datetime.fromisoformat(text).astimezone(LONDON).date())
        if time[0] is not None:
            dt.time(int(time[0]), int(time[1]), int(time[2] or 0))
        return _in_range(dt.date(int(year), int(month), int(day)))
    except ValueError:
        pass
    if int(month) > 12 >= int(day):
        return DateCell(
            None, f"There is no month {int(month)}: the day and month may be swapped. {HOW_TO_WRITE_A_DATE}."
        )
    return DateCell(None, f"There is no such date. {HOW_TO_WRITE_A_DATE}.")


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A cell read as a whole number: `number` None and no reason where it is blank."""

    number: int | None
    reason: str = ""


def read_count(value: object) -> NumberCell:
    """A cell as a whole number from 0, "1,234" and "1 234" included, or the reason why it is not one."""
    if is_blank(value):
        return NumberCell(None)
    number: float | None = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str) and re.fullmatch(
        r"\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,9}(?:\.0+)?", clean(value)
    ):
        number = float(re.sub("[, ]", "", clean(value)))
    if number is None or not math.isfinite(number) or not number.is_integer() or not 0 <= number < 1e9:
        return NumberCell(None, "This is not a whole number from 0. Write it in digits.")
    return NumberCell(int(number))


def read_age(value: object) -> NumberCell:
    """A cell as whole years at the last birthday (6.9 is 6); -1 is an unborn child."""
    if is_blank(value):
        return NumberCell(None)
    number: float | None = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str):
        if fold(value) in {"unborn", "u/b"}:
            return NumberCell(-1)
        if re.fullmatch(r"-?\d{1,3}(?:\.\d+)?", clean(value)):
            number = float(clean(value))
    if number is None or not math.isfinite(number) or not -1 <= number < 120:
        return NumberCell(None, "This is not an age in years. Write whole years, or -1 for an unborn child.")
    return NumberCell(math.floor(number))


def age_on(birth: dt.date, day: dt.date) -> int:
    """Whole years from `birth` to `day`; -1 where the birth lies ahead (an unborn child's expected date)."""
    if birth > day:
        return -1
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def band_for(age: int) -> str:
    """The age band of an age in whole years; -1 is unborn."""
    if age < 0:
        return AgeBand.UNBORN.value
    for limit, band in (
        (1, AgeBand.UNDER_1),
        (5, AgeBand.AGE_1_4),
        (10, AgeBand.AGE_5_9),
        (16, AgeBand.AGE_10_15),
        (18, AgeBand.AGE_16_17),
    ):
        if age < limit:
            return band.value
    return AgeBand.AGE_18_PLUS.value


_BAND_WORDS = {
    "unborn": AgeBand.UNBORN,
    "under1": AgeBand.UNDER_1, "<1": AgeBand.UNDER_1, "0-1": AgeBand.UNDER_1, "lessthan1": AgeBand.UNDER_1,
    "underone": AgeBand.UNDER_1, "0": AgeBand.UNDER_1,
    "1-4": AgeBand.AGE_1_4, "5-9": AgeBand.AGE_5_9, "10-15": AgeBand.AGE_10_15,
    "16-17": AgeBand.AGE_16_17, "16+": AgeBand.AGE_16_17,
    "18+": AgeBand.AGE_18_PLUS, "18plus": AgeBand.AGE_18_PLUS, "18-plus": AgeBand.AGE_18_PLUS,
    "18andover": AgeBand.AGE_18_PLUS, "over18": AgeBand.AGE_18_PLUS, "18orover": AgeBand.AGE_18_PLUS,
}  # fmt: skip


def read_age_band(value: object) -> tuple[str, str]:
    """(age band, reason): a band as "1 to 4", "1-4", "1_4" or "18+", or an age in years; ("", "") where blank."""
    if is_blank(value):
        return "", ""
    if isinstance(value, (dt.date, dt.datetime, dt.time)):
        return "", 'The spreadsheet turned the age band into a date. Write it in words, such as "1 to 4".'
    words = re.sub(r"(years|yrs|year|aged|age|old)", "", fold(value).replace("_", "-"))
    words = re.sub(r"(?<=\d)\s*(to|-)\s*(?=\d)", "-", words).replace(" ", "")
    if words in _BAND_WORDS:
        return _BAND_WORDS[words].value, ""
    age = read_age(value)
    if age.number is not None:
        return band_for(age.number), ""
    return (
        "",
        "This is not an age band. Write one of: unborn, under 1, 1 to 4, 5 to 9, 10 to 15, 16 to 17, 18 and over.",
    )


def read_reference(value: object) -> tuple[str, str]:
    """(reference, reason): an id as text, or why it cannot be one; ("", reason) where it is blank or unsafe."""
    if value == NOT_CALCULATED:
        return "", "The id is blank: its formula has no stored result. Open the workbook in Excel and save it."
    if is_blank(value) or no_value(value):
        return "", "The id is blank. Give each row the id that the case system has for it."
    if isinstance(value, str) and _TOTAL.fullmatch(fold(value)):
        return "", "This is a total, not an id. Take the row out."
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return "", "The id is not text or a whole number. Format the column as text, and put the id back."
    if isinstance(value, (int, float)) and (
        not math.isfinite(value) or value != math.floor(value) or not 0 <= value < 1e15
    ):
        return (
            "",
            "The id is a number that the spreadsheet has rounded. Format the column as text, and put the id back.",
        )
    text = clean(value)
    if re.fullmatch(r"\d+\.0+", text):
        text = text.split(".")[0]
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+\d+", text):
        return "", "The spreadsheet has shortened the id. Format the column as text, and put the id back."
    if len(text) > 48:
        return "", "The id is longer than 48 characters. Use the id that the case system has for the case."
    return text, ""
