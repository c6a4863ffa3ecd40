"""The demo council: refused where it does not belong, and right where it does."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.choices import Role
from accounts.models import Membership, User
from audits.models import Audit, GradeTally
from audits.services import tallies
from cases.models import Case
from learning.models import PanelSummary
from reports.rules.periods import earlier
from reports.selectors.standard.catalogue import REPORTS
from reports.services.standard import make_report
from tests.factories.accounts import UserFactory
from worklist.services.demo import seed
from worklist.services.demo_people import PERSONAS, SURNAMES

pytestmark = pytest.mark.django_db


def test_it_refuses_under_settings_that_are_not_a_demos(settings: Settings) -> None:
    settings.DEMO_MODE = False
    with pytest.raises(CommandError, match="never put into a council's own system"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_it_refuses_where_people_already_are() -> None:
    UserFactory()
    with pytest.raises(CommandError, match="needs an empty one"):
        call_command("seed_demo")
    assert User.objects.count() == 1
    assert not Case.objects.exists()


@pytest.mark.slow
def test_it_fills_a_council_whose_figures_are_true() -> None:
    seed(today=timezone.localdate())

    held = {membership.role for membership in Membership.objects.all()}
    assert held == set(Role.values), "every role has somebody to sign in as"
    assert Audit.objects.filter(historic=False).count() > 300
    assert len({audit.month for audit in Audit.objects.exclude(month=None)}) >= 19
    assert PanelSummary.objects.count() == 4
    assert tallies.rebuild() == 0, "the rollup equals a recount"
    assert GradeTally.objects.exists()
    last = timezone.localdate().replace(day=1)
    lead = User.objects.get(memberships__role=Role.QA_LEAD)
    for report in REPORTS:
        made = make_report(by=lead, key=report.key, first=earlier(last, 11), last=last)
        assert made.rows, f"nothing to show in: {report.title}"
    invented = (*SURNAMES, "Headley-Example", "Manager-Example")
    assert all(user.name.endswith(invented) for user in User.objects.all()), "nobody could be taken for a real person"
    assert len({persona.address for persona in PERSONAS}) == len(Role.values)
