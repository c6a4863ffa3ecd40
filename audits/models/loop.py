"""Closing the loop after an audit is settled: its feedback, the clocks that run from it, and what is answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from audits.choices import ChallengeAbout, ChallengeStatus, ClockKind, ClockState, Grade, ResponseStatus, View
from audits.querysets import ChallengeQuerySet, ReflectionQuerySet
from core.models import Identified, Versioned

_GRADE_LENGTH = 30


class Feedback(Identified):
    """One issue of an audit's feedback. The first has the number 1; a grade changed by a challenge issues the next."""

    audit = models.ForeignKey("audits.Audit", on_delete=models.PROTECT, related_name="feedbacks")
    number = models.PositiveSmallIntegerField()
    grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    counted_grade = models.CharField(max_length=_GRADE_LENGTH, choices=Grade, blank=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    why = models.TextField(blank=True)

    class Meta:
        ordering = ["audit", "number"]
        constraints = [models.UniqueConstraint(fields=["audit", "number"], name="one_feedback_of_a_number")]

    def __str__(self) -> str:
        return f"Feedback {self.number} of {self.audit_id}"


class Clock(Identified):
    """One clock of an audit: from which day it runs, how many working days, and the last day on which it is met.

    `days` is what the settings said on the day it began. A pause moves `due_on`; the day that it had at first stays.
    """

    audit = models.ForeignKey("audits.Audit", on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=12, choices=ClockKind)
    serious = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=ClockState, default=ClockState.RUNNING)
    started_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    first_due_on = models.DateField()
    paused_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "kind"], condition=Q(state__in=("running", "paused")), name="one_running_clock_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(state="paused", paused_on__isnull=False) | (~Q(state="paused") & Q(paused_on=None)),
                name="paused_clock_has_a_day",
            ),
        ]
        indexes = [models.Index(fields=["state", "kind", "due_on"], name="clock_running")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.audit_id}"


class Response(Identified, Versioned):
    """What the team's manager answers to an audit: kept as a draft, given, and countersigned where it has to be.

    The statement on immediate safety is given for itself, before the rest. `returned_why` is what whoever
    countersigns wants changed.
    """

    audit = models.OneToOneField("audits.Audit", on_delete=models.PROTECT, related_name="response")
    status = models.CharField(max_length=14, choices=ResponseStatus, default=ResponseStatus.DRAFT)
    safety = models.TextField(blank=True)
    safety_at = models.DateTimeField(null=True)
    safety_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    summary = models.TextField(blank=True)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(null=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    countersigned_at = models.DateTimeField(null=True)
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            # Two people, in the database itself: nobody countersigns their own response.
            models.CheckConstraint(
                condition=Q(countersigned_by=None) | ~Q(countersigned_by=models.F("given_by")),
                name="response_countersigned_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Response to {self.audit_id}"


class ResponsePoint(Identified):
    """What the manager says to one point of the feedback: agree, partly or disagree, and what will be done."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="points")
    finding = models.ForeignKey("audits.Finding", on_delete=models.PROTECT, related_name="+")
    view = models.CharField(max_length=8, choices=View, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "finding"], name="one_answer_a_point")]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.view}"


class HeldOpen(Identified):
    """An audit that the QA lead keeps from closing by itself, with the reason; released, it closes when all is done."""

    audit = models.ForeignKey("audits.Audit", on_delete=models.CASCADE, related_name="holds")
    why = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["audit"], condition=Q(released_at=None), name="held_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.audit_id} held open"


class Challenge(Identified, Versioned):
    """Facts or the grade seen otherwise by the practitioner or the team manager, decided through a dispute."""

    audit = models.ForeignKey("audits.Audit", on_delete=models.PROTECT, related_name="challenges")
    feedback = models.ForeignKey(Feedback, null=True, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=6, choices=ChallengeAbout)
    text = models.TextField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=ChallengeStatus, default=ChallengeStatus.OPEN)
    grade_before = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    grade_after = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["audit"], condition=Q(status="open"), name="one_challenge_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"Challenge of {self.audit_id}"


class Reflection(Identified, Versioned):
    """What a practitioner thinks about the feedback. Optional, and no report ever counts it.

    Read by its writer, their team manager and the QA unit; once shared by those who read the whole audit, never by
    another practitioner.
    """

    audit = models.ForeignKey("audits.Audit", on_delete=models.CASCADE, related_name="reflections")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField(null=True)
    shared_at = models.DateTimeField(null=True)

    objects = ReflectionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audit", "person"], name="one_reflection_a_person")]

    def __str__(self) -> str:
        return f"Reflection on {self.audit_id}"


class FeedbackMeeting(Identified):
    """The talk about the feedback: when it was and who was there."""

    audit = models.ForeignKey("audits.Audit", on_delete=models.CASCADE, related_name="meetings")
    held_on = models.DateField()
    attended = models.CharField(max_length=500)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["held_on", "recorded_at"]

    def __str__(self) -> str:
        return f"Meeting about {self.audit_id} on {self.held_on}"


class ThankYou(Identified):
    """Thanks for good work, to the practitioner and the team manager."""

    audit = models.ForeignKey("audits.Audit", on_delete=models.CASCADE, related_name="thanks")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"Thanks for {self.audit_id}"


class ExemplarConsent(Identified):
    """Whether a practitioner agrees that their work is shown as an example. The latest answer counts."""

    audit = models.ForeignKey("audits.Audit", on_delete=models.CASCADE, related_name="consents")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agrees = models.BooleanField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [models.UniqueConstraint(fields=["audit", "person"], name="asked_once_a_person")]

    def __str__(self) -> str:
        return f"Consent for {self.audit_id}"
