"""The moderator's pages: side by side, with reasons; the limits bind; the auditor never reads why it was chosen."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, Grade
from audits.models import AuditSection, Moderation
from cases.models import Case
from tests.audits.drafts import accepted, submitted
from tests.audits.pages import browser, text_of, url
from tests.factories.accounts import give_role, person_as

REASON = "The plan was tested and it held, which the auditor did not weigh."


@pytest.fixture
def moderation(case: Case, qa_lead: User, auditor: User) -> Moderation:
    """A submission graded outstanding throughout that waits in the queue."""
    grades = dict.fromkeys(("voice", "safeguarding", "overall"), Grade.OUTSTANDING)
    audit = submitted(case=case, by=qa_lead, auditor=auditor, **grades)
    return Moderation.objects.select_related("audit").get(audit=audit)


def of(moderation: Moderation, name: str = "moderate") -> str:
    return reverse(f"audits:{name}", args=[moderation.pk])


def agreed(moderation: Moderation, **changes: Any) -> dict[str, Any]:
    """What the page sends when the moderator agrees with everything."""
    moderation.refresh_from_db()
    data: dict[str, Any] = {"version": moderation.version, "outcome": "agree"}
    data |= {f"s-{row.pk}-outcome": "agree" for row in moderation.audit.sections.all()}
    return data | changes


def test_the_queue_shows_why_a_submission_was_chosen(moderation: Moderation, moderator: User, auditor: User) -> None:
    page = text_of(browser(moderator).get(reverse("audits:moderation_queue")))
    assert moderation.audit.reference in page
    assert "Graded outstanding" in page
    assert browser(auditor).get(reverse("audits:moderation_queue")).status_code == 403


def test_the_moderator_starts_then_agrees_and_the_grade_settles(
    moderation: Moderation, moderator: User, auditor: User
) -> None:
    client = browser(moderator)
    page = text_of(client.get(of(moderation)))
    assert "Start moderating" in page
    assert "Decide and settle" not in page
    client.post(of(moderation, "open_moderation"))
    page = text_of(client.get(of(moderation)))
    assert "The auditor’s view" in page
    assert "The record shows this clearly in the visits of May and June." in page
    assert client.post(of(moderation), agreed(moderation)).status_code == 302
    moderation.audit.refresh_from_db()
    assert moderation.audit.status == AuditStatus.SETTLED
    own = text_of(browser(auditor).get(url("detail", moderation.audit)))
    assert "The moderator agreed with your grade." in own
    assert "Graded outstanding" not in own
    assert "Why it was chosen" not in own


def test_a_changed_grade_keeps_both_and_tells_the_auditor_why(
    moderation: Moderation, moderator: User, auditor: User
) -> None:
    client = browser(moderator)
    client.post(of(moderation, "open_moderation"))
    row = moderation.audit.sections.get(section__key="voice")
    change = {"outcome": "change", "grade": "good", "reason": REASON}
    change |= {f"s-{row.pk}-outcome": "change", f"s-{row.pk}-grade": "good", f"s-{row.pk}-reason": REASON}
    client.post(of(moderation), agreed(moderation, **change))
    audit = accepted(moderation.audit, auditor)
    row = AuditSection.objects.get(pk=row.pk)
    assert (audit.auditor_grade, audit.grade) == ("outstanding", "good")
    assert (row.grade, row.settled_grade) == ("outstanding", "good")
    page = text_of(browser(auditor).get(url("detail", audit)))
    assert "Your grade was outstanding. The settled grade is good." in page
    assert page.count(REASON) >= 3  # overall, in the story, and beside the section


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": ""}, "Choose whether you agree with the overall grade"),
        ({"outcome": "change", "grade": "", "reason": REASON}, "Choose the new grade overall"),
        (
            {"outcome": "change", "grade": "good", "reason": "  too   short  "},
            "Enter a reason of at least 20 characters",
        ),
        ({"outcome": "change", "grade": "outstanding", "reason": REASON}, "Choose one of the answers shown"),
        ({"outcome": "change", "grade": "splendid", "reason": REASON}, "Choose one of the answers shown"),
    ],
)
def test_a_decision_without_its_grounds_is_refused_and_kept(
    moderation: Moderation, moderator: User, change: dict[str, str], words: str
) -> None:
    client = browser(moderator)
    client.post(of(moderation, "open_moderation"))
    page = text_of(client.post(of(moderation), agreed(moderation, **change)))
    assert words in page
    moderation.audit.refresh_from_db()
    assert moderation.audit.status == AuditStatus.SUBMITTED


def test_a_hard_limit_binds_the_moderator(case: Case, qa_lead: User, auditor: User, moderator: User) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, safeguarding=Grade.INADEQUATE, overall=Grade.INADEQUATE)
    moderation = Moderation.objects.select_related("audit").get(audit=audit)
    client = browser(moderator)
    client.post(of(moderation, "open_moderation"))
    change = {"outcome": "change", "grade": "good", "reason": REASON, "override_reason": REASON}
    page = text_of(client.post(of(moderation), agreed(moderation, **change)))
    assert "Safeguarding and risk is inadequate, so the overall grade cannot be above inadequate." in page
    assert 'href="#id_grade_0"' in page
    audit.refresh_from_db()
    assert audit.status == AuditStatus.SUBMITTED


def test_the_second_moderator_finds_that_it_has_moved_on(
    moderation: Moderation, moderator: User, directorate: OrgUnit
) -> None:
    client = browser(moderator)
    client.post(of(moderation, "open_moderation"))
    data = agreed(moderation)
    client.post(of(moderation), data)
    assert client.get(of(moderation)).url == url("detail", moderation.audit)
    assert client.post(of(moderation), data).url == url("detail", moderation.audit)  # a double click
    row = moderation.audit.sections.get(section__key="voice")
    change = {"outcome": "change", "grade": "good", "reason": REASON, f"s-{row.pk}-reason": "Typed for long."}
    late = client.post(of(moderation), data | change)
    assert late.status_code == 409
    page = text_of(late)
    assert "is now “Done”" in page
    assert REASON in page and "Typed for long." in page
    assert "voice: reason" in page
    other = browser(person_as(Role.MODERATOR, directorate))
    assert other.get(of(moderation)).status_code == 404


def test_nobody_moderates_their_own_audit_or_that_of_their_team(
    moderation: Moderation, auditor: User, team_manager: User, practitioner: User, directorate: OrgUnit
) -> None:

    for person in (auditor, team_manager, practitioner):
        give_role(person, Role.MODERATOR, directorate)
        client = browser(person)
        assert client.get(of(moderation)).status_code == 404
        assert client.post(of(moderation, "open_moderation")).status_code == 404
        assert client.post(of(moderation), agreed(moderation)).status_code == 404
    moderation.refresh_from_db()
    assert moderation.moderator is None


def test_the_qa_admin_reads_but_does_not_decide(moderation: Moderation, qa_admin: User) -> None:
    client = browser(qa_admin)
    page = text_of(client.get(of(moderation)))
    assert "Start moderating</button>" not in page
    assert client.post(of(moderation, "open_moderation")).status_code == 403
    assert client.post(of(moderation), agreed(moderation)).status_code == 403


def test_whoever_audits_and_leads_reads_no_reason_of_their_own_audit(
    moderation: Moderation, auditor: User, directorate: OrgUnit
) -> None:
    give_role(auditor, Role.QA_LEAD, directorate)
    client = browser(User.objects.get(pk=auditor.pk))
    for address in (reverse("audits:moderation_queue"), of(moderation), url("detail", moderation.audit)):
        page = text_of(client.get(address))
        assert moderation.audit.reference in page
        assert "Graded outstanding" not in page
