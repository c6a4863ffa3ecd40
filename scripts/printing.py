"""Writing a page of the documentation that is printed from the code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_page(path: Path, page: Callable[[], str]) -> int:
    """Write what `page` returns to `path` where it differs; print what was done. Returns 0, an exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    text = page()
    if path.exists() and path.read_text(encoding="utf-8") == text:
        print(f"{path.name} is up to date.")
        return 0
    path.write_text(text, encoding="utf-8")
    print(f"{path.name} was written.")
    return 0
