"""Whatever somebody with the database's own keys does to the trail, the check finds it: 1,000 of 1,000."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, models, transaction

from accounts.models import User
from core.history.models import AccessEvent, AccessLine, ChainHead, Event, EventContent, SignedHead
from core.history.services import (
    access_values,
    check_trail,
    event_values,
    link_hash,
    record,
    record_access,
    sign_heads,
    verify,
)
from core.triggers import drop_statements

LINKS = 16
SIGNED_AT = 10

# What a person could want to change: every column that says something.
COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Event: ("sequence", "at", "actor_id", "verb", "kind", "object_id", "from_state", "to_state", "fields",
            "content_digest", "previous_hash", "hash"),
    EventContent: ("why", "values", "salt"),
    AccessEvent: ("sequence", "at", "actor_id", "roles", "purpose", "page", "request_id", "address",
                  "content_digest", "previous_hash", "hash"),
    AccessLine: ("kind", "object_id"),
    ChainHead: ("sequence", "hash", "signature"),
    SignedHead: ("trail", "sequence", "hash", "at", "signature"),
}  # fmt: skip


def flipped(text: str, rng: random.Random) -> str:
    """The text with one bit of one character turned, or a character more where there is none."""
    if not text:
        return rng.choice("abc")
    place = rng.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ (1 << rng.randrange(3))) + text[place + 1 :]


def another(value: Any, rng: random.Random, people: list[User]) -> Any:
    """Some other value of the same type."""
    if isinstance(value, str):
        return flipped(value, rng)
    if isinstance(value, int):
        return value + rng.choice((-1000, 1000, 5000))
    if isinstance(value, uuid.UUID):
        keys = [person.pk for person in people]
        return rng.choice([key for key in keys if key != value]) if value in keys else uuid.uuid4()
    if isinstance(value, list):
        return [*value, "extra"] if rng.random() < 0.5 or not value else value[1:]
    if isinstance(value, dict):
        return {**value, "extra": 1} if rng.random() < 0.5 or not value else {}
    if value is None:
        return None
    return value + timedelta(microseconds=rng.choice((-1, 1, 10**6)))


class Vandal:
    """Somebody who can write to every table, and knows how hashes are made, but has no key."""

    def __init__(self, rng: random.Random, people: list[User]) -> None:
        self.rng, self.people = rng, people
        self.deeds: list[Callable[[], str]] = [
            self.change, self.change, self.change, self.delete, self.delete_beside, self.insert, self.append,
            self.swap, self.renumber, self.cut_off, self.cut_off_and_mend, self.write_anew, self.seal_one,
            self.forget_signed,
        ]  # fmt: skip

    def any_row(self, model: Any) -> Any:
        return self.rng.choice(list(model.objects.order_by("pk")))

    def trail(self) -> tuple[str, Any]:
        return self.rng.choice((("history", Event), ("access", AccessEvent)))

    def change(self) -> str:
        while True:
            model: Any = self.rng.choice(list(COLUMNS))
            row, column = self.any_row(model), self.rng.choice(COLUMNS[model])
            before = getattr(row, column)
            after = another(before, self.rng, self.people)
            if column == "address":
                after = "203.0.113.9" if before is None else None
            if column == "trail":
                after = "access" if before == "history" else "history"
            if column == "actor_id":
                after = None if before is not None and self.rng.random() < 0.5 else after
            if after == before:
                continue
            try:
                with transaction.atomic():
                    model.objects.filter(pk=row.pk).update(**{column: after})
            except Exception:  # what a constraint refuses needs no finding
                continue
            return f"change {model.__name__}.{column}"

    def delete(self) -> str:
        _, model = self.trail()
        self.remove(model, [self.any_row(model)])
        return f"delete {model.__name__}"

    def remove(self, model: Any, rows: list[Any]) -> None:
        keys = [row.pk for row in rows]
        beside: Any = EventContent if model is Event else AccessLine
        beside.objects.filter(event__in=keys)._raw_delete("default")
        model.objects.filter(pk__in=keys)._raw_delete("default")

    def delete_beside(self) -> str:
        AccessLine.objects.filter(pk=self.any_row(AccessLine).pk)._raw_delete("default")
        return "delete AccessLine"

    def insert(self) -> str:
        if self.rng.random() < 0.5:
            AccessLine.objects.create(event=self.any_row(AccessEvent), kind="cases.case", object_id=uuid.uuid4())
            return "insert AccessLine"
        _, model = self.trail()
        row = self.any_row(model)
        row.pk, row.sequence = None, self.rng.choice((0, -1, LINKS + 1, LINKS + 7))
        row.save(force_insert=True)
        return f"insert {model.__name__}"

    def append(self) -> str:
        """A link that follows the last one as it should, and the head moved to it."""
        trail, model = self.trail()
        row = model.objects.get(sequence=LINKS)
        row.pk, row.sequence, row.previous_hash = None, LINKS + 1, row.hash
        self.seal(row)
        row.save(force_insert=True)
        ChainHead.objects.filter(trail=trail).update(sequence=row.sequence, hash=row.hash)
        return f"append {model.__name__}"

    def seal(self, row: Any) -> None:
        values = event_values(row) if isinstance(row, Event) else access_values(row)
        row.hash = link_hash(row.previous_hash, values)

    def swap(self) -> str:
        """Two rows of any table change places: all but their numbers."""
        model: Any = self.rng.choice((Event, EventContent, AccessEvent))
        one, two = self.rng.sample(list(model.objects.order_by("pk")), 2)
        columns = [name for name in COLUMNS[model] if name != "sequence"]
        first = {name: getattr(one, name) for name in columns}
        second = {name: getattr(two, name) for name in columns}
        model.objects.filter(pk=one.pk).update(**second)
        model.objects.filter(pk=two.pk).update(**first)
        return f"swap {model.__name__}"

    def renumber(self) -> str:
        """Two links take each other's numbers."""
        _, model = self.trail()
        one, two = self.rng.sample(range(1, LINKS + 1), 2)
        model.objects.filter(sequence=one).update(sequence=-99)
        model.objects.filter(sequence=two).update(sequence=one)
        model.objects.filter(sequence=-99).update(sequence=two)
        return f"renumber {model.__name__}"

    def cut_off(self) -> str:
        _, model = self.trail()
        last = self.rng.randint(0, LINKS - 1)
        self.remove(model, list(model.objects.filter(sequence__gt=last)))
        return f"cut off {model.__name__}"

    def cut_off_and_mend(self) -> str:
        """The last links go, the head says so, and signed heads beyond go too; the file is out of reach."""
        trail, model = self.trail()
        last = self.rng.randint(1, LINKS - 1)
        self.remove(model, list(model.objects.filter(sequence__gt=last)))
        end = model.objects.get(sequence=last)
        ChainHead.objects.filter(trail=trail).update(sequence=last, hash=end.hash)
        SignedHead.objects.filter(trail=trail, sequence__gt=last)._raw_delete("default")
        return f"cut off and mend {model.__name__}"

    def write_anew(self) -> str:
        """One link says something else, and every hash after it is made again, the head's too."""
        trail, model = self.trail()
        at = self.rng.randint(1, LINKS)
        links = list(model.objects.filter(sequence__gte=at).order_by("sequence"))
        links[0].actor_id = None
        for earlier, link in zip([None, *links], links, strict=False):
            link.previous_hash = earlier.hash if earlier else link.previous_hash
            self.seal(link)
            link.save()
        ChainHead.objects.filter(trail=trail).update(hash=links[-1].hash)
        return f"write anew {model.__name__}"

    def seal_one(self) -> str:
        """One link says something else and is hashed again; those after it are left as they were."""
        _, model = self.trail()
        row = self.any_row(model)
        row.actor_id = None
        self.seal(row)
        row.save()
        return f"seal one {model.__name__}"

    def forget_signed(self) -> str:
        row = self.any_row(SignedHead)
        SignedHead.objects.filter(pk=row.pk)._raw_delete("default")
        return "delete SignedHead"


def lift_guards() -> None:
    with connection.cursor() as cursor:
        for table in ("event", "eventcontent", "accessevent", "accessline", "signedhead"):
            for statement in drop_statements(connection.vendor, f"history_{table}"):
                cursor.execute(statement)


@pytest.fixture
def trails(auditor: User, moderator: User, settings: LazySettings, tmp_path: Path) -> list[User]:
    """Both trails with LINKS links, signed at SIGNED_AT in the database and in a file; the guards are lifted."""
    settings.HISTORY_HEADS_FILE = str(tmp_path / "second-place" / "heads.jsonl")
    lift_guards()
    people = [auditor, moderator]
    for n in range(LINKS):
        if n == SIGNED_AT:
            sign_heads()
        person = people[n % 2]
        record(by=person, verb=f"verb {n}", record=auditor, why=f"Reason {n}.", values={"n": n, "é": [n]})
        keys = [("cases.case", uuid.uuid4()) for _ in range(n % 3 + 1)]
        record_access(by=person, purpose="view", page=f"page {n}", records=keys, address="203.0.113.7")
    assert verify("history") == verify("access") == []
    return people


class Undo(Exception):
    """Ends a tampering, so that the next begins with a sound trail."""


def tamper(times: int, people: list[User], seed: int) -> tuple[Counter[str], list[str]]:
    """Tamper and check, each time anew. Returns how often each deed was done, and the deeds that were not found."""
    rng = random.Random(seed)
    vandal = Vandal(rng, people)
    done: Counter[str] = Counter()
    missed = []
    for number in range(times):
        try:
            with transaction.atomic():
                deed = vandal.deeds[number % len(vandal.deeds)]()
                done[deed] += 1
                if not verify("history") and not verify("access"):
                    missed.append(deed)
                raise Undo
        except Undo:
            pass
    return done, missed


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.django_db
def test_a_thousand_of_a_thousand_tamperings_are_found(trails: list[User], capsys: pytest.CaptureFixture[str]) -> None:
    done, missed = tamper(1000, trails, seed=20261121)
    with capsys.disabled():
        print(f"\ntamperings: found {sum(done.values()) - len(missed)} of {sum(done.values())}, {len(done)} kinds")
    assert missed == []
    assert sum(done.values()) == 1000
    assert verify("history") == verify("access") == []


@pytest.mark.postgres
@pytest.mark.django_db
def test_tamperings_are_found_on_postgresql_too(trails: list[User]) -> None:
    done, missed = tamper(120, trails, seed=4)
    assert missed == []
    assert sum(done.values()) == 120


@pytest.mark.django_db
def test_the_rows_are_named(trails: list[User]) -> None:
    Event.objects.filter(sequence=3).update(verb="x")
    Vandal(random.Random(1), trails).remove(Event, [Event.objects.get(sequence=7)])
    found = [(fault.sequence, fault.kind) for fault in check_trail("history").faults]
    assert found == [(3, "changed"), (7, "deleted")]


@pytest.mark.django_db
def test_an_end_that_was_cut_off_after_an_honest_head_was_kept_is_found_by_the_second_place(
    trails: list[User], settings: LazySettings
) -> None:
    """Whoever kept an old head with its signature can put it back; the signed heads were later than it."""
    sign_heads()
    SignedHead.objects.all()._raw_delete("default")
    ChainHead.objects.filter(trail="access").update(sequence=LINKS, hash=AccessEvent.objects.get(sequence=LINKS).hash)
    honest = ChainHead.objects.get(trail="access")
    record_access(by=trails[0], purpose="view", page="snooping", records=[("cases.case", uuid.uuid4())])
    signed = sign_heads()
    assert [line.sequence for line in signed if line.trail == "access"] == [LINKS + 1]
    vandal = Vandal(random.Random(1), trails)
    vandal.remove(AccessEvent, [AccessEvent.objects.get(sequence=LINKS + 1)])
    honest.save()
    SignedHead.objects.filter(sequence=LINKS + 1)._raw_delete("default")
    kinds = {fault.kind for fault in check_trail("access").faults if fault.sequence == LINKS + 1}
    assert "truncated" in kinds


@pytest.mark.django_db
def test_signed_heads_stand_in_a_file_that_only_its_owner_reads(trails: list[User], settings: LazySettings) -> None:
    path = Path(settings.HISTORY_HEADS_FILE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert len(path.read_text().splitlines()) == 2
    assert [line.trail for line in sign_heads()] == ["access", "history"]
    assert sign_heads() == []
    assert len(path.read_text().splitlines()) == 4


@pytest.mark.django_db
def test_a_second_place_that_is_gone_is_told(trails: list[User], settings: LazySettings) -> None:
    Path(settings.HISTORY_HEADS_FILE).unlink()
    assert verify("access") == ["The file of signed heads is gone from its second place."]


@pytest.mark.django_db
def test_a_key_may_be_renewed(trails: list[User], settings: LazySettings) -> None:
    settings.HISTORY_KEY_FALLBACKS = [settings.HISTORY_KEY]
    settings.HISTORY_KEY = "the next key"
    assert verify("history") == verify("access") == []
    record(by=trails[0], verb="went on", record=trails[0])
    sign_heads()
    assert verify("history") == []
    settings.HISTORY_KEY_FALLBACKS = []
    assert {fault.kind for fault in check_trail("history").faults} == {"head"}


@pytest.mark.django_db
def test_what_is_erased_cannot_be_guessed_from_what_stays(auditor: User) -> None:
    """The same words twice leave two digests, and the salt goes with the words."""
    for _ in range(2):
        record(by=auditor, verb="renamed", record=auditor, why="Same.", values={"grade": ["good", "outstanding"]})
    digests = set(Event.objects.values_list("content_digest", flat=True))
    assert len(digests) == 2
    EventContent.objects.all().delete()
    report = check_trail("history")
    assert (report.faults, report.erased) == ([], 2)
