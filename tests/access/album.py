"""Pages as they were answered, and a browser that is handed them one by one: what was wrong with each.

Pages are asked of Django itself and laid out in Chromium with the product's own style sheets, scripts and headers.
Each is looked at wide and narrow with axe, in dark colours, in print, with WCAG's text spacing, by keyboard; dialogs
and what the browser complains of (the content policy, scripts) are faults too. Pages that are built the same for two
people are looked at once.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from tests.access.asking import address, undone
from tests.access.matrix import ROWS, Row
from tests.access.test_every_page import is_file
from tests.access.world import Thing
from tests.journeys.accessibility import AXE, TAGS

SITE = "https://pages.example"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
# What axe could not decide, and what was decided by looking.
DECIDED = (
    ("color-contrast shortTextContent", "", "A single letter or figure, in the colours of its neighbours, which count"),
    ("color-contrast pseudoContent", "govuk-radios__label", "The circle before it is drawn beside its words"),
    ("color-contrast pseudoContent", "govuk-checkboxes__label", "The box before it is drawn beside its words"),
    (
        "color-contrast nonBmp",
        'aria-hidden="true"',
        "The arrow of a sorted column, in its heading's colour; aria-sort says it",
    ),
    ("color-contrast imgNode", '<text class="chart-', "The words of a chart: `looked.charts` measures them"),
    ("color-contrast bgOverlap", '<text class="chart-', "The same, where a chart has nothing to draw but words"),
    ("color-contrast elmPartiallyObscuring", "govuk-table__", "Cells side by side that share less than a pixel"),
    ("color-contrast bgOverlap", '<text class="on-', "A figure on the bar of a chart: `looked.charts` measures it"),
)
# What is beside the window cannot be measured: decided at 1280 with the usual texts, where nothing is.
BESIDE = ("color-contrast elmPartiallyObscured", "color-contrast elmPartiallyObscuring", "color-contrast bgOverlap")
# In bytes, as a browser gets them (quality.md A4).
FIRST_VISIT, REPEAT = 100_000, 25_000
# `PAGES_FOR=audits:` looks at the rows of the matrix alone whose name begins so.
ROWS_FOR = os.environ.get("PAGES_FOR", "")
# Of two pages with the same tags, classes and labels in the same order one is looked at: names and numbers differ.
_TAG = re.compile(rb"<[a-z][^>]*>")
_VALUE = re.compile(rb'\s(?!class=|type=|role=|scope=|rowspan=|colspan=|tabindex=)([a-z-]+)="[^"]*"')


def markup(body: bytes) -> bytes:
    """The tags of a page in their order, with what says how they look and what they are."""
    tags = [_VALUE.sub(rb" \1", tag) for tag in _TAG.findall(body)]
    # A list of five is built as one of six.
    rows: list[bytes] = []
    for tag in tags:
        rows.append(tag)
        for size in range(1, 60):
            if rows[-size:] == rows[-2 * size : -size]:
                del rows[-size:]
                break
    return b"".join(rows)


@dataclass
class Shown:
    """One page as it was answered: in which state, of which row, to whom."""

    state: str
    row: str
    who: list[str]
    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        more = f" and {len(self.who) - 1} more" if len(self.who) > 1 else ""
        return f"{self.state} {self.row} as {self.who[0]}{more} ({self.status})"


@dataclass
class Album:
    """The pages, each kept once however many people were shown it."""

    pages: dict[str, Shown] = field(default_factory=dict)
    answers: int = 0

    def open(self, state: str, client: Client, row: Row, who: str, thing: Thing) -> None:
        """Open the row's page of this thing, and keep it where it opens."""
        path = address(row.name, thing if row.about else None, row.parts)
        with undone():
            response = client.get(path, secure=True)
            if response.status_code == 200:
                self.keep(state, row.key, who, path, response)

    def keep(self, state: str, row: str, who: str, path: str, response: Any) -> None:
        """Of a page, not of a file nor of an answer without one."""
        if response.streaming:
            response.close()
            return
        body = response.content
        if b"<html" not in body:
            return
        self.answers += 1
        key = hashlib.sha256(state.encode() + row.encode() + markup(body)).hexdigest()
        if key in self.pages:
            self.pages[key].who.append(who)
        else:
            headers = dict(response.headers)
            self.pages[key] = Shown(state, row, [who], path, response.status_code, headers, body)


def rows() -> Iterator[Row]:
    """The rows of the access matrix that are asked for."""
    return (row for row in ROWS if row.key.startswith(ROWS_FOR) and not row.switched_off and not is_file(row))


LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")


@dataclass
class Looking:
    """A browser that is handed the pages of the album, and what was wrong with them."""

    browser: Browser
    shown: Shown | None = None
    wrong: list[str] = field(default_factory=list)
    unsure: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    assets: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        context = self.browser.new_context(viewport=WIDE, locale="en-GB", timezone_id="Europe/London")
        context.route("**/*", self.answer)
        self.page: Page = context.new_page()
        self.page.on("dialog", self.dialog)
        self.page.on("console", lambda message: self.console(message.type, message.text))
        self.page.on("pageerror", lambda error: self.say("script error", str(error)))
        self.axe = AXE.read_text(encoding="utf-8")

    def say(self, what: str, more: str = "") -> None:
        self.wrong.append(f"{self.shown}: {what} {more}".rstrip())

    def dialog(self, dialog: Any) -> None:
        self.say("a dialog opened")
        dialog.dismiss()

    def console(self, kind: str, text: str) -> None:
        # A refused page says so in the console too.
        if kind == "error" and "the server responded with a status of" not in text:
            self.say("console", text[:200])

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if route.request.is_navigation_request() and self.shown is not None:
            kept = ("content-security-policy", "content-type", "permissions-policy")
            headers = {name: value for name, value in self.shown.headers.items() if name.lower() in kept}
            route.fulfill(status=self.shown.status, headers=headers, body=self.shown.body)
        elif path.startswith("/static/") and (file := finders.find(path.removeprefix("/static/").partition("?")[0])):
            content = Path(str(file)).read_bytes()
            self.assets[path] = len(gzip.compress(content)) if not path.endswith((".woff2", ".png")) else len(content)
            route.fulfill(path=str(file))
        else:
            if not path.startswith("/"):
                self.say("asked for something elsewhere", path[:100])
            route.fulfill(status=204, body="")

    def look(self, shown: Shown) -> None:
        """Everything that a program can see of one page."""
        self.shown = shown
        self.assets = {}
        page = self.page
        page.emulate_media(color_scheme="light", media="screen")
        page.set_viewport_size(WIDE)
        page.goto(SITE + shown.path, wait_until="load")
        weight = len(gzip.compress(shown.body))
        if weight > REPEAT:
            self.say("weighs", f"{weight} bytes again")
        if weight + sum(self.assets.values()) > FIRST_VISIT:
            self.say("weighs", f"{weight + sum(self.assets.values())} bytes at first")
        page.evaluate(self.axe)
        page.evaluate(LOOK)
        page.evaluate("looked.plain()")
        self.scan("wide")
        page.evaluate("looked.asItIs()")
        self.judge("charts", "contrast of a chart:")
        self.judge("keyboard", "by keyboard:")
        page.set_viewport_size(NARROW)
        page.evaluate("looked.plain()")
        self.scan("narrow")
        page.evaluate("looked.asItIs()")
        self.reflows("at 320")
        page.evaluate("looked.space()")
        self.reflows("at 320 with text spacing")
        self.judge("clipped", "cut off with text spacing:")
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="dark")
        page.evaluate("looked.plain()")
        self.scan("dark", ["color-contrast"])
        self.judge("charts", "contrast of a chart in dark colours:")
        page.emulate_media(color_scheme="light", media="print")
        self.judge("printed", "in print:")
        self.counts["pages"] += 1
        self.counts[f"pages {shown.state}"] += 1

    def judge(self, question: str, words: str) -> None:
        """Ask look.js one question of the page; each answer is a fault."""
        for what in self.page.evaluate(f"looked.{question}()"):
            self.say(words, what)

    def scan(self, how: str, rules: list[str] | None = None) -> None:
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
        found = self.page.evaluate(
            "only => axe.run(document, {runOnly: only, resultTypes: ['violations', 'incomplete']}).then(result => "
            "[result.violations, result.incomplete].map(list => list.map("
            "each => [each.id, each.nodes.map(node => [node.html.slice(0, 160), "
            "node.any.map(check => (check.data && check.data.messageKey) || '').join()])])))",
            only,
        )
        self.counts["scans"] += 1
        for rule, nodes in found[0]:
            self.say(f"{how}: {rule}", " | ".join(node for node, _ in nodes[:2]))
        assert self.shown is not None
        for rule, nodes in found[1]:
            for node, why in nodes:
                doubt = f"{rule} {why}".strip()
                self.unsure[doubt] += 1
                if doubt in BESIDE and (how == "narrow" or self.shown.state == "hostile"):
                    continue
                if not any(doubt == known and part in node for known, part, _ in DECIDED):
                    self.say(f"{how}: axe could not decide {doubt}", node)

    def reflows(self, how: str) -> None:
        over = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            self.say(f"{how}: {over} px too wide,", str(self.page.evaluate("looked.widest()")))

    def through(self, album: Album) -> None:
        """Look at all of them, and fail with every fault."""
        print(f"\n{album.answers} answers, {len(album.pages)} different pages", flush=True)
        for number, shown in enumerate(album.pages.values(), 1):
            self.look(shown)
            if number % 50 == 0:
                print(f"{number} looked at, {len(self.wrong)} faults", *self.wrong[-3:], sep="\n  ", flush=True)
        print(f"{dict(self.counts)}; axe could not decide, and we did: {dict(self.unsure.most_common())}")
        assert not self.wrong, f"{len(self.wrong)} faults\n" + "\n".join(self.wrong)
