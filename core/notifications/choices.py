"""The words of notices."""

from django.db import models


class Route(models.TextChoices):
    """How a notice leaves the product; it stands on the person's page in any case."""

    NOW = "now", "By e-mail, at once"
    DIGEST = "digest", "By e-mail, in the morning’s digest"
    PAGE = "page", "On the page alone"


class Wish(models.TextChoices):
    """What e-mail a person wants."""

    USUAL = "usual", "What is urgent at once, the rest in one message each working day at 08:00"
    DIGEST = "digest", "Everything in one message each working day at 08:00"
    PAGE = "page", "No e-mail: I look at my notices here"
