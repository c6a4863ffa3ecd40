"""The bell: tells a worker that a job waits. Never in the caller's thread, and never the record of the work.

A frozen Redis blocks whoever talks to it; so a thread of its own does the talking, over a
connection of its own whose every step ends within a second. The worker's own connections
are not held to that: they wait for the bell. What the thread cannot say is said again by the sweep.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import uuid
from typing import Any

from celery import current_app
from django.conf import settings

logger = logging.getLogger(__name__)

# How long one step of talking to Redis may take.
PATIENCE_SECONDS = 1.0
_QUICK = {
    "socket_timeout": PATIENCE_SECONDS,
    "socket_connect_timeout": PATIENCE_SECONDS,
    "max_retries": 0,
    "retry_on_timeout": False,
}

_waiting: queue.Queue[uuid.UUID] = queue.Queue(maxsize=1000)
_lock = threading.Lock()
_thread: tuple[int, threading.Thread] | None = None


def ring(job_id: uuid.UUID) -> None:
    """Wake a worker for this job soon; returns at once, whatever state Redis is in."""
    if getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False):
        return
    try:
        _waiting.put_nowait(job_id)
    except queue.Full:
        return
    _start()


def _start() -> None:
    global _thread
    with _lock:
        # A process that was forked from one with a bell has the number of its parent's thread, but no thread.
        if _thread is None or _thread[0] != os.getpid() or not _thread[1].is_alive():
            thread = threading.Thread(target=_talk, name="job-bell", daemon=True)
            _thread = (os.getpid(), thread)
            thread.start()


def _talk() -> None:
    connection: Any = None
    silent = False
    while True:
        job_id = _waiting.get()
        try:
            connection = connection or _connect()
            current_app.send_task("core.jobs.tasks.run", args=[str(job_id)], connection=connection, retry=False)
            silent = False
        except Exception as problem:  # any broker trouble: the sweep will find the row
            # Said once, not for each job of a long outage.
            level = logging.DEBUG if silent else logging.WARNING
            logger.log(level, "job %s and those after it wait for the sweep: %s", job_id, type(problem).__name__)
            silent = True
            _forget_waiting()
            _close(connection)
            connection = None


def _connect() -> Any:
    if settings.CELERY_BROKER_URL.startswith("memory:"):
        return current_app.connection_for_write()
    return current_app.connection_for_write(connect_timeout=PATIENCE_SECONDS, transport_options=_QUICK)


def _close(connection: Any) -> None:
    try:
        if connection is not None:
            connection.release()
    except Exception as problem:  # it was broken before; a new one is made for the next bell
        logger.debug("the bell's connection did not close: %s", type(problem).__name__)


def _forget_waiting() -> None:
    """Redis does not answer: do not spend a second on each of a thousand bells; the sweep has them all."""
    while True:
        try:
            _waiting.get_nowait()
        except queue.Empty:
            return
