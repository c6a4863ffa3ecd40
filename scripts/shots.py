"""`make shots`: take the handbook's pictures again, from a demo council of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "handbook" / "pictures"
PASSWORD = "exampleshire-demo"  # noqa: S105  the demo council's own, printed by make run
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
]  # fmt: skip

Step = Callable[[Any], None]


def open_path(path: str) -> Step:
    """Go to an address."""
    return lambda page: page.goto(page.base + path)


def follow(selector: str) -> Step:
    """Click the first thing that fits and wait for the page that it leads to."""

    def click(page: Any) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return click


TO_DRAFT = [open_path("/audits/tools/"), follow("tr:has-text('Supervision record') td:last-child a")]

# name of the picture: who looks, at what, how wide, and how much of a long page (pixels; None for all of it)
SHOTS: dict[str, tuple[str, list[Step], int, int | None]] = {
    "my-work-auditor": ("auditor", [open_path("/")], 1100, None),
    "my-work-qa-lead": ("qa.lead", [open_path("/")], 1100, 1500),
    "audit": ("auditor", [open_path("/"), follow("li:has-text('In progress') a")],
              1100, None),
    "section": ("auditor", [open_path("/"), follow("li:has-text('In progress') a"), follow("main ul a")], 1100, 2200),
    "section-phone": ("auditor", [open_path("/"), follow("li:has-text('In progress') a"), follow("main ul a")],
                      320, 1800),
    "allocate": ("qa.lead", [open_path("/"), follow("#group-unallocated ~ ul a")], 1100, None),
    "allocate-many": ("qa.lead", [open_path("/audits/?status=planned"),
                                  follow("td .govuk-checkboxes__label"), follow("tr:nth-child(2) td label"),
                                  follow("button:has-text('Change the chosen audits')"),
                                  follow("label:has-text('Give them to an auditor')")], 1100, None),
    "overall": ("auditor", [open_path("/"), follow("li:has-text('In progress') a"),
                            follow("a:has-text('Overall judgement')")], 1100, 2200),
    "moderation-queue": ("moderator", [open_path("/audits/moderation/")], 1100, None),
    "moderate": ("moderator", [open_path("/"), follow("#group-moderation ~ ul a")], 1100, 1800),
    "accept-or-dispute": ("auditor", [open_path("/"), follow("#group-answers ~ ul li:has-text('to accept') a")],
                          1100, None),
    "returned": ("auditor", [open_path("/"), follow("#group-answers ~ ul li:has-text('Returned') a")], 1100, 1300),
    "confirm-an-inadequate": ("head", [open_path("/"), follow("#group-confirm ~ ul a")], 1100, 1400),
    "dispute": ("moderator", [open_path("/"), follow("#group-disputes ~ ul a")], 1100, 1400),
    "calibration": ("qa.lead", [open_path("/audits/calibrations/"), follow("tr:has-text('Grades revealed') a")],
                    1100, 1900),
    "calibration-auditor": ("auditor", [open_path("/audits/calibrations/"), follow("tr:has-text('Grades revealed') a")],
                            1100, 1300),
    "calibration-set-up": ("qa.lead", [open_path("/cases/"), follow("tbody a"),
                                       follow("a:has-text('Set up a calibration')")], 1100, 1500),
    "consistency": ("qa.lead", [open_path("/audits/moderation/consistency/")], 1100, 1600),
    "alert": ("team.manager", [open_path("/"), follow("#group-alerts ~ ul a")], 1100, None),
    "feedback": ("team.manager", [open_path("/audits/"), follow("tbody a")], 1100, 2200),
    "close-feedback": ("team.manager", [open_path("/audits/?awaiting=late"), follow("tbody a")], 1100, 4200),
    "close-respond": ("team.manager", [open_path("/audits/?awaiting=late"), follow("tbody a"),
                                       follow("a:has-text('Respond to the feedback')")], 1100, None),
    "grade-table": ("head", [open_path("/reports/")], 1100, None),
    "breakdown": ("head", [open_path("/reports/breakdown/")], 1100, None),
    "reports": ("qa.lead", [open_path("/reports/standard/")], 1100, None),
    "report-monthly": ("qa.lead", [open_path("/reports/standard/monthly/")], 1100, 2600),
    "report-quarterly": ("qa.lead", [open_path("/reports/standard/quarterly/")], 1100, 2600),
    "report-annual": ("qa.lead", [open_path("/reports/standard/annual/")], 1100, 2600),
    "report-public": ("readonly", [open_path("/reports/standard/quarterly/")], 1100, 1700),
    "report-trend": ("qa.lead", [open_path("/reports/standard/trend/")], 1100, 1500),
    "report-thematic": ("qa.lead", [open_path("/reports/standard/thematic/")], 1100, 2400),
    "report-sections": ("qa.lead", [open_path("/reports/standard/sections/")], 1100, None),
    "report-delivery": ("qa.lead", [open_path("/reports/standard/delivery/")], 1100, None),
    "report-actions": ("qa.lead", [open_path("/reports/standard/actions/")], 1100, None),
    "report-responses": ("qa.lead", [open_path("/reports/standard/responses/")], 1100, None),
    "report-moderation": ("qa.lead", [open_path("/reports/standard/moderation/")], 1100, None),
    "report-auditors": ("qa.lead", [open_path("/reports/standard/auditors/")], 1100, None),
    "report-re-audits": ("qa.lead", [open_path("/reports/standard/re-audits/")], 1100, None),
    "report-families": ("qa.lead", [open_path("/reports/standard/families/")], 1100, None),
    "report-diversity": ("qa.lead", [open_path("/reports/standard/diversity/")], 1100, None),
    "files-buttons": ("head", [open_path("/reports/")], 1100, None),
    "files-ready": ("head", [open_path("/jobs/files/"), follow("tbody a")], 1100, None),
    "files-rows": ("qa.lead", [open_path("/reports/files/rows/")], 1100, None),
    "files-saved": ("head", [open_path("/reports/saved/")], 1100, None),
    "files-feed": ("qa.lead", [open_path("/reports/feed/")], 1100, 1700),
    "months": ("qa.lead", [open_path("/reports/months/")], 1100, 1300),
    "board": ("qa.lead", [open_path("/reports/written/"), follow("tbody a:has-text('board')")], 1100, 2000),
    "partnership": ("qa.lead", [open_path("/reports/written/"), follow("tbody a:has-text('partnership')")], 1100, 2600),
    "indicators": ("head", [open_path("/clinics/indicators/?place=")], 1280, 2650),
    "clinics": ("head", [open_path("/clinics/")], 1100, None),
    "clinic": ("head", [open_path("/clinics/"), follow("tr:has-text('Family Safeguarding') td:nth-of-type(2) a")],
               1100, 1500),
    "clinic-pack": ("head", [open_path("/clinics/"), follow("tr:has-text('Family Safeguarding') td:nth-of-type(2) a"),
                             follow("a:has-text('Read the pack')")], 1100, 2000),
    "exceptions": ("team.manager", [open_path("/clinics/exceptions/")], 1100, 1200),
    "panel-summary": ("psw", [open_path("/learning/"), follow("a:has-text('ersion')")], 1100, None),
    "panel": ("psw", [open_path("/learning/panels/"), follow("tbody a")], 1100, 1500),
    "panel-pack": ("panel", [open_path("/learning/panels/"), follow("tbody a"), follow("tbody a"),
                             follow("a:has-text('Version 1')")], 1100, 2200),
    "panel-item": ("psw", [open_path("/learning/panels/"), follow("tbody a"),
                           follow("a:has-text('Chronologies')")], 1100, None),
    "practice-list": ("psw", [open_path("/learning/practice/"), follow("a:has-text('20')")], 1100, 1300),
    "exemplar-consent": ("practitioner", [open_path("/learning/practice/"), follow("a:has-text('chronology')")],
                         1100, None),
    "briefing": ("team.manager", [open_path("/learning/practice/briefings/"), follow("main ul a")], 1100, None),
    "theme-report": ("qa.lead", [open_path("/audits/themes/report/")], 1100, 1800),
    "code-findings": ("qa.lead", [open_path("/audits/themes/findings/")], 1100, 1200),
    "jobs": ("qa.admin", [open_path("/jobs/")], 1100, None),
    "imports": ("qa.admin", [open_path("/jobs/imports/")], 1100, None),
    "person": ("qa.lead", [open_path("/people/?role=AU"), follow("tbody a")], 1100, 1500),
    "second-factor": ("auditor", [open_path("/account/2fa/totp/activate/")], 1100, None),
    "cases": ("qa.lead", [open_path("/cases/")], 1100, 1500),
    "tools": ("qa.lead", [open_path("/audits/tools/")], 1100, None),
    "tool-draft": ("qa.lead", TO_DRAFT, 1100, 1700),
    "tool-section": ("qa.lead", [*TO_DRAFT, follow(".govuk-summary-card__actions a:has-text('Change')")], 1100, 1500),
    "tool-question": ("qa.lead", [*TO_DRAFT, follow("a:has-text('Add a question')")], 1100, None),
    "tool-condition": ("qa.lead", [*TO_DRAFT, follow("li:has-text('What reason is recorded') a:has-text('Condition')"),
                                   follow("button:has-text('Choose the answers')")], 1100, None),
    "tool-rule": ("qa.lead", [*TO_DRAFT, follow("a:has-text('Too few sections')")], 1100, None),
    "tool-preview": ("qa.lead", [*TO_DRAFT, follow("a:has-text('Preview')"), follow(".govuk-task-list a")], 1100, 1700),
    "tool-publish": ("qa.lead", [*TO_DRAFT, follow("a:has-text('Check and make it live')")], 1100, None),
    "grade-schemes": ("qa.lead", [open_path("/audits/tools/schemes/")], 1100, 1500),
    "answers": ("head", [open_path("/reports/answers/?across=service")], 1100, 1500),
}  # fmt: skip


def council(home: Path) -> dict[str, str]:
    """A seeded demo council in `home`; the environment that reaches it."""
    environ = {**os.environ, "DATABASE_URL": f"sqlite:///{home / 'council.sqlite3'}"}
    environ.pop("REDIS_URL", None)
    for command in (["migrate", "--verbosity", "0"], ["seed_demo"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environ, check=True)
    return environ


def wait_for(url: str) -> None:
    """Wait until the server answers, at most thirty seconds."""
    for _ in range(150):
        try:
            urllib.request.urlopen(url, timeout=1)  # noqa: S310  an address of this machine
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit("The demo council did not start.")


def take(base: str, browser: Any, name: str) -> str:
    """Take one picture; returns what went wrong, or nothing."""
    person, steps, width, height = SHOTS[name]
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.base = base
    try:
        page.goto(f"{base}/account/login/")
        page.fill("input[name=login]", f"{person}@exampleshire.example")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        for step in steps:
            step(page)
        if "Problem with the service" in page.title() or "not found" in page.title().lower():
            return f"{name}: {page.title()}"
        # The window becomes as tall as the picture, so that nothing sticks to the middle of it.
        full = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(height or full, full)})
        page.screenshot(path=str(PICTURES / f"{name}.png"))
    except Exception as problem:  # one picture that fails must not cost the others
        return f"{name}: {str(problem).splitlines()[0]}"
    finally:
        context.close()
    return ""


def main() -> int:
    from playwright.sync_api import sync_playwright

    from scripts import services

    program = services.chromium()
    if not program:
        print("Chromium is needed (Debian: apt-get install chromium).", file=sys.stderr)
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or list(SHOTS)
    with tempfile.TemporaryDirectory() as home:
        environ = council(Path(home))
        port = services.free_port()
        server = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "--noreload", str(port)],
            cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=program, args=FLAGS)
                problems = [take(f"http://127.0.0.1:{port}", browser, name) for name in wanted]
                browser.close()
        finally:
            server.terminate()
            server.wait()
    problems = [problem for problem in problems if problem]
    print(f"{len(wanted) - len(problems)} pictures taken, {len(problems)} failed")
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
