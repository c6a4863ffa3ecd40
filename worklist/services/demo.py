"""The demo council: obviously invented, believable, the same at every seeding of a day."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.db import connection, transaction

from accounts.access import SYSTEM
from accounts.models import User
from audits.models import ToolVersion
from audits.services.tallies import rebuild
from audits.services.tools import load_tools
from core.history.services import record
from core.jobs.services import run_due
from learning.services.summaries import build_summary
from worklist.services.demo_actions import make_actions
from worklist.services.demo_audits import MONTHS, History, months_before
from worklist.services.demo_calibration import make_calibrations
from worklist.services.demo_cases import make_cases
from worklist.services.demo_clinics import make_clinics
from worklist.services.demo_extracts import make_extracts
from worklist.services.demo_files import make_files
from worklist.services.demo_loop import make_loop
from worklist.services.demo_moderation import make_moderation
from worklist.services.demo_panel import make_panel
from worklist.services.demo_people import make_people
from worklist.services.demo_practice import make_practice
from worklist.services.demo_reports import make_reports
from worklist.services.demo_tools import make_draft
from worklist.services.demo_work import make_work

_SEED = 20260401


class NotADemo(Exception):
    """The demo council is not for a council's own system, nor for one that already has people in it."""


def seed(*, today: date, say: Callable[[str], None] = lambda text: None) -> None:
    """Fill an empty database with the demo council, as it would stand on `today`.

    `say` is told each step. Raises NotADemo under production settings and where people already exist.
    """
    if not settings.DEMO_MODE:
        raise NotADemo("These are not demo settings. The demo council is never put into a council's own system.")
    if User.objects.exists():
        raise NotADemo("There are people in this database already; the demo council needs an empty one.")
    rng = random.Random(_SEED)  # noqa: S311  invented data, the same each time; no secret
    with transaction.atomic():
        say("tools and themes")
        load_tools(by=SYSTEM)
        say("people")
        council = make_people(rng=rng, by=SYSTEM)
        say("cases")
        cases = make_cases(rng=rng, council=council, today=today)
        say(f"{MONTHS} months of audits")
        versions = list(ToolVersion.objects.live().select_related("tool", "scheme"))
        history = History(
            rng=rng, council=council, cases=[case for case in cases if not case.restricted], versions=versions
        )
        months = months_before(today, MONTHS)
        for place, month in enumerate(months):
            history.write_month(month, place / len(months), today)
        history.save()
        _gather_statistics()
        for audit in history.audits[:1]:
            record(by=SYSTEM, verb="seeded", record=audit, why="The demo council's invented history begins here.")
        rebuild()
        say("work under way")
        make_work(rng=rng, council=council, cases=cases, version=history.whole_case, today=today)
        say("actions and recommendations")
        make_actions(rng=rng, council=council, cases=cases, today=today)
        say("the next version of a tool")
        make_draft(council=council, version=history.supervision)
        say("feedback, responses and challenges")
        make_loop(rng=random.Random(_SEED), council=council, today=today)  # noqa: S311  invented data
        say("month-end extracts and indicators")
        make_extracts(rng=rng, council=council, cases=cases, months=months)
        _gather_statistics()
        say("published months and written reports")
        make_reports(council=council, months=months, today=today)
        say("clinics")
        make_clinics(council=council, today=today)
        say("files, saved reports and the feed")
        make_files(council=council, months=months, today=today)
    say("panel summaries")
    for month in months[-4:-1]:
        build_summary(month=month, by=SYSTEM)
    say("a panel with its meetings")
    with transaction.atomic():
        make_panel(council=council, today=today)
        make_practice(council=council, today=today)
    say("audits between submission and settled grade")
    with transaction.atomic():  # after the meetings that are over: none of them decides a dispute of today
        make_moderation(council=council, cases=cases, version=history.whole_case, rng=random.Random(_SEED + 1))  # noqa: S311  invented data
        say("calibrations")
        make_calibrations(rng=random.Random(_SEED + 2), council=council, cases=cases, version=history.whole_case)  # noqa: S311  invented data
    run_due()


def _gather_statistics() -> None:
    """Tell PostgreSQL how many rows there are: its autovacuum sees none of this transaction's, and plans for none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
