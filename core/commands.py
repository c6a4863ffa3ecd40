"""What every management command shares: how it says what is wrong, and how it reads months and days."""

from __future__ import annotations

import re
import sys
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, SystemCheckError

WRONG = 2


class PlainCommand(BaseCommand):
    """A command that says what is wrong as one sentence on stderr, and leaves with the error's code.

    Called from Python (call_command) it raises the CommandError, as any command does.
    """

    on_the_command_line = False

    def run_from_argv(self, argv: list[str]) -> None:
        self.on_the_command_line = True
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except SystemCheckError:
            raise
        except CommandError as error:
            if not self.on_the_command_line or options["traceback"]:
                raise
            self.stderr.write(str(error))
            sys.exit(error.returncode)


def month_argument(text: str) -> date:
    """The first day of a month written as 2026-04. Raises CommandError (exit 2) for anything else."""
    if re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", text or ""):
        return date(int(text[:4]), int(text[5:]), 1)
    raise CommandError(f"“{text}” is not a month. Write it as 2026-04.", returncode=WRONG)


def day_argument(text: str) -> date:
    """A day written as 2026-03-31. Raises CommandError (exit 2) for anything else."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text or ""):
            return date.fromisoformat(text)
    except ValueError:
        pass  # such as 31 February
    raise CommandError(f"“{text}” is not a date. Write it as 2026-03-31.", returncode=WRONG)
