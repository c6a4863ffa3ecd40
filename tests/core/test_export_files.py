"""A file is made once for one person, fetched by them alone with the rights of the moment, and gone after a day."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.council.models import SettingValue
from core.documents import FORMS
from core.history.models import AccessEvent, Event, EventContent
from core.jobs.choices import ExportStatus, JobStatus
from core.jobs.models import ExportFile, Job
from core.jobs.services import (
    Exporter,
    ExportRefused,
    JobFailed,
    Made,
    exporting,
    note_export,
    open_export,
    request_export,
    run_due,
    run_job,
)
from core.notifications.models import Notice
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db


@dataclass
class Desk:
    """What the exporter of these tests answers."""

    allowed: bool = True
    sight: str = "all"
    fails: bool = False
    made: int = 0
    records: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Answer:
    allowed: bool
    why_not: str = "It is not open to you."

    def __bool__(self) -> bool:
        return self.allowed


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk()

    def make(*, out: Any, on_progress: Any, by: Any, reason: str, **_: Any) -> Made:
        on_progress(1, 2, "Counting")
        out.write(f"for {by.name}: {reason}".encode())
        if desk.fails:
            raise JobFailed("There is nothing to print.")
        desk.made += 1
        return Made(3, desk.records)

    monkeypatch.setattr(exporting, "_exporters", {})
    exporting.register_exporter(
        Exporter("test", "A test", lambda **_: Answer(desk.allowed), lambda **_: desk.sight, make)
    )
    return desk


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXPORTS_DIR = str(tmp_path / "exports")
    return tmp_path / "exports"


def ask(by: User, **asked: Any) -> ExportFile:
    return request_export(
        kind="test", form="csv", asked=asked, title="A list", filename="a-list.csv", by=by, reason="Board of May"
    )


def ready(by: User) -> ExportFile:
    export = ask(by)
    run_due()
    export.refresh_from_db()
    assert export.status == ExportStatus.READY
    return export


def content(by: User, export: ExportFile) -> bytes:
    with open_export(export=export, by=by) as file:
        return file.read()


def test_a_file_is_made_kept_private_told_and_written_down(qa_lead: User, desk: Desk, folder: Path) -> None:
    export = ready(qa_lead)
    assert content(qa_lead, export) == b"for Quinn Example-Lead: Board of May"
    path = folder / export.stored_as
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert export.rows == 3
    assert export.expires_at == export.ready_at + timedelta(hours=24)  # type: ignore[operator]  # both are set
    notice = Notice.objects.get(kind="export_ready")
    assert (notice.person, notice.link) == (qa_lead, reverse("jobs:export", args=[export.pk]))
    assert notice.reference == ""
    verbs = list(Event.objects.filter(object_id=export.pk).values_list("verb", flat=True))
    assert verbs == ["asked for", "exported", "fetched"]
    told = EventContent.objects.get(event__object_id=export.pk, event__verb="exported")
    assert (told.why, told.values["rows"]) == ("Board of May", 3)


def test_run_again_it_makes_no_second_file_and_no_second_notice(qa_lead: User, desk: Desk, folder: Path) -> None:
    export = ready(qa_lead)
    Job.objects.filter(pk=export.job_id).update(status=JobStatus.QUEUED)
    assert run_job(export.job_id)
    run_due()
    assert desk.made == 1
    assert Notice.objects.filter(kind="export_ready").count() == 1
    assert len(list(folder.iterdir())) == 1


def test_a_job_that_fails_leaves_no_half_written_file(qa_lead: User, desk: Desk, folder: Path) -> None:
    desk.fails = True
    export = ask(qa_lead)
    run_due()
    export.refresh_from_db()
    assert (export.status, export.job.status) == (ExportStatus.MAKING, JobStatus.FAILED)  # type: ignore[union-attr]
    assert list(folder.iterdir()) == []


def test_nobody_else_fetches_it_not_even_who_keeps_the_jobs(
    client: Client, qa_lead: User, qa_admin: User, system_administrator: User, desk: Desk
) -> None:
    export = ready(qa_lead)
    for person in (qa_admin, system_administrator):
        client.force_login(person)
        assert client.get(reverse("jobs:export", args=[export.pk])).status_code == 404
        assert client.get(reverse("jobs:export_file", args=[export.pk])).status_code == 404
        with pytest.raises(ExportRefused, match="somebody else"):
            open_export(export=export, by=person)
    assert not Event.objects.filter(object_id=export.pk, verb="fetched").exists()


def test_what_a_killed_worker_left_of_a_file_goes_when_it_is_ready(qa_lead: User, desk: Desk, folder: Path) -> None:
    other, export = ready(qa_lead), ask(qa_lead)
    (folder / f"{export.pk}-0123456789ab").write_bytes(b"half of ")
    run_due()
    export.refresh_from_db()
    assert {path.name for path in folder.iterdir()} == {other.stored_as, export.stored_as}


def test_a_kind_that_this_machine_cannot_make_is_refused_when_they_ask(
    qa_lead: User, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMS, "pdf", replace(FORMS["pdf"], why_not=lambda: "No PDF can be made here."))
    with pytest.raises(ExportRefused, match="No PDF can be made here"):
        request_export(kind="test", form="pdf", asked={}, title="A list", filename="a-list.pdf", by=qa_lead)
    assert not ExportFile.objects.exists()


def test_who_may_not_have_it_is_refused_when_they_ask(qa_lead: User, desk: Desk) -> None:
    desk.allowed = False
    with pytest.raises(ExportRefused, match="not open to you"):
        ask(qa_lead)
    assert not ExportFile.objects.exists()
    assert not Job.objects.exists()


def test_who_has_lost_access_before_it_is_made_gets_none(qa_lead: User, desk: Desk, folder: Path) -> None:
    export = ask(qa_lead)
    desk.allowed = False
    run_due()
    export.refresh_from_db()
    assert export.status == ExportStatus.WITHDRAWN
    assert desk.made == 0
    assert not Notice.objects.filter(kind="export_ready").exists()


@pytest.mark.parametrize(("allowed", "sight"), [(False, "all"), (True, "less")])
def test_a_file_is_withdrawn_when_what_its_owner_may_see_has_changed(
    client: Client, qa_lead: User, desk: Desk, folder: Path, allowed: bool, sight: str
) -> None:
    export = ready(qa_lead)
    desk.allowed, desk.sight = allowed, sight
    client.force_login(qa_lead)
    answer = client.get(reverse("jobs:export_file", args=[export.pk]))
    assert answer.status_code == 409
    assert b"withdrawn" in answer.content
    assert list(folder.iterdir()) == []
    export.refresh_from_db()
    assert export.status == ExportStatus.WITHDRAWN
    desk.allowed, desk.sight = True, "all"
    assert client.get(reverse("jobs:export_file", args=[export.pk])).status_code == 409


def test_after_a_day_it_is_gone_even_before_the_night(client: Client, qa_lead: User, desk: Desk, folder: Path) -> None:
    export = ready(qa_lead)
    ExportFile.objects.filter(pk=export.pk).update(expires_at=timezone.now())
    client.force_login(qa_lead)
    assert b"No longer kept" in client.get(reverse("jobs:export", args=[export.pk])).content
    assert client.get(reverse("jobs:export_file", args=[export.pk])).status_code == 409
    assert list(folder.iterdir()) == []


def test_the_night_deletes_what_is_past_its_day_and_what_nobody_owns(qa_lead: User, desk: Desk, folder: Path) -> None:
    import os

    from core.jobs.services import enqueue

    kept, old = ready(qa_lead), ready(qa_lead)
    ExportFile.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    stray, young = folder / "left-by-a-killed-worker", folder / "being-written"
    stray.write_bytes(b"x")
    young.write_bytes(b"x")
    long_ago = timezone.now().timestamp() - 2 * 3600
    os.utime(stray, (long_ago, long_ago))
    enqueue("clear_exports", night="2026-05-03")
    run_due()
    assert sorted(path.name for path in folder.iterdir()) == sorted([kept.stored_as, "being-written"])
    old.refresh_from_db()
    assert (old.status, old.stored_as) == (ExportStatus.EXPIRED, "")


def test_fetching_a_file_with_records_writes_one_access_event_with_all_of_them(
    client: Client, qa_lead: User, desk: Desk
) -> None:
    cases = [CaseFactory(), CaseFactory()]
    desk.records = tuple(("cases.case", case.pk) for case in cases)
    export = ready(qa_lead)
    assert not AccessEvent.objects.exists()
    client.force_login(qa_lead)
    answer = client.get(reverse("jobs:export_file", args=[export.pk]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a-list.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert b"".join(answer.streaming_content).startswith(b"for Quinn")  # type: ignore[attr-defined]  # a file
    event = AccessEvent.objects.get()
    assert event.purpose == "export"
    assert {line.object_id for line in event.lines.all()} == {case.pk for case in cases}


def test_one_file_too_many_is_refused_written_nowhere_and_told_once(
    qa_lead: User, information_governance: User, desk: Desk
) -> None:
    SettingValue.objects.create(key="exports_a_day", value=2, effective_on=timezone.localdate())
    ask(qa_lead)
    note_export(by=qa_lead, report="grade-table", form="csv", period="2026-04", rows=1)
    for _ in range(2):
        with pytest.raises(ExportRefused, match="2 files today"):
            ask(qa_lead)
    with pytest.raises(ExportRefused, match="2 files today"):
        note_export(by=qa_lead, report="grade-table", form="csv", period="2026-04", rows=1)
    assert ExportFile.objects.count() == 1
    run_due()
    told = Notice.objects.filter(kind="many_exports")
    assert {notice.person for notice in told} == {qa_lead, information_governance}
    assert told.count() == 2


def test_the_page_says_how_far_it_is_then_where_it_lies(client: Client, qa_lead: User, desk: Desk) -> None:
    client.force_login(qa_lead)
    export = ask(qa_lead)
    page = client.get(reverse("jobs:export", args=[export.pk])).content.decode()
    assert "Being made" in page
    assert "http-equiv" in page
    run_due()
    page = client.get(reverse("jobs:export", args=[export.pk])).content.decode()
    assert reverse("jobs:export_file", args=[export.pk]) in page
    assert "http-equiv" not in page
    listed = client.get(reverse("jobs:exports")).content.decode()
    assert "A list" in listed
    assert "Ready" in listed
