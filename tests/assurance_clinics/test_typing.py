"""Typing a figure: counts first, a cell where they are not known, and nothing overwritten unasked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM, NotAllowed
from accounts.models import OrgUnit, User
from assurance_clinics.choices import FigureKind, ValueSource
from assurance_clinics.models import Indicator, Value
from assurance_clinics.services import FigureRefused, TypedFigure, load_indicators, type_value

MARCH = date(2026, 3, 1)


@pytest.fixture
def indicator(db: None) -> Indicator:
    load_indicators(by=SYSTEM)
    return Indicator.objects.get(code="cin_visit_3w")


def type_it(indicator: Indicator, *, unit: OrgUnit | None = None, replace: bool = False, **given: object) -> Value:
    typed = TypedFigure(**({"month": MARCH} | given))  # type: ignore[arg-type]
    return type_value(indicator=indicator, unit=unit, given=typed, replace=replace, by=SYSTEM)


def test_a_figure_follows_from_its_counts(indicator: Indicator, team: OrgUnit) -> None:
    value = type_it(indicator, unit=team, numerator=2, denominator=3)
    assert (value.value, value.printed, value.source) == (Decimal("66.666667"), "67%", ValueSource.TYPED)


def test_a_typed_percentage_is_kept_as_printed(indicator: Indicator) -> None:
    value = type_it(indicator, text="83%")
    assert (value.value, value.printed, value.numerator) == (83, "83%", None)


def test_the_kinds_of_missing_can_be_typed(indicator: Indicator) -> None:
    assert type_it(indicator, text="TBC").kind == FigureKind.TO_BE_CONFIRMED
    assert type_it(indicator, text="N/A").kind == FigureKind.NOT_APPLICABLE
    assert type_it(indicator, numerator=0, denominator=0, month=date(2026, 2, 1)).kind == FigureKind.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("given", "field"),
    [({"numerator": 4, "denominator": 3}, "numerator"), ({"numerator": 4}, "denominator"),
     ({"text": "83.%."}, "text"), ({"text": "50%", "numerator": 1, "denominator": 2}, "text"),
     ({"text": "50%", "month": date(2099, 1, 1)}, "month")],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(indicator: Indicator, given: dict[str, object], field: str) -> None:
    with pytest.raises(FigureRefused) as refused:
        type_it(indicator, **given)
    assert refused.value.field == field
    assert not Value.objects.exists()


def test_a_held_figure_is_replaced_only_when_asked(indicator: Indicator) -> None:
    type_it(indicator, text="83%")
    with pytest.raises(FigureRefused, match="83% is held"):
        type_it(indicator, text="84%")
    assert type_it(indicator, text="84%", replace=True).printed == "84%"
    assert Value.objects.count() == 1


def test_only_the_qa_unit_types(indicator: Indicator, team_manager: User) -> None:
    with pytest.raises(NotAllowed):
        type_value(indicator=indicator, unit=None, given=TypedFigure(MARCH, "83%"), replace=False, by=team_manager)


def test_the_page(indicator: Indicator, qa_admin: User, team_manager: User) -> None:
    url = reverse("assurance_clinics:type", args=[indicator.pk])
    client = Client()
    client.force_login(team_manager)
    assert client.get(url).status_code == 403
    client.force_login(qa_admin)
    choices = client.get(url).context["form"].fields["month"].choices
    assert "Type the two counts" in client.post(url, {"month": choices[0][0]}).content.decode()
    assert client.post(url, {"month": choices[0][0], "numerator": "9", "denominator": "12"}).status_code == 302
    assert "9 of 12" in client.get(reverse("assurance_clinics:indicator", args=[indicator.pk])).content.decode()
