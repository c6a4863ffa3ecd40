"""Making actions: what has to be said, who may own one, and what is pointed out first (AC-1, AC-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.choices import ActionStatus, Level, Origin, Priority, Verifier
from actions.models import Action
from actions.selectors.limits import priority_choices
from actions.services.creating import From, PossibleDuplicates, create_action, discard_action, open_action
from cases.models import Case, NamedPerson
from core.council.services import choose
from core.history.models import Event
from core.notifications.models import Notice
from core.working_days import add_working_days
from tests.actions.wanted import wanted
from tests.factories.accounts import UserFactory, person_as

pytestmark = pytest.mark.django_db


def test_it_is_open_numbered_due_within_its_priority_and_its_owner_is_told(
    case: Case, practitioner: User, team_manager: User
) -> None:
    action = create_action(wanted=wanted(owner=practitioner, case=case), by=team_manager)
    year = timezone.localdate().year
    assert action.reference == f"ACT-{year}-0001"
    assert action.status == ActionStatus.OPEN
    assert action.due_on == action.original_due_on == add_working_days(timezone.localdate(), 20)
    assert (action.team, action.service) == (case.team, case.service)
    assert action.verifier == Verifier.MANAGER
    assert [move.event for move in action.moves.all()] == ["create"]
    assert Notice.objects.get().person == practitioner
    assert Event.objects.filter(kind="actions.action", verb="create", object_id=action.pk).exists()
    second = create_action(wanted=wanted(owner=practitioner, case=case), by=team_manager)
    assert second.reference == f"ACT-{year}-0002"


def test_a_priority_allows_what_the_council_has_set_and_what_was_made_before_keeps_its_date(
    case: Case, practitioner: User, qa_lead: User
) -> None:
    today = timezone.localdate()
    before = create_action(wanted=wanted(owner=practitioner, case=case), by=qa_lead)
    choose(key="action_medium_days", value=7, effective_on=today, why="Faster", by=qa_lead)
    choose(key="action_medium_days", value=3, effective_on=today + timedelta(days=1), why="Faster still", by=qa_lead)
    assert dict(priority_choices(today))["medium"] == "Medium (7 working days)"
    action = create_action(wanted=wanted(owner=practitioner, case=case), by=qa_lead, despite_duplicates=True)
    assert action.due_on == add_working_days(today, 7)
    with pytest.raises(ValidationError, match="allows 7 working days"):
        create_action(wanted=wanted(owner=practitioner, case=case, due_on=before.due_on), by=qa_lead)
    before.refresh_from_db()
    assert before.due_on == add_working_days(today, 20)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": "Fourteen chars"}, "what"),
        ({"what": "  " + "x" * 14 + "  "}, "what"),
        ({"how_we_know": "  "}, "how_we_know"),
        ({"due_on": timezone.localdate() - timedelta(days=1)}, "due_on"),
        ({"due_on": timezone.localdate() + timedelta(days=60)}, "due_on"),
        ({"case": None}, "level"),
        ({"case": None, "level": Level.TEAM}, "unit"),
        ({"level": Level.PARTNERSHIP}, "level"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(
    changes: dict[str, object], field: str, case: Case, practitioner: User, qa_lead: User
) -> None:
    with pytest.raises(ValidationError) as refused:
        create_action(wanted=wanted(owner=practitioner, **{"case": case, **changes}), by=qa_lead)
    assert field in refused.value.message_dict
    assert not Action.objects.exists()


def test_a_later_date_than_the_priority_allows_needs_a_reason(case: Case, practitioner: User, qa_lead: User) -> None:
    late = wanted(
        owner=practitioner, case=case, priority=Priority.HIGH, due_on=timezone.localdate() + timedelta(days=60),
        why_later="The court gives its judgment in eight weeks.",
    )  # fmt: skip
    action = create_action(wanted=late, by=qa_lead)
    assert action.moves.get().why == "The court gives its judgment in eight weeks."


def test_an_owner_can_sign_in_works_here_and_may_see_a_restricted_case(
    case: Case, practitioner: User, qa_lead: User, read_only: User, other_team: OrgUnit
) -> None:
    foreign = person_as(Role.PRACTITIONER, other_team)
    gone = UserFactory(is_active=False)
    for person in (foreign, gone, read_only):
        with pytest.raises(ValidationError) as refused:
            create_action(wanted=wanted(owner=person, case=case), by=qa_lead)
        assert "owner" in refused.value.message_dict
    Case.objects.update(restricted=True)
    case.refresh_from_db()
    NamedPerson.objects.create(case=case, user=qa_lead)
    with pytest.raises(ValidationError):
        create_action(wanted=wanted(owner=practitioner, case=case), by=qa_lead)
    NamedPerson.objects.create(case=case, user=practitioner)
    assert create_action(wanted=wanted(owner=practitioner, case=case), by=qa_lead)


def test_open_actions_of_the_same_case_and_theme_are_pointed_out_first(
    case: Case, practitioner: User, qa_lead: User
) -> None:
    first = create_action(wanted=wanted(owner=practitioner, case=case, themes=["Child's voice"]), by=qa_lead)
    again = wanted(owner=practitioner, case=case, themes=["Chronology", "child's  voice"])
    with pytest.raises(PossibleDuplicates) as pointed_out:
        create_action(wanted=again, by=qa_lead)
    assert pointed_out.value.found == [first]
    assert create_action(wanted=again, by=qa_lead, despite_duplicates=True)
    assert create_action(wanted=wanted(owner=practitioner, case=case, themes=["Supervision"]), by=qa_lead)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("qa_lead", True), ("qa_admin", True), ("team_manager", True), ("service_lead", True),
        ("head_of_service", True), ("practitioner", False), ("auditor", False), ("moderator", False),
        ("read_only", False), ("information_governance", False), ("system_administrator", False),
        ("panel_member", False), ("duty_manager", False), ("partner_auditor", False),
        ("principal_social_worker", False),
    ],
)  # fmt: skip
def test_who_may_make_one(who: str, may: bool, case: Case, practitioner: User, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    if may:
        assert create_action(wanted=wanted(owner=practitioner, case=case), by=person)
    else:
        with pytest.raises(NotAllowed):
            create_action(wanted=wanted(owner=practitioner, case=case), by=person)


def test_management_makes_none_for_other_services(case: Case, practitioner: User, other_team: OrgUnit) -> None:
    with pytest.raises(NotAllowed):
        create_action(wanted=wanted(owner=practitioner, case=case), by=person_as(Role.TEAM_MANAGER, other_team))


def test_a_proposal_is_for_its_author_and_the_qa_unit_until_it_is_opened(
    case: Case, practitioner: User, auditor: User, team_manager: User, qa_lead: User
) -> None:
    draft = create_action(
        wanted=wanted(owner=practitioner, case=case), by=auditor, propose=True,
        origin=From(Origin.FINDING, "A-2026-0001", "/audits/x/", inadequate=True),
    )  # fmt: skip
    seen_by = [
        person for person in (practitioner, auditor, team_manager, qa_lead)
        if Action.objects.visible_to(person).exists()
    ]  # fmt: skip
    assert seen_by == [auditor, qa_lead]
    assert not Notice.objects.exists()
    open_action(action=draft, by=SYSTEM)
    assert Action.objects.visible_to(practitioner).exists()
    assert Action.objects.visible_to(team_manager).exists()
    assert Notice.objects.get().person == practitioner
    assert draft.verifier == Verifier.QA, "what comes from an inadequate audit is verified by the QA unit"


def test_a_proposal_can_be_withdrawn_with_a_reason(case: Case, practitioner: User, auditor: User) -> None:
    draft = create_action(wanted=wanted(owner=practitioner, case=case), by=auditor, propose=True)
    with pytest.raises(ValidationError):
        discard_action(action=draft, by=auditor, why=" ")
    assert discard_action(action=draft, by=auditor, why="Said twice.").status == ActionStatus.CANCELLED
