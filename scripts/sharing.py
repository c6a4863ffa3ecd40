"""A plugin of pytest: several processes run one collection together, each file by whoever is free first.

scripts/test.py starts the processes, with one seed for all so that they agree on the order, and names a directory of
theirs in TEST_SHARED. A process takes a file by making an empty one of its number there, which only one can do. Beside
them it leaves `total`, the number of files, and a line in `failed` for each test that fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

TOTAL, FAILED, TAKEN = "total", "failed", ".taken"


def files(items: list[pytest.Item]) -> list[list[pytest.Item]]:
    """The tests in their order, cut where the file changes; those that take longest first among the first of them.

    Only the tests in a transaction may change places: they come first, and those that empty tables after them.
    """
    together = [list(group) for _, group in groupby(items, key=lambda item: item.path)]
    gentle = next((n for n, group in enumerate(together) if not _gentle(group)), len(together))
    return sorted(together[:gentle], key=lambda group: not _slow(group)) + together[gentle:]


def _gentle(group: list[pytest.Item]) -> bool:
    marker = group[0].get_closest_marker("django_db")
    return marker is not None and not marker.kwargs.get("transaction")


def _slow(group: list[pytest.Item]) -> bool:
    return any(item.get_closest_marker("slow") for item in group)


class Sharing:
    """Runs what it can take before the other processes do."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def mine(self, items: list[pytest.Item]) -> Iterator[pytest.Item]:
        """The tests of the files that this process gets hold of, taken when their turn comes."""
        together = files(items)
        (self.directory / TOTAL).write_text(str(len(together)))
        for number, group in enumerate(together):
            try:
                (self.directory / f"{number}{TAKEN}").touch(exist_ok=False)
            except FileExistsError:
                continue
            yield from group

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """As pytest's own loop, over the tests of `mine`."""
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            raise session.Interrupted(f"{session.testsfailed} errors while collecting")
        if session.config.option.collectonly:
            return True
        mine = self.mine(session.items)
        item = next(mine, None)
        while item is not None:
            following = next(mine, None)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
            item = following
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say at once what failed; the whole account comes at the end."""
        if report.failed:
            with (self.directory / FAILED).open("a") as lines:
                lines.write(f"{report.nodeid}\n")


def pytest_configure(config: pytest.Config) -> None:
    """Share when a directory is named."""
    if directory := os.environ.get("TEST_SHARED"):
        config.pluginmanager.register(Sharing(Path(directory)), "sharing")
