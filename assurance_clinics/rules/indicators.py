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
    """The rows of one extract by list number; the visiting intervals agreed for a child, in days by key; and of each
    kind of dated event that is held at all the latest on or before the extract's date, by key."""

    lists: Mapping[int, Sequence[Row]]
    agreed_days: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, date]] = field(default_factory=dict)

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
def _working_days_later(day: date, count: int) -> date:
    return add_working_days(day, count)


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
    return _cp_visits(extracted, on, partial(_working_days_later, count=10))


@_formula("cp_visit_15wd", 7)
def cp_visit_15wd(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child protection plans whose last statutory visit is not more than 15 working days before the extract's
    date, of all open plans. From List 7."""
    return _cp_visits(extracted, on, partial(_working_days_later, count=15))


@_formula("cp_visit_4w", 7)
def cp_visit_4w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child protection plans whose last statutory visit is not more than 28 days before the extract's date, of
    all open plans. From List 7."""
    return _cp_visits(extracted, on, partial(_days_later, days=28))


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
        first_due = _working_days_later(start, 20) if start else None
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
            yield Judged(row, state, f"Took {taken} working days", end, _working_days_later(start, 45))


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
            yield Judged(row, state, f"Took {taken} working days", held, _working_days_later(began, 15))


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


@_formula("supervision_4w", 6, needs=EventKind.SUPERVISION)
def supervision_4w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open children whose case had supervision recorded within 4 weeks (28 days) of the extract's date, of all open
    children. Children from List 6, supervision from the list of dated events; closed episodes are left out."""
    for row in extracted.rows(6):
        why_not = _not_held(row, on)
        if why_not:
            yield _left_out(row, why_not)
        else:
            yield _latest_event(row, extracted, EventKind.SUPERVISION, on, partial(_days_later, days=28), "supervision")


@_formula("core_group_6w", 7, needs=EventKind.CORE_GROUP)
def core_group_6w(extracted: Extracted, on: date) -> Iterator[Judged]:
    """Open child protection plans with a core group within 6 weeks (42 days) of the extract's date, of all open plans
    that began more than 10 working days before it, by which the first core group is due (Working Together). Plans from
    List 7, core groups from the list of dated events."""
    for row in extracted.rows(7):
        start = row.day("start_date")
        why_not = _not_open(row, on)
        if not why_not and start is not None and _working_days_later(start, 10) >= on:
            held = extracted.events.get(EventKind.CORE_GROUP, {}).get(row.key)
            why_not = (
                "" if held else f"The first core group is not due until {in_words(_working_days_later(start, 10))}"
            )
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


def share(formula: Formula, judged: Iterable[Judged]) -> Share:
    """What the judged rows come to: rows in the numerator, of those in the denominator.

    For the average caseload: children, of workers. For workers with many children: those workers, of all workers.
    """
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
