"""What has to be written, and whether it is enough: one sentence for each fault."""

from __future__ import annotations

from collections.abc import Iterable

from actions.choices import Level, Origin, Verifier

WHAT_AT_LEAST = 15
WORDING_AT_LEAST = 15


def faults_of_action(*, what: str, how_we_know: str, level: str, has_case: bool, has_unit: bool) -> dict[str, str]:
    """What keeps an action from being kept, by field: what is to be done is said in 15 characters or more, and how
    we will know; a case action has a case; an action of a worker, team or service has a unit (AC-1).
    """
    faults = {}
    if len(what.strip()) < WHAT_AT_LEAST:
        faults["what"] = f"Say what has to be done in {WHAT_AT_LEAST} characters or more"
    if not how_we_know.strip():
        faults["how_we_know"] = "Say how we will know that it is done"
    if level == Level.CASE and not has_case:
        faults["level"] = "An action about a case needs a case. Choose another level, or start from the case's page"
    elif level != Level.PARTNERSHIP and not has_case and not has_unit:
        faults["unit"] = "Choose the service or team that the action is for"
    return faults


def verified_by(*, level: str, origin: str, from_inadequate: bool) -> Verifier:
    """Who verifies: the body for a body's recommendation, a team manager for the action of a case or a worker, the QA
    unit for every other and for what comes from an inadequate audit (AC-3).
    """
    if origin == Origin.BODY:
        return Verifier.BODY
    if level in (Level.CASE, Level.WORKER) and not from_inadequate:
        return Verifier.MANAGER
    return Verifier.QA


def shares_a_theme(one: Iterable[str], other: Iterable[str]) -> bool:
    """Two actions may be the same when both have a theme in common (AC-2). Case and spaces make no difference."""
    return not {_folded(theme) for theme in one}.isdisjoint(_folded(theme) for theme in other)


def _folded(theme: str) -> str:
    return " ".join(theme.casefold().split())
