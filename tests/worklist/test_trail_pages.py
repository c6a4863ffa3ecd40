"""Who may read who looked at what, what those pages say, and break-glass."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, RecordGrant, User
from audits.models import Audit
from cases.models import Case, Connection
from cases.services import restrict_case
from core.history.models import AccessEvent, Event, SignedHead
from core.history.services import record_access, verify
from core.jobs.services import enqueue, run_due
from core.notifications.models import Notice
from tests.factories.accounts import give_role
from tests.factories.audits import AuditFactory, graded_audit
from tests.factories.cases import CaseFactory, held_by
from worklist.services.breaking_glass import break_glass
from worklist.tasks import HOURLY, SIGN, TELL, WEEKLY

pytestmark = pytest.mark.django_db
REASON = "A child is missing and nobody of the team can be reached."
PURPOSES = AccessEvent.Purpose


@pytest.fixture
def case(team: OrgUnit, practitioner: User) -> Case:
    case = CaseFactory(reference="OWN-1", team=team)
    held_by(case, practitioner)
    return case


@pytest.fixture
def audit(case: Case, auditor: User) -> Audit:
    return graded_audit(case=case, auditor=auditor)


@pytest.fixture
def hidden(other_team: OrgUnit, auditor: User, qa_admin: User) -> Case:
    """A restricted case of another service, with one audit under way and one submitted."""
    case = CaseFactory(reference="SECRET-1", team=other_team)
    AuditFactory(case=case, auditor=auditor)
    graded_audit(case=case, auditor=auditor, status="submitted")
    restrict_case(case=case, people=[qa_admin], why="Family of a member of staff.", by=qa_admin)
    return case


def asked(client: Client, user: User, name: str, *args: Any, **query: Any) -> Any:
    client.force_login(user)
    return client.get(reverse(f"worklist:{name}", args=args), query)


def look(user: User, case: Case, *, purpose: str = "view", page: str = "cases:detail") -> AccessEvent:
    return record_access(by=user, purpose=purpose, page=page, records=[("cases.case", case.pk)])


EVERY_ROLE = (
    "qa_lead", "qa_admin", "auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
    "principal_social_worker", "panel_member", "partner_auditor", "read_only", "information_governance",
    "duty_manager", "system_administrator",
)  # fmt: skip
LOG_READERS = ("qa_lead", "information_governance")
MAY = {
    "trail_log": LOG_READERS,
    "trail_csv": LOG_READERS,
    "trail_find": LOG_READERS,
    "trail_outside": LOG_READERS,
    "trail_own": ("practitioner",),
    "trail_glass": (*LOG_READERS, "head_of_service"),
    "trail_glass_open": ("qa_lead", "head_of_service"),
}


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_each_page_opens_for_its_roles_alone(role: str, client: Client, request: pytest.FixtureRequest) -> None:
    user = request.getfixturevalue(role)
    for page, allowed in MAY.items():
        assert asked(client, user, page).status_code == (200 if role in allowed else 403), page


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_who_looked_at_a_case_is_for_its_line_and_those_who_read_the_log(
    role: str, client: Client, case: Case, request: pytest.FixtureRequest
) -> None:
    status = asked(client, request.getfixturevalue(role), "trail_case", case.pk).status_code
    line = ("team_manager", "service_lead", "head_of_service")
    if role in (*LOG_READERS, *line):
        assert status == 200
    else:
        assert status == (403 if role in ("qa_admin", "practitioner") else 404)


def test_the_page_of_a_case_leads_there(client: Client, case: Case, team_manager: User, practitioner: User) -> None:
    for user, shown in ((team_manager, True), (practitioner, False)):
        client.force_login(user)
        page = client.get(reverse("cases:detail", args=[case.pk])).content.decode()
        assert (reverse("worklist:trail_case", args=[case.pk]) in page) is shown


def test_it_names_who_looked_when_and_where(
    client: Client, case: Case, audit: Audit, auditor: User, team_manager: User, moderator: User
) -> None:
    look(auditor, case)
    record_access(by=moderator, purpose="view", page="audits:detail", records=[("audits.audit", audit.pk)])
    look(auditor, CaseFactory(reference="OTHER-9"))
    page = asked(client, team_manager, "trail_case", case.pk).content.decode()
    assert auditor.name in page
    assert moderator.name in page
    assert "OTHER-9" not in page


def test_looking_at_who_looked_is_a_look(client: Client, case: Case, team_manager: User) -> None:
    asked(client, team_manager, "trail_case", case.pk)
    event = AccessEvent.objects.get()
    assert (event.actor, event.page, event.roles) == (team_manager, "worklist:trail_case", "TM")
    assert [line.object_id for line in event.lines.all()] == [case.pk]


def test_fifty_lines_a_page_and_the_rest_behind(client: Client, case: Case, auditor: User, qa_lead: User) -> None:
    for _ in range(120):
        look(auditor, case)
    for name, args in (("trail_log", ()), ("trail_case", (case.pk,))):
        seen, query = [], {}
        for _ in range(3):
            answer = asked(client, qa_lead, name, *args, **query)
            log = answer.context["log"]
            seen += [line.id for line in log.lines if line.who == auditor.name]
            query = {"before": log.older}
        assert len(seen) == len(set(seen)) == 120
        assert seen == sorted(seen, reverse=True)
    assert len(asked(client, qa_lead, "trail_log").context["log"].lines) == 50


def test_the_log_costs_the_same_however_long_it_is(
    client: Client, case: Case, auditor: User, qa_lead: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        look(auditor, case)
    client.force_login(qa_lead)
    with django_assert_max_num_queries(26):
        client.get(reverse("worklist:trail_log"))


def test_the_log_is_filtered(client: Client, case: Case, auditor: User, moderator: User, qa_lead: User) -> None:
    look(auditor, case)
    look(moderator, case, purpose="refused")
    today = timezone.localdate()

    def who(**query: Any) -> set[str]:
        return {line.who for line in asked(client, qa_lead, "trail_log", **query).context["log"].lines} - {qa_lead.name}

    assert who() == {auditor.name, moderator.name}
    assert who(person=str(auditor.pk)) == {auditor.name}
    assert who(purpose="refused") == {moderator.name}
    assert who(last=str(today - timedelta(days=1))) == set()
    assert who(first=str(today), last=str(today)) == {auditor.name, moderator.name}
    assert (
        "before the first" in asked(client, qa_lead, "trail_log", first=str(today), last="2020-01-01").content.decode()
    )


def test_a_restricted_case_has_no_reference_in_the_log(
    client: Client, hidden: Case, auditor: User, qa_lead: User, qa_admin: User, information_governance: User
) -> None:
    look(auditor, hidden)
    for user in (qa_lead, information_governance):
        page = asked(client, user, "trail_log").content.decode()
        assert "SECRET-1" not in page
        assert f"Restricted case {str(hidden.pk)[:8]}" in page
        taken = b"".join(asked(client, user, "trail_csv").streaming_content).decode()
        assert "SECRET-1" not in taken
        assert str(hidden.pk)[:8] in taken
    assert asked(client, qa_lead, "trail_case", hidden.pk).status_code == 404
    page = asked(client, information_governance, "trail_case", hidden.pk).content.decode()
    assert auditor.name in page
    assert "SECRET-1" not in page


def test_the_file_holds_every_line_and_is_an_export(client: Client, case: Case, auditor: User, qa_lead: User) -> None:
    auditor.name = "=cmd()"
    auditor.save()
    for _ in range(70):
        look(auditor, case)
    answer = asked(client, qa_lead, "trail_csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:] if row[5] == "OWN-1"][-70:] == ["'=cmd()"] * 70
    event = AccessEvent.objects.latest("sequence")
    assert event.purpose == PURPOSES.EXPORT
    assert [line.object_id for line in event.lines.all()] == [case.pk]


def test_find_leads_from_a_reference_to_who_looked(client: Client, case: Case, hidden: Case, qa_lead: User) -> None:
    client.force_login(qa_lead)
    address = reverse("worklist:trail_find")
    assert client.post(address, {"reference": "own-1"}).url == reverse("worklist:trail_case", args=[case.pk])
    answers = {client.post(address, {"reference": text}).context["form"].errors.as_text() for text in ("SECRET-1", "X")}
    assert len(answers) == 1


def test_a_practitioner_reads_who_opened_audits_of_their_own_work(
    client: Client, case: Case, audit: Audit, practitioner: User, moderator: User, other_team: OrgUnit
) -> None:
    drafted = AuditFactory(case=case)
    foreign = graded_audit(case=CaseFactory(team=other_team))
    for each in (audit, drafted, foreign):
        record_access(by=moderator, purpose="view", page="audits:detail", records=[("audits.audit", each.pk)])
    page = asked(client, practitioner, "trail_own").content.decode()
    assert moderator.name in page
    assert audit.reference in page
    assert drafted.reference not in page
    assert foreign.reference not in page


def test_opening_an_audit_names_the_audit_in_the_log(client: Client, audit: Audit, practitioner: User) -> None:
    client.force_login(practitioner)
    client.get(reverse("audits:detail", args=[audit.pk]))
    event = AccessEvent.objects.latest("sequence")
    assert {(line.kind, line.object_id) for line in event.lines.all()} == {
        ("cases.case", audit.case_id),
        ("audits.audit", audit.pk),
    }


# Break-glass


@pytest.mark.parametrize("role", ["qa_lead", "head_of_service"])
def test_break_glass_opens_one_case_for_a_day_and_tells_two_people(
    role: str, client: Client, hidden: Case, qa_lead: User, information_governance: User,
    directorate: OrgUnit, request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    user = request.getfixturevalue(role)
    client.force_login(user)
    page = reverse("cases:detail", args=[hidden.pk])
    assert client.get(page).status_code == 404
    answer = client.post(reverse("worklist:trail_glass_open"), {"reference": "secret-1", "why": REASON})
    assert answer.status_code == 302
    assert answer.url == page
    shown = client.get(page)
    assert shown.status_code == 200
    assert "You have opened 1 case by break-glass" in shown.content.decode()
    told = set(Notice.objects.filter(kind="break_glass").values_list("person", flat=True))
    assert told == {qa_lead.pk, information_governance.pk} - {user.pk}
    event = Event.objects.get(verb="broke the glass")
    assert (event.actor, event.object_id, event.content.why) == (user, hidden.pk, REASON)
    seen = set(Audit.objects.visible_to(user).filter(case=hidden).values_list("status", flat=True))
    assert seen == ({"in_progress", "submitted"} if role == "qa_lead" else {"submitted"})
    RecordGrant.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert client.get(page).status_code == 404
    assert "break-glass, until" not in client.get("/").content.decode()


def test_it_lasts_twenty_four_hours_and_is_opened_once(hidden: Case, qa_lead: User) -> None:
    first = break_glass(case=hidden, why=REASON, by=qa_lead)
    assert timedelta(hours=23, minutes=59) < first.until - timezone.now() <= timedelta(hours=24)
    assert break_glass(case=hidden, why=REASON, by=qa_lead) == first
    assert Event.objects.filter(verb="broke the glass").count() == 1


@pytest.mark.parametrize("why", ["", "Too short", "x" * 19, " " * 30, "a                              b"])
def test_it_needs_a_reason(why: str, client: Client, hidden: Case, qa_lead: User) -> None:
    client.force_login(qa_lead)
    answer = client.post(reverse("worklist:trail_glass_open"), {"reference": "SECRET-1", "why": why})
    assert answer.status_code == 200
    assert not RecordGrant.objects.exists()


@pytest.mark.parametrize("role", [role for role in EVERY_ROLE if role not in ("qa_lead", "head_of_service")])
def test_nobody_else_breaks_the_glass(role: str, client: Client, hidden: Case, request: pytest.FixtureRequest) -> None:
    user = request.getfixturevalue(role)
    client.force_login(user)
    body = {"reference": "SECRET-1", "why": REASON}
    assert client.post(reverse("worklist:trail_glass_open"), body).status_code == 403
    with pytest.raises(NotAllowed):
        break_glass(case=hidden, why=REASON, by=user)
    assert not RecordGrant.objects.exists()


def test_nobody_opens_a_case_with_which_they_are_connected(hidden: Case, qa_lead: User) -> None:
    Connection.objects.create(case=hidden, user=qa_lead, declared_on=timezone.localdate())
    with pytest.raises(NotAllowed, match="connection"):
        break_glass(case=hidden, why=REASON, by=qa_lead)


def test_a_wrong_reference_opens_nothing_and_is_written_down(client: Client, qa_lead: User) -> None:
    client.force_login(qa_lead)
    answer = client.post(reverse("worklist:trail_glass_open"), {"reference": "NONE-1", "why": REASON})
    assert "No case has this reference" in answer.content.decode()
    assert Event.objects.filter(verb="tried break-glass", actor=qa_lead).exists()


def test_openings_are_listed(
    client: Client, hidden: Case, qa_lead: User, head_of_service: User, information_governance: User
) -> None:
    break_glass(case=hidden, why=REASON, by=head_of_service)
    page = asked(client, information_governance, "trail_glass").content.decode()
    assert head_of_service.name in page
    assert REASON in page
    assert "SECRET-1" not in page
    assert "SECRET-1" in asked(client, head_of_service, "trail_glass").content.decode()
    report = asked(client, qa_lead, "trail_outside").context["report"]
    assert report.lines == ()
    client.force_login(head_of_service)
    client.get(reverse("cases:detail", args=[hidden.pk]))
    line = asked(client, qa_lead, "trail_outside").context["report"].lines[0]
    assert (line.who, line.reason, line.why) == (head_of_service.name, "break_glass", REASON)


def test_a_head_of_service_sees_their_own_openings_alone(
    client: Client, hidden: Case, qa_lead: User, head_of_service: User
) -> None:
    break_glass(case=hidden, why=REASON, by=qa_lead)
    assert qa_lead.name not in asked(client, head_of_service, "trail_glass").content.decode()


# The clock


def test_the_trail_is_signed_by_the_clock(case: Case, auditor: User) -> None:
    look(auditor, case)
    now = timezone.localtime()
    _, payload = HOURLY.period(now) or ("", {})
    enqueue(SIGN, **payload)
    run_due()
    assert SignedHead.objects.get(trail="access").sequence == 1
    assert verify("access") == []
    last, following = HOURLY.moments(now)
    assert last <= now < following


def test_those_who_read_the_log_are_told_each_week(qa_lead: User, information_governance: User, auditor: User) -> None:
    now = timezone.localtime()
    _, payload = WEEKLY.period(now) or ("", {})
    for _ in range(2):
        enqueue(TELL, **payload)
    run_due()
    notices = Notice.objects.filter(kind="outside_views")
    assert set(notices.values_list("person", flat=True)) == {qa_lead.pk, information_governance.pk}
    assert notices.count() == 2
    last, following = WEEKLY.moments(now)
    assert last <= now < following
    assert (last.weekday(), last.hour, following - last) == (0, 6, timedelta(days=7))


def test_a_person_with_both_roles_reads_what_either_may(
    client: Client, case: Case, head_of_service: User, directorate: OrgUnit
) -> None:
    give_role(head_of_service, Role.INFORMATION_GOVERNANCE, directorate)
    assert asked(client, head_of_service, "trail_log").status_code == 200
