"""The words of case records."""

from django.db import models


class SubjectKind(models.TextChoices):
    CHILD = "child", "Child"
    CARER = "carer", "Foster carer"
    ADOPTER = "adopter", "Adopter"
    CONTACT = "contact", "Supervised contact"
    SUPERVISION = "supervision", "Supervision record"
    MEETING = "meeting", "Meeting"


class PlanType(models.TextChoices):
    EARLY_HELP = "early_help", "Early help"
    ASSESSMENT = "assessment", "Assessment"
    CIN = "cin", "Child in need"
    CP = "cp", "Child protection"
    CLA = "cla", "Child looked after"
    CARE_LEAVER = "care_leaver", "Care leaver"


class AgeBand(models.TextChoices):
    UNBORN = "unborn", "Unborn"
    UNDER_1 = "under_1", "Under 1"
    AGE_1_4 = "1_4", "1 to 4"
    AGE_5_9 = "5_9", "5 to 9"
    AGE_10_15 = "10_15", "10 to 15"
    AGE_16_17 = "16_17", "16 to 17"
    AGE_18_PLUS = "18_plus", "18 and over"


class DataFault(models.TextChoices):
    """What the record of an open case lacks, as the data-quality page lists it."""

    NO_SERVICE = "no_service", "The service is still to be confirmed"
    NO_TEAM = "no_team", "No team"
    NOBODY = "nobody", "Held by nobody"
    NOT_A_USER = "not_a_user", "Held by somebody who is no user"
    LEFT = "left", "Held by somebody who has left"
    NO_PLAN = "no_plan", "No kind of plan"
    NO_START = "no_start", "No start date"
    NO_AGE = "no_age", "No age band"


SERVICE_TO_BE_CONFIRMED = "Service to be confirmed"
"""The service of a case whose file names none, until somebody says which it is."""
