"""Celery inside the web process: a worker and a beat as threads, for a machine without Redis.

One process only: the memory:// broker lives in it. Jobs are in the database, so what
a stopped process leaves unfinished is taken up by the next one.
"""

from __future__ import annotations

import threading

from celery import signals
from celery.beat import Service
from celery.worker import WorkController

from config.celery import app

# Long enough for a job of the demo's size to end by itself, short enough for Ctrl-C.
STOP_SECONDS = 5.0
WORKER_THREADS = 2


class EmbeddedCelery:
    """One worker (a small thread pool) and one beat, each in a daemon thread of this process."""

    def __init__(self) -> None:
        self._worker = WorkController(
            app=app,
            hostname="embedded@localhost",
            pool="threads",
            concurrency=WORKER_THREADS,
            loglevel="WARNING",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            # As Celery's own command does; here the jobs learn that a worker lives.
            ready_callback=lambda consumer: signals.worker_ready.send(sender=consumer),
        )
        # The schedule is code and its jobs are unique in the database, so no file has to remember the last run.
        self._beat = Service(app, scheduler_cls="celery.beat:Scheduler", remote_control=False)
        self._threads = [
            threading.Thread(target=self._worker.start, name="celery-worker", daemon=True),
            threading.Thread(target=self._beat.start, name="celery-beat", daemon=True),
        ]

    def start(self) -> None:
        """Start both; returns at once."""
        app.set_current()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no more work and wait a few seconds for what is running; the rest is taken up at the next start."""
        self._beat.stop()
        stopper = threading.Thread(target=self._worker.stop, name="celery-stop", daemon=True)
        stopper.start()
        stopper.join(STOP_SECONDS)
