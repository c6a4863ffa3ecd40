"""A panel from its first seat to the impact check: who may, what follows what, and who reads what."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document as read_docx

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.choices import Origin
from actions.models import Action
from audits.choices import ClockKind, ClockState, FindingKind, Grade
from audits.models import Audit, Clock, Finding, Theme
from audits.services.tallies import rebuild
from cases.models import Case
from core.documents.pdf import why_not
from core.history.models import Event
from core.jobs.choices import JobStatus
from core.jobs.models import ExportFile, Job
from core.jobs.services import run_due, run_job
from core.notifications.models import Notice
from core.workflow import IllegalMove, StaleVersion
from core.working_days import LONDON
from learning.choices import ItemKind, ItemStatus, MeetingStatus, OutcomeKind, SeatKind, VoteChoice
from learning.models import AgendaItem, Briefing, Confirmed, Exemplar, Meeting, Pack, Panel
from learning.selectors.packs import pack_of
from learning.services import agenda, files, impact, meetings, packs, panels
from learning.services.agenda import ItemDraft, OutcomeDraft
from learning.services.checking import LeadsToSomebody, found_in
from tests.factories.accounts import give_role
from tests.factories.audits import graded_audit
from tests.factories.pdf_files import read_pdf

pytestmark = pytest.mark.django_db

PAPER = "What audits say about it, in enough words."
TODAY = [date(2026, 11, 5)]
MEETS = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def calendar(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It is noon on the day in TODAY; a test may move it."""
    TODAY[:] = [date(2026, 11, 5)]

    def now() -> datetime:
        return datetime.combine(TODAY[0], time(12), tzinfo=LONDON)

    def localdate(value: datetime | None = None, *args: Any) -> date:
        return TODAY[0] if value is None else value.astimezone(LONDON).date()

    monkeypatch.setattr(timezone, "localdate", localdate)
    monkeypatch.setattr(timezone, "now", now)
    yield


@pytest.fixture
def panel(qa_lead: User, principal_social_worker: User, panel_member: User) -> Panel:
    made = panels.set_up_panel(name="The panel", terms=PAPER, quorum=2, by=qa_lead)
    panels.seat_member(panel=made, user=principal_social_worker, kind=SeatKind.CHAIR, by=qa_lead)
    panels.seat_member(panel=made, user=panel_member, kind=SeatKind.MEMBER, by=qa_lead)
    return made


@pytest.fixture
def meeting(panel: Panel, principal_social_worker: User) -> Meeting:
    return meetings.schedule_meetings(
        panel=panel, first=MEETS, starts_at=time(14), place="Room 1", by=principal_social_worker
    )[0]


@pytest.fixture
def theme() -> Theme:
    return Theme.objects.create(name="Frequency", parent=Theme.objects.create(name="Supervision"))


def item_of(panel: Panel, by: User, **fields: Any) -> AgendaItem:
    wanted = ItemDraft(**{"kind": ItemKind.CASE, "title": "Something", "paper": PAPER, **fields})
    return agenda.accept_item(item=agenda.propose_item(panel=panel, wanted=wanted, by=by), by=by)


def begun(meeting: Meeting, by: User, *present: User) -> Meeting:
    TODAY[0] = MEETS
    return meetings.begin_meeting(meeting=meeting, present=list(present), by=by)


NOTHING = OutcomeDraft(OutcomeKind.NO_ACTION, "The protocol is right as it stands.")


def develop(theme: Theme, month: date, found: int, of: int) -> None:
    for place in range(of):
        audit = graded_audit(Grade.GOOD, month=month)
        if place < found:
            row = audit.sections.first()
            assert row is not None
            Finding.objects.create(
                audit=audit, audit_section=row, kind=FindingKind.DEVELOPMENT, text="Words"
            ).themes.add(theme)


# --- the whole way ---------------------------------------------------------------------------------------------------


def test_from_the_agenda_to_the_close_and_three_months_later_the_impact_check(
    panel: Panel, meeting: Meeting, theme: Theme, principal_social_worker: User, panel_member: User, qa_lead: User,
    service: OrgUnit, client: Any,
) -> None:  # fmt: skip
    chair = principal_social_worker
    develop(theme, date(2026, 10, 1), 12, 20)
    develop(theme, date(2026, 12, 1), 1, 20)
    rebuild()
    item = item_of(panel, chair, kind=ItemKind.THEME, theme=theme, title="Supervision too seldom")
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.AGENDA_OPEN
    packs.build_pack(meeting=meeting, by=SYSTEM)
    meeting.refresh_from_db()
    meeting = begun(meeting, chair, chair, panel_member)
    assert (meeting.quorate, meeting.quorum) == (True, 2)
    agenda.discuss_item(item=item, discussion="Workload keeps managers from it.", by=chair)
    agenda.vote_on_item(item=item, votes={chair: VoteChoice.FOR}, by=chair)
    agenda.vote_on_item(item=item, votes={panel_member: VoteChoice.AGAINST}, by=panel_member)
    wanted = OutcomeDraft(
        OutcomeKind.ACTION, "Put supervision into every manager's diary.", "It is in the diary", owner=qa_lead,
        unit=service,
    )  # fmt: skip
    training = OutcomeDraft(OutcomeKind.TRAINING, "Train new managers in supervision.", "They came", owner=qa_lead)
    item = agenda.decide_item(item=item, decision="Managers get time for it.", outcomes=[wanted, training], by=chair)
    assert item.review_on == date(2027, 2, 12)
    actions = Action.objects.filter(origin=Origin.PANEL, origin_reference=meeting.reference).order_by("reference")
    assert [action.what for action in actions] == [
        "Put supervision into every manager's diary.", "Training: Train new managers in supervision.",
    ]  # fmt: skip
    assert actions[0].themes == ["Frequency"]
    meeting = meetings.end_meeting(meeting=meeting, by=chair)
    assert meeting.minutes_due_on == date(2026, 11, 19)
    assert "Decision: Managers get time for it." in meeting.minutes
    assert actions[0].reference in meeting.minutes
    meeting = meetings.write_minutes(meeting=meeting, minutes=meeting.minutes + "\nThanks to all.", by=chair)
    meeting = meetings.agree_minutes(meeting=meeting, by=chair)
    with pytest.raises(IllegalMove, match="Minutes agreed"):
        meetings.write_minutes(meeting=meeting, minutes="Other minutes altogether.", by=chair)
    meeting = meetings.correct_minutes(meeting=meeting, text="The second vote was an abstention.", by=chair)
    meeting = meetings.close_meeting(meeting=meeting, by=chair)
    assert meeting.minutes.endswith("Thanks to all.")
    assert Event.objects.filter(object_id=meeting.pk, verb="close", actor=chair).exists()

    with pytest.raises(ValidationError, match="has not come"):
        impact.check_impact(item=item, note="Far less often than before.", by=chair)
    TODAY[0] = date(2027, 2, 15)
    following = meetings.schedule_meetings(
        panel=panel, first=date(2027, 2, 22), starts_at=time(14), place="", by=chair
    )[0]
    built = packs.build_pack(meeting=following, by=SYSTEM)
    client.force_login(panel_member)
    read = client.get(f"/learning/packs/{built.pk}/").content.decode()
    assert "Managers get time for it." in read, "members read earlier decisions, whose own packs they read no more"
    assert f"/learning/items/{item.pk}/" not in read
    review = pack_of(built.content).reviews[0].impact
    assert review is not None
    assert (review.n_before, review.of_before, review.n_after, review.of_after) == (12, 20, 1, 20)
    assert review.move == "less"
    assert (review.before, review.after) == (("2026-08", "2026-10"), ("2026-12", "2027-01"))
    item = impact.check_impact(item=item, note="Far less often than before.", by=chair)
    develop(theme, date(2026, 12, 1), 20, 20)
    kept = impact.impact_now(item=item)
    assert kept is not None and kept.n_after == 1, "what was found at the review stays"
    with pytest.raises(ValidationError, match="already"):
        impact.check_impact(item=item, note="And once again, the same.", by=chair)


def test_a_meeting_cannot_close_with_an_item_without_an_outcome_and_a_deferred_one_stands_on_the_next_agenda(
    panel: Panel, meeting: Meeting, principal_social_worker: User, panel_member: User
) -> None:
    chair = principal_social_worker
    later = meetings.schedule_meetings(panel=panel, first=date(2026, 12, 10), starts_at=time(14), place="", by=chair)[0]
    item = item_of(panel, chair)
    assert item.meeting == meeting
    meeting = begun(meeting, chair, chair, panel_member)
    meeting = meetings.agree_minutes(meeting=meetings.end_meeting(meeting=meeting, by=chair), by=chair)
    with pytest.raises(ValidationError, match="has no outcome yet"):
        meetings.close_meeting(meeting=meeting, by=chair)
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.MINUTES_AGREED
    again = agenda.defer_item(item=item, why="Time ran out.", by=chair)
    assert (again.meeting, again.status, again.deferred_from) == (later, ItemStatus.ACCEPTED, item)
    meetings.close_meeting(meeting=meeting, by=chair)
    later.refresh_from_db()
    assert later.status == MeetingStatus.AGENDA_OPEN


def test_a_postponed_meeting_hands_its_items_on_and_a_cancelled_one_leaves_them_waiting(
    panel: Panel, meeting: Meeting, principal_social_worker: User
) -> None:
    chair = principal_social_worker
    item = item_of(panel, chair)
    meeting.refresh_from_db()
    new = meetings.postpone_meeting(
        meeting=meeting, held_on=date(2026, 11, 19), starts_at=time(10), why="The chair is ill.", by=chair
    )
    item.refresh_from_db()
    assert (item.meeting, new.instead_of, new.status) == (new, meeting, MeetingStatus.AGENDA_OPEN)
    with pytest.raises(ValidationError):
        meetings.cancel_meeting(meeting=new, why=" ", by=chair)
    meetings.cancel_meeting(meeting=new, why="Nobody can come.", by=chair)
    item.refresh_from_db()
    assert (item.meeting, item.status) == (None, ItemStatus.ACCEPTED)
    third = meetings.schedule_meetings(panel=panel, first=date(2026, 12, 3), starts_at=time(14), place="", by=chair)[0]
    item.refresh_from_db()
    assert item.meeting == third


# --- disputes and conflicts ------------------------------------------------------------------------------------------


def test_below_the_quorum_a_dispute_is_not_decided_and_a_case_is(
    panel: Panel, meeting: Meeting, principal_social_worker: User
) -> None:
    chair = principal_social_worker
    dispute = item_of(panel, chair, kind=ItemKind.DISPUTE, audit=graded_audit(Grade.GOOD))
    case = item_of(panel, chair)
    meeting = begun(meeting, chair, chair)
    assert meeting.quorate is False
    for item in (dispute, case):
        agenda.discuss_item(item=item, discussion="Both sides were heard.", by=chair)
    with pytest.raises(ValidationError, match="below its quorum"):
        agenda.decide_item(item=dispute, decision="The grade stays as it is.", outcomes=[NOTHING], by=chair)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.decision) == (ItemStatus.DISCUSSED, "")
    agenda.decide_item(item=case, decision="It goes into the induction.", outcomes=[NOTHING], by=chair)


def test_whoever_has_a_conflict_neither_sees_the_item_nor_votes(
    panel: Panel, meeting: Meeting, principal_social_worker: User, panel_member: User
) -> None:
    chair = principal_social_worker
    item = item_of(panel, chair)
    packs.build_pack(meeting=meeting, by=SYSTEM)
    assert AgendaItem.objects.visible_to(panel_member).filter(pk=item.pk).exists()
    agenda.declare_conflict(item=item, user=panel_member, why="Managed the worker at the time", by=chair)
    assert not AgendaItem.objects.visible_to(panel_member).filter(pk=item.pk).exists()
    begun(meeting, chair, chair, panel_member)
    for by in (panel_member, chair):
        with pytest.raises(NotAllowed):
            agenda.vote_on_item(item=item, votes={panel_member: VoteChoice.FOR}, by=by)
    assert not item.votes.exists()


def test_the_parties_of_a_dispute_have_a_conflict_without_saying_so(
    panel: Panel, meeting: Meeting, principal_social_worker: User, panel_member: User, qa_lead: User
) -> None:
    audit = graded_audit(Grade.INADEQUATE)
    Audit.objects.filter(pk=audit.pk).update(auditor=panel_member)
    dispute = item_of(panel, qa_lead, kind=ItemKind.DISPUTE, audit=audit)
    talk = item_of(panel, qa_lead, kind=ItemKind.CASE, audit=audit, title="The practice in it")
    packs.build_pack(meeting=meeting, by=SYSTEM)
    seen = set(AgendaItem.objects.visible_to(panel_member))
    assert seen == {talk}
    assert set(AgendaItem.objects.visible_to(principal_social_worker)) == {talk, dispute}


# --- the pack --------------------------------------------------------------------------------------------------------


def test_the_pack_is_asked_for_five_working_days_before_once_and_told_once(
    panel: Panel, meeting: Meeting, panel_member: User, principal_social_worker: User
) -> None:
    TODAY[0] = date(2026, 11, 4)
    assert packs.request_due_packs(today=TODAY[0]) == 0
    TODAY[0] = date(2026, 11, 5)
    packs.request_due_packs(today=TODAY[0])
    packs.request_due_packs(today=TODAY[0])
    assert Job.objects.filter(kind=packs.BUILD).count() == 1
    run_due()
    job = Job.objects.get(kind=packs.BUILD)
    assert job.status == JobStatus.DONE
    Job.objects.filter(pk=job.pk).update(status=JobStatus.QUEUED)
    assert run_job(job.pk), "killed after its commit and taken up again"
    pack = Pack.objects.get()
    assert (pack.number, pack.asked_by) == (1, None)
    assert sorted(Notice.objects.values_list("kind", "person__name")) == [
        ("panel_pack", panel_member.name), ("panel_pack", principal_social_worker.name),
    ]  # fmt: skip


def test_a_late_item_makes_version_2_and_the_first_stays(
    panel: Panel, meeting: Meeting, principal_social_worker: User, panel_member: User, client: Any
) -> None:
    first = packs.build_pack(meeting=meeting, by=SYSTEM)
    assert packs.build_pack(meeting=meeting, by=SYSTEM).pk == first.pk
    meeting.refresh_from_db()
    item_of(panel, principal_social_worker, title="A late one")
    second = packs.build_pack(meeting=meeting, by=principal_social_worker)
    assert (first.number, second.number) == (1, 2)
    assert pack_of(Pack.objects.get(pk=first.pk).content).items == ()
    client.force_login(panel_member)
    text = client.get(f"/learning/packs/{second.pk}/").content.decode()
    assert "Added to the agenda: “A late one”." in text
    assert "This is an earlier version" in client.get(f"/learning/packs/{first.pk}/").content.decode()


def test_a_pack_that_fails_is_said_on_the_meeting_and_can_be_built_by_hand(
    meeting: Meeting, qa_lead: User, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(qa_lead)
    with monkeypatch.context() as broken:
        broken.setattr(packs, "live_pack", lambda **_: 1 / 0)
        job = packs.request_pack(meeting=meeting, by=qa_lead)
        for _ in range(5):
            Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
            run_job(job.pk)
    text = client.get(f"/learning/meetings/{meeting.pk}/").content.decode()
    assert "The last build of the pack failed" in text and "It failed 5 times" in text
    TODAY[0] = date(2026, 11, 6)
    client.force_login(qa_lead)
    client.post(f"/learning/meetings/{meeting.pk}/build/")
    run_due()
    assert Pack.objects.filter(meeting=meeting, number=1).exists()
    assert "failed" not in client.get(f"/learning/meetings/{meeting.pk}/").content.decode()


def test_members_read_the_pack_for_its_life_and_while_they_have_the_role_and_the_seat(
    panel: Panel, meeting: Meeting, panel_member: User, qa_lead: User, directorate: OrgUnit, auditor: User
) -> None:
    def reads(person: User) -> bool:
        fresh = User.objects.get(pk=person.pk)
        return Pack.objects.visible_to(fresh).exists() and Meeting.objects.visible_to(fresh).exists()

    assert not reads(panel_member)
    packs.build_pack(meeting=meeting, by=SYSTEM)
    assert reads(panel_member)
    assert not reads(auditor)
    with pytest.raises(ValidationError, match="does not hold the role"):
        panels.seat_member(panel=panel, user=auditor, kind=SeatKind.MEMBER, by=qa_lead)
    give_role(auditor, Role.PANEL_MEMBER, directorate)
    newcomer = User.objects.get(pk=auditor.pk)
    seat = panels.seat_member(panel=panel, user=newcomer, kind=SeatKind.MEMBER, by=qa_lead)
    assert reads(newcomer), "a pack that is alive is opened to whoever comes later"
    panels.end_seat(seat=seat, by=qa_lead)
    assert not reads(newcomer)
    TODAY[0] = MEETS + timedelta(days=30)
    assert reads(panel_member)
    TODAY[0] = MEETS + timedelta(days=31)
    assert not reads(panel_member)


# --- texts -----------------------------------------------------------------------------------------------------------


def test_a_name_is_removed_or_confirmed_with_a_reason(
    panel: Panel, meeting: Meeting, principal_social_worker: User, practitioner: User
) -> None:
    chair = principal_social_worker
    wanted = ItemDraft(ItemKind.CASE, "Good work", f"{practitioner.name} did good work, ring 01392 555 123.")
    with pytest.raises(LeadsToSomebody) as refused:
        agenda.propose_item(panel=panel, wanted=wanted, by=chair)
    assert [hit.kind for hit in refused.value.hits] == ["name", "phone"]
    assert not AgendaItem.objects.exists()
    reasons = {hit.key: "Is the trainer, and this is the training line" for hit in refused.value.hits}
    item = agenda.propose_item(panel=panel, wanted=wanted, by=chair, reasons=reasons)
    kept = Confirmed.objects.filter(object_id=item.pk)
    assert {row.hit_key for row in kept} == set(reasons)
    assert practitioner.name not in str(list(kept.values()))


def test_a_case_is_found_by_its_reference() -> None:
    audit = graded_audit(Grade.GOOD)
    assert audit.case is not None
    Case = type(audit.case)
    Case.objects.filter(pk=audit.case.pk).update(reference="EX-4711")
    assert [hit.kind for hit in found_in(text="It was EX-4711, audit A-1.")] == ["case"]


def test_the_form_asks_for_the_reason_and_takes_it(
    panel: Panel, meeting: Meeting, panel_member: User, practitioner: User, client: Any
) -> None:
    client.force_login(panel_member)
    url = f"/learning/panels/{panel.pk}/propose/"
    body = {"kind": "case", "title": "Something", "paper": f"Ask {practitioner.name} how it went with it."}
    text = client.post(url, body).content.decode()
    assert "looks like the name of somebody who works here" in text
    assert not AgendaItem.objects.exists()
    key = found_in(text=body["paper"])[0].key
    assert client.post(url, {**body, f"keep-{key}": "Agreed to be asked"}).status_code == 302
    item = AgendaItem.objects.get()
    assert (item.proposed_by, item.status, item.meeting) == (panel_member, ItemStatus.PROPOSED, meeting)


# --- who may, and who was first --------------------------------------------------------------------------------------


def test_a_member_keeps_nothing(panel: Panel, meeting: Meeting, panel_member: User, qa_lead: User) -> None:
    item = item_of(panel, qa_lead)
    packs.build_pack(meeting=meeting, by=SYSTEM)
    meeting.refresh_from_db()
    for attempt in (
        lambda: meetings.cancel_meeting(meeting=meeting, why="No", by=panel_member),
        lambda: meetings.schedule_meetings(
            panel=panel, first=MEETS, starts_at=time(9), place="", by=panel_member
        ),
        lambda: packs.request_pack(meeting=meeting, by=panel_member),
        lambda: agenda.defer_item(item=item, why="No", by=panel_member),
        lambda: panels.seat_member(panel=panel, user=qa_lead, kind=SeatKind.MEMBER, by=panel_member),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            attempt()
    meeting.refresh_from_db()
    assert (meeting.status, panel.meetings.count(), panel.seats.count()) == (MeetingStatus.PACK_BUILT, 1, 2)


def test_the_chair_is_a_principal_social_worker_or_a_qa_lead_and_there_is_one(
    panel: Panel, qa_lead: User, panel_member: User, directorate: OrgUnit
) -> None:
    with pytest.raises(ValidationError):
        panels.seat_member(panel=panel, user=qa_lead, kind=SeatKind.CHAIR, by=qa_lead)
    assert panel.seats.filter(kind=SeatKind.CHAIR).count() == 1


def test_of_two_who_write_at_once_the_second_hears_of_it(
    panel: Panel, meeting: Meeting, principal_social_worker: User, qa_lead: User
) -> None:
    version = meeting.version
    meetings.open_agenda(meeting=meeting, by=qa_lead, version=version)
    with pytest.raises((StaleVersion, IllegalMove)):
        meetings.open_agenda(meeting=meeting, by=principal_social_worker, version=version)
    with pytest.raises(StaleVersion):
        meetings.cancel_meeting(meeting=meeting, why="No", by=principal_social_worker, version=version)


def test_a_decision_that_asks_for_an_action_without_an_owner_keeps_nothing(
    panel: Panel, meeting: Meeting, principal_social_worker: User, panel_member: User
) -> None:
    chair = principal_social_worker
    item = item_of(panel, chair)
    begun(meeting, chair, chair, panel_member)
    agenda.discuss_item(item=item, discussion="Everybody was of one mind.", by=chair)
    wanted = OutcomeDraft(OutcomeKind.ACTION, "Do something about all of it.", "It is done")
    with pytest.raises(ValidationError):
        agenda.decide_item(item=item, decision="Something is to be done.", outcomes=[wanted], by=chair)


def test_a_decided_briefing_and_exemplar_are_begun_as_drafts_that_their_keepers_open_from_the_item(
    panel: Panel, meeting: Meeting, principal_social_worker: User, panel_member: User, qa_lead: User, client: Client
) -> None:
    chair = principal_social_worker
    audit = graded_audit(Grade.OUTSTANDING)
    item = item_of(panel, chair, audit=audit, title="Direct work worth showing")
    packs.build_pack(meeting=meeting, by=SYSTEM)
    begun(meeting, chair, chair, panel_member)
    agenda.discuss_item(item=item, discussion="Others can learn from it.", by=chair)
    outcomes = [
        OutcomeDraft(kind, text, "It is published", owner=qa_lead)
        for kind, text in (
            (OutcomeKind.BRIEFING, "Tell teams what worked here."), (OutcomeKind.EXEMPLAR, "Drawn weeks, as a model."),
        )
    ]  # fmt: skip
    Case.objects.filter(pk=audit.case_id).update(restricted=True)
    with pytest.raises(NotAllowed):
        agenda.decide_item(item=item, decision="Let others learn from it.", outcomes=outcomes, by=chair)
    assert not (Briefing.objects.exists() or Exemplar.objects.exists() or Action.objects.exists())
    Case.objects.filter(pk=audit.case_id).update(restricted=False)
    agenda.decide_item(item=item, decision="Let others learn from it.", outcomes=outcomes, by=chair)
    briefing, exemplar = Briefing.objects.get(), Exemplar.objects.get()
    assert (briefing.title, briefing.status, exemplar.status) == ("Tell teams what worked here.", "draft", "nominated")
    assert (exemplar.audit, exemplar.why) == (audit, "Drawn weeks, as a model.")
    for reader, opens in ((chair, True), (panel_member, False)):
        client.force_login(reader)
        page = client.get(reverse("learning:item", args=[item.pk])).content.decode()
        for name, row in (("briefing", briefing), ("exemplar", exemplar)):
            assert (reverse(f"learning:{name}", args=[row.pk]) in page) == opens


def test_a_meeting_on_a_bank_holiday_or_a_taken_day_is_refused(
    panel: Panel, meeting: Meeting, principal_social_worker: User
) -> None:
    for day in (date(2026, 12, 25), MEETS, date(2026, 11, 1)):
        with pytest.raises(ValidationError):
            meetings.schedule_meetings(panel=panel, first=day, starts_at=time(14), place="", by=principal_social_worker)
    assert panel.meetings.count() == 1


def test_the_pack_says_how_fast_managers_responded(panel: Panel, meeting: Meeting) -> None:
    audit, other, third = (graded_audit(Grade.GOOD, month=date(2026, 9, 1)) for _ in range(3))
    began, due = date(2026, 10, 1), date(2026, 10, 15)
    for held, ended in ((audit, date(2026, 10, 8)), (other, date(2026, 10, 20)), (third, None)):
        Clock.objects.create(
            audit=held, kind=ClockKind.RESPONSE, state=ClockState.MET if ended else ClockState.RUNNING,
            started_on=began, days=10, due_on=due, first_due_on=due,
            ended_at=datetime.combine(ended, time(12), tzinfo=LONDON) if ended else None,
        )  # fmt: skip
    speed = pack_of(packs.build_pack(meeting=meeting, by=SYSTEM).content).response
    assert speed is not None
    assert (speed.due, speed.in_time, speed.late, speed.waiting, speed.median_days) == (3, 1, 1, 1, 5)


def test_what_was_only_proposed_goes_to_the_next_meeting_when_this_one_ends(
    panel: Panel, meeting: Meeting, principal_social_worker: User, panel_member: User
) -> None:
    chair = principal_social_worker
    item_of(panel, chair)
    wanted = ItemDraft(ItemKind.CASE, "Another", PAPER)
    item = agenda.propose_item(panel=panel, wanted=wanted, by=panel_member)
    assert agenda.propose_item(panel=panel, wanted=wanted, by=panel_member) == item, "sent twice"
    meeting.refresh_from_db()
    meeting = begun(meeting, chair, chair, panel_member)
    meetings.end_meeting(meeting=meeting, by=chair)
    item.refresh_from_db()
    assert (item.meeting, item.status) == (None, ItemStatus.PROPOSED)


def test_a_reason_that_members_read_names_nobody(
    meeting: Meeting, principal_social_worker: User, practitioner: User
) -> None:
    with pytest.raises(ValidationError, match="Leave out"):
        meetings.cancel_meeting(meeting=meeting, why=f"{practitioner.name} is ill.", by=principal_social_worker)
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.SCHEDULED


# --- its papers as files ---------------------------------------------------------------------------------------------


def words_of(answer: Any) -> str:
    file = read_docx(io.BytesIO(answer.content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in file.paragraphs] + cells)


def test_the_pack_and_the_minutes_are_files_that_hold_what_their_reader_may_see(
    panel: Panel, meeting: Meeting, theme: Theme, principal_social_worker: User, panel_member: User,
    team_manager: User, client: Client,
) -> None:  # fmt: skip
    chair = principal_social_worker
    months = [date(2025 + place // 12, place % 12 + 1, 1) for place in range(10, 22)]
    for month in months:
        develop(theme, month, 1, 1)
    rebuild()
    item_of(panel, chair, kind=ItemKind.THEME, theme=theme, title="Supervision too seldom")
    secret = item_of(panel, chair, title="One that not all may read")
    built = packs.build_pack(meeting=meeting, by=SYSTEM)
    of_pack, of_minutes = (
        reverse("learning:pack_file", args=[built.pk]), reverse("learning:minutes_file", args=[meeting.pk])
    )  # fmt: skip
    client.force_login(panel_member)
    page = client.get(reverse("learning:pack", args=[built.pk])).content.decode()
    said = "No clear change since November 2025; 1 audit in October 2026."
    assert said in page
    for key in ("audits-counted", "good-or-outstanding", "inadequate", "alerts", "trend", "listed-audits"):
        assert f'href="{reverse("learning:definitions")}#{key}"' in page, key
    text = words_of(client.post(of_pack, {"form": "docx"}))
    assert ". Supervision too seldom" in text and "One that not all may read" in text
    assert said in text
    for form in ("pptx", "xlsx"):
        assert client.post(of_pack, {"form": form}).status_code == 200
    assert "not open to you" in client.post(of_minutes, {"form": "docx"}, follow=True).content.decode()
    scope = files.PACK.scope(by=panel_member, asked=files.PACK.asked(built))
    agenda.declare_conflict(item=secret, user=panel_member, why="A former colleague.", by=chair)
    assert files.PACK.scope(by=panel_member, asked=files.PACK.asked(built)) != scope, "a file made before is withdrawn"
    text = words_of(client.post(of_pack, {"form": "docx"}))
    assert "One that not all may read" not in text
    assert "1 not shown to the reader, because of a conflict." in text

    meeting = begun(meeting, chair, chair, panel_member)
    meeting = meetings.end_meeting(meeting=meeting, by=chair)
    client.force_login(panel_member)  # a week has gone by
    taken = Event.objects.filter(verb="exported").count()
    refused = client.post(of_minutes, {"form": "docx"}, follow=True).content.decode()
    assert "not open to you" in refused
    client.force_login(team_manager)
    for address in (of_pack, of_minutes):
        assert client.post(address, {"form": "docx"}).status_code == 404
    assert Event.objects.filter(verb="exported").count() == taken
    client.force_login(chair)
    text = words_of(client.post(of_minutes, {"form": "docx"}))
    assert f"Minutes of {meeting.reference} (draft)" in text
    assert ". Supervision too seldom (theme)" in text and "One that not all may read" in text
    assert client.post(of_minutes, {"form": "pptx"}).status_code == 404


@pytest.mark.skipif(bool(why_not()), reason="Pango is not installed, so no PDF can be made")
def test_a_pack_as_a_pdf_is_withdrawn_when_its_owner_may_read_less(
    panel: Panel, meeting: Meeting, principal_social_worker: User, panel_member: User, client: Client, settings: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    settings.EXPORTS_DIR = str(tmp_path / "exports")
    item = item_of(panel, principal_social_worker, title="One that not all may read")
    built = packs.build_pack(meeting=meeting, by=SYSTEM)
    client.force_login(panel_member)
    client.post(reverse("learning:pack_file", args=[built.pk]), {"form": "pdf"})
    run_due()
    export = ExportFile.objects.get()
    file = reverse("jobs:export_file", args=[export.pk])
    read = read_pdf(b"".join(client.get(file).streaming_content))  # type: ignore[attr-defined]  # a file
    assert "One that not all may read" in read.text
    agenda.declare_conflict(item=item, user=panel_member, why="A former colleague.", by=principal_social_worker)
    client.get(file)
    export.refresh_from_db()
    assert (export.status, list((tmp_path / "exports").iterdir())) == ("withdrawn", [])
