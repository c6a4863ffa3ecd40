"""The first people of a new installation, who then add everybody else in the browser."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from accounts import services
from accounts.access import SYSTEM
from accounts.choices import Role, UnitKind
from accounts.models import OrgUnit, User
from core.commands import PlainCommand


class Command(PlainCommand):
    help = "Add a person with a role at the directorate and print the link by which they set their password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, as what, where."""
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("--role", choices=Role.values, default=Role.QA_LEAD, help="QL (QA lead) unless said")
        parser.add_argument("--directorate", default="", help="its name; needed where there is none yet, or several")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add them as the system; a person who is there already only gets the role and the link."""
        try:
            with transaction.atomic():
                unit = self._directorate(options["directorate"])
                user = User.objects.filter(email=options["email"].lower()).first() or services.add_user(
                    email=options["email"], name=options["name"], by=SYSTEM
                )
                services.grant_role(user=user, role=options["role"], unit=unit, by=SYSTEM)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user.name} is {Role(options['role']).label} at {unit.name}.")
        self.stdout.write("They set a password here, once, within the hour:")
        self.stdout.write(services.password_link(user=user))

    def _directorate(self, name: str) -> OrgUnit:
        if name:
            return services.open_unit(kind=UnitKind.DIRECTORATE, name=name, parent=None, by=SYSTEM)
        found = list(OrgUnit.objects.filter(kind=UnitKind.DIRECTORATE, closed_on=None)[:2])
        if len(found) != 1:
            raise CommandError("Name the directorate: --directorate NAME")
        return found[0]
