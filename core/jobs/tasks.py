"""What the queue brings: a few lines each, the work is in the services."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from datetime import datetime
from typing import Any

from billiard import active_children
from celery import bootsteps, current_app, shared_task
from celery.signals import beat_init, celeryd_init, worker_ready
from django.db import DatabaseError, connection

from core import health
from core.jobs import rules, services
from core.jobs.choices import Sign
from core.jobs.services.exporting import CLEAR

logger = logging.getLogger(__name__)

# How often a worker says that it lives.
WORKER_SIGN_SECONDS = 10.0
# How often the loop that hears the broker says that it turns.
LOOP_SECONDS = 2.0


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


class Loop(bootsteps.StartStopStep):
    """Knows when the loop of a worker's main process, which hears the broker, last turned.

    Celery 5.7's has been seen to end for good where the broker vanished in the very moment of a message, while its
    process went on; so the process alone is no sign of life (tests/faults/long_run.py).
    """

    turned: float | None = None

    def start(self, parent: Any) -> None:
        """Also after each new connection, which empties the timer."""
        self.turn()
        parent.timer.call_repeatedly(LOOP_SECONDS, self.turn)

    @classmethod
    def turn(cls) -> None:
        cls.turned = time.monotonic()

    @classmethod
    def silence(cls) -> float:
        """Seconds since it turned; 0 where nothing watches it, as inside the web process."""
        return 0.0 if cls.turned is None else time.monotonic() - cls.turned


@celeryd_init.connect
def watch_the_loop(instance: Any, **_: Any) -> None:
    """A worker process of its own is being made."""
    from kombu.transport.redis import Channel

    # As the setting of ack_emulation: a channel that closes has nothing to bring back.
    Channel.do_restore = False
    instance.app.steps["consumer"].add(Loop)


@worker_ready.connect
def live(**_: Any) -> None:
    """A worker has started: take up at once what an earlier one left, and go on saying that it lives."""
    threading.Thread(target=_give_signs, name="job-signs", daemon=True).start()


def _give_signs() -> None:
    pause, first = threading.Event(), True
    answered: float | None = None
    while True:
        silence = Loop.silence()
        if silence < rules.LOOP_SILENCE:
            _give_sign(sweep=first)
            first, answered = False, None
        elif not health.broker_answers():
            answered = None
        else:
            now = time.monotonic()
            answered = answered or now
            if rules.hears_nobody(silence, now - answered):
                _end()
        pause.wait(WORKER_SIGN_SECONDS)


def _give_sign(*, sweep: bool) -> None:
    try:
        services.note_sign(Sign.WORKER)
        if sweep:
            services.sweep()
    except DatabaseError as problem:
        logger.warning("no sign of life from this worker: %s", type(problem).__name__)
    finally:
        # Nothing stays open between two signs: this process forks, and a connection must not be forked.
        connection.close()


def _end() -> None:
    """End this process and those that it forked. What they held is taken up by another once its lease is over."""
    logger.critical("this worker no longer hears the broker, which answers; it ends, to be started again")
    for child in active_children():
        os.kill(child.pid, signal.SIGKILL)
    os._exit(os.EX_SOFTWARE)


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
