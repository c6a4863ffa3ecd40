"""The trail is appended with the change, cannot be altered, and shows it when somebody has altered it all the same."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.access import SYSTEM
from accounts.models import User
from core.history.middleware import AccessLog, note_exported, note_refused, note_viewed
from core.history.models import AccessEvent, AccessLine, ChainHead, Event, EventContent
from core.history.services import Entry, link_hash, record, record_access, record_many, verify
from core.triggers import create_statements, drop_statements


def change(person: User, verb: str = "renamed", **more: Any) -> None:
    record(by=person, verb=verb, record=person, **more)


def unguarded(*statements: str) -> None:
    """Do what only somebody with the database's own keys could do."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        for table in ("history_event", "history_accessevent", "history_accessline"):
            for statement in drop_statements(vendor, table):
                cursor.execute(statement)
        for statement in drop_statements(vendor, "history_eventcontent", ("UPDATE",)):
            cursor.execute(statement)
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.django_db
def test_a_change_is_recorded_with_who_what_from_to_and_why(auditor: User) -> None:
    change(auditor, from_state="a", to_state="b", why="A reason.", values={"name": ["Old", "New"]})
    event = Event.objects.select_related("content").get()
    assert (event.actor, event.verb, event.kind, event.object_id) == (auditor, "renamed", "accounts.user", auditor.pk)
    assert (event.from_state, event.to_state, event.fields) == ("a", "b", ["name"])
    assert (event.content.why, event.content.values) == ("A reason.", {"name": ["Old", "New"]})


@pytest.mark.django_db
def test_what_the_system_does_has_no_person(auditor: User) -> None:
    record(by=SYSTEM, verb="closed", record=auditor)
    assert Event.objects.get().actor is None


@pytest.mark.django_db
def test_a_change_that_fails_leaves_no_event(auditor: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        change(auditor)
        raise RuntimeError
    assert not Event.objects.exists()
    assert verify("history") == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Event, EventContent, AccessEvent, AccessLine])
def test_the_database_refuses_to_change_the_trail(model: Any, auditor: User) -> None:
    change(auditor, why="A reason.")
    record_access(by=auditor, purpose="view", page="cases:case", records=[("cases.case", uuid.uuid4())])
    field = {Event: "verb", EventContent: "why", AccessEvent: "page", AccessLine: "kind"}[model]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(**{field: "x"})
    if model is not EventContent:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            model.objects.filter(pk=model.objects.get().pk)._raw_delete(using="default")


@pytest.mark.django_db
def test_words_can_be_erased_without_breaking_the_chain(auditor: User) -> None:
    change(auditor, why="Words that the law wants gone.")
    change(auditor)
    EventContent.objects.filter(event__sequence=1).delete()
    assert verify("history") == []


@pytest.mark.django_db
def test_many_changes_are_links_in_their_order(auditor: User) -> None:
    assert record_many(by=auditor, entries=[Entry(auditor, f"verb {n}", values={"n": n}) for n in range(7)]) == 7
    assert record_many(by=auditor, entries=[]) == 0
    assert list(Event.objects.values_list("sequence", "verb")) == [(n + 1, f"verb {n}") for n in range(7)]
    assert verify("history") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        ("UPDATE history_event SET verb = 'x' WHERE sequence = 2", "Link 2 was changed."),
        ("UPDATE history_event SET actor_id = NULL WHERE sequence = 2", "Link 2 was changed."),
        ("UPDATE history_eventcontent SET why = 'x' WHERE event_id = (SELECT id FROM history_event WHERE sequence = 2)",
         "What stands beside link 2 was changed."),
        ("DELETE FROM history_eventcontent; DELETE FROM history_event WHERE sequence = 2",
         "Between 1 and 3 links are missing."),
        ("DELETE FROM history_eventcontent; DELETE FROM history_event WHERE sequence = 3",
         "The trail ends at 2, its head says 3."),
        ("UPDATE history_chainhead SET sequence = 9 WHERE trail = 'history'", "The trail ends at 3, its head says 9."),
    ],
)  # fmt: skip
def test_tampering_shows(tampering: str, says: str, auditor: User) -> None:
    for n in range(3):
        change(auditor, why=f"Reason {n}.")
    assert verify("history") == []
    unguarded(*tampering.split("; "))
    assert says in verify("history")


@pytest.mark.django_db
def test_tampering_with_who_looked_at_what_shows(auditor: User) -> None:
    record_access(by=auditor, purpose="view", page="cases:case", records=[("cases.case", uuid.uuid4())])
    assert verify("access") == []
    unguarded("DELETE FROM history_accessline")
    assert verify("access") == ["What stands beside link 1 was changed."]


@pytest.mark.django_db
def test_the_command_says_whether_the_trails_are_sound(auditor: User) -> None:
    change(auditor)
    out = StringIO()
    call_command("verify_history", stdout=out)
    assert out.getvalue().startswith("history: sound (1 links, 0 signed heads, ")
    unguarded("UPDATE history_event SET verb = 'x'")
    with pytest.raises(CommandError) as ended:
        call_command("verify_history", stdout=out)
    assert ended.value.returncode == 3
    assert "changed: Link 1 was changed." in out.getvalue()


@pytest.mark.django_db
def test_the_command_answers_a_program_too(auditor: User) -> None:
    change(auditor)
    out = StringIO()
    call_command("verify_history", "--format", "json", stdout=out)
    said = json.loads(out.getvalue())
    assert said["sound"] is True
    assert [(trail["trail"], trail["links"], trail["faults"]) for trail in said["trails"]] == [
        ("history", 1, []),
        ("access", 0, []),
    ]


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain_without_gaps(auditor: User) -> None:
    start = threading.Barrier(4)

    def write() -> None:
        start.wait()
        try:
            for _ in range(10):
                change(auditor)
                record_access(by=auditor, purpose="view", page="x", records=[("cases.case", uuid.uuid4())])
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Event.objects.values_list("sequence", flat=True)) == list(range(1, 41))
    assert verify("history") == verify("access") == []
    assert ChainHead.objects.get(trail="access").sequence == 40


def test_a_hash_does_not_depend_on_the_time_zone() -> None:
    at = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert link_hash("0", [at]) == link_hash("0", [at.astimezone(ZoneInfo("Europe/London"))])


@pytest.mark.django_db
def test_a_chain_verifies_in_another_time_zone(auditor: User) -> None:
    change(auditor)
    with timezone.override("Pacific/Auckland"):
        assert verify("history") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [("127.0.0.1", "127.0.0.1"), ("2001:0db8:0::0001", "2001:db8::1"), ("", None), ("unix:", None), (None, None)],
)
def test_addresses_are_kept_as_both_databases_write_them(given: str | None, kept: str | None, auditor: User) -> None:
    record_access(by=auditor, purpose="view", page="x", records=[], address=given)
    assert AccessEvent.objects.get().address == kept
    assert verify("access") == []


class Page:
    """A page that notes what it shows, behind the access log."""

    def __init__(self, person: Any, *notes: Any) -> None:
        self.person, self.notes = person, notes

    def get(self) -> HttpResponse:
        request = RequestFactory().get("/", headers={"X-Request-Id": "r-1"})
        request.user = self.person

        def view(request: HttpRequest) -> HttpResponse:
            for note, key in self.notes:
                note(request, "cases.case", [key])
            return HttpResponse()

        return AccessLog(view)(request)


@pytest.mark.django_db
def test_a_response_writes_one_event_with_a_line_for_each_child(auditor: User) -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    Page(auditor, (note_viewed, one), (note_viewed, two), (note_viewed, one)).get()
    event = AccessEvent.objects.get()
    assert (event.actor, event.purpose, event.request_id) == (auditor, "view", "r-1")
    assert {line.object_id for line in event.lines.all()} == {one, two}


@pytest.mark.django_db
@pytest.mark.parametrize(("note", "purpose"), [(note_exported, "export"), (note_refused, "refused")])
def test_exports_and_refusals_are_told_apart(note: Any, purpose: str, auditor: User) -> None:
    Page(auditor, (note, uuid.uuid4())).get()
    assert AccessEvent.objects.get().purpose == purpose


@pytest.mark.django_db
def test_a_page_that_shows_no_child_writes_nothing(auditor: User) -> None:
    Page(auditor).get()
    assert not AccessEvent.objects.exists()


def test_both_databases_get_the_same_guards() -> None:
    assert len(create_statements("sqlite", "t")) == 2
    assert len(create_statements("postgresql", "t")) == 3
