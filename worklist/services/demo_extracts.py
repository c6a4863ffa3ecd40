"""The invented council's month-end extracts, from which its indicators are computed."""

from __future__ import annotations

import hashlib
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.access import SYSTEM
from accounts.choices import UnitKind
from assurance_clinics.choices import ComparatorKind, EventKind, FigureKind, IndicatorKind, ValueSource
from assurance_clinics.models import Comparator, DatedEvent, Indicator, Value
from assurance_clinics.rules import timescales
from assurance_clinics.rules.figures import print_number
from assurance_clinics.selectors.tables import month_after
from assurance_clinics.services import Definition, compute_extract, define_indicator
from cases.choices import PlanType
from cases.models import Case, Extract, ExtractRow, Holding, reference_key
from core.council.models import SettingValue
from worklist.services.demo_people import Council

EXTRACTS = 4
EARLIER = 14
"""Months before the first extract of which figures are held."""
COMPARED = (
    ("re_referral_12m", "19.4", "21.0", "23.2", "22.1"),
    ("referral_nfa", "8.9", "7.5", "8.0", "7.1"),
    ("assessment_45wd", "84.2", "81.7", "80.9", "83.0"),
)
CHILDREN = 48_300
"""Children aged 0 to 17 in the invented council's area."""
_LISTS = ["List 2", "List 3", "List 4", "List 5", "List 6", "List 7", "List 8", "List 9"]


def make_extracts(*, rng: random.Random, council: Council, cases: list[Case], months: list[date]) -> None:
    """An extract at the end of each of the last months before the present one, and its indicators."""
    holders = {
        holding.case_id: holding.worker_id
        for holding in Holding.objects.filter(held_to=None, case__in=[case.pk for case in cases])
    }
    SettingValue.objects.get_or_create(
        key=timescales.CHILDREN.key, effective_on=months[0],
        defaults={"value": CHILDREN, "why": "The estimate of the middle of last year."},
    )  # fmt: skip
    _make_events(rng, cases, months[-EXTRACTS - 1], months[-1])
    for month in months[-EXTRACTS - 1 : -1]:
        as_at = (month.replace(day=28) + timedelta(days=7)).replace(day=1) - timedelta(days=1)
        said = _rows(rng, cases, as_at)
        extract = Extract.objects.create(
            as_at=as_at,
            sha256=hashlib.sha256(f"demo {as_at}".encode()).hexdigest(),
            layout="2024",
            lists=_LISTS,
            row_count=len(said),
            keep_until=as_at.replace(year=as_at.year + 6, day=1),
        )
        rows = [
            ExtractRow(
                extract=extract, list=number, row=place, case=case, reference=case.reference, service=case.service,
                team=case.team, worker_id=holders.get(case.pk), data=data,
            )
            for place, (case, number, data) in enumerate(said, start=3)
        ]  # fmt: skip
        ExtractRow.objects.bulk_create(rows, batch_size=500)
        compute_extract(extract=extract, by=SYSTEM)
    _make_earlier(rng, months[-EXTRACTS - 1])
    _compare(months[-1].year - 1)
    _define_anew(month_after(months[-1], -8))


def _compare(year: int) -> None:
    """What others have, as invented as the council itself."""
    for code, own, neighbours, region, england in COMPARED:
        indicator = Indicator.objects.get(code=code)
        figures = (
            (f"This council {year}", ComparatorKind.AUTHORITY, own),
            (f"Statistical neighbours (median) {year}", ComparatorKind.NEIGHBOURS_MEDIAN, neighbours),
            (f"Region {year}", ComparatorKind.REGION, region),
            (f"England {year}", ComparatorKind.ENGLAND, england),
        )
        Comparator.objects.bulk_create(
            Comparator(
                indicator=indicator, label=label, compared_with=kind, period=str(year), position=place,
                release="Invented for the demonstration", value=Decimal(text), printed=text,
            )
            for place, (label, kind, text) in enumerate(figures)
        )  # fmt: skip


def _define_anew(month: date) -> None:
    """An indicator that the council has counted otherwise since then, so that its trend breaks."""
    indicator = Indicator.objects.get(code="referral_nfa")
    present, target = indicator.definitions.get(), indicator.targets.get()
    given = Definition(
        present.kind, present.basis, present.polarity, present.numerator, present.denominator, month,
        note="A referral that early help takes up is no longer counted as no further action.",
        target=target.value, tolerance=target.tolerance,
    )  # fmt: skip
    define_indicator(indicator=indicator, given=given, by=SYSTEM)


def _make_earlier(rng: random.Random, first: date) -> None:
    """The months before the first extract as the council had them before: typed, for the department and its services.

    They move about what the first extract gave; visits to children on plans have got better since.
    """
    rows = Value.objects.filter(
        month=first, worker=None, kind=FigureKind.NUMBER, indicator__definitions__kind=IndicatorKind.PERCENTAGE,
        denominator__gt=0,
    ).exclude(unit__kind=UnitKind.TEAM)  # fmt: skip
    made: list[Value] = []
    for row in rows.select_related("indicator"):
        n, d = row.numerator or 0, row.denominator or 1
        for back in range(1, EARLIER + 1):
            of = max(1, d + rng.randint(-d // 8, d // 8))
            share = min(0.99, max(0.01, n / d + rng.uniform(-0.05, 0.05)))
            if row.indicator.code == "cp_visit_10wd" and back > EARLIER - 6:
                share = max(0.01, share - 0.25)
            count = round(of * share)
            value = Decimal(100 * count) / of
            made.append(
                Value(
                    indicator=row.indicator, unit_id=row.unit_id, month=month_after(first, -back), basis=row.basis,
                    numerator=count, denominator=of, value=value.quantize(Decimal("0.000001")),
                    printed=print_number(value, IndicatorKind.PERCENTAGE), source=ValueSource.TYPED,
                )
            )  # fmt: skip
    Value.objects.bulk_create(made, batch_size=1000)


def _make_events(rng: random.Random, cases: list[Case], first: date, last: date) -> None:
    """Supervision about every four weeks, core groups of children on plans and visits in early help, as the council's
    own list has them."""
    made: list[DatedEvent] = []
    for case in cases:
        if case.subject_kind != "child" or case.opened_on is None:
            continue
        kinds = [(EventKind.SUPERVISION, 24, 30)]
        if case.plan_type == PlanType.CP:
            kinds.append((EventKind.CORE_GROUP, 35, 43))
        if case.plan_type == PlanType.EARLY_HELP:
            kinds.append((EventKind.EARLY_HELP_VISIT, 18, 34))
        for kind, least, most in kinds:
            drawn = random.Random(case.reference) if kind == EventKind.EARLY_HELP_VISIT else rng  # noqa: S311 - invented
            day = max(first, case.opened_on) - timedelta(days=drawn.randint(0, 20))
            while day < last:
                made.append(
                    DatedEvent(
                        case=case, reference=case.reference, reference_key=reference_key(case.reference), kind=kind,
                        happened_on=day,
                    )
                )  # fmt: skip
                day += timedelta(days=drawn.randint(least, most))
    DatedEvent.objects.bulk_create(made, batch_size=500)


def _rows(rng: random.Random, cases: list[Case], as_at: date) -> list[tuple[Case, int, dict[str, Any]]]:
    rows: list[tuple[Case, int, dict[str, Any]]] = []
    for case in cases:
        if case.subject_kind != "child" or case.opened_on is None or case.opened_on > as_at:
            continue
        rows += [(case, number, _person(case) | data) for number, data in _lists(rng, case, case.opened_on, as_at)]
    return rows


def _person(case: Case) -> dict[str, Any]:
    ages = {"under_1": 0, "1_4": 3, "5_9": 7, "10_15": 12, "16_17": 16, "18_plus": 19}
    return {
        "gender": "", "ethnicity": case.ethnicity, "birth": "", "age": ages.get(case.age_band, 9),
        "disability": case.disability,
    }  # fmt: skip


def _lists(rng: random.Random, case: Case, opened: date, as_at: date) -> list[tuple[int, dict[str, Any]]]:
    """What the extract says of one child: how long ago they were seen, reviewed and visited."""

    def ago(likely: int, late: int, share: float) -> str:
        """A date `likely` days ago at most, or up to `late` days ago for a `share` of children."""
        days = rng.randint(likely, late) if rng.random() < share else rng.randint(1, likely)
        return max(opened, as_at - timedelta(days=days)).isoformat()

    start = opened.isoformat()
    found: list[tuple[int, dict[str, Any]]] = []
    if rng.random() < 0.25:
        referred = as_at - timedelta(days=rng.randint(5, 170))
        found.append(
            (
                3,
                {
                    "referral_date": referred.isoformat(), "source": "2A", "nfa": "yes" if rng.random() < 0.1 else "no",
                    "referrals_12_months": 1 if rng.random() < 0.2 else 0,
                },
            )
        )  # fmt: skip
    if rng.random() < 0.25:
        began = as_at - timedelta(days=rng.randint(70, 170))
        authorised = began + timedelta(days=rng.randint(30, 75))
        found.append(
            (
                4,
                {
                    "start_date": began.isoformat(), "child_seen": "yes", "authorised_date": authorised.isoformat(),
                    "support_needed": "yes",
                },
            )
        )  # fmt: skip
    if case.plan_type == PlanType.EARLY_HELP:
        found.append((2, {"start_date": start, "completion_date": "", "organisation": "Example council"}))
    if case.plan_type == PlanType.ASSESSMENT:
        drawn = random.Random(f"{case.reference} {as_at}")  # noqa: S311 - invented
        began = max(opened, as_at - timedelta(days=drawn.randint(10, 75)))
        found.append(
            (
                4,
                {"start_date": began.isoformat(), "child_seen": "yes", "authorised_date": "", "support_needed": ""},
            )
        )  # fmt: skip
    if case.plan_type in (PlanType.CIN, PlanType.ASSESSMENT, PlanType.CP, PlanType.CLA):
        found.append(
            (
                6,
                {
                    "start_date": start, "need": "N1", "last_seen_date": ago(20, 60, 0.22), "end_date": "",
                    "end_reason": "", "case_status": case.plan_type,
                },
            )
        )  # fmt: skip
    if case.plan_type == PlanType.CP:
        discussed = as_at - timedelta(days=rng.randint(30, 150))
        found.append(
            (
                5,
                {
                    "strategy_discussion_date": discussed.isoformat(), "icpc_unnecessary": "no",
                    "icpc_date": (discussed + timedelta(days=rng.randint(12, 24))).isoformat(), "led_to_plan": "yes",
                    "s47_12_months": 1, "icpc_12_months": 1,
                },
            )
        )  # fmt: skip
        found.append(
            (
                7,
                {
                    "start_date": start, "initial_category": "neglect", "latest_category": "neglect",
                    "last_visit_date": ago(13, 30, 0.18), "seen_alone": "yes", "review_date": ago(80, 120, 0.1),
                    "end_date": "", "emergency_protection": "no", "previous_plans": 1 if rng.random() < 0.2 else 0,
                },
            )
        )  # fmt: skip
    if case.plan_type == PlanType.CLA:
        found.append(
            (
                8,
                {
                    "start_date": start, "legal_status": "C2", "review_date": ago(170, 230, 0.08),
                    "last_visit_date": ago(40, 70, 0.12), "permanence_plan": "long_term_fostering",
                    "health_date": ago(350, 420, 0.1), "placements_12_months": rng.choice((1, 1, 1, 2, 3)),
                    "end_date": "",
                },
            )
        )  # fmt: skip
    if case.plan_type == PlanType.CARE_LEAVER:
        found.append(
            (
                9,
                {
                    "eligibility": "former_relevant", "pathway_plan_date": ago(180, 240, 0.15),
                    "in_touch": "yes", "contact_date": ago(54, 90, 0.12),
                },
            )
        )  # fmt: skip
    return found
