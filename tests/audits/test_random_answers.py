"""Random plays of what follows the feedback, by nine people (tests/audits/answering.py); long ones in `make faults`."""

from __future__ import annotations

import pytest

from accounts.choices import Role
from accounts.models import OrgUnit, User
from cases.models import Case
from tests.audits.answering import WHO, play
from tests.factories.accounts import person_as


@pytest.fixture
def people(
    practitioner: User, team_manager: User, service_lead: User, head_of_service: User, qa_lead: User, qa_admin: User,
    moderator: User, directorate: OrgUnit, other_team: OrgUnit,
) -> dict[str, User]:  # fmt: skip
    """Everybody who has a part, a second moderator, and the manager of another team."""
    named = (practitioner, team_manager, service_lead, head_of_service, qa_lead, qa_admin, moderator)
    others = (person_as(Role.MODERATOR, directorate), person_as(Role.TEAM_MANAGER, other_team))
    return dict(zip(WHO, (*named, *others), strict=True))


def test_random_answers_keep_to_the_tables(case: Case, people: dict[str, User]) -> None:
    play(case, people, examples=4, steps=6)
