"""Kinds of work whose every start and every effect can be counted, for processes under fault.

The two tables have no unique column on purpose: work done twice leaves two rows. And a worker that waits, at the places
of the product's own work that FAULT_STOPS names, for the kill that should meet it there.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from celery.signals import worker_ready
from django.db import connection
from django.db.backends.signals import connection_created

from core.jobs.services import JobRun, Schedule, handles, on_event, register_schedule

TABLES = {
    "fault_start": "name varchar(80), job varchar(36), at double precision, pid integer",
    "fault_effect": "name varchar(80), job varchar(36), at double precision, pid integer",
}


def make_tables() -> None:
    """Make the two tables, empty."""
    with connection.cursor() as cursor:
        for name, columns in TABLES.items():
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            cursor.execute(f"CREATE TABLE {name} ({columns})")


def drop_tables() -> None:
    """Take them away again."""
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")


def rows(table: str) -> list[tuple[str, str, float, int]]:
    """What was noted: name, job, moment (seconds since 1970), process."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, job, at, pid FROM {table} ORDER BY at")
        return list(cursor.fetchall())


def _note(table: str, name: str, run: JobRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (name, job, at, pid) VALUES (%s, %s, %s, %s)",
            [name, str(run.job_id), time.time(), os.getpid()],
        )


def each_second(now: datetime) -> tuple[str, dict[str, Any]]:
    """The period of a schedule that falls due every second."""
    return f"{int(now.timestamp())}", {"name": f"second {int(now.timestamp())}"}


def stop_once(place: str, folder: Path) -> None:
    """Leave a mark and wait to be killed; whoever comes here again finds the mark and goes on."""
    try:
        (folder / place).touch(exist_ok=False)
    except FileExistsError:
        return
    time.sleep(120)


def stop_at(places: frozenset[str], folder: Path) -> None:
    """Stop once at each of the places: "2 Storing the pack" where a job says that, "INSERT learning_pack" after it."""
    said = JobRun.progress

    def progress(run: JobRun, done: int, total: int, text: str = "") -> None:
        said(run, done, total, text)
        if f"{done} {text}" in places:
            stop_once(f"{done} {text}", folder)

    def execute(call: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = call(sql, params, many, context)
        statement = re.match(r'(INSERT|UPDATE)(?: INTO)? "(\w+)"', sql)
        if statement and " ".join(statement.groups()) in places:
            stop_once(" ".join(statement.groups()), folder)
        return answer

    JobRun.progress = progress  # type: ignore[method-assign]  # in a worker of these tests alone
    connection_created.connect(
        lambda connection, **_: connection.execute_wrappers.append(execute), weak=False, dispatch_uid="fault_stops"
    )


def _stop_hearing(sender: Any, **_: Any) -> None:
    """The loop of the worker's main process turns no more, as after an error that ends it and not the process."""
    sender.timer.call_after(float(os.environ["FAULT_DEAF_AFTER"]), lambda: time.sleep(3600))


def register() -> None:
    """Make the kinds known, and set the pace of the sweep and the tick where the environment names one."""
    from config.celery import app

    if "FAULT_STOPS" in os.environ:
        stop_at(frozenset(os.environ["FAULT_STOPS"].split("|")), Path(os.environ["FAULT_MARKS"]))

    for entry, variable in (("sweep-jobs", "FAULT_SWEEP_SECONDS"), ("tick-schedules", "FAULT_TICK_SECONDS")):
        if variable in os.environ:
            app.conf.beat_schedule[entry]["schedule"] = float(os.environ[variable])

    if "FAULT_DEAF_AFTER" in os.environ:
        worker_ready.connect(_stop_hearing, weak=False)

    @handles("fault_effect")
    def effect(run: JobRun, *, name: str, before: float = 0, inside: float = 0, after: float = 0) -> None:
        """One row; the seconds spent before, inside and after the transaction are where a kill may strike."""
        _note("fault_start", name, run)
        time.sleep(before)
        with run.completing():
            _note("fault_effect", name, run)
            time.sleep(inside)
        time.sleep(after)

    @handles("fault_die")
    def die(run: JobRun) -> None:
        """Kill the process that does the work."""
        _note("fault_start", "die", run)
        os.kill(os.getpid(), signal.SIGKILL)

    @handles("fault_submitted")
    def submitted(run: JobRun, *, audit_id: str) -> None:
        """One row for each audit submitted."""
        with run.completing():
            _note("fault_effect", audit_id, run)

    on_event("audits.submitted", "fault_submitted")
    if "FAULT_TICK_SECONDS" in os.environ:
        register_schedule(
            Schedule(
                "fault_second", "fault_effect", "Count the seconds", "Every second", each_second,
                lambda now: (now.replace(microsecond=0), now.replace(microsecond=0) + timedelta(seconds=1)),
            )
        )  # fmt: skip
