"""Submitting: everything is checked, one submission is one, and what it sets off happens with it or not at all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.access import NotAllowed
from accounts.models import User
from audits.choices import (
    AuditStatus,
    Grade,
    ModerationOutcome,
    ModerationStatus,
    SectionState,
    SectionUse,
    SelectionReason,
    TallyStage,
)
from audits.models import Audit, GradeTally, Moderation, ToolSection, Transition
from audits.services import submitting
from audits.services.alerts import raise_alert
from audits.services.drafting import OverallDraft, save_overall, save_section
from audits.services.moderating import open_moderation
from audits.services.moves import StaleVersion
from audits.services.submitting import NotReady, recall_audit, submit_audit
from audits.services.tallies import rebuild
from core.history.models import Event
from core.workflow import IllegalMove
from tests.audits.drafts import fill_in, nobody_is_new, section, section_draft

OVERRIDE = "Three siblings were all helped by the same steady worker."


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, db: None) -> list[int]:
    """The numbers that are drawn, in order; 99 (never chosen at random) unless a test puts others in."""
    nobody_is_new()
    numbers: list[int] = []
    monkeypatch.setattr(submitting.secrets, "randbelow", lambda below: numbers.pop(0) if numbers else 99)
    return numbers


def test_everything_that_is_missing_is_said_at_once(under_way: Audit, auditor: User) -> None:
    with pytest.raises(NotReady) as refused:
        submit_audit(audit=under_way, by=auditor, version=under_way.version)
    faults = refused.value.faults
    assert [fault.where for fault in faults] == [
        "section:voice", "section:voice", "section:voice",
        "section:safeguarding", "section:safeguarding", "section:safeguarding",
        "overall", "overall",
    ]  # fmt: skip
    assert faults[0].section_id == section(under_way, "voice").pk
    under_way.refresh_from_db()
    assert under_way.status == AuditStatus.IN_PROGRESS
    assert not Moderation.objects.exists()
    assert not under_way.transitions.filter(event="submit").exists()


def test_a_good_audit_that_is_not_drawn_settles_at_once(under_way: Audit, auditor: User, drawn: list[int]) -> None:
    audit = fill_in(under_way, auditor)
    done = submit_audit(audit=audit, by=auditor, version=audit.version)
    done.refresh_from_db()
    assert done.status == AuditStatus.SETTLED
    assert (done.grade, done.auditor_grade, done.counted_grade) == (Grade.GOOD,) * 3
    assert done.month == done.audited_on.replace(day=1)
    assert done.settled_at is not None
    assert done.feedback_issued_at is None
    moderation = done.moderations.get()
    assert (moderation.status, moderation.outcome, moderation.draw, moderation.reasons) == (
        ModerationStatus.NOT_SELECTED, ModerationOutcome.NOT_SELECTED, 99, [],
    )  # fmt: skip
    moves = list(done.transitions.values_list("event", "from_status", "to_status", "by"))
    assert moves[-2:] == [
        ("submit", "in_progress", "submitted", auditor.pk),
        ("settle", "submitted", "settled", None),
    ]
    assert list(done.sections.values_list("settled_grade", flat=True)) == [Grade.GOOD, Grade.GOOD]
    assert GradeTally.objects.for_services().get(cut="total").stage == TallyStage.SETTLED
    assert rebuild() == 0
    events = Event.objects.filter(object_id=done.pk).order_by("sequence").values_list("verb", flat=True)
    assert list(events)[-2:] == ["submit", "settle"]


@pytest.mark.parametrize(
    ("grades", "draw", "reasons"),
    [
        ({"overall": Grade.INADEQUATE}, 99, [SelectionReason.INADEQUATE]),
        ({"overall": Grade.OUTSTANDING, "override_reason": OVERRIDE}, 99, ["outstanding", "override"]),
        ({"overall": Grade.REQUIRES_IMPROVEMENT}, 19, [SelectionReason.RANDOM]),
    ],
)
def test_what_is_chosen_waits_for_a_moderator_with_its_reasons(
    under_way: Audit, auditor: User, drawn: list[int], grades: dict[str, str], draw: int, reasons: list[str]
) -> None:
    if "override_reason" in grades:
        under_way.tool_version.limiting_rules.create(rule="L5", ceiling=Grade.GOOD)
    drawn.append(draw)
    audit = fill_in(under_way, auditor, **grades)
    audit = submit_audit(audit=audit, by=auditor, version=audit.version)
    assert audit.status == AuditStatus.SUBMITTED
    moderation = audit.moderations.get()
    assert moderation.status == ModerationStatus.SELECTED
    assert moderation.reasons == reasons
    assert moderation.draw == draw
    assert moderation.due_on is not None
    assert GradeTally.objects.for_services().get(cut="total").stage == TallyStage.PROVISIONAL


def test_an_alert_sends_the_audit_to_a_moderator(under_way: Audit, auditor: User, drawn: list[int]) -> None:
    raise_alert(audit=under_way, by=auditor, what="Left alone at night", where="Case note", since="Last week")
    audit = fill_in(under_way, auditor, overall=Grade.REQUIRES_IMPROVEMENT)
    audit = submit_audit(audit=audit, by=auditor, version=audit.version)
    assert audit.moderations.get().reasons == [SelectionReason.ALERT]


def test_submitting_twice_is_one_submission(under_way: Audit, auditor: User) -> None:
    audit = fill_in(under_way, auditor, overall=Grade.INADEQUATE)
    version = audit.version
    first = submit_audit(audit=audit, by=auditor, version=version)
    again = submit_audit(audit=audit, by=auditor, version=version)
    assert (again.pk, again.status, again.version) == (first.pk, AuditStatus.SUBMITTED, first.version)
    assert Moderation.objects.count() == 1
    assert Transition.objects.filter(event="submit").count() == 1
    assert sum(GradeTally.objects.for_services().filter(cut="total").values_list("count", flat=True)) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_submitting_from_eight_places_at_once_is_one_submission(under_way: Audit, auditor: User) -> None:
    audit = fill_in(under_way, auditor, overall=Grade.INADEQUATE)
    version = audit.version
    gate = threading.Barrier(8)

    def submit() -> str:
        try:
            user = User.objects.get(pk=auditor.pk)
            gate.wait(timeout=20)
            return submit_audit(audit=Audit.objects.get(pk=audit.pk), by=user, version=version).status
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = [future.result() for future in [pool.submit(submit) for _ in range(8)]]
    assert statuses == [AuditStatus.SUBMITTED] * 8
    assert Moderation.objects.count() == 1
    assert Transition.objects.filter(event="submit").count() == 1
    assert sum(GradeTally.objects.for_services().filter(cut="total").values_list("count", flat=True)) == 1
    assert rebuild() == 0


def test_a_late_autosave_changes_nothing(under_way: Audit, auditor: User) -> None:
    audit = fill_in(under_way, auditor, overall=Grade.INADEQUATE)
    row = section(audit, "voice")
    audit = submit_audit(audit=audit, by=auditor, version=audit.version)
    before = (row.version, row.grade, row.reason)
    with pytest.raises(IllegalMove, match="now “Submitted”; you cannot change what was written"):
        save_section(audit_section=row, draft=section_draft(Grade.OUTSTANDING), by=auditor, version=row.version)
    with pytest.raises(IllegalMove):
        save_overall(audit=audit, draft=OverallDraft(grade=Grade.GOOD), by=auditor, version=audit.version)
    row.refresh_from_db()
    assert (row.version, row.grade, row.reason) == before
    audit.refresh_from_db()
    assert audit.auditor_grade == Grade.INADEQUATE


def test_an_overall_grade_above_a_hard_limit_cannot_be_submitted(under_way: Audit, auditor: User) -> None:
    audit = fill_in(under_way, auditor, safeguarding=Grade.INADEQUATE, override_reason=OVERRIDE)
    with pytest.raises(NotReady) as refused:
        submit_audit(audit=audit, by=auditor, version=audit.version)
    assert [fault.message for fault in refused.value.faults] == [
        "Safeguarding and risk is inadequate, so the overall grade cannot be above inadequate."
    ]


def test_a_stale_version_is_refused(under_way: Audit, auditor: User) -> None:
    audit = fill_in(under_way, auditor)
    with pytest.raises(StaleVersion):
        submit_audit(audit=audit, by=auditor, version=audit.version - 1)
    assert not Moderation.objects.exists()


@pytest.mark.parametrize("who", ["qa_lead", "moderator", "head_of_service", "system_administrator"])
def test_only_its_auditor_submits_an_audit(
    under_way: Audit, auditor: User, who: str, request: pytest.FixtureRequest
) -> None:
    audit = fill_in(under_way, auditor)
    with pytest.raises(NotAllowed):
        submit_audit(audit=audit, by=request.getfixturevalue(who), version=audit.version)
    audit.refresh_from_db()
    assert audit.status == AuditStatus.IN_PROGRESS


def test_taken_back_and_submitted_again_it_counts_once_in_its_first_month(
    under_way: Audit, auditor: User, drawn: list[int]
) -> None:
    drawn += [7, 99]
    audit = fill_in(under_way, auditor)
    audit = submit_audit(audit=audit, by=auditor, version=audit.version)
    Audit.objects.filter(pk=audit.pk).update(month=date(2026, 1, 1), audited_on=date(2026, 1, 30))
    rebuild()
    audit = recall_audit(audit=audit, by=auditor, why="I left out a visit.", version=audit.version)
    assert (audit.status, audit.grade, audit.counted_grade) == (AuditStatus.IN_PROGRESS, "", "")
    assert audit.moderations.get().status == ModerationStatus.WITHDRAWN
    assert not any(GradeTally.objects.values_list("count", flat=True))
    audit = submit_audit(audit=audit, by=auditor, version=audit.version)
    assert audit.month == date(2026, 1, 1)
    assert [(each.submission, each.draw, each.status) for each in audit.moderations.order_by("submission")] == [
        (1, 7, ModerationStatus.WITHDRAWN),
        (2, 7, ModerationStatus.SELECTED),
    ]
    assert rebuild() == 0


def test_once_a_moderator_has_it_it_cannot_be_taken_back(under_way: Audit, auditor: User, moderator: User) -> None:
    audit = fill_in(under_way, auditor, overall=Grade.INADEQUATE)
    audit = submit_audit(audit=audit, by=auditor, version=audit.version)
    open_moderation(moderation=audit.moderations.get(), by=moderator)
    with pytest.raises(IllegalMove, match="With a moderator"):
        recall_audit(audit=audit, by=auditor, why="I left out a visit.", version=audit.version)
    audit.refresh_from_db()
    assert audit.status == AuditStatus.SUBMITTED


def test_a_section_that_does_not_apply_is_not_counted(under_way: Audit, auditor: User, drawn: list[int]) -> None:
    audit = fill_in(under_way, auditor, voice=Grade.INADEQUATE)
    ToolSection.objects.filter(key="voice").update(use=SectionUse.REQUIRED)
    row = section(audit, "voice")
    draft = section_draft(Grade.INADEQUATE, not_applicable=True, not_applicable_reason="The child is not born yet.")
    row = save_section(audit_section=row, draft=draft, by=auditor, version=row.version)
    assert row.state == SectionState.NOT_APPLICABLE
    submit_audit(audit=audit, by=auditor, version=audit.version)
    cells = GradeTally.objects.for_services().filter(cut="section").values_list("key", "grade", "count")
    assert list(cells) == [("safeguarding", Grade.GOOD, 1)]
    assert section(audit, "voice").settled_grade == ""


def test_submitting_takes_few_queries(
    under_way: Audit, auditor: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    audit = fill_in(under_way, auditor, overall=Grade.INADEQUATE)
    with django_assert_max_num_queries(35):
        submit_audit(audit=audit, by=auditor, version=audit.version)
