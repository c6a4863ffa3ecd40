"""What somebody gives us is a spreadsheet by its content or nothing, and lies nowhere on the disk afterwards."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from core.jobs.models import FileImport
from core.jobs.services import run_due

pytestmark = pytest.mark.django_db
GIVE = "/jobs/imports/new/cases/"


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("UP", ".."), content)
    return out.getvalue()


def _link_in_a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("xl/workbook.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


NO_SPREADSHEET = {
    "a page": (b"<!doctype html><script>alert(1)</script>", "list.csv.html"),
    "a page that calls itself a PDF": (b"%PDF-1.7\n<script>alert(1)</script>", "report.pdf"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "chart.svg"),
    "a picture of 20,000 by 20,000": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 20000, 20000), "scan.png"),
    "a letter with macros": (_zip(word__document=b"<x/>", word__vbaProject=b"\xd0\xcf"), "letter.docm"),
    "a program": (b"MZ\x90\0" + b"\0" * 100, "extract.xlsx"),
    "names that lead upwards": (_zip(UP__UP__etc__passwd=b"x"), "extract.xlsx"),
    "a link in a zip": (_link_in_a_zip(), "extract.xlsx"),
    "a virus scanner's test": (
        rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        "extract.xlsx",
    ),
}


def give(client: Client, data: bytes, name: str) -> Any:
    form = {"as_at_day": "4", "as_at_month": "3", "as_at_year": "2026", "file": SimpleUploadedFile(name, data)}
    return client.post(GIVE, form)


@pytest.mark.parametrize("what", NO_SPREADSHEET)
def test_what_is_no_spreadsheet_is_refused_whatever_it_is_called(what: str, client: Client, qa_admin: User) -> None:
    client.force_login(qa_admin)
    data, name = NO_SPREADSHEET[what]
    answer = give(client, data, name)
    run_due()
    assert answer.status_code == 200, "it was taken"
    assert "<title>Error: " in answer.content.decode()
    assert not FileImport.objects.exists()


def test_an_upload_leaves_no_file_behind(client: Client, qa_admin: User, settings: Any, tmp_path: Path) -> None:
    """One that is too large for memory is on the disk while it is read, and gone when it is answered."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    client.force_login(qa_admin)
    answer = give(client, b"%PDF-1.7 report " * 40_000, "../../extract.xlsx")
    assert answer.status_code == 302
    assert list(tmp_path.rglob("*")) == []
    assert FileImport.objects.get().filename == "extract.xlsx"
