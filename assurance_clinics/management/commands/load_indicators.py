"""manage.py load_indicators: make the shipped indicators that are not there yet."""

from __future__ import annotations

from typing import Any

from accounts.access import SYSTEM
from assurance_clinics.services import load_indicators
from core.commands import PlainCommand


class Command(PlainCommand):
    help = "Makes the computed indicators of the catalogue, each with its definition and target. Changes none there is."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_indicators(by=SYSTEM)} indicators loaded.")
