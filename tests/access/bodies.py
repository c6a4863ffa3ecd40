"""What each form sends when it is filled in properly, so that a refusal is never owed to a bad form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audits.selectors.tools import mark_of
from core.working_days import add_working_days
from tests.access.world import Thing, World
from tests.factories.case_files import carried, caseload

LONG = "This is said at a length that every reason asks for, without a name."


def _day(name: str) -> dict[str, Any]:
    today = timezone.localdate()
    return {f"{name}_day": today.day, f"{name}_month": today.month, f"{name}_year": today.year}


def _version(thing: Thing) -> int:
    return getattr(thing.row, "version", 1)


def _revision(thing: Thing) -> int:
    return getattr(thing.row, "revision", 1)


def _spare(world: World) -> str:
    return str(world.user("spare").pk)


def _file(world: World, thing: Thing) -> dict[str, Any]:
    file = SimpleUploadedFile("caseload.csv", caseload(carried("EX9", service="Near Service", team="Near Team")))
    return {"file": file, **_day("as_at")}


def _section(world: World, thing: Thing) -> dict[str, Any]:
    return {
        "version": _version(thing), "q-seen": "partly", "grade": "good", "reason": LONG, "strength": "0",
        "strength-0-text": "The child was seen alone.", "then": "stay",
    }  # fmt: skip


def _overall(world: World, thing: Thing) -> dict[str, Any]:
    return {"version": _version(thing), "grade": "good", "rationale": LONG, "working_well": LONG, "then": "stay"}


def _talk(world: World, thing: Thing) -> dict[str, Any]:
    return {"with_whom": "manager", "outcome": "declined", "reason": LONG}


def _decision(world: World, thing: Thing) -> dict[str, Any]:
    sections = thing.audit.sections if thing.name != "made up" else []
    agreed = {f"s-{row.pk}-outcome": "agree" for row in sections}
    return {"version": _version(thing), "outcome": "agree", **agreed}


def _in_ten_days(name: str) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=10)
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def _working_day(name: str) -> dict[str, Any]:
    day = add_working_days(timezone.localdate(), 3)
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def _new_action(world: World, thing: Thing) -> dict[str, Any]:
    return {
        "what": LONG, "how_we_know": LONG, "level": "team", "priority": "medium", "unit": str(_unit(world)),
        "owner": str(world.user("team_manager").pk),
    }  # fmt: skip


def _new_case_action(world: World, thing: Thing) -> dict[str, Any]:
    return {**_new_action(world, thing), "level": "case"}


def _unit(world: World) -> Any:
    return world.the("case", "near in_progress").row.team_id


def _figure(world: World, thing: Thing) -> dict[str, Any]:
    today = timezone.localdate()
    return {"month": f"{today:%Y-%m}", "numerator": 3, "denominator": 4, "replace": "on"}


def _last_month() -> Any:
    return timezone.localdate().replace(day=1) - timedelta(days=1)


def _coded(world: World, thing: Thing) -> dict[str, Any]:
    finding = world.the("audit", "near submitted").row.findings.first()
    return {f"theme-{finding.pk}": str(world.the("theme", "in use").row.pk)}


BODIES: dict[str, Callable[[World, Thing], dict[str, Any]]] = {
    "worklist:search": lambda world, thing: {"text": "nothing at all"},
    "worklist:trail_find": lambda world, thing: {"reference": "nothing at all"},
    "worklist:trail_glass_open": lambda world, thing: {
        "reference": world.the("case", "restricted submitted").row.reference, "why": LONG,
    },
    "notifications:email": lambda world, thing: {"email": "digest"},
    "notifications:read-all": lambda world, thing: {},
    "notifications:open": lambda world, thing: {},
    "jobs:retry": lambda world, thing: {},
    "reports:rows": lambda world, thing: {
        "dataset": "audits", "month_from": f"{timezone.localdate():%Y-%m}", "edition": "internal", "form": "csv",
        "month_to": f"{timezone.localdate():%Y-%m}", "reason": LONG,
    },
    "reports:save_report": lambda world, thing: {"name": "Another report"},
    "reports:subscribe": lambda world, thing: {"cadence": "monthly", "form": ""},
    "reports:delete_report": lambda world, thing: {},
    "reports:unsubscribe": lambda world, thing: {},
    "reports:feed": lambda world, thing: {"name": "A program", "tables": ["audits"], **_in_ten_days("expires_on")},
    "reports:revoke_token": lambda world, thing: {},
    "learning:summary_file": lambda world, thing: {"form": "docx"},
    "learning:pack_file": lambda world, thing: {"form": "docx"},
    "learning:minutes_file": lambda world, thing: {"form": "docx"},
    "reports:make_figures": lambda world, thing: {"form": "docx"},
    "jobs:give_file": _file,
    "jobs:apply_import": lambda world, thing: {},
    "jobs:discard_import": lambda world, thing: {},
    "cases:connection": lambda world, thing: {},
    "cases:restrict": lambda world, thing: {"why": LONG, "person": _spare(world)},
    "cases:lift": lambda world, thing: {"why": LONG},
    "cases:people": lambda world, thing: {"person": str(world.user("far_holder").pk)},
    "cases:remove_person": lambda world, thing: {},
    "cases:add_reference": lambda world, thing: {"reference": "OLD 77/1", "system": "The old one"},
    "audits:plan": lambda world, thing: {
        "tool": str(world.tool.pk), "mode": "desk", "purpose": "standard", **_day("window_to"),
    },
    "audits:new_calibration": lambda world, thing: {"reference": world.the("case", "near in_progress").row.reference},
    "audits:calibrate": lambda world, thing: {
        "tool": str(world.tool.pk), "about": LONG, **_in_ten_days("due_on"),
        "auditors": [str(world.user(key).pk) for key in ("auditor", "far_auditor", "third_auditor")],
    },
    "audits:reveal_calibration": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:acknowledge_alert": lambda world, thing: {"version": _version(thing)},
    "audits:resolve_alert": lambda world, thing: {"version": _version(thing), "resolution": LONG},
    "audits:check_alert": lambda world, thing: {"version": _version(thing)},
    "audits:moderate": _decision,
    "audits:open_moderation": lambda world, thing: {},
    "audits:return": lambda world, thing: {"version": _version(thing), "overall": LONG},
    "audits:guide_return": lambda world, thing: {"version": _version(thing), "what": "send_back", "why": LONG},
    "audits:confirm": lambda world, thing: {"version": _version(thing)},
    "audits:query": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:dispute": lambda world, thing: {"version": _version(thing), "grade": "good", "reason": LONG},
    "audits:take_dispute": lambda world, thing: {},
    "audits:assign_dispute": lambda world, thing: {
        "version": _version(thing), "moderator": str(world.user("moderator").pk),
    },
    "audits:refer_dispute": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:accept_grade": lambda world, thing: {"version": _version(thing)},
    "audits:dispute_grade": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:allocate": lambda world, thing: {
        "version": _version(thing), "auditor": str(world.user("far_auditor").pk), **_day("due_on"),
    },
    "audits:change_many": lambda world, thing: {
        "audit": str(world.the("audit", "near in_progress").row.pk), "step": "change", "change": "move_due",
        "why": LONG, **_in_ten_days("due_on"),
    },
    "audits:reassign": lambda world, thing: {
        "version": _version(thing), "auditor": str(world.user("far_auditor").pk), "keep_answers": "yes", "why": LONG,
    },
    "audits:move_due": lambda world, thing: {"version": _version(thing), "why": LONG, **_in_ten_days("due_on")},
    "audits:void": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:decline": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:start": lambda world, thing: {},
    "audits:submit": lambda world, thing: {"version": _version(thing)},
    "audits:recall": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:issue": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:safety": lambda world, thing: {"safety": LONG},
    "audits:respond": lambda world, thing: {"version": 0, "summary": LONG, "then": "stay"},
    "audits:respond_autosave": lambda world, thing: {"version": 0, "summary": LONG},
    "audits:countersign": lambda world, thing: {"version": 1, "outcome": "sign"},
    "audits:act_on_audit": _new_case_action,
    "audits:act_on_decision": _new_case_action,
    "audits:act_on_finding": _new_case_action,
    "audits:act_on_alert": _new_case_action,
    "audits:challenge": lambda world, thing: {"about": "grade", "text": LONG},
    "audits:reflection": lambda world, thing: {"version": 0, "text": LONG, "then": "keep"},
    "audits:meeting": lambda world, thing: {"attended": "Worker and manager", **_day("held_on")},
    "audits:thanks": lambda world, thing: {"text": LONG},
    "audits:consent": lambda world, thing: {"agrees": "yes"},
    "audits:ask_consent": lambda world, thing: {},
    "audits:hold": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:release": lambda world, thing: {},
    "audits:reopen": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:raise_alert": lambda world, thing: {"what": LONG, "where": "Case note", "since": "Monday"},
    "audits:section": _section,
    "audits:section_autosave": _section,
    "audits:overall": _overall,
    "audits:overall_autosave": _overall,
    "audits:conversations": _talk,
    "audits:conversation": _talk,
    "audits:remove_conversation": lambda world, thing: {},
    "audits:new_tool": lambda world, thing: {
        "version": 1, "name": "Another tool", "subject_kinds": "child", "scheme": "ofsted",
    },
    "audits:new_grade_scheme": lambda world, thing: {"version": 0, "name": "Another scheme", "grade-0-name": "Fine"},
    "audits:grade_scheme": lambda world, thing: {
        "version": _revision(thing), "name": "Otherwise", "grade-0-name": "Fine", "grade-0-counts_as": "good",
    },
    "audits:name_tool": lambda world, thing: {
        "version": _revision(thing), "name": "Otherwise", "subject_kinds": "child",
    },
    "audits:draft_tool": lambda world, thing: {},
    "audits:tool_settings": lambda world, thing: {
        "version": _version(thing), "scheme": "ofsted", "introduction": "Otherwise.",
    },
    "audits:tool_rule L1": lambda world, thing: {
        "version": _version(thing), "enabled": "on", "hard": "soft", "ceiling": "inadequate", "section": "safeguarding",
    },
    "audits:add_tool_section": lambda world, thing: {"version": 0, "title": "Another section", "use": "required"},
    "audits:publish_tool": lambda world, thing: {"seen": mark_of(thing.row) if thing.row else ""},
    "audits:retire_tool": lambda world, thing: {"why": LONG},
    "audits:discard_tool": lambda world, thing: {},
    "audits:tool_section": lambda world, thing: {
        "version": _revision(thing), "title": "Otherwise", "use": "required", "graded": "on",
    },
    "audits:move_tool_section": lambda world, thing: {"direction": "down", "position": 0},
    "audits:remove_tool_section": lambda world, thing: {},
    "audits:add_tool_question": lambda world, thing: {"version": 0, "text": "Another one?", "kind": "number"},
    "audits:tool_question": lambda world, thing: {
        "version": _revision(thing), "text": "Asked otherwise?", "kind": "number",
    },
    "audits:move_tool_question": lambda world, thing: {"direction": "up", "position": 5},
    "audits:remove_tool_question": lambda world, thing: {},
    "audits:tool_condition": lambda world, thing: {"version": _revision(thing), "leader": "seen", "answers": "no"},
    "learning:build": lambda world, thing: {},
    "accounts:kept_form": lambda world, thing: {},
    "accounts:people": lambda world, thing: {"name": "Nobody at all"},
    "accounts:add": lambda world, thing: {"name": "Somebody New", "email": "new@exampleshire.example"},
    "accounts:decide": lambda world, thing: {"decision": "decline", "why": LONG},
    "accounts:add_unit": lambda world, thing: {
        "kind": "team", "name": "New Team", "parent": str(world.the("unit", "far team").row.parent_id),
        **_day("opened_on"),
    },
    "accounts:rename_unit": lambda world, thing: {"name": "Otherwise Team", **_day("since")},
    "accounts:close_unit": lambda world, thing: {"why": LONG, **_day("closed_on")},
    "accounts:edit": lambda world, thing: {"name": "Otherwise", "email": "otherwise@exampleshire.example"},
    "accounts:leave": lambda world, thing: {**_day("last_day"), "why": LONG},
    "accounts:bring_back": lambda world, thing: {"why": LONG},
    "accounts:invite": lambda world, thing: {},
    "accounts:forget_second_factors": lambda world, thing: {"why": LONG},
    "accounts:link_to_provider": lambda world, thing: {"subject": "x"},
    "accounts:grant": lambda world, thing: {
        "role": "AU", "unit": str(world.the("unit", "far team").row.pk), "why": LONG, **_day("starts_on"),
    },
    "accounts:end_role": lambda world, thing: {"why": LONG, **_day("ends_on")},
    "council:setting": lambda world, thing: {"value": 11, "why": LONG, **_day("effective_on")},
    "council:calendar": lambda world, thing: {"name": "Council closed", **_in_ten_days("day")},
    "council:calendar_of": lambda world, thing: {"name": "Council closed", **_in_ten_days("day")},
    "council:check_year": lambda world, thing: {},
    "council:remove_closing_day": lambda world, thing: {},
    "actions:change_many": lambda world, thing: {
        "action": str(world.the("action", "near open").row.pk), "step": "change", "change": "note", "why": LONG,
    },
    "actions:create": _new_action,
    "actions:create_for_case": _new_action,
    "actions:create_for_recommendation": _new_action,
    "actions:check": lambda world, thing: {"impact": "yes", "note": LONG},
    "actions:add_recommendation": lambda world, thing: {
        "source": "scrutiny", "body_name": "A panel", "item_number": "77", "title": "Something", "wording": LONG,
        **_day("made_on"),
    },
    "actions:change_recommendation answer": lambda world, thing: {
        "version": _version(thing), "response": LONG, "taken": LONG,
    },
    "actions:change note": lambda world, thing: {"version": _version(thing), "text": LONG},
    "actions:change verify": lambda world, thing: {"version": _version(thing)},
    "actions:change reassign": lambda world, thing: {
        "version": _version(thing), "why": LONG, "owner": str(world.user("team_manager").pk),
    },
    "assurance_clinics:define": lambda world, thing: {
        "kind": "percentage", "basis": "in_month", "polarity": "higher", "note": LONG, **_day("valid_from"),
    },
    "assurance_clinics:type": _figure,
    "assurance_clinics:type_of_unit": _figure,
    "reports:standard_pdf": lambda world, thing: {},
    "reports:written_pdf": lambda world, thing: {},
    "reports:written_list": lambda world, thing: {"kind": "board", "month": f"{_last_month():%Y-%m}"},
    "reports:write": lambda world, thing: {"version": _version(thing), "analysis": LONG, "then": "save"},
    "reports:draft_month": lambda world, thing: {},
    "reports:publish_month": lambda world, thing: {"checksum": getattr(thing.row, "checksum", "0" * 64)},
    "assurance_clinics:rota_place": lambda world, thing: {
        "slot": 2, "weekday": 3, "starts_at": "10:00", "version": _version(thing) if thing.row else 0,
    },
    "assurance_clinics:case_note": lambda world, thing: {"text": LONG, "version": 1},
    "assurance_clinics:act_on_case": _new_action,
    "assurance_clinics:schedule": lambda world, thing: {
        "version": _version(thing), "at": "10:00", "chair": str(world.user("qa_lead").pk), **_day("day"),
    },
    "assurance_clinics:build": lambda world, thing: {},
    "assurance_clinics:note": lambda world, thing: {"version": 1, "text": LONG},
    "assurance_clinics:act": _new_action,
    "assurance_clinics:act_on": _new_action,
    "assurance_clinics:move postpone": lambda world, thing: {"version": _version(thing), "why": LONG},
    "assurance_clinics:move cancel": lambda world, thing: {"version": _version(thing), "why": LONG},
    "assurance_clinics:move hold": lambda world, thing: {"version": _version(thing)},
    "assurance_clinics:move confirm": lambda world, thing: {"version": _version(thing)},
    "assurance_clinics:move close": lambda world, thing: {"version": _version(thing)},
}  # fmt: skip

# Panels, exemplars, briefings, themes
BODIES |= {
    "audits:add_theme": lambda world, thing: {"name": "Another heading"},
    "audits:change_theme edit": lambda world, thing: {"name": "Otherwise called", "synonyms": "a word"},
    "audits:code_findings": _coded,
    "learning:library": lambda world, thing: {"text": "nothing at all"},
    "learning:change_exemplar take_up": lambda world, thing: {"version": _version(thing)},
    "learning:change_exemplar answer": lambda world, thing: {"version": _version(thing), "answer": "yes"},
    "learning:change_exemplar withdraw": lambda world, thing: {"version": _version(thing), "why": LONG},
    "learning:nominate": lambda world, thing: {"why": LONG},
    "learning:write_briefing": lambda world, thing: {"title": "A page", "message1": "One thing to do"},
    "learning:edit_briefing": lambda world, thing: {
        "version": _version(thing), "title": "A page", "message1": "One thing to do",
    },
    "learning:publish_briefing": lambda world, thing: {"version": _version(thing), "units": str(_unit(world))},
    "learning:withdraw_briefing": lambda world, thing: {"version": _version(thing), "why": LONG},
    "learning:read_briefing": lambda world, thing: {},
    "learning:set_up": lambda world, thing: {"name": "Another panel", "terms": LONG, "quorum": 3},
    "learning:edit_panel": lambda world, thing: {
        "version": _version(thing), "name": "Otherwise panel", "terms": LONG, "quorum": 2,
    },
    "learning:seat": lambda world, thing: {
        "user": str(world.user("spare" if thing.site == "near" else "panel_member").pk), "kind": "member",
    },
    "learning:end_seat": lambda world, thing: {},
    "learning:schedule": lambda world, thing: {
        "starts_at": "14:00", "place": "Room 1", "number": 1, **_working_day("first"),
    },
    "learning:propose": lambda world, thing: {"kind": "case", "title": "Something to learn", "paper": LONG},
    "learning:build_pack": lambda world, thing: {},
    "learning:change_meeting cancel": lambda world, thing: {"version": _version(thing), "why": LONG},
    "learning:change_meeting agree_minutes": lambda world, thing: {"version": _version(thing)},
    "learning:change_item accept": lambda world, thing: {"version": _version(thing)},
    "learning:change_item comment": lambda world, thing: {"text": LONG},
}  # fmt: skip
