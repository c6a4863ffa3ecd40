"""The conventions that import contracts cannot see. Each finder is shown a bad example first, then the product."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture import source

BAD_EXAMPLES = [
    (source.unscoped_rows, "Audit.objects.get(pk=1)"),
    (source.unscoped_rows, "Audit.objects.filter(x=1).visible_to(user)"),
    (source.unscoped_rows, "Audit._default_manager.visible_to(user)"),
    (source.unscoped_rows, "rows = Audit.objects"),
    (source.names("mark_safe"), "from django.utils.safestring import mark_safe"),
    (source.names("mark_safe"), "safestring.mark_safe(text)"),
    (source.calls("SafeString"), "return safestring.SafeString(text)"),
    (source.names("cache_page"), "@cache_page(60)\ndef page(request): ..."),
    (source.names("delay", "apply_async"), "build.delay(1)"),
    (source.names("environ", "getenv"), "os.environ['X']"),
    (source.loose_arguments, "def submit(audit, *, by: User) -> None: ..."),
    (source.loose_arguments, "def submit(*, by) -> None: ..."),
    (source.loose_arguments, "def submit(*, by: User): ..."),
    (source.clocks, "due = date.today()"),
    (source.clocks, "due = timezone.now()"),
    (source.thawed_dataclasses, "@dataclass\nclass Figure: ..."),
    (source.thawed_dataclasses, "@dataclasses.dataclass(slots=True)\nclass Figure: ..."),
]
GOOD_EXAMPLES = [
    (source.unscoped_rows, "Audit.objects.visible_to(request.user).get(pk=1)"),
    (source.loose_arguments, "def submit(*, by: User) -> None: ...\ndef _private(x): ..."),
    (source.thawed_dataclasses, "@dataclass(frozen=True, slots=True)\nclass Figure: ..."),
]


@pytest.mark.parametrize(("finder", "text"), BAD_EXAMPLES)
def test_a_bad_example_is_found(finder: source.Finder, text: str) -> None:
    assert list(finder(ast.parse(text)))


@pytest.mark.parametrize(("finder", "text"), GOOD_EXAMPLES)
def test_a_good_example_is_left_alone(finder: source.Finder, text: str) -> None:
    assert not list(finder(ast.parse(text)))


def test_there_is_something_to_look_at() -> None:
    assert len(source.python_files()) > 50
    assert source.python_files("views")
    assert source.python_files("services")
    assert source.templates()


def test_a_view_reaches_rows_only_through_visible_to() -> None:
    assert not source.offences(source.python_files("views"), source.unscoped_rows)


def test_nothing_is_marked_safe() -> None:
    assert not source.offences(source.python_files(), source.names("mark_safe"))
    assert not source.offences(source.python_files(), source.calls("SafeString", "SafeText"))


def test_no_page_is_cached() -> None:
    assert not source.offences(source.python_files(), source.names("cache_page", "cache_control"))


def test_a_queue_is_touched_only_by_the_jobs() -> None:
    """`.delay()` on a frozen Redis blocks: everything else writes a job and lets core.jobs ring the bell."""
    elsewhere = [path for path in source.python_files() if "core/jobs" not in path.as_posix()]
    assert not source.offences(elsewhere, source.names("delay", "apply_async", "send_task"))


def test_only_config_reads_the_environment() -> None:
    assert not source.offences(source.python_files(), source.names("environ", "getenv"))


def test_services_take_named_and_typed_arguments() -> None:
    """In the apps with a domain. The plumbing has decorators; the demo council's modules are people and texts."""
    domain = [
        path
        for path in source.python_files("services")
        if path.relative_to(source.ROOT).parts[0] != "core" and not path.stem.startswith("demo")
    ]
    assert not source.offences(domain, source.loose_arguments)


@pytest.mark.parametrize("word", ["rules", "workflow"])
def test_rules_do_not_look_at_the_clock(word: str) -> None:
    assert not source.offences(source.python_files(word), source.clocks)


@pytest.mark.parametrize("word", ["selectors", "documents"])
def test_what_a_selector_hands_out_cannot_be_changed(word: str) -> None:
    assert not source.offences(source.python_files(word), source.thawed_dataclasses)


def test_migrations_stand_for_themselves() -> None:
    """What they do must not change with the code of today; tests/templates.py relies on it as well."""
    allowed = re.compile(r"^(from core\.triggers |import django|from django\.|import \w+$|from __future__ )")
    files = [path for app in source.APPS for path in (source.ROOT / app).rglob("migrations/*.py")]
    lines = [(path, line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    found = [(path, line.strip()) for path, line in lines if re.match(r"\s*(from|import) ", line)]
    assert len(found) > 20
    assert not [(str(path), line) for path, line in found if not allowed.match(line)]


def test_no_module_is_called_utils_or_helpers() -> None:
    names = {"utils", "util", "helpers", "helper", "misc", "common"}
    folders = [source.ROOT / name for name in (*source.APPS, "config", "tests", "scripts")]
    assert not [path for folder in folders for path in folder.rglob("*") if path.stem in names]


TEMPLATE_RULES = {
    "|safe": re.compile(r"\|\s*safe(seq)?\b"),
    "autoescape off": re.compile(r"{%\s*autoescape\s+off"),
    "{% cache %}": re.compile(r"{%\s*cache\b"),
    "inline style": re.compile(r"<[^>]*\sstyle\s*=|<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript: link": re.compile(r"javascript:", re.IGNORECASE),
    "another site's file": re.compile(r"<(script|link|img|iframe)\b[^>]*(src|href)=[\"'](https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("what", TEMPLATE_RULES)
def test_templates_hold_nothing_that_the_content_policy_forbids(what: str) -> None:
    found = [
        f"{path.relative_to(source.ROOT)}: {match.group()}"
        for path in source.templates()
        for match in TEMPLATE_RULES[what].finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("|safe", "{{ text|safe }}"),
        ("inline style", '<p class="x" style="color:red">'),
        ("inline script", "<script>alert(1)</script>"),
        ("inline handler", '<a href="#" onclick="go()">'),
        ("another site's file", '<script src="https://cdn.example/x.js"></script>'),
        ("another site's file", "<link rel=stylesheet href='//cdn.example/x.css'>"),
    ],
)
def test_a_bad_template_is_found(what: str, text: str) -> None:
    assert TEMPLATE_RULES[what].search(text)


def test_no_file_names_a_machine_or_a_package_index() -> None:
    """Requirements hold names, versions and hashes; nothing of where they were written."""
    for path in sorted(source.ROOT.glob("requirements*")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|file:|index-url|find-links|(^|\s)/\w+/", text, re.MULTILINE), path


def test_every_requirement_is_locked_with_a_hash() -> None:
    for path in sorted(source.ROOT.glob("requirements*.txt")):
        blocks = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8"))
        packages = [block for block in blocks if block and not block.startswith("#")]
        assert packages
        assert not [block for block in packages if "==" not in block or "--hash=sha256:" not in block], path


def test_nothing_local_is_tracked() -> None:
    """A database, a secret key or a collected file in the repository would be somebody's own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=source.ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    bad = [name for name in listed if re.search(r"\.sqlite3|(^|/)\.local/|secret_key|\.pem$|(^|/)\.env$", name)]
    assert not bad, [Path(name).name for name in bad]
