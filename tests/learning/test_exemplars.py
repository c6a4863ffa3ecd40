"""Exemplars and briefings: found, written without a name, agreed, published, counted, taken back; disputes decided."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, DisputeOrigin, DisputeStatus, FindingKind, Grade
from audits.models import Audit, Dispute, ExemplarConsent, Finding
from cases.models import Case, Holding, Worker
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import publish, run_due, run_job
from core.notifications.models import Notice
from core.workflow import IllegalMove
from core.working_days import add_working_days
from learning.choices import Consent, ExemplarStatus, ItemKind, ItemStatus, OutcomeKind, SeatKind
from learning.models import AgendaItem, Briefing, Exemplar, Meeting, Panel, PracticeList
from learning.services import agenda, briefings, disputes, exemplars, meetings, packs, panels
from learning.services.agenda import OutcomeDraft
from learning.services.checking import LeadsToSomebody
from tests.factories.audits import graded_audit

pytestmark = pytest.mark.django_db

MONTH = date(2026, 10, 1)
WHY = "Direct work that changed a plan."
TEXT = "The worker asked the child to draw the week, and the plan followed the drawing."


@pytest.fixture
def audit(practitioner: User, team: OrgUnit) -> Audit:
    """An outstanding audit of a case that the practitioner holds."""
    made = graded_audit(Grade.OUTSTANDING, month=MONTH)
    assert made.case is not None
    Holding.objects.filter(case=made.case).delete()
    Holding.objects.create(
        case=made.case, worker=Worker.objects.create(name=practitioner.name, user=practitioner),
        service=made.service, team=team, plan_type=made.case.plan_type, held_from=date(2025, 1, 1),
    )  # fmt: skip
    return made


def written(audit: Audit, by: User) -> Exemplar:
    held = exemplars.take_up(exemplar=exemplars.nominate(audit=audit, why=WHY, by=by), by=by)
    return exemplars.write_exemplar(exemplar=held, title="Drawn weeks", text=TEXT, tags=[], by=by)


def sees(person: User, exemplar: Exemplar) -> bool:
    return Exemplar.objects.visible_to(User.objects.get(pk=person.pk)).filter(pk=exemplar.pk).exists()


def test_the_months_list_holds_good_and_nominated_audits_and_none_that_is_restricted(
    principal_social_worker: User, audit: Audit
) -> None:
    graded_audit(Grade.INADEQUATE, month=MONTH)
    nominated = graded_audit(Grade.REQUIRES_IMPROVEMENT, month=MONTH)
    Audit.objects.filter(pk=nominated.pk).update(exemplar_nominated=True)
    hidden = graded_audit(Grade.GOOD, month=MONTH)
    Case.objects.filter(pk=hidden.case_id).update(restricted=True)
    job = Job.objects.create(kind=exemplars.LIST, payload={"month": "2026-10"}, run_after=timezone.now())
    assert run_job(job.pk)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED)
    assert run_job(job.pk), "killed after its commit and taken up again"
    held = PracticeList.objects.get()
    assert [line["reference"] for line in held.lines] == [nominated.reference, audit.reference]
    assert Notice.objects.filter(kind="practice_list").count() == 1
    with pytest.raises(ValidationError, match="restricted"):
        exemplars.nominate(audit=Audit.objects.get(pk=hidden.pk), why=WHY, by=principal_social_worker)


def test_published_only_with_the_practitioners_consent_and_withdrawn_by_them_at_any_time(
    audit: Audit, principal_social_worker: User, practitioner: User, auditor: User
) -> None:
    by = principal_social_worker
    held = written(audit, by)
    assert held.practitioner == practitioner
    assert not sees(practitioner, held)
    held = exemplars.ask_consent(exemplar=held, by=by)
    assert sees(practitioner, held) and not sees(auditor, held)
    assert Notice.objects.filter(kind="exemplar_consent", person=practitioner).count() == 1
    with pytest.raises(ValidationError, match="not agreed yet"):
        exemplars.publish_exemplar(exemplar=held, by=by)
    for other in (by, auditor):
        with pytest.raises(NotAllowed):
            exemplars.answer_consent(exemplar=held, agrees=True, note="", by=other)
    held = exemplars.answer_consent(exemplar=held, agrees=True, note="", by=practitioner)
    held = exemplars.answer_consent(exemplar=held, agrees=True, note="Gladly.", by=practitioner)
    held = exemplars.publish_exemplar(exemplar=held, by=by)
    assert sees(auditor, held)
    held = exemplars.withdraw_exemplar(exemplar=held, why="I have thought again.", by=practitioner)
    assert held.status == ExemplarStatus.WITHDRAWN
    assert not sees(auditor, held)


def test_a_refusal_ends_it_and_a_changed_text_is_asked_about_anew(
    audit: Audit, principal_social_worker: User, practitioner: User
) -> None:
    by = principal_social_worker
    held = exemplars.ask_consent(exemplar=written(audit, by), by=by)
    held = exemplars.answer_consent(exemplar=held, agrees=True, note="", by=practitioner)
    held = exemplars.rewrite_exemplar(exemplar=held, why="A date was in it.", by=by)
    assert held.consent == ""
    held = exemplars.write_exemplar(exemplar=held, title="Drawn weeks", text=TEXT + " More.", tags=[], by=by)
    held = exemplars.ask_consent(exemplar=held, by=by)
    assert Notice.objects.filter(kind="exemplar_consent", person=practitioner).count() == 2
    held = exemplars.answer_consent(exemplar=held, agrees=False, note="", by=practitioner)
    assert (held.status, held.consent) == (ExemplarStatus.DECLINED, Consent.REFUSED)
    with pytest.raises((IllegalMove, ValidationError)):
        exemplars.publish_exemplar(exemplar=held, by=by)


def test_what_the_audit_says_comes_without_names_and_the_text_may_hold_none(
    audit: Audit, principal_social_worker: User, practitioner: User, client: Any
) -> None:
    by = principal_social_worker
    row = audit.sections.first()
    assert row is not None
    Finding.objects.create(
        audit=audit, audit_section=row, kind=FindingKind.STRENGTH,
        text=f"{practitioner.name} rang 01392 555 123 each week.",
    )  # fmt: skip
    held = exemplars.take_up(exemplar=exemplars.nominate(audit=audit, why=WHY, by=by), by=by)
    assert "[name removed] rang [number removed] each week." in exemplars.source_of(exemplar=held)
    with pytest.raises(LeadsToSomebody):
        exemplars.write_exemplar(exemplar=held, title="By telephone", text=f"{practitioner.name} rang.", tags=[], by=by)
    client.force_login(by)
    text = client.get(f"/learning/practice/exemplars/{held.pk}/").content.decode()
    assert "[name removed]" in text and practitioner.name not in text


def test_a_reader_of_the_library_sees_neither_the_audit_nor_who(
    audit: Audit, principal_social_worker: User, practitioner: User, auditor: User, client: Any
) -> None:
    by = principal_social_worker
    held = exemplars.ask_consent(exemplar=written(audit, by), by=by)
    held = exemplars.answer_consent(exemplar=held, agrees=True, note="", by=practitioner)
    held = exemplars.publish_exemplar(exemplar=held, by=by)
    client.force_login(auditor)
    found = client.post("/learning/practice/", {"text": "draw week"}).content.decode()
    assert "Drawn weeks" in found
    assert "Drawn weeks" not in client.post("/learning/practice/", {"text": "nothing like it"}).content.decode()
    text = client.get(f"/learning/practice/exemplars/{held.pk}/").content.decode()
    assert TEXT in text
    assert audit.reference not in text and practitioner.name not in text


def test_a_second_page_of_what_was_searched_for_keeps_the_words_and_has_them_in_no_address(
    audit: Audit, principal_social_worker: User, practitioner: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("learning.views.practice.PAGE_SIZE", 1)
    for title in ("Drawn weeks", "Drawn days", "Another matter"):
        Exemplar.objects.create(
            title=title, text=TEXT if title != "Another matter" else "Something else altogether.", why=WHY,
            nominated_at=timezone.now(), status=ExemplarStatus.PUBLISHED, consent=Consent.GIVEN,
            published_at=timezone.now(),
        )  # fmt: skip
    client.force_login(practitioner)
    first = client.post(reverse("learning:library"), {"text": "drawn"}).content.decode()
    assert "2 exemplars with" in first and "Page 1 of 2" in first
    (address,) = re.findall(r'formaction="([^"]+)"', first)
    assert "drawn" not in address.casefold()
    assert '<input type="hidden" name="text" value="drawn">' in first
    second = client.post(address, {"text": "drawn"}).content.decode()
    assert "Page 2 of 2" in second and "Another matter" not in second
    assert {title for title in ("Drawn weeks", "Drawn days") if title in first + second} == {
        "Drawn weeks",
        "Drawn days",
    }


def test_a_briefing_reaches_its_teams_and_readers_are_counted_and_not_named(
    principal_social_worker: User, practitioner: User, team: OrgUnit, other_team: OrgUnit, team_manager: User,
    client: Any,
) -> None:  # fmt: skip
    by = principal_social_worker
    held = briefings.write_briefing(title="Chronologies", messages=["Go on with it."], text="", by=by)

    def reads(person: User) -> bool:
        return Briefing.objects.visible_to(User.objects.get(pk=person.pk)).exists()

    assert not reads(practitioner)
    held = briefings.publish_briefing(briefing=held, units=[other_team], by=by)
    assert not reads(practitioner)
    second = briefings.write_briefing(title="Visits", messages=["See the child alone."], text="", by=by)
    second = briefings.publish_briefing(briefing=second, units=[team], by=by)
    assert reads(practitioner)
    assert set(Notice.objects.filter(kind="briefing").values_list("person", flat=True)) == {
        practitioner.pk, team_manager.pk,
    }  # fmt: skip
    for _ in range(2):
        briefings.note_read(briefing=second, by=practitioner)
    with pytest.raises(NotAllowed):
        briefings.note_read(briefing=held, by=practitioner)
    client.force_login(by)
    text = client.get(f"/learning/practice/briefings/{second.pk}/").content.decode()
    assert "Read by 1." in text and practitioner.name not in text
    briefings.withdraw_briefing(briefing=second, why="It is out of date.", by=by)
    assert not reads(practitioner)


def test_a_briefing_holds_no_name_and_is_written_by_the_principal_social_worker_alone(
    principal_social_worker: User, practitioner: User, team_manager: User
) -> None:
    with pytest.raises(LeadsToSomebody):
        briefings.write_briefing(
            title="Thanks", messages=[f"Thank you, {practitioner.name}."], text="", by=principal_social_worker
        )
    with pytest.raises(NotAllowed):
        briefings.write_briefing(title="Mine", messages=["Read this."], text="", by=team_manager)
    assert not Briefing.objects.exists()


# --- disputes --------------------------------------------------------------------------------------------------------


@pytest.fixture
def dispute(practitioner: User) -> Dispute:
    audit = graded_audit(Grade.GOOD, month=MONTH)
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.SUBMITTED)
    return Dispute.objects.create(
        audit=audit, origin=DisputeOrigin.values[0], status=DisputeStatus.WITH_PANEL, raised_at=timezone.now(),
        why=f"{practitioner.name} saw the child each week.", grade_one=Grade.GOOD, grade_two=Grade.INADEQUATE,
    )  # fmt: skip


@pytest.fixture
def meeting(qa_lead: User, principal_social_worker: User, panel_member: User) -> Meeting:
    panel = panels.set_up_panel(name="The panel", terms="What it is for, in enough words.", quorum=2, by=qa_lead)
    panels.seat_member(panel=panel, user=principal_social_worker, kind=SeatKind.CHAIR, by=qa_lead)
    panels.seat_member(panel=panel, user=panel_member, kind=SeatKind.MEMBER, by=qa_lead)
    day = add_working_days(timezone.localdate(), 1)
    return meetings.schedule_meetings(panel=panel, first=day, starts_at=time(14), place="", by=qa_lead)[0]


def in_session(meeting: Meeting, by: User, *present: User) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(held_on=timezone.localdate())
    meetings.begin_meeting(meeting=meeting, present=list(present), by=by)


def test_a_dispute_that_goes_to_the_panel_stands_on_its_agenda_once_without_a_name(
    meeting: Meeting, dispute: Dispute, practitioner: User
) -> None:
    for _ in range(2):
        publish("audits.dispute_with_panel", dispute_id=dispute.pk)
        run_due()
    item = AgendaItem.objects.get()
    assert (item.kind, item.status, item.meeting, item.audit) == (
        ItemKind.DISPUTE, ItemStatus.ACCEPTED, meeting, dispute.audit,
    )  # fmt: skip
    assert "[name removed] saw the child" in item.paper and practitioner.name not in item.paper


def test_the_panels_vote_decides_the_dispute_and_the_item_together(
    meeting: Meeting, dispute: Dispute, principal_social_worker: User, panel_member: User
) -> None:
    chair = principal_social_worker
    item = disputes.put_before_panel(dispute=dispute)
    assert item is not None
    packs.build_pack(meeting=meeting, by=SYSTEM)
    in_session(meeting, chair, chair, panel_member)
    item = agenda.discuss_item(item=item, discussion="Both sides were heard at length.", by=chair)
    with pytest.raises(ValidationError):
        agenda.decide_item(
            item=item, decision="Nothing follows from it.", by=chair,
            outcomes=[OutcomeDraft(OutcomeKind.NO_ACTION, "Nothing follows from it.")],
        )  # fmt: skip
    votes = {chair: Grade.GOOD, panel_member: Grade.GOOD}
    with pytest.raises(ValidationError):
        disputes.decide_dispute_item(
            item=item, grade=Grade.INADEQUATE, reason="The votes say otherwise, do they not.", votes=votes, by=chair
        )
    dispute.refresh_from_db()
    assert dispute.status == DisputeStatus.WITH_PANEL
    item = disputes.decide_dispute_item(
        item=item, grade=Grade.GOOD, reason="The child was seen and heard every week.", votes=votes, by=chair
    )
    dispute.refresh_from_db()
    assert (dispute.status, dispute.grade, item.status) == (DisputeStatus.DECIDED, Grade.GOOD, ItemStatus.OUTCOME_SET)
    assert dispute.votes.count() == 2


def test_below_the_quorum_the_panel_decides_no_dispute_and_it_can_be_deferred(
    meeting: Meeting, dispute: Dispute, principal_social_worker: User
) -> None:
    chair = principal_social_worker
    item = disputes.put_before_panel(dispute=dispute)
    assert item is not None
    in_session(meeting, chair, chair)
    item = agenda.discuss_item(item=item, discussion="Both sides were heard at length.", by=chair)
    with pytest.raises(ValidationError, match="below its quorum"):
        disputes.decide_dispute_item(
            item=item, grade=Grade.GOOD, reason="The child was seen every week.", votes={chair: Grade.GOOD}, by=chair
        )
    dispute.refresh_from_db()
    assert dispute.status == DisputeStatus.WITH_PANEL
    again = agenda.defer_item(item=item, why="Below the quorum.", by=chair)
    assert again.dispute_id == dispute.pk
    assert disputes.put_before_panel(dispute=dispute) == again


def test_a_dispute_about_a_restricted_case_is_shown_to_named_people_alone(
    meeting: Meeting, dispute: Dispute, principal_social_worker: User
) -> None:
    disputes.put_before_panel(dispute=dispute)
    assert AgendaItem.objects.visible_to(principal_social_worker).exists()
    Case.objects.filter(pk=dispute.audit.case_id).update(restricted=True)
    assert not AgendaItem.objects.visible_to(principal_social_worker).exists()
    assert Panel.objects.visible_to(principal_social_worker).exists()


def test_a_practitioner_who_said_no_at_the_feedback_is_not_asked_again(
    audit: Audit, principal_social_worker: User, practitioner: User
) -> None:
    ExemplarConsent.objects.create(audit=audit, person=practitioner, agrees=False, asked_at=timezone.now())
    with pytest.raises(ValidationError, match="not to be shown as an example"):
        exemplars.nominate(audit=audit, why=WHY, by=principal_social_worker)
    assert not Exemplar.objects.exists()
