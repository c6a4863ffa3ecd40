"""What a month's summary holds, and what it never holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import OrgUnit, User
from audits.choices import AuditPurpose, AuditStatus, FindingKind, Grade
from audits.models import Audit, Finding, SafeguardingAlert, Theme
from audits.services.tallies import rebuild
from learning.selectors.summaries import PanelSummaryContent, content_of, what_changed
from learning.services.summaries import live_content
from tests.factories.audits import AuditFactory, graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


def content(month: date = OCTOBER) -> PanelSummaryContent:
    rebuild()
    return live_content(month=month)


def finding(audit: Audit, theme: Theme | None, kind: str = FindingKind.DEVELOPMENT) -> Finding:
    section = audit.sections.first()
    assert section is not None
    made = Finding.objects.create(audit=audit, audit_section=section, kind=kind, text="Words that stay in the audit.")
    if theme:
        made.themes.add(theme)
    return made


def theme(name: str, parent: str = "") -> Theme:
    above = Theme.objects.get_or_create(name=parent, parent=None)[0] if parent else None
    return Theme.objects.create(name=name, parent=above)


def test_an_empty_department_has_a_summary() -> None:
    held = content()
    assert held.headline == "No audit counted in October 2026."
    assert (held.total.audited, held.total.percent, held.services, held.good_audits) == (0, None, (), ())


def test_counts_and_grades_against_the_target() -> None:
    for grade in (Grade.OUTSTANDING, Grade.GOOD, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE):
        graded_audit(grade)
    graded_audit(Grade.GOOD, month=SEPTEMBER)
    held = content()
    assert held.total.counts == {"outstanding": 1, "good": 2, "requires_improvement": 1, "inadequate": 1}
    assert held.total.percent == {
        "good_or_outstanding": 60, "requires_improvement": 20, "inadequate": 20, "outstanding": 20, "good": 40,
    }  # fmt: skip
    assert (held.total.meets_target, held.before.audited, held.change) == (False, 1, "no clear change")
    assert held.headline == (
        "3 of 5 audits in October 2026 are good or outstanding: 60%, below the target of 70%. "
        "No clear change on September 2026 (100%)."
    )


def test_a_clear_change_is_called_one() -> None:
    for _ in range(20):
        graded_audit(Grade.GOOD)
        graded_audit(Grade.INADEQUATE, month=SEPTEMBER)
    held = content()
    assert held.change == "better"
    assert held.headline.endswith("Better than in September 2026 (0%).")


def test_a_share_that_is_printed_as_the_target_and_misses_it_says_so() -> None:
    for place in range(23):
        graded_audit(Grade.GOOD if place < 16 else Grade.INADEQUATE)
    held = content()
    assert held.total.percent is not None
    assert held.total.percent["good_or_outstanding"] == 70
    assert "70% (69.6%), below the target" in held.headline


def test_themes_come_most_frequent_first_and_count_an_audit_once() -> None:
    oversight, voice = theme("Frequency", "Supervision"), theme("Voice")
    audits = [graded_audit(Grade.GOOD) for _ in range(4)]
    for audit in audits[:3]:
        finding(audit, oversight)
        finding(audit, oversight)
    finding(audits[0], voice)
    finding(audits[1], voice, FindingKind.STRENGTH)
    held = content()
    assert [(row.theme, row.n, row.of) for row in held.development] == [
        ("Supervision: Frequency", 3, 4),
        ("Voice", 1, 4),
    ]
    assert [(row.theme, row.n, row.of) for row in held.strengths] == [("Voice", 1, 4)]


def test_a_merged_theme_counts_as_the_one_that_it_became() -> None:
    old, new = theme("Chronologies"), theme("Chronology")
    Theme.objects.filter(pk=old.pk).update(merged_into=new, retired_on=date(2026, 1, 1))
    audit = graded_audit(Grade.GOOD)
    finding(audit, old)
    finding(audit, new)
    assert [(row.theme, row.n) for row in content().development] == [("Chronology", 1)]


def test_a_theme_moves_only_where_the_data_support_it() -> None:
    often, once = theme("Often"), theme("Once")
    for place in range(20):
        now, before = graded_audit(Grade.GOOD), graded_audit(Grade.GOOD, month=SEPTEMBER)
        if place < 18:
            finding(now, often)
        if place < 2:
            finding(before, often)
        if place == 0:
            finding(now, once)
    moves = {row.theme: (row.n, row.n_before, row.move) for row in content().development}
    assert moves == {"Often": (18, 2, "more"), "Once": (1, 0, "same")}


def test_good_and_inadequate_audits_are_listed_without_anything_that_leads_to_a_child(practitioner: User) -> None:
    good = graded_audit(Grade.GOOD, reference="A-2026-90001")
    best = graded_audit(Grade.OUTSTANDING, reference="A-2026-90002")
    bad = graded_audit(Grade.INADEQUATE, reference="A-2026-90003", auditor_name="Avery Example-Auditor")
    graded_audit(Grade.REQUIRES_IMPROVEMENT)
    held = content()
    assert [row.reference for row in held.good_audits] == [best.reference, good.reference]
    assert [row.reference for row in held.inadequate_audits] == [bad.reference]
    words = str(held.data)
    for audit in Audit.objects.select_related("case"):
        assert audit.case is not None
        assert audit.case.reference not in words
        assert str(audit.case.pk) not in words
        assert str(audit.pk) not in words
    assert "Avery" not in words


def test_restricted_cases_are_counted_and_never_listed(service: OrgUnit) -> None:
    open_case, hidden = CaseFactory(service=service), CaseFactory(service=service, restricted=True)
    graded_audit(Grade.GOOD, case=open_case)
    secret = graded_audit(Grade.INADEQUATE, case=hidden, reference="A-2026-09999")
    held = content()
    assert held.total.audited == 2
    assert held.restricted_not_listed == 1
    assert held.inadequate_audits == ()
    assert secret.reference not in str(held.data)


def test_a_service_that_rests_on_a_restricted_case_is_held_back_with_a_second_one(
    service: OrgUnit, other_service: OrgUnit
) -> None:
    graded_audit(Grade.INADEQUATE, case=CaseFactory(service=other_service, restricted=True))
    graded_audit(Grade.GOOD, case=CaseFactory(service=service))
    rows = content().services
    assert [row.figures.hidden for row in rows] == [True, True]
    assert {row.figures.audited for row in rows} == {0}


def test_provisional_grades_are_declared_and_not_listed() -> None:
    graded_audit(Grade.INADEQUATE, status=AuditStatus.SUBMITTED)
    held = content()
    assert (held.total.inadequate, held.total.provisional) == (1, 1)
    assert held.inadequate_audits == ()
    assert held.provisional_not_listed == 1
    assert "1 grade is not settled yet and may still change." in held.missing


def test_what_does_not_count_is_declared() -> None:
    graded_audit(Grade.GOOD, purpose=AuditPurpose.SHADOW)
    graded_audit(Grade.GOOD)
    held = content()
    assert held.total.audited == 1
    assert held.excluded == ((1, "shadow"),)


def test_what_is_missing_is_said() -> None:
    AuditFactory(status=AuditStatus.IN_PROGRESS, due_on=date(2026, 10, 20))
    audit = graded_audit(Grade.GOOD)
    finding(audit, None)
    old = graded_audit(Grade.GOOD)
    Audit.objects.filter(pk=old.pk).update(tool_version=None, historic=True)
    held = content()
    assert "1 audit due in the month has not been submitted." in held.missing
    assert "1 finding has no theme, so no list of themes counts them." in held.missing
    assert any("old audits" in sentence for sentence in held.missing)
    assert held.audits_with_findings_form == 1


def test_open_alerts_are_counted(auditor: User) -> None:
    audit = graded_audit(Grade.GOOD)
    for status in ("raised", "acknowledged", "resolved", "checked"):
        SafeguardingAlert.objects.create(
            audit=audit, what="x", where="x", since="x", status=status, raised_by=auditor, raised_at=timezone.now()
        )
    assert content().open_alerts == 2


def test_what_is_stored_reads_back_as_what_was_built() -> None:
    audit = graded_audit(Grade.GOOD)
    finding(audit, theme("Voice"))
    graded_audit(Grade.INADEQUATE, case=CaseFactory(restricted=True))
    held = content()
    assert content_of(held.data) == held
    assert content_of(held.data).checksum == held.checksum


def test_two_versions_are_compared_in_sentences() -> None:
    graded_audit(Grade.GOOD)
    old = content()
    assert what_changed(old, old) == ()
    added = graded_audit(Grade.INADEQUATE)
    finding(added, theme("Voice"))
    changes = what_changed(old, content())
    assert "Audits counted: 2, was 1." in changes
    assert "Inadequate: 1, was 0." in changes
    assert f"Added to the inadequate audits: {added.reference}." in changes
    assert "Development point “Voice”: 1 audits, was 0." in changes


def test_the_summary_costs_the_same_queries_however_many_audits(django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        finding(graded_audit(Grade.GOOD), theme(f"Theme {Theme.objects.count()}"))
    rebuild()
    with django_assert_max_num_queries(31):
        live_content(month=OCTOBER)
