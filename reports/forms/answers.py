"""What a reader of answers by question may ask for. Everything stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from audits.selectors.answers import MONTH, SERVICE
from audits.selectors.grades import ServiceChoice
from reports.forms.figures import FiguresForm


class AnswersForm(FiguresForm):
    """Tool, period, service, and whether the answers are set out by service or by month."""

    tool = forms.ChoiceField(label="Audit tool", required=False)
    across = forms.ChoiceField(
        label="Set out", required=False, choices=[("", "All together"), (SERVICE, "By service"), (MONTH, "By month")]
    )

    field_order = ("tool", "period", "month_from", "month_to", "service", "across")

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        tools: list[tuple[str, str]],
        services: list[ServiceChoice],
        today: date,
        outside: bool,
    ) -> None:
        super().__init__(data, services=services, today=today)
        self.tools = dict(tools)
        self.fields["tool"].choices = tools  # type: ignore[attr-defined]  # a ChoiceField
        del self.fields["settled"]
        if outside:
            # Columns beside a total would give away what is withheld.
            del self.fields["across"]

    def tool_asked(self) -> str:
        """The key of the tool that was asked for; "" where none that is known was."""
        asked = str(self.data.get("tool", ""))
        return asked if asked in self.tools else ""

    def across_asked(self) -> str:
        """How the answers are set out: by service, by month, or "" for all together."""
        return str(self.cleaned_data.get("across") or "") if self.is_valid() else ""
