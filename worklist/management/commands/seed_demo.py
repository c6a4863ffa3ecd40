"""Fill an empty database with the demo council."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from core.commands import PlainCommand
from worklist.services.demo import NotADemo, seed


class Command(PlainCommand):
    help = "Fill an empty database with an obviously invented council. Refuses under production settings."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seed(today=timezone.localdate(), say=lambda step: self.stdout.write(f"  demo council: {step}"))
        except NotADemo as refusal:
            raise CommandError(str(refusal)) from refusal
