"""An audit that a test can drive through its whole life with the services."""

from __future__ import annotations

import pytest

from accounts.models import OrgUnit, User
from audits.models import Audit
from audits.services.drafting import start_audit
from cases.models import Case
from tests.audits.drafts import new_audit
from tests.factories.cases import CaseFactory, held_by


@pytest.fixture
def case(team: OrgUnit, practitioner: User) -> Case:
    """A case of Heron team, held by the practitioner."""
    case = CaseFactory(team=team, service=team.parent)
    held_by(case, practitioner)
    return case


@pytest.fixture
def allocated(case: Case, qa_lead: User, auditor: User) -> Audit:
    """An audit of the case that the auditor has not started."""
    return new_audit(case=case, by=qa_lead, auditor=auditor)


@pytest.fixture
def under_way(allocated: Audit, auditor: User) -> Audit:
    """The same audit, started."""
    return start_audit(audit=allocated, by=auditor)
