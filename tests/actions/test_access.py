"""Who sees and may do what: `visible_to` and `access.can` agree for every role and state.

Every address, as every role, is asked in tests/access.
"""

from __future__ import annotations

from itertools import cycle

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions import access
from actions.choices import OPEN_STATUSES, ActionStatus, Verifier
from actions.models import Action, ActionMove, ActionNote, RecommendationMove
from cases.models import Case, Holding, NamedPerson
from tests.factories.accounts import person_as
from tests.factories.actions import ActionFactory, RecommendationFactory, claimed
from tests.factories.cases import held_by

pytestmark = pytest.mark.django_db

WHO = [
    "auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
    "principal_social_worker", "qa_lead", "qa_admin", "panel_member", "partner_auditor", "read_only",
    "information_governance", "duty_manager", "system_administrator",
]  # fmt: skip
LINE = {"team_manager", "service_lead", "head_of_service"}
QA = {"qa_lead", "qa_admin"}


def test_every_role_is_asked() -> None:
    assert len(WHO) == len(Role)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("restricted", [False, True])
def test_nobody_may_do_anything_with_what_they_do_not_see(
    who: str, restricted: bool, case: Case, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    action = claimed(case=case)
    Case.objects.update(restricted=restricted)
    in_turn = cycle(access.VERBS)
    for verifier in Verifier:
        for status in ActionStatus:
            closed = timezone.now() if status in (ActionStatus.VERIFIED, ActionStatus.ACCEPTED) else None
            Action.objects.update(status=status, verifier=verifier, closed_at=closed)
            row = Action.objects.select_related("case").get(pk=action.pk)
            seen = Action.objects.visible_to(person).filter(pk=row.pk).exists()
            # What is not seen is refused before the verb is looked at: one verb for each state, so that all are asked.
            asked = access.VERBS if seen else [next(in_turn)]
            assert bool(access.can(person, "see", row)) == seen
            row.seen_by = person.pk if seen else None
            allowed = {verb for verb in asked if access.can(person, verb, row)}
            assert seen or not allowed
            open_to_holder = who == "practitioner" and status in OPEN_STATUSES
            in_sight = who in QA or (status != ActionStatus.DRAFT and (who in LINE or open_to_holder))
            assert seen == (in_sight and not restricted), (status, who)
            if seen:
                assert ("verify" in allowed) == (
                    (verifier == Verifier.MANAGER and who in LINE) or (verifier == Verifier.QA and who in QA)
                )
                assert ("cancel" in allowed) == (who in {"service_lead", "head_of_service", "qa_lead"})
                assert ("reassign" in allowed) == (who in LINE | QA)
                assert ("reopen" in allowed) == (who in QA)
            listed = Action.objects.visible_to(person).to_verify_by(person).filter(pk=row.pk).exists()
            assert listed == access.may_verify_now(person, row)


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.TEAM_MANAGER, Role.SERVICE_LEAD, Role.QA_LEAD])
def test_no_owner_verifies_cancels_or_moves_whatever_their_role(role: str, case: Case, team: OrgUnit) -> None:
    owner = person_as(role, team if role != Role.QA_LEAD else team.parent.parent)
    for verifier in Verifier:
        action = claimed(owner=owner, case=case, verifier=verifier)
        for verb in ("verify", "send_back", "send_to_body", "accept", "reject", "cancel", "move_due"):
            assert not access.can(owner, verb, action), verb
        assert not Action.objects.to_verify_by(owner).filter(pk=action.pk).exists()


def test_the_database_itself_refuses_an_owner_who_verifies(case: Case, practitioner: User) -> None:
    action = claimed(owner=practitioner, case=case)
    with pytest.raises(DatabaseError), transaction.atomic():
        Action.objects.filter(pk=action.pk).update(
            status=ActionStatus.VERIFIED, closed_at=timezone.now(), closed_by=practitioner
        )


def test_moves_and_notes_cannot_be_changed_or_removed(case: Case, practitioner: User) -> None:
    action = ActionFactory(owner=practitioner, case=case)
    move = ActionMove.objects.create(action=action, at=timezone.now(), event="create", to_status="open")
    note = ActionNote.objects.create(action=action, at=timezone.now(), kind="note", text="As it was.")
    recommended = RecommendationMove.objects.create(
        recommendation=RecommendationFactory(), at=timezone.now(), event="add", to_status="open"
    )
    for row in (move, note, recommended):
        rows = type(row)._default_manager.filter(pk=row.pk)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(at=timezone.now())
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])


def test_a_new_holder_sees_open_actions_and_the_earlier_one_their_own_only(
    case: Case, practitioner: User, team: OrgUnit
) -> None:
    others = ActionFactory(case=case)
    own = ActionFactory(case=case, owner=practitioner)
    done = ActionFactory(case=case, status=ActionStatus.CANCELLED)
    Holding.objects.filter(case=case).update(held_to=timezone.localdate())
    new = person_as(Role.PRACTITIONER, team)
    held_by(case, new, since=timezone.localdate())
    assert set(Action.objects.visible_to(new)) == {others, own}
    assert set(Action.objects.visible_to(practitioner)) == {own}
    assert done not in Action.objects.visible_to(new)


def test_the_managers_of_the_team_that_has_the_case_now_see_its_actions(
    case: Case, other_team: OrgUnit, practitioner: User
) -> None:
    action = claimed(case=case, owner=practitioner)
    manager = person_as(Role.TEAM_MANAGER, other_team)
    assert not Action.objects.visible_to(manager).exists()
    Case.objects.update(team=other_team, service=other_team.parent)
    assert access.can(manager, "verify", Action.objects.get(pk=action.pk))


def test_a_restricted_case_is_for_the_people_named_there(case: Case, practitioner: User, qa_lead: User) -> None:
    action = ActionFactory(case=case, owner=practitioner)
    Case.objects.update(restricted=True)
    assert not Action.objects.visible_to(practitioner).exists()
    NamedPerson.objects.create(case=case, user=qa_lead)
    assert list(Action.objects.visible_to(qa_lead).needing_owner()) == [action]
    NamedPerson.objects.create(case=case, user=practitioner)
    assert list(Action.objects.visible_to(practitioner)) == [action]
    assert not Action.objects.needing_owner().exists()


def test_the_system_opens_proposals_and_verifies_nothing(case: Case) -> None:
    action = claimed(case=case)
    assert access.can(SYSTEM, "open", action)
    for verb in set(access.VERBS) - {"see", "open", "note"}:
        assert not access.can(SYSTEM, verb, action)
