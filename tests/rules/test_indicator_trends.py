"""Control charts of indicators: a p-chart where there are counts, else an individuals chart; none where dishonest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from assurance_clinics.choices import DefinitionStatus
from assurance_clinics.rules.judging import Colour, Direction, Meaning
from assurance_clinics.selectors.tables import Break, TableCell, TableLine, month_after
from assurance_clinics.selectors.trends import trend_of

FIRST = date(2025, 1, 1)


def line(
    values: list[int | None], *, of: int | None = 100, kind: str = "percentage", basis: str = "snapshot",
    polarity: str = "higher", breaks: tuple[Break, ...] = (),
) -> TableLine:  # fmt: skip
    cells = tuple(
        TableCell(
            month_after(FIRST, place), "blank" if value is None else "number",
            None if value is None else Decimal(value), "" if value is None else str(value),
            value if of else None, (of if value is not None else 0) if of else None, "computed", False,
        )
        for place, value in enumerate(values)
    )  # fmt: skip
    meaning = Meaning(kind, basis, polarity, DefinitionStatus.CONFIRMED)
    nothing = Colour(None, "")
    return TableLine(
        uuid4(), "", "", "Visits", meaning, "%", cells, "", None, nothing, Direction("", "", ""), {}, breaks
    )


def test_a_share_with_its_counts_is_a_p_chart_whose_limits_widen_with_few() -> None:
    many, few = trend_of(line([80] * 12)), trend_of(line([8] * 12, of=10))
    assert many.kind.startswith("p-chart")
    assert many.chart is not None and few.chart is not None
    width = [
        float(each.chart.points[0].upper or 0) - float(each.chart.points[0].lower or 0)
        for each in (many, few)
        if each.chart
    ]
    assert width[0] < width[1]
    assert many.signals == ()
    assert many.sentences[0].startswith("No clear change since Jan 2025")


def test_a_point_outside_the_limits_is_said_to_be_worse() -> None:
    trend = trend_of(line([*[80] * 12, 40]))
    assert any("below the lower limit" in sentence and "worse than chance" in sentence for sentence in trend.signals)


def test_the_signals_are_those_of_the_present_definition_and_nothing_else() -> None:
    assert all("chance" in sentence for sentence in trend_of(line([*[80] * 12, 40])).signals)
    changed = Break(month_after(FIRST, 12), "Judged at 10 working days.")
    assert trend_of(line([*[80] * 11, 40, *[80] * 3], breaks=(changed,))).signals == ()


def test_seven_on_one_side_are_said_to_be_better_where_lower_is_better() -> None:
    trend = trend_of(line([*[30] * 7, *[20] * 7], polarity="lower"))
    assert any("7 months in a row below the average" in sentence and "better" in sentence for sentence in trend.signals)


@pytest.mark.parametrize("kind", ["number", "rate", "average"])
def test_a_number_is_an_individuals_chart(kind: str) -> None:
    trend = trend_of(line([10, 12, 11, 10, 12, 11, 10, 12, 11, 10, 12, 40], of=None, kind=kind))
    assert trend.kind == "individuals (XmR) chart"
    assert any("Dec 2025 lies above the upper limit" in sentence for sentence in trend.signals)


@pytest.mark.parametrize(("basis", "said"), [("cumulative", "runs from April"), ("rolling_12", "shares 11 of them")])
def test_figures_that_overlap_have_no_limits(basis: str, said: str) -> None:
    trend = trend_of(line([80] * 13, basis=basis))
    assert trend.chart is None
    assert said in trend.sentences[0]


def test_a_change_of_definition_begins_a_new_phase() -> None:
    changed = Break(month_after(FIRST, 12), "Judged at 10 working days.")
    trend = trend_of(line([*[80] * 12, *[40] * 3], breaks=(changed,)))
    assert trend.signals == ()
    assert "Judged at 10 working days" in " ".join(trend.sentences)


def test_too_few_months_are_said_to_be_too_few() -> None:
    assert "Too few months" in trend_of(line([80, 81, None, 79])).sentences[0]


def test_without_counts_a_percentage_is_an_individuals_chart() -> None:
    assert trend_of(line([80] * 12, of=None)).kind == "individuals (XmR) chart"
