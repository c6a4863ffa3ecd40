"""The computed indicators: each is a function whose docstring is its definition (product.md section 16).

A formula gets the rows of one extract and the extract's date. It says of each row whether it is in the numerator
("in"), in the denominator alone ("out"), or left out, and why. What holds for all of them:

- A boundary day counts: 21 days ago is within 3 weeks, 22 is not.
- A blank date is not in time, and neither is one that lies after the extract's date.
- A plan or a period of care is open on the extract's date where its end date is blank or lies after that date.
- Windows end on the extract's date and reach back as far as the list does.
- Where the extract does not hold a column at all, its rows are left out: nothing is known, which is not "late".
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any

from assurance_clinics.choices import EventKind, IndicatorKind, State
from core.working_days import add_working_days, working_days_between

SHORT_BREAKS = frozenset({"V1", "V3", "V4"})
CWD = "A child with disabilities: counted apart"
NO_WORKER = "No worker is recorded"
STATUS_WORDS = {
    "cla": "A child looked after, not on a child in need plan",
    "cp": "On a child protection plan, not on a child in need plan",
    "assessment": "Open for assessment, not on a child in need plan",
    "closed": "The episode is closed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an Annex A list: codes, counts and ISO dates by key, "" or None where blank.

    `reference` is as printed and `key` as compared; `cwd` says whether the row is of a child with disabilities;
    `service`, `team` and `worker` are keys, None where the row names none.
    """

    list: int
    row: int
    reference: str
    key: str
    data: Mapping[str, str | int | None]
    cwd: bool = False
    service: Any = None
    team: Any = None
    worker: Any = None
    case: Any = None

    def day(self, name: str) -> date | None:
        """The date under `name`; None where it is blank."""
        text = self.data.get(name)
        return _day(text) if isinstance(text, str) and text else None

    def count(self, name: str) -> int | None:
        """The number under `name`; None where it is blank."""
        value = self.data.get(name)
        return value if isinstance(value, int) else None

    def code(self, name: str) -> str:
        """The code under `name`; "" where it is blank."""
        return str(self.data.get(name) or "")


@lru_cache(maxsize=16384)
def _day(text: str) -> date:
    return date.fromisoformat(text)


@dataclass(frozen=True)
class Extracted:
    """The rows of one extract by list number, and what is known beside them, by the child's key.

    `agreed_days` are the visiting intervals agreed for a child; `events` of each kind of dated event that is held at
    all the latest on or before the extract's date; `seen` every day on which a child was seen for an assessment, the
    earliest first; `supervised_days` how often each cohort's cases are supervised; `children` how many children aged 0
    to 17 live in the area, 0 where that is not known.
    """

    lists: Mapping[int, Sequence[Row]]
    agreed_days: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    seen: Mapping[str, Sequence[date]] = field(default_factory=dict)
    supervised_days: Mapping[str, int] = field(default_factory=dict)
    children: int = 0

    def rows(self, number: int) -> Sequence[Row]:
        """The rows of one list, in the order of the file."""
        return self.lists.get(number, ())


@dataclass(frozen=True, slots=True)
class Judged:
    """One row as one indicator sees it. `reason` is a sentence without its stop. `last` is the date that was judged;
    `due` is the last day on which it is (or was) in time, None where the indicator has no such day."""

    row: Row
    state: State
    reason: str = ""
    last: date | None = None
    due: date | None = None


Function = Callable[[Extracted, date], Iterator[Judged]]


@dataclass(frozen=True)
class Formula:
    """A computed indicator. `main` are the lists whose rows it judges, `beside` those that it also looks at; `needs` is
    the kind of dated event without which nothing is known."""

    code: str
    function: Function
    main: tuple[int, ...]
    beside: tuple[int, ...] = ()
    kind: IndicatorKind = IndicatorKind.PERCENTAGE
    per_worker: int | None = None
    needs: EventKind | None = None

    @property
    def definition(self) -> str:
        """The definition in words: the docstring."""
        return " ".join((self.function.__doc__ or "").split())

    def judge(self, extracted: Extracted, on: date) -> list[Judged]:
        """Every row of the main lists, judged at the extract's date."""
        return list(self.function(extracted, on))


FORMULAS: dict[str, Formula] = {}


def _formula(
    code: str,
    *main: int,
    beside: tuple[int, ...] = (),
    kind: IndicatorKind = IndicatorKind.PERCENTAGE,
    per_worker: int | None = None,
    needs: EventKind | None = None,
) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        FORMULAS[code] = Formula(code, function, main, beside, kind, per_worker, needs)
        return function

    return register


# --- dates ---------------------------------------------------------------------------------------------------------


def months_later(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _days_later(day: date, days: int) -> date:
    return day + timedelta(days=days)


@lru_cache(maxsize=16384)
def _last_day_within(day: date, count: int) -> date:
    """The last day that is not more than `count` working days after the day: the eve of the next working day, so that
    a visit due on a Friday is still in time in an extract of that Sunday."""
    return add_working_days(day, count + 1) - timedelta(days=1)


@lru_cache(maxsize=16384)
def _working_days(start: date, end: date) -> int:
    return working_days_between(start, end)


def in_words(day: date) -> str:
    """A day as a reader sees it: "4 March 2026"."""
    return f"{day.day} {day:%B %Y}"


def _within(row: Row, name: str, on: date, due: Callable[[date], date], what: str) -> Judged:
    """In where the date under `name` is there, not after `on`, and its due day is not before `on`."""
    last = row.day(name)
    if last is None:
        return Judged(row, State.OUT, f"No {what} is recorded")
    until = due(last)
    if last > on:
        return Judged(row, State.OUT, f"The last {what} is dated after the extract: {in_words(last)}", last)
    if until < on:
        return Judged(row, State.OUT, f"The last {what} was on {in_words(last)}", last, until)
    return Judged(row, State.IN, "", last, until)


def _left_out(row: Row, reason: str) -> Judged:
    return Judged(row, State.EXCLUDED, reason)


def _not_open(row: Row, on: date) -> str:
    """Why the row's plan or period is not open on the day; "" where it is."""
    end, start = row.day("end_date"), row.day("start_date")
    if end is not None and end <= on:
        return f"Ended on {in_words(end)}"
    if start is not None and start > on:
        return f"Starts after the extract's date, on {in_words(start)}"
    return ""


def _missing(row: Row, name: str, heading: str) -> str:
    """Why the row cannot be judged where its extract has no such column; "" where it has."""
    return "" if name in row.data else f"The extract does not hold “{heading}”"


# --- children in need ----------------------------------------------------------------------------------------------


def _cin_visits(extracted: Extracted, on: date, days: int) -> Iterator[Judged]:
    for row in extracted.rows(6):
        status = row.code("case_status") or "cin"
        why_not = STATUS_WORDS.get(status, "") if status != "cin" else ""
        why_not = why_not or _not_open(row, on) or (CWD if row.cwd else "")
        why_not = why_not or _missing(row, "last_seen_date", "Date Child Was Last Seen")
        if why_not:
            yield _left_out(row, why_not)
        else:
            yield _within(row, "last_seen_date", on, partial(_days_later, days=days), "visit")


@_formula("cin_visit_3w", 6)
def cin_visit_3w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child in need plans (not children with disabilities) with the child seen within 21 days of the extract's
    date, of all such plans. From List 6: case status "Child in need plan" or blank, not ended. A child with
    disabilities is one whose row says so or whose team is the disabilities team."""
    return _cin_visits(extracted, on, 21)


@_formula("cin_visit_6w", 6)
def cin_visit_6w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child in need plans (not children with disabilities) with the child seen within 42 days of the extract's
    date, of all such plans. From List 6, as for 3 weeks."""
    return _cin_visits(extracted, on, 42)


# --- child protection ----------------------------------------------------------------------------------------------


def _cp_visits(extracted: Extracted, on: date, due: Callable[[date], date]) -> Iterator[Judged]:
    for row in extracted.rows(7):
        why_not = _not_open(row, on) or _missing(row, "last_visit_date", "Date of the Last Statutory Visit")
        yield _left_out(row, why_not) if why_not else _within(row, "last_visit_date", on, due, "statutory visit")


@_formula("cp_visit_10wd", 7)
def cp_visit_10wd(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child protection plans whose last statutory visit is not more than 10 working days before the extract's
    date, of all open plans. From List 7, which leaves out other authorities' temporary plans."""
    return _cp_visits(extracted, on, partial(_last_day_within, count=10))


@_formula("cp_visit_15wd", 7)
def cp_visit_15wd(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child protection plans whose last statutory visit is not more than 15 working days before the extract's
    date, of all open plans. From List 7."""
    return _cp_visits(extracted, on, partial(_last_day_within, count=15))


@_formula("cp_visit_4w", 7)
def cp_visit_4w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child protection plans whose last statutory visit is not more than 28 days before the extract's date, of
    all open plans. From List 7."""
    return _cp_visits(extracted, on, partial(_days_later, days=28))


@_formula("cp_second_plan_new", 7)
def cp_second_plan_new(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Child protection plans that began in the 6 months to the extract's date where the child had an earlier plan in
    this authority, of all that began in them. From List 7, which holds the plans that are open and those that ended in
    these months, and of each child the latest. A blank number of earlier plans is left out."""
    since = months_later(on, -6)
    for row in extracted.rows(7):
        start = row.day("start_date")
        if start is None:
            why_not = "The start date is blank"
        elif start > on:
            why_not = f"Starts after the extract's date, on {in_words(start)}"
        else:
            why_not = "" if start > since else f"Began before the period, on {in_words(start)}"
        yield _at_least(row, "previous_plans", 1, why_not, "earlier plans")


@_formula("cp_second_plan_stock", 7)
def cp_second_plan_stock(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children on a child protection plan on the extract's date who had an earlier plan in this authority, of all
    children on a plan. From List 7. A blank number of earlier plans is left out."""
    for row in extracted.rows(7):
        yield _at_least(row, "previous_plans", 1, _not_open(row, on), "earlier plans")


def _at_least(row: Row, name: str, least: int, why_not: str, what: str) -> Judged:
    number = row.count(name)
    if why_not:
        return _left_out(row, why_not)
    if number is None:
        return _left_out(row, f"The number of {what} is blank")
    return Judged(row, State.IN if number >= least else State.OUT, f"{number} {what}")


# --- children looked after -----------------------------------------------------------------------------------------


def _not_in_care(row: Row, on: date) -> str:
    if why_not := _not_open(row, on):
        return why_not
    if row.code("legal_status") in SHORT_BREAKS:
        return f"Short breaks ({row.code('legal_status')}): not counted as looked after"
    return ""


@_formula("cla_visit_6w", 8)
def cla_visit_6w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children looked after who were visited within the interval agreed for the child, or within 6 weeks (42 days)
    where none is held, of all children looked after. From List 8; short breaks (V3, V4, and V1 of older systems) are
    left out."""
    for row in extracted.rows(8):
        why_not = _not_in_care(row, on) or _missing(row, "last_visit_date", "Date of Last Social Work Visit")
        days = extracted.agreed_days.get(row.key, 42)
        if why_not:
            yield _left_out(row, why_not)
        else:
            yield _within(row, "last_visit_date", on, partial(_days_later, days=days), "visit")


@_formula("cla_review", 8)
def cla_review(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children looked after whose review is up to date, of all to whom it applies. The first review is due 20 working
    days after the child became looked after, the second 3 months after the first and each further one after 6 months
    (Care Planning Regulations 2010, regulation 33). From List 8, which holds the latest review alone: it is taken as
    the first where it was held within the first 20 working days. A child whose first review is not due yet is left
    out, as are short breaks."""
    for row in extracted.rows(8):
        start, last = row.day("start_date"), row.day("review_date")
        first_due = _last_day_within(start, 20) if start else None
        why_not = _not_in_care(row, on) or _missing(row, "review_date", "Date of Latest Statutory Review")
        if not why_not and last is None and first_due is not None and first_due >= on:
            why_not = f"The first review is not due until {in_words(first_due)}"
        if why_not:
            yield _left_out(row, why_not)
        elif last is None:
            yield Judged(row, State.OUT, "No review is recorded", None, first_due)
        else:
            months = 3 if first_due is not None and last <= first_due else 6
            yield _within(row, "review_date", on, partial(months_later, months=months), "review")


@_formula("health_assessment", 8)
def health_assessment(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children looked after for at least 12 months whose last health assessment is not older than 12 months, or 6
    months for a child under five (Care Planning Regulations 2010, regulation 7), of all looked after that long. From
    List 8; short breaks are left out."""
    for row in extracted.rows(8):
        start, age = row.day("start_date"), row.count("age")
        why_not = _not_in_care(row, on) or _missing(row, "health_date", "Date of Last Health Assessment")
        if not why_not and start is not None and months_later(start, 12) > on:
            why_not = "Looked after for less than 12 months"
        if why_not:
            yield _left_out(row, why_not)
        else:
            months = 6 if age is not None and age < 5 else 12
            yield _within(row, "health_date", on, partial(months_later, months=months), "health assessment")


@_formula("cla_3_placements", 8)
def cla_3_placements(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children looked after on the extract's date with 3 or more placements in the last 12 months, of all children
    looked after. From List 8; short breaks and a blank number of placements are left out."""
    for row in extracted.rows(8):
        yield _at_least(row, "placements_12_months", 3, _not_in_care(row, on), "placements in the last 12 months")


@_formula("permanence_plan", 8)
def permanence_plan(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children looked after for 6 months or more with a permanence plan recorded, of all looked after that long. From
    List 8; short breaks are left out. The extract does not say when the plan was made."""
    for row in extracted.rows(8):
        start = row.day("start_date")
        why_not = _not_in_care(row, on) or _missing(row, "permanence_plan", "What is the permanence plan")
        if not why_not and start is None:
            why_not = "The day on which the child became looked after is blank"
        if not why_not and start is not None and months_later(start, 6) > on:
            why_not = "Looked after for less than 6 months"
        if why_not:
            yield _left_out(row, why_not)
        elif row.code("permanence_plan"):
            yield Judged(row, State.IN)
        else:
            yield Judged(row, State.OUT, "No permanence plan is recorded", None, start and months_later(start, 6))


# --- care leavers --------------------------------------------------------------------------------------------------


def _not_a_care_leaver(row: Row) -> str:
    return "The young person has died" if row.code("in_touch") == "died" else ""


@_formula("care_leaver_contact_8w", 9)
def care_leaver_contact_8w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Care leavers with a contact or visit within 8 weeks (56 days) of the extract's date, of all care leavers. From
    List 9 in the 2024 layout: the 2019 layout does not hold the date, and all are left out."""
    for row in extracted.rows(9):
        why_not = _not_a_care_leaver(row) or _missing(row, "contact_date", "Latest Date of Contact")
        if why_not:
            yield _left_out(row, why_not)
        else:
            yield _within(row, "contact_date", on, partial(_days_later, days=56), "contact")


@_formula("pathway_plan_6m", 9)
def pathway_plan_6m(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Care leavers whose pathway plan was reviewed within 6 months of the extract's date, of all who have a right to
    one: eligible, relevant and former relevant young people, not qualifying ones. From List 9 in the 2024 layout."""
    for row in extracted.rows(9):
        why_not = _not_a_care_leaver(row) or _missing(row, "pathway_plan_date", "Latest Pathway Plan Review Date")
        if not why_not and row.code("eligibility") == "qualifying":
            why_not = "A qualifying care leaver, who need not have a pathway plan"
        if why_not:
            yield _left_out(row, why_not)
        else:
            yield _within(row, "pathway_plan_date", on, partial(months_later, months=6), "pathway plan review")


# --- assessments and referrals -------------------------------------------------------------------------------------


@_formula("assessment_45wd", 4)
def assessment_45wd(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Assessments authorised in the period that were authorised within 45 working days of their start, of all that were
    authorised in it. From List 4. Assessments that are still open are left out; those that are overdue are a measure
    of their own. A blank start date is not in time."""
    for row in extracted.rows(4):
        start, end = row.day("start_date"), row.day("authorised_date")
        if why_not := _missing(row, "authorised_date", "Continuous Assessment Date of Authorisation"):
            yield _left_out(row, why_not)
        elif end is None:
            yield _left_out(row, "Not authorised yet")
        elif end > on:
            yield _left_out(row, f"Authorised after the extract's date, on {in_words(end)}")
        elif start is None:
            yield Judged(row, State.OUT, "The start date is blank", end)
        elif start > end:
            yield Judged(row, State.OUT, "It was authorised before it started", end)
        else:
            taken = _working_days(start, end)
            state = State.IN if taken <= 45 else State.OUT
            yield Judged(row, state, f"Took {taken} working days", end, _last_day_within(start, 45))


@_formula("assessment_overdue", 4, kind=IndicatorKind.NUMBER)
def assessment_overdue(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Assessments that are open on the extract's date and began more than 45 working days before it, of all that are
    open. From List 4. One whose start date is blank is left out: nobody knows when it was due."""
    for row in extracted.rows(4):
        start, end = row.day("start_date"), row.day("authorised_date")
        why_not = _missing(row, "authorised_date", "Continuous Assessment Date of Authorisation")
        if not why_not and end is not None and end <= on:
            why_not = f"Authorised on {in_words(end)}"
        if not why_not and start is None:
            why_not = "The start date is blank"
        if not why_not and start is not None and start > on:
            why_not = f"Starts after the extract's date, on {in_words(start)}"
        if why_not or start is None:
            yield _left_out(row, why_not)
        else:
            due = _last_day_within(start, 45)
            overdue = _working_days(start, on) > 45
            reason = f"Open since {in_words(start)}"
            yield Judged(row, State.IN if overdue else State.OUT, reason, None, due)


def _assessment_visits(extracted: Extracted, on: date, days: int) -> Iterator[Judged]:
    for row in extracted.rows(4):
        start, end = row.day("start_date"), row.day("authorised_date")
        if EventKind.CHILD_SEEN not in extracted.events:
            yield _left_out(row, "No list of dated events holds when children were seen for an assessment")
        elif start is None:
            yield Judged(row, State.OUT, "The start date is blank")
        elif start > on:
            yield _left_out(row, f"Starts after the extract's date, on {in_words(start)}")
        else:
            yield _first_seen(row, extracted.seen.get(row.key, ()), start, min(end or on, on), on, days)


def _first_seen(row: Row, seen: Sequence[date], start: date, until: date, on: date, days: int) -> Judged:
    """In where the first day seen from the start until the assessment's end is not more than `days` after it."""
    due = _days_later(start, days)
    first = next((day for day in seen if start <= day <= until), None)
    if first is not None:
        taken = (first - start).days
        reason = f"First seen after {taken} day{'' if taken == 1 else 's'}"
        return Judged(row, State.IN if taken <= days else State.OUT, reason, first, due)
    if until == on and due >= on:
        return _left_out(row, f"Not seen yet, and not due until {in_words(due)}")
    return Judged(row, State.OUT, "No day on which the child was seen is recorded", None, due if until == on else None)


@_formula("assessment_visit_3d", 4, needs=EventKind.CHILD_SEEN)
def assessment_visit_3d(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Assessments in which the child was first seen within 3 days of the assessment's start, of all assessments.
    Assessments from List 4, the days on which a child was seen from the list of dated events; a day before the start
    or after the authorisation does not count. An open one whose 3 days are not over is left out."""
    return _assessment_visits(extracted, on, 3)


@_formula("assessment_visit_10d", 4, needs=EventKind.CHILD_SEEN)
def assessment_visit_10d(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Assessments in which the child was first seen within 10 days of the assessment's start, of all assessments. From
    List 4 and the list of dated events, as for 3 days."""
    return _assessment_visits(extracted, on, 10)


def _not_in_period(row: Row, name: str, on: date) -> str:
    day = row.day(name)
    return f"Dated after the extract's date: {in_words(day)}" if day is not None and day > on else ""


@_formula("re_referral_12m", 3)
def re_referral_12m(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Referrals in the period where the child had another in the previous 12 months, of all referrals. From List 3,
    whose number of earlier referrals does not count the present one. A blank number is left out."""
    for row in extracted.rows(3):
        why_not = _not_in_period(row, "referral_date", on)
        yield _at_least(row, "referrals_12_months", 1, why_not, "earlier referrals in 12 months")


@_formula("referral_nfa", 3)
def referral_nfa(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Referrals in the period that were closed with no further action before an assessment, of all referrals. From
    List 3. A blank answer is left out."""
    for row in extracted.rows(3):
        why_not = _not_in_period(row, "referral_date", on)
        if not why_not and not row.code("nfa"):
            why_not = "Whether there was further action is blank"
        if why_not:
            yield _left_out(row, why_not)
        elif row.code("nfa") == "yes":
            yield Judged(row, State.IN, "No further action")
        else:
            yield Judged(row, State.OUT)


# --- section 47 enquiries and conferences --------------------------------------------------------------------------


def _was_open(rows: Iterable[Row], on: date) -> bool:
    """Whether one of these plans or periods had begun before the day and had not ended by it."""
    for row in rows:
        start, end = row.day("start_date"), row.day("end_date")
        if start is not None and start < on and (end is None or end >= on):
            return True
    return False


def _by_child(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


@_formula("s47_to_icpc", 5, beside=(7, 8))
def s47_to_icpc(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Completed section 47 enquiries that led to an initial child protection conference, of all completed ones, where
    the child was not already on a plan or looked after on the day of the strategy discussion (Lists 7 and 8, short
    breaks apart). From List 5, which does not say when an enquiry ended: it is complete where a conference was held or
    was found unnecessary."""
    plans = _by_child(extracted.rows(7))
    care = _by_child(row for row in extracted.rows(8) if row.code("legal_status") not in SHORT_BREAKS)
    for row in extracted.rows(5):
        began, held = row.day("strategy_discussion_date"), row.day("icpc_date")
        why_not = _not_in_period(row, "strategy_discussion_date", on)
        if not why_not and began is not None and _was_open(plans.get(row.key, ()), began):
            why_not = "Already on a child protection plan"
        if not why_not and began is not None and _was_open(care.get(row.key, ()), began):
            why_not = "Already looked after"
        if why_not:
            yield _left_out(row, why_not)
        elif held is not None and held <= on:
            yield Judged(row, State.IN, f"Conference on {in_words(held)}", held)
        elif row.code("icpc_unnecessary") == "yes":
            yield Judged(row, State.OUT, "A conference was found unnecessary")
        else:
            yield _left_out(row, "Not completed: neither a conference nor a decision that none is needed")


@_formula("icpc_15wd", 5)
def icpc_15wd(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Initial child protection conferences held within 15 working days of the strategy discussion that began the
    enquiry, of all that were held, counted by child. From List 5. A child's conference that stands in several rows
    counts once, from the earliest strategy discussion."""
    first: dict[tuple[str, date], Row] = {}
    for row in extracted.rows(5):
        held, began = row.day("icpc_date"), row.day("strategy_discussion_date")
        if held is None or held > on:
            continue
        known = first.get((row.key, held))
        earliest = known.day("strategy_discussion_date") if known else None
        if known is None or (began is not None and (earliest is None or began < earliest)):
            first[row.key, held] = row
    for row in extracted.rows(5):
        held, began = row.day("icpc_date"), row.day("strategy_discussion_date")
        if held is None:
            yield _left_out(row, "No conference was held")
        elif held > on:
            yield _left_out(row, f"The conference is dated after the extract: {in_words(held)}")
        elif (counted := first[row.key, held]) is not row:
            yield _left_out(row, f"The same conference is counted in row {counted.row}")
        elif began is None:
            yield Judged(row, State.OUT, "The date of the strategy discussion is blank", held)
        elif began > held:
            yield Judged(row, State.OUT, "The conference is dated before the strategy discussion", held)
        else:
            taken = _working_days(began, held)
            state = State.IN if taken <= 15 else State.OUT
            yield Judged(row, state, f"Took {taken} working days", held, _last_day_within(began, 15))


# --- caseloads -----------------------------------------------------------------------------------------------------


def _open_children(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Each open child of Lists 6 and 9 once; the row that names a worker stands, that of List 6 before List 9."""
    counted: dict[str, Row] = {}
    for row in (*extracted.rows(6), *extracted.rows(9)):
        if not _not_held(row, on) and row.worker is not None:
            counted.setdefault(row.key, row)
    for row in (*extracted.rows(6), *extracted.rows(9)):
        stands = counted.get(row.key)
        if why_not := _not_held(row, on):
            yield _left_out(row, why_not)
        elif stands is row:
            yield Judged(row, State.IN)
        elif stands is not None:
            yield _left_out(row, f"The child is counted in row {stands.row} of List {stands.list}")
        else:
            yield _left_out(row, NO_WORKER)


def _not_held(row: Row, on: date) -> str:
    if row.list == 9:
        return _not_a_care_leaver(row)
    return STATUS_WORDS["closed"] if row.code("case_status") == "closed" else _not_open(row, on)


@_formula("caseload", 6, 9, kind=IndicatorKind.AVERAGE, per_worker=1)
def caseload(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open children for each allocated worker: the number of open children with a worker, divided by the number of
    workers who hold any. Each child counts once. From Lists 6 and 9; full-time equivalents are not in the extract."""
    return _open_children(extracted, on)


@_formula("caseload_20plus", 6, 9, kind=IndicatorKind.NUMBER, per_worker=20)
def caseload_20plus(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Workers who hold 20 or more open children, of all workers who hold any. From Lists 6 and 9, counted as for the
    average caseload."""
    return _open_children(extracted, on)


# --- what Annex A holds in part, and what comes from the list of dated events ------------------------------------


@_formula("cin_cwd_visit", 6, needs=EventKind.AGREED_INTERVAL)
def cin_cwd_visit(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child in need plans of children with disabilities with the child seen within the interval agreed for the
    child, of all such plans for which an interval is agreed. From List 6 and the list of dated events; a child without
    an agreed interval is left out."""
    for row in extracted.rows(6):
        status = row.code("case_status") or "cin"
        why_not = STATUS_WORDS.get(status, "") if status != "cin" else ""
        why_not = why_not or _not_open(row, on) or ("" if row.cwd else "Not a child with disabilities")
        why_not = why_not or _missing(row, "last_seen_date", "Date Child Was Last Seen")
        days = extracted.agreed_days.get(row.key)
        if why_not or days is None:
            yield _left_out(row, why_not or "No visiting interval is agreed for this child")
        else:
            yield _within(row, "last_seen_date", on, partial(_days_later, days=days), "visit")


@_formula("cp_review", 7)
def cp_review(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child protection plans whose review conference is up to date, of all to which one applies. The first review
    is due 3 months after the plan began and each further one after 6 months (Working Together). From List 7, which
    holds the latest review alone: it is taken as the first where it was held within the first 3 months. A plan whose
    first review is not due yet is left out."""
    for row in extracted.rows(7):
        start, last = row.day("start_date"), row.day("review_date")
        first_due = months_later(start, 3) if start else None
        why_not = _not_open(row, on) or _missing(row, "review_date", "Date of latest review conference")
        if not why_not and last is None and first_due is not None and first_due >= on:
            why_not = f"The first review is not due until {in_words(first_due)}"
        if why_not:
            yield _left_out(row, why_not)
        elif last is None:
            yield Judged(row, State.OUT, "No review conference is recorded", None, first_due)
        else:
            yield _within(row, "review_date", on, partial(months_later, months=6), "review conference")


def _latest_event(
    row: Row, extracted: Extracted, kind: EventKind, on: date, due: Callable[[date], date], what: str
) -> Judged:
    """In where the latest event of this kind is recent enough; left out where no list holds that kind at all."""
    if kind not in extracted.events:
        return _left_out(row, f"No list of dated events holds {what}")
    last = extracted.events[kind].get(row.key)
    if last is None:
        return Judged(row, State.OUT, f"No {what} is recorded")
    until = due(last)
    if until < on:
        return Judged(row, State.OUT, f"The last {what} was on {in_words(last)}", last, until)
    return Judged(row, State.IN, "", last, until)


def _cohort(row: Row) -> str:
    """The cohort of an open child of List 6: what its case status says, children in need with disabilities apart."""
    status = row.code("case_status") or "cin"
    return "cwd" if status == "cin" and row.cwd else status


def _supervised(row: Row, extracted: Extracted, on: date, cohort: str) -> Judged:
    due = partial(_days_later, days=extracted.supervised_days.get(cohort, 28))
    return _latest_event(row, extracted, EventKind.SUPERVISION, on, due, "supervision")


def _supervision_of(extracted: Extracted, on: date, cohort: str) -> Iterator[Judged]:
    for row in extracted.rows(6):
        why_not = _not_held(row, on) or ("" if _cohort(row) == cohort else "Of another cohort")
        yield _left_out(row, why_not) if why_not else _supervised(row, extracted, on, cohort)


@_formula("supervision_4w", 6, needs=EventKind.SUPERVISION)
def supervision_4w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open children whose case had supervision recorded within the interval that the council has set for their cohort
    (4 weeks unless it has set another), of all open children. Children from List 6, supervision from the list of dated
    events; closed episodes are left out."""
    for row in extracted.rows(6):
        why_not = _not_held(row, on)
        yield _left_out(row, why_not) if why_not else _supervised(row, extracted, on, _cohort(row))


@_formula("supervision_assessment", 6, needs=EventKind.SUPERVISION)
def supervision_assessment(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children open for assessment whose case had supervision recorded within the interval of that cohort (4 weeks
    unless the council has set another), of all of them. From List 6 and the list of dated events."""
    return _supervision_of(extracted, on, "assessment")


@_formula("supervision_cin", 6, needs=EventKind.SUPERVISION)
def supervision_cin(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children in need (not children with disabilities) whose case had supervision recorded within the interval of
    that cohort (4 weeks unless the council has set another), of all of them. From List 6 and the list of dated
    events."""
    return _supervision_of(extracted, on, "cin")


@_formula("supervision_cwd", 6, needs=EventKind.SUPERVISION)
def supervision_cwd(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children in need with disabilities whose case had supervision recorded within the interval of that cohort (4
    weeks unless the council has set another), of all of them. From List 6 and the list of dated events."""
    return _supervision_of(extracted, on, "cwd")


@_formula("supervision_cp", 6, needs=EventKind.SUPERVISION)
def supervision_cp(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children on a child protection plan whose case had supervision recorded within the interval of that cohort (4
    weeks unless the council has set another), of all of them. From List 6 and the list of dated events."""
    return _supervision_of(extracted, on, "cp")


@_formula("supervision_cla", 6, needs=EventKind.SUPERVISION)
def supervision_cla(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children looked after whose case had supervision recorded within the interval of that cohort (4 weeks unless the
    council has set another), of all of them. From List 6 and the list of dated events."""
    return _supervision_of(extracted, on, "cla")


@_formula("supervision_care_leaver", 9, needs=EventKind.SUPERVISION)
def supervision_care_leaver(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Care leavers whose case had supervision recorded within the interval of that cohort (4 weeks unless the council
    has set another), of all care leavers. From List 9 and the list of dated events."""
    for row in extracted.rows(9):
        why_not = _not_a_care_leaver(row)
        yield _left_out(row, why_not) if why_not else _supervised(row, extracted, on, "care_leaver")


def _open_early_help(extracted: Extracted, on: date) -> Iterator[tuple[Row, str]]:
    """Each row of List 2 with why it is not open early help; "" for the one row of a child that is."""
    latest: dict[str, Row] = {}
    for row in extracted.rows(2):
        start, known = row.day("start_date"), latest.get(row.key)
        if start is not None and start <= on and (known is None or start > (known.day("start_date") or start)):
            latest[row.key] = row
    held = {row.key for row in extracted.rows(6) if not _not_held(row, on)}
    ended = extracted.events.get(EventKind.EARLY_HELP_END, {})
    for row in extracted.rows(2):
        start, end = row.day("start_date"), ended.get(row.key)
        stands = latest.get(row.key, row)
        if start is None:
            yield row, "The start date is blank"
        elif start > on:
            yield row, f"Starts after the extract's date, on {in_words(start)}"
        elif stands is not row:
            yield row, f"The child is counted in row {stands.row}"
        elif row.key in held:
            yield row, "Open to children's social care in List 6"
        elif end is not None and end >= start:
            yield row, f"Early help ended on {in_words(end)}"
        else:
            yield row, ""


@_formula("early_help_visit_4w", 2, beside=(6,), needs=EventKind.EARLY_HELP_VISIT)
def early_help_visit_4w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children in early help with a visit within 4 weeks (28 days) of the extract's date, of all children in early
    help. Children from List 2, each once, without those who are open in List 6 and those whose early help has ended
    since by the list of dated events (List 2 does not say when it ended); visits from the list of dated events."""
    due = partial(_days_later, days=28)
    for row, why_not in _open_early_help(extracted, on):
        if why_not:
            yield _left_out(row, why_not)
        else:
            yield _latest_event(row, extracted, EventKind.EARLY_HELP_VISIT, on, due, "early help visit")


@_formula("supervision_early_help", 2, beside=(6,), needs=EventKind.SUPERVISION)
def supervision_early_help(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children in early help whose case had supervision recorded within the interval of that cohort (4 weeks unless
    the council has set another), of all children in early help. From List 2 and the list of dated events, as for
    early help visits."""
    for row, why_not in _open_early_help(extracted, on):
        yield _left_out(row, why_not) if why_not else _supervised(row, extracted, on, "early_help")


@_formula("core_group_6w", 7, needs=EventKind.CORE_GROUP)
def core_group_6w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child protection plans with a core group within 6 weeks (42 days) of the extract's date, of all open plans
    that began more than 10 working days before it, by which the first core group is due (Working Together). Plans from
    List 7, core groups from the list of dated events."""
    for row in extracted.rows(7):
        start = row.day("start_date")
        why_not = _not_open(row, on)
        if not why_not and start is not None and _last_day_within(start, 10) >= on:
            held = extracted.events.get(EventKind.CORE_GROUP, {}).get(row.key)
            why_not = "" if held else f"The first core group is not due until {in_words(_last_day_within(start, 10))}"
        if why_not:
            yield _left_out(row, why_not)
        else:
            yield _latest_event(row, extracted, EventKind.CORE_GROUP, on, partial(_days_later, days=42), "core group")


@_formula("cin_review_3m", 6, needs=EventKind.CIN_REVIEW)
def cin_review_3m(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child in need plans reviewed within 3 months of the extract's date, of all that began longer ago than that.
    Plans from List 6, reviews from the list of dated events."""
    for row in extracted.rows(6):
        status, start = row.code("case_status") or "cin", row.day("start_date")
        why_not = STATUS_WORDS.get(status, "") if status != "cin" else ""
        why_not = why_not or _not_open(row, on)
        if not why_not and start is not None and months_later(start, 3) >= on:
            held = extracted.events.get(EventKind.CIN_REVIEW, {}).get(row.key)
            why_not = "" if held else f"The first review is not due until {in_words(months_later(start, 3))}"
        if why_not:
            yield _left_out(row, why_not)
        else:
            yield _latest_event(
                row, extracted, EventKind.CIN_REVIEW, on, partial(months_later, months=3), "child in need review"
            )


# --- rates ---------------------------------------------------------------------------------------------------------


@_formula("cin_rate", 6, kind=IndicatorKind.RATE)
def cin_rate(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open children in need for every 10,000 children aged 0 to 17 in the area, for the department. From List 6, whose
    open cases of every status count; the number of children is one of the council's settings."""
    for row in extracted.rows(6):
        why_not = _not_held(row, on)
        yield _left_out(row, why_not) if why_not else Judged(row, State.IN)


@_formula("cp_rate", 7, kind=IndicatorKind.RATE)
def cp_rate(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children on a child protection plan for every 10,000 children aged 0 to 17 in the area, for the department. From
    List 7; the number of children is one of the council's settings."""
    for row in extracted.rows(7):
        why_not = _not_open(row, on)
        yield _left_out(row, why_not) if why_not else Judged(row, State.IN)


@_formula("cla_rate", 8, kind=IndicatorKind.RATE)
def cla_rate(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Children looked after for every 10,000 children aged 0 to 17 in the area, for the department. From List 8
    without short breaks; the number of children is one of the council's settings."""
    for row in extracted.rows(8):
        why_not = _not_in_care(row, on)
        yield _left_out(row, why_not) if why_not else Judged(row, State.IN)


# --- figures -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """n of d: of rows, or for a caseload of workers."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float | None:
        """100 * n / d to one place, half up; None where d is 0."""
        return tenths(100 * self.numerator, self.denominator)


def tenths(numerator: int, denominator: int) -> float | None:
    """The quotient to one place, half up; None where there is nothing to divide by."""
    if not denominator:
        return None
    return (20 * numerator + denominator) // (2 * denominator) / 10


def share(formula: Formula, judged: Iterable[Judged], children: int = 0) -> Share:
    """What the judged rows come to: rows in the numerator, of those in the denominator.

    For the average caseload: children, of workers. For workers with many children: those workers, of all workers. For
    a rate: those counted, of the `children` of the area.
    """
    if formula.kind == IndicatorKind.RATE:
        return Share(sum(each.state == State.IN for each in judged), children)
    if formula.per_worker is None:
        states = [each.state for each in judged]
        return Share(states.count(State.IN), states.count(State.IN) + states.count(State.OUT))
    held: dict[Any, int] = {}
    for each in judged:
        if each.state == State.IN:
            held[each.row.worker] = held.get(each.row.worker, 0) + 1
    if formula.kind == IndicatorKind.AVERAGE:
        return Share(sum(held.values()), len(held))
    return Share(sum(count >= formula.per_worker for count in held.values()), len(held))
