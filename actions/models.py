"""One tracker of actions for the whole product, and the recommendations of outside bodies.

An action knows its case and its units. Where it came from it knows only as a kind, a reference and a link.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import OrgUnit
from actions.choices import (
    ActionStatus,
    Body,
    Impact,
    Level,
    NoteKind,
    Origin,
    Priority,
    RecommendationStatus,
    Verifier,
)
from actions.querysets import ActionQuerySet, LoopCheckQuerySet, RecommendationQuerySet
from cases.models import Case
from core.models import Identified, Signed, Versioned


class ActionCounter(models.Model):
    """The last number that a reference of a year was given."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"ACT-{self.year}: {self.last}"


class Recommendation(Identified, Versioned):
    """What Ofsted, a scrutiny panel, a partnership review or a peer review asks of the council.

    It stays on the list until its body accepts what was done, or its rejection has been reported.
    """

    source = models.CharField(max_length=12, choices=Body)
    body_name = models.CharField(max_length=150)
    item_number = models.CharField(max_length=20)
    made_on = models.DateField()
    title = models.CharField(max_length=200)
    wording = models.TextField()
    response = models.TextField(blank=True)
    taken = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=RecommendationStatus, default=RecommendationStatus.OPEN)
    declined = models.BooleanField(default=False)
    decided_on = models.DateField(null=True, blank=True)
    decision = models.TextField(blank=True)
    reported_on = models.DateField(null=True, blank=True)
    reported_to = models.CharField(max_length=150, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["made_on", "source", "item_number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "body_name", "made_on", "item_number"], name="one_item_a_report"),
            models.CheckConstraint(
                condition=~Q(status=RecommendationStatus.ACCEPTED) | Q(decided_on__isnull=False),
                name="recommendation_accepted_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status=RecommendationStatus.REPORTED) | Q(reported_on__isnull=False),
                name="rejection_reported_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body_name}, {self.item_number}: {self.title}"


class RecommendationMove(Signed):
    """One move of a recommendation. Appended in the transaction of the move, never changed."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="moves")
    event = models.CharField(max_length=20)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    why = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.recommendation_id}: {self.event}"


class Action(Identified, Versioned):
    """One thing that one person has to do by a day, and that somebody else verifies."""

    reference = models.CharField(max_length=20, unique=True)
    what = models.TextField()
    how_we_know = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="actions")
    due_on = models.DateField()
    original_due_on = models.DateField()
    due_moves = models.PositiveSmallIntegerField(default=0)
    priority = models.CharField(max_length=10, choices=Priority)
    level = models.CharField(max_length=12, choices=Level)
    themes = models.JSONField(default=list, blank=True)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    service = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.STAND_ALONE)
    origin_reference = models.CharField(max_length=80, blank=True)
    origin_link = models.CharField(max_length=200, blank=True)
    recommendation = models.ForeignKey(
        Recommendation, null=True, blank=True, on_delete=models.PROTECT, related_name="actions"
    )
    from_inadequate = models.BooleanField(default=False)
    verifier = models.CharField(max_length=8, choices=Verifier)
    status = models.CharField(max_length=12, choices=ActionStatus)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = ActionQuerySet.as_manager()

    # Whom this very row was loaded for from what they may see: they need not be asked again. A row that is loaded or
    # locked anew has nobody here.
    seen_by: UUID | None = None

    class Meta:
        ordering = ["due_on", "reference"]
        constraints = [
            # The rule that matters most, in the database itself: no owner verifies their own work (AC-3).
            models.CheckConstraint(
                condition=~Q(status__in=(ActionStatus.VERIFIED, ActionStatus.ACCEPTED))
                | (Q(closed_at__isnull=False) & ~Q(closed_by=F("owner"), closed_by__isnull=False)),
                name="owner_never_verifies",
            ),
            models.CheckConstraint(
                condition=~Q(level=Level.CASE) | Q(case__isnull=False), name="case_action_has_a_case"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "status", "due_on"], name="action_by_owner"),
            models.Index(fields=["team", "status", "due_on"], name="action_by_team"),
            models.Index(fields=["service", "status", "due_on"], name="action_by_service"),
            models.Index(fields=["status", "due_on"], name="action_by_due"),
            models.Index(fields=["origin", "origin_reference"], name="action_by_origin"),
        ]

    def __str__(self) -> str:
        return self.reference


class ActionNote(Signed):
    """Progress, a pointer to evidence, or a note. Appended, never changed.

    `document` and `dated_on` say where in the record the evidence is: the record itself stays where it is kept.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=10, choices=NoteKind)
    text = models.TextField(blank=True)
    document = models.CharField(max_length=200, blank=True)
    dated_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.action_id}: {self.kind}"


class ActionMove(Signed):
    """One move of an action: who, when, from, to, why. Appended in the transaction of the move, never changed.

    A moved due date and a new owner are moves that stay in the same state; they carry both values.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="moves")
    event = models.CharField(max_length=20)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    why = models.TextField(blank=True)
    due_from = models.DateField(null=True)
    due_to = models.DateField(null=True)
    owner_from = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    owner_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.action_id}: {self.event}"


class LoopCheck(Identified):
    """Whether a verified action had the effect that it was meant to have, looked at some weeks later (AC-6)."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="checks")
    month = models.DateField()
    due_on = models.DateField()
    drawn_at = models.DateTimeField()
    impact = models.CharField(max_length=6, choices=Impact, blank=True)
    note = models.TextField(blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)

    objects = LoopCheckQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [models.UniqueConstraint(fields=["action", "month"], name="drawn_once_a_month")]

    def __str__(self) -> str:
        return f"Check of {self.action_id}"
