"""What each form sends when it is filled in properly, so that a refusal is never owed to a bad form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.access.world import Thing, World
from tests.factories.case_files import carried, caseload

LONG = "This is said at a length that every reason asks for, without a name."


def _day(name: str) -> dict[str, Any]:
    today = timezone.localdate()
    return {f"{name}_day": today.day, f"{name}_month": today.month, f"{name}_year": today.year}


def _version(thing: Thing) -> int:
    return getattr(thing.row, "version", 1)


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


BODIES: dict[str, Callable[[World, Thing], dict[str, Any]]] = {
    "worklist:search": lambda world, thing: {"text": "nothing at all"},
    "notifications:read-all": lambda world, thing: {},
    "notifications:open": lambda world, thing: {},
    "jobs:retry": lambda world, thing: {},
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
    "audits:acknowledge_alert": lambda world, thing: {"version": _version(thing)},
    "audits:resolve_alert": lambda world, thing: {"version": _version(thing), "resolution": LONG},
    "audits:check_alert": lambda world, thing: {"version": _version(thing)},
    "audits:moderate": _decision,
    "audits:open_moderation": lambda world, thing: {},
    "audits:allocate": lambda world, thing: {
        "version": _version(thing), "auditor": str(world.user("far_auditor").pk), **_day("due_on"),
    },
    "audits:reassign": lambda world, thing: {
        "version": _version(thing), "auditor": str(world.user("far_auditor").pk), "keep_answers": "yes", "why": LONG,
    },
    "audits:void": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:decline": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:start": lambda world, thing: {},
    "audits:submit": lambda world, thing: {"version": _version(thing)},
    "audits:recall": lambda world, thing: {"version": _version(thing), "why": LONG},
    "audits:raise_alert": lambda world, thing: {"what": LONG, "where": "Case note", "since": "Monday"},
    "audits:section": _section,
    "audits:section_autosave": _section,
    "audits:overall": _overall,
    "audits:overall_autosave": _overall,
    "audits:conversations": _talk,
    "audits:conversation": _talk,
    "audits:remove_conversation": lambda world, thing: {},
    "learning:build": lambda world, thing: {},
}  # fmt: skip
