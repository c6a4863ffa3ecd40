"""Sign where the trail ends now; the timer does it each hour, this command at any other time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.history.services import sign_heads


class Command(BaseCommand):
    help = "Sign where both trails end, in the database and in the second place (HISTORY_HEADS_FILE)."

    def handle(self, *args: Any, **options: Any) -> None:
        new = sign_heads()
        for line in new:
            self.stdout.write(f"{line.trail} signed at {line.sequence}")
        if not new:
            self.stdout.write("Neither trail has grown since it was last signed.")
