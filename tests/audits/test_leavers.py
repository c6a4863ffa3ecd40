"""What an auditor who left leaves behind: a returned audit goes to somebody else, silence accepts a changed grade."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, Grade, ModerationOutcome, ModerationStatus
from audits.models import Audit, Moderation
from audits.services.answering import lapse_answers
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.moves import StaleVersion
from audits.services.planning import reassign_audit
from audits.services.returning import Question, return_audit
from audits.services.submitting import submit_audit
from audits.services.tallies import rebuild
from cases.models import Case
from core.history.models import Event
from core.notifications.models import Notice
from core.workflow import IllegalMove
from tests.audits.drafts import REASON, section, submitted
from tests.factories.accounts import give_role, person_as

ASKED = "Which visit shows that the child was seen alone?"


@pytest.fixture
def opened(case: Case, qa_lead: User, auditor: User, moderator: User) -> Moderation:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.OUTSTANDING)
    return open_moderation(moderation=audit.moderations.get(), by=moderator)


@pytest.fixture
def returned(opened: Moderation, moderator: User, auditor: User) -> Audit:
    """An audit that was returned to an auditor who then left."""
    row = section(opened.audit, "voice")
    return_audit(moderation=opened, by=moderator, questions=[Question(ASKED, row.pk)], version=opened.version)
    services.mark_as_left(user=auditor, by=SYSTEM, why="New job")
    return Audit.objects.get(pk=opened.audit_id)


def give(audit: Audit, to: User, by: User, **more: object) -> Audit:
    asked = {"why": "Has left.", "keep_answers": True, "version": audit.version, **more}
    return reassign_audit(audit=audit, auditor=to, by=by, **asked)  # type: ignore[arg-type]


def test_a_returned_audit_of_a_leaver_goes_to_somebody_else_and_its_moderation_goes_on(
    returned: Audit, qa_lead: User, auditor: User, moderator: User, directorate: OrgUnit
) -> None:
    other = person_as(Role.AUDITOR, directorate)
    audit = give(returned, other, qa_lead)
    held = audit.moderations.get()
    assert (audit.status, audit.auditor, held.status) == (AuditStatus.SUBMITTED, other, ModerationStatus.RETURNED)
    assert audit.auditor_grade == Grade.OUTSTANDING
    assert audit.sections.exclude(grade="").count() == 2
    assert Notice.objects.filter(person=other, kind="audit_returned", object_id=audit.pk).count() == 1
    event = Event.objects.filter(verb="reassign_returned").get()
    assert event.content.values == {"auditor": [str(auditor.pk), str(other.pk)], "answers": "kept"}
    assert event.content.why == "Has left."
    assert audit.transitions.last().why.endswith(f" instead of {auditor.name}\nHas left.")
    again = submit_audit(audit=audit, by=other, version=audit.version)
    held.refresh_from_db()
    assert (again.status, held.status, held.moderator) == (AuditStatus.SUBMITTED, ModerationStatus.OPENED, moderator)
    assert rebuild() == 0


@pytest.mark.parametrize("who", ["moderator", "practitioner", "team_manager", "auditor"])
def test_it_never_goes_to_its_moderator_to_the_line_or_to_who_left(
    who: str, returned: Audit, qa_lead: User, directorate: OrgUnit, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    if who != "auditor":
        give_role(person, Role.AUDITOR, directorate)
        person = User.objects.get(pk=person.pk)
    with pytest.raises((NotAllowed, ValidationError)):
        give(returned, person, qa_lead)
    returned.refresh_from_db()
    assert returned.auditor_id != person.pk or who == "auditor"
    assert not Event.objects.filter(verb="reassign_returned").exists()


@pytest.mark.parametrize(
    ("asked", "refused"),
    [({"why": " "}, ValidationError), ({"keep_answers": False}, ValidationError), ({"version": 0}, StaleVersion)],
)
def test_it_asks_for_a_reason_keeps_what_was_submitted_and_minds_its_version(
    asked: dict[str, object], refused: type[Exception], returned: Audit, qa_lead: User, directorate: OrgUnit
) -> None:
    with pytest.raises(refused):
        give(returned, person_as(Role.AUDITOR, directorate), qa_lead, **asked)
    assert Audit.objects.get(pk=returned.pk).auditor_id == returned.auditor_id
    assert Audit.objects.get(pk=returned.pk).sections.exclude(grade="").count() == 2


def test_what_is_with_a_moderator_stays_with_its_auditor(
    opened: Moderation, qa_lead: User, moderator: User, directorate: OrgUnit
) -> None:
    other = person_as(Role.AUDITOR, directorate)
    with pytest.raises(IllegalMove):
        give(opened.audit, other, qa_lead)
    for person in (moderator, other):
        with pytest.raises(NotAllowed):
            give(opened.audit, other, person)


def test_to_reassign_lists_it_and_the_page_gives_it_away(
    returned: Audit, client: Client, qa_lead: User, moderator: User, directorate: OrgUnit
) -> None:
    give_role(moderator, Role.AUDITOR, directorate)
    other = person_as(Role.AUDITOR, directorate)
    client.force_login(qa_lead)
    page = client.get(reverse("accounts:to_reassign")).content.decode()
    assert returned.reference in page
    assert "Returned" in page
    there = reverse("audits:reassign", args=[returned.pk])
    assert there in client.get(reverse("audits:detail", args=[returned.pk])).content.decode()
    form = client.get(there).content.decode()
    assert str(other.pk) in form
    assert str(moderator.pk) not in form
    assert "keep_answers" not in form
    answer = client.post(there, {"auditor": str(other.pk), "why": "Has left.", "version": returned.version})
    assert answer.status_code == 302
    assert Audit.objects.get(pk=returned.pk).auditor == other
    assert "Nothing to reassign" in client.get(reverse("accounts:to_reassign")).content.decode()


def test_a_changed_grade_of_a_leaver_is_accepted_by_silence(opened: Moderation, moderator: User, auditor: User) -> None:
    held = decide_moderation(
        moderation=opened, by=moderator, outcome=ModerationOutcome.CHANGED, grade=Grade.GOOD, reason=REASON,
        version=opened.version,
    )  # fmt: skip
    assert held.status == ModerationStatus.AWAITING_ACCEPTANCE
    services.mark_as_left(user=auditor, by=SYSTEM, why="New job")
    assert held.answer_by is not None
    assert lapse_answers(today=held.answer_by) == 0
    assert lapse_answers(today=held.answer_by + timedelta(days=1)) == 1
    audit = Audit.objects.get(pk=held.audit_id)
    assert (audit.status, audit.grade) == (AuditStatus.SETTLED, Grade.GOOD)
    assert rebuild() == 0
