"""The words of actions and of the recommendations of outside bodies."""

from django.db import models


class ActionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    IN_PROGRESS = "in_progress", "In progress"
    CLAIMED = "claimed", "Claimed done"
    VERIFIED = "verified", "Verified"
    CANCELLED = "cancelled", "Cancelled"
    WITH_BODY = "with_body", "With the outside body"
    ACCEPTED = "accepted", "Accepted by the outside body"
    REJECTED = "rejected", "Rejected by the outside body"


TO_DO = (ActionStatus.OPEN, ActionStatus.IN_PROGRESS, ActionStatus.REJECTED)
"""The owner has work to do: the clock of the due date runs."""

OPEN_STATUSES = (*TO_DO, ActionStatus.CLAIMED, ActionStatus.WITH_BODY)
"""Not at an end yet: on the list of open actions."""

SETTLED = (ActionStatus.VERIFIED, ActionStatus.ACCEPTED, ActionStatus.CANCELLED)
"""At an end: nothing waits for this action any more."""

WELL_DONE = (ActionStatus.VERIFIED, ActionStatus.ACCEPTED)


class Priority(models.TextChoices):
    """How soon; how many working days each allows is a setting (`actions.rules.timescales`)."""

    IMMEDIATE = "immediate", "Immediate"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Level(models.TextChoices):
    CASE = "case", "Case"
    WORKER = "worker", "Worker"
    TEAM = "team", "Team"
    SERVICE = "service", "Service"
    PARTNERSHIP = "partnership", "Partnership"


class Origin(models.TextChoices):
    FINDING = "finding", "Audit finding"
    ALERT = "alert", "Safeguarding alert"
    RESPONSE = "response", "Manager's response"
    DISPUTE = "dispute", "Dispute or challenge"
    RE_AUDIT = "re_audit", "Re-audit"
    PANEL = "panel", "Learning panel"
    CLINIC = "clinic", "Assurance clinic"
    INDICATOR = "indicator", "What is overdue for a child"
    BODY = "body", "Outside body"
    STAND_ALONE = "stand_alone", "Stand-alone"


class Verifier(models.TextChoices):
    MANAGER = "manager", "Team manager"
    QA = "qa", "QA unit"
    BODY = "body", "Outside body"


class NoteKind(models.TextChoices):
    PROGRESS = "progress", "Progress"
    EVIDENCE = "evidence", "Evidence"
    NOTE = "note", "Note"


class Step(models.TextChoices):
    """What is told of an action's clock, each once for one due date."""

    SOON = "soon", "Due in 5 working days"
    DUE = "due", "Due today"
    OVERDUE = "overdue", "Overdue"
    ESCALATED = "escalated", "Overdue by 5 working days"
    ESCALATED_AGAIN = "escalated_again", "Overdue by 10 working days"
    NEEDS_OWNER = "needs_owner", "Needs an owner"


class Body(models.TextChoices):
    OFSTED = "ofsted", "Ofsted"
    SCRUTINY = "scrutiny", "Scrutiny panel"
    PARTNERSHIP = "partnership", "Partnership review"
    PEER = "peer", "Peer review"


class RecommendationStatus(models.TextChoices):
    OPEN = "open", "No response yet"
    ANSWERED = "answered", "Being worked on"
    WITH_BODY = "with_body", "With the body"
    ACCEPTED = "accepted", "Accepted by the body"
    REJECTED = "rejected", "Rejected, to be reported"
    REPORTED = "reported", "Rejection reported"


OFF_THE_LIST = (RecommendationStatus.ACCEPTED, RecommendationStatus.REPORTED)
"""A recommendation leaves the list only so: its body accepted it, or its rejection has been reported (AC-7)."""


class Impact(models.TextChoices):
    NO = "no", "No"
    PARTLY = "partly", "Partly"
    YES = "yes", "Yes"
