"""Text that does harm where it is taken for more than text: planted in every stored text, and looked for on pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.db import DatabaseError, models, transaction

from tests.access.world import CANARY

# Thirty ways to make a script out of a text, the short ones first for the columns that hold little.
POLYGLOTS = (
    "<b x>", '"><i>', "'><i>", "<svg/onload=x()>", "</p><script>x()", '" onfocus=x() "', "' onfocus=x() '",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'><svg/onload=alert(1)>", "</title><script>x()//",
    "</textarea><svg onload=x()>", "<a href=javascript:x()>y</a>", "{{ 7|add:7 }}<u>{% debug %}",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<style>@import'//evil.example'</style>",
    "<link rel=stylesheet href=//evil.example>", "<base href=//evil.example>", "<object data=//evil.example></object>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<form action=//evil.example><input name=x>",
    "--><script>alert(1)</script><!--", "]]><script>alert(1)</script>", "<math><mi//xlink:href='javascript:x()'>",
    "<details open ontoggle=alert(1)>", "<input autofocus onfocus=alert(1)>", "<div hx-get='//evil.example'>",
    "\"'`><\x3cimg src=x onerror=alert(1)>", "</option></select><svg onload=alert(1)>",
    "javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+alert(1)//'>",
)  # fmt: skip
# What a spreadsheet takes for a formula: twelve beginnings, full-width ones, and behind a space or a quote.
FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "\uff1d1+1", "\uff0b1+1", "\uff0d1+1",
    "\uff201", ' "=1+1',
)  # fmt: skip
FORMULA = re.compile("[=+@\t\r\n\uff1d\uff0b\uff0d\uff20]|-(?!$)")

# Columns of a program's own words, which nobody types.
_OWN_WORDS = re.compile(
    r"(^|_)(key|hash|checksum|sha256|digest|signature|salt|kind|form|status|event|grade|scope|password|path|link|rule|"
    r"verb|trail|code|repeats|source|session|token|secret|codename|app_label|model|email|stored_as|progress|"
    r"last_for|legal|ethnicity|disability|query|number|state|user_agent)(_|$)|grade_one|grade_two"
)
_OTHERS = ("auth", "contenttypes", "sessions", "history", "mfa", "socialaccount", "usersessions", "account")
_THEIR_OWN = ("jobs.Job", "notifications.Notice", "audits.GradeTally", "reports.FeedToken")


def plant(texts: tuple[str, ...]) -> int:
    """Put one of the texts, in turn, in front of each stored text that a person or a file gave. Returns how many."""
    turn = count()
    for model in apps.get_models():
        if model._meta.app_label in _OTHERS or model._meta.label in _THEIR_OWN:
            continue
        columns = [field for field in model._meta.fields if _is_typed(field)]
        for row in model._base_manager.values("pk", *(field.attname for field in columns)) if columns else ():
            changes = {field.attname: _with(texts, field, row[field.attname], turn) for field in columns}
            changes = {name: value for name, value in changes.items() if value != row[name]}
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=row["pk"]).update(**changes)
            except DatabaseError:
                # Rows that the database lets nobody change: the words of a move were planted with its other texts.
                break
    return next(turn)


def _is_typed(field: Any) -> bool:
    if isinstance(field, models.JSONField):
        return True
    return (
        isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and not _OWN_WORDS.search(field.name)
    )


def _with(texts: tuple[str, ...], field: Any, value: Any, turn: Iterator[int]) -> Any:
    """The value with a text in front; of JSON each string that holds a canary."""
    if isinstance(value, dict):
        return {key: _with(texts, field, each, turn) for key, each in value.items()}
    if isinstance(value, list):
        return [_with(texts, field, each, turn) for each in value]
    if not isinstance(value, str) or (isinstance(field, models.JSONField) and not CANARY.search(value)):
        return value
    room = (field.max_length or 10_000) - len(value)
    place = next(turn)
    for step in range(len(texts)):
        text = texts[(place + step) % len(texts)]
        if len(text) <= room:
            return text + value
    return value


class _Reader(HTMLParser):
    """Reads a page as a browser does and keeps what no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "iframe", "object", "embed", "base", "b", "i", "u", "math", "frame", "marquee"}:
            self.found.append(f"<{tag}>")
        given = dict(attributes)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append("a script of its own")
        for name, value in attributes:
            away = name == "content" and "url=" in (value or "")
            if away or name.startswith("on") or name in {"style", "srcdoc"}:
                self.found.append(f"{tag} {name}")
            if name in {"href", "src", "action", "formaction", "data", "xlink:href"} and not _is_ours(value or ""):
                self.found.append(f"{tag} {name}={value}")


def _is_ours(link: str) -> bool:
    parts = urlsplit(link)
    return not parts.netloc and parts.scheme in ("", "mailto") and not link.startswith(("\\", "//"))


def harm_in(page: str) -> list[str]:
    """What a planted text has become on a page: elements, attributes and links that are not ours."""
    reader = _Reader()
    reader.feed(page)
    return reader.found
