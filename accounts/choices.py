"""The words of people and structure."""

from django.db import models


class Role(models.TextChoices):
    AUDITOR = "AU", "Auditor"
    MODERATOR = "MO", "Moderator"
    PRACTITIONER = "PR", "Practitioner"
    TEAM_MANAGER = "TM", "Team manager"
    SERVICE_LEAD = "SL", "Service lead"
    HEAD_OF_SERVICE = "HS", "Head of service"
    PRINCIPAL_SOCIAL_WORKER = "PS", "Principal Social Worker"
    QA_LEAD = "QL", "QA lead"
    QA_ADMIN = "QA", "QA admin"
    PANEL_MEMBER = "PM", "Panel member"
    PARTNER_AUDITOR = "PA", "Partner-agency auditor"
    READ_ONLY = "RO", "Read-only (aggregate reports)"
    INFORMATION_GOVERNANCE = "IG", "Information governance lead"
    DUTY_MANAGER = "DM", "Duty senior manager"
    SYSTEM_ADMINISTRATOR = "SA", "System administrator"


class UnitKind(models.TextChoices):
    DIRECTORATE = "directorate", "Directorate"
    SERVICE = "service", "Service"
    TEAM = "team", "Team"


QA_ROLES = (Role.QA_LEAD, Role.QA_ADMIN)
LINE_ROLES = (Role.TEAM_MANAGER, Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)
# The strongest grants take two people (AD-2): one asks, another who already holds one of them approves.
STRONG_ROLES = (Role.QA_LEAD, Role.SYSTEM_ADMINISTRATOR)


class GrantStatus(models.TextChoices):
    PENDING = "pending", "Waiting for a second person"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
