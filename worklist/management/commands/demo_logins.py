"""Print who can sign in to the demo council as what."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from accounts.choices import Role
from core.commands import PlainCommand
from worklist.services.demo_people import PERSONAS, address_of


class Command(PlainCommand):
    help = "Print who can sign in to the demo council as what, and the password that they share."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("These are not demo settings: there is no demo council here.")
        self.stdout.write(f"Everybody's password is: {settings.DEMO_PASSWORD}\n\n")
        for persona in PERSONAS:
            role = Role(persona.role).label
            self.stdout.write(f"  {address_of(persona):36} {role:32} {persona.says}")
