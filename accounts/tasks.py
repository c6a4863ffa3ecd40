"""What the queue brings to people: the e-mails for passwords, and closing the accounts of those who have left."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from accounts import services
from accounts.access import SYSTEM
from core.jobs.services import JobRun, Schedule, handles
from core.working_days import LONDON


@handles("send_password_link", title="Send an e-mail to set a password")
def send_password_link(run: JobRun, *, user_id: str, invitation: bool) -> None:
    """Send the e-mail to one person; for nobody's address there is nothing to do."""
    services.send_password_link(user_id=user_id, invitation=invitation)


@handles("close_accounts_of_leavers", title="Close the accounts of people who have left")
def close_accounts_of_leavers(run: JobRun, *, day: str) -> None:
    """Close the account of everybody whose last day has passed; forget the forms that nobody came back for."""
    with run.completing() as result:
        result["forms_forgotten"] = services.forget_old_kept_forms()
        result["closed"] = services.close_accounts_of_leavers(by=SYSTEM, today=datetime.fromisoformat(day).date())


def _period(now: datetime) -> tuple[str, dict[str, Any]]:
    return f"{now:%Y-%m-%d}", {"day": f"{now:%Y-%m-%d}"}


def _moments(now: datetime) -> tuple[datetime, datetime]:
    today = datetime.combine(now.date(), time(0), tzinfo=LONDON)
    return today, datetime.combine(now.date() + timedelta(days=1), time(0), tzinfo=LONDON)


NIGHTLY = Schedule(
    name="leavers",
    kind="close_accounts_of_leavers",
    title="Close the accounts of people who have left",
    says="Every night",
    period=_period,
    moments=_moments,
)
