"""Panels that an app above hangs on a page of an app below, without the page knowing of them.

An app registers one in `AppConfig.ready`; the page prints what `panels_for` gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Panel:
    """A part of a page: `template` is printed with what `make(user, thing)` gives, left out where that is None.

    `place` names the page, as in "cases.case", or is "every page" for a banner above the content (the thing is None
    then). `order` sorts the panels of a place, small numbers first. Whoever makes the panel asks `visible_to(user)`
    for every row in it.
    """

    place: str
    template: str
    make: Callable[[Any, Any], Any]
    order: int = 100


@dataclass(frozen=True)
class PrintedPanel:
    """A panel with its data, for one request."""

    template: str
    data: Any


_panels: dict[tuple[str, str], Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel; a second one with the same place and template replaces the first."""
    _panels[panel.place, panel.template] = panel


def panels_for(place: str, user: Any, thing: Any) -> list[PrintedPanel]:
    """The panels of a page for this user and the thing that the page is about, in order."""
    wanted = sorted((panel for panel in _panels.values() if panel.place == place), key=lambda panel: panel.order)
    made = ((panel.template, panel.make(user, thing)) for panel in wanted)
    return [PrintedPanel(template, data) for template, data in made if data is not None]
