"""The words of the home floor."""

from django.db import models


class Outside(models.TextChoices):
    """Why a look at a case is in the report of views outside caseload."""

    REFUSED = "refused", "Tried to open what they may not see"
    BREAK_GLASS = "break_glass", "Opened by break-glass"
    CONNECTED = "connected", "Declared a personal connection with the case"
    NO_TIE = "no_tie", "Nothing in their work tied them to the case that day"
