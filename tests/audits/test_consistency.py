"""The consistency report: counted from settled audits, individuals for the QA unit alone, the file like the page."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, Grade, ModerationOutcome, ModerationStatus
from audits.models import Audit, Moderation
from audits.selectors.consistency import consistency
from tests.audits.pages import browser, text_of
from tests.factories.accounts import person_as
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

OCTOBER = date(2026, 10, 1)
GOOD, RI = Grade.GOOD, Grade.REQUIRES_IMPROVEMENT


def moderated(given: str, final: str, *, team: OrgUnit, auditor: User, reasons: tuple[str, ...] = ("random",)) -> Audit:
    """An audit of October whose moderation has ended."""
    audit = graded_audit(final, case=CaseFactory(team=team, service=team.parent), auditor=auditor)
    audit.auditor_grade = given
    audit.save()
    audit.sections.update(grade=given, settled_grade=final)
    outcome = ModerationOutcome.AGREED if given == final else ModerationOutcome.CHANGED
    Moderation.objects.create(
        audit=audit, reasons=list(reasons), draw=3, status=ModerationStatus.DONE, outcome=outcome,
        grade_before=given, grade_after=final,
    )  # fmt: skip
    return audit


@pytest.fixture
def seven(team: OrgUnit, other_team: OrgUnit, auditor: User, directorate: OrgUnit) -> User:
    """Five audits of one auditor and two of another, one of them in another service. Gives the other auditor."""
    other = person_as(Role.AUDITOR, directorate, name="Olu Example-Other")
    for given, final in ((GOOD, GOOD), (GOOD, GOOD), (GOOD, RI), (RI, RI), (Grade.OUTSTANDING, GOOD)):
        moderated(given, final, team=team, auditor=auditor)
    moderated(RI, GOOD, team=team, auditor=other, reasons=("random", "alert"))
    moderated(GOOD, RI, team=other_team, auditor=other)
    graded_audit(GOOD, case=CaseFactory(team=team, service=team.parent), auditor=auditor)
    graded_audit(GOOD, month=date(2026, 8, 1), case=CaseFactory(team=team, service=team.parent), auditor=auditor)
    return other


def test_what_is_counted(seven: User, auditor: User) -> None:
    report = consistency(Audit.objects.visible_to(SYSTEM), first=OCTOBER, last=OCTOBER, by_auditor=True)
    figures = report.moderated.figures
    assert (figures.n, figures.exact, figures.within_one, figures.over, figures.under) == (7, 3, 7, 3, 1)
    assert (report.drawn.figures.n, report.drawn.figures.exact) == (6, 3)
    assert (report.moderated_effect.before, report.moderated_effect.after) == (5, 4)
    assert (report.all_settled.n, report.all_settled.before, report.all_settled.after) == (8, 6, 5)
    assert report.all_settled.before_percent == 75
    assert [(line.key, line.figures.n, line.figures.exact) for line in report.sections] == [
        ("voice", 7, 3), ("safeguarding", 7, 3),
    ]  # fmt: skip
    assert [(line.label, line.figures.n, line.figures.leniency) for line in report.auditors] == [(auditor.name, 5, 0.4)]
    assert (report.few, figures.kappa) == (1, None)


def test_what_is_not_settled_void_or_for_practice_is_not_counted(seven: User) -> None:
    audits = list(Audit.objects.filter(moderations__isnull=False)[:3])
    Audit.objects.filter(pk=audits[0].pk).update(status=AuditStatus.SUBMITTED)
    Audit.objects.filter(pk=audits[1].pk).update(purpose="shadow")
    Audit.objects.filter(pk=audits[2].pk).update(purpose="calibration")
    report = consistency(Audit.objects.visible_to(SYSTEM), first=OCTOBER, last=OCTOBER, by_auditor=True)
    assert report.moderated.figures.n == 4


def test_individuals_stay_inside_the_qa_unit(
    seven: User, auditor: User, qa_lead: User, head_of_service: User, moderator: User
) -> None:
    address, file = reverse("audits:consistency"), reverse("audits:consistency_csv")
    period = {"first": "2026-10", "last": "2026-10"}
    page = text_of(browser(qa_lead).get(address, period))
    assert "43% (3 of 7)" in page
    assert auditor.name in page
    assert seven.name not in page  # two audits only
    assert auditor.name in text_of(browser(qa_lead).get(file, period))
    page = text_of(browser(head_of_service).get(address, period))
    assert "50% (3 of 6)" in page  # their service alone
    assert auditor.name not in page
    assert auditor.name not in text_of(browser(head_of_service).get(file, period))
    assert browser(moderator).get(address).status_code == 403
    assert browser(auditor).get(file).status_code == 403


def test_an_empty_period_and_a_wrong_one_say_so(qa_lead: User) -> None:
    client = browser(qa_lead)
    assert "Nothing was moderated in this period" in text_of(client.get(reverse("audits:consistency")))
    page = text_of(client.get(reverse("audits:consistency"), {"first": "2026-10", "last": "2026-08"}))
    assert "must not be before" in page
    assert client.get(reverse("audits:consistency"), {"first": "soon"}).status_code == 200
