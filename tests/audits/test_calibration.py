"""Calibration: one case, several auditors, blind; revealed together; in no figure, and never for the case's line."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.models import Action
from audits.choices import AuditPurpose, AuditStatus, CalibrationStatus, FindingKind, Grade, ModerationStatus, TallyCut
from audits.models import Answer, Audit, Calibration, GradeTally, Moderation, Theme, ToolVersion
from audits.selectors.answers import answer_table
from audits.selectors.calibrating import results
from audits.selectors.consistency import consistency
from audits.selectors.grades import grade_table
from audits.selectors.theming import theme_report
from audits.services.alerts import raise_alert
from audits.services.calibrating import reveal_all_due, reveal_early, reveal_of_audit, set_up_calibration
from audits.services.drafting import FindingDraft, save_section, start_audit
from audits.services.feedback import issue_all_due
from audits.services.moves import StaleVersion
from audits.services.planning import decline_audit, reassign_audit
from audits.services.re_auditing import book_re_audit
from audits.services.submitting import submit_audit
from audits.services.sweeping import look_at_audit_clocks
from audits.services.tallies import rebuild
from cases.models import Case
from core.history.models import Event
from core.jobs.services import run_due
from core.notifications.models import Notice
from core.workflow import IllegalMove
from learning.services.summaries import live_content
from reports.selectors.feed import TABLES, Feed
from reports.selectors.rows import audits_between
from tests.audits.drafts import fill_in, section, section_draft, submitted
from tests.audits.pages import browser, text_of, url
from tests.factories.accounts import give_role, person_as
from tests.factories.audits import live_tool
from worklist.services.breaking_glass import break_glass

WHY = "Two are on leave until Christmas."


@pytest.fixture
def three(auditor: User, directorate: OrgUnit) -> list[User]:
    """Three auditors without a tie to the case; the first is the one that everybody knows."""
    return [
        auditor,
        person_as(Role.AUDITOR, directorate, name="Ben Example-Second"),
        person_as(Role.AUDITOR, directorate, name="Cara Example-Third"),
    ]


@pytest.fixture
def running(case: Case, qa_lead: User, three: list[User]) -> Calibration:
    return set_up_calibration(case=case, version=live_tool(), auditors=three, by=qa_lead, about="Risk in June")


def of(calibration: Calibration, person: User) -> Audit:
    return Audit.objects.get(calibration=calibration, auditor=person)


def hand_in(calibration: Calibration, person: User, overall: str, **grades: Any) -> Audit:
    audit = fill_in(start_audit(audit=of(calibration, person), by=person), person, overall=overall, **grades)
    return submit_audit(audit=audit, by=person, version=audit.version)


def now(calibration: Calibration) -> Calibration:
    return Calibration.objects.get(pk=calibration.pk)


# Setting up


def test_each_auditor_gets_an_ordinary_audit_of_the_case_marked_calibration(
    running: Calibration, case: Case, three: list[User], qa_lead: User
) -> None:
    audits = list(running.audits.all())
    assert {audit.auditor for audit in audits} == set(three)
    assert {(each.case, each.purpose, each.status, each.due_on) for each in audits} == {
        (case, AuditPurpose.CALIBRATION, AuditStatus.ALLOCATED, running.due_on)
    }
    assert running.reference.startswith("C-")
    assert set(Notice.objects.filter(kind="audit_allocated").values_list("person", flat=True)) == {
        person.pk for person in three
    }
    assert Event.objects.filter(object_id=running.pk, verb="set_up", actor=qa_lead).count() == 1
    page = text_of(browser(three[0]).get(url("detail", of(running, three[0]))))
    assert "Several auditors audit this case, each alone" in page
    assert "Calibration (not counted)" in page


@pytest.mark.parametrize("who", ["qa_admin", "auditor", "head_of_service", "team_manager", "moderator"])
def test_only_a_qa_lead_sets_one_up(who: str, case: Case, three: list[User], request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        set_up_calibration(case=case, version=live_tool(), auditors=three, by=request.getfixturevalue(who))
    assert not Calibration.objects.exists()
    assert not Audit.objects.exists()


def test_it_takes_three_and_none_with_a_conflict_or_nothing_is_made(
    case: Case, qa_lead: User, three: list[User], practitioner: User, directorate: OrgUnit
) -> None:
    give_role(practitioner, Role.AUDITOR, directorate)
    for people, words in (
        (three[:2], "at least 3"),
        ([three[0], three[0], three[1]], "at least 3"),
        ([*three[:2], User.objects.get(pk=practitioner.pk)], "holds or held this case"),
    ):
        with pytest.raises(ValidationError, match=words):
            set_up_calibration(case=case, version=live_tool(), auditors=people, by=qa_lead)
    with pytest.raises(ValidationError):
        yesterday = timezone.localdate() - timedelta(days=1)
        set_up_calibration(case=case, version=live_tool(), auditors=three, by=qa_lead, due_on=yesterday)
    assert not Calibration.objects.exists()
    assert not Audit.objects.exists()
    assert not Notice.objects.exists()


def test_the_database_itself_lets_none_be_counted_or_held_twice(running: Calibration, three: list[User]) -> None:
    audit = of(running, three[0])
    for change in ({"purpose": AuditPurpose.STANDARD}, {"auditor": three[1]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Audit.objects.filter(pk=audit.pk).update(**change)


def test_whoever_takes_over_starts_afresh_and_is_not_in_it_already(
    running: Calibration, three: list[User], qa_lead: User, directorate: OrgUnit
) -> None:
    audit = fill_in(start_audit(audit=of(running, three[0]), by=three[0]), three[0])
    other = person_as(Role.AUDITOR, directorate)
    asked: dict[str, Any] = {"audit": audit, "by": qa_lead, "why": "Ill.", "version": audit.version}
    with pytest.raises(NotAllowed, match="in this calibration"):
        reassign_audit(auditor=three[1], keep_answers=False, **asked)
    with pytest.raises(ValidationError):
        reassign_audit(auditor=other, keep_answers=True, **asked)
    assert of(running, three[0]).sections.exclude(grade="").count() == 2
    client = browser(qa_lead)
    assert "keep_answers" not in text_of(client.get(url("reassign", audit)))
    answer = client.post(url("reassign", audit), {"auditor": str(other.pk), "why": "Ill.", "version": audit.version})
    assert answer.status_code == 302
    assert not of(running, other).sections.exclude(grade="").exists()


# Blind


def test_until_it_is_revealed_no_auditor_sees_anything_of_another(
    running: Calibration, three: list[User], qa_lead: User, directorate: OrgUnit
) -> None:
    hand_in(running, three[0], Grade.INADEQUATE)
    give_role(three[1], Role.QA_LEAD, directorate)
    give_role(three[1], Role.HEAD_OF_SERVICE, directorate)
    for person in (User.objects.get(pk=three[1].pk), three[2]):
        own, other = of(running, person), of(running, three[0])
        assert list(Audit.objects.visible_to(person).filter(calibration=running)) == [own]
        client = browser(person)
        assert client.get(url("detail", other)).status_code == 404
        assert other.reference not in text_of(client.get(reverse("audits:list")))
        page = text_of(client.get(reverse("audits:calibration", args=[running.pk])))
        assert "Inadequate" not in page
        assert "Grades side by side" not in page
    hidden = text_of(browser(three[2]).get(reverse("audits:calibration", args=[running.pk])))
    assert three[0].name not in hidden
    assert not Notice.objects.filter(kind="calibration_revealed").exists()
    with pytest.raises(NotAllowed):  # a QA lead who takes part does not end it either
        reveal_early(calibration=running, by=User.objects.get(pk=three[1].pk), why=WHY, version=running.version)


@pytest.mark.parametrize(
    "who", ["practitioner", "team_manager", "service_lead", "head_of_service", "moderator", "read_only"]
)
def test_the_line_of_the_case_and_moderators_never_see_it(
    who: str, running: Calibration, three: list[User], request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    for each, grade in zip(three, (Grade.INADEQUATE, Grade.GOOD, Grade.OUTSTANDING), strict=True):
        hand_in(running, each, grade)
    run_due()
    assert now(running).status == CalibrationStatus.REVEALED
    assert not Audit.objects.visible_to(person).filter(calibration=running).exists()
    assert not Moderation.objects.visible_to(person).exists()
    client = browser(person)
    audit = of(running, three[0])
    for path in (url("detail", audit), reverse("audits:calibration", args=[running.pk])):
        assert client.get(path).status_code == 404
    assert running.reference not in text_of(client.get(reverse("audits:calibrations")))
    listed = client.get(reverse("audits:list"))
    assert audit.reference not in text_of(listed)
    assert not Notice.objects.filter(person=person).exists()


def test_neither_broken_glass_nor_an_action_leads_round_it(
    running: Calibration, case: Case, three: list[User], qa_lead: User, head_of_service: User
) -> None:
    audit = hand_in(running, three[0], Grade.INADEQUATE)
    case.restricted = True
    case.save()
    break_glass(case=case, why="A child may be at risk of harm tonight.", by=head_of_service)
    assert Case.objects.visible_to(head_of_service).filter(pk=case.pk).exists()
    assert not Audit.objects.visible_to(head_of_service).exists()
    case.restricted = False
    case.save()
    assert browser(qa_lead).post(url("act_on_audit", audit), {"what": "See the child alone."}).status_code == 403
    assert not Action.objects.exists()


def test_nobody_above_is_told_that_one_is_late_and_an_alert_reaches_the_line_all_the_same(
    running: Calibration, three: list[User], qa_lead: User, team_manager: User, service_lead: User,
    head_of_service: User,
) -> None:  # fmt: skip
    long_ago = timezone.localdate() - timedelta(days=20)
    Audit.objects.filter(calibration=running).update(due_on=long_ago, allocated_at=timezone.now() - timedelta(days=60))
    look_at_audit_clocks(now=timezone.now().replace(hour=12) + timedelta(days=(7 - timezone.localdate().weekday()) % 7))
    told = set(Notice.objects.exclude(kind="audit_allocated").values_list("person", flat=True))
    assert told == {qa_lead.pk, *(person.pk for person in three)}
    audit = start_audit(audit=of(running, three[0]), by=three[0])
    raise_alert(audit=audit, by=three[0], what="Not seen", where="Case note", since="May")
    assert Notice.objects.filter(kind="alert_raised", person__in=[team_manager, service_lead]).count() == 2


# Revealing


def test_the_last_submission_reveals_all_at_once_and_tells_each_once(
    running: Calibration, three: list[User], qa_lead: User
) -> None:
    for person in three[:2]:
        hand_in(running, person, Grade.GOOD)
        run_due()
        assert now(running).status == CalibrationStatus.RUNNING
    last = hand_in(running, three[2], Grade.INADEQUATE)
    assert last.status == AuditStatus.SETTLED
    assert last.moderations.get().status == ModerationStatus.NOT_SELECTED
    for _ in range(2):
        run_due()
        reveal_of_audit(audit_id=last.pk, today=timezone.localdate())
        reveal_all_due(today=timezone.localdate())
    told = Notice.objects.filter(kind="calibration_revealed")
    assert sorted(told.values_list("person", flat=True)) == sorted([qa_lead.pk, *(person.pk for person in three)])
    assert (now(running).status, now(running).revealed_by) == (CalibrationStatus.REVEALED, None)
    assert Event.objects.filter(object_id=running.pk, verb="reveal").count() == 1


def test_after_the_last_day_it_is_revealed_without_those_who_did_not_submit(
    running: Calibration, three: list[User]
) -> None:
    hand_in(running, three[0], Grade.GOOD)
    hand_in(running, three[1], Grade.INADEQUATE)
    assert reveal_all_due(today=running.due_on) == 0
    late = start_audit(audit=of(running, three[2]), by=three[2])
    assert reveal_all_due(today=running.due_on + timedelta(days=3)) == 1
    assert reveal_all_due(today=running.due_on + timedelta(days=3)) == 0
    late = Audit.objects.get(pk=late.pk)
    assert late.status == AuditStatus.VOID
    with pytest.raises((IllegalMove, NotAllowed)):
        submit_audit(audit=late, by=three[2], version=late.version)
    assert not Calibration.objects.visible_to(three[2]).exists()
    told = Notice.objects.filter(kind="calibration_revealed", person__in=three)
    assert set(told.values_list("person", flat=True)) == {three[0].pk, three[1].pk}
    assert results(now(running), reader=three[0].pk, names=False).overall.pairs.n == 1
    assert rebuild() == 0


def test_the_qa_lead_ends_it_early_with_a_reason(
    running: Calibration, three: list[User], qa_lead: User, qa_admin: User
) -> None:
    hand_in(running, three[0], Grade.GOOD)
    address = reverse("audits:reveal_calibration", args=[running.pk])
    for person in (qa_admin, three[0]):
        assert browser(person).post(address, {"why": WHY, "version": running.version}).status_code == 403
    for asked, refused in (({"why": " "}, ValidationError), ({"version": 99}, StaleVersion)):
        with pytest.raises(refused):
            reveal_early(**{"calibration": running, "by": qa_lead, "why": WHY, "version": running.version, **asked})
    assert now(running).status == CalibrationStatus.RUNNING
    assert browser(qa_lead).post(address, {"why": WHY, "version": running.version}).status_code == 302
    held = now(running)
    assert (held.status, held.revealed_by, held.reason) == (CalibrationStatus.REVEALED, qa_lead, WHY)
    assert Event.objects.get(object_id=running.pk, verb="reveal_early").content.why == WHY
    assert running.audits.filter(status=AuditStatus.VOID).count() == 2
    with pytest.raises(IllegalMove):
        reveal_early(calibration=held, by=qa_lead, why=WHY, version=held.version)


def test_one_that_was_handed_back_is_waited_for_until_it_is_given_on_or_void(
    running: Calibration, three: list[User]
) -> None:
    for person in three[:2]:
        hand_in(running, person, Grade.GOOD)
    audit = of(running, three[2])
    decline_audit(audit=audit, by=three[2], why="I know the family.", version=audit.version)
    assert reveal_all_due(today=timezone.localdate()) == 0
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.VOID)
    assert reveal_all_due(today=timezone.localdate()) == 1


# Results


@pytest.fixture
def revealed(running: Calibration, three: list[User]) -> Calibration:
    """Overall good, good, inadequate; voice good, requires improvement, good; safeguarding as overall."""
    theme = Theme.objects.create(name="Chronologies", parent=Theme.objects.create(name="Assessment"))
    finding = FindingDraft(FindingKind.DEVELOPMENT, "The chronology ends in March.", theme_ids=(theme.pk,))
    grades = ((Grade.GOOD, Grade.GOOD), (Grade.REQUIRES_IMPROVEMENT, Grade.GOOD), (Grade.GOOD, Grade.INADEQUATE))
    for person, (voice, safeguarding) in zip(three, grades, strict=True):
        overall = Grade.INADEQUATE if safeguarding == Grade.INADEQUATE else Grade.GOOD
        audit = fill_in(
            start_audit(audit=of(running, person), by=person), person, voice=voice, safeguarding=safeguarding,
            overall=overall,
        )  # fmt: skip
        if person == three[1]:
            row = section(audit, "voice")
            draft = section_draft(voice, findings=(finding,), reason_checked=True)
            save_section(audit_section=row, draft=draft, by=person, version=row.version)
            audit.refresh_from_db()
        submit_audit(audit=audit, by=person, version=audit.version)
    reveal_all_due(today=timezone.localdate())
    return now(running)


def test_grades_stand_side_by_side_with_spread_and_agreement(
    revealed: Calibration, three: list[User], qa_lead: User
) -> None:
    found = results(revealed, reader=qa_lead.pk, names=True)
    by_name = {each.who: each.key for each in found.overall.given}
    assert by_name == dict(
        zip([person.name for person in three], [Grade.GOOD, Grade.GOOD, Grade.INADEQUATE], strict=True)
    )
    assert found.overall.spread == 2
    assert asdict(found.overall.pairs) == {"n": 3, "exact": 1, "within_one": 1}
    assert [(line.title, line.spread, line.pairs.exact, line.pairs.within_one) for line in found.lines] == [
        ("Child's voice", 1, 1, 3), ("Safeguarding and risk", 2, 1, 1),
    ]  # fmt: skip
    assert (asdict(found.sections), found.exact_percent, found.within_percent) == (
        {"n": 6, "exact": 2, "within_one": 4}, 33, 67,
    )  # fmt: skip
    assert [(each.theme, each.strengths, each.developments) for each in found.themes] == [
        ("Assessment: Chronologies", 0, 1)
    ]
    page = text_of(browser(qa_lead).get(reverse("audits:calibration", args=[revealed.pk])))
    assert all(person.name in page for person in three)
    assert "1 of 3" in page


def test_an_auditor_is_you_and_the_others_are_letters(revealed: Calibration, three: list[User]) -> None:
    for person in three:
        found = results(revealed, reader=person.pk, names=False)
        assert sorted(found.auditors)[-1] == "You"
        assert all(who == "You" or who.startswith("Auditor ") for who in found.auditors)
        page = text_of(browser(person).get(reverse("audits:calibration", args=[revealed.pk])))
        assert "Grades side by side" in page
        for other in three:
            if other != person:
                assert other.name not in page
                assert of(revealed, other).reference not in page
                assert browser(person).get(url("detail", of(revealed, other))).status_code == 404


# Never in a figure


def figures() -> dict[str, Any]:
    """What every report says of this month, apart from how many audits it does not count."""
    first = timezone.localdate().replace(day=1)
    audits, tallies, themes = (model.objects.visible_to(SYSTEM) for model in (Audit, GradeTally, Theme))
    feed = Feed(audits, Action.objects.visible_to(SYSTEM))
    found: dict[str, Any] = {
        "tallies": sorted(
            tallies.exclude(cut=TallyCut.EXCLUDED).filter(count__gt=0)
            .values_list("unit", "month", "cut", "key", "stage", "grade", "count"), key=str,
        ),
        "consistency": consistency(audits, first=first, last=first, by_auditor=True),
        "themes": theme_report(audits, themes, first=first, last=first, outside=False),
        "summary": replace(live_content(month=first), excluded=()),
        "answers": answer_table(
            Answer.objects.visible_to(SYSTEM).in_period(first, first), versions=ToolVersion.objects.all()
        ),
        "rows": list(audits_between(audits, first, first).values_list("reference", flat=True)),
    }  # fmt: skip
    for by in ("month", "service", "team", "plan_type", "tool", "section"):
        table = grade_table(tallies, first=first, last=first, by=by)
        found[by] = (table.rows, table.total, table.before)
    halves = (b"1" * 64, b"2" * 64)
    for name in ("audits", "sections", "findings"):
        found[f"feed {name}"] = list(TABLES[name].rows(feed, halves))
    return found


def test_no_report_and_no_feed_changes_by_a_calibration(
    case: Case, qa_lead: User, auditor: User, three: list[User]
) -> None:
    submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.OUTSTANDING)
    before = figures()
    assert before["month"][1].audited == 1
    calibration = set_up_calibration(case=case, version=live_tool(), auditors=three, by=qa_lead)
    for person in three:
        hand_in(calibration, person, Grade.INADEQUATE, safeguarding=Grade.INADEQUATE)
    run_due()
    # They exist, are graded, and stand in this month: what follows is no emptiness.
    exist = Audit.objects.filter(calibration=calibration, month=timezone.localdate().replace(day=1))
    assert list(exist.values_list("status", "counted_grade")) == [(AuditStatus.SETTLED, Grade.INADEQUATE)] * 3
    after = figures()
    for name, value in before.items():
        assert after[name] == value, name
    first = timezone.localdate().replace(day=1)
    assert grade_table(GradeTally.objects.all(), first=first, last=first).excluded == {"calibration": 3}
    assert live_content(month=first).excluded == ((3, "calibration"),)
    assert "3 calibration" in text_of(browser(qa_lead).get(reverse("reports:monthly")))
    assert rebuild() == 0
    # Nothing follows from them either: no feedback, no re-audit, no work for others.
    assert issue_all_due(today=timezone.localdate() + timedelta(days=30))["issued"] == 0
    assert all(book_re_audit(audit_id=key) is None for key in exist.values_list("pk", flat=True))
    assert not Audit.objects.filter(first_audit__in=exist).exists()
    assert not Audit.objects.awaiting("issue", None).exists()


# The pages


def test_the_qa_lead_finds_the_case_by_its_reference_and_sets_one_up(
    case: Case, qa_lead: User, three: list[User]
) -> None:
    version = live_tool()
    client = browser(qa_lead)
    assert "No calibration yet" in text_of(client.get(reverse("audits:calibrations")))
    wrong = client.post(reverse("audits:new_calibration"), {"reference": "XX999"})
    assert "No case that you can see has this reference" in text_of(wrong)
    assert "XX999" in text_of(wrong)
    address = reverse("audits:calibrate", args=[case.pk])
    case.aliases.create(reference="Old-77 B")
    for typed in (f" {case.reference.lower()} ", f"{case.reference[:3]} {case.reference[3:]}", "OLD-77b"):
        there = client.post(reverse("audits:new_calibration"), {"reference": typed})
        assert there.url == address, typed
    assert case.reference not in address
    last = timezone.localdate() + timedelta(days=9)
    data = {
        "tool": str(version.pk), "auditors": [str(person.pk) for person in three], "about": "Risk",
        "due_on_day": last.day, "due_on_month": last.month, "due_on_year": last.year,
    }  # fmt: skip
    few = client.post(address, data | {"auditors": [str(three[0].pk)]})
    assert "Choose at least 3 auditors" in text_of(few)
    assert "Risk" in text_of(few)
    for unknown in ("nonsense", str(case.pk)):
        page = client.post(address, data | {"auditors": [*data["auditors"], unknown]})
        assert "Choose auditors from the list" in text_of(page)
    assert not Calibration.objects.exists()
    made = client.post(address, data)
    calibration = Calibration.objects.get()
    assert made.url == reverse("audits:calibration", args=[calibration.pk])
    assert calibration.due_on == last
    assert "0 of 3" in text_of(client.get(reverse("audits:calibrations")))
    assert address in text_of(client.get(reverse("cases:detail", args=[case.pk])))
