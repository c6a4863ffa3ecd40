"""Months as commands are given them."""

from __future__ import annotations

import re
from datetime import date

from django.core.management.base import CommandError


def month_argument(text: str) -> date:
    """The first day of a month written as 2026-04. Raises CommandError (exit 2) for anything else."""
    if re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", text or ""):
        return date(int(text[:4]), int(text[5:]), 1)
    raise CommandError(f"“{text}” is not a month. Write it as 2026-04.", returncode=2)
