"""NK-8, issue 5 item 7: outside the QA unit published months alone, with nothing small shown or to be worked out."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from datetime import date
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM
from accounts.models import OrgUnit, User
from audits.choices import Breakdown
from audits.services import tallies
from reports.models import PublishedMonth
from reports.rules.periods import earlier
from reports.selectors.public import WHOLE, PublicFigures, _shown, public_figures, public_table
from reports.services import freezing
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory
from tests.reports.test_figures import Tables

BANDS = ("good_or_outstanding", "requires_improvement", "inadequate")


def year_of(rng: random.Random, services: int, scale: int) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    months = tuple(f"{earlier(date(2026, 4, 1), -place):%Y-%m}" for place in range(12))
    leaves = tuple(
        (month, f"Service {place}", band, rng.choice((0, rng.randint(0, scale))))
        for month, place, band in product(months, range(services), BANDS)
    )
    return months, leaves


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_shown_in_a_month_can_be_put_beside_every_later_month(seed: int) -> None:
    """Somebody who keeps every month's page: what was shown once is shown for ever, and no small count is among it or
    follows from months, quarters and the year together."""
    rng = random.Random(seed)
    months, leaves = year_of(rng, rng.randint(1, 3), rng.choice((6, 12, 25)))
    shown: dict[Any, int] = {}
    for number in range(1, 13):
        part = months[:number]
        now = dict(_shown(part, tuple(leaf for leaf in leaves if leaf[0] in part)))
        assert shown.items() <= now.items()
        shown = now
    assert not [place for place, count in shown.items() if 0 < count < 5]
    table = shown
    for band, service in product(("audited", *BANDS), {place[1] for place in table}):
        for first in range(0, 12, 3):
            whole = table.get((f"{months[first]}+3", service, band))
            parts = [table.get((month, service, band)) for month in months[first : first + 3]]
            if whole is not None and parts.count(None) == 1:
                left = whole - sum(part for part in parts if part is not None)
                assert not 0 < left < 5


@pytest.mark.parametrize("seed", range(4))
def test_the_head_of_a_service_learns_no_small_number_of_the_others_from_the_department(seed: int) -> None:
    rng = random.Random(seed)
    months, leaves = year_of(rng, 3, 12)
    for (when, where, band), count in _shown(months, leaves):
        first, _, length = when.partition("+")
        run = months[months.index(first) :][: int(length or 1)]
        if where != WHOLE:
            continue
        for head in {leaf[1] for leaf in leaves}:
            own = sum(
                n for month, name, each, n in leaves if month in run and name == head and band in (each, "audited")
            )
            assert not 0 < count - own < 5


def test_another_period_is_a_sum_of_shown_figures_or_withheld() -> None:
    months = tuple(date(2026, month, 1) for month in range(4, 9))
    counts = {
        (f"{month:%Y-%m}", WHOLE, band): count
        for month in months
        for band, count in zip((*BANDS, "audited"), (10, 5, 5, 20), strict=True)
    }
    del counts["2026-05", WHOLE, "audited"]
    counts["2026-04+3", WHOLE, "audited"] = 60
    figures = PublicFigures(months, ("Near",), counts)

    def total(first: int, last: int) -> int | None:
        return public_table(
            figures, first=date(2026, first, 1), last=date(2026, last, 1), by=Breakdown.MONTH
        ).total.audited

    assert total(4, 6) == 60
    assert total(4, 8) == 100
    assert total(4, 5) is None
    assert total(6, 8) == 60


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("views.figures", "views.standard", "services.standard", "services.freezing"):
        monkeypatch.setattr(f"reports.{module}.timezone.localdate", lambda: date(2026, 11, 20))


def count(team: OrgUnit, month: int, **grades: int) -> None:
    for grade, number in grades.items():
        for _ in range(number):
            audit = graded_audit(grade, case=CaseFactory(team=team), month=date(2026, month, 1))
            tallies.move(before=Counter(), after=tallies.contribution(audit=audit))


def publish(*months: int) -> None:
    for month in months:
        draft = freezing.draft_month(month=date(2026, month, 1), by=SYSTEM)
        assert draft
        freezing.publish_month(month=draft.month, by=SYSTEM, checksum=draft.checksum)


ASKED = {"period": "months", "month_from": "2026-09", "month_to": "2026-10"}


@pytest.mark.django_db
def test_outside_readers_get_published_months_as_published(client: Client, read_only: User, team: OrgUnit) -> None:
    count(team, 9, good=8, requires_improvement=7, inadequate=5)
    count(team, 10, good=9, requires_improvement=6, inadequate=5)
    publish(9)
    client.force_login(read_only)
    page = client.get(reverse("reports:monthly"), ASKED).content.decode()
    shown = {row[0]: row[1:] for row in Tables(page).rows}
    assert shown["Cases audited"] == ["20", "not published", "20"]
    assert "Not published: October 2026." in page
    count(team, 9, good=1)
    freezing.note_all()
    later = client.get(reverse("reports:monthly"), ASKED).content.decode()
    assert {row[0]: row[1:] for row in Tables(later).rows} == shown
    assert "1 audit" not in later


@pytest.mark.django_db
def test_the_public_version_is_the_same_for_every_reader_and_cut_by_month_and_service_alone(
    client: Client, read_only: User, qa_lead: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    count(team, 9, good=8, requires_improvement=7, inadequate=5)
    count(other_team, 9, good=2, requires_improvement=7, inadequate=6)
    publish(9)
    files = []
    for person in (read_only, qa_lead):
        client.force_login(person)
        address = reverse("reports:standard_file", args=["monthly", "csv"])
        query = {"period": "months", "month_from": "2026-09", "month_to": "2026-09", "version": "public"}
        text = client.get(address, query).content.decode("utf-8-sig")
        files.append(list(csv.reader(io.StringIO(text))))
    assert files[0] == files[1]
    figures = public_figures(PublishedMonth.objects.all())
    rows = public_table(figures, first=date(2026, 9, 1), last=date(2026, 9, 1), by=Breakdown.SERVICE).rows
    assert next(row for row in rows if row.label == "Pathways Through Care").bands[0] is None
    client.force_login(read_only)
    for cut in Breakdown:
        page = client.get(reverse("reports:breakdown"), {"by": cut, **ASKED}).content.decode()
        assert "Grades by month" in page or "Grades by service" in page
        assert not {"1", "2", "3", "4"} & {cell for row in Tables(page).rows[1:] for cell in row[1:]}
