"""The words of the panel's summaries."""

from django.db import models


class ThemeMove(models.TextChoices):
    """Whether a theme came up more or less often than the month before; called so only where the data support it."""

    MORE = "more", "More often"
    LESS = "less", "Less often"
    SAME = "same", "No clear change"
    NEW = "none", "Nothing to compare with"
