"""Random plays of one audit with nine people: no state outside the tables, the trail whole, the rollup a recount."""

from __future__ import annotations

import pytest

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.models import Audit
from tests.audits.drafts import fill_in
from tests.audits.route import ROLES, Cast, drive
from tests.factories.accounts import person_as


@pytest.fixture
def cast(under_way: Audit, auditor: User, directorate: OrgUnit, service: OrgUnit, team: OrgUnit) -> Cast:
    units = {Role.HEAD_OF_SERVICE: service, Role.TEAM_MANAGER: team}
    people = {key: person_as(role, units.get(role, directorate)) for key, role in ROLES.items()}
    return Cast(fill_in(under_way, auditor), auditor, {"auditor0": auditor, **people})


def test_random_plays_keep_to_the_tables(cast: Cast) -> None:
    drive(cast, examples=4, steps=8)
