"""Check that nobody has changed the trail."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.history.services import TRAILS, verify


class Command(BaseCommand):
    help = "Check every link of both trails: changes, and who looked at what. Exit 1 where something is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for trail in TRAILS:
            faults = verify(trail)
            self.stdout.write(f"{trail}: {'sound' if not faults else f'{len(faults)} faults'}")
            for fault in faults[:20]:
                self.stdout.write(f"  {fault}")
            wrong += len(faults)
        if wrong:
            raise CommandError("The trail is not as it was written.")
