"""The bell: tells a worker that a job waits. Never in the caller's thread, and never the record of the work.

A frozen Redis blocks whoever talks to it; so a thread of its own does the talking. What it cannot
say is said again by the sweep.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import uuid

from celery import current_app
from django.conf import settings

logger = logging.getLogger(__name__)

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
        if _thread is None or _thread[0] != os.getpid() or not _thread[1].is_alive():
            thread = threading.Thread(target=_talk, name="job-bell", daemon=True)
            _thread = (os.getpid(), thread)
            thread.start()


def _talk() -> None:
    while True:
        job_id = _waiting.get()
        try:
            current_app.send_task("core.jobs.tasks.run", args=[str(job_id)], retry=False)
        except Exception as problem:  # any broker trouble: the sweep will find the row
            logger.warning("job %s waits for the sweep: %s", job_id, type(problem).__name__)
