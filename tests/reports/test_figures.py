"""The grade table and the breakdown on a page and as files: one object, the reader's own audits, few queries."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, Breakdown, Grade
from audits.services import tallies
from core.history.models import Event, EventContent
from core.spreadsheets import read_workbook
from reports.services import freezing
from tests.factories.accounts import TeamFactory, give_role, person_as
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

ASKED = {"period": "months", "month_from": "2026-08", "month_to": "2026-10"}
PAGES = ("reports:monthly", "reports:breakdown")
FILES = ("reports:monthly_csv", "reports:monthly_xlsx", "reports:breakdown_csv", "reports:breakdown_xlsx")
READERS = (
    Role.QA_LEAD, Role.QA_ADMIN, Role.PRINCIPAL_SOCIAL_WORKER, Role.HEAD_OF_SERVICE, Role.SERVICE_LEAD,
    Role.TEAM_MANAGER, Role.PANEL_MEMBER, Role.READ_ONLY,
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("views.figures", "services.freezing"):
        monkeypatch.setattr(f"reports.{module}.timezone.localdate", lambda: date(2026, 11, 20))


class Tables(HTMLParser):
    """The cells of every table of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[str] = []
        self._cell: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._cell = []
        elif tag == "a":
            self.links.append(dict(attrs).get("href") or "")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append("".join(self._cell).strip())
            self._cell = None


def count(*grades: str, team: OrgUnit, month: date = date(2026, 10, 1), **fields: Any) -> None:
    for grade in grades:
        audit = graded_audit(grade, case=CaseFactory(team=team), month=month, **fields)
        audit.sections.update(grade=grade)
        tallies.move(before=Counter(), after=tallies.contribution(audit=audit))


@pytest.fixture
def some_audits(team: OrgUnit, other_team: OrgUnit) -> None:
    count("outstanding", *["good"] * 15, *["requires_improvement"] * 4, *["inadequate"] * 3, team=team)
    count("good", "requires_improvement", "inadequate", team=team, month=date(2026, 8, 1))
    count("good", team=other_team, status=AuditStatus.SUBMITTED)


def publish(*months: int) -> None:
    """What readers from outside get is what has been published."""
    for month in months:
        draft = freezing.draft_month(month=date(2026, month, 1), by=SYSTEM)
        assert draft
        freezing.publish_month(month=draft.month, by=SYSTEM, checksum=draft.checksum)


def page(client: Client, name: str, **query: str) -> str:
    response = client.get(reverse(name), query or ASKED)
    assert response.status_code == 200
    return response.content.decode()


def test_screen_csv_workbook_and_command_show_the_same_numbers(
    client: Client, qa_lead: User, some_audits: None
) -> None:
    client.force_login(qa_lead)
    out = io.StringIO()
    call_command("grade_table", "--from", "2026-08", "--to", "2026-10", "--format", "json", stdout=out)
    told = json.loads(out.getvalue())
    columns = [*told["rows"], told["total"]]

    shown = {row[0]: row[1:] for row in Tables(page(client, "reports:monthly")).rows}
    assert shown[""] == ["Aug 2026", "Sep 2026", "Oct 2026", "Total"]

    def printed(value: Any, unit: str = "") -> list[str]:
        return ["-" if column["percent"] is None else f"{value(column)}{unit}" for column in columns]

    assert shown["Cases audited"] == [str(column["audited"]) for column in columns]
    assert shown["% good or outstanding"] == printed(lambda column: column["percent"]["good_or_outstanding"], "%")
    assert shown["% requires improvement"] == printed(lambda column: column["percent"]["requires_improvement"], "%")
    assert shown["% inadequate"] == printed(lambda column: column["percent"]["inadequate"], "%")
    assert shown["Likely between"] == printed(lambda column: "{}% to {}".format(*column["interval"]), "%")
    assert [text.split(",")[0] for text in shown["Meets target"]] == printed(
        lambda column: "yes" if column["meets_target"] else "no"
    )
    for grade in Grade:
        assert shown[grade.label] == printed(lambda column, grade=grade: column[grade.value])
    assert shown["Provisional"] == printed(lambda column: column["provisional"])

    rows = list(csv.reader(io.StringIO(client.get(reverse("reports:monthly_csv"), ASKED).content.decode("utf-8-sig"))))
    out = io.StringIO()
    call_command("grade_table", "--from", "2026-08", "--to", "2026-10", "--format", "csv", stdout=out)
    assert rows == list(csv.reader(io.StringIO(out.getvalue())))
    for cells, column in zip(rows[1:], columns, strict=True):
        assert cells[0] == column["key"]
        assert cells[1:6] == [str(column[name]) for name in ("audited", *Grade.values)]
        assert cells[6:11] == [str(share) for share in (column["percent"] or dict.fromkeys("abcde", "-")).values()]
        assert cells[12:14] == [str(end) for end in column["interval"] or ("-", "-")]

    book = read_workbook(client.get(reverse("reports:monthly_xlsx"), ASKED).content)
    assert [sheet.name for sheet in book] == ["Figures", "Months across", "Notes"]
    as_text = [["" if cell == "" else _plain(cell) for cell in cells] for cells in book[0].rows]
    assert as_text == [[_plain(cell) for cell in cells] for cells in rows]
    across = {cells[0]: cells[1:] for cells in book[1].rows}
    assert [_plain(cell) for cell in across["Audited"]] == [_plain(column["audited"]) for column in columns]


def _plain(cell: Any) -> Any:
    """Numbers as numbers, whatever a file keeps them as."""
    try:
        return float(cell)
    except ValueError:
        return cell


@pytest.mark.parametrize("by", list(Breakdown))
def test_every_breakdown_shows_what_the_command_prints(
    client: Client, qa_lead: User, some_audits: None, by: Breakdown
) -> None:
    client.force_login(qa_lead)
    out = io.StringIO()
    call_command("grade_table", "--from", "2026-08", "--to", "2026-10", "--by", by, "--format", "json", stdout=out)
    told = json.loads(out.getvalue())
    rows = Tables(page(client, "reports:breakdown", by=by, **ASKED)).rows[1:]
    assert len(rows) == len(told["rows"]) + 1
    for cells, row in zip(rows, [*told["rows"], told["total"]], strict=True):
        assert cells[1].split(" ")[0] == str(row["audited"])
        share = row["percent"]["good_or_outstanding"] if row["percent"] else None
        assert cells[2] == ("-" if share is None else f"{share}%")
        counts = [str(row[grade]) if row["audited"] else "-" for grade in Grade.values]
        assert cells[8:12] == counts


def test_a_miss_that_rounding_hides_is_told_on_the_page(client: Client, qa_lead: User, team: OrgUnit) -> None:
    count(*["good"] * 16, *["requires_improvement"] * 4, *["inadequate"] * 3, team=team)
    client.force_login(qa_lead)
    html = page(client, "reports:monthly", period="months", month_from="2026-10", month_to="2026-10")
    shown = {row[0]: row[1:] for row in Tables(html).rows}
    assert shown["% good or outstanding"] == ["70%", "70%"]
    assert shown["Meets target"] == ["no, 69.6%", "no, 69.6%"]
    assert "The target of 70% is not met: the exact share is 69.6%." in html


def test_the_first_screen_gives_the_answer(client: Client, qa_lead: User, team: OrgUnit, other_team: OrgUnit) -> None:
    count(*["requires_improvement"] * 10, team=team, month=date(2026, 9, 1))
    count(*["good"] * 10, team=team)
    count(*["inadequate"] * 4, team=other_team)
    client.force_login(qa_lead)
    html = page(client, "reports:breakdown", by="team", period="months", month_from="2026-10", month_to="2026-10")
    for words in (
        "audits graded", "10 of 14; likely between", "target of 70% good or outstanding", "0%, 0 of 10 before",
        "Better on the month before: Heron.", "Below the 70% target: 1 of 2. Kestrel (0% of 4).", "small number",
    ):  # fmt: skip
        assert words in html, words
    assert html.index("audits graded") < html.index("Better on the month before") < html.index("<svg")


def test_provisional_small_and_uncounted_are_declared(client: Client, qa_lead: User, some_audits: None) -> None:
    client.force_login(qa_lead)
    html = page(client, "reports:monthly")
    assert "Includes 1 provisional" in html
    assert "Small number (fewer than 5): August 2026." in html
    settled = page(client, "reports:monthly", settled="on", **ASKED)
    assert "provisional:" not in settled
    assert "Settled grades only." in settled


def test_a_head_reads_their_services_and_reaches_their_audits(
    client: Client, head_of_service: User, some_audits: None, service: OrgUnit
) -> None:
    client.force_login(head_of_service)
    html = page(client, "reports:breakdown", by="team", **ASKED)
    tables = Tables(html)
    assert [row[0] for row in tables.rows] == ["Team", "Heron", "Total"]
    assert "Kestrel" not in html
    assert "Audits in Family Safeguarding." in html
    drill = [link for link in tables.links if link.startswith("/audits/")]
    assert any("team=" in link and "month_from=2026-08" in link and "grade=inadequate" in link for link in drill)
    response = client.get(next(link for link in drill if "grade=inadequate" in link))
    assert response.status_code == 200


def test_a_team_manager_reads_issued_audits_of_the_team(
    client: Client, team_manager: User, team: OrgUnit, some_audits: None, service: OrgUnit
) -> None:
    count("inadequate", team=team, status=AuditStatus.SETTLED)
    count("inadequate", team=TeamFactory(parent=service))
    client.force_login(team_manager)
    html = page(client, "reports:monthly")
    shown = {row[0]: row[1:] for row in Tables(html).rows}
    assert shown["Cases audited"] == ["3", "0", "23", "26"]
    assert "Only audits whose feedback has been issued." in html


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.PANEL_MEMBER])
def test_whoever_leads_a_service_and_sits_on_a_panel_counts_their_own_alone(
    client: Client, head_of_service: User, role: str, directorate: OrgUnit, team: OrgUnit
) -> None:
    """From the counts of all services they could take their own, and read what is withheld from everybody else."""
    count("good", "good", team=team)
    count("inadequate", team=CaseFactory().team)
    give_role(head_of_service, role, directorate)
    client.force_login(User.objects.get(pk=head_of_service.pk))
    shown = {row[0]: row[1:] for row in Tables(page(client, "reports:breakdown", by="service", **ASKED)).rows}
    assert shown["Total"][0] == "2 (small number)"
    assert len(shown) == 3  # the heads, their service, the total


def restrict_one(team: OrgUnit, grade: str = "inadequate") -> None:
    audit = graded_audit(grade, case=CaseFactory(team=team, restricted=True), month=date(2026, 10, 1))
    tallies.move(before=Counter(), after=tallies.contribution(audit=audit))


def test_a_restricted_case_counts_and_its_grade_alone_is_withheld(
    client: Client, qa_lead: User, team: OrgUnit, other_team: OrgUnit, service: OrgUnit
) -> None:
    restrict_one(other_team)
    count("good", "good", team=team)
    count("good", "good", "good", team=TeamFactory(name="Wren", parent=service))
    client.force_login(qa_lead)
    html = page(client, "reports:breakdown", by="team", **ASKED)
    shown = {row[0]: row[1:] for row in Tables(html).rows}
    assert shown["Total"][0] == "6"
    assert set(shown["Kestrel"]) == {"withheld", "-"}
    assert set(shown["Heron"]) == {"withheld", "-"}, "or the total would give Kestrel's away"
    assert shown["Wren"][1] == "100%"
    assert "figures that would show the grade of a restricted case" in html
    assert "Kestrel (" not in html
    text = client.get(reverse("reports:breakdown_csv"), {"by": "team", **ASKED}).content.decode()
    assert "Kestrel,withheld,withheld,withheld,withheld,withheld,-" in text


def test_a_restricted_case_that_is_all_there_is_withholds_the_total(
    client: Client, qa_lead: User, team: OrgUnit
) -> None:
    restrict_one(team)
    client.force_login(qa_lead)
    for name in PAGES:
        html = page(client, name, **ASKED)
        assert "100%" not in " ".join(cell for row in Tables(html).rows for cell in row)
        assert "0 of 1" not in html


def test_one_audit_of_a_case_that_is_not_restricted_is_shown(
    client: Client, qa_lead: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    restrict_one(team)
    count("good", "good", team=team)
    count("inadequate", team=other_team)
    client.force_login(qa_lead)
    shown = {row[0]: row[1:] for row in Tables(page(client, "reports:breakdown", by="team", **ASKED)).rows}
    assert shown["Kestrel"][0] == "1 (small number)"


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.PANEL_MEMBER])
def test_readers_of_aggregates_are_led_to_no_audit(
    client: Client, role: str, directorate: OrgUnit, some_audits: None
) -> None:
    client.force_login(person_as(role, directorate))
    for name in PAGES:
        assert not [link for link in Tables(page(client, name)).links if link.startswith("/audits/?")]


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.PANEL_MEMBER])
def test_small_numbers_are_withheld_outside(client: Client, role: str, directorate: OrgUnit, team: OrgUnit) -> None:
    count(*["good"] * 8, *["requires_improvement"] * 2, *["inadequate"] * 3, team=team)
    count(*["good"] * 9, *["requires_improvement"] * 6, *["inadequate"] * 1, team=team, month=date(2026, 9, 1))
    count(*["good"] * 2, team=team, month=date(2026, 8, 1))
    publish(8, 9, 10)
    client.force_login(person_as(role, directorate))
    html = page(client, "reports:monthly")
    shown = {row[0]: row[1:] for row in Tables(html).rows}
    assert shown["Cases audited"][0] == "withheld"
    assert shown["% good or outstanding"][0] == "withheld"
    assert shown["Inadequate"][:3] == ["withheld"] * 3 or shown["Inadequate"][:3] == ["0", "withheld", "withheld"]
    assert "Counts from 1 to 4 are withheld" in html
    assert "Outstanding" not in shown
    for name in PAGES:
        for by in Breakdown:
            for row in Tables(page(client, name, by=by, **ASKED)).rows[1:]:
                assert not {"1", "2", "3", "4"} & set(row)
    for name in FILES:
        response = client.get(reverse(name), ASKED)
        if name.endswith("csv"):
            rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        else:
            rows = read_workbook(response.content)[0].rows
        assert rows[0][2] == "Good or outstanding"
        assert not {"1", "2", "3", "4"} & {_plain_text(cell) for row in rows[1:] for cell in row[1:]}


def _plain_text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) else str(cell)


def test_large_numbers_are_shown_outside(client: Client, read_only: User, team: OrgUnit) -> None:
    count(*["good"] * 8, *["requires_improvement"] * 7, *["inadequate"] * 5, team=team)
    publish(8, 9, 10)
    client.force_login(read_only)
    html = page(client, "reports:monthly")
    shown = {row[0]: row[1:] for row in Tables(html).rows}
    assert shown["Cases audited"] == ["0", "0", "20", "20"]
    assert shown["% good or outstanding"] == ["-", "-", "40%", "40%"]
    assert shown["Meets target"] == ["-", "-", "no", "no"]
    assert "Good or outstanding: 40%, 8 of 20" in html


@pytest.mark.parametrize("role", list(Role))
def test_who_may_read_figures(client: Client, role: str, team: OrgUnit, directorate: OrgUnit) -> None:
    client.force_login(person_as(role, team if role in (Role.TEAM_MANAGER, Role.PRACTITIONER) else directorate))
    for name in (*PAGES, *FILES):
        response = client.get(reverse(name))
        if role in READERS:
            assert response.status_code == 200
        else:
            assert response.status_code == 403
            assert "No figures are open to your role." in response.content.decode()


@pytest.mark.parametrize("name", [*PAGES, *FILES])
def test_nothing_without_signing_in(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("by", list(Breakdown))
def test_an_empty_database_renders(client: Client, qa_lead: User, by: Breakdown) -> None:
    client.force_login(qa_lead)
    for name in (*PAGES, *FILES):
        assert client.get(reverse(name), {"by": by}).status_code == 200
    html = page(client, "reports:monthly")
    assert "No audits were graded in this period." in html
    assert [row[1:] for row in Tables(html).rows if row[0] == "% inadequate"] == [["-"] * 4]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"period": "months"}, "Choose the first month"),
        ({"period": "months", "month_from": "2026-08"}, "Choose the last month"),
        ({"period": "months", "month_from": "2026-08", "month_to": "2026-07"}, "not before the first"),
        ({"period": "months", "month_from": "<script>", "month_to": "2026-07"}, "Choose one of the answers shown"),
        ({"period": "for ever"}, "Choose one of the answers shown"),
        ({"service": "00000000-0000-0000-0000-000000000000"}, "Choose one of the answers shown"),
    ],
)
def test_a_wrong_question_is_told_and_shows_the_last_12_months(
    client: Client, qa_lead: User, some_audits: None, query: dict[str, str], words: str
) -> None:
    client.force_login(qa_lead)
    for name in PAGES:
        html = page(client, name, **query)
        assert words in html
        assert "December 2025 to November 2026" in html
        assert "<script>" not in html
    for name in FILES:
        assert client.get(reverse(name), query).status_code == 200


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("last-12", "December 2025 to November 2026"),
        ("this-year", "April 2026 to November 2026"),
        ("last-year", "April 2025 to March 2026"),
        ("this-quarter", "October 2026 to November 2026"),
        ("last-quarter", "July 2026 to September 2026"),
    ],
)
def test_periods_with_a_name(client: Client, qa_lead: User, period: str, months: str) -> None:
    client.force_login(qa_lead)
    assert months in page(client, "reports:monthly", period=period)


def test_the_service_filter_offers_what_the_reader_has_and_keeps_to_it(
    client: Client, qa_lead: User, some_audits: None, other_service: OrgUnit
) -> None:
    client.force_login(qa_lead)
    html = page(client, "reports:breakdown", by="service", service=str(other_service.pk), **ASKED)
    assert [row[0] for row in Tables(html).rows] == ["Service", "Pathways Through Care", "Total"]
    assert "Audits in Pathways Through Care." in html


def test_a_foreign_service_in_the_address_opens_nothing(
    client: Client, head_of_service: User, some_audits: None, other_service: OrgUnit
) -> None:
    client.force_login(head_of_service)
    html = page(client, "reports:breakdown", by="team", service=str(other_service.pk), **ASKED)
    assert "Kestrel" not in html


def test_a_file_that_leaves_is_written_down(client: Client, qa_lead: User, some_audits: None) -> None:
    client.force_login(qa_lead)
    response = client.get(reverse("reports:breakdown_csv"), {"by": "team", **ASKED})
    assert response["Content-Disposition"] == 'attachment; filename="grades-by-team-2026-08-to-2026-10.csv"'
    event = Event.objects.get(verb="exported")
    assert event.actor_id == qa_lead.pk
    assert EventContent.objects.get(event=event).values == {
        "report": "grades-by-team", "as": "csv", "period": "2026-08-to-2026-10", "rows": 2,
    }  # fmt: skip
    client.head(reverse("reports:breakdown_csv"))
    client.get(reverse("reports:breakdown"))
    assert Event.objects.filter(verb="exported").count() == 1


@pytest.mark.parametrize("name", PAGES)
def test_pages_take_few_queries_however_much_there_is(
    client: Client, head_of_service: User, service: OrgUnit, name: str
) -> None:
    client.force_login(head_of_service)
    taken: dict[Breakdown, set[int]] = {by: set() for by in Breakdown}
    for _ in range(3):
        for _ in range(3):
            count("good", "inadequate", team=TeamFactory(parent=service))
        for by in Breakdown:
            with CaptureQueriesContext(connection) as queries:
                page(client, name, by=by, **ASKED)
            taken[by].add(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
    for counts in taken.values():
        assert len(counts) == 1, "the same however much there is"
        # Twelve of the page and its frame, one that asks whether the reader has broken glass, those that ask for
        # published months (the reader's units again, and which months), and on a breakdown the year before.
        assert max(counts) <= 21


def test_audits_of_a_closed_team_stand_under_its_successor_when_asked(
    client: Client, qa_lead: User, team: OrgUnit, service: OrgUnit
) -> None:
    count("good", "good", "good", team=team)
    heir = TeamFactory(name="Osprey", parent=service)
    count("inadequate", "inadequate", team=heir)
    OrgUnit.objects.filter(pk=team.pk).update(closed_on=date(2026, 11, 1), succeeded_by=heir)
    client.force_login(qa_lead)
    then = {row[0]: row[1:] for row in Tables(page(client, "reports:breakdown", by="team", **ASKED)).rows}
    assert (then["Heron"][0][0], then["Osprey"][0][0]) == ("3", "2")
    now = {row[0]: row[1:] for row in Tables(page(client, "reports:breakdown", by="team", as_now="on", **ASKED)).rows}
    assert "Heron" not in now
    assert now["Osprey"][0] == "5"
    assert now["Total"][:2] == then["Total"][:2]


def test_the_whole_is_set_against_the_same_months_a_year_before(client: Client, qa_lead: User, team: OrgUnit) -> None:
    count(*["inadequate"] * 10, team=team, month=date(2025, 10, 1))
    count(*["good"] * 10, team=team)
    client.force_login(qa_lead)
    html = page(client, "reports:breakdown", by="team", **ASKED)
    assert "Better on the same months a year before: 0%, 0 of 10 then." in html


def test_the_printed_share_tells_the_exact_one(client: Client, qa_lead: User, team: OrgUnit) -> None:
    count(*["good"] * 16, *["requires_improvement"] * 7, team=team)
    client.force_login(qa_lead)
    for name in PAGES:
        assert 'title="69.6%"' in page(client, name)
