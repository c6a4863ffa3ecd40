"""manage.py load_tools: the audit tools, grade schemes and themes that the product ships."""

from __future__ import annotations

from typing import Any

from accounts.access import SYSTEM
from audits.services.tools import load_tools
from core.commands import PlainCommand


class Command(PlainCommand):
    help = "Load the shipped audit tools, grade schemes and themes. Safe to run again: what is there stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_tools(by=SYSTEM)
        for sentence in loaded:
            self.stdout.write(sentence)
        if not loaded:
            self.stdout.write("Everything that is shipped was there already.")
