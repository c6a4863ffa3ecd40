"""What is not urgent goes out in one message at eight on working days; what has to be sent goes out at once."""

from __future__ import annotations

import socketserver
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import enqueue, run_due
from core.notifications.choices import Route, Wish
from core.notifications.models import Notice, RefusedAddress, ToldStep
from core.notifications.rules import route_of
from core.notifications.services import NoticeKind, choose_email, kinds, notify, register_kind, tell_once
from core.working_days import LONDON
from core.working_hours import add_working_hours, mornings, next_working_moment

BLOCKED: set[Any] = set()


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The present moment, a Monday; and three kinds of notice."""
    now = [datetime(2027, 3, 22, 10, tzinfo=LONDON)]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    BLOCKED.clear()

    def may(user: Any, _: Any) -> bool:
        return user.pk not in BLOCKED

    register_kind(NoticeKind("calm", "Calm news of {reference}", may, urgent=False))
    register_kind(NoticeKind("quick", "Quick news of {reference}", may))
    register_kind(NoticeKind("must", "News of {reference} that must be sent", may, must=True))
    register_kind(NoticeKind("alert", "An alert on {reference}", may, must=True, any_day=True))
    yield now


def tell(person: User, kind: str, event: str = "1") -> None:
    notify(people=[person], kind=kind, event=event, object_id=uuid.uuid4(), link="/notices/", reference=f"REF-{kind}")


def digest(day: str) -> None:
    enqueue("send_digests", key=f"notice_digest:{day}", day=day)
    run_due()


@pytest.mark.parametrize(
    ("urgent", "must", "wish", "route"),
    [
        (True, False, Wish.USUAL, Route.NOW), (False, False, Wish.USUAL, Route.DIGEST),
        (True, False, Wish.DIGEST, Route.DIGEST), (True, False, Wish.PAGE, Route.PAGE),
        (False, False, Wish.PAGE, Route.PAGE), (True, True, Wish.PAGE, Route.NOW), (True, True, Wish.DIGEST, Route.NOW),
    ],
)  # fmt: skip
def test_how_a_notice_leaves(urgent: bool, must: bool, wish: str, route: str) -> None:
    assert route_of(urgent=urgent, must=must, wish=wish) == route


def test_four_working_hours_over_easter_and_the_change_of_the_clocks() -> None:
    thursday = datetime(2027, 3, 25, 15, tzinfo=LONDON)
    assert add_working_hours(thursday, 4) == datetime(2027, 3, 30, 11, tzinfo=LONDON)
    assert add_working_hours(datetime(2027, 3, 23, 7, tzinfo=LONDON), 4) == datetime(2027, 3, 23, 13, tzinfo=LONDON)
    assert add_working_hours(datetime(2027, 3, 23, 13, tzinfo=LONDON), 4) == datetime(2027, 3, 23, 17, tzinfo=LONDON)
    saturday = datetime(2027, 3, 27, 12, tzinfo=LONDON)
    assert next_working_moment(saturday) == datetime(2027, 3, 30, 9, tzinfo=LONDON)
    eight = datetime(2027, 3, 30, 8, tzinfo=LONDON)
    assert mornings(saturday, eight.time()) == (datetime(2027, 3, 25, 8, tzinfo=LONDON), eight)


@pytest.mark.django_db
def test_one_message_holds_all_that_is_not_urgent(calendar: list[datetime], auditor: User) -> None:
    for event in ("1", "2"):
        tell(auditor, "calm", event)
    tell(auditor, "quick")
    run_due()
    assert [message.subject for message in mail.outbox] == ["Case audit: Quick news of REF-quick"]
    digest("2027-03-23")
    digest("2027-03-23")
    assert [message.subject for message in mail.outbox[1:]] == ["Case audit: 2 notices"]
    assert mail.outbox[1].body.count("Calm news of REF-calm") == 2
    digest("2027-03-24")
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_the_scope_is_checked_again_when_the_digest_is_sent(calendar: list[datetime], auditor: User) -> None:
    tell(auditor, "calm")
    BLOCKED.add(auditor.pk)
    digest("2027-03-23")
    assert mail.outbox == []
    assert Notice.objects.get().withheld_at is not None


@pytest.mark.django_db
def test_what_was_read_in_the_meantime_is_not_sent(calendar: list[datetime], auditor: User) -> None:
    tell(auditor, "calm")
    Notice.objects.update(read_at=timezone.now())
    digest("2027-03-23")
    assert mail.outbox == []


@pytest.mark.django_db
def test_at_a_weekend_only_alerts_are_sent(calendar: list[datetime], auditor: User) -> None:
    calendar[0] = datetime(2027, 3, 27, 11, tzinfo=LONDON)
    for kind in ("alert", "must", "quick"):
        tell(auditor, kind)
    run_due()
    assert [message.subject for message in mail.outbox] == ["Case audit: An alert on REF-alert"]
    calendar[0] = datetime(2027, 3, 30, 9, 1, tzinfo=LONDON)
    run_due()
    assert len(mail.outbox) == 3


@pytest.mark.django_db
def test_a_person_chooses_and_what_must_be_sent_is_sent(calendar: list[datetime], auditor: User) -> None:
    client = Client()
    client.force_login(auditor)
    assert client.post(reverse("notifications:email"), {"email": Wish.PAGE}).status_code == 302
    for kind in ("calm", "quick", "must"):
        tell(auditor, kind)
    run_due()
    digest("2027-03-23")
    assert [message.subject for message in mail.outbox] == ["Case audit: News of REF-must that must be sent"]
    assert Notice.objects.count() == 3


@pytest.mark.django_db
def test_a_step_of_a_clock_is_told_once(auditor: User) -> None:
    key, told = uuid.uuid4(), []

    def once(due: str) -> bool:
        return tell_once(clock="audit", object_id=key, step="late", due=due, tell=lambda: told.append(due) or 1)

    assert [once("2027-03-22"), once("2027-03-22"), once("2027-03-23")] == [True, False, True]
    assert told == ["2027-03-22", "2027-03-23"]
    assert ToldStep.objects.count() == 2


@pytest.mark.django_db
def test_a_step_whose_telling_fails_is_told_later(auditor: User) -> None:
    key = uuid.uuid4()

    def breaks() -> int:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tell_once(clock="audit", object_id=key, step="late", due="1", tell=breaks)
    assert tell_once(clock="audit", object_id=key, step="late", due="1", tell=lambda: 1)


class _Catcher(socketserver.StreamRequestHandler):
    """Just enough of a mail server: keeps what it is given, refuses whoever is named in `refused`."""

    def handle(self) -> None:
        server: Any = self.server
        self._say("220 catcher")
        lines: list[str] = []
        while line := self.rfile.readline().decode():
            verb = line[:4].upper()
            if verb == "RCPT" and any(name in line for name in server.refused):
                self._say("550 no such person")
            elif verb == "DATA":
                self._say("354 go on")
                while (text := self.rfile.readline().decode()) != ".\r\n":
                    lines.append(text)
                server.caught.append("".join(lines))
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 yes")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def catcher(settings: Any) -> Iterator[Any]:
    """A mail server of this test's own."""
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Catcher)
    server.caught, server.refused = [], set()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_a_real_mail_server_gets_it_and_a_refused_address_is_shown_to_the_qa_unit(
    calendar: list[datetime], catcher: Any, auditor: User, moderator: User, qa_lead: User
) -> None:
    catcher.refused.add(auditor.email)
    tell(auditor, "quick")
    tell(moderator, "quick")
    run_due()
    (message,) = [each for each in catcher.caught if "REF-quick" in each]
    assert f"To: {moderator.email}" in message
    assert Job.objects.filter(kind="send_notice", status=JobStatus.FAILED).count() == 1
    assert Notice.objects.get(person=auditor).failed_at is not None
    client = Client()
    client.force_login(qa_lead)
    assert "E-mail does not reach" in client.get(reverse("worklist:home")).content.decode()
    other = Client()
    other.force_login(moderator)
    assert "E-mail does not reach" not in other.get(reverse("worklist:home")).content.decode()
    auditor.email = "mended@exampleshire.example"
    auditor.save()
    assert "E-mail does not reach" not in client.get(reverse("worklist:home")).content.decode()
    tell(auditor, "quick", "2")
    run_due()
    assert not RefusedAddress.objects.exists()
    for event in ("1", "2"):
        tell(moderator, "calm", event)
    digest("2027-03-23")
    assert "Subject: Case audit: 2 notices" in catcher.caught[-1]
    assert f"To: {moderator.email}" in catcher.caught[-1]


@pytest.mark.django_db
def test_choosing_the_usual_again(calendar: list[datetime], auditor: User) -> None:
    choose_email(by=auditor, email=Wish.PAGE)
    choose_email(by=auditor, email=Wish.USUAL)
    tell(auditor, "quick")
    run_due()
    assert len(mail.outbox) == 1
