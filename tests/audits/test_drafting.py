"""Filling in: partial work is saved, a repeated save is no conflict, and the loser of two sees both texts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import User
from audits.choices import FindingKind, Grade, SectionState, SectionUse
from audits.models import Audit, AuditSection, Finding, Theme, ToolSection
from audits.services.drafting import (
    FindingDraft,
    OverallDraft,
    SectionDraft,
    StaleVersion,
    remove_conversation,
    save_conversation,
    save_overall,
    save_section,
    start_audit,
)
from audits.services.planning import reassign_audit
from cases.models import Case
from core.history.models import Event
from core.workflow import IllegalMove
from tests.audits.drafts import REASON, new_audit, section, section_draft
from tests.factories.accounts import person_as
from tests.factories.audits import ToolVersionFactory
from tests.factories.cases import held_by


def save(row: AuditSection, draft: SectionDraft, by: User, version: int | None = None) -> AuditSection:
    return save_section(audit_section=row, draft=draft, by=by, version=row.version if version is None else version)


def test_starting_pins_the_live_version_and_makes_the_sections(allocated: Audit, auditor: User) -> None:
    old = allocated.tool_version
    old.status = "retired"
    old.save()
    new = ToolVersionFactory(number=2)
    audit = start_audit(audit=allocated, by=auditor)
    assert audit.tool_version == new
    assert [row.section.version_id for row in audit.sections.all()] == [new.pk, new.pk]
    again = start_audit(audit=audit, by=auditor)
    assert again.version == audit.version
    assert audit.transitions.filter(event="start").count() == 1


def test_a_tool_published_later_touches_no_audit_under_way(under_way: Audit, auditor: User) -> None:
    before = under_way.tool_version
    before.status = "retired"
    before.save()
    ToolVersionFactory(number=2)
    assert start_audit(audit=under_way, by=auditor).tool_version == before


@pytest.mark.parametrize(
    ("draft", "state"),
    [
        (SectionDraft(reason="Half a sen"), SectionState.IN_PROGRESS),
        (SectionDraft(answers={"seen": "yes"}), SectionState.IN_PROGRESS),
        (SectionDraft(grade=Grade.GOOD), SectionState.IN_PROGRESS),
        (section_draft(), SectionState.COMPLETE),
        (section_draft(reason="Too short"), SectionState.IN_PROGRESS),
        (section_draft(reason="x" * 20_000), SectionState.COMPLETE),
        (section_draft(reason="\u202e<script>alert(1)</script> 👩‍👧 \u200b and so on"), SectionState.COMPLETE),
    ],
)
def test_partial_work_is_saved_as_it_stands(under_way: Audit, auditor: User, draft: SectionDraft, state: str) -> None:
    row = save(section(under_way, "voice"), draft, auditor)
    row.refresh_from_db()
    assert (row.state, row.reason, row.grade) == (state, draft.reason, draft.grade)
    assert {answer.question.key: answer.value for answer in row.answers.all()} == dict(draft.answers)
    assert (row.saved_by, row.version) == (auditor, 2)
    assert row.saved_at is not None


def test_the_second_of_two_saves_is_told_what_the_first_wrote(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    first = section_draft(reason="What the first tab says of the child.")
    save(row, first, auditor)
    with pytest.raises(StaleVersion) as lost:
        save(row, section_draft(Grade.INADEQUATE, reason="What the second tab says."), auditor)
    assert lost.value.theirs.reason == first.reason
    assert lost.value.theirs.grade == Grade.GOOD
    assert lost.value.theirs.answers == {"seen": "yes"}
    assert [finding.text for finding in lost.value.theirs.findings] == [first.findings[0].text]
    assert (lost.value.version, lost.value.saved_by) == (2, auditor)
    assert lost.value.saved_at is not None
    assert section(under_way, "voice").reason == first.reason


def test_saving_the_same_again_is_no_change_and_no_conflict(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    saved = save(row, section_draft(), auditor)
    events = Event.objects.count()
    keys = set(saved.findings.values_list("pk", flat=True))
    again = save(row, section_draft(), auditor, version=1)
    assert again.version == saved.version == 2
    assert set(again.findings.values_list("pk", flat=True)) == keys
    assert Event.objects.count() == events


def test_line_ends_of_a_browser_are_no_change(under_way: Audit, auditor: User) -> None:
    row = save(section(under_way, "voice"), section_draft(reason="First line\nand the second line."), auditor)
    again = save(row, section_draft(reason="First line\r\nand the second line."), auditor, version=1)
    assert again.version == row.version


def test_another_grade_asks_for_the_reason_to_be_checked(under_way: Audit, auditor: User) -> None:
    row = save(section(under_way, "voice"), section_draft(Grade.GOOD), auditor)
    row = save(row, section_draft(Grade.REQUIRES_IMPROVEMENT), auditor)
    assert (row.reason, row.reason_to_check, row.state) == (REASON, True, SectionState.IN_PROGRESS)
    row = save(row, section_draft(Grade.REQUIRES_IMPROVEMENT, reason_checked=True), auditor)
    assert (row.reason_to_check, row.state) == (False, SectionState.COMPLETE)
    row = save(row, section_draft(Grade.GOOD, reason=f"{REASON} Yet more."), auditor)
    assert (row.reason_to_check, row.state) == (False, SectionState.COMPLETE)


def test_findings_keep_their_keys_and_themes(under_way: Audit, auditor: User) -> None:
    theme = Theme.objects.create(name="Supervision")
    retired = Theme.objects.create(name="Old", retired_on=date(2025, 1, 1))
    strength = FindingDraft(FindingKind.STRENGTH, "Seen alone.", "Visit record", date(2026, 5, 4), (theme.pk,))
    gap = FindingDraft(FindingKind.DEVELOPMENT, "No chronology.")
    row = save(section(under_way, "voice"), section_draft(findings=(strength, gap)), auditor)
    stored = {finding.kind: finding for finding in row.findings.all()}
    assert list(stored["strength"].themes.all()) == [theme]
    assert stored["strength"].evidence_date == date(2026, 5, 4)
    longer = FindingDraft(FindingKind.DEVELOPMENT, "No chronology since 2024.", id=stored["development"].pk)
    row = save(row, section_draft(findings=(longer, FindingDraft(FindingKind.STRENGTH, "Seen alone, twice."))), auditor)
    now = {finding.kind: finding for finding in row.findings.all()}
    assert {kind: finding.pk for kind, finding in now.items()} == {kind: finding.pk for kind, finding in stored.items()}
    assert now["development"].text == "No chronology since 2024."
    assert not now["strength"].themes.exists()
    with pytest.raises(ValidationError):
        save(row, section_draft(findings=(FindingDraft("strength", "x", theme_ids=(retired.pk,)),)), auditor)
    row = save(row, section_draft(findings=()), auditor)
    assert not Finding.objects.exists()


def test_a_finding_of_another_audit_is_not_touched(under_way: Audit, case: Case, qa_lead: User, auditor: User) -> None:
    other = start_audit(audit=new_audit(case=case, by=qa_lead, auditor=auditor), by=auditor)
    theirs = save(section(other, "voice"), section_draft(), auditor).findings.get()
    forged = FindingDraft(FindingKind.DEVELOPMENT, "Forged", id=theirs.pk)
    row = save(section(under_way, "voice"), section_draft(findings=(forged,)), auditor)
    assert row.findings.get().pk != theirs.pk
    theirs.refresh_from_db()
    assert theirs.text == "The child was seen alone at every visit."


def test_a_theme_that_was_retired_stays_where_it_was(under_way: Audit, auditor: User) -> None:
    theme = Theme.objects.create(name="Supervision")
    with_theme = FindingDraft(FindingKind.STRENGTH, "Regular.", theme_ids=(theme.pk,))
    row = save(section(under_way, "voice"), section_draft(findings=(with_theme,)), auditor)
    Theme.objects.update(retired_on=timezone.localdate())
    row = save(row, section_draft(findings=(with_theme,), reason=f"{REASON} Indeed."), auditor)
    assert list(row.findings.get().themes.all()) == [theme]


def test_a_section_may_be_left_out_with_a_reason_unless_it_is_always_required(under_way: Audit, auditor: User) -> None:
    row = save(section(under_way, "voice"), section_draft(not_applicable=True), auditor)
    assert (row.not_applicable, row.state) == (False, SectionState.COMPLETE)
    ToolSection.objects.update(use=SectionUse.REQUIRED)
    row = save(section(under_way, "voice"), section_draft(not_applicable=True), auditor)
    assert (row.not_applicable, row.state) == (True, SectionState.IN_PROGRESS)
    left_out = section_draft(not_applicable=True, not_applicable_reason="Not born yet")
    row = save(row, left_out, auditor)
    assert (row.state, row.reason) == (SectionState.NOT_APPLICABLE, REASON)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (section_draft(answers={"seen": "perhaps"}), "seen"),
        (section_draft(answers={"unknown": "yes"}), "unknown"),
        (section_draft(grade="excellent"), "grade"),
        (section_draft(findings=(FindingDraft("praise", "x"),)), "findings"),
        (section_draft(findings=(FindingDraft("strength", "x", evidence_document="x" * 151),)), "evidence_document"),
        (section_draft(findings=(FindingDraft("strength", "x", theme_ids=(uuid4(),)),)), "themes"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_its_field(
    under_way: Audit, auditor: User, draft: SectionDraft, field: str
) -> None:
    row = section(under_way, "voice")
    with pytest.raises(ValidationError) as refused:
        save(row, draft, auditor)
    assert list(refused.value.message_dict) == [field]
    assert section(under_way, "voice").version == 1


def test_nobody_but_its_auditor_writes_in_an_audit(under_way: Audit, qa_lead: User, head_of_service: User) -> None:
    row = section(under_way, "voice")
    other = person_as(Role.AUDITOR, under_way.service.parent)
    for person in (qa_lead, head_of_service, other):
        with pytest.raises(NotAllowed):
            save(row, section_draft(), person)
    with pytest.raises(NotAllowed):
        save_overall(audit=under_way, draft=OverallDraft(grade=Grade.GOOD), by=qa_lead, version=under_way.version)
    assert section(under_way, "voice").version == 1


def test_an_auditor_who_lost_the_role_or_the_audit_writes_no_more(
    under_way: Audit, auditor: User, qa_lead: User
) -> None:
    row = section(under_way, "voice")
    other = person_as(Role.AUDITOR, under_way.service.parent)
    reassign_audit(
        audit=under_way, auditor=other, by=qa_lead, why="Long absence.", keep_answers=True, version=under_way.version
    )
    with pytest.raises(NotAllowed):
        save(row, section_draft(), auditor)
    with pytest.raises(IllegalMove, match="now “Allocated”"):
        save(row, section_draft(), other)
    other.memberships.all().delete()
    start = start_audit
    with pytest.raises(NotAllowed):
        start(audit=Audit.objects.get(pk=under_way.pk), by=User.objects.get(pk=other.pk))


def test_a_conflict_that_came_up_since_keeps_the_auditor_from_starting(
    allocated: Audit, auditor: User, case: Case
) -> None:
    case.holdings.all().delete()
    held_by(case, auditor)
    with pytest.raises(NotAllowed, match="holds or held this case"):
        start_audit(audit=allocated, by=auditor)
    allocated.refresh_from_db()
    assert allocated.status == "allocated"


def test_the_overall_judgement_is_saved_also_above_the_ceiling(under_way: Audit, auditor: User) -> None:
    save(section(under_way, "safeguarding"), section_draft(Grade.INADEQUATE), auditor)
    draft = OverallDraft(grade=Grade.GOOD, rationale="Half a thought", exemplar_nominated=True)
    audit = save_overall(audit=under_way, draft=draft, by=auditor, version=under_way.version)
    audit.refresh_from_db()
    assert (audit.auditor_grade, audit.rationale, audit.exemplar_nominated) == (Grade.GOOD, "Half a thought", True)
    assert audit.counted_grade == ""
    assert audit.grade == ""
    with pytest.raises(StaleVersion) as lost:
        save_overall(audit=under_way, draft=OverallDraft(rationale="Another"), by=auditor, version=under_way.version)
    assert lost.value.theirs == draft
    assert lost.value.version == audit.version
    same = save_overall(audit=under_way, draft=draft, by=auditor, version=under_way.version)
    assert same.version == audit.version
    with pytest.raises(ValidationError):
        save_overall(audit=audit, draft=OverallDraft(grade="adequate"), by=auditor, version=audit.version)


TALK: dict[str, Any] = {
    "with_whom": "parent", "outcome": "done", "mode": "phone", "held_on": date(2026, 5, 4), "reason": "",
    "what_they_said": "It helped.",
}  # fmt: skip


def test_conversations_are_kept_changed_and_removed(under_way: Audit, auditor: User) -> None:
    talk = save_conversation(audit=under_way, by=auditor, **TALK)
    declined = {**TALK, "outcome": "declined", "held_on": None, "reason": "Did not wish to be asked."}
    changed = save_conversation(audit=under_way, by=auditor, conversation=talk, **declined)
    assert changed.pk == talk.pk
    assert under_way.conversations.get().outcome == "declined"
    remove_conversation(conversation=changed, by=auditor)
    assert not under_way.conversations.exists()
    verbs = Event.objects.filter(object_id=talk.pk).order_by("sequence").values_list("verb", flat=True)
    assert list(verbs) == ["recorded a conversation", "changed a conversation", "removed a conversation"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": "declined", "reason": "  "}, "reason"),
        ({"outcome": "not_possible"}, "reason"),
        ({"held_on": None}, "held_on"),
        ({"held_on": timezone.localdate() + timedelta(days=2)}, "held_on"),
        ({"with_whom": "neighbour"}, "with_whom"),
        ({"outcome": ""}, "outcome"),
        ({"mode": "telepathy"}, "mode"),
    ],
)
def test_a_conversation_without_what_it_needs_is_refused(
    under_way: Audit, auditor: User, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        save_conversation(audit=under_way, by=auditor, **{**TALK, **changes})
    assert field in refused.value.message_dict
    assert not under_way.conversations.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_editors_at_once_lose_nothing_unseen(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    gate = threading.Barrier(8)

    def edit(number: int) -> tuple[int, str]:
        try:
            user = User.objects.get(pk=auditor.pk)
            own, version, told = AuditSection.objects.get(pk=row.pk), 1, ""
            gate.wait(timeout=20)
            while True:
                text = f"{told}[{number}]"
                try:
                    save_section(audit_section=own, draft=section_draft(reason=text), by=user, version=version)
                except StaleVersion as lost:
                    version, told = lost.version, lost.theirs.reason
                else:
                    return number, text
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        done = [future.result() for future in [pool.submit(edit, number) for number in range(8)]]
    final = section(under_way, "voice")
    assert final.version == 9
    assert {f"[{number}]" for number, _ in done} == {f"{part}]" for part in final.reason.split("]") if part}


class TwoTabs(RuleBasedStateMachine):
    """Two tabs of one auditor: each saves at random what it likes; nothing is overwritten that was not seen."""

    row: AuditSection
    by: User

    @initialize()
    def open_both(self) -> None:
        AuditSection.objects.filter(pk=self.row.pk).update(reason="", version=1)
        self.stored, self.seen = "", {0: (1, ""), 1: (1, "")}

    @rule(tab=st.integers(0, 1), text=st.sampled_from(["a", "b", "c", "a b", ""]))
    def save_in(self, tab: int, text: str) -> None:
        version, read = self.seen[tab]
        try:
            saved = save_section(audit_section=self.row, draft=SectionDraft(reason=text), by=self.by, version=version)
        except StaleVersion as lost:
            assert self.stored not in (read, text) or lost.version != version
            assert lost.theirs.reason == self.stored
            self.seen[tab] = (lost.version, self.stored)
        else:
            assert text == self.stored or version == saved.version - 1
            self.stored = text
            self.seen[tab] = (saved.version, text)

    @rule(tab=st.integers(0, 1))
    def alone_a_tab_never_conflicts_with_itself(self, tab: int) -> None:
        saved = AuditSection.objects.get(pk=self.row.pk)
        self.seen[tab] = (saved.version, saved.reason)
        for text in ("one", "one more", "one more thing"):
            version = self.seen[tab][0]
            row = save_section(audit_section=self.row, draft=SectionDraft(reason=text), by=self.by, version=version)
            self.seen[tab], self.stored = (row.version, text), text


def test_two_tabs_never_overwrite_each_other_unseen(under_way: Audit, auditor: User) -> None:
    TwoTabs.row, TwoTabs.by = section(under_way, "voice"), auditor
    case = TwoTabs.TestCase
    case.settings = settings(
        max_examples=6, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    case("runTest").runTest()


@given(st.text(max_size=200).filter(lambda text: "\x00" not in text and "\r" not in text))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_typed_comes_back_to_the_character(under_way: Audit, auditor: User, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    row = section(under_way, "voice")
    save(row, SectionDraft(reason=text), auditor)
    assert section(under_way, "voice").reason == text
