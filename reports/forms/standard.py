"""What a reader of a standard report may choose. Everything stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from audits.selectors.grades import ServiceChoice
from reports.forms.figures import FiguresForm, Question
from reports.rules import periods


class StandardForm(FiguresForm):
    """Period, service and, where there is one, the public version."""

    version = forms.ChoiceField(
        label="Version",
        choices=[("internal", "Internal"), ("public", "Public: small numbers are withheld")],
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any], *, services: list[ServiceChoice], today: date, default: str, versions: bool
    ) -> None:
        super().__init__(data, services=services, today=today)
        self.default = default
        del self.fields["settled"], self.fields["as_now"]
        if not versions:
            del self.fields["version"]

    def question(self, by: str = "") -> Question:
        """What was asked for, or the report's own period where that was wrong or nothing was asked."""
        asked = super().question(by)
        if self.is_valid() and self.cleaned_data.get("period"):
            return asked
        first, last = periods.months_of(self.default, self.today)
        return Question(first, last, by, asked.services, asked.settled_only)

    @property
    def chosen_version(self) -> str:
        """ "internal" or "public"."""
        return "public" if self.is_valid() and self.cleaned_data.get("version") == "public" else "internal"
