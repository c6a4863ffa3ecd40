"""Actions that may be the same as one that somebody is about to make."""

from __future__ import annotations

from collections.abc import Iterable

from actions.models import Action
from actions.querysets import ActionQuerySet
from actions.rules.writing import shares_a_theme
from cases.models import Case

SHOWN = 10


def possible_duplicates(actions: ActionQuerySet, *, case: Case | None, themes: Iterable[str]) -> list[Action]:
    """The open actions among `actions` of the same case with a theme in common, the soonest due first (AC-2).

    None where there is no case or no theme: nothing tells them apart then.
    """
    wanted = list(themes)
    if case is None or not wanted:
        return []
    near = actions.open().filter(case=case).select_related("owner").order_by("due_on", "reference")
    return [action for action in near if shares_a_theme(action.themes, wanted)][:SHOWN]
