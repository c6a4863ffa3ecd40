"""What a reader of answers by question may ask for. Everything stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from audits.selectors.answers import MONTH, SERVICE
from audits.selectors.grades import ServiceChoice
from reports.forms.figures import FiguresForm, Question
from reports.rules.periods import earlier, in_words, read_month


class AnswersForm(FiguresForm):
    """Tool, period, service, and whether the answers are set out by service or by month.

    Readers outside the QA unit choose a tool and one of the `quarters` that are published, and nothing else: two
    periods, or a part beside the whole, could be subtracted from each other.
    """

    quarter = forms.ChoiceField(label="Quarter", required=False)
    tool = forms.ChoiceField(label="Audit tool", required=False)
    across = forms.ChoiceField(
        label="Set out", required=False, choices=[("", "All together"), (SERVICE, "By service"), (MONTH, "By month")]
    )

    field_order = ("tool", "quarter", "period", "month_from", "month_to", "service", "across")

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        tools: list[tuple[str, str]],
        services: list[ServiceChoice],
        today: date,
        quarters: list[date] | None = None,
    ) -> None:
        super().__init__(data, services=services, today=today)
        self.tools = dict(tools)
        self.fields["tool"].choices = tools  # type: ignore[attr-defined]  # a ChoiceField
        del self.fields["settled"], self.fields["as_now"]
        self.quarters = quarters
        if quarters is None:
            del self.fields["quarter"]
            return
        for name in ("period", "month_from", "month_to", "service", "across"):
            self.fields.pop(name, None)
        named = [(f"{first:%Y-%m}", in_words(first, earlier(first, -2))) for first in quarters]
        self.fields["quarter"].choices = named  # type: ignore[attr-defined]  # a ChoiceField

    def question(self, by: str) -> Question:
        """What to show; to readers outside the quarter that was asked for, or the newest one."""
        if self.quarters is None:
            return super().question(by)
        asked = self.cleaned_data.get("quarter") if self.is_valid() else ""
        first = read_month(asked) if asked else self.quarters[0] if self.quarters else earlier(self.today, 3)
        return Question(first, earlier(first, -2), by, (), False)

    def tool_asked(self) -> str:
        """The key of the tool that was asked for; "" where none that is known was."""
        asked = str(self.data.get("tool", ""))
        return asked if asked in self.tools else ""

    def across_asked(self) -> str:
        """How the answers are set out: by service, by month, or "" for all together."""
        return str(self.cleaned_data.get("across") or "") if self.is_valid() else ""
