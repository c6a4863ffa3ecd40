"""Work is written down with the change that asks for it, done once, and survives whoever was doing it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from core.history.models import Event
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import (
    JobFailed,
    JobRun,
    LeaseLost,
    NotNow,
    answer_bell,
    enqueue,
    handles,
    on_event,
    publish,
    registry,
    run_due,
    run_job,
    running,
)
from core.jobs.services import retry as retry_job
from core.jobs.services.running import claim

DONE: list[str] = []


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A few kinds of work, known to these tests alone."""
    for name in ("_handlers", "_titles", "_listeners", "_schedules"):
        monkeypatch.setattr(registry, name, dict(getattr(registry, name)))
    registry._listeners.clear()
    DONE.clear()

    @handles("note")
    def note(run: JobRun, *, text: str) -> None:
        with run.completing(text=text):
            DONE.append(text)

    @handles("hopeless")
    def hopeless(run: JobRun) -> None:
        raise JobFailed("The file of import 12 has gone.")

    @handles("clumsy")
    def clumsy(run: JobRun) -> None:
        raise ValueError("the child's name must not get out")

    @handles("patient")
    def patient(run: JobRun) -> None:
        raise NotNow("The mail server did not answer.", wait=timedelta(minutes=5))

    yield


def due(job: Job) -> None:
    """Make a job due now, and let go of it whoever holds it."""
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))
    Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_work_is_done_once_and_its_result_kept() -> None:
    job = enqueue("note", text="a")
    assert run_job(job.pk)
    assert not run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.result, job.attempts, DONE) == (JobStatus.DONE, {"text": "a"}, 1, ["a"])


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_takes_its_job_with_it() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("note", text="a")
        raise RuntimeError
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_key_makes_work_unique() -> None:
    first = enqueue("note", key="month:2026-10", text="a")
    second = enqueue("note", key="month:2026-10", text="b")
    assert first.pk == second.pk
    assert run_due() == 1
    assert DONE == ["a"]


@pytest.mark.django_db
def test_a_key_is_not_asked_again_after_it_was_done() -> None:
    enqueue("note", key="month:2026-10", text="a")
    run_due()
    enqueue("note", key="month:2026-10", text="a")
    assert run_due() == 0


@pytest.mark.django_db
def test_work_for_later_waits() -> None:
    job = enqueue("note", run_after=timezone.now() + timedelta(hours=1), text="a")
    assert not run_job(job.pk)
    assert run_due() == 0


@pytest.mark.django_db
def test_hopeless_work_is_parked_at_once_with_its_sentence() -> None:
    job = enqueue("hopeless")
    assert not run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error, job.attempts) == (JobStatus.FAILED, "The file of import 12 has gone.", 1)


@pytest.mark.django_db
def test_failing_work_is_tried_five_times_and_then_parked() -> None:
    job = enqueue("clumsy")
    for attempt in range(1, 6):
        due(job)
        run_job(job.pk)
        job.refresh_from_db()
        assert job.attempts == attempt
    assert job.status == JobStatus.FAILED
    assert "5 times" in job.error


@pytest.mark.django_db
def test_the_words_of_an_unforeseen_error_stay_out_of_the_record() -> None:
    job = enqueue("clumsy")
    run_job(job.pk)
    job.refresh_from_db()
    assert "child" not in job.error
    assert "ValueError" in job.error


@pytest.mark.django_db
def test_a_job_that_kills_its_worker_is_parked_after_five_tries() -> None:
    """The attempt is counted before the work begins, so a worker that dies has counted it."""
    job = enqueue("note", text="a")
    for _ in range(5):
        assert claim(job.pk) is not None
        due(job)
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert "interrupted" in job.error


@pytest.mark.django_db
def test_what_must_wait_for_others_does_not_use_up_its_attempts() -> None:
    job = enqueue("patient")
    for _ in range(8):
        due(job)
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.error) == (JobStatus.QUEUED, 0, "The mail server did not answer.")
    assert job.run_after > timezone.now() + timedelta(minutes=4)


@pytest.mark.django_db
def test_an_unknown_kind_says_so() -> None:
    job = enqueue("of_the_next_release")
    run_job(job.pk)
    job.refresh_from_db()
    assert "of_the_next_release" in job.error


@pytest.mark.django_db
def test_a_job_held_by_a_living_worker_is_left_alone() -> None:
    job = enqueue("note", text="a")
    assert claim(job.pk) is not None
    assert claim(job.pk) is None
    assert run_due() == 0


@pytest.mark.django_db(transaction=True)
def test_the_old_owner_cannot_complete_what_another_has_taken_over() -> None:
    job = enqueue("note", text="a")
    old = claim(job.pk)
    assert old is not None
    due(job)
    new = claim(job.pk)
    assert new is not None
    other = uuid.uuid4()
    with pytest.raises(LeaseLost), old.completing():
        Job.objects.create(pk=other, kind="effect of the old owner", run_after=timezone.now())
    assert not Job.objects.filter(pk=other).exists()
    assert not old.sign_of_life()
    with pytest.raises(LeaseLost):
        old.progress(1, 2)
    with new.completing():
        pass
    job.refresh_from_db()
    assert job.status == JobStatus.DONE


@pytest.mark.django_db
def test_an_old_owner_that_fails_late_does_not_disturb_the_new_one() -> None:
    job = enqueue("clumsy")
    old = claim(job.pk)
    assert old is not None
    due(job)
    assert claim(job.pk) is not None
    from core.jobs.services.running import _hold, _park, _try_later

    _try_later(old, "ValueError")
    _park(old, "no")
    _hold(old, NotNow("no", wait=timedelta(0)))
    job.refresh_from_db()
    assert job.status == JobStatus.RUNNING


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_claim_one_job_one_gets_it() -> None:
    job = enqueue("note", text="a")
    start = threading.Barrier(6)
    got: list[Any] = []

    def work() -> None:
        start.wait()
        try:
            got.append(claim(job.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert len([run for run in got if run is not None]) == 1


@pytest.mark.django_db(transaction=True)
def test_one_key_asked_at_once_by_many_makes_one_job() -> None:
    start = threading.Barrier(6)
    keys: list[Any] = []

    def ask() -> None:
        start.wait()
        try:
            keys.append(enqueue("note", key="tick:1", text="a").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 6
    assert len(set(keys)) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_long_work_keeps_its_lease_and_shows_its_progress(settings: Any) -> None:
    settings.JOB_LEASE_SECONDS = 1
    seen: list[tuple[int, int, str]] = []

    @handles("long")
    def long(run: JobRun) -> None:
        for step in range(1, 5):
            run.progress(step, 4, f"Step {step}")
            threading.Event().wait(0.6)
            job = Job.objects.get(pk=run.job_id)
            seen.append((job.progress_done, job.progress_total, job.progress_text))
            assert claim(run.job_id) is None

    job = enqueue("long")
    assert run_job(job.pk)
    assert seen == [(step, 4, f"Step {step}") for step in range(1, 5)]


@pytest.mark.django_db
def test_an_event_makes_one_job_for_each_listener() -> None:
    @handles("hear")
    def hear(run: JobRun, *, thing: str) -> None:
        DONE.append(thing)

    on_event("happened", "hear")
    on_event("happened", "hear")
    publish("happened", thing="x")
    assert run_due() == 1
    assert DONE == ["x"]


@pytest.mark.django_db
def test_a_failed_job_is_told_once_and_the_telling_does_not_tell_of_itself() -> None:
    on_event("job_failed", "hopeless_telling")

    @handles("hopeless_telling")
    def hopeless_telling(run: JobRun, *, job_id: str) -> None:
        raise JobFailed("Nobody is there to be told.")

    enqueue("hopeless")
    for _ in range(3):
        run_due()
    assert Job.objects.filter(kind="hopeless_telling").count() == 1


@pytest.mark.django_db
def test_only_those_who_keep_the_jobs_start_a_failed_one_again(auditor: Any, system_administrator: Any) -> None:
    job = enqueue("hopeless")
    run_due()
    with pytest.raises(PermissionDenied):
        retry_job(job=job, by=auditor)
    assert retry_job(job=job, by=system_administrator)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.error) == (JobStatus.QUEUED, 0, "")
    assert not retry_job(job=job, by=system_administrator)
    assert Event.objects.filter(object_id=job.pk, verb="retried", actor=system_administrator).count() == 1


@pytest.mark.django_db
def test_whoever_answers_a_bell_does_what_else_is_due_and_the_interrupted_first() -> None:
    later = enqueue("note", text="asked before")
    struck = enqueue("note", text="interrupted")
    named = enqueue("note", text="named by the bell")
    assert claim(struck.pk) is not None
    Job.objects.filter(pk=struck.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    answer_bell(named.pk)
    assert DONE == ["named by the bell", "interrupted", "asked before"]
    assert later.pk


@pytest.mark.django_db
def test_whoever_answers_a_bell_hears_the_next_one_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "ANSWER_SECONDS", 0)
    first, second = enqueue("note", text="a"), enqueue("note", text="b")
    answer_bell(second.pk)
    assert DONE == ["b"]
    assert first.pk
