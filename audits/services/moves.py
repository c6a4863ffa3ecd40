"""How an audit moves: guarded by the table, written down in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any


class StaleVersion(Exception):
    """Somebody saved this record after it was read. Carries what stands there now, so that nothing is lost.

    `theirs` is the draft as it is stored (SectionDraft or OverallDraft; None for a plain move), `version` the
    number to send with the next save, `saved_by` and `saved_at` who stored it and when, where that is known.
    """

    def __init__(
        self, *, theirs: Any = None, version: int, saved_by: Any = None, saved_at: datetime | None = None
    ) -> None:
        super().__init__("Somebody else has changed this since you opened it. Read what it says now, then try again.")
        self.theirs = theirs
        self.version = version
        self.saved_by = saved_by
        self.saved_at = saved_at
