"""axe-core in a real page: the WCAG 2.2 AA rules that a program can check."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds wrong on the page as it stands: its `violations`, unchanged."""
    # Evaluated by the browser itself, not put into the page: the content policy refuses inline scripts, rightly.
    page.evaluate(_axe())
    result = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
    found: list[dict[str, Any]] = result["violations"]
    return found


def assert_accessible(page: Page) -> None:
    """Fail with every violation on the page: the rule, what it says, and the elements."""
    lines = [
        f"{violation['id']}: {violation['help']}\n    "
        + "\n    ".join(node["html"][:200] for node in violation["nodes"])
        for violation in violations(page)
    ]
    assert not lines, f"{page.url}\n" + "\n".join(lines)


def assert_reflows(page: Page, width: int = 320) -> None:
    """Fail when the page scrolls sideways at `width` CSS pixels (WCAG 1.4.10); the window is put back afterwards."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 800})
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if before:
        page.set_viewport_size(before)
    assert over <= 0, f"{page.url} is {over} px wider than {width} px"
