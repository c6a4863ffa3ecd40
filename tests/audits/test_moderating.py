"""Moderating: who may, what the limits allow, and that both grades are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, Grade, ModerationOutcome, ModerationStatus, TallyStage
from audits.models import Audit, GradeTally, Moderation
from audits.services.alerts import raise_alert, resolve_alert
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.moves import StaleVersion
from audits.services.tallies import rebuild
from cases.models import Case, Connection
from core.history.models import Event
from core.workflow import IllegalMove
from tests.audits.drafts import accepted, confirmed, section, submitted
from tests.factories.accounts import give_role, person_as
from tests.factories.cases import held_by

REASON = "The visits of May show that risk was seen and acted on."
OVERRIDE = "The gap was the hospital's, and the team made it good in a day."


@pytest.fixture
def waiting(case: Case, qa_lead: User, auditor: User) -> Moderation:
    """An audit that its auditor graded inadequate, waiting for a moderator."""
    return submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE).moderations.get()


@pytest.fixture
def opened(waiting: Moderation, moderator: User) -> Moderation:
    """The same, with the moderator."""
    return open_moderation(moderation=waiting, by=moderator)


def decide(moderation: Moderation, by: User, outcome: str, **more: object) -> Moderation:
    return decide_moderation(moderation=moderation, by=by, outcome=outcome, **{"version": moderation.version, **more})  # type: ignore[arg-type]


def test_agreeing_settles_unless_it_is_inadequate(case: Case, qa_lead: User, auditor: User, moderator: User) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.OUTSTANDING)
    opened = open_moderation(moderation=audit.moderations.get(), by=moderator)
    done = decide(opened, moderator, ModerationOutcome.AGREED)
    audit = Audit.objects.get(pk=done.audit_id)
    assert (done.status, done.outcome, done.grade_before, done.grade_after) == (
        ModerationStatus.DONE, ModerationOutcome.AGREED, Grade.OUTSTANDING, Grade.OUTSTANDING,
    )  # fmt: skip
    assert (audit.status, audit.grade, audit.counted_grade) == (
        AuditStatus.SETTLED, Grade.OUTSTANDING, Grade.OUTSTANDING,
    )  # fmt: skip
    moves = list(audit.transitions.values_list("event", "by"))
    assert moves[-3:] == [("open", moderator.pk), ("agree", moderator.pk), ("settle", moderator.pk)]
    assert GradeTally.objects.for_services().get(cut="total", count=1).stage == TallyStage.SETTLED
    assert rebuild() == 0


def test_changing_keeps_both_grades_and_settles_when_the_auditor_accepts(
    opened: Moderation, moderator: User, auditor: User
) -> None:
    row = section(opened.audit, "voice")
    done = decide(
        opened, moderator, ModerationOutcome.CHANGED, grade=Grade.REQUIRES_IMPROVEMENT, reason=REASON,
        section_grades={row.pk: (Grade.REQUIRES_IMPROVEMENT, REASON)},
    )  # fmt: skip
    total = GradeTally.objects.for_services().get(cut="total", count=1)
    assert (total.grade, total.stage) == (Grade.INADEQUATE, TallyStage.PROVISIONAL)
    audit = accepted(done.audit, auditor)
    assert (audit.auditor_grade, audit.grade, audit.counted_grade) == (
        Grade.INADEQUATE, Grade.REQUIRES_IMPROVEMENT, Grade.REQUIRES_IMPROVEMENT,
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.grade, row.settled_grade) == (Grade.GOOD, Grade.REQUIRES_IMPROVEMENT)
    moderated = done.sections.get()
    assert (moderated.grade_before, moderated.grade_after, moderated.reason) == (
        Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, REASON,
    )  # fmt: skip
    total = GradeTally.objects.for_services().get(cut="total", count=1)
    assert (total.grade, total.stage) == (Grade.REQUIRES_IMPROVEMENT, TallyStage.SETTLED)
    assert rebuild() == 0
    assert Event.objects.get(object_id=done.pk, verb="change").content.why == REASON


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"grade": Grade.GOOD, "reason": "Too short"}, "reason"),
        ({"grade": Grade.GOOD, "reason": " " * 30}, "reason"),
        ({"grade": "", "reason": REASON}, "grade"),
        ({"grade": "adequate", "reason": REASON}, "grade"),
        ({"grade": Grade.INADEQUATE, "reason": REASON}, "grade"),
        ({"outcome": "returned"}, "outcome"),
        ({"outcome": "not_selected"}, "outcome"),
    ],
)
def test_a_decision_that_lacks_something_is_refused_by_its_field(
    opened: Moderation, moderator: User, more: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        decide(opened, moderator, more.pop("outcome", ModerationOutcome.CHANGED), **more)
    assert list(refused.value.message_dict) == [field]
    opened.refresh_from_db()
    assert opened.status == ModerationStatus.OPENED


def test_a_section_grade_needs_its_own_reason(opened: Moderation, moderator: User) -> None:
    row = section(opened.audit, "voice")
    for given in ((Grade.OUTSTANDING, "Short"), ("adequate", REASON)):
        with pytest.raises(ValidationError) as refused:
            decide(opened, moderator, ModerationOutcome.AGREED, section_grades={row.pk: given})
        assert list(refused.value.message_dict) == [f"section_{row.pk}"]


def test_no_moderator_goes_above_a_hard_limit(case: Case, qa_lead: User, auditor: User, moderator: User) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE, safeguarding=Grade.INADEQUATE)
    opened = open_moderation(moderation=audit.moderations.get(), by=moderator)
    with pytest.raises(ValidationError) as refused:
        decide(
            opened, moderator, ModerationOutcome.CHANGED, grade=Grade.GOOD, reason=REASON, override_reason=OVERRIDE * 3
        )
    assert refused.value.message_dict == {
        "grade": ["Safeguarding and risk is inadequate, so the overall grade cannot be above inadequate."]
    }
    row = section(audit, "safeguarding")
    done = decide(
        opened, moderator, ModerationOutcome.CHANGED, grade=Grade.REQUIRES_IMPROVEMENT, reason=REASON,
        section_grades={row.pk: (Grade.REQUIRES_IMPROVEMENT, REASON)},
    )  # fmt: skip
    assert done.grade_after == Grade.REQUIRES_IMPROVEMENT


def test_a_soft_limit_binds_a_moderator_until_they_say_why(opened: Moderation, moderator: User) -> None:
    version = opened.audit.tool_version
    version.limiting_rules.create(rule="L2", section_key="safeguarding", ceiling=Grade.REQUIRES_IMPROVEMENT)
    row = section(opened.audit, "safeguarding")
    ri = {row.pk: (Grade.REQUIRES_IMPROVEMENT, REASON)}
    with pytest.raises(ValidationError) as refused:
        decide(
            opened, moderator, ModerationOutcome.CHANGED, grade=Grade.GOOD, reason=REASON, section_grades=ri,
            override_reason="Too short",
        )  # fmt: skip
    assert list(refused.value.message_dict) == ["override_reason"]
    done = decide(
        opened, moderator, ModerationOutcome.CHANGED, grade=Grade.GOOD, reason=REASON, section_grades=ri,
        override_reason=OVERRIDE,
    )  # fmt: skip
    assert done.override_reason == OVERRIDE


def test_agreeing_is_bound_by_the_limits_too(opened: Moderation, moderator: User) -> None:
    opened.audit.tool_version.limiting_rules.create(rule="L6", ceiling=Grade.REQUIRES_IMPROVEMENT)
    Audit.objects.filter(pk=opened.audit_id).update(auditor_grade=Grade.GOOD, grade=Grade.GOOD)
    audit = Audit.objects.get(pk=opened.audit_id)
    alert = raise_alert(audit=audit, by=moderator, what="x", where="y", since="z")
    with pytest.raises(ValidationError) as refused:
        decide(opened, moderator, ModerationOutcome.AGREED)
    assert list(refused.value.message_dict) == ["override_reason"]
    manager = person_as(Role.TEAM_MANAGER, audit.team)
    resolve_alert(alert=alert, by=manager, resolution="Seen today and safe.", version=alert.version)
    # The grade that the auditor submitted was inadequate, so that this counts as a change.
    assert decide(opened, moderator, ModerationOutcome.AGREED).status == ModerationStatus.AWAITING_ACCEPTANCE


def test_a_moderation_is_decided_once(opened: Moderation, moderator: User, head_of_service: User) -> None:
    version = opened.version
    decide(opened, moderator, ModerationOutcome.AGREED)
    confirmed(opened.audit, head_of_service)
    with pytest.raises(IllegalMove, match="now “Done”"):
        decide(opened, moderator, ModerationOutcome.CHANGED, grade=Grade.GOOD, reason=REASON, version=version)
    audit = Audit.objects.get(pk=opened.audit_id)
    assert audit.grade == Grade.INADEQUATE
    assert audit.transitions.filter(event="settle").count() == 1


def test_a_stale_version_is_refused(opened: Moderation, moderator: User) -> None:
    with pytest.raises(StaleVersion):
        decide(opened, moderator, ModerationOutcome.AGREED, version=opened.version - 1)


def test_opening_twice_is_opening_once_and_another_moderator_comes_too_late(
    opened: Moderation, moderator: User, directorate: OrgUnit
) -> None:
    again = open_moderation(moderation=opened, by=moderator)
    assert again.version == opened.version
    other = person_as(Role.MODERATOR, directorate)
    with pytest.raises(NotAllowed, match="Another moderator"):
        open_moderation(moderation=opened, by=other)
    with pytest.raises(NotAllowed, match="Another moderator"):
        decide(opened, other, ModerationOutcome.AGREED)
    opened.refresh_from_db()
    assert opened.moderator == moderator


def test_nothing_is_decided_before_it_is_opened(waiting: Moderation, moderator: User) -> None:
    with pytest.raises(IllegalMove):
        decide(waiting, moderator, ModerationOutcome.AGREED)


def own_audit(moderation: Moderation, person: User) -> None:
    Audit.objects.filter(pk=moderation.audit_id).update(auditor=person)


def holds_the_case(moderation: Moderation, person: User) -> None:
    assert moderation.audit.case is not None
    moderation.audit.case.holdings.all().delete()
    held_by(moderation.audit.case, person)


def works_in_the_team(moderation: Moderation, person: User) -> None:
    assert moderation.audit.team is not None
    give_role(person, Role.PRACTITIONER, moderation.audit.team)


def managed_the_team(moderation: Moderation, person: User) -> None:
    assert moderation.audit.team is not None
    give_role(person, Role.TEAM_MANAGER, moderation.audit.team, ends_on=timezone.localdate() - timedelta(days=60))


def leads_the_service(moderation: Moderation, person: User) -> None:
    give_role(person, Role.SERVICE_LEAD, moderation.audit.service)


def is_connected(moderation: Moderation, person: User) -> None:
    assert moderation.audit.case is not None
    Connection.objects.create(case=moderation.audit.case, user=person, declared_on=timezone.localdate())


TIES = [own_audit, holds_the_case, works_in_the_team, managed_the_team, leads_the_service, is_connected]


@pytest.mark.parametrize("tie", TIES)
def test_a_moderator_with_a_tie_neither_sees_nor_opens(tie: object, waiting: Moderation, moderator: User) -> None:
    assert Moderation.objects.visible_to(moderator).filter(pk=waiting.pk).exists()
    tie(waiting, moderator)  # type: ignore[operator]
    person = User.objects.get(pk=moderator.pk)
    assert not Moderation.objects.visible_to(person).filter(pk=waiting.pk).exists()
    with pytest.raises(NotAllowed):
        open_moderation(moderation=Moderation.objects.get(pk=waiting.pk), by=person)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.moderator) == (ModerationStatus.SELECTED, None)


@pytest.mark.parametrize(
    "who", ["auditor", "qa_lead", "qa_admin", "practitioner", "team_manager", "service_lead", "read_only",
            "principal_social_worker", "system_administrator"],
)  # fmt: skip
def test_nobody_else_moderates(who: str, waiting: Moderation, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        open_moderation(moderation=waiting, by=request.getfixturevalue(who))
    waiting.refresh_from_db()
    assert waiting.status == ModerationStatus.SELECTED


def test_a_head_of_service_moderates_in_their_services_only(
    waiting: Moderation, head_of_service: User, other_service: OrgUnit
) -> None:
    elsewhere = person_as(Role.HEAD_OF_SERVICE, other_service)
    with pytest.raises(NotAllowed):
        open_moderation(moderation=waiting, by=elsewhere)
    assert open_moderation(moderation=waiting, by=head_of_service).moderator == head_of_service
