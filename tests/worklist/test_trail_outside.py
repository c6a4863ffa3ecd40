"""Views outside caseload: every planted look is found, and the daily work of a team raises next to none."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.models import Moderation
from cases.models import Case, Connection, Holding, Worker
from core.history.models import AccessEvent
from core.history.services import record_access
from tests.factories.accounts import ServiceFactory, TeamFactory, person_as
from tests.factories.audits import AuditFactory, graded_audit
from tests.factories.cases import CaseFactory
from worklist import rules
from worklist.choices import Outside
from worklist.selectors.trail import outside_report

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)
DAY = AT.date()
UNIT = "the team"


def judged(case: rules.CaseFacts, *roles: rules.Span, refused: bool = False) -> Outside | None:
    return rules.outside(rules.Look("me", AT, DAY, refused), case, roles)


def as_(role: str, start: date = date(2020, 1, 1), end: date | None = None, unit: str = UNIT) -> rules.Span:
    return rules.Span(start, end, person="me", role=role, units=frozenset({unit}))


def holding(start: date, end: date | None, person: str = "me") -> rules.Span:
    return rules.Span(start, end, person=person, units=frozenset({UNIT}))


DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("case", "roles", "outside"),
    [
        (rules.CaseFacts(), [as_("PR")], True),
        (rules.CaseFacts(holdings=(holding(DAY, None),)), [as_("PR")], False),
        (rules.CaseFacts(holdings=(holding(DAY - DAYS, DAY),)), [as_("PR")], False),
        (rules.CaseFacts(holdings=(holding(DAY - 2 * DAYS, DAY - DAYS),)), [as_("PR")], True),
        (rules.CaseFacts(holdings=(holding(DAY + DAYS, None),)), [as_("PR")], True),
        (rules.CaseFacts(holdings=(holding(DAY, None, "other"),)), [as_("PR")], True),
        (rules.CaseFacts(holdings=(holding(DAY, None, "other"),)), [as_("TM")], False),
        (rules.CaseFacts(holdings=(holding(DAY, None, "other"),)), [as_("TM", unit="another")], True),
        (rules.CaseFacts(holdings=(holding(DAY, None, "other"),)), [as_("TM", end=DAY - DAYS)], True),
        (rules.CaseFacts(units=frozenset({UNIT})), [as_("HS")], False),
        (rules.CaseFacts(audits=(rules.AuditTie(AT - DAYS, auditor="me", allocated_at=AT),)), [as_("AU")], False),
        (rules.CaseFacts(audits=(rules.AuditTie(AT - DAYS, auditor="me", allocated_at=AT + DAYS),)), [as_("AU")], True),
        (rules.CaseFacts(audits=(rules.AuditTie(AT, auditor="other"),)), [as_("AU")], True),
        (rules.CaseFacts(audits=(rules.AuditTie(AT, part=(("me", AT),)),)), [as_("AU")], False),
        (rules.CaseFacts(audits=(rules.AuditTie(AT, waiting=((AT, None),)),)), [as_("MO")], False),
        (rules.CaseFacts(audits=(rules.AuditTie(AT, waiting=((AT - 2 * DAYS, AT - DAYS),)),)), [as_("MO")], True),
        (rules.CaseFacts(alert_spans=((AT, None),)), [as_("DM")], False),
        (rules.CaseFacts(alert_spans=((AT - 2 * DAYS, AT - DAYS),)), [as_("DM")], True),
        (rules.CaseFacts(named=frozenset({"me"})), [as_("PR")], False),
        (rules.CaseFacts(), [as_("QL")], True),
        (rules.CaseFacts(audits=(rules.AuditTie(AT + DAYS),)), [as_("QA")], False),
        (rules.CaseFacts(audits=(rules.AuditTie(AT + 2 * DAYS),)), [as_("QA")], True),
    ],
)
def test_what_ties_a_person_to_a_case(case: rules.CaseFacts, roles: list[rules.Span], outside: bool) -> None:
    assert judged(case, *roles) == (Outside.NO_TIE if outside else None)


def test_a_connection_and_broken_glass_are_told_whatever_else_ties_them() -> None:
    held = holding(DAY, None)
    assert judged(rules.CaseFacts(holdings=(held,), connected=(("me", DAY),)), as_("PR")) == Outside.CONNECTED
    assert judged(rules.CaseFacts(holdings=(held,), connected=(("me", DAY + DAYS),)), as_("PR")) is None
    assert judged(rules.CaseFacts(glass=(("me", AT - DAYS, AT + DAYS),)), as_("QL")) == Outside.BREAK_GLASS
    assert judged(rules.CaseFacts(glass=(("me", AT - 2 * DAYS, AT - DAYS),)), as_("QL")) == Outside.NO_TIE
    assert judged(rules.CaseFacts(holdings=(held,)), as_("PR"), refused=True) == Outside.REFUSED


def look(user: User, case: Case, *, purpose: str = "view", kind: str = "cases.case", key: Any = None) -> int:
    lines = [(kind, key or case.pk)]
    return record_access(by=user, purpose=purpose, page="cases:detail", records=lines).sequence


def hold(case: Case, user: User, start: date, end: date | None = None) -> None:
    worker, _ = Worker.objects.get_or_create(user=user, defaults={"name": f"{user.name} {user.pk}"})
    Holding.objects.create(case=case, worker=worker, service=case.service, team=case.team, held_from=start, held_to=end)


@pytest.mark.django_db
def test_fifty_planted_looks_are_found_among_a_thousand_of_daily_work(directorate: OrgUnit) -> None:
    rng = random.Random(30)
    services = [ServiceFactory(parent=directorate) for _ in range(2)]
    teams = [TeamFactory(parent=service) for service in services for _ in range(2)]
    workers = {team.pk: [person_as(Role.PRACTITIONER, team) for _ in range(3)] for team in teams}
    managers = {team.pk: person_as(Role.TEAM_MANAGER, team) for team in teams}
    heads = {service.pk: person_as(Role.HEAD_OF_SERVICE, service) for service in services}
    auditor, other_auditor = person_as(Role.AUDITOR, directorate), person_as(Role.AUDITOR, directorate)
    moderator = person_as(Role.MODERATOR, directorate)
    lead = person_as(Role.QA_LEAD, directorate)
    since = timezone.now() - timedelta(days=90)
    work, cases, former = [], [], []
    for n in range(48):
        team = teams[n % 4]
        case = CaseFactory(team=team)
        cases.append(case)
        holder, before = rng.sample(workers[team.pk], 2)
        hold(case, before, date(2024, 1, 1), date(2025, 12, 31))
        hold(case, holder, date(2026, 1, 1))
        former.append((before, case))
        work += [(holder, case), (managers[team.pk], case), (heads[team.parent_id], case)]
        if n % 3 == 0:
            audit = graded_audit(case=case, auditor=auditor, allocated_at=since)
            work += [(auditor, case), (lead, case)]
            Moderation.objects.create(audit=audit, draw=1, status="selected", reasons=["random"])
            Moderation.objects.update(created_at=since)
            work.append((moderator, case))
    daily = [look(*rng.choice(work)) for _ in range(1000)]
    planted = [look(*rng.choice(former)) for _ in range(12)]
    for _ in range(12):
        case = rng.choice(cases)
        planted.append(
            look(rng.choice([w for key, all_ in workers.items() if key != case.team_id for w in all_]), case)
        )
    planted += [look(other_auditor, rng.choice(cases)) for _ in range(8)]
    planted += [look(lead, rng.choice([case for case in cases if not case.audits.exists()])) for _ in range(6)]
    for _ in range(6):
        person, case = rng.choice([each for each in work if each[0] not in (lead, moderator)])
        Connection.objects.get_or_create(
            case=case, user=person, defaults={"declared_on": timezone.localdate() - timedelta(days=1)}
        )
        planted.append(look(person, case))
        daily = [number for number in daily if not _is_of(number, person, case)]
    planted += [look(moderator, rng.choice(cases), purpose="refused") for _ in range(6)]
    assert len(planted) == 50
    report = outside_report(
        AccessEvent.objects.filter(sequence__in=[*planted, *daily]), Case.objects.visible_to(SYSTEM)
    )
    assert report.looks == len(planted) + len(daily)
    readable = Case.objects.visible_to(SYSTEM)
    of_planted = outside_report(AccessEvent.objects.filter(sequence__in=planted), readable)
    found, false = len(of_planted.lines), len(report.lines) - len(of_planted.lines)
    print(f"\nplanted 50, found {found}, false alerts {false} of {len(daily)}")
    assert found == 50
    assert false <= 0.05 * len(daily)


def _is_of(number: int, person: User, case: Case) -> bool:
    event = AccessEvent.objects.get(sequence=number)
    return event.actor_id == person.pk and event.lines.get().object_id == case.pk


@pytest.mark.django_db
def test_lists_and_pages_about_the_trail_are_left_out(auditor: User) -> None:
    cases = [CaseFactory() for _ in range(3)]
    lines = [("cases.case", case.pk) for case in cases]
    record_access(by=auditor, purpose="view", page="cases:list", records=lines)
    record_access(by=auditor, purpose="view", page="worklist:trail_case", records=lines[:1])
    report = outside_report(AccessEvent.objects.all(), Case.objects.visible_to(SYSTEM))
    assert (report.lines, report.looks) == ((), 0)


@pytest.mark.django_db
def test_an_audit_stands_for_its_case_and_what_does_not_exist_is_counted_apart(auditor: User) -> None:
    audit = AuditFactory(auditor=auditor, allocated_at=timezone.now())
    case = audit.case
    assert case is not None
    both = [("cases.case", case.pk), ("audits.audit", audit.pk)]
    record_access(by=auditor, purpose="view", page="audits:detail", records=both)
    look(auditor, case, purpose="refused", kind="audits.audit", key=audit.pk)
    look(auditor, case, purpose="refused", key="00000000-0000-4000-8000-000000000000")
    report = outside_report(AccessEvent.objects.all(), Case.objects.visible_to(SYSTEM))
    assert (report.looks, report.nowhere) == (2, 1)
    assert [(line.reason, line.case.words) for line in report.lines] == [(Outside.REFUSED, case.reference)]
