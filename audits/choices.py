"""The words of practice audits."""

from django.db import models


class Grade(models.TextChoices):
    """Ofsted's four grades, best first."""

    OUTSTANDING = "outstanding", "Outstanding"
    GOOD = "good", "Good"
    REQUIRES_IMPROVEMENT = "requires_improvement", "Requires improvement"
    INADEQUATE = "inadequate", "Inadequate"


GRADES = tuple(Grade.values)
# Larger is more serious; the order in which ties are settled and ceilings compared.
SERIOUSNESS = {grade: place for place, grade in enumerate(GRADES)}


class AuditStatus(models.TextChoices):
    PLANNED = "planned", "Planned"
    ALLOCATED = "allocated", "Allocated"
    IN_PROGRESS = "in_progress", "In progress"
    SUBMITTED = "submitted", "Submitted"
    SETTLED = "settled", "Settled"
    FEEDBACK_ISSUED = "feedback_issued", "Feedback issued"
    RESPONDED = "responded", "Responded"
    CLOSED = "closed", "Closed"
    VOID = "void", "Void"


OPEN_TO_AUDITOR = (AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS)
ISSUED = (AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED, AuditStatus.CLOSED)
GRADE_FINAL = (AuditStatus.SETTLED, *ISSUED)
GRADE_GIVEN = (AuditStatus.SUBMITTED, *GRADE_FINAL)


class AuditPurpose(models.TextChoices):
    STANDARD = "standard", "Counted in reports"
    SHADOW = "shadow", "Shadow audit (not counted)"
    CALIBRATION = "calibration", "Calibration (not counted)"


class CalibrationStatus(models.TextChoices):
    RUNNING = "running", "Grades hidden"
    REVEALED = "revealed", "Grades revealed"


class AuditMode(models.TextChoices):
    DESK = "desk", "Desk-based"
    WITH_PRACTITIONER = "with_practitioner", "With the practitioner"
    LIVE = "live", "Live"


class ToolStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    LIVE = "live", "Live"
    RETIRED = "retired", "Retired"


class QuestionKind(models.TextChoices):
    YES_PARTLY_NO = "yes_partly_no", "Yes, partly, no or not applicable"
    EVIDENCED = "evidenced", "Evidenced: yes or no"
    GRADE = "grade", "One of the grades"
    SCALE = "scale", "A number from 0 to 10"
    NUMBER = "number", "A number"
    DATE = "date", "A date"
    CHOICE = "choice", "One of several choices"
    CHOICES = "choices", "Any of several choices"
    SHORT_TEXT = "short_text", "A short text"
    LONG_TEXT = "long_text", "A long text"
    EVIDENCE = "evidence", "Where the evidence is"
    FAMILY_FEEDBACK = "family_feedback", "What the family said"


class LimitingRule(models.TextChoices):
    """What limits the overall grade; the label is the case in which it does."""

    L1 = "L1", "The safeguarding section is inadequate"
    L2 = "L2", "The safeguarding section requires improvement"
    L3 = "L3", "Another limiting section is inadequate"
    L4 = "L4", "Many sections require improvement or worse"
    L5 = "L5", "Too few sections are outstanding for an outstanding audit"
    L6 = "L6", "A safeguarding alert on the audit is open"


# Rules that name a section, and those that have a number.
NAMES_A_SECTION = (LimitingRule.L1, LimitingRule.L2, LimitingRule.L3)
HAS_A_NUMBER = (LimitingRule.L4, LimitingRule.L5)

# Questions whose answer is chosen: another question may be asked only if one of these has some answer.
CHOSEN_KINDS = (
    QuestionKind.YES_PARTLY_NO, QuestionKind.EVIDENCED, QuestionKind.GRADE, QuestionKind.CHOICE, QuestionKind.CHOICES,
)  # fmt: skip
OPTION_KINDS = (QuestionKind.CHOICE, QuestionKind.CHOICES)


class SectionState(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETE = "complete", "Complete"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class SectionUse(models.TextChoices):
    ALWAYS = "always", "Always required"
    REQUIRED = "required", "Required unless not applicable"
    OPTIONAL = "optional", "Optional"


class FindingKind(models.TextChoices):
    STRENGTH = "strength", "Strength"
    DEVELOPMENT = "development", "Area for development"


class ConversationWith(models.TextChoices):
    WORKER = "worker", "Worker"
    MANAGER = "manager", "Manager"
    IRO = "iro", "Independent reviewing officer"
    CHILD = "child", "Child or young person"
    PARENT = "parent", "Parent"
    CARER = "carer", "Carer"


FAMILY = (ConversationWith.CHILD, ConversationWith.PARENT, ConversationWith.CARER)


class ConversationOutcome(models.TextChoices):
    DONE = "done", "Done"
    DECLINED = "declined", "Declined"
    NOT_POSSIBLE = "not_possible", "Not possible"


class ConversationMode(models.TextChoices):
    IN_PERSON = "in_person", "In person"
    PHONE = "phone", "By phone"
    VIDEO = "video", "By video"
    WRITTEN = "written", "In writing"


class AlertStatus(models.TextChoices):
    RAISED = "raised", "Raised"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    RESOLVED = "resolved", "Resolved"
    CHECKED = "checked", "Checked"


class ModerationStatus(models.TextChoices):
    NOT_SELECTED = "not_selected", "Not selected"
    SELECTED = "selected", "Waiting for a moderator"
    OPENED = "opened", "With a moderator"
    RETURNED = "returned", "Returned to the auditor"
    AWAITING_ACCEPTANCE = "awaiting_acceptance", "Waiting for the auditor to accept"
    DISPUTED = "disputed", "Disputed"
    WITH_QA_LEAD = "with_qa_lead", "With the QA lead"
    AWAITING_CONFIRMATION = "awaiting_confirmation", "Waiting for confirmation"
    DONE = "done", "Done"
    WITHDRAWN = "withdrawn", "Withdrawn"


MODERATION_UNDER_WAY = (
    ModerationStatus.SELECTED,
    ModerationStatus.OPENED,
    ModerationStatus.RETURNED,
    ModerationStatus.WITH_QA_LEAD,
    ModerationStatus.AWAITING_ACCEPTANCE,
    ModerationStatus.DISPUTED,
    ModerationStatus.AWAITING_CONFIRMATION,
)


class ModerationOutcome(models.TextChoices):
    AGREED = "agreed", "Grade agreed"
    CHANGED = "changed", "Grade changed"
    NOT_SELECTED = "not_selected", "Settled without moderation"


class SelectionReason(models.TextChoices):
    INADEQUATE = "inadequate", "Graded inadequate"
    OUTSTANDING = "outstanding", "Graded outstanding"
    OVERRIDE = "override", "A limiting rule was overridden"
    ALERT = "alert", "A safeguarding alert was raised"
    NEW_AUDITOR = "new_auditor", "One of a new auditor's first audits"
    QUARTER = "quarter", "At least one for each auditor in a quarter"
    RANDOM = "random", "Drawn at random"


class DisputeOrigin(models.TextChoices):
    """Who does not agree with a grade, and when."""

    MODERATION = "moderation", "The auditor disputes the moderator's grade"
    CONFIRMATION = "confirmation", "A head of service queries an inadequate grade"
    CHALLENGE = "challenge", "A practitioner or manager challenges the feedback"


class DisputeStatus(models.TextChoices):
    OPEN = "open", "Waiting for a second moderator"
    WITH_SECOND_MODERATOR = "with_second_moderator", "With a second moderator"
    WITH_PANEL = "with_panel", "With the panel"
    DECIDED = "decided", "Decided"
    WITHDRAWN = "withdrawn", "Withdrawn"


DISPUTE_UNDER_WAY = (DisputeStatus.OPEN, DisputeStatus.WITH_SECOND_MODERATOR, DisputeStatus.WITH_PANEL)


class TallyStage(models.TextChoices):
    PROVISIONAL = "provisional", "Provisional"
    SETTLED = "settled", "Settled"
    ISSUED = "issued", "Feedback issued"


class TallyCut(models.TextChoices):
    TOTAL = "total", "All audits"
    TEAM = "team", "Team"
    PLAN_TYPE = "plan_type", "Plan type"
    TOOL = "tool", "Audit type"
    SECTION = "section", "Section"
    EXCLUDED = "excluded", "Not counted"


class ExcludedReason(models.TextChoices):
    """Why an audit is not counted in a grade table; the words stand after its number: "2 void"."""

    VOID = "void", "void"
    SHADOW = "shadow", "shadow"
    CALIBRATION = "calibration", "calibration"
    UNGRADED = "ungraded", "ungraded"
    NOT_COMPARABLE = "not_comparable", "not comparable"


class Breakdown(models.TextChoices):
    """The ways in which a grade table can be cut."""

    MONTH = "month", "Month"
    SERVICE = "service", "Service"
    TEAM = "team", "Team"
    PLAN_TYPE = "plan_type", "Plan type"
    TOOL = "tool", "Audit type"
    SECTION = "section", "Section"


class ClockKind(models.TextChoices):
    """The clocks that run once feedback is issued."""

    SAFETY = "safety", "Statement on immediate safety"
    RESPONSE = "response", "Manager’s response"
    MEETING = "meeting", "Feedback meeting"
    CHALLENGE = "challenge", "Challenge of facts or grade"
    DECISION = "decision", "Decision of a challenge"


GRADE_DEPENDENT = (ClockKind.RESPONSE,)
"""A challenge pauses these, and a changed grade starts them afresh; never what keeps a child safe."""


class ClockState(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    MET = "met", "Done"
    STOPPED = "stopped", "Replaced by a new one"


class ResponseStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    COUNTERSIGN = "countersign", "Waiting for a countersignature"
    GIVEN = "given", "Given"


class View(models.TextChoices):
    AGREE = "agree", "Agree"
    PARTLY = "partly", "Partly agree"
    DISAGREE = "disagree", "Disagree"


class Step(models.TextChoices):
    """The steps of an audit's clocks, each told once for one due date."""

    SOON_3 = "soon_3", "Due in 3 working days"
    SOON_1 = "soon_1", "Due in 1 working day"
    REMINDER = "reminder", "Reminder"
    HALF = "half", "Half of the time is over"
    DUE = "due", "Due today"
    LATE = "late", "1 working day late"
    LATE_3 = "late_3", "3 working days late"
    LATE_5 = "late_5", "5 working days late"
    LATE_HEAD = "late_head", "Late, told to the head of service"
    HOURS = "hours", "Not acknowledged in time"
    END_OF_DAY = "end_of_day", "Not acknowledged by the end of the day"


class Movement(models.TextChoices):
    """What moved between an audit and its re-audit."""

    IMPROVED = "improved", "Improved"
    SAME = "same", "The same"
    WORSE = "worse", "Worse"


class ChallengeAbout(models.TextChoices):
    FACTS = "facts", "The facts"
    GRADE = "grade", "The grade"


class ChallengeStatus(models.TextChoices):
    OPEN = "open", "Open"
    DECIDED = "decided", "Decided"
