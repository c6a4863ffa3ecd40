"""Building a summary: numbered, told once, safe to run twice and at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.models import Membership, User
from audits.choices import Grade
from audits.services.tallies import rebuild
from core.history.models import Event
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import run_due, run_job, tick
from core.notifications.models import Notice
from core.working_days import LONDON
from learning.models import PanelSummary
from learning.services.summaries import NotYet, build_summary, request_summary
from tests.factories.audits import graded_audit

OCTOBER = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def november(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It is noon on 20 November 2026, three weeks after the month was over."""
    now = datetime(2026, 11, 20, 12, tzinfo=LONDON)
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: now.date())
    monkeypatch.setattr(timezone, "localtime", lambda value=None, *args: now if value is None else value)
    yield


def one_good_audit() -> None:
    graded_audit(Grade.GOOD)
    rebuild()


@pytest.mark.django_db
def test_the_first_build_is_version_1_and_the_panel_is_told_once(
    panel_member: User, principal_social_worker: User, qa_lead: User
) -> None:
    one_good_audit()
    job = request_summary(month=OCTOBER, by=qa_lead)
    run_due()
    summary = PanelSummary.objects.get()
    assert (summary.month, summary.number, summary.asked_by) == (OCTOBER, 1, qa_lead)
    assert summary.content["total"]["good"] == 1
    job.refresh_from_db()
    assert job.status == JobStatus.DONE
    assert job.result["link"] == f"/learning/{summary.pk}/"
    assert {notice.person for notice in Notice.objects.all()} == {panel_member, principal_social_worker}
    assert {message.subject for message in mail.outbox} == {
        "Case audit: The panel's summary is ready: October 2026, version 1"
    }
    assert Event.objects.filter(object_id=summary.pk, verb="built", actor=qa_lead).count() == 1


@pytest.mark.django_db
def test_building_again_with_nothing_new_makes_nothing(panel_member: User) -> None:
    one_good_audit()
    first = build_summary(month=OCTOBER, by=SYSTEM)
    assert build_summary(month=OCTOBER, by=SYSTEM).pk == first.pk
    assert Notice.objects.count() == 1


@pytest.mark.django_db
def test_what_changed_later_makes_the_next_version_and_leaves_the_first(panel_member: User) -> None:
    one_good_audit()
    first = build_summary(month=OCTOBER, by=SYSTEM)
    graded_audit(Grade.INADEQUATE)
    rebuild()
    second = build_summary(month=OCTOBER, by=SYSTEM)
    assert (first.number, second.number) == (1, 2)
    first.refresh_from_db()
    assert first.content["total"]["audited"] == 1
    assert second.content["total"]["audited"] == 2
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_a_job_run_twice_builds_once() -> None:
    one_good_audit()
    job = Job.objects.create(kind="build_panel_summary", payload={"month": "2026-10"}, run_after=timezone.now())
    assert run_job(job.pk)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED)
    assert run_job(job.pk)
    assert PanelSummary.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_builds_at_once_store_one_version() -> None:
    one_good_audit()
    start = threading.Barrier(4)
    numbers: list[int] = []

    def work() -> None:
        start.wait()
        try:
            numbers.append(build_summary(month=OCTOBER, by=SYSTEM).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers == [1, 1, 1, 1]
    assert PanelSummary.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["qa_lead", "principal_social_worker"])
def test_who_may_have_it_built(who: str, request: pytest.FixtureRequest) -> None:
    assert request_summary(month=OCTOBER, by=request.getfixturevalue(who)).kind == "build_panel_summary"


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["panel_member", "qa_admin", "head_of_service", "system_administrator", "auditor"])
def test_who_may_not(who: str, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        request_summary(month=OCTOBER, by=person)
    with pytest.raises(NotAllowed):
        build_summary(month=OCTOBER, by=person)


@pytest.mark.django_db
def test_a_right_that_has_ended_ends_the_job_with_a_sentence(qa_lead: User) -> None:
    job = request_summary(month=OCTOBER, by=qa_lead)
    Membership.objects.filter(user=qa_lead).delete()
    run_due()
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert job.error.startswith("Only the QA lead")
    assert not PanelSummary.objects.exists()


@pytest.mark.django_db
def test_a_month_to_come_is_refused(qa_lead: User) -> None:
    with pytest.raises(NotYet, match="January 2027 has not begun"):
        request_summary(month=date(2027, 1, 1), by=qa_lead)


@pytest.mark.django_db
def test_asking_twice_while_it_is_under_way_asks_once(qa_lead: User) -> None:
    assert request_summary(month=OCTOBER, by=qa_lead).pk == request_summary(month=OCTOBER, by=qa_lead).pk
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_the_calendar_builds_the_month_that_fell_due_and_once() -> None:
    tick()
    tick()
    run_due()
    tick()
    run_due()
    assert [job.key for job in Job.objects.filter(kind="build_panel_summary")] == ["panel_summary:2026-10"]
    assert [summary.month for summary in PanelSummary.objects.all()] == [OCTOBER]


def printed(*args: str) -> str:
    out = StringIO()
    call_command("panel_summary", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_prints_the_stored_version_and_says_so() -> None:
    one_good_audit()
    build_summary(month=OCTOBER, by=SYSTEM)
    graded_audit(Grade.INADEQUATE)
    rebuild()
    held = json.loads(printed("--month", "2026-10", "--format", "json"))
    assert (held["stored"], held["month"], held["total"]["audited"]) == (1, "2026-10", 1)
    text = printed("--month", "2026-10")
    assert "Version 1, built on" in text
    assert "1 of 1 audit in October 2026 is good or outstanding: 100%" in text


@pytest.mark.django_db
def test_the_command_works_it_out_where_nothing_is_stored_and_stores_nothing() -> None:
    held = json.loads(printed("--month", "2026-09", "--format", "json"))
    assert (held["stored"], held["built_at"], held["total"]["audited"]) == (None, None, 0)
    assert "Not stored: worked out just now." in printed("--month", "2026-09")
    assert not PanelSummary.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("month", ["2026-13", "October", "2027-01"])
def test_the_command_refuses_what_is_no_month_or_has_not_begun(month: str) -> None:
    with pytest.raises(CommandError) as refused:
        printed("--month", month)
    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_a_failing_build_is_parked_with_a_sentence_and_shown_to_the_qa_lead(
    qa_lead: User, monkeypatch: Any, client: Any
) -> None:
    from learning.services import summaries as services

    def broken(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "live_content", broken)
    job = request_summary(month=OCTOBER, by=qa_lead)
    for _ in range(5):
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
        run_job(job.pk)
    client.force_login(qa_lead)
    assert "It failed 5 times" in client.get("/learning/").content.decode()
    assert "It failed 5 times" in client.get("/jobs/").content.decode()
