"""Fixtures of every test: one person for each role. tests/plumbing.py reaches databases, Redis and the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.choices import Role
from accounts.models import OrgUnit, User
from tests import templates
from tests.factories.accounts import DirectorateFactory, ServiceFactory, TeamFactory, person_as

pytest_plugins = ["tests.plumbing"]


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest, django_db_blocker: Any) -> bool:
    """Whether a migrated database was there to be copied (tests/templates.py)."""
    with django_db_blocker.unblock():
        return bool(request.config.option.reuse_db) or templates.take()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_keepdb: bool, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's; on SQLite what was made is kept for the next run, and a copy is deleted after this one."""
    if connection.vendor == "sqlite" and not django_db_keepdb:
        with django_db_blocker.unblock():
            templates.keep()
    yield
    if connection.vendor == "sqlite" and django_db_keepdb:
        for name in ("", "-wal", "-shm"):
            Path(f"{connection.settings_dict['TEST']['NAME']}{name}").unlink(missing_ok=True)


@pytest.fixture
def directorate(db: None) -> OrgUnit:
    return DirectorateFactory()


@pytest.fixture
def service(directorate: OrgUnit) -> OrgUnit:
    return ServiceFactory(name="Family Safeguarding", parent=directorate)


@pytest.fixture
def team(service: OrgUnit) -> OrgUnit:
    return TeamFactory(name="Heron", parent=service)


@pytest.fixture
def other_service(directorate: OrgUnit) -> OrgUnit:
    return ServiceFactory(name="Pathways Through Care", parent=directorate)


@pytest.fixture
def other_team(other_service: OrgUnit) -> OrgUnit:
    return TeamFactory(name="Kestrel", parent=other_service)


@pytest.fixture
def qa_lead(directorate: OrgUnit) -> User:
    return person_as(Role.QA_LEAD, directorate, name="Quinn Example-Lead")


@pytest.fixture
def qa_admin(directorate: OrgUnit) -> User:
    return person_as(Role.QA_ADMIN, directorate, name="Ada Example-Admin")


@pytest.fixture
def auditor(directorate: OrgUnit) -> User:
    return person_as(Role.AUDITOR, directorate, name="Avery Example-Auditor")


@pytest.fixture
def moderator(directorate: OrgUnit) -> User:
    return person_as(Role.MODERATOR, directorate, name="Morgan Example-Moderator")


@pytest.fixture
def practitioner(team: OrgUnit) -> User:
    return person_as(Role.PRACTITIONER, team, name="Parker Example-Practitioner")


@pytest.fixture
def team_manager(team: OrgUnit) -> User:
    return person_as(Role.TEAM_MANAGER, team, name="Taylor Example-Manager")


@pytest.fixture
def service_lead(service: OrgUnit) -> User:
    return person_as(Role.SERVICE_LEAD, service, name="Sasha Example-Lead")


@pytest.fixture
def head_of_service(service: OrgUnit) -> User:
    return person_as(Role.HEAD_OF_SERVICE, service, name="Harper Example-Head")


@pytest.fixture
def principal_social_worker(directorate: OrgUnit) -> User:
    return person_as(Role.PRINCIPAL_SOCIAL_WORKER, directorate, name="Robin Example-Principal")


@pytest.fixture
def panel_member(directorate: OrgUnit) -> User:
    return person_as(Role.PANEL_MEMBER, directorate, name="Pat Example-Member")


@pytest.fixture
def partner_auditor(directorate: OrgUnit) -> User:
    return person_as(Role.PARTNER_AUDITOR, directorate, name="Alex Example-Partner")


@pytest.fixture
def read_only(directorate: OrgUnit) -> User:
    return person_as(Role.READ_ONLY, directorate, name="Reese Example-Reader")


@pytest.fixture
def information_governance(directorate: OrgUnit) -> User:
    return person_as(Role.INFORMATION_GOVERNANCE, directorate, name="Indigo Example-Governance")


@pytest.fixture
def duty_manager(directorate: OrgUnit) -> User:
    return person_as(Role.DUTY_MANAGER, directorate, name="Devon Example-Duty")


@pytest.fixture
def system_administrator(directorate: OrgUnit) -> User:
    return person_as(Role.SYSTEM_ADMINISTRATOR, directorate, name="Sky Example-Administrator")
