"""What a summary and a pack share as content: a JSON object with a checksum."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any


class Kept:
    """A frozen dataclass whose content is stored as it was built."""

    @property
    def data(self) -> dict[str, Any]:
        """The content as JSON holds it."""
        held: dict[str, Any] = json.loads(json.dumps(asdict(self)))  # type: ignore[call-overload]  # a dataclass
        return held

    @property
    def checksum(self) -> str:
        """SHA-256 (hexadecimal) over the content: two builds that found the same have the same."""
        return hashlib.sha256(json.dumps(self.data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
