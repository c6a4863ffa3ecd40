"""The product's own source as syntax trees, and what is looked for in them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("core", "accounts", "cases", "actions", "audits", "assurance_clinics", "learning", "reports", "worklist")
# The parts of core that are Django apps of their own.
PARTS = ("core/history", "core/jobs", "core/notifications", "core/council")

Finder = Callable[[ast.Module], Iterator[tuple[int, str]]]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def python_files(word: str | None = None) -> list[Path]:
    """Every Python file of the apps without migrations; with `word`, only that module of the vocabulary.

    `word` is a name such as "views": views.py and everything in the package views/.
    """
    found = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    if word is None:
        return sorted(found)
    return sorted(path for path in found if path.name == f"{word}.py" or word in path.relative_to(ROOT).parts[:-1])


def templates() -> list[Path]:
    """Every template of the product."""
    folders = [ROOT / "templates", *(ROOT / app / "templates" for app in (*APPS, *PARTS))]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def offences(files: list[Path], finder: Finder) -> list[str]:
    """What `finder` found in the files, a line each: "audits/views.py:12 Audit.objects.get"."""
    return [f"{path.relative_to(ROOT)}:{line} {what}" for path in files for line, what in finder(tree(path))]


def unscoped_rows(module: ast.Module) -> Iterator[tuple[int, str]]:
    """A manager that is reached by anything but `.objects.visible_to`."""
    scoped = {
        id(node.value) for node in ast.walk(module) if isinstance(node, ast.Attribute) and node.attr == "visible_to"
    }
    managers = {"objects", "_default_manager", "_base_manager"}
    for node in ast.walk(module):
        if not isinstance(node, ast.Attribute) or node.attr not in managers:
            continue
        if node.attr != "objects" or id(node) not in scoped:
            yield node.lineno, ast.unparse(node)


def names(*wanted: str) -> Finder:
    """A finder of names and attributes so called, and of their imports."""

    def find(module: ast.Module) -> Iterator[tuple[int, str]]:
        for node in ast.walk(module):
            if isinstance(node, ast.Name) and node.id in wanted:
                yield node.lineno, node.id
            elif isinstance(node, ast.Attribute) and node.attr in wanted:
                yield node.lineno, ast.unparse(node)
            elif isinstance(node, ast.ImportFrom | ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names if alias.name in wanted)

    return find


def calls(*wanted: str) -> Finder:
    """A finder of calls of functions or classes so called."""

    def find(module: ast.Module) -> Iterator[tuple[int, str]]:
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in wanted:
                yield node.lineno, ast.unparse(node.func)

    return find


def loose_arguments(module: ast.Module) -> Iterator[tuple[int, str]]:
    """A public function of the module that can be called without naming its arguments, or is not typed."""
    for node in module.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        arguments = node.args
        if arguments.args or arguments.posonlyargs or arguments.vararg:
            yield node.lineno, f"{node.name}() takes arguments by position"
        if node.returns is None or any(argument.annotation is None for argument in arguments.kwonlyargs):
            yield node.lineno, f"{node.name}() is not typed"


def clocks(module: ast.Module) -> Iterator[tuple[int, str]]:
    """A look at the clock: datetime.now(), date.today(), timezone.localdate(), time.time()."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in {"now", "today", "utcnow", "localdate", "localtime", "time", "monotonic"}:
            yield node.lineno, ast.unparse(node.func)


def thawed_dataclasses(module: ast.Module) -> Iterator[tuple[int, str]]:
    """A dataclass that is not frozen."""
    for node in ast.walk(module):
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(called).split(".")[-1] != "dataclass":
                continue
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            if not any(keyword.arg == "frozen" and ast.unparse(keyword.value) == "True" for keyword in keywords):
                yield node.lineno, f"class {node.name}"
