"""Each import contract really fails: the product is copied, one wrong import is added, and the contract must break."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import APPS, ROOT

# The module (a file, or a package of the name) that gets a wrong line, the line, and the contract that must notice.
WRONG_IMPORTS = [
    ("accounts/querysets.py", "import audits.models", "An app uses only what is below it"),
    ("audits/services.py", "import audits.forms", "Inside an app imports point down the vocabulary"),
    ("audits/leftovers.py", "", "Inside an app imports point down the vocabulary"),
    ("core/navigation.py", "import cases.models", "The plumbing has no domain word"),
    ("audits/rules.py", "from django.utils import timezone", "A rule or a workflow is plain Python"),
    ("worklist/selectors.py", "import audits.views", "Only urls know views"),
    ("worklist/selectors.py", "import audits.forms", "Only views know forms"),
    ("audits/services.py", "import core.jobs.tasks", "Only views, commands and the app's own start-up"),
    ("worklist/views.py", "import audits.urls", "Only config knows urls"),
]


def broken_contracts(folder: Path) -> str:
    """The lines of import-linter's report on `folder` that say BROKEN."""
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(program), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if "BROKEN" in line]
    assert bool(lines) == bool(done.returncode), done.stdout + done.stderr
    return "\n".join(lines)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product's Python and its contracts in a folder of their own."""
    skip = shutil.ignore_patterns("__pycache__", "migrations")
    for name in (*APPS, "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skip)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_every_contract_is_kept(copy: Path) -> None:
    assert broken_contracts(copy) == ""


@pytest.mark.parametrize(("file", "line", "contract"), WRONG_IMPORTS)
def test_a_wrong_import_breaks_its_contract(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    if path.with_suffix("").is_dir():
        path = path.with_suffix("") / "__init__.py"
    with path.open("a", encoding="utf-8") as output:
        output.write(f"\n{line}\n")
    assert contract in broken_contracts(copy)
