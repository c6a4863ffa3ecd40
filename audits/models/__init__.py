"""Practice audits: the tools they are done with, what the auditor wrote, the grades, and how those settled."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import OrgUnit
from audits.choices import (
    AlertStatus,
    AuditMode,
    AuditPurpose,
    AuditStatus,
    ConversationMode,
    ConversationOutcome,
    ConversationWith,
    DisputeOrigin,
    DisputeStatus,
    FindingKind,
    Grade,
    ModerationOutcome,
    ModerationStatus,
    QuestionKind,
    SectionState,
    SectionUse,
    TallyCut,
    TallyStage,
    ToolStatus,
)
from audits.models.calibration import Calibration
from audits.models.loop import (
    Challenge,
    Clock,
    ExemplarConsent,
    Feedback,
    FeedbackMeeting,
    HeldOpen,
    Reflection,
    Response,
    ResponsePoint,
    ThankYou,
)
from audits.querysets import (
    AlertQuerySet,
    AnswerQuerySet,
    AuditQuerySet,
    DisputeQuerySet,
    GradeSchemeQuerySet,
    GradeTallyQuerySet,
    ModerationQuerySet,
    ThemeQuerySet,
    ToolVersionQuerySet,
)
from cases.choices import AgeBand, PlanType, SubjectKind
from cases.models import Case
from core.models import Identified, Signed, Versioned

# These records stand in modules of their own; they are models of this app like the others.
__all__ = [
    "Calibration",
    "Challenge",
    "Clock",
    "ExemplarConsent",
    "Feedback",
    "FeedbackMeeting",
    "HeldOpen",
    "Reflection",
    "Response",
    "ResponsePoint",
    "ThankYou",
]

_GRADE_LENGTH = 30


class GradeScheme(models.Model):
    """A set of grades. A report never mixes schemes silently: each grade maps to one of the four, or to none."""

    key = models.SlugField(max_length=30, primary_key=True)
    name = models.CharField(max_length=100)
    revision = models.PositiveIntegerField(default=1)

    objects = GradeSchemeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SchemeGrade(models.Model):
    """One grade of a scheme, with its descriptor and the one of the four that it counts as."""

    scheme = models.ForeignKey(GradeScheme, on_delete=models.CASCADE, related_name="grades")
    key = models.CharField(max_length=_GRADE_LENGTH)
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    descriptor = models.TextField(blank=True)
    counts_as = models.CharField(max_length=_GRADE_LENGTH, choices=Grade, blank=True)

    class Meta:
        ordering = ["scheme", "position"]
        constraints = [models.UniqueConstraint(fields=["scheme", "key"], name="one_grade_of_a_key")]

    def __str__(self) -> str:
        return self.name


class Theme(Identified):
    """What findings are about, on two levels; a retired theme keeps its history."""

    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    synonyms = models.JSONField(default=list, blank=True)
    retired_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ["parent__name", "name"]
        constraints = [models.UniqueConstraint(fields=["parent", "name"], name="one_theme_of_a_name")]

    def __str__(self) -> str:
        return f"{self.parent.name}: {self.name}" if self.parent else self.name


class AuditTool(Identified):
    """An audit tool by name, for one or more kinds of subject; its form stands in its versions."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=150)
    subject_kinds = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ToolVersion(Identified, Versioned):
    """One version of a tool. Once live it never changes; audits keep the version they started with."""

    tool = models.ForeignKey(AuditTool, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=ToolStatus, default=ToolStatus.DRAFT)
    scheme = models.ForeignKey(GradeScheme, on_delete=models.PROTECT, related_name="+")
    introduction = models.TextField(blank=True)
    asks_for_conversations = models.BooleanField(default=True)
    requires_family_feedback = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = ToolVersionQuerySet.as_manager()

    class Meta:
        ordering = ["tool", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["tool", "number"], name="one_version_of_a_number"),
            models.UniqueConstraint(fields=["tool"], condition=Q(status="live"), name="one_live_version_a_tool"),
        ]

    def __str__(self) -> str:
        return f"{self.tool.name}, version {self.number}"


class ToolSection(Identified):
    """A section of a tool: what to look at, whether it is graded, and whether it limits the overall grade."""

    version = models.ForeignKey(ToolVersion, on_delete=models.CASCADE, related_name="sections")
    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    guidance = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()
    graded = models.BooleanField(default=True)
    limiting = models.BooleanField(default=False)
    use = models.CharField(max_length=10, choices=SectionUse, default=SectionUse.REQUIRED)
    descriptors = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="one_section_of_a_key")]

    def __str__(self) -> str:
        return self.title


class ToolQuestion(Identified):
    """A question of a section. `options` holds the choices; `show_if` names another question and its answers.

    Questions that `repeats` says the same of ("sibling") are asked together, once for each of them.
    """

    section = models.ForeignKey(ToolSection, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, choices=QuestionKind)
    text = models.CharField(max_length=500)
    hint = models.TextField(blank=True)
    required = models.BooleanField(default=True)
    options = models.JSONField(default=list, blank=True)
    show_if = models.JSONField(default=dict, blank=True)
    repeats = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["section", "position"]
        constraints = [models.UniqueConstraint(fields=["section", "key"], name="one_question_of_a_key")]

    def __str__(self) -> str:
        return self.text


class ToolRule(models.Model):
    """A limiting rule of a tool version: which one, on which section, hard or soft."""

    version = models.ForeignKey(ToolVersion, on_delete=models.CASCADE, related_name="limiting_rules")
    rule = models.CharField(max_length=4)
    hard = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    section_key = models.SlugField(max_length=60, blank=True)
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    ceiling = models.CharField(max_length=_GRADE_LENGTH, choices=Grade, blank=True)

    class Meta:
        ordering = ["version", "rule"]
        constraints = [models.UniqueConstraint(fields=["version", "rule"], name="one_rule_of_a_kind")]

    def __str__(self) -> str:
        return self.rule


class ReferenceCounter(models.Model):
    """The last number given to an audit in a year; locked while the next is drawn."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Audit(Identified, Versioned):
    """One audit of one case: who does it, where the case stood, how far it is, and its grades.

    `grade` and `auditor_grade` are keys of the scheme; `counted_grade` is the one of the four that
    reports count. `month` is the first day of the London month in which the audit counts.
    """

    reference = models.CharField(max_length=60, unique=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="audits")
    case_reference = models.CharField(max_length=60, blank=True)
    subject_kind = models.CharField(max_length=12, choices=SubjectKind, default=SubjectKind.CHILD)
    tool_version = models.ForeignKey(ToolVersion, null=True, on_delete=models.PROTECT, related_name="audits")
    audit_type = models.CharField(max_length=150)
    scheme = models.ForeignKey(GradeScheme, on_delete=models.PROTECT, related_name="+")
    historic = models.BooleanField(default=False)
    purpose = models.CharField(max_length=12, choices=AuditPurpose, default=AuditPurpose.STANDARD)
    calibration = models.ForeignKey(Calibration, null=True, on_delete=models.PROTECT, related_name="audits")
    first_audit = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="re_audits")
    status = models.CharField(max_length=16, choices=AuditStatus, default=AuditStatus.PLANNED)
    mode = models.CharField(max_length=18, choices=AuditMode, default=AuditMode.DESK)

    service = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(OrgUnit, null=True, on_delete=models.PROTECT, related_name="+")
    plan_type = models.CharField(max_length=12, choices=PlanType, blank=True)
    is_cwd = models.BooleanField(default=False)
    age_band = models.CharField(max_length=8, choices=AgeBand, blank=True)

    auditor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="audits_to_do"
    )
    auditor_name = models.CharField(max_length=150, blank=True)
    window_from = models.DateField(null=True)
    window_to = models.DateField(null=True)
    due_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    allocated_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    feedback_issued_at = models.DateTimeField(null=True)
    audited_on = models.DateField(null=True)
    month = models.DateField(null=True)

    auditor_grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    counted_grade = models.CharField(max_length=_GRADE_LENGTH, choices=Grade, blank=True)
    rationale = models.TextField(blank=True)
    working_well = models.TextField(blank=True)
    worries = models.TextField(blank=True)
    next_steps = models.TextField(blank=True)
    immediate_actions = models.TextField(blank=True)
    override_reason = models.TextField(blank=True)
    exemplar_nominated = models.BooleanField(default=False)
    no_family_feedback_reason = models.TextField(blank=True)
    overall_saved_at = models.DateTimeField(null=True)

    objects = AuditQuerySet.as_manager()

    # Whom this very row was loaded for from what they may see: they need not be asked again. A row that is loaded or
    # locked anew has nobody here.
    seen_by: UUID | None = None

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            # In the database itself: what belongs to a calibration counts in no report.
            models.CheckConstraint(
                condition=Q(calibration=None) | Q(purpose="calibration"), name="calibration_counts_nowhere"
            ),
            models.UniqueConstraint(
                fields=["calibration", "auditor"],
                condition=Q(calibration__isnull=False) & ~Q(status="void"),
                name="one_audit_an_auditor_calibrates",
            ),
        ]
        indexes = [
            models.Index(fields=["auditor", "status", "due_on"], name="audit_by_auditor"),
            models.Index(fields=["service", "month"], name="audit_by_service"),
            models.Index(fields=["team", "month"], name="audit_by_team"),
            models.Index(fields=["status", "-created_at", "id"], name="audit_by_status"),
            models.Index(fields=["-created_at", "id"], name="audit_newest"),
            models.Index(fields=["auditor", "-created_at", "id"], name="audit_newest_of_auditor"),
            models.Index(fields=["month", "service"], name="audit_by_month"),
            # The few that an auditor has still to submit, by the day: what is overdue is asked on every start page.
            models.Index(
                fields=["due_on"], name="audit_open_by_due", condition=models.Q(status__in=("allocated", "in_progress"))
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class AuditSection(Identified, Versioned):
    """What the auditor made of one section. Both the auditor's grade and a moderator's are kept for ever."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="sections")
    section = models.ForeignKey(ToolSection, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=15, choices=SectionState, default=SectionState.NOT_STARTED)
    grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    reason = models.TextField(blank=True)
    reason_to_check = models.BooleanField(default=False)
    not_applicable = models.BooleanField(default=False)
    not_applicable_reason = models.TextField(blank=True)
    settled_grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["section__position"]
        constraints = [models.UniqueConstraint(fields=["audit", "section"], name="one_section_an_audit")]

    def __str__(self) -> str:
        return f"{self.audit}: {self.section}"


class SectionUndo(Identified):
    """What a section held before its last change, so that the change can be undone for a while.

    What one person changes within a minute is one change; `version` is the section's after it.
    """

    audit_section = models.OneToOneField(AuditSection, on_delete=models.CASCADE, related_name="undo")
    before = models.JSONField()
    version = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.audit_section}, before version {self.version}"


class Answer(Identified):
    """The answer to one question: text, number, ISO date, key of a choice, or a list of keys.

    `asked` is False while another answer hides the question: what was typed is kept, and counts for nothing.
    """

    audit_section = models.ForeignKey(AuditSection, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(ToolQuestion, on_delete=models.PROTECT, related_name="+")
    repeat = models.PositiveSmallIntegerField(default=0)
    value = models.JSONField(null=True)
    asked = models.BooleanField(default=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["audit_section", "question", "repeat"], name="one_answer_a_question")
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.value}"


class Finding(Identified):
    """A strength or an area for development, with where its evidence is (never a copy of the record)."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="findings")
    audit_section = models.ForeignKey(AuditSection, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=12, choices=FindingKind)
    text = models.TextField()
    evidence_document = models.CharField(max_length=150, blank=True)
    evidence_date = models.DateField(null=True, blank=True)
    themes = models.ManyToManyField(Theme, blank=True, related_name="findings")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["audit_section__section__position", "kind", "position", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"


class Conversation(Identified):
    """A conversation held for the audit, or why there was none; for the family, what they said."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="conversations")
    with_whom = models.CharField(max_length=8, choices=ConversationWith)
    outcome = models.CharField(max_length=12, choices=ConversationOutcome)
    mode = models.CharField(max_length=10, choices=ConversationMode, blank=True)
    held_on = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)
    what_they_said = models.TextField(blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["recorded_at", "id"]

    def __str__(self) -> str:
        return f"{self.get_with_whom_display()}: {self.get_outcome_display()}"


class SafeguardingAlert(Identified, Versioned):
    """A child who may be at risk of harm now. Reaches the team manager and service lead at once; never deleted."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="alerts")
    what = models.TextField()
    where = models.TextField()
    since = models.CharField(max_length=150)
    told_name = models.CharField(max_length=150, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=AlertStatus, default=AlertStatus.RAISED)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolution = models.TextField(blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        indexes = [models.Index(fields=["status", "raised_at"], name="alert_by_status")]

    def __str__(self) -> str:
        return f"Alert on {self.audit}"


class Moderation(Identified, Versioned):
    """What became of one submission between submitted and settled. The reasons are hidden from the auditor.

    `draw` is the number from 0 to 99 drawn once for this submission, kept so that the choice can be shown.
    `grade_after` is the grade that stands at present: the moderator's, or what a dispute decided. `answered_at`
    without `answered_by` is the auditor's silence, which accepts.
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="moderations")
    submission = models.PositiveSmallIntegerField(default=1)
    reasons = models.JSONField(default=list)
    draw = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=22, choices=ModerationStatus)
    due_on = models.DateField(null=True)
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="moderations"
    )
    opened_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=ModerationOutcome, blank=True)
    grade_before = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    grade_after = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    reason = models.TextField(blank=True)
    override_reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    returns = models.PositiveSmallIntegerField(default=0)
    answer_by = models.DateField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    confirm_by = models.DateField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ModerationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "submission"], name="one_moderation_a_submission"),
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="moderation_queue")]

    def __str__(self) -> str:
        return f"Moderation of {self.audit}"


class ModeratedSection(Identified):
    """A moderator's view of one section: the grade before and after, and why."""

    moderation = models.ForeignKey(Moderation, on_delete=models.CASCADE, related_name="sections")
    audit_section = models.ForeignKey(AuditSection, on_delete=models.CASCADE, related_name="+")
    grade_before = models.CharField(max_length=_GRADE_LENGTH)
    grade_after = models.CharField(max_length=_GRADE_LENGTH)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["moderation", "audit_section"], name="section_moderated_once"),
        ]

    def __str__(self) -> str:
        return f"{self.audit_section}: {self.grade_before} to {self.grade_after}"


class ModerationReturn(Identified):
    """A submission sent back to its auditor: when, by whom, how it stood then, and what changed since.

    `as_submitted` is the text that the moderator read, by the name of each field; `changes` is filled when the
    audit comes back: a list of {"section", "field", "old", "new"}.
    """

    moderation = models.ForeignKey(Moderation, on_delete=models.CASCADE, related_name="returned")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    as_submitted = models.JSONField(default=list)
    resubmitted_at = models.DateTimeField(null=True)
    changes = models.JSONField(default=list)

    class Meta:
        ordering = ["moderation", "number"]
        constraints = [models.UniqueConstraint(fields=["moderation", "number"], name="one_return_of_a_number")]

    def __str__(self) -> str:
        return f"{self.moderation}: return {self.number}"


class ReturnQuestion(Identified):
    """A moderator's question about one section, or about the whole audit where `audit_section` is None."""

    returned = models.ForeignKey(ModerationReturn, on_delete=models.CASCADE, related_name="questions")
    audit_section = models.ForeignKey(AuditSection, null=True, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["returned", "position"]

    def __str__(self) -> str:
        return self.text[:60]


class Dispute(Identified, Versioned):
    """Two do not agree on a grade: a second moderator who was not involved decides, or the panel, which is final.

    `origin` says where it came from and `origin_id` names the record there (a moderation, a challenge).
    `grade_one` and `grade_two` are the grades between which it stands; `second_grade` is a second moderator's view
    that had to go to the panel. `decided_by` is the second moderator, or who wrote the panel's decision down.
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="disputes")
    moderation = models.ForeignKey(Moderation, null=True, on_delete=models.CASCADE, related_name="disputes")
    origin = models.CharField(max_length=12, choices=DisputeOrigin)
    origin_id = models.UUIDField(null=True)
    status = models.CharField(max_length=22, choices=DisputeStatus, default=DisputeStatus.OPEN)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    why = models.TextField()
    grade_one = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    grade_two = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    due_on = models.DateField(null=True)
    second_moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="disputes_to_decide"
    )
    assigned_at = models.DateTimeField(null=True)
    second_grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    referred_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    referred_at = models.DateTimeField(null=True)
    referred_why = models.TextField(blank=True)
    by_panel = models.BooleanField(default=False)
    grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    reason = models.TextField(blank=True)
    override_reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["raised_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["audit"],
                condition=~Q(status__in=("decided", "withdrawn")),
                name="one_dispute_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="dispute_queue")]

    def __str__(self) -> str:
        return f"Dispute about {self.audit}"


class DisputedSection(Identified):
    """What a dispute decided about one section, where that is not what stood."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="sections")
    audit_section = models.ForeignKey(AuditSection, on_delete=models.CASCADE, related_name="+")
    grade_before = models.CharField(max_length=_GRADE_LENGTH)
    grade_after = models.CharField(max_length=_GRADE_LENGTH)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "audit_section"], name="section_disputed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.audit_section}: {self.grade_before} to {self.grade_after}"


class DisputeVote(Identified):
    """A panel member's part in a decision: the grade voted for, or the conflict that kept them out. Never changed."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    conflict = models.CharField(max_length=200, blank=True)
    grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)

    class Meta:
        ordering = ["member__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "member"], name="one_vote_a_member"),
            models.CheckConstraint(condition=Q(conflict="") | Q(grade=""), name="no_vote_with_a_conflict"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.grade or self.conflict or 'no vote'}"


class Transition(Signed):
    """One move of an audit: who, when, from, to, why. Appended in the transaction of the move, never changed."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="transitions")
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=22, blank=True)
    to_status = models.CharField(max_length=22)
    why = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.audit}: {self.event}"


class GradeTally(models.Model):
    """How many audits (or sections) of one unit and month have one grade: rollup rows behind every grade table.

    Kept in the transactions that submit, settle and void; always equal to a recount. `unit` is a
    service or a team, and an audit is tallied under both; `key` names the value of the cut (a unit's
    key, a plan type, an audit type, a section key, or why an audit is not counted).
    """

    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    cut = models.CharField(max_length=10, choices=TallyCut)
    key = models.CharField(max_length=150, blank=True)
    stage = models.CharField(max_length=12, choices=TallyStage)
    grade = models.CharField(max_length=_GRADE_LENGTH, blank=True)
    count = models.IntegerField()

    objects = GradeTallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "cut", "month", "key", "stage", "grade"], name="one_tally"),
        ]
        indexes = [models.Index(fields=["cut", "month", "unit"], name="tally_by_cut")]

    def __str__(self) -> str:
        return f"{self.unit} {self.month:%Y-%m} {self.cut} {self.key} {self.grade}: {self.count}"
