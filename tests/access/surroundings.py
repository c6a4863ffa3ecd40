"""What stands beside the cases and audits of the world: people and units, actions, indicators, settings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import GrantRequest, Membership
from actions.choices import ActionStatus, Level, Verifier
from actions.choices import NoteKind as ActionNoteKind
from actions.models import ActionMove, ActionNote, LoopCheck
from assurance_clinics.choices import ClinicStatus, DefinitionStatus, IndicatorKind, NoteKind, ValueSource
from assurance_clinics.models import (
    CaseNote,
    Clinic,
    ClinicAttendee,
    ClinicMove,
    ClinicNote,
    ClinicPack,
    Indicator,
    IndicatorDefinition,
    RotaPlace,
    Value,
)
from assurance_clinics.rules.indicators import FORMULAS
from audits.choices import QuestionKind
from audits.models import AuditTool, GradeScheme, ToolQuestion
from audits.rules.timescales import AUDIT_DAYS
from audits.services.publishing import draft_version
from core.council.models import ClosingDay
from reports.choices import WrittenKind
from reports.models import WrittenReport
from tests.access.people import FAR, NEAR, Structure
from tests.factories.actions import ActionFactory, RecommendationFactory
from tests.factories.audits import ToolVersionFactory

if TYPE_CHECKING:
    from tests.access.world import Thing, World


def surround(world: World, structure: Structure) -> None:
    """Add everything that is neither a case nor an audit."""
    _people(world, structure)
    _actions(world, structure)
    _figures(world, structure)
    _tools(world)
    _clinics(world, structure)
    _names(world)


def _add(world: World, kind: str, name: str, site: str, ids: dict[str, Any], row: Any = None, **facts: Any) -> Thing:
    from tests.access.world import Thing

    return world.add(Thing(kind, name, site, ids, facts, row))


def _people(world: World, structure: Structure) -> None:
    for name in ("spare", "qa_lead"):
        user = world.user(name)
        role = Membership.objects.filter(user=user).first()
        ids = {"id": user.pk, "membership": role.pk if role else None}
        _add(world, "person", name, NEAR, ids, user, user=name)
        _add(world, "membership", name, NEAR, ids, role, user=name)
    unit = structure.teams[FAR]
    _add(world, "unit", "far team", FAR, {"id": unit.pk}, unit)
    asked = GrantRequest.objects.create(
        user=world.user("spare"), role=Role.QA_LEAD, unit=structure.directorate, starts_on=timezone.localdate(),
        why="To stand in", asked_by=world.user("qa_admin"),
    )  # fmt: skip
    _add(world, "request for a role", "for spare", NEAR, {"id": asked.pk}, asked)


def _actions(world: World, structure: Structure) -> None:
    wanted = RecommendationFactory()
    thing = _add(
        world, "recommendation", "of scrutiny", FAR, {"id": wanted.pk, "recommendation": wanted.pk}, wanted,
        owner="far_holder",
    )  # fmt: skip
    wanted.title = world.canary(thing, "recommendation", "title")
    wanted.wording = world.canary(thing, "recommendation", "wording")
    wanted.save()

    def action(name: str, site: str, case: str | None, owner: str, status: str, **fields: Any) -> Thing:
        about = world.the("case", case) if case else None
        facts = {
            "case": about, "owner": owner, "status": status, "created_by": fields.pop("created_by", ""),
            "verifier": fields.get("verifier", Verifier.MANAGER), "level": fields.get("level", Level.CASE),
            "recommendation": fields.pop("answers", None),
        }  # fmt: skip
        made = _add(world, "action", name, site, {}, None, **facts)

        def word(where: str) -> str:
            return f"Words of it {world.canary(made, 'action', where)}"

        answers = facts["recommendation"]
        done = status in (ActionStatus.CLAIMED, ActionStatus.VERIFIED)
        row = ActionFactory(
            reference=world.canary(made, "action", "action reference"), what=word("what is to do"),
            how_we_know=word("how we know"), owner=world.user(owner), case=about.row if about else None,
            status=status, due_on=timezone.localdate() + timedelta(days=20),
            claimed_at=timezone.now() if done else None,
            claimed_by=world.user(owner) if done else None,
            closed_at=timezone.now() if status == ActionStatus.VERIFIED else None,
            created_by=world.user(facts["created_by"]) if facts["created_by"] else None,
            recommendation=answers.row if answers else None, **fields,
        )  # fmt: skip
        ActionNote.objects.create(action=row, at=timezone.now(), kind=ActionNoteKind.NOTE, text=word("note"))
        ActionMove.objects.create(
            action=row, at=timezone.now(), event="reassign", to_status=status, why=word("why it moved"),
            due_from=row.due_on, due_to=row.due_on,
        )  # fmt: skip
        made.row, made.ids = row, {"id": row.pk, "action": row.pk}
        return made

    action("near open", NEAR, "near in_progress", "practitioner", ActionStatus.OPEN)
    action("near claimed", NEAR, "near feedback_issued", "practitioner", ActionStatus.CLAIMED)
    action("near draft", NEAR, "near in_progress", "practitioner", ActionStatus.DRAFT, created_by="auditor")
    action("far open", FAR, "far in_progress", "far_holder", ActionStatus.OPEN, answers=thing)
    action("restricted open", "restricted", "restricted own", "practitioner", ActionStatus.OPEN)
    action("of the leaver", FAR, "far submitted", "ended", ActionStatus.OPEN)
    action(
        "of the service", FAR, None, "far_holder", ActionStatus.OPEN, level=Level.SERVICE, verifier=Verifier.QA,
        service=structure.services[FAR], team=None,
    )  # fmt: skip
    for name, case in (("near verified", "near settled"), ("restricted verified", "restricted submitted")):
        site = "restricted" if name.startswith("restricted") else NEAR
        made = action(name, site, case, "far_holder", ActionStatus.VERIFIED)
        row = LoopCheck.objects.create(
            action=made.row, month=timezone.localdate().replace(day=1), due_on=timezone.localdate(),
            drawn_at=timezone.now(),
        )  # fmt: skip
        _add(world, "check", name, site, {"id": row.pk, "check": row.pk}, row, action=made)


def _figures(world: World, structure: Structure) -> None:
    code = next(iter(FORMULAS))
    indicator = Indicator.objects.create(code=code, wording="Visits in time", section="Visits")
    IndicatorDefinition.objects.create(
        indicator=indicator, valid_from=date(2020, 1, 1), status=DefinitionStatus.CONFIRMED,
        kind=IndicatorKind.PERCENTAGE,
    )  # fmt: skip
    month = timezone.localdate().replace(day=1)
    holder = world.user("practitioner").worker_names.first()

    def figure(name: str, site: str, level: str, unit: Any = None, worker: Any = None) -> None:
        Value.objects.create(
            indicator=indicator, unit=unit, worker=worker, month=month, numerator=8, denominator=10, value=80,
            source=ValueSource.TYPED,
        )  # fmt: skip
        ids = {"id": indicator.pk, "indicator": indicator.pk, "unit": unit and unit.pk, "worker": worker and worker.pk}
        for kind in ("figure", "exceptions"):
            _add(world, kind, name, site, ids, indicator, level=level, worker="practitioner" if worker else "")

    figure("of the department", "", "department")
    for site in (NEAR, FAR):
        figure(f"of the {site} team", site, "unit", structure.teams[site])
    figure("of the near holder", NEAR, "worker", structure.teams[NEAR], holder)


def _tools(world: World) -> None:
    """The live tool's next version, being written: two sections of two questions each."""
    live = world.tool
    tool = _add(world, "tool", "in use", NEAR, {"id": live.tool_id, "tool": live.tool_id}, live.tool)
    draft = draft_version(tool=live.tool, by=SYSTEM)
    draft.introduction = f"What it is for, {world.canary(tool, 'tool', 'introduction of the draft')}"
    draft.save()
    for section in draft.sections.all():
        ToolQuestion.objects.create(
            section=section, key="said", kind=QuestionKind.SHORT_TEXT, position=5, required=False,
            text=f"Asked for {world.canary(tool, 'tool', 'question of the draft')}",
        )  # fmt: skip
    for name, row, other in (("being written", draft, live), ("in use", live, draft)):
        ids = {"id": row.pk, "version": row.pk, "other": other.pk}
        _add(world, "tool version", name, NEAR, ids, row)
    section = draft.sections.get(position=0)
    _add(world, "tool section", "being written", NEAR, {"id": section.pk, "section": section.pk}, section)
    question = section.questions.get(key="said")
    _add(world, "tool question", "being written", NEAR, {"id": question.pk, "question": question.pk}, question)
    rest = ToolVersionFactory(tool=AuditTool.objects.create(key="at-rest", name="Tool at rest"))
    _add(world, "tool", "at rest", NEAR, {"id": rest.tool_id, "tool": rest.tool_id}, rest.tool)
    spare = GradeScheme.objects.create(key="spare", name="A scheme that nothing rests on")
    _add(world, "grade scheme", "spare", NEAR, {"key": spare.pk}, spare)


def _clinics(world: World, structure: Structure) -> None:
    indicator = Indicator.objects.get(code=next(iter(FORMULAS)))
    people = {NEAR: ("team_manager", "practitioner", "ended"), FAR: ("far_manager", "principal_social_worker")}
    states = (ClinicStatus.SCHEDULED, ClinicStatus.PACK_READY, ClinicStatus.HELD, ClinicStatus.CONFIRMED)
    today = timezone.localdate()
    for site in (NEAR, FAR):
        chair = "head_of_service" if site == NEAR else ""
        place = RotaPlace.objects.create(service=structure.services[site], slot=1) if site == NEAR else None
        ids = {"id": structure.services[site].pk, "service": structure.services[site].pk}
        _add(world, "turn", f"of the {site} service", site, ids, place)
        for number, status in enumerate(states if site == NEAR else states[1:2], start=1):
            facts = {"chair": chair, "attendees": people[site]}
            thing = _add(world, "clinic", f"{site} {status}", site, {}, None, **facts)
            clinic = Clinic.objects.create(
                service=structure.services[site], number=number, week=date(2026, 1, 5) + timedelta(weeks=number),
                meets_at=timezone.now(), period=today.replace(day=1), status=status,
                chair=world.user(chair) if chair else None, place=world.canary(thing, "clinic", "place of a clinic"),
            )  # fmt: skip
            for person in people[site]:
                ClinicAttendee.objects.create(clinic=clinic, user=world.user(person))
            note = ClinicNote.objects.create(
                clinic=clinic, kind=NoteKind.FIGURE, indicator=indicator,
                text=f"Said of it {world.canary(thing, 'clinic', 'note under a number')}",
            )  # fmt: skip
            ClinicMove.objects.create(
                clinic=clinic, at=timezone.now(), event="postpone", to_status=status,
                why=world.canary(thing, "clinic", "why a clinic moved"),
            )  # fmt: skip
            line = {"indicator": str(indicator.pk), "wording": world.canary(thing, "clinic", "words of a pack")}
            ClinicPack.objects.create(
                clinic=clinic, number=1, content=_pack(line), checksum="0", built_at=timezone.now()
            )  # fmt: skip
            thing.row = clinic
            thing.ids = {"id": clinic.pk, "clinic": clinic.pk, "note": note.pk}
    for name in ("near in_progress", "far in_progress", "restricted own"):
        case = world.the("case", name)
        thing = _add(
            world, "exception", name, case.site, {"indicator": indicator.pk, "case": case.row.pk}, case.row, case=case
        )
        CaseNote.objects.create(
            indicator=indicator, case=case.row, saved_at=timezone.now(),
            text=world.canary(case, "inside", "note beside a case"),
        )  # fmt: skip


def _pack(line: dict[str, Any]) -> dict[str, Any]:
    empty = {"section": "", "kind": "percentage", "target": "", "cells": [], "rag": "", "rag_because": "",
             "direction": "", "signals": [], "red_twice": "", "better": "", "note": []}  # fmt: skip
    return {
        "period": "2026-01", "months": ["2026-01"], "lines": [line | empty], "late": [], "workers": [], "actions": [],
        "grades": [], "themes": {"of": 0, "development": [], "strength": []},
    }  # fmt: skip


def _names(world: World) -> None:
    for name in ("near in_progress", "far in_progress", "restricted own"):
        case = world.the("case", name)
        _add(world, "trail of a case", name, case.site, case.ids, case.row, case=case)
    for key in ("monthly", "delivery"):
        _add(world, "standard report", key, "", {"key": key})
    report = WrittenReport.objects.create(
        kind=WrittenKind.BOARD, first=date(2026, 4, 1), last=date(2026, 4, 1), saved_at=timezone.now()
    )
    _add(world, "written report", "of April", "", {"id": report.pk}, report)
    _add(world, "setting", "days to audit", "", {"key": AUDIT_DAYS.key})
    _add(world, "year", "next year", "", {"year": timezone.localdate().year + 1})
    closing = ClosingDay.objects.create(day=timezone.localdate() + timedelta(days=300), name="Council closed")
    _add(world, "closing day", "to come", "", {"id": closing.pk}, closing)
