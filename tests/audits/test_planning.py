"""Planning and giving out: the case is copied as it stands, and nobody audits where they have a tie."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits import access
from audits.choices import AuditPurpose, AuditStatus, Grade, ModerationStatus
from audits.models import Audit, GradeTally, Transition
from audits.services.alerts import raise_alert
from audits.services.drafting import start_audit
from audits.services.moves import StaleVersion
from audits.services.planning import allocate_audit, create_audit, decline_audit, reassign_audit, void_audit
from audits.services.tallies import rebuild
from cases.choices import PlanType
from cases.models import Case, Connection
from core.history.models import Event
from core.notifications.models import Notice
from core.workflow import IllegalMove
from core.working_days import add_working_days
from tests.audits.drafts import fill_in, new_audit, submitted
from tests.factories.accounts import give_role, person_as
from tests.factories.audits import live_tool
from tests.factories.cases import CaseFactory, held_by


def test_the_case_is_copied_as_it_stands(case: Case, qa_lead: User) -> None:
    audit = create_audit(case=case, version=live_tool(), by=qa_lead, window_to=date(2026, 2, 28))
    team, service = case.team, case.service
    Case.objects.filter(pk=case.pk).update(plan_type=PlanType.CLA, team=None)
    audit.refresh_from_db()
    assert (audit.team, audit.service, audit.plan_type) == (team, service, PlanType.CIN)
    assert (audit.age_band, audit.subject_kind, audit.case_reference) == ("5_9", "child", case.reference)
    assert (audit.window_from, audit.window_to) == (date(2025, 3, 1), date(2026, 2, 28))
    assert (audit.status, audit.audit_type) == (AuditStatus.PLANNED, "Example audit")
    move = audit.transitions.get()
    assert (move.event, move.by, move.from_status, move.to_status) == ("create", qa_lead, "", "planned")
    assert Event.objects.get(object_id=audit.pk).verb == "create"


def test_references_run_on_and_skip_what_a_history_brought(case: Case, qa_lead: User) -> None:
    year = timezone.localdate().year
    first = create_audit(case=case, version=live_tool(), by=qa_lead)
    assert first.reference == f"A-{year}-0001"
    Audit.objects.filter(pk=first.pk).update(reference=f"A-{year}-0002")
    assert create_audit(case=case, version=live_tool(), by=SYSTEM).reference == f"A-{year}-0003"


def test_a_window_that_ends_on_the_leap_day(case: Case, qa_lead: User) -> None:
    audit = create_audit(case=case, version=live_tool(), by=qa_lead, window_to=date(2024, 2, 29))
    assert audit.window_from == date(2023, 3, 1)


def test_only_a_live_tool_for_this_kind_of_record_is_used(case: Case, qa_lead: User) -> None:
    version = live_tool()
    carer = CaseFactory(subject_kind="carer")
    with pytest.raises(ValidationError, match="foster carer"):
        create_audit(case=carer, version=version, by=qa_lead)
    version.status = "draft"
    version.save()
    with pytest.raises(ValidationError, match="not live"):
        create_audit(case=case, version=version, by=qa_lead)
    assert not Audit.objects.exists()


@pytest.mark.parametrize(
    "who", ["auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
            "principal_social_worker", "read_only", "system_administrator", "information_governance"],
)  # fmt: skip
def test_only_the_qa_unit_plans_and_gives_out(
    who: str, case: Case, qa_lead: User, auditor: User, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        create_audit(case=case, version=live_tool(), by=person)
    audit = create_audit(case=case, version=live_tool(), by=qa_lead)
    for refused in (
        lambda: allocate_audit(audit=audit, auditor=auditor, by=person),
        lambda: void_audit(audit=audit, by=person, why="x", version=audit.version),
        lambda: reassign_audit(
            audit=audit, auditor=auditor, by=person, why="x", keep_answers=True, version=audit.version
        ),
    ):
        with pytest.raises(NotAllowed):
            refused()
    audit.refresh_from_db()
    assert (audit.status, audit.auditor, audit.version) == (AuditStatus.PLANNED, None, 1)
    assert Transition.objects.count() == 1


def test_a_restricted_case_is_planned_by_a_named_person_only(case: Case, qa_lead: User) -> None:
    Case.objects.update(restricted=True)
    case.refresh_from_db()
    with pytest.raises(NotAllowed):
        create_audit(case=case, version=live_tool(), by=qa_lead)
    case.named_people.create(user=qa_lead)
    assert create_audit(case=case, version=live_tool(), by=qa_lead).pk


def test_allocating_sets_a_due_date_and_tells_the_auditor(case: Case, qa_lead: User, auditor: User) -> None:
    audit = create_audit(case=case, version=live_tool(), by=qa_lead)
    audit = allocate_audit(audit=audit, auditor=auditor, by=qa_lead, version=1)
    assert (audit.status, audit.auditor) == (AuditStatus.ALLOCATED, auditor)
    assert audit.due_on == add_working_days(timezone.localdate(), 10)
    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.reference) == (auditor, "audit_allocated", audit.reference)
    assert notice.due_on == audit.due_on


def test_a_due_date_in_the_past_is_refused(case: Case, qa_lead: User, auditor: User) -> None:
    audit = create_audit(case=case, version=live_tool(), by=qa_lead)
    with pytest.raises(ValidationError, match="today or later"):
        allocate_audit(audit=audit, auditor=auditor, by=qa_lead, due_on=timezone.localdate() - timedelta(days=1))
    audit.refresh_from_db()
    assert audit.status == AuditStatus.PLANNED


def tie_holds(case: Case, person: User) -> None:
    case.holdings.all().delete()
    held_by(case, person)


def tie_held(case: Case, person: User) -> None:
    case.holdings.all().delete()
    held_by(case, person, until=timezone.localdate() - timedelta(days=90))


def tie_team(case: Case, person: User) -> None:
    give_role(person, Role.PRACTITIONER, case.team)


def tie_manager(case: Case, person: User) -> None:
    give_role(person, Role.TEAM_MANAGER, case.team)


def tie_past_manager(case: Case, person: User) -> None:
    give_role(person, Role.TEAM_MANAGER, case.team, ends_on=timezone.localdate() - timedelta(days=60))


def tie_lead(case: Case, person: User) -> None:
    give_role(person, Role.SERVICE_LEAD, case.service)


def tie_head(case: Case, person: User) -> None:
    give_role(person, Role.HEAD_OF_SERVICE, case.service.parent)


def tie_connection(case: Case, person: User) -> None:
    Connection.objects.create(case=case, user=person, declared_on=timezone.localdate())


TIES = [
    (tie_holds, "holds or held this case"),
    (tie_held, "holds or held this case"),
    (tie_team, "works in or manages the team"),
    (tie_manager, "works in or manages the team"),
    (tie_past_manager, "works in or manages the team"),
    (tie_lead, "is in the line management of the case"),
    (tie_head, "is in the line management of the case"),
    (tie_connection, "declared a personal connection"),
]


@pytest.mark.parametrize(("tie", "category"), TIES)
def test_a_conflict_refuses_the_allocation_and_changes_nothing(
    tie: object, category: str, case: Case, qa_lead: User, auditor: User
) -> None:
    audit = create_audit(case=case, version=live_tool(), by=qa_lead)
    assert access.conflicts(auditor, case, audit.window_from) == []
    assert auditor in [choice.user for choice in access.auditors_for(case)]
    tie(case, auditor)  # type: ignore[operator]
    auditor = User.objects.get(pk=auditor.pk)
    with pytest.raises(NotAllowed) as refused:
        allocate_audit(audit=audit, auditor=auditor, by=qa_lead)
    assert category in str(refused.value)
    assert auditor.name not in str(refused.value)
    assert case.team.name not in str(refused.value)
    assert access.conflicts(auditor, case, audit.window_from) == [category]
    assert auditor not in [choice.user for choice in access.auditors_for(case)]
    audit.refresh_from_db()
    assert (audit.status, audit.auditor, audit.version) == (AuditStatus.PLANNED, None, 1)
    assert Transition.objects.count() == 1
    assert not Notice.objects.exists()


def test_ties_from_before_the_window_and_elsewhere_are_none(
    case: Case, qa_lead: User, auditor: User, other_team: OrgUnit
) -> None:
    before = held_by(case, auditor, since=date(2020, 1, 1), until=date(2020, 6, 1))
    give_role(auditor, Role.TEAM_MANAGER, other_team)
    give_role(auditor, Role.HEAD_OF_SERVICE, other_team.parent)
    give_role(auditor, Role.PRACTITIONER, case.team, starts_on=date(2019, 1, 1), ends_on=date(2020, 1, 1))
    elsewhere = held_by(CaseFactory())
    elsewhere.worker = before.worker
    elsewhere.save()
    audit = create_audit(case=case, version=live_tool(), by=qa_lead)
    assert allocate_audit(audit=audit, auditor=auditor, by=qa_lead).auditor == auditor


def test_only_somebody_who_is_an_auditor_today_is_given_one(case: Case, qa_lead: User, directorate: OrgUnit) -> None:
    audit = create_audit(case=case, version=live_tool(), by=qa_lead)
    past = person_as(Role.AUDITOR, directorate, ends_on=date(2024, 1, 1))
    left = person_as(Role.AUDITOR, directorate)
    User.objects.filter(pk=left.pk).update(is_active=False)
    for person in (qa_lead, past, User.objects.get(pk=left.pk)):
        with pytest.raises(NotAllowed, match="not an auditor"):
            allocate_audit(audit=audit, auditor=person, by=qa_lead)
    assert access.auditors_for(case) == []


def test_auditors_are_offered_the_least_loaded_first(
    case: Case, qa_lead: User, auditor: User, directorate: OrgUnit
) -> None:
    free = person_as(Role.AUDITOR, directorate, name="Zed Example")
    new_audit(case=case, by=qa_lead, auditor=auditor)
    assert [(choice.user, choice.open_audits) for choice in access.auditors_for(case)] == [(free, 0), (auditor, 1)]


def test_offering_auditors_takes_the_same_queries_for_two_and_for_twenty(
    case: Case, directorate: OrgUnit, django_assert_max_num_queries: object
) -> None:
    for _ in range(20):
        person_as(Role.AUDITOR, directorate)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(access.auditors_for(case)) == 20


def test_declining_needs_a_reason_and_frees_the_audit(allocated: Audit, auditor: User, qa_lead: User) -> None:
    with pytest.raises(ValidationError):
        decline_audit(audit=allocated, by=auditor, why="  ", version=allocated.version)
    audit = decline_audit(audit=allocated, by=auditor, why="I know the family.", version=allocated.version)
    assert (audit.status, audit.auditor, audit.due_on) == (AuditStatus.PLANNED, None, None)
    assert audit.transitions.last().why == "I know the family."
    assert not Audit.objects.visible_to(auditor).exists()
    with pytest.raises(NotAllowed):
        start_audit(audit=audit, by=auditor)
    assert allocate_audit(audit=audit, auditor=auditor, by=qa_lead).status == AuditStatus.ALLOCATED


@pytest.mark.parametrize("keep", [True, False])
def test_reassigning_keeps_or_clears_what_was_written(
    keep: bool, under_way: Audit, auditor: User, qa_lead: User, directorate: OrgUnit
) -> None:
    audit = fill_in(under_way, auditor)
    alert = raise_alert(audit=audit, by=auditor, what="x", where="y", since="z")
    other = person_as(Role.AUDITOR, directorate)
    audit = reassign_audit(
        audit=audit, auditor=other, by=qa_lead, why="Long absence.", keep_answers=keep, version=audit.version
    )
    assert (audit.status, audit.auditor) == (AuditStatus.ALLOCATED, other)
    audit = start_audit(audit=audit, by=other)
    audit.refresh_from_db()
    assert bool(audit.auditor_grade) is keep
    assert audit.sections.count() == 2
    assert audit.sections.exclude(grade="").count() == (2 if keep else 0)
    assert audit.alerts.get() == alert
    content = Event.objects.filter(object_id=audit.pk, verb="reassign").get().content
    assert content.values["answers"] == ("kept" if keep else "cleared")


def test_reassigning_to_the_same_auditor_or_without_a_reason_is_refused(
    under_way: Audit, auditor: User, qa_lead: User, directorate: OrgUnit
) -> None:
    for person, why in ((auditor, "A reason."), (person_as(Role.AUDITOR, directorate), " ")):
        with pytest.raises(ValidationError):
            reassign_audit(
                audit=under_way, auditor=person, by=qa_lead, why=why, keep_answers=True, version=under_way.version
            )
    under_way.refresh_from_db()
    assert under_way.auditor == auditor


def test_a_void_audit_counts_nowhere_and_leaves_the_queue(case: Case, qa_lead: User, auditor: User) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE)
    audit = void_audit(audit=audit, by=qa_lead, why="Wrong child's record.", version=audit.version)
    assert audit.status == AuditStatus.VOID
    assert audit.moderations.get().status == ModerationStatus.WITHDRAWN
    counts = dict(GradeTally.objects.for_services().filter(count__gt=0).values_list("cut", "count"))
    assert counts == {"excluded": 1}
    assert rebuild() == 0
    with pytest.raises(IllegalMove, match="now “Void”"):
        void_audit(audit=audit, by=qa_lead, why="Again.", version=audit.version)


def test_after_feedback_no_audit_is_made_void(case: Case, qa_lead: User, auditor: User) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE)
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.FEEDBACK_ISSUED)
    with pytest.raises(IllegalMove, match="Feedback issued"):
        void_audit(audit=audit, by=qa_lead, why="Too late.", version=audit.version)


def test_a_stale_version_changes_nothing(allocated: Audit, qa_lead: User, auditor: User) -> None:
    old = allocated.version - 1
    with pytest.raises(StaleVersion) as refused:
        void_audit(audit=allocated, by=qa_lead, why="A reason.", version=old)
    assert refused.value.version == allocated.version
    with pytest.raises(StaleVersion):
        decline_audit(audit=allocated, by=auditor, why="A reason.", version=old)
    allocated.refresh_from_db()
    assert allocated.status == AuditStatus.ALLOCATED


def test_the_shadow_purpose_is_kept(case: Case, qa_lead: User) -> None:
    audit = create_audit(case=case, version=live_tool(), by=qa_lead, purpose=AuditPurpose.SHADOW)
    assert audit.purpose == AuditPurpose.SHADOW
    assert isinstance(audit.pk, UUID)
