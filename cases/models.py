"""Case records by reference, who holds them and when, and the dated extracts that the council gave.

No child's name is stored. A case is known by its reference, an age band and what kind of plan it has.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from accounts.models import OrgUnit, name_key
from cases.choices import AgeBand, PlanType, SubjectKind
from cases.querysets import AliasQuerySet, CaseQuerySet, ExtractQuerySet, HoldingQuerySet, WorkerQuerySet
from core.models import Identified, Versioned
from core.spreadsheets import fold


def reference_key(reference: str) -> str:
    """A reference without case and spaces, as two systems may write it differently; the readers fold it likewise."""
    return fold(reference).replace(" ", "")


class Case(Identified, Versioned):
    """One case as the council's case system knows it: a reference and where it stands today.

    Its service, team and plan as they were at any time stand in its holdings.
    """

    reference = models.CharField(max_length=60)
    reference_key = models.CharField(max_length=60, unique=True, editable=False)
    subject_kind = models.CharField(max_length=12, choices=SubjectKind, default=SubjectKind.CHILD)
    plan_type = models.CharField(max_length=12, choices=PlanType, blank=True)
    is_cwd = models.BooleanField("child with disabilities (counted apart)", default=False)
    service = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    age_band = models.CharField(max_length=8, choices=AgeBand, blank=True)
    legal_status = models.CharField(max_length=20, blank=True)
    ethnicity = models.CharField(max_length=20, blank=True)
    disability = models.CharField(max_length=20, blank=True)
    restricted = models.BooleanField(default=False)
    source = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["reference_key"]
        indexes = [
            models.Index(fields=["team", "closed_on"], name="case_by_team"),
            models.Index(fields=["service", "closed_on"], name="case_by_service"),
            # The few that are hidden, which every list of audits and actions asks for.
            models.Index(fields=["id"], name="case_restricted", condition=models.Q(restricted=True)),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.reference_key = reference_key(self.reference)
        super().save(*args, **kwargs)


class CaseAlias(Identified):
    """Another reference of the same case, from an earlier or neighbouring case system."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="aliases")
    reference = models.CharField(max_length=60)
    reference_key = models.CharField(max_length=60, unique=True, editable=False)
    system = models.CharField(max_length=60, blank=True)

    objects = AliasQuerySet.as_manager()

    class Meta:
        ordering = ["reference_key"]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.reference_key = reference_key(self.reference)
        super().save(*args, **kwargs)


class Worker(Identified):
    """Somebody who holds cases, as the council's files name them; a user of this product or not."""

    name = models.CharField(max_length=150)
    name_key = models.CharField(max_length=150, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="worker_names"
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["name_key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = name_key(self.name)
        super().save(*args, **kwargs)


class Holding(Identified):
    """Who held a case, in which team and on which kind of plan, from a day to a day."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="holdings")
    worker = models.ForeignKey(Worker, null=True, blank=True, on_delete=models.PROTECT, related_name="holdings")
    service = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    plan_type = models.CharField(max_length=12, choices=PlanType, blank=True)
    held_from = models.DateField()
    held_to = models.DateField(null=True, blank=True)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        ordering = ["held_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(held_to=None) | models.Q(held_to__gte=models.F("held_from")),
                name="holding_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(held_to=None), name="one_present_holding_a_case"
            ),
        ]
        indexes = [models.Index(fields=["worker", "held_to"], name="holding_by_worker")]

    def __str__(self) -> str:
        return f"{self.case} held by {self.worker or 'nobody'}"


class NamedPerson(Identified):
    """A person who may see a restricted case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="named_people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="named_once")]

    def __str__(self) -> str:
        return f"{self.user} may see {self.case}"


class Connection(Identified):
    """A personal connection that somebody declared; it keeps them away from auditing the case. No details."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="connections")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    declared_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="connection_declared_once")]

    def __str__(self) -> str:
        return f"{self.user} is connected with {self.case}"


class Extract(Identified):
    """A dated extract as it was given: immutable, for the indicators. No names, no postcodes.

    The birth date is kept as year and month; a worker is a link to the worker's row. A caseload has no rows here: it
    leaves only its date and its fingerprint, which tell a file that is older or was applied before.
    """

    as_at = models.DateField()
    sha256 = models.CharField(max_length=64, unique=True)
    layout = models.CharField(max_length=40)
    lists = models.JSONField(default=list)
    row_count = models.PositiveIntegerField()
    applied_at = models.DateTimeField(auto_now_add=True)
    keep_until = models.DateField()

    objects = ExtractQuerySet.as_manager()

    class Meta:
        ordering = ["-as_at", "-applied_at"]

    def __str__(self) -> str:
        return f"{self.layout} at {self.as_at:%d/%m/%Y}"


class ExtractRow(models.Model):
    """One row of one list of an extract: what the indicators need of it, never changed."""

    extract = models.ForeignKey(Extract, on_delete=models.CASCADE, related_name="rows")
    list = models.PositiveSmallIntegerField()
    row = models.PositiveIntegerField()
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=60)
    service = models.ForeignKey(OrgUnit, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(OrgUnit, null=True, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["extract", "list", "row"], name="one_extract_row")]
        indexes = [models.Index(fields=["extract", "list", "reference"], name="extract_by_list")]

    def __str__(self) -> str:
        return f"List {self.list} row {self.row}"
