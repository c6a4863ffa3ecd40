"""The rollup behind the grade tables is kept by moves alone, and is always what a recount gives."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO
from itertools import cycle

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import OrgUnit, User
from audits.choices import (
    SERIOUSNESS,
    AuditPurpose,
    AuditStatus,
    ExcludedReason,
    Grade,
    ModerationOutcome,
    TallyCut,
    TallyStage,
)
from audits.models import Audit, GradeScheme, GradeTally, SchemeGrade
from audits.services import tallies
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.planning import void_audit
from audits.services.submitting import recall_audit, submit_audit
from audits.services.tallies import Cell
from core.workflow import IllegalMove
from tests.audits.drafts import submitted
from tests.factories.accounts import ServiceFactory, TeamFactory
from tests.factories.audits import AuditFactory, graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db
MONTH = date(2026, 10, 1)


def stored() -> Counter[Cell]:
    rows = GradeTally.objects.values_list(*Cell._fields, "count")
    return Counter({Cell(*values): count for *values, count in rows if count})


def put_in(*audits: Audit) -> None:
    for audit in audits:
        tallies.move(before=Counter(), after=tallies.contribution(audit=audit))


def grade_section(audit: Audit, key: str, **fields: str) -> None:
    audit.sections.filter(section__key=key).update(**fields)


def test_an_audit_counts_under_its_service_and_its_team() -> None:
    audit = graded_audit(Grade.GOOD)
    grade_section(audit, "voice", grade=Grade.OUTSTANDING)

    cells = tallies.contribution(audit=audit)

    unit = {audit.service_id: "service", audit.team_id: "team"}
    assert {(unit[cell.unit], cell.cut, cell.key, cell.grade) for cell in cells} == {
        ("service", "team", str(audit.team_id), "good"),
        *((where, "total", "", "good") for where in ("service", "team")),
        *((where, "plan_type", "cin", "good") for where in ("service", "team")),
        *((where, "tool", "Example audit", "good") for where in ("service", "team")),
        *((where, "section", "voice", "outstanding") for where in ("service", "team")),
    }
    assert {cell.stage for cell in cells} == {TallyStage.ISSUED}
    assert set(cells.values()) == {1}


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        (AuditStatus.SUBMITTED, "provisional"),
        (AuditStatus.SETTLED, "settled"),
        (AuditStatus.FEEDBACK_ISSUED, "issued"),
        (AuditStatus.RESPONDED, "issued"),
        (AuditStatus.CLOSED, "issued"),
    ],
)
def test_the_stage_follows_the_status(status: str, stage: str) -> None:
    assert {cell.stage for cell in tallies.contribution(audit=graded_audit(status=status))} == {stage}


@pytest.mark.parametrize("status", [AuditStatus.PLANNED, AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS])
def test_work_that_is_not_submitted_counts_nowhere(status: str) -> None:
    assert not tallies.contribution(audit=AuditFactory(status=status))
    assert not tallies.contribution(audit=graded_audit(status=status)), "recalled: its month is known already"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": AuditStatus.VOID}, ExcludedReason.VOID),
        ({"purpose": AuditPurpose.SHADOW}, ExcludedReason.SHADOW),
        ({"purpose": AuditPurpose.CALIBRATION}, ExcludedReason.CALIBRATION),
    ],
)
def test_what_is_not_counted_is_counted_as_that(fields: dict[str, str], reason: str) -> None:
    audit = graded_audit(**fields)
    cells = tallies.contribution(audit=audit)
    assert {(cell.unit, cell.cut, cell.key, cell.grade) for cell in cells} == {
        (audit.service_id, "excluded", reason, ""),
        (audit.team_id, "excluded", reason, ""),
    }


def test_ungraded_and_not_comparable_are_told_apart() -> None:
    audit = graded_audit()
    Audit.objects.filter(pk=audit.pk).update(counted_grade="", grade="7 of 10")
    audit.refresh_from_db()
    assert {cell.key for cell in tallies.contribution(audit=audit)} == {ExcludedReason.NOT_COMPARABLE}
    audit.grade = ""
    assert {cell.key for cell in tallies.contribution(audit=audit)} == {ExcludedReason.UNGRADED}


def test_a_section_counts_as_its_scheme_says_and_as_it_settled() -> None:
    scheme = GradeScheme.objects.create(key="adequate", name="Before 2013")
    SchemeGrade.objects.create(
        scheme=scheme, key="adequate", name="Adequate", position=0, counts_as=Grade.REQUIRES_IMPROVEMENT
    )
    SchemeGrade.objects.create(scheme=scheme, key="seen", name="Seen", position=1, counts_as="")
    audit = graded_audit(scheme=scheme)
    grade_section(audit, "voice", grade="seen", settled_grade="adequate")
    grade_section(audit, "safeguarding", grade="seen")

    sections = {(cell.key, cell.grade) for cell in tallies.contribution(audit=audit) if cell.cut == TallyCut.SECTION}

    assert sections == {("voice", Grade.REQUIRES_IMPROVEMENT)}


def test_a_section_that_does_not_apply_is_left_out() -> None:
    audit = graded_audit()
    grade_section(audit, "voice", grade=Grade.GOOD, state="not_applicable")
    assert not [cell for cell in tallies.contribution(audit=audit) if cell.cut == TallyCut.SECTION]


def test_a_move_is_one_statement() -> None:
    audit = graded_audit()
    after = tallies.contribution(audit=audit)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        tallies.move(before=Counter(), after=after)
    assert len([query for query in queries if "INSERT" in query["sql"]]) == 1
    assert stored() == after


def test_a_move_back_leaves_nothing() -> None:
    after = tallies.contribution(audit=graded_audit())
    tallies.move(before=Counter(), after=after)
    tallies.move(before=after, after=Counter())
    assert not stored()


def test_a_thousand_cells_move_at_once() -> None:
    unit = ServiceFactory().pk
    cells = Counter(
        {Cell(unit, MONTH, "section", f"section-{number}", "settled", "good"): number for number in range(1, 5000)}
    )
    tallies.move(before=Counter(), after=cells)
    tallies.move(before=Counter(), after=cells)
    assert stored() == Counter({cell: 2 * count for cell, count in cells.items()})


def test_the_rollup_is_the_recount_under_random_moves() -> None:
    """Seeded walks over every field that a tally depends on; a recount counts with other code than the moves do."""
    dice = random.Random(20261101)
    services = [ServiceFactory() for _ in range(2)]
    teams = [TeamFactory(parent=service) for service in services for _ in range(2)]
    audits = [
        graded_audit(Grade.GOOD, status=AuditStatus.PLANNED, case=CaseFactory(team=dice.choice(teams)))
        for _ in range(16)
    ]
    for _step in range(400):
        audit = dice.choice(audits)
        before = tallies.contribution(audit=audit)
        match dice.randrange(6):
            case 0:
                audit.status = dice.choice(AuditStatus.values[2:])
            case 1:
                audit.counted_grade = dice.choice([*Grade.values, ""])
                audit.grade = audit.counted_grade or dice.choice(["", "5"])
            case 2:
                audit.purpose = dice.choice(AuditPurpose.values)
            case 3:
                audit.month = dice.choice([None, MONTH, date(2026, 9, 1)])
                audit.plan_type = dice.choice(["", "cp", "cla"])
            case 4:
                audit.team = dice.choice([None, *(team for team in teams if team.parent_id == audit.service_id)])
            case _:
                fields = {
                    "grade": dice.choice([*Grade.values, ""]),
                    "settled_grade": dice.choice([*Grade.values, "", ""]),
                    "state": dice.choice(["complete", "complete", "not_applicable"]),
                }
                grade_section(audit, dice.choice(["voice", "safeguarding"]), **fields)
        audit.save()
        tallies.move(before=before, after=tallies.contribution(audit=audit))
        if _step % 25 == 0:
            assert stored() == tallies.recount()
    assert stored() == tallies.recount()
    assert len(stored()) > 20, "the walk ended with something to compare"
    assert min(GradeTally.objects.values_list("count", flat=True)) >= 0


def test_the_rollup_is_the_recount_whatever_the_services_do(
    team: OrgUnit, qa_lead: User, auditor: User, moderator: User
) -> None:
    """A seeded walk through submitting, taking back, moderating, voiding and importing; a recount after every move."""
    dice = random.Random(20261102)
    done: Counter[str] = Counter()

    def submit() -> None:
        grades = {name: dice.choice(Grade.values[1:]) for name in ("voice", "safeguarding")}
        worst = max(grades.values(), key=SERIOUSNESS.__getitem__)
        overall = worst if SERIOUSNESS[worst] > 1 else dice.choice([Grade.GOOD, Grade.REQUIRES_IMPROVEMENT])
        submitted(case=CaseFactory(team=team), by=qa_lead, auditor=auditor, overall=overall, **grades)

    def recall(audit: Audit) -> None:
        recall_audit(audit=audit, by=auditor, why="I forgot the second visit.", version=audit.version)

    def again(audit: Audit) -> None:
        submit_audit(audit=audit, by=auditor, version=audit.version)

    def void(audit: Audit) -> None:
        void_audit(audit=audit, by=qa_lead, why="The wrong case was drawn.", version=audit.version)

    def agree(audit: Audit) -> None:
        opened = open_moderation(moderation=audit.moderations.latest("submission"), by=moderator)
        decide_moderation(moderation=opened, by=moderator, outcome=ModerationOutcome.AGREED, version=opened.version)

    def change(audit: Audit) -> None:
        opened = open_moderation(moderation=audit.moderations.latest("submission"), by=moderator)
        row = audit.sections.get(section__key="voice")
        why = "Seen otherwise by the moderator, with reasons."
        worst = audit.grade == Grade.INADEQUATE
        decide_moderation(
            moderation=opened,
            by=moderator,
            outcome=ModerationOutcome.CHANGED,
            grade=Grade.REQUIRES_IMPROVEMENT if worst else Grade.INADEQUATE,
            reason=why,
            section_grades={row.pk: (Grade.INADEQUATE, why)},
            version=opened.version,
        )

    on_waiting, on_open = cycle((recall, agree, change, void)), cycle((again, again, void))
    for step in range(64):
        moved = "submit"
        if step % 2:
            waiting = Audit.objects.filter(status__in=(AuditStatus.SUBMITTED, AuditStatus.IN_PROGRESS))
            audit = dice.choice(waiting.order_by("reference") or [None])
            if audit is None:
                continue
            act = next(on_waiting if audit.status == AuditStatus.SUBMITTED else on_open)
            moved = act.__name__
            try:
                act(audit)
            except (ValidationError, IllegalMove):  # the same grade again, or with a moderator already
                continue
        else:
            submit()
        done[moved] += 1
        assert stored() == tallies.recount(), moved
    assert done.keys() >= {"submit", "recall", "again", "void", "agree"}, done
    assert len(stored()) > 20


def test_a_rebuild_mends_what_is_wrong_and_says_how_much() -> None:
    put_in(graded_audit(), graded_audit(Grade.INADEQUATE))
    right = stored()
    assert tallies.rebuild() == 0
    GradeTally.objects.filter(cut=TallyCut.TOTAL, grade=Grade.GOOD).update(count=41)
    GradeTally.objects.filter(cut=TallyCut.TOOL, grade=Grade.INADEQUATE).delete()
    GradeTally.objects.filter(cut=TallyCut.PLAN_TYPE, grade=Grade.GOOD).update(key="cp")

    out = StringIO()
    call_command("rebuild_tallies", stdout=out)

    assert "8 cells" in out.getvalue()
    assert stored() == right
    assert tallies.rebuild() == 0
    assert not GradeTally.objects.filter(count=0).exists()


def test_a_rebuild_of_some_months_leaves_the_others() -> None:
    put_in(graded_audit(month=date(2026, 9, 1)), graded_audit(month=MONTH))
    GradeTally.objects.update(count=9)
    out = StringIO()
    call_command("rebuild_tallies", "--from", "2026-10", "--to", "2026-10", stdout=out)
    assert set(GradeTally.objects.filter(month=MONTH).values_list("count", flat=True)) == {1}
    assert set(GradeTally.objects.exclude(month=MONTH).values_list("count", flat=True)) == {9}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_writers_at_once_neither_lose_a_count_nor_block_each_other() -> None:
    units = sorted(ServiceFactory().pk for _ in range(3))
    cells = [Cell(unit, MONTH, cut, "", "settled", "good") for unit in units for cut in ("total", "plan_type", "tool")]

    def write(seed: int) -> None:
        dice = random.Random(seed)
        try:
            for _ in range(40):
                tallies.move(before=Counter(), after=Counter(dice.sample(cells, 6)))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert sum(stored().values()) == 6 * 40 * 6
