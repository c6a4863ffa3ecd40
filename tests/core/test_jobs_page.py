"""The jobs page: for those who keep the jobs, with what is wrong at the top."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.jobs import selectors
from core.jobs.choices import JobStatus, Sign
from core.jobs.models import Job, Pulse
from core.jobs.services import JobFailed, JobRun, Schedule, enqueue, handles, register_schedule, registry, run_due, tick

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_handlers", "_titles", "_listeners", "_schedules"):
        monkeypatch.setattr(registry, name, dict(getattr(registry, name)))
    registry._schedules.clear()

    @handles("count_beans", title="Count the beans")
    def count_beans(run: JobRun, *, secret: str = "") -> None:
        with run.completing(says="There are 12 beans.", link="/beans/"):
            pass

    @handles("fail", title="Fall over")
    def fail(run: JobRun) -> None:
        raise JobFailed("The bean counter is broken.")

    yield


def at_midnight(now: datetime) -> tuple[datetime, datetime]:
    last = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return last, last + timedelta(days=1)


DAILY = Schedule(
    name="beans",
    kind="count_beans",
    title="Count the beans",
    says="Every day at 00:00",
    period=lambda now: (f"{now:%Y-%m-%d}", {"secret": "a"}),
    moments=at_midnight,
)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(person: User) -> str:
    return signed_in(person).get(reverse("jobs:list")).content.decode()


def alive(**ago: float) -> None:
    for sign in Sign.values:
        Pulse.objects.update_or_create(name=sign, defaults={"at": timezone.now() - timedelta(seconds=ago.get(sign, 0))})


@pytest.mark.parametrize("who", ["qa_lead", "qa_admin", "system_administrator"])
def test_those_who_keep_the_jobs_see_the_page(who: str, request: pytest.FixtureRequest) -> None:
    response = signed_in(request.getfixturevalue(who)).get(reverse("jobs:list"))
    assert response.status_code == 200
    assert b">Jobs</a>" in response.content or b"Jobs</strong>" in response.content


@pytest.mark.parametrize("who", ["auditor", "head_of_service", "panel_member", "read_only", "information_governance"])
def test_others_are_refused_with_a_sentence(who: str, request: pytest.FixtureRequest) -> None:
    response = signed_in(request.getfixturevalue(who)).get(reverse("jobs:list"))
    assert response.status_code == 403
    assert b"Only the QA unit and system administrators" in response.content


def test_an_empty_installation_has_a_page(qa_lead: User) -> None:
    text = page_of(qa_lead)
    assert "No job has failed." in text
    assert "Nothing is running." in text


def test_a_failed_job_shows_its_sentence_and_can_be_tried_again(qa_lead: User) -> None:
    job = enqueue("fail")
    run_due()
    text = page_of(qa_lead)
    assert "The bean counter is broken." in text
    handles("fail")(lambda run: None)
    response = signed_in(qa_lead).post(reverse("jobs:retry", args=[job.pk]), follow=True)
    assert "will be tried again now" in response.content.decode()
    run_due()
    job.refresh_from_db()
    assert job.status == JobStatus.DONE


def test_trying_again_twice_says_that_nothing_was_changed(qa_lead: User) -> None:
    job = enqueue("fail")
    run_due()
    client = signed_in(qa_lead)
    client.post(reverse("jobs:retry", args=[job.pk]))
    response = client.post(reverse("jobs:retry", args=[job.pk]), follow=True)
    assert "nothing was changed" in response.content.decode()


def test_the_person_who_asked_may_look_but_not_retry(auditor: User) -> None:
    job = enqueue("fail", by=auditor)
    run_due()
    client = signed_in(auditor)
    assert b"The bean counter is broken." in client.get(reverse("jobs:detail", args=[job.pk])).content
    assert client.post(reverse("jobs:retry", args=[job.pk])).status_code == 403
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED


def test_somebody_elses_job_is_not_found(auditor: User, moderator: User) -> None:
    job = enqueue("count_beans", by=moderator)
    assert signed_in(auditor).get(reverse("jobs:detail", args=[job.pk])).status_code == 404


def test_a_job_shows_its_progress_and_asks_again_until_it_is_over(auditor: User) -> None:
    job = enqueue("count_beans", by=auditor)
    Job.objects.filter(pk=job.pk).update(
        status=JobStatus.RUNNING, progress_done=3, progress_total=7, progress_text="Sorting beans",
        started_at=timezone.now(), lease_until=timezone.now() + timedelta(minutes=1),
    )  # fmt: skip
    client = signed_in(auditor)
    text = client.get(reverse("jobs:detail", args=[job.pk])).content.decode()
    assert "Sorting beans: 3 of 7" in text
    assert 'http-equiv="refresh"' in text
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED)
    run_due()
    text = client.get(reverse("jobs:detail", args=[job.pk])).content.decode()
    assert "There are 12 beans." in text
    assert 'href="/beans/"' in text
    assert "refresh" not in text


def test_a_result_is_for_the_person_who_asked(auditor: User, system_administrator: User) -> None:
    job = enqueue("count_beans", by=auditor, secret="case C-1")
    run_due()
    text = signed_in(system_administrator).get(reverse("jobs:detail", args=[job.pk])).content.decode()
    assert "Count the beans" in text
    assert "12 beans" not in text
    assert "C-1" not in text


def test_a_result_never_leads_to_another_site(auditor: User) -> None:
    job = enqueue("count_beans", by=auditor)
    run_due()
    Job.objects.filter(pk=job.pk).update(result={"link": "//elsewhere.example/"})
    assert b"elsewhere" not in signed_in(auditor).get(reverse("jobs:detail", args=[job.pk])).content


def test_a_schedule_shows_what_when_how_and_when_next(qa_lead: User) -> None:
    register_schedule(DAILY)
    tick()
    run_due()
    line = selectors.jobs_page(
        jobs=Job.objects.all(),
        pulses=Pulse.objects.all(),
        schedules=[DAILY],
        titles=registry.title_of,
        broker_answers=True,
        now=timezone.localtime(),
    ).schedules[0]
    assert line.last is not None
    assert (line.title, line.says, line.last.words, line.behind) == (
        "Count the beans",
        "Every day at 00:00",
        "Done",
        False,
    )
    assert line.next_due > timezone.localtime()
    text = page_of(qa_lead)
    assert "Every day at 00:00" in text


def test_all_is_well_when_everybody_lives(qa_lead: User) -> None:
    alive()
    assert "app-alert" not in page_of(qa_lead)


def test_a_silent_worker_is_told(qa_lead: User) -> None:
    alive(worker=60)
    text = page_of(qa_lead)
    assert "No worker is running" in text
    assert "The scheduler is not running" not in text


def test_a_scheduler_that_missed_two_of_its_periods_is_told(qa_lead: User) -> None:
    alive(scheduler=80)
    assert "The scheduler is not running" in page_of(qa_lead)
    alive(scheduler=50)
    assert "The scheduler is not running" not in page_of(qa_lead)


def test_a_redis_that_does_not_answer_is_told_and_the_page_works(qa_lead: User, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    alive()
    text = page_of(qa_lead)
    assert "Redis cannot be reached" in text
    assert "no job is lost" in text


NOON = datetime(2026, 10, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("done", "first_ran", "now", "behind"),
    [
        ([], NOON - timedelta(days=9), NOON, True),
        (["2026-10-07"], NOON - timedelta(days=9), NOON, False),
        (["2026-10-06"], NOON - timedelta(days=9), NOON, False),
        (["2026-10-05"], NOON - timedelta(days=9), NOON, True),
        # Installed yesterday afternoon: only one period has fallen due since.
        ([], NOON - timedelta(hours=20), NOON, False),
        # A job that was asked for a minute ago may still be at work.
        ([], NOON - timedelta(days=9), NOON.replace(hour=0, minute=1), False),
    ],
)
def test_two_missed_periods_are_told(done: list[str], first_ran: datetime, now: datetime, behind: bool) -> None:
    Pulse.objects.create(name=Sign.SCHEDULER, at=now)
    Pulse.objects.update(first_at=first_ran)
    for day in done:
        Job.objects.create(kind="count_beans", key=f"beans:{day}", status=JobStatus.DONE, run_after=now)
    signs = {pulse.name: pulse for pulse in Pulse.objects.all()}
    line = selectors.schedule_line(DAILY, jobs=Job.objects.all(), signs=signs, titles=registry.title_of, now=now)
    assert line.behind is behind


def test_a_schedule_is_asked_once_a_period_however_often_the_scheduler_ticks() -> None:
    register_schedule(DAILY)
    assert tick() == 1
    assert tick() == 0
    run_due()
    assert tick() == 0
    assert Job.objects.filter(kind="count_beans").count() == 1
