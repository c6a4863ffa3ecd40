"""Sign where the trail ends now; the timer does it each hour, this command at any other time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from core.commands import PlainCommand
from core.history.services import sign_heads


class Command(PlainCommand):
    help = "Sign where both trails end, in the database and in the second place (HISTORY_HEADS_FILE)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            new = sign_heads()
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}. Nothing was signed.") from error
        for line in new:
            self.stdout.write(f"{line.trail} signed at {line.sequence}")
        if not new:
            self.stdout.write("Neither trail has grown since it was last signed.")
