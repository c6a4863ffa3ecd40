"""From a changed grade to its end: accepted, silent, disputed, decided by a second moderator or by the panel."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, DisputeOrigin, DisputeStatus, Grade, ModerationOutcome, ModerationStatus
from audits.models import Audit, Dispute, DisputeVote, Moderation
from audits.services.answering import accept_grade, confirm_grade, dispute_grade, lapse_answers, query_grade
from audits.services.disputing import (
    Vote,
    assign_dispute,
    decide_dispute,
    decide_dispute_by_panel,
    open_dispute,
    refer_to_panel,
)
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.planning import void_audit
from audits.services.tallies import rebuild
from cases.models import Case
from core.jobs.services import on_event
from core.notifications.models import Notice
from core.workflow import IllegalMove
from tests.audits.drafts import REASON, section, submitted
from tests.factories.accounts import person_as

WHY = "The visits of May were weighed twice over."
GOOD, RI, INADEQUATE = Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE


@pytest.fixture
def second(directorate: OrgUnit) -> User:
    return person_as(Role.MODERATOR, directorate, name="Sol Example-Second")


def changed(
    case: Case, qa_lead: User, auditor: User, moderator: User, *, given: str, to: str, **more: Any
) -> Moderation:
    """A submission whose grade the moderator has changed; the auditor is asked."""
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=given)
    moderation = open_moderation(moderation=audit.moderations.get(), by=moderator)
    return decide_moderation(
        moderation=moderation, by=moderator, outcome=ModerationOutcome.CHANGED, grade=to, reason=REASON,
        version=moderation.version, **more,
    )  # fmt: skip


@pytest.fixture
def lowered(case: Case, qa_lead: User, auditor: User, moderator: User) -> Moderation:
    """Outstanding, changed to good."""
    return changed(case, qa_lead, auditor, moderator, given=Grade.OUTSTANDING, to=GOOD)


@pytest.fixture
def dispute(second: User, lowered: Moderation, auditor: User) -> Dispute:
    """The same, disputed by its auditor."""
    return dispute_grade(moderation=lowered, by=auditor, why=WHY, version=lowered.version)


def now(moderation: Moderation | None) -> Moderation:
    assert moderation is not None
    return Moderation.objects.select_related("audit").get(pk=moderation.pk)


def settled(moderation: Moderation | None) -> tuple[str, str]:
    audit = now(moderation).audit
    assert rebuild() == 0
    return audit.status, audit.grade


def test_silence_for_three_working_days_accepts_and_no_sooner(lowered: Moderation) -> None:
    last = lowered.answer_by
    assert last is not None
    assert lapse_answers(today=last) == 0
    assert lapse_answers(today=last + timedelta(days=1)) == 1
    assert lapse_answers(today=last + timedelta(days=1)) == 0
    assert settled(lowered) == (AuditStatus.SETTLED, GOOD)
    done = now(lowered)
    assert (done.status, done.answered_by, bool(done.answered_at)) == (ModerationStatus.DONE, None, True)


def test_only_the_auditor_answers_and_once(lowered: Moderation, auditor: User, moderator: User, qa_lead: User) -> None:
    for person in (moderator, qa_lead):
        with pytest.raises(NotAllowed):
            accept_grade(moderation=lowered, by=person, version=lowered.version)
        with pytest.raises(NotAllowed):
            dispute_grade(moderation=lowered, by=person, why=WHY, version=lowered.version)
    assert now(lowered).status == ModerationStatus.AWAITING_ACCEPTANCE
    accept_grade(moderation=lowered, by=auditor, version=lowered.version)
    with pytest.raises(IllegalMove, match="now “Done”; you cannot dispute the grade"):
        dispute_grade(moderation=lowered, by=auditor, why=WHY, version=lowered.version)
    assert lapse_answers(today=date(2030, 1, 1)) == 0
    assert not Dispute.objects.exists()


def test_a_dispute_waits_for_a_second_moderator_and_says_why(dispute: Dispute, auditor: User, second: User) -> None:
    assert (dispute.origin, dispute.status) == (DisputeOrigin.MODERATION, DisputeStatus.OPEN)
    assert (dispute.grade_one, dispute.grade_two, dispute.raised_by) == (Grade.OUTSTANDING, GOOD, auditor)
    assert now(dispute.moderation).status == ModerationStatus.DISPUTED
    assert Notice.objects.filter(kind="dispute_opened", person=second).count() == 1


def test_a_dispute_needs_a_reason(lowered: Moderation, auditor: User) -> None:
    with pytest.raises(ValidationError):
        dispute_grade(moderation=lowered, by=auditor, why="No.", version=lowered.version)
    assert now(lowered).status == ModerationStatus.AWAITING_ACCEPTANCE
    assert not Dispute.objects.exists()


def test_whoever_had_a_part_or_a_tie_does_not_decide(
    dispute: Dispute, moderator: User, auditor: User, team_manager: User, qa_lead: User
) -> None:
    for person in (moderator, auditor, team_manager, qa_lead):
        with pytest.raises(NotAllowed):
            assign_dispute(dispute=dispute, moderator=person, by=person)
        with pytest.raises(NotAllowed):
            assign_dispute(dispute=dispute, moderator=person, by=qa_lead)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.second_moderator) == (DisputeStatus.OPEN, None)


def test_upheld_by_the_second_moderator_the_auditors_grade_settles(dispute: Dispute, second: User) -> None:
    taken = assign_dispute(dispute=dispute, moderator=second, by=second)
    done = decide_dispute(dispute=taken, by=second, grade=Grade.OUTSTANDING, reason=REASON, version=taken.version)
    assert (done.status, done.decided_by, done.by_panel) == (DisputeStatus.DECIDED, second, False)
    assert settled(dispute.moderation) == (AuditStatus.SETTLED, Grade.OUTSTANDING)


def test_still_disputed_it_goes_to_the_panel_whose_word_is_final(
    dispute: Dispute, second: User, auditor: User, moderator: User, panel_member: User, principal_social_worker: User,
    team_manager: User,
) -> None:  # fmt: skip
    taken = assign_dispute(dispute=dispute, moderator=second, by=second)
    decide_dispute(dispute=taken, by=second, grade=GOOD, reason=REASON, version=taken.version)
    again = now(dispute.moderation)
    assert again.status == ModerationStatus.AWAITING_ACCEPTANCE  # the auditor is asked once more
    with_panel = dispute_grade(moderation=again, by=auditor, why=WHY, version=again.version)
    assert with_panel.status == DisputeStatus.WITH_PANEL
    votes = [
        Vote(panel_member, Grade.OUTSTANDING),
        Vote(principal_social_worker, Grade.OUTSTANDING),
        Vote(team_manager, "", "manages the team"),
    ]
    with pytest.raises(NotAllowed):
        decide_dispute_by_panel(dispute=with_panel, by=moderator, grade=GOOD, reason=REASON, votes=votes)
    for bad in ([], [Vote(moderator, GOOD)], [Vote(panel_member, GOOD), Vote(panel_member, GOOD)], [*votes[:2]]):
        with pytest.raises(ValidationError) as refused:
            decide_dispute_by_panel(
                dispute=with_panel, by=principal_social_worker, grade=GOOD, reason=REASON, votes=bad
            )
        assert list(refused.value.message_dict) == ["votes"]
    done = decide_dispute_by_panel(
        dispute=with_panel, by=principal_social_worker, grade=Grade.OUTSTANDING, reason=REASON, votes=votes
    )
    assert (done.status, done.by_panel) == (DisputeStatus.DECIDED, True)
    assert set(done.votes.values_list("grade", "conflict")) == {(Grade.OUTSTANDING, ""), ("", "manages the team")}
    assert settled(dispute.moderation) == (AuditStatus.SETTLED, Grade.OUTSTANDING)
    with pytest.raises(DatabaseError), transaction.atomic():
        DisputeVote.objects.update(grade=GOOD)


def test_a_jump_from_good_to_inadequate_goes_straight_to_the_panel_and_its_inadequate_is_final(
    case: Case, qa_lead: User, auditor: User, moderator: User, panel_member: User, second: User
) -> None:
    on_event("audits.dispute_with_panel", "a_kind_of_this_test")
    moderation = changed(case, qa_lead, auditor, moderator, given=Grade.OUTSTANDING, to=INADEQUATE)
    dispute = dispute_grade(moderation=moderation, by=auditor, why=WHY, version=moderation.version)
    assert dispute.status == DisputeStatus.WITH_PANEL
    assert not Notice.objects.filter(kind="dispute_opened").exists()
    with pytest.raises(IllegalMove):
        assign_dispute(dispute=dispute, moderator=second, by=second)
    decide_dispute_by_panel(
        dispute=dispute, by=panel_member, grade=INADEQUATE, reason=REASON, votes=[Vote(panel_member, INADEQUATE)]
    )
    assert settled(moderation) == (AuditStatus.SETTLED, INADEQUATE)


def test_a_second_moderator_who_would_jump_leaves_it_to_the_panel(
    case: Case, qa_lead: User, auditor: User, moderator: User, second: User
) -> None:
    moderation = changed(case, qa_lead, auditor, moderator, given=INADEQUATE, to=RI)
    dispute = dispute_grade(moderation=moderation, by=auditor, why=WHY, version=moderation.version)
    taken = assign_dispute(dispute=dispute, moderator=second, by=qa_lead)
    referred = decide_dispute(dispute=taken, by=second, grade=GOOD, reason=REASON, version=taken.version)
    assert (referred.status, referred.second_grade, referred.grade) == (DisputeStatus.WITH_PANEL, GOOD, "")
    assert now(moderation).status == ModerationStatus.DISPUTED


def test_hard_limits_bind_the_second_moderator_and_the_panel(
    case: Case, qa_lead: User, auditor: User, moderator: User, second: User, panel_member: User
) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=INADEQUATE, safeguarding=INADEQUATE)
    opened = open_moderation(moderation=audit.moderations.get(), by=moderator)
    row = section(audit, "safeguarding")
    moderation = decide_moderation(
        moderation=opened, by=moderator, outcome=ModerationOutcome.CHANGED, grade=RI, reason=REASON,
        section_grades={row.pk: (RI, REASON)}, version=opened.version,
    )  # fmt: skip
    dispute = dispute_grade(moderation=moderation, by=auditor, why=WHY, version=moderation.version)
    taken = assign_dispute(dispute=dispute, moderator=second, by=second)
    back = {row.pk: (INADEQUATE, REASON)}
    with pytest.raises(ValidationError, match="cannot be above inadequate"):
        decide_dispute(
            dispute=taken, by=second, grade=RI, reason=REASON, section_grades=back, version=taken.version,
            override_reason=REASON * 3,
        )  # fmt: skip
    referred = refer_to_panel(dispute=taken, by=second, why=WHY, version=taken.version)
    with pytest.raises(ValidationError, match="cannot be above inadequate"):
        decide_dispute_by_panel(
            dispute=referred, by=panel_member, grade=RI, reason=REASON, section_grades=back,
            votes=[Vote(panel_member, RI)], override_reason=REASON * 3,
        )  # fmt: skip
    decide_dispute_by_panel(
        dispute=referred, by=panel_member, grade=INADEQUATE, reason=REASON, section_grades=back,
        votes=[Vote(panel_member, INADEQUATE)],
    )  # fmt: skip
    assert settled(moderation) == (AuditStatus.SETTLED, INADEQUATE)
    assert section(audit, "safeguarding").settled_grade == INADEQUATE


@pytest.fixture
def to_confirm(case: Case, qa_lead: User, auditor: User, moderator: User, head_of_service: User) -> Moderation:
    """An inadequate grade with which the moderator agrees."""
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=INADEQUATE)
    opened = open_moderation(moderation=audit.moderations.get(), by=moderator)
    return decide_moderation(moderation=opened, by=moderator, outcome=ModerationOutcome.AGREED, version=opened.version)


def test_an_inadequate_grade_waits_for_a_head_of_service(to_confirm: Moderation, head_of_service: User) -> None:
    assert to_confirm.status == ModerationStatus.AWAITING_CONFIRMATION
    assert settled(to_confirm) == (AuditStatus.SUBMITTED, INADEQUATE)
    assert Notice.objects.filter(kind="inadequate_to_confirm", person=head_of_service).count() == 1
    assert Moderation.objects.visible_to(head_of_service).filter(pk=to_confirm.pk).exists()
    done = confirm_grade(moderation=to_confirm, by=head_of_service, version=to_confirm.version)
    assert done.confirmed_by == head_of_service
    assert settled(to_confirm) == (AuditStatus.SETTLED, INADEQUATE)


def test_nobody_confirms_what_they_judged_or_what_is_not_theirs(
    to_confirm: Moderation, auditor: User, moderator: User, directorate: OrgUnit, other_service: OrgUnit,
    service_lead: User, team_manager: User, qa_lead: User,
) -> None:  # fmt: skip
    elsewhere = person_as(Role.HEAD_OF_SERVICE, other_service)
    for person in (auditor, moderator):
        person.memberships.create(role=Role.HEAD_OF_SERVICE, unit=directorate, starts_on=date(2026, 1, 1))
    people = [User.objects.get(pk=person.pk) for person in (auditor, moderator)]
    for person in (*people, elsewhere, service_lead, team_manager, qa_lead):
        with pytest.raises(NotAllowed):
            confirm_grade(moderation=to_confirm, by=person, version=to_confirm.version)
        with pytest.raises(NotAllowed):
            query_grade(moderation=to_confirm, by=person, why=WHY, version=to_confirm.version)
    assert now(to_confirm).status == ModerationStatus.AWAITING_CONFIRMATION


def test_queried_it_is_a_dispute_and_a_second_inadequate_is_confirmed_again(
    to_confirm: Moderation, head_of_service: User, second: User
) -> None:
    dispute = query_grade(moderation=to_confirm, by=head_of_service, why=WHY, version=to_confirm.version)
    assert (dispute.origin, dispute.status) == (DisputeOrigin.CONFIRMATION, DisputeStatus.OPEN)
    with pytest.raises(NotAllowed):
        assign_dispute(dispute=dispute, moderator=head_of_service, by=head_of_service)
    taken = assign_dispute(dispute=dispute, moderator=second, by=second)
    decide_dispute(dispute=taken, by=second, grade=INADEQUATE, reason=REASON, version=taken.version)
    again = now(to_confirm)
    assert again.status == ModerationStatus.AWAITING_CONFIRMATION
    confirm_grade(moderation=again, by=head_of_service, version=again.version)
    assert settled(to_confirm) == (AuditStatus.SETTLED, INADEQUATE)


def test_a_change_to_inadequate_is_accepted_then_confirmed(
    case: Case, qa_lead: User, auditor: User, moderator: User, head_of_service: User
) -> None:
    moderation = changed(case, qa_lead, auditor, moderator, given=Grade.OUTSTANDING, to=INADEQUATE)
    accepted = accept_grade(moderation=moderation, by=auditor, version=moderation.version)
    assert accepted.status == ModerationStatus.AWAITING_CONFIRMATION
    confirm_grade(moderation=accepted, by=head_of_service, version=accepted.version)
    assert settled(moderation) == (AuditStatus.SETTLED, INADEQUATE)


def test_a_void_audit_ends_its_dispute(dispute: Dispute, qa_lead: User) -> None:
    audit = Audit.objects.get(pk=dispute.audit_id)
    void_audit(audit=audit, by=qa_lead, why="The wrong case.", version=audit.version)
    dispute.refresh_from_db()
    assert dispute.status == DisputeStatus.WITHDRAWN
    assert now(dispute.moderation).status == ModerationStatus.WITHDRAWN
    assert rebuild() == 0


def test_one_dispute_at_a_time(dispute: Dispute, team_manager: User) -> None:
    with pytest.raises(IllegalMove, match="open already"):
        open_dispute(audit=dispute.audit, by=team_manager, why=WHY, origin=DisputeOrigin.CHALLENGE)
    assert Dispute.objects.count() == 1


def test_no_notice_says_a_grade_a_name_or_a_word_of_the_text(dispute: Dispute, second: User) -> None:
    taken = assign_dispute(dispute=dispute, moderator=second, by=second)
    decide_dispute(dispute=taken, by=second, grade=GOOD, reason=REASON, version=taken.version)
    kinds = set(Notice.objects.values_list("kind", flat=True))
    assert {"grade_changed", "dispute_opened", "dispute_decided"} <= kinds
    for notice in Notice.objects.all():
        said = f"{notice.reference} {notice.link} {notice.key}".lower()
        for word in ("good", "inadequate", "outstanding", "example", "visits"):
            assert word not in said
