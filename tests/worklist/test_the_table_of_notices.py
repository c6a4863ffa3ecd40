"""The table of notifications in product.md section 11, row by row: who is told, of what kind, and when it is sent.

Each row is played with the product's own services. "At once" and "digest" are said of a person who wished nothing else;
a star is what the table's star is: sent at once whatever a person wishes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time

import pytest
from django.utils import timezone

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.services.clocks import look_at_clocks
from actions.services.creating import create_action
from actions.services.doing import claim_done
from assurance_clinics.rules import rota
from audits.choices import AuditStatus, ClockKind, ClockState, Grade, ModerationOutcome
from audits.models import Audit, Clock, Dispute, Moderation, SafeguardingAlert
from audits.services.alerts import raise_alert
from audits.services.challenging import challenge_feedback
from audits.services.disputing import assign_dispute, decide_dispute
from audits.services.feedback import issue_feedback
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.returning import Question, return_audit
from audits.services.sweeping import look_at_alert, look_at_audit_clocks
from cases.models import Case
from core.jobs.services import JobFailed, JobRun, enqueue, handles, run_due
from core.jobs.services.importing import Importer, give_file, register_importer
from core.notifications.choices import Route
from core.notifications.models import Notice
from core.notifications.services import kind_of
from core.spreadsheets import UnreadableFile
from core.working_days import LONDON, add_working_days
from learning.choices import SeatKind
from learning.services import meetings, packs, panels
from learning.services.exemplars import build_practice_list
from learning.tasks import GOOD_PRACTICE
from tests.actions.wanted import wanted
from tests.audits.drafts import REASON, new_audit, submitted
from tests.factories.accounts import person_as
from tests.factories.actions import ActionFactory
from tests.factories.audits import AuditFactory, graded_audit
from tests.factories.cases import CaseFactory, held_by
from worklist.services.breaking_glass import break_glass

pytestmark = pytest.mark.django_db
Told = set[tuple[str, str, str]]

ROLES = {
    "AU": Role.AUDITOR, "MO": Role.MODERATOR, "PR": Role.PRACTITIONER, "TM": Role.TEAM_MANAGER,
    "SL": Role.SERVICE_LEAD, "HS": Role.HEAD_OF_SERVICE, "QL": Role.QA_LEAD, "PS": Role.PRINCIPAL_SOCIAL_WORKER,
    "PM": Role.PANEL_MEMBER, "IG": Role.INFORMATION_GOVERNANCE, "SA": Role.SYSTEM_ADMINISTRATOR,
    "DM": Role.DUTY_MANAGER,
}  # fmt: skip


@dataclass
class Stage:
    """A department with one person in each role, and what the row has told so far, by moment."""

    people: dict[str, User]
    case: Case
    told: dict[str, Told] = field(default_factory=dict)

    def __getitem__(self, short: str) -> User:
        return self.people[short]

    def at(self, moment: str, happens: Callable[[], object]) -> None:
        """Let something happen and keep who is told of it and how."""
        before = set(Notice.objects.values_list("pk", flat=True))
        happens()
        run_due()
        names = {person.pk: short for short, person in self.people.items()}
        self.told[moment] = {
            (names[row.person_id], row.kind, self._how(row)) for row in Notice.objects.exclude(pk__in=before)
        }

    def on(self, moment: str, day: date) -> None:
        """Let a morning's look at the clocks of audits and actions come."""
        self.at(moment, lambda: (look_at_audit_clocks(now=_at(day, 8)), look_at_clocks(today=day)))

    @staticmethod
    def _how(row: Notice) -> str:
        if row.route == Route.DIGEST:
            return "digest"
        return "at once *" if kind_of(row.kind).must else "at once"


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=LONDON)


@pytest.fixture
def stage(directorate: OrgUnit, service: OrgUnit, team: OrgUnit) -> Stage:
    units = {"PR": team, "TM": team, "SL": service, "HS": service}
    people = {short: person_as(role, units.get(short, directorate)) for short, role in ROLES.items()}
    case = CaseFactory(team=team, service=service)
    held_by(case, people["PR"])
    return Stage(people, case)


def _issued(stage: Stage, grade: str) -> Audit:
    audit = graded_audit(grade, case=stage.case, status=AuditStatus.SETTLED, auditor=stage["AU"])
    issue_feedback(audit=audit, by=SYSTEM)
    return Audit.objects.get(pk=audit.pk)


def _in_queue(stage: Stage, grade: str) -> Moderation:
    return submitted(case=stage.case, by=stage["QL"], auditor=stage["AU"], overall=grade).moderations.get()


def audit_allocated(stage: Stage) -> None:
    stage.at("allocated", lambda: new_audit(case=stage.case, by=stage["QL"], auditor=stage["AU"]))


def due_soon_due_overdue(stage: Stage) -> None:
    AuditFactory(
        case=stage.case, auditor=stage["AU"], status=AuditStatus.IN_PROGRESS, due_on=date(2026, 10, 7),
        allocated_at=_at(date(2026, 9, 1), 9),
    )  # fmt: skip
    for moment, day in (("T-4", 1), ("T-3", 2), ("T-2", 5), ("T-1", 6), ("T", 7), ("T+1", 8), ("T+3", 12), ("T+5", 14)):
        stage.on(moment, date(2026, 10, day))


def safeguarding_alert(stage: Stage) -> None:
    audit = graded_audit(Grade.GOOD, case=stage.case, status=AuditStatus.IN_PROGRESS, auditor=stage["AU"])
    morning = _at(add_working_days(timezone.localdate(), 1), 10)  # in working hours, whenever this is run
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(timezone, "now", lambda: morning)
        stage.at("raised", lambda: raise_alert(audit=audit, by=stage["AU"], what="Not seen", where="Note", since="May"))
    SafeguardingAlert.objects.update(raised_at=_at(date(2026, 10, 5), 10))
    alert = SafeguardingAlert.objects.get()
    stage.at("4 working hours", lambda: look_at_alert(alert=alert, now=_at(date(2026, 10, 5), 14)))
    stage.at("end of day", lambda: look_at_alert(alert=alert, now=_at(date(2026, 10, 5), 17)))


def submitted_in_queue(stage: Stage) -> None:
    stage.at("good", lambda: _in_queue(stage, Grade.GOOD))
    stage.at("inadequate", lambda: _in_queue(stage, Grade.INADEQUATE))


def returned_or_changed(stage: Stage) -> None:
    def give_back() -> None:
        held = open_moderation(moderation=_in_queue(stage, Grade.GOOD), by=stage["MO"])
        return_audit(moderation=held, by=stage["MO"], questions=[Question("When was that?")], version=held.version)

    def change() -> None:
        held = open_moderation(moderation=_in_queue(stage, Grade.GOOD), by=stage["MO"])
        decide_moderation(
            moderation=held, by=stage["MO"], outcome=ModerationOutcome.CHANGED, grade=Grade.REQUIRES_IMPROVEMENT,
            reason=REASON, version=held.version,
        )  # fmt: skip

    stage.at("returned", give_back)
    stage.at("changed", change)
    for told in stage.told.values():
        told -= {("AU", "audit_allocated", "at once"), ("MO", "audit_in_queue", "digest")}


def inadequate_to_confirm(stage: Stage) -> None:
    held = open_moderation(moderation=_in_queue(stage, Grade.INADEQUATE), by=stage["MO"])
    run_due()
    stage.at(
        "agreed",
        lambda: decide_moderation(
            moderation=held, by=stage["MO"], outcome=ModerationOutcome.AGREED, version=held.version
        ),
    )
    Moderation.objects.update(confirm_by=date(2026, 10, 7))
    stage.on("+1", date(2026, 10, 6))
    stage.on("+2", date(2026, 10, 7))


def feedback_issued(stage: Stage) -> None:
    stage.at("issued", lambda: _issued(stage, Grade.GOOD))


def _response(stage: Stage, grade: str, due: date) -> None:
    audit = _issued(stage, grade)
    others = Clock.objects.filter(audit=audit).exclude(kind=ClockKind.RESPONSE)
    others.update(state=ClockState.STOPPED)
    Clock.objects.filter(audit=audit, kind=ClockKind.RESPONSE).update(started_on=date(2026, 10, 5), due_on=due)


def response_due_or_late(stage: Stage) -> None:
    _response(stage, Grade.REQUIRES_IMPROVEMENT, date(2026, 10, 19))
    for moment, day in (("half-time", 12), ("T", 19), ("T+1", 20), ("T+2", 21)):
        stage.on(moment, date(2026, 10, day))


def response_to_inadequate(stage: Stage) -> None:
    _response(stage, Grade.INADEQUATE, date(2026, 10, 12))
    for moment, day in (("half-time", 7), ("T+0", 12), ("T+1", 13)):
        stage.on(moment, date(2026, 10, day))


def challenge_opened_or_decided(stage: Stage) -> None:
    audit = _issued(stage, Grade.GOOD)
    why = "The dates stand in the plan of the sibling."
    stage.at("opened", lambda: challenge_feedback(audit=audit, by=stage["PR"], about="facts", text=why))

    def decide() -> None:
        dispute = assign_dispute(dispute=Dispute.objects.get(), moderator=stage["MO"], by=stage["MO"])
        decide_dispute(dispute=dispute, by=stage["MO"], grade=Grade.GOOD, reason=REASON, version=dispute.version)

    stage.at("decided", decide)


def action_assigned_due_overdue(stage: Stage) -> None:
    asked = wanted(owner=stage["PR"], case=stage.case)
    stage.at("assigned", lambda: create_action(wanted=asked, by=stage["TM"]))
    ActionFactory(owner=stage["PR"], case=stage.case, due_on=date(2026, 10, 7), created_at=_at(date(2026, 9, 1), 9))
    days = (("-5", 9, 30), ("due", 10, 7), ("overdue", 10, 8), ("+5", 10, 14), ("+10", 10, 21))
    for moment, month, day in days:
        stage.on(moment, date(2026, month, day))


def claimed_done(stage: Stage) -> None:
    action = create_action(wanted=wanted(owner=stage["PR"], case=stage.case), by=stage["TM"])
    stage.at("claimed", lambda: claim_done(action=action, by=stage["PR"], text="Done"))


def pack_and_minutes(stage: Stage) -> None:
    lead, chair = stage["QL"], stage["PS"]
    panel = panels.set_up_panel(name="The panel", terms="What audits say about practice.", quorum=2, by=lead)
    panels.seat_member(panel=panel, user=chair, kind=SeatKind.CHAIR, by=lead)
    panels.seat_member(panel=panel, user=stage["PM"], kind=SeatKind.MEMBER, by=lead)
    today = timezone.localdate()
    meeting = meetings.schedule_meetings(panel=panel, first=today, starts_at=time(14), place="Room 1", by=chair)[0]
    meetings.open_agenda(meeting=meeting, by=chair)
    stage.at("pack ready", lambda: packs.build_pack(meeting=meeting, by=SYSTEM))
    meeting.refresh_from_db()
    meetings.begin_meeting(meeting=meeting, present=[chair, stage["PM"]], by=chair)
    stage.at("minutes", lambda: meetings.end_meeting(meeting=meeting, by=chair))


def good_practice_list(stage: Stage) -> None:
    assert GOOD_PRACTICE.moments(_at(date(2026, 10, 1), 7))[0].date() == date(2026, 10, 1)
    assert GOOD_PRACTICE.moments(_at(date(2026, 11, 2), 5))[0].date() == date(2026, 10, 1), "1 November is a Sunday"
    assert GOOD_PRACTICE.moments(_at(date(2026, 11, 2), 7))[0].date() == date(2026, 11, 2)
    stage.at("listed", lambda: build_practice_list(month=date(2026, 9, 1)))


def import_or_job_failed(stage: Stage) -> None:
    @handles("doomed_row", title="A job that fails")
    def doomed(run: JobRun) -> None:
        raise JobFailed("It cannot be done.")

    def unreadable(**_: object) -> object:
        raise UnreadableFile("This is no spreadsheet.")

    register_importer(
        Importer("doomed_file", "A file", may=lambda user: True, read=unreadable, check=unreadable, apply=unreadable)
    )
    stage.at("job", lambda: enqueue("doomed_row"))
    stage.at("import", lambda: give_file(kind="doomed_file", filename="x.csv", data=b"x", by=stage["QL"], options={}))


def glass_broken(stage: Stage) -> None:
    why = "The mother rang and nobody of the team can be reached."
    stage.at("broken", lambda: break_glass(case=stage.case, why=why, by=stage["HS"]))


ROWS: dict[str, tuple[Callable[[Stage], None], dict[str, Told]]] = {
    "Audit allocated": (audit_allocated, {"allocated": {("AU", "audit_allocated", "at once")}}),
    "Due soon / due / overdue": (
        due_soon_due_overdue,
        {
            "T-4": set(), "T-3": {("AU", "audit_due_soon", "digest")}, "T-2": set(),
            "T-1": {("AU", "audit_due_soon", "digest")}, "T": set(),
            "T+1": {("AU", "audit_overdue", "digest"), ("QL", "audit_overdue", "digest")},
            "T+3": {("SL", "audit_overdue_above", "digest")}, "T+5": {("HS", "audit_overdue_above", "digest")},
        },
    ),
    "Safeguarding alert *": (
        safeguarding_alert,
        {
            "raised": {(who, "alert_raised", "at once *") for who in ("TM", "SL", "QL")},
            "4 working hours": {("HS", "alert_unacknowledged", "at once *")},
            "end of day": {("DM", "alert_unacknowledged", "at once *")},
        },
    ),
    "Submitted / in queue": (
        submitted_in_queue,
        {
            "good": {("AU", "audit_allocated", "at once"), ("MO", "audit_in_queue", "digest")},
            "inadequate": {("AU", "audit_allocated", "at once"), ("MO", "audit_in_queue_today", "at once")},
        },
    ),
    "Returned / changed grade": (
        returned_or_changed,
        {"returned": {("AU", "audit_returned", "at once")}, "changed": {("AU", "grade_changed", "at once")}},
    ),
    "Inadequate to confirm *": (
        inadequate_to_confirm,
        {
            "agreed": {("HS", "inadequate_to_confirm", "at once *")},
            "+1": {("HS", "inadequate_to_confirm", "at once *")}, "+2": {("QL", "inadequate_to_confirm", "at once *")},
        },
    ),
    "Feedback issued": (
        feedback_issued, {"issued": {("PR", "feedback_issued", "at once"), ("TM", "feedback_issued", "at once")}},
    ),
    "Response due / late *": (
        response_due_or_late,
        {
            "half-time": {("TM", "response_due", "at once *")}, "T": set(),
            "T+1": {("TM", "response_late", "at once *"), ("SL", "response_late", "at once *")},
            "T+2": {("HS", "response_late", "at once *")},
        },
    ),
    "Response due / late * (inadequate)": (
        response_to_inadequate,
        {
            "half-time": {("TM", "response_due", "at once *")}, "T+0": {("SL", "response_due", "at once *")},
            "T+1": {(who, "response_late", "at once *") for who in ("TM", "SL", "HS")},
        },
    ),
    "Challenge opened / decided": (
        challenge_opened_or_decided,
        {
            "opened": {("MO", "dispute_opened", "at once"), ("QL", "challenge_opened", "at once")},
            "decided": {("PR", "challenge_decided", "at once"), ("AU", "dispute_decided", "at once")},
        },
    ),
    "Action assigned, due -5, due, overdue": (
        action_assigned_due_overdue,
        {
            "assigned": {("PR", "action_assigned", "at once")}, "-5": {("PR", "action_due_soon", "digest")},
            "due": {("PR", "action_due", "digest")},
            "overdue": {("PR", "action_overdue", "digest"), ("TM", "action_overdue", "digest")},
            "+5": {("SL", "action_overdue", "digest")}, "+10": {("HS", "action_overdue", "digest")},
        },
    ),
    "Claimed done": (claimed_done, {"claimed": {("TM", "action_claimed", "digest")}}),
    "Pack ready, minutes to agree": (
        pack_and_minutes,
        {
            "pack ready": {("PM", "panel_pack", "at once"), ("PS", "panel_pack", "at once")},
            "minutes": {("PM", "panel_minutes", "at once"), ("PS", "panel_minutes", "at once")},
        },
    ),
    "PSW good-practice list": (good_practice_list, {"listed": {("PS", "practice_list", "at once")}}),
    "Import or job failed": (
        import_or_job_failed,
        {
            "job": {("QL", "job_failed", "at once"), ("SA", "job_failed", "at once")},
            "import": {("QL", "import_failed", "at once"), ("SA", "import_failed", "at once")},
        },
    ),
    "Break-glass *": (
        glass_broken, {"broken": {("QL", "break_glass", "at once *"), ("IG", "break_glass", "at once *")}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_the_row(row: str, stage: Stage) -> None:
    play, expected = ROWS[row]
    play(stage)
    assert stage.told == expected


def test_figures_missing_for_a_clinic_are_told_three_and_one_working_days_before() -> None:
    """Who is told stands in tests/assurance_clinics/test_clinics.py; the row's days stand here."""
    assert (rota.OWNER_TOLD, rota.HEAD_TOLD) == (3, 1)
