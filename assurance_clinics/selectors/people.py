"""Whom a choice of people offers."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.choices import LINE_ROLES, QA_ROLES, Role
from accounts.models import Membership, User

OWNERS = (*QA_ROLES, *LINE_ROLES, Role.PRINCIPAL_SOCIAL_WORKER)


def people_who_may_own() -> QuerySet[User]:
    """Who may answer for an indicator's figures: the QA unit, the line and the Principal Social Worker, by name."""
    held = Membership.objects.active(timezone.localdate()).filter(user=OuterRef("pk"), role__in=OWNERS)
    return User.objects.filter(Exists(held), is_active=True).order_by("name", "pk")
