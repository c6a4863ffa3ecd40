"""What the demo council takes out: a report that comes to its head of service, a file, a program with the feed."""

from __future__ import annotations

from datetime import date, timedelta

from core.jobs.services import request_export
from reports.choices import Cadence, Period
from reports.services import figures
from reports.services.feed import issue_token
from reports.services.saving import save_report, subscribe
from worklist.services.demo_people import Council


def make_files(*, council: Council, months: list[date], today: date) -> None:
    """Save two reports, let one come each month, ask for a file, and let the performance team read the feed."""
    head, lead = council.people["head"], council.people["qa.lead"]
    first, last = months[max(len(months) - 12, 0)], months[-1]
    by_team = figures.asked(first=first, last=last, by="team", services=(), settled_only=False)
    table = figures.asked(first=first, last=last, by="month", services=(), settled_only=False)
    teams = save_report(name="My teams, last quarter", asked=by_team | {"period": Period.LAST_QUARTER}, by=head)
    save_report(name="The grade table", asked=table | {"period": Period.LAST_12}, by=head)
    subscribe(report=teams, person=head, cadence=Cadence.MONTHLY, form="docx", by=head)
    request_export(
        kind=figures.KIND, form="docx", asked=table, title=figures.title(asked=table), by=head,
        filename=figures.file_name(asked=table, form="docx"),
    )  # fmt: skip
    issue_token(
        name="Power BI of the performance team", tables=["actions", "audits", "sections"],
        expires_on=today + timedelta(days=180), by=lead,
    )  # fmt: skip
