"""Writes docs/rules.md: what may follow what, and what the policy says, from the tables and docstrings themselves.

The tables are those that guard every move (`workflow.py` of each app), the sentences those of the rules
(`rules` of each app). Run it with `.venv/bin/python -m scripts.rules` after a change of either; a test fails while
the page is old.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from core.workflow import Move
from scripts.printing import write_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
APPS = ("cases", "actions", "audits", "assurance_clinics", "learning", "reports")

INTRODUCTION = """
Printed from the tables and the rules by `python -m scripts.rules`; do not edit. A move that is not in a table is
refused with a sentence and changes nothing. A rule is a function without a database; its first line stands here, and
words in braces are filled in when it speaks.

Three things that the tables do not say. An inadequate grade takes the move that ends in `_inadequate`, to a head of
service. A grade that the panel decided is final: it settles, also where it is inadequate. A second moderator's
decision for a grade that is not the auditor's goes to the auditor once more; disputed again, it goes to the panel.
"""


def page() -> str:
    """The text of docs/rules.md as the code has it now. Django must be set up."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield from INTRODUCTION.strip().splitlines()
    yield ""
    yield "## What may follow what"
    for app in APPS:
        for name, table in _tables(app):
            yield ""
            yield f"### {app}: {name}"
            yield ""
            yield "| Move | From | To | Who | Reason needed |"
            yield "|---|---|---|---|---|"
            for move in table:
                sources = ", ".join(str(source) for source in move.sources) or "-"
                target = str(move.target) or "stays"
                yield f"| {move.event} | {sources} | {target} | {move.who} | {'yes' if move.needs_reason else '-'} |"
    yield ""
    yield "## What the policy says"
    for app in APPS:
        for module in _rules(app):
            sentences = list(_sentences(module))
            if sentences:
                yield ""
                yield f"### {module.__name__}"
                yield ""
                yield _first_line(module)
                yield ""
                yield from (f"- {sentence}" for sentence in sentences)


def _tables(app: str) -> Iterator[tuple[str, tuple[Move, ...]]]:
    workflow = _module(f"{app}.workflow")
    if workflow is None:
        return
    for name, value in vars(workflow).items():
        if name.endswith("MOVES") and isinstance(value, tuple):
            yield name.removesuffix("MOVES").rstrip("_").replace("_", " ").lower() or app, value


def _rules(app: str) -> Iterator[ModuleType]:
    rules = _module(f"{app}.rules")
    if rules is None:
        return
    yield rules
    for found in sorted(pkgutil.iter_modules(getattr(rules, "__path__", [])), key=lambda each: each.name):
        yield importlib.import_module(f"{app}.rules.{found.name}")


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


def _sentences(module: ModuleType) -> Iterator[str]:
    """The first line of every public function of the module, in the order of the file."""
    functions = [
        each
        for name, each in vars(module).items()
        if inspect.isfunction(each) and each.__module__ == module.__name__ and not name.startswith("_")
    ]
    for function in sorted(functions, key=lambda each: each.__code__.co_firstlineno):
        yield f"{_first_line(function)} (`{function.__name__}`)"


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]


def main() -> int:
    """Write the page; print what was done."""
    return write_page(PAGE, page)


if __name__ == "__main__":
    sys.exit(main())
