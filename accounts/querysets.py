"""Which people, units and memberships."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import (  # noqa: F401  for the type parameters only
        GrantRequest,
        KeptForm,
        Membership,
        OrgUnit,
        RecordGrant,
        User,
    )


def current(on: date, *, start: str = "starts_on", end: str = "ends_on") -> Q:
    """Rows whose dates include `on`; the end date is the last day that counts."""
    return Q(**{f"{start}__lte": on}) & (Q(**{f"{end}": None}) | Q(**{f"{end}__gte": on}))


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **extra: Any) -> User:
        """A person who can sign in with this e-mail address; without a password nobody can."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None, **extra: Any) -> User:
        """Django's own word for a technical account; it sees no case content, like any system administrator."""
        return self.create_user(email, name, password, is_staff=True, is_superuser=True, **extra)

    def visible_to(self, user: Any) -> models.QuerySet[User]:
        """Colleagues: every active person for anyone who is signed in; also those who left for the QA unit."""
        if getattr(user, "is_system", False) or getattr(user, "sees_all_jobs", False):
            return self.get_queryset()
        return self.get_queryset().filter(is_active=True) if user.pk else self.none()


class OrgUnitQuerySet(models.QuerySet["OrgUnit"]):
    def visible_to(self, user: Any) -> Self:
        """The structure is no secret inside the department."""
        return self if user.pk or getattr(user, "is_system", False) else self.none()

    def open_on(self, on: date) -> Self:
        """Units that exist on that day."""
        return self.filter(current(on, start="opened_on", end="closed_on"))

    def under(self, units: Iterable[Any]) -> Self:
        """These units and all below them (three levels: directorate, service, team)."""
        keys = [getattr(unit, "pk", unit) for unit in units]
        return self.filter(Q(pk__in=keys) | Q(parent__in=keys) | Q(parent__parent__in=keys))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: Any) -> Self:
        """One's own roles; all of them for the QA unit, system administrators and the system."""
        if getattr(user, "is_system", False) or getattr(user, "sees_all_jobs", False):
            return self
        return self.filter(user=user.pk) if user.pk else self.none()

    def active(self, on: date) -> Self:
        """Memberships in force on that day, of people who can still sign in."""
        return self.filter(current(on), user__is_active=True)


class GrantRequestQuerySet(models.QuerySet["GrantRequest"]):
    def visible_to(self, user: Any) -> Self:
        """All of them for the QA unit, system administrators and the system; nobody else sees any."""
        if getattr(user, "is_system", False) or getattr(user, "sees_all_jobs", False):
            return self
        return self.none()

    def pending(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(status="pending")


class RecordGrantQuerySet(models.QuerySet["RecordGrant"]):
    def visible_to(self, user: Any) -> Self:
        """One's own grants; the system sees all."""
        if getattr(user, "is_system", False):
            return self
        return self.filter(user=user.pk) if user.pk else self.none()

    def active(self, at: Any) -> Self:
        """Grants that have not run out."""
        return self.filter(until__gt=at)


class KeptFormQuerySet(models.QuerySet["KeptForm"]):
    def visible_to(self, user: Any) -> Self:
        """What one wrote oneself, and nobody else's."""
        return self.filter(user=user.pk) if user.pk else self.none()
