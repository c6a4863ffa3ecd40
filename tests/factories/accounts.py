"""Invented people and units."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.choices import Role, UnitKind
from accounts.models import Membership, OrgUnit, User


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Example Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@exampleshire.example")
    password = factory.django.Password("correct horse battery")


class DirectorateFactory(DjangoModelFactory[OrgUnit]):
    class Meta:
        model = OrgUnit
        django_get_or_create = ("kind", "name")

    kind = UnitKind.DIRECTORATE
    name = "Children and Families"


class ServiceFactory(DjangoModelFactory[OrgUnit]):
    class Meta:
        model = OrgUnit

    kind = UnitKind.SERVICE
    name = factory.Sequence(lambda n: f"Example Service {n}")
    parent = factory.SubFactory(DirectorateFactory)


class TeamFactory(DjangoModelFactory[OrgUnit]):
    class Meta:
        model = OrgUnit

    kind = UnitKind.TEAM
    name = factory.Sequence(lambda n: f"Example Team {n}")
    parent = factory.SubFactory(ServiceFactory)


def person_as(role: str, unit: OrgUnit, *, name: str | None = None, **dates: Any) -> User:
    """A new person who holds `role` at `unit`, since 2020 unless other dates are given."""
    user = UserFactory(**({"name": name} if name else {}))
    give_role(user, role, unit, **dates)
    return user


def give_role(user: User, role: str, unit: OrgUnit, **dates: Any) -> Membership:
    """Another role for a person; the cached roles of the object are forgotten."""
    dates.setdefault("starts_on", date(2020, 1, 1))
    user.__dict__.pop("active_memberships", None)
    return Membership.objects.create(user=user, role=Role(role), unit=unit, **dates)
