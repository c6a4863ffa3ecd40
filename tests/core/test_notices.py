"""A notice is stored once, shown to its person alone, and sent if they may still see what it is about."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import JobFailed, enqueue, handles, registry, run_due, run_job
from core.notifications.models import Notice
from core.notifications.services import NoticeKind, kinds, notify, register_kind

pytestmark = pytest.mark.django_db

BLOCKED: set[Any] = set()


@pytest.fixture(autouse=True)
def known_kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))
    BLOCKED.clear()
    register_kind(NoticeKind("allocated", "Audit {reference} was given to you", lambda user, _: user.pk not in BLOCKED))
    yield


class NoMailServer(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError


def tell(*people: User, event: str = "1", link: str = "/notices/") -> int:
    return notify(
        people=people, kind="allocated", event=event, object_id=uuid.uuid4(), link=link, reference="AU-2026-0007"
    )


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_notice_says_its_reference_and_a_link_and_nothing_else(auditor: User, settings: Any) -> None:
    tell(auditor, link="/audits/1/")
    run_due()
    (message,) = mail.outbox
    assert message.to == [auditor.email]
    assert message.subject == "Case audit: Audit AU-2026-0007 was given to you"
    assert message.body == (
        f"Audit AU-2026-0007 was given to you\n\nSign in to read it: {settings.SITE_URL}/audits/1/\n"
    )


def test_one_event_is_one_notice_and_one_message(auditor: User) -> None:
    assert tell(auditor) == 1
    assert tell(auditor) == 0
    run_due()
    notice = Notice.objects.get()
    enqueue("send_notice", notice_id=notice.pk)
    run_due()
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_message(auditor: User) -> None:
    tell(auditor)
    notice = Notice.objects.get()
    jobs = [Job.objects.get(), enqueue("send_notice", notice_id=notice.pk)]
    start = threading.Barrier(2)

    def work(job: Job) -> None:
        start.wait()
        try:
            run_job(job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.filter(status=JobStatus.DONE).count() == 2
    assert len(mail.outbox) == 1


def test_who_may_no_longer_see_it_is_not_told(auditor: User) -> None:
    tell(auditor)
    BLOCKED.add(auditor.pk)
    run_due()
    assert not mail.outbox
    assert Notice.objects.get().withheld_at is not None


def test_who_has_left_is_not_told(auditor: User) -> None:
    tell(auditor)
    User.objects.filter(pk=auditor.pk).update(is_active=False)
    run_due()
    assert not mail.outbox


def test_a_mail_server_that_is_down_is_waited_for(auditor: User, settings: Any) -> None:
    tell(auditor)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.NoMailServer"
    for _ in range(9):
        Job.objects.update(run_after=timezone.now())
        run_due(limit=1)
    job = Job.objects.get()
    assert job.status == JobStatus.QUEUED
    assert "mail server" in job.error
    assert Notice.objects.get().sent_at is None
    settings.EMAIL_BACKEND = working
    Job.objects.update(run_after=timezone.now())
    run_due()
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_down_for_a_day_is_a_failed_job(auditor: User, settings: Any) -> None:
    tell(auditor)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=2))
    settings.EMAIL_BACKEND = f"{__name__}.NoMailServer"
    run_due(limit=1)
    assert Job.objects.get(kind="send_notice").status == JobStatus.FAILED


def test_a_failed_job_is_told_to_those_who_keep_the_jobs(
    qa_lead: User, system_administrator: User, auditor: User
) -> None:
    @handles("doomed")
    def doomed(run: Any) -> None:
        raise JobFailed("It cannot be done.")

    enqueue("doomed")
    run_due()
    assert {notice.person for notice in Notice.objects.filter(kind="job_failed")} == {qa_lead, system_administrator}
    assert sorted(message.to[0] for message in mail.outbox) == sorted([qa_lead.email, system_administrator.email])
    assert "cannot be done" not in mail.outbox[0].body


def test_the_page_shows_ones_own_unread_first(auditor: User, moderator: User) -> None:
    for event in "abc":
        tell(auditor, event=event)
    tell(moderator, event="other")
    newest = Notice.objects.filter(person=auditor).order_by("-created_at").first()
    assert newest is not None
    Notice.objects.filter(pk=newest.pk).update(read_at=timezone.now())
    response = signed_in(auditor).get(reverse("notifications:list"))
    lines = response.context["notices"]
    assert [line.unread for line in lines] == [True, True, False]
    assert lines[-1].id == newest.pk
    assert b'<span class="app-header__count">2' in response.content


def test_an_empty_page_says_what_will_come(auditor: User) -> None:
    assert b"No notices" in signed_in(auditor).get(reverse("notifications:list")).content


def test_opening_marks_as_read_and_leads_there(auditor: User) -> None:
    tell(auditor, link="/notices/?page=1")
    notice = Notice.objects.get()
    client = signed_in(auditor)
    url = reverse("notifications:open", args=[notice.pk])
    assert client.get(url).status_code == 405
    assert client.post(url)["Location"] == "/notices/?page=1"
    notice.refresh_from_db()
    assert notice.read_at is not None
    first = notice.read_at
    client.post(url)
    notice.refresh_from_db()
    assert notice.read_at == first


def test_opening_what_one_may_not_see_any_more_leads_nowhere(auditor: User) -> None:
    tell(auditor, link="/audits/1/")
    BLOCKED.add(auditor.pk)
    url = reverse("notifications:open", args=[Notice.objects.get().pk])
    response = signed_in(auditor).post(url, follow=True)
    assert response.redirect_chain == [(reverse("notifications:list"), 302)]
    assert b"no longer open to you" in response.content


def test_a_notice_never_leads_to_another_site(auditor: User) -> None:
    tell(auditor, link="//elsewhere.example/")
    url = reverse("notifications:open", args=[Notice.objects.get().pk])
    assert signed_in(auditor).post(url)["Location"] == reverse("notifications:list")


def test_somebody_elses_notice_is_not_found_and_stays_unread(auditor: User, qa_lead: User) -> None:
    tell(auditor)
    notice = Notice.objects.get()
    assert signed_in(qa_lead).post(reverse("notifications:open", args=[notice.pk])).status_code == 404
    signed_in(qa_lead).post(reverse("notifications:read-all"))
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_can_be_marked_as_read(auditor: User) -> None:
    for event in "abc":
        tell(auditor, event=event)
    response = signed_in(auditor).post(reverse("notifications:read-all"), follow=True)
    assert b"3 notices marked as read" in response.content
    assert not Notice.objects.unread().exists()


def test_a_long_list_has_pages(auditor: User) -> None:
    for event in range(51):
        tell(auditor, event=str(event))
    client = signed_in(auditor)
    assert len(client.get(reverse("notifications:list")).context["notices"]) == 50
    assert len(client.get(reverse("notifications:list") + "?page=2").context["notices"]) == 1
    assert client.get(reverse("notifications:list") + "?page=x").status_code == 200


def test_a_notice_of_a_forgotten_kind_does_not_break_the_page(auditor: User) -> None:
    tell(auditor)
    Notice.objects.update(kind="of_an_earlier_release")
    client = signed_in(auditor)
    assert client.get(reverse("notifications:list")).status_code == 200
    assert client.post(reverse("notifications:open", args=[Notice.objects.get().pk])).status_code == 302
