"""People, the structure they work in, and the roles that they hold in it."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.choices import QA_ROLES, GrantStatus, Role, UnitKind
from accounts.querysets import (
    GrantRequestQuerySet,
    KeptFormQuerySet,
    MembershipQuerySet,
    OrgUnitQuerySet,
    RecordGrantQuerySet,
    UserManager,
    current,
)
from core.models import Identified


def name_key(name: str) -> str:
    """A name as two files may spell it: without case and without doubled or unusual spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class User(Identified, AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may see comes from memberships alone, never from flags here."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150)
    job_title = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField("can sign in", default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    left_on = models.DateField("last day", null=True, blank=True)
    # Counted up to end every session of this person at once, in all processes, on their very next request.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    is_system = False

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to stay valid: it changes with the password and with `session_epoch`."""
        salt = "accounts.models.User.get_session_auth_hash"
        return salted_hmac(salt, f"{self.password}|{self.session_epoch}", secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def active_memberships(self) -> list[Membership]:
        """The memberships in force today. Read once a request, since each request loads its own user."""
        if not self.is_active:
            return []
        return list(self.memberships.filter(current(timezone.localdate())).select_related("unit"))

    @cached_property
    def lent_records(self) -> dict[str, list[Any]]:
        """The keys of the records of which sight is lent to them now, by kind. Read once a request, as above."""
        found: dict[str, list[Any]] = defaultdict(list)
        for kind, key in self.record_grants.active(timezone.now()).values_list("kind", "object_id"):
            found[kind].append(key)
        return dict(found)

    def lent(self, kind: str) -> list[Any]:
        """The keys of the records of this kind of which sight is lent to them now."""
        return self.lent_records.get(kind, [])

    @cached_property
    def structure(self) -> dict[Any, list[Any]]:
        """Which units each unit leads to: those below it and those it has succeeded. Read once a request, as above."""
        # The whole structure is a few hundred rows: one query, whatever its shape.
        reached_from: dict[Any, list[Any]] = defaultdict(list)
        for key, parent, successor in OrgUnit.objects.order_by().values_list("pk", "parent", "succeeded_by"):
            reached_from[parent].append(key)
            reached_from[successor].append(key)
        reached_from.pop(None, None)
        return dict(reached_from)

    def roles(self) -> set[str]:
        """The role codes held today, wherever."""
        return {membership.role for membership in self.active_memberships}

    def holds(self, *roles: str) -> bool:
        """Whether any of these roles is held today."""
        return not self.roles().isdisjoint(roles)

    def units_as(self, *roles: str) -> list[OrgUnit]:
        """The units at which any of these roles is held today."""
        return [membership.unit for membership in self.active_memberships if membership.role in roles]

    @property
    def may_import(self) -> bool:
        """Whether files with cases and audits are theirs to bring in: the QA unit's."""
        return self.holds(*QA_ROLES)

    @property
    def keeps_settings(self) -> bool:
        """Whether the council's clocks, thresholds and closing days are theirs to change: the QA unit's."""
        return self.holds(*QA_ROLES)

    @property
    def sees_all_jobs(self) -> bool:
        """Whether the jobs page shows all work: to the QA unit and system administrators."""
        return self.holds(*QA_ROLES, Role.SYSTEM_ADMINISTRATOR)


class OrgUnit(Identified):
    """A directorate, a service in it or a team in that. A restructure closes units and opens successors."""

    kind = models.CharField(max_length=12, choices=UnitKind)
    name = models.CharField(max_length=150)
    name_key = models.CharField(max_length=150, editable=False)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    opened_on = models.DateField(default=date(2000, 1, 1))
    closed_on = models.DateField(null=True, blank=True)
    succeeded_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = OrgUnitQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "parent", "name_key", "opened_on"], name="one_unit_of_a_name"),
            models.CheckConstraint(
                condition=models.Q(closed_on=None) | models.Q(closed_on__gte=models.F("opened_on")),
                name="unit_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = name_key(self.name)
        super().save(*args, **kwargs)

    def name_on(self, day: date) -> str:
        """What the unit was called on a day: its former names are kept with their last day."""
        former = sorted((each for each in self.former_names.all() if each.until >= day), key=lambda each: each.until)
        return former[0].name if former else self.name


class FormerName(Identified):
    """What a unit was called up to and including a day."""

    unit = models.ForeignKey(OrgUnit, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=150)
    until = models.DateField()

    class Meta:
        ordering = ["-until"]
        constraints = [models.UniqueConstraint(fields=["unit", "until"], name="one_former_name_a_day")]

    def __str__(self) -> str:
        return f"{self.name} until {self.until}"


class Membership(Identified):
    """One role that one person holds at one unit, from a day to a day (both count)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=2, choices=Role)
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["user", "role", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="membership_ends_after_it_starts",
            ),
            models.UniqueConstraint(fields=["user", "role", "unit", "starts_on"], name="one_membership_of_a_start"),
        ]
        indexes = [models.Index(fields=["role", "unit"], name="membership_by_role")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} at {self.unit}"


class GrantRequest(Identified):
    """A strong role that one person has asked for somebody, until a second person approves it.

    It is no membership and so gives nothing, whatever its dates say; approving it makes the membership.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grant_requests")
    role = models.CharField(max_length=2, choices=Role)
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    why = models.CharField(max_length=1000)
    status = models.CharField(max_length=10, choices=GrantStatus, default=GrantStatus.PENDING)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = GrantRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=models.Q(status="pending"), name="one_pending_request"
            ),
            # Two people, in the database itself: whoever asked cannot have approved, nor whoever gets it.
            models.CheckConstraint(
                condition=~models.Q(status="approved")
                | (
                    models.Q(decided_by__isnull=False)
                    & ~models.Q(decided_by=models.F("asked_by"))
                    & ~models.Q(decided_by=models.F("user"))
                ),
                name="strong_role_needs_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} at {self.unit} for {self.user}"


class RecordGrant(Identified):
    """Sight of one record that an app above gives to one person for a while, and why."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="record_grants")
    kind = models.CharField(max_length=60)
    object_id = models.UUIDField()
    until = models.DateTimeField()
    why = models.CharField(max_length=200)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    objects = RecordGrantQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "kind", "object_id"], name="grant_by_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} for {self.user}"


class KeptForm(Identified):
    """A form that was sent after its writer's session had ended: kept for them alone until they have signed in again.

    `fields` is a list of [name, value] as they were sent, without the token of the page.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_forms")
    path = models.CharField(max_length=2000)
    fields = models.JSONField(default=list)
    kept_at = models.DateTimeField(default=timezone.now)

    objects = KeptFormQuerySet.as_manager()

    class Meta:
        ordering = ["-kept_at", "id"]

    def __str__(self) -> str:
        return f"{self.kept_at:%d %B %Y %H:%M}"
