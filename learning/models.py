"""The Learning and Improvement Panel: the months' summaries, its members, meetings, agendas, packs and minutes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import OrgUnit
from actions.models import Action
from assurance_clinics.models import Indicator
from audits.models import Audit, Theme
from core.models import Identified, MoveRow, Signed, Versioned
from learning.choices import (
    BriefingStatus,
    Consent,
    ExemplarStatus,
    HitKind,
    ItemKind,
    ItemStatus,
    MeetingStatus,
    OutcomeKind,
    SeatKind,
    VoteChoice,
)
from learning.querysets import (
    BriefingQuerySet,
    ExemplarQuerySet,
    ItemQuerySet,
    MeetingQuerySet,
    PackQuerySet,
    PanelQuerySet,
    PanelSummaryQuerySet,
    PracticeListQuerySet,
)


class PanelSummary(Identified):
    """One version of one month's summary for the whole department.

    `content` is the summary as data in the layout that `layout` names, so that it is printed
    for ever as it was built; `checksum` is over the content, and a rebuild that changes nothing
    makes no new version.
    """

    month = models.DateField()
    number = models.PositiveSmallIntegerField()
    layout = models.PositiveSmallIntegerField(default=1)
    content = models.JSONField()
    checksum = models.CharField(max_length=64)
    built_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PanelSummaryQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "-number"]
        constraints = [models.UniqueConstraint(fields=["month", "number"], name="one_summary_of_a_number")]

    def __str__(self) -> str:
        return f"Summary for {self.month:%B %Y}, version {self.number}"


class Panel(Identified, Versioned):
    """A panel: what it is for, and how many of its members it needs to decide."""

    name = models.CharField(max_length=150, unique=True)
    terms = models.TextField()
    quorum = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PanelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(quorum__gte=1), name="panel_needs_somebody")]

    def __str__(self) -> str:
        return self.name


class Seat(Identified):
    """One person's seat on a panel, from a day to a day (both count)."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="panel_seats")
    kind = models.CharField(max_length=8, choices=SeatKind, default=SeatKind.MEMBER)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "starts_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "user"], condition=Q(ends_on=None), name="one_seat_a_person"),
            models.UniqueConstraint(
                fields=["panel"], condition=Q(ends_on=None, kind=SeatKind.CHAIR), name="one_chair_a_panel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_kind_display().lower()}"


class Meeting(Identified, Versioned):
    """One meeting of a panel. `quorum` is the panel's when it began; `minutes` change until they are agreed."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="meetings")
    reference = models.CharField(max_length=20, unique=True)
    held_on = models.DateField()
    starts_at = models.TimeField()
    place = models.CharField(max_length=150, blank=True)
    status = models.CharField(max_length=16, choices=MeetingStatus, default=MeetingStatus.SCHEDULED)
    instead_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="held_instead")
    quorum = models.PositiveSmallIntegerField(null=True)
    quorate = models.BooleanField(null=True)
    present = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    minutes = models.TextField(blank=True)
    minutes_due_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "held_on"],
                condition=~Q(status__in=(MeetingStatus.POSTPONED, MeetingStatus.CANCELLED)),
                name="one_meeting_a_day",
            )
        ]

    def __str__(self) -> str:
        return self.reference


class MeetingMove(MoveRow):
    """One move of a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="moves")

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.event}"


class Correction(Signed):
    """What was found wrong in minutes after they had been agreed. The minutes themselves stay as they are (LP-4)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="corrections")
    text = models.TextField()

    def __str__(self) -> str:
        return f"Correction to {self.meeting_id}"


class AgendaItem(Identified, Versioned):
    """Something that a panel talks about, without a name. `meeting` is empty while it waits for one.

    What it is about hangs on it: a theme, an audit by its own reference, an indicator, an action, or the key of a
    dispute. `impact` is what was found at the review date, as data.
    """

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="items")
    meeting = models.ForeignKey(Meeting, null=True, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=10, choices=ItemKind)
    title = models.CharField(max_length=150)
    paper = models.TextField()
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    audit = models.ForeignKey(Audit, null=True, blank=True, on_delete=models.PROTECT, related_name="panel_items")
    indicator = models.ForeignKey(Indicator, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dispute_id = models.UUIDField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=ItemStatus, default=ItemStatus.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    deferred_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="deferred_to")
    discussion = models.TextField(blank=True)
    decision = models.TextField(blank=True)
    review_on = models.DateField(null=True, blank=True)
    impact = models.JSONField(null=True, blank=True)
    impact_note = models.TextField(blank=True)
    impact_checked_on = models.DateField(null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=ItemStatus.OUTCOME_SET) | ~Q(decision=""), name="decided_item_says_what"
            ),
            models.UniqueConstraint(fields=["deferred_from"], name="deferred_once"),
        ]
        indexes = [models.Index(fields=["meeting", "status"], name="item_by_meeting")]

    def __str__(self) -> str:
        return self.title


class ItemMove(MoveRow):
    """One move of an item."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="moves")

    def __str__(self) -> str:
        return f"{self.item_id}: {self.event}"


class Outcome(Identified):
    """What follows from a decision; whatever somebody has to do stands in the tracker as an action.

    A briefing or an exemplar is begun with it, as the draft that the action is about.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="outcomes")
    kind = models.CharField(max_length=14, choices=OutcomeKind)
    text = models.TextField()
    action = models.OneToOneField(Action, null=True, on_delete=models.PROTECT, related_name="panel_outcome")
    briefing = models.OneToOneField("Briefing", null=True, on_delete=models.PROTECT, related_name="panel_outcome")
    exemplar = models.ForeignKey("Exemplar", null=True, on_delete=models.PROTECT, related_name="panel_outcomes")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"


class ItemComment(Signed):
    """What a member says about an item before the meeting. Appended, never changed."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.item_id}: {self.text[:40]}"


class Conflict(Identified, Signed):
    """Somebody who neither sees an item nor votes on it, and why."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="conflicts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    why = models.TextField()

    class Meta(Signed.Meta):
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="one_conflict_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} and {self.item_id}"


class Vote(Identified, Signed):
    """How one member voted on an item."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=8, choices=VoteChoice)

    class Meta(Signed.Meta):
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="one_vote_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.choice}"


class Pack(Identified):
    """One version of a meeting's pack: the month's summary and the agenda, as they were when it was built.

    `content` is printed for ever as it was built; a rebuild that changes nothing makes no new version.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="packs")
    number = models.PositiveSmallIntegerField()
    summary = models.ForeignKey(PanelSummary, on_delete=models.PROTECT, related_name="packs")
    layout = models.PositiveSmallIntegerField(default=1)
    content = models.JSONField()
    checksum = models.CharField(max_length=64)
    built_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PackQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "-number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="one_pack_of_a_number")]

    def __str__(self) -> str:
        return f"Pack of {self.meeting}, version {self.number}"


class Confirmed(Signed):
    """Words that look as if they led to a person, and why they may stand in a text all the same (NK-10).

    Only the key of the words is kept, so that this list leads to nobody.
    """

    kind = models.CharField(max_length=60)
    object_id = models.UUIDField()
    hit_kind = models.CharField(max_length=10, choices=HitKind)
    hit_key = models.CharField(max_length=20)
    why = models.CharField(max_length=500)

    class Meta(Signed.Meta):
        indexes = [models.Index(fields=["kind", "object_id"], name="confirmed_by_record")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.hit_kind}"


class PracticeList(Identified):
    """One month's good practice for the Principal Social Worker: good and outstanding audits, and nominated ones.

    `lines` hold audits by their own reference, without anything that leads to a child or a worker (EX-1).
    """

    month = models.DateField(unique=True)
    lines = models.JSONField(default=list)
    built_at = models.DateTimeField(auto_now_add=True)

    objects = PracticeListQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"Good practice of {self.month:%B %Y}"


class Exemplar(Identified, Versioned):
    """Practice that others can learn from, written without a name and published when the practitioner agrees.

    `consent` is the practitioner's answer to the text as it stood; a changed text is asked about anew.
    """

    audit = models.OneToOneField(Audit, null=True, on_delete=models.PROTECT, related_name="exemplar")
    why = models.TextField()
    nominated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    nominated_at = models.DateTimeField()
    status = models.CharField(max_length=14, choices=ExemplarStatus, default=ExemplarStatus.NOMINATED)
    title = models.CharField(max_length=150, blank=True)
    text = models.TextField(blank=True)
    tags = models.ManyToManyField(Theme, blank=True, related_name="+")
    practitioner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    consent = models.CharField(max_length=8, choices=Consent, blank=True)
    consent_note = models.TextField(blank=True)
    consent_asked_at = models.DateTimeField(null=True)
    consent_answered_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ExemplarQuerySet.as_manager()

    class Meta:
        ordering = ["-nominated_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=ExemplarStatus.PUBLISHED) | (Q(consent=Consent.GIVEN) & ~Q(text="")),
                name="published_with_consent",
            )
        ]

    def __str__(self) -> str:
        return self.title or "Exemplar"


class ExemplarMove(MoveRow):
    """One move of an exemplar."""

    exemplar = models.ForeignKey(Exemplar, on_delete=models.PROTECT, related_name="moves")

    def __str__(self) -> str:
        return f"{self.exemplar_id}: {self.event}"


class Briefing(Identified, Versioned):
    """One page for teams: key messages without a name. Who has read it is counted and never listed (BR-1)."""

    title = models.CharField(max_length=150)
    messages = models.JSONField(default=list)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=BriefingStatus, default=BriefingStatus.DRAFT)
    units = models.ManyToManyField(OrgUnit, blank=True, related_name="+")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = BriefingQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "id"]

    def __str__(self) -> str:
        return self.title


class BriefingMove(MoveRow):
    """One move of a briefing."""

    briefing = models.ForeignKey(Briefing, on_delete=models.PROTECT, related_name="moves")

    def __str__(self) -> str:
        return f"{self.briefing_id}: {self.event}"


class BriefingReceipt(models.Model):
    """That somebody has read a briefing: once each, so that it can be counted."""

    briefing = models.ForeignKey(Briefing, on_delete=models.CASCADE, related_name="receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["briefing", "user"], name="read_once")]

    def __str__(self) -> str:
        return f"{self.briefing_id} was read"
