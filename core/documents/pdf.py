"""A document as a tagged PDF (PDF/UA-1), made in a process of its own that can fetch nothing and has little to spend.

The library needs Pango, which comes from the system (Debian: libpango-1.0-0 and libpangoft2-1.0-0). Where that is
missing, `why_not` says so before anybody asks for a PDF.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from core.documents.content import Document
from core.documents.page import whole_page

CPU_SECONDS = 10
MEMORY = 512 << 20
PATIENCE_SECONDS = 90
LONGEST = 4_000_000
"""No page of more characters than this is begun: it would not be done in the time."""

LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0")
MISSING = (
    "PDF files cannot be made on this server yet: the Pango library is not installed. "
    "Word, Excel, PowerPoint and CSV files can."
)


class PdfProblem(Exception):
    """No PDF came of it. The message is a sentence for the person who asked."""


def why_not() -> str:
    """Why no PDF can be made on this machine, as a sentence; "" where one can."""
    return "" if _all_there(LIBRARIES) else MISSING


@lru_cache(maxsize=8)
def _all_there(libraries: tuple[str, ...]) -> bool:
    try:
        for name in libraries:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


# Runs in the child. The document's page can reach nothing: every fetch is refused by name, and whatever would go
# around the fetcher (a connection, a program) is refused by the interpreter itself. Only our own two font files are
# read, through a fetcher that knows no other.
_CHILD = """
import os, resource, sys
root, cpu, memory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
REFUSED = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "os.system", "urllib.Request", "ftplib.connect")
import logging
logging.disable(logging.CRITICAL)
try:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse
except OSError:
    sys.exit(3)

def guard(event, arguments):
    if event in REFUSED:
        raise PermissionError(event)

sys.addaudithook(guard)

class Nothing(URLFetcher):
    def fetch(self, url, headers=None):
        raise ValueError("nothing is fetched")

class Fonts(URLFetcher):
    def fetch(self, url, headers=None):
        weight = {"fonts:400": "400", "fonts:700": "700"}[url]
        place = f"{root}/static/vendor/source-sans-3/source-sans-3-latin-{weight}-normal.woff2"
        with open(place, "rb") as file:
            return URLFetcherResponse(url, file.read(), {"Content-Type": "font/woff2"})

FACES = "".join(
    '@font-face { font-family: "Source Sans 3"; font-weight: %s; src: url("fonts:%s") format("woff2"); }' % (w, w)
    for w in (400, 700)
)
fonts = FontConfiguration()
with open(f"{root}/core/documents/print.css", encoding="utf-8") as file:
    sheets = [
        CSS(string=FACES, font_config=fonts, url_fetcher=Fonts()),
        CSS(string=file.read(), font_config=fonts, url_fetcher=Nothing()),
    ]
page = sys.stdin.buffer.read().decode("utf-8")
HTML(string=page, base_url="about:blank", url_fetcher=Nothing()).write_pdf(
    sys.stdout.buffer, stylesheets=sheets, font_config=fonts, pdf_variant="pdf/ua-1", presentational_hints=False
)
sys.stdout.buffer.flush()
os._exit(0)  # the library's font objects do not all survive being taken apart at the end of a process
"""


def as_pdf(document: Document) -> bytes:
    """The document as a PDF/UA-1 file.

    Raises PdfProblem where Pango is missing, or the child took longer or more memory than it is given.
    """
    if problem := why_not():
        raise PdfProblem(problem)
    return render_page(whole_page(document))


def render_page(page: str) -> bytes:
    """One HTML page as a PDF/UA-1 file, in the child. Whatever the page names is not fetched."""
    if len(page) > LONGEST:
        raise PdfProblem("This is too long for a PDF. Choose a shorter period, or take it as a workbook.")
    root = str(Path(__file__).resolve().parents[2])
    with tempfile.TemporaryDirectory(prefix="pdf-") as home:
        command = [sys.executable, "-I", "-c", _CHILD, root, str(CPU_SECONDS), str(MEMORY)]
        try:
            done = subprocess.run(  # noqa: S603 - this interpreter, and no word of the document in the arguments
                command,
                input=page.encode("utf-8", "replace"),
                capture_output=True,
                timeout=PATIENCE_SECONDS,
                check=False,
                cwd=home,
                env={"HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            )
        except subprocess.TimeoutExpired as problem:
            raise PdfProblem("Making the PDF took too long, so it was stopped. Take it as a workbook.") from problem
    if done.returncode == 3:
        raise PdfProblem(MISSING)
    whole = done.stdout.startswith(b"%PDF") and done.stdout.rstrip().endswith(b"%%EOF")
    if done.returncode or not whole:
        raise PdfProblem("The PDF could not be made within its time and memory. Take it as a workbook instead.")
    return done.stdout
