"""Events that Annex A does not hold: read row by row, kept once, and gone by."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.access import SYSTEM, NotAllowed
from accounts.models import OrgUnit, User
from assurance_clinics.models import DatedEvent, Value
from assurance_clinics.selectors.extracts import compute, read_extract
from assurance_clinics.services import compute_extract, import_events
from cases.models import Case, Extract
from cases.services import import_cases
from core.council.models import SettingValue
from core.jobs.services import CannotApply, ImportOutcome
from core.spreadsheets import UnreadableFile
from tests.assurance_clinics.conftest import keep
from tests.factories.case_files import carried, caseload
from tests.factories.spreadsheets import headings, row, workbook

pytestmark = pytest.mark.django_db


def bring(*rows: str, apply: bool = True) -> ImportOutcome:
    data = "\n".join(["reference,kind,date,interval_days", *rows]).encode()
    return import_events(data=data, by=SYSTEM, apply=apply)


def test_words_for_nothing_and_other_names_of_kinds_are_read() -> None:
    outcome = bring(
        "C1,Core group meeting,04/03/2026,NULL", "C2,CIN review meeting,04/03/2026,-", "NULL,supervision,04/03/2026,"
    )
    assert [(fault.row, fault.column) for fault in outcome.refusals] == [(4, "reference")]
    assert [(fault.row, fault.column, fault.value) for fault in outcome.warnings] == [
        (2, "interval_days", "NULL"), (3, "interval_days", "-"),
    ]  # fmt: skip
    assert set(DatedEvent.objects.values_list("kind", flat=True)) == {"core_group", "cin_review"}


def test_a_second_sheet_of_events_is_named() -> None:
    header = ["reference", "kind", "date", "interval_days"]
    data = workbook({"A": [header, ["C1", "supervision", date(2026, 3, 4)]], "B": [header, ["C2", "supervision", ""]]})
    assert [fault.column for fault in import_events(data=data, by=SYSTEM).warnings] == ["B"]


def test_events_are_kept_once() -> None:
    rows = ("C1,supervision,04/03/2026,", "c 1,Supervision recorded,2026-03-04,", "C1,agreed_interval,01/01/2026,90")
    assert bring(*rows).counts["new"] == 2
    again = bring(*rows)
    assert (again.counts["new"], again.counts["changed"], DatedEvent.objects.count()) == (0, 0, 2)


@pytest.mark.parametrize(
    ("row", "column"),
    [(",supervision,04/03/2026,", "reference"), ("C1,meeting,04/03/2026,", "kind"),
     ("C1,supervision,31/02/2026,", "date"), ("C1,supervision,,", "date"), ("C1,supervision,04/03/2099,", "date"),
     ("C1,agreed_interval,04/03/2026,", "interval_days"), ("C1,agreed_interval,04/03/2026,0", "interval_days"),
     ("C1,supervision,04/03/2026,30", "interval_days")],
)  # fmt: skip
def test_a_row_that_cannot_be_right_is_refused(row: str, column: str) -> None:
    outcome = bring("C9,supervision,04/03/2026,", row)
    assert [(fault.row, fault.column) for fault in outcome.refusals] == [(3, column)]
    assert outcome.counts["accepted"] == 1


def test_two_intervals_of_one_day_are_refused() -> None:
    outcome = bring("C1,agreed_interval,01/01/2026,90", "C1,agreed_interval,01/01/2026,60")
    assert "Row 2 gives another interval" in outcome.refusals[0].reason


def test_a_changed_interval_has_its_line() -> None:
    bring("C1,agreed_interval,01/01/2026,90")
    outcome = bring("C1,agreed_interval,01/01/2026,60")
    assert "held as 90 days, and becomes 60" in outcome.warnings[0].reason
    assert DatedEvent.objects.get().interval_days == 60


def test_nothing_to_apply_and_no_table_are_said() -> None:
    with pytest.raises(CannotApply):
        bring("C1,meeting,04/03/2026,")
    with pytest.raises(UnreadableFile):
        import_events(data=b"a,b\n1,2\n", by=SYSTEM)


def test_only_the_qa_unit(team_manager: User) -> None:
    with pytest.raises(NotAllowed):
        import_events(data=b"reference,kind,date\n", by=team_manager)


def test_an_agreed_interval_is_gone_by(extract: Extract) -> None:
    def visited() -> tuple[int, int]:
        extracted = read_extract(extract, lists=(8,), agreed=DatedEvent.objects.all())
        [found] = compute(extracted, extract.as_at, ["cla_visit_6w"])
        return found.numerator, found.denominator

    assert visited() == (1, 2)
    bring("l2,agreed_interval,01/01/2026,90", "L1,agreed_interval,01/05/2026,10")  # the second is agreed later
    assert visited() == (2, 2)
    assert DatedEvent.objects.get(interval_days=90).case == Case.objects.get(reference="L2")
    assert DatedEvent.objects.filter(happened_on__gt=date(2026, 3, 31)).count() == 1


def test_early_help_is_counted_where_its_case_is_held(team: OrgUnit) -> None:
    import_cases(data=caseload(carried("E1", plan="Early help")), filename="a.csv", by=SYSTEM, apply=True)
    rows = [headings(2), row(2, "E1", start_date="02/02/2026"), row(2, "E2", start_date="02/02/2026")]
    held = keep(workbook({"List_2": rows}))
    bring("E1,early_help_visit,03/03/2026,", "E2,early_help_visit,02/03/2026,")
    compute_extract(extract=held, by=SYSTEM)
    figures = {
        value.unit_id: value for value in Value.objects.filter(indicator__code="early_help_visit_4w", worker=None)
    }
    assert (figures[None].numerator, figures[None].denominator) == (1, 2)
    assert (figures[team.pk].numerator, figures[team.pk].denominator) == (1, 1)


def test_supervision_goes_by_the_interval_that_the_council_has_set(extract: Extract) -> None:
    def supervised() -> tuple[int, int]:
        extracted = read_extract(extract, lists=(6,), agreed=DatedEvent.objects.all())
        [found] = compute(extracted, extract.as_at, ["supervision_cin"])
        return found.numerator, found.denominator

    bring("C1,supervision,01/03/2026,", "C2,supervision,04/03/2026,")
    assert supervised() == (1, 3)
    SettingValue.objects.create(key="supervision_cin_weeks", value=5, effective_on=date(2026, 3, 31), why="Agreed")
    assert supervised() == (2, 3)


def test_a_rate_is_computed_once_the_number_of_children_is_known(extract: Extract) -> None:
    compute_extract(extract=extract, by=SYSTEM)
    assert not Value.objects.filter(indicator__code="cla_rate").exists()
    SettingValue.objects.create(key="children_0_to_17", value=4_000, effective_on=date(2026, 4, 1), why="Estimated")
    compute_extract(extract=extract, by=SYSTEM)
    value = Value.objects.get(indicator__code="cla_rate")
    assert (value.unit, value.numerator, value.denominator, value.printed) == (None, 2, 4_000, "5")
