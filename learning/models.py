"""The Learning and Improvement Panel's summaries: stored, numbered, and never changed once built."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models import Identified
from learning.querysets import PanelSummaryQuerySet


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
