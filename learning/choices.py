"""The words of the panel's summaries."""

from django.db import models


class ThemeMove(models.TextChoices):
    """Whether a theme came up more or less often than the month before; called so only where the data support it."""

    MORE = "more", "More often"
    LESS = "less", "Less often"
    SAME = "same", "No clear change"
    NEW = "none", "Nothing to compare with"


class SeatKind(models.TextChoices):
    CHAIR = "chair", "Chair"
    DEPUTY = "deputy", "Deputy chair"
    MEMBER = "member", "Member"


class MeetingStatus(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    AGENDA_OPEN = "agenda_open", "Agenda open"
    PACK_BUILT = "pack_built", "Pack built"
    IN_SESSION = "in_session", "In session"
    MINUTES_DRAFT = "minutes_draft", "Minutes in draft"
    MINUTES_AGREED = "minutes_agreed", "Minutes agreed"
    CLOSED = "closed", "Closed"
    POSTPONED = "postponed", "Postponed"
    CANCELLED = "cancelled", "Cancelled"


TO_COME = (MeetingStatus.SCHEDULED, MeetingStatus.AGENDA_OPEN, MeetingStatus.PACK_BUILT)
"""The meeting has not begun: its agenda may change, and it may be postponed or cancelled."""

HELD = (MeetingStatus.MINUTES_DRAFT, MeetingStatus.MINUTES_AGREED, MeetingStatus.CLOSED)
"""The meeting is over."""


class ItemKind(models.TextChoices):
    CASE = "case", "Case discussion"
    THEME = "theme", "Theme"
    DISPUTE = "dispute", "Dispute"
    PROGRAMME = "programme", "Programme proposal"
    INDICATOR = "indicator", "Indicator"
    ACTION = "action", "Action review"
    EXEMPLAR = "exemplar", "Exemplar"


class ItemStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    ACCEPTED = "accepted", "On the agenda"
    DISCUSSED = "discussed", "Discussed"
    OUTCOME_SET = "outcome_set", "Decided"
    DEFERRED = "deferred", "Deferred"
    WITHDRAWN = "withdrawn", "Withdrawn"


ITEM_DONE = (ItemStatus.OUTCOME_SET, ItemStatus.DEFERRED, ItemStatus.WITHDRAWN)
"""Nothing is left to decide at this meeting."""


class OutcomeKind(models.TextChoices):
    ACTION = "action", "Action"
    TRAINING = "training", "Training"
    BRIEFING = "briefing", "Briefing"
    EXEMPLAR = "exemplar", "Exemplar"
    AUDIT_REQUEST = "audit_request", "Request for audits"
    DISPUTE = "dispute", "Dispute decided"
    NO_ACTION = "no_action", "No action"


TRACKED = (OutcomeKind.ACTION, OutcomeKind.TRAINING, OutcomeKind.BRIEFING, OutcomeKind.EXEMPLAR,
           OutcomeKind.AUDIT_REQUEST)  # fmt: skip
"""What somebody has to do by a day: each stands in the one tracker of actions."""


class VoteChoice(models.TextChoices):
    FOR = "for", "For"
    AGAINST = "against", "Against"
    ABSTAIN = "abstain", "Abstains"


class HitKind(models.TextChoices):
    """What must not stand in anything that others learn from, without a reason."""

    NHS_NUMBER = "nhs_number", "a number like an NHS number"
    POSTCODE = "postcode", "a postcode"
    PHONE = "phone", "a telephone number"
    EMAIL = "email", "an e-mail address"
    NAME = "name", "the name of somebody who works here"
    CASE = "case", "the reference of a case"


class ExemplarStatus(models.TextChoices):
    NOMINATED = "nominated", "Nominated"
    ACCEPTED = "accepted", "Being written"
    CONSENT_ASKED = "consent_asked", "Consent asked"
    PUBLISHED = "published", "Published"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Consent(models.TextChoices):
    GIVEN = "given", "Given"
    REFUSED = "refused", "Refused"


class BriefingStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
