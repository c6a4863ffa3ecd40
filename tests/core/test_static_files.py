"""Production serves static files under names made from their contents: every file that a style names must exist."""

from __future__ import annotations

import json
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}


def test_static_files_can_be_collected_with_a_manifest(tmp_path: Path) -> None:
    """Fails on a url() or a source map comment that names a file which is not there."""
    with override_settings(STORAGES=STORAGES, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert any(name.endswith(".css") for name in paths)
    assert all((tmp_path / hashed).exists() for hashed in paths.values())
