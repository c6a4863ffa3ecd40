"""Themes: kept with their history, merged, given to findings, and counted honestly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import NotAllowed
from accounts.models import OrgUnit, User
from actions.choices import ActionStatus
from audits.choices import FindingKind, Grade
from audits.models import Audit, AuditSection, Finding, Theme
from audits.selectors.theming import (
    LESS,
    MORE,
    SAME,
    ActionOnTheme,
    end_of_last_quarter,
    theme_history,
    theme_report,
    uncoded,
)
from audits.services import theming
from core.history.models import Event, EventContent
from tests.factories.actions import ActionFactory
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


@pytest.fixture
def heading() -> Theme:
    return Theme.objects.create(name="Supervision")


@pytest.fixture
def theme(heading: Theme) -> Theme:
    return Theme.objects.create(name="Frequency", parent=heading, synonyms=["how often"])


def finding(audit: Audit, theme: Theme | None, kind: str = FindingKind.DEVELOPMENT, text: str = "Words") -> Finding:
    row = audit.sections.order_by("section__position").first()
    assert row is not None
    made = Finding.objects.create(audit=audit, audit_section=row, kind=kind, text=text)
    if theme:
        made.themes.add(theme)
    return made


def months(theme: Theme, *, now: tuple[int, int], before: tuple[int, int]) -> None:
    """The theme as a development point in so many audits of so many, in October and in September."""
    for month, (found, of) in ((OCTOBER, now), (SEPTEMBER, before)):
        for place in range(of):
            audit = graded_audit(Grade.GOOD, month=month)
            if place < found:
                finding(audit, theme)


def report(outside: bool = False, **keys: Any) -> Any:
    return theme_report(
        Audit.objects.all(), Theme.objects.all(), first=OCTOBER, last=OCTOBER, outside=outside, **keys
    )  # fmt: skip


def test_an_audit_counts_once_and_only_where_the_section_applied(theme: Theme) -> None:
    audits = [graded_audit(Grade.GOOD, month=OCTOBER) for _ in range(4)]
    finding(audits[0], theme)
    finding(audits[0], theme)
    finding(audits[1], theme, FindingKind.STRENGTH)
    first = audits[3].sections.order_by("section__position").first()
    assert first is not None
    AuditSection.objects.filter(pk=first.pk).update(not_applicable=True)
    row = report().rows[0]
    assert (row.theme, row.heading) == ("Frequency", "Supervision")
    assert (row.development.n, row.development.of) == (1, 3), "in the fourth audit the section did not apply"
    assert (row.strength.n, row.strength.of) == (1, 3)
    assert row.development.small


@pytest.mark.parametrize(
    ("now", "before", "says"),
    [((18, 20), (2, 20), MORE), ((2, 20), (18, 20), LESS), ((3, 6), (2, 6), SAME), ((3, 6), (0, 0), "")],
)
def test_a_change_is_called_one_only_where_the_data_support_it(
    theme: Theme, now: tuple[int, int], before: tuple[int, int], says: str
) -> None:
    months(theme, now=now, before=before)
    assert report().rows[0].change == says


def test_outside_the_qa_unit_small_numbers_and_what_leaves_few_are_withheld(theme: Theme) -> None:
    months(theme, now=(3, 20), before=(18, 20))
    row = report(outside=True).rows[0]
    assert (row.development.n, row.development.of, row.before.n) == (None, None, None)
    assert (row.change, row.answered) == ("", None)


def test_outside_a_share_is_withheld_where_it_leaves_few_without_one_service(theme: Theme, team: OrgUnit) -> None:
    """Whoever leads the first service knows its 6 of 20, and would take them from the 8 of 30."""
    for place in range(20):
        audit = graded_audit(Grade.GOOD, month=OCTOBER, case=CaseFactory(team=team))
        if place < 6:
            finding(audit, theme)
    assert report(outside=True).rows[0].development.n == 6
    elsewhere = CaseFactory().team
    for place in range(10):
        audit = graded_audit(Grade.GOOD, month=OCTOBER, case=CaseFactory(team=elsewhere))
        if place < 2:
            finding(audit, theme)
    assert report().rows[0].development.n == 8
    assert report(outside=True).rows[0].development.n is None


def test_what_was_done_about_a_theme_and_whether_it_fell_afterwards(theme: Theme) -> None:
    months(theme, now=(1, 20), before=(0, 0))
    for month in (date(2026, 5, 1), date(2026, 6, 1)):
        for _ in range(10):
            finding(graded_audit(Grade.GOOD, month=month), theme)
    done = ActionOnTheme("Frequency", date(2026, 7, 10), date(2026, 8, 20))
    open_one = ActionOnTheme("Frequency", date(2026, 10, 10), None)
    answered = report(actions=[done, open_one]).rows[0].answered
    assert (answered.actions, answered.done) == (2, 1)
    assert answered.says == f"{LESS} since: 1 of 20, before 20 of 20"
    assert report(actions=[open_one]).rows[0].answered.says == "None done yet"


def test_a_merged_theme_counts_as_the_other_in_the_past_too_and_the_log_says_so(
    heading: Theme, theme: Theme, qa_lead: User
) -> None:
    other = Theme.objects.create(name="Regularity", parent=heading)
    finding(graded_audit(Grade.GOOD, month=OCTOBER), other)
    finding(graded_audit(Grade.GOOD, month=OCTOBER), theme)
    theming.merge_theme(theme=other, into=theme, why="They say the same.", by=qa_lead)
    rows = report().rows
    assert [(row.theme, row.development.n) for row in rows] == [("Frequency", 2)]
    other.refresh_from_db()
    theme.refresh_from_db()
    assert (other.merged_into, theme.synonyms) == (theme, ["how often", "Regularity"])
    assert theme_history(other)[0].title == "Merged into another theme: Frequency"
    assert theme_history(theme)[0].text == "They say the same."
    for wrong in (theme, other):
        with pytest.raises(ValidationError):
            theming.merge_theme(theme=other, into=wrong, why="Again", by=qa_lead)
    with pytest.raises(ValidationError):
        theming.merge_theme(theme=theme, into=heading, why="Up", by=qa_lead)


def test_a_retired_theme_keeps_its_findings_and_can_be_brought_back(theme: Theme, qa_lead: User) -> None:
    finding(graded_audit(Grade.GOOD, month=OCTOBER), theme)
    with pytest.raises(ValidationError):
        theming.retire_theme(theme=theme, why=" ", by=qa_lead)
    theming.retire_theme(theme=theme, why="Nobody uses it.", by=qa_lead)
    assert report().rows[0].development.n == 1
    assert not Theme.objects.in_use().filter(pk=theme.pk).exists()
    theming.bring_theme_back(theme=theme, by=qa_lead)
    assert Theme.objects.in_use().filter(pk=theme.pk).exists()


def test_the_same_name_twice_under_a_heading_is_refused_and_a_third_level_too(theme: Theme, qa_lead: User) -> None:
    with pytest.raises(ValidationError):
        theming.add_theme(name=" frequency ", parent=theme.parent, synonyms=[], by=qa_lead)
    with pytest.raises(ValidationError):
        theming.add_theme(name="Weekly", parent=theme, synonyms=[], by=qa_lead)
    assert Theme.objects.count() == 2


@pytest.mark.parametrize("who", ["auditor", "head_of_service", "panel_member", "system_administrator"])
def test_others_change_no_theme_and_code_nothing(who: str, theme: Theme, request: pytest.FixtureRequest) -> None:
    by = request.getfixturevalue(who)
    held = finding(graded_audit(Grade.GOOD, month=OCTOBER), None)
    for attempt in (
        lambda: theming.add_theme(name="New", parent=None, synonyms=[], by=by),
        lambda: theming.retire_theme(theme=theme, why="No", by=by),
        lambda: theming.code_findings(themes={held.pk: theme}, by=by),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert (Theme.objects.in_use().count(), held.themes.count()) == (2, 0)


def test_findings_without_a_theme_are_listed_with_a_suggestion_and_coded_from_the_page(
    theme: Theme, qa_lead: User, client: Any
) -> None:
    first = finding(graded_audit(Grade.GOOD, month=OCTOBER), None, text="It is not clear how often they met.")
    second = finding(graded_audit(Grade.GOOD, month=OCTOBER), None)
    client.force_login(qa_lead)
    text = client.get("/audits/themes/findings/").content.decode()
    assert f'<option value="{theme.pk}" selected>Frequency</option>' in text
    answer = client.post("/audits/themes/findings/", {f"theme-{first.pk}": str(theme.pk), f"theme-{second.pk}": ""})
    assert answer.status_code == 302
    assert list(first.themes.all()) == [theme]
    assert list(uncoded(Audit.objects.all())) == [second]
    assert Event.objects.filter(object_id=first.pk, verb="coded", actor=qa_lead).count() == 1
    assert theming.code_findings(themes={first.pk: theme}, by=qa_lead) == 0


def test_the_report_is_the_same_on_the_page_and_in_the_files(theme: Theme, qa_lead: User, client: Any) -> None:
    months(theme, now=(6, 12), before=(5, 12))
    ActionFactory(themes=["Frequency"], status=ActionStatus.OPEN)
    client.force_login(qa_lead)
    query = "?month_from=2026-10&month_to=2026-10"
    assert "6 of 12 (50%)" in client.get(f"/audits/themes/report/{query}").content.decode()
    csv = client.get(f"/audits/themes/report.csv{query}").content.decode("utf-8-sig")
    assert "Supervision,Frequency" in csv and ",6," in csv
    assert client.get(f"/audits/themes/report.xlsx{query}").content[:2] == b"PK"
    taken = EventContent.objects.filter(event__verb="exported", event__actor=qa_lead).values_list("values", flat=True)
    assert sorted((each["report"], each["as"], each["period"]) for each in taken) == [
        ("themes", "csv", "2026-10-to-2026-10"),
        ("themes", "xlsx", "2026-10-to-2026-10"),
    ]
    assert client.get("/audits/themes/report/?month_from=2026-13").status_code == 200
    assert client.get("/audits/themes/report.csv?month_from=never").status_code == 404


def test_a_reader_of_aggregates_gets_no_cut_by_service(read_only: User, service: Any, client: Any) -> None:
    client.force_login(read_only)
    text = client.get("/audits/themes/report/?month_from=2026-10&month_to=2026-10").content.decode()
    assert service.name not in text
    assert "Filter" not in text


def test_two_looks_from_outside_at_one_quarter_are_the_same(theme: Theme, read_only: User, qa_lead: User) -> None:
    """An audit that is issued after a quarter was shown would tell its themes by the difference."""

    def issued(day: date, **fields: Any) -> None:
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        finding(graded_audit(Grade.GOOD, feedback_issued_at=at, **fields), theme)

    for _ in range(6):
        issued(date(2026, 10, 31), month=date(2026, 9, 1))
        issued(date(2026, 7, 31), month=date(2026, 6, 1))
    asked: dict[str, Any] = {"first": date(2026, 7, 1), "last": date(2026, 9, 1)}

    def shares(by: User) -> tuple[Any, Any]:
        (row,) = theming.report_for(by=by, **asked).rows
        return (row.development.n, row.development.of), (row.before.n, row.before.of)

    assert shares(read_only) == ((6, 6), (6, 6))
    issued(date(2026, 11, 1), month=date(2026, 9, 1))
    issued(date(2026, 8, 1), month=date(2026, 6, 1))
    assert shares(read_only) == ((6, 6), (6, 6))
    assert shares(qa_lead) == ((7, 7), (7, 7))


def test_what_is_coded_or_merged_after_a_quarter_was_shown_outside_does_not_move_it(
    heading: Theme, theme: Theme, read_only: User, qa_lead: User, team: OrgUnit
) -> None:
    other = Theme.objects.create(name="Regularity", parent=heading)
    september, issued = date(2026, 9, 1), datetime(2026, 10, 5, 12, tzinfo=UTC)
    audits = [
        graded_audit(Grade.GOOD, month=september, feedback_issued_at=issued, case=CaseFactory(team=team))
        for _ in range(12)
    ]
    for audit in audits[:6]:
        finding(audit, theme)
    for audit in audits[:7]:
        finding(audit, other)
    uncoded_one = finding(audits[7], None)

    def told(by: User) -> dict[str, Any]:
        rows = theming.report_for(by=by, first=date(2026, 7, 1), last=september).rows
        return {row.theme: row.development.n for row in rows}

    assert told(read_only) == {"Frequency": 6, "Regularity": 7}
    theming.code_findings(themes={uncoded_one.pk: theme}, by=qa_lead)
    assert told(read_only) == {"Frequency": 6, "Regularity": 7}
    assert told(qa_lead) == {"Frequency": 7, "Regularity": 7}
    theming.merge_theme(theme=other, into=theme, why="They say the same.", by=qa_lead)
    assert told(read_only) == {"Frequency": 6, "Regularity": 7}
    assert told(qa_lead) == {"Frequency": 8}


def test_the_last_whole_quarter() -> None:
    ends = {end_of_last_quarter(date(2026, month, 15)) for month in (10, 11, 12)}
    assert ends == {date(2026, 9, 1)}
    assert end_of_last_quarter(date(2026, 1, 1)) == date(2025, 12, 1)
