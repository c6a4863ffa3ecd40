"""What the queue brings: a few lines each, the work is in the services."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import Any

from celery import current_app, shared_task
from celery.signals import beat_init, worker_ready
from django.db import DatabaseError, connection

from core.jobs import rules, services
from core.jobs.choices import Sign
from core.jobs.services.exporting import CLEAR

logger = logging.getLogger(__name__)

# How often a worker says that it lives.
WORKER_SIGN_SECONDS = 10.0


@shared_task(name="core.jobs.tasks.run")
def run(job_id: str) -> None:
    """Do one job, unless it is done or held already, and go on with what else is due."""
    services.answer_bell(job_id)


@shared_task(name="core.jobs.tasks.sweep")
def sweep() -> None:
    """Find work that no living worker holds."""
    services.sweep()


@shared_task(name="core.jobs.tasks.tick")
def tick() -> None:
    """Make the work of every schedule whose period has come."""
    services.tick()


@beat_init.connect
def tick_at_once(**_: Any) -> None:
    """The scheduler has started: what fell due while it was away need not wait for its first period to pass."""
    try:
        current_app.send_task("core.jobs.tasks.tick", expires=60, retry=False)
    except Exception as problem:  # any broker trouble: the first period comes soon
        logger.warning("the first tick waits: %s", type(problem).__name__)


@worker_ready.connect
def live(**_: Any) -> None:
    """A worker has started: take up at once what an earlier one left, and go on saying that it lives."""
    threading.Thread(target=_give_signs, name="job-signs", daemon=True).start()


def _give_signs() -> None:
    pause, first = threading.Event(), True
    while True:
        try:
            services.note_sign(Sign.WORKER)
            if first:
                services.sweep()
                first = False
        except DatabaseError as problem:
            logger.warning("no sign of life from this worker: %s", type(problem).__name__)
        finally:
            # Nothing stays open between two signs: this process forks, and a connection must not be forked.
            connection.close()
        pause.wait(WORKER_SIGN_SECONDS)


def _night(now: datetime) -> tuple[str, dict[str, Any]]:
    night = f"{rules.nights(now)[0]:%Y-%m-%d}"
    return night, {"night": night}


NIGHTLY = services.Schedule(
    name="clear_exports",
    kind=CLEAR,
    title="Delete files that are no longer kept",
    says="Each night at 03:00",
    period=_night,
    moments=rules.nights,
)
