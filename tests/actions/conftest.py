"""A case of the team, held by the practitioner."""

from __future__ import annotations

import pytest

from accounts.models import OrgUnit, User
from cases.models import Case
from tests.factories.cases import CaseFactory, held_by


@pytest.fixture
def case(team: OrgUnit, practitioner: User) -> Case:
    case = CaseFactory(team=team)
    held_by(case, practitioner)
    return case
