"""What a reader of figures may ask for. Everything stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from audits.choices import Breakdown
from audits.selectors.grades import ServiceChoice
from core.forms import BaseForm
from reports.choices import Period
from reports.rules import periods as rules


@dataclass(frozen=True)
class Question:
    """What was asked for: months (first days), the cut, the services (none means all), whether provisional grades are
    left out, and whether audits stand under the units of today."""

    first: date
    last: date
    by: str
    services: tuple[Any, ...]
    settled_only: bool
    as_now: bool = False


class FiguresForm(BaseForm):
    """Period, service and settled only; for a breakdown also the cut. An answer that is wrong is told, and the default
    stands in its place."""

    period = forms.ChoiceField(label="Period", choices=Period.choices, required=False)
    month_from = forms.ChoiceField(label="From", required=False)
    month_to = forms.ChoiceField(label="To", required=False)
    service = forms.ChoiceField(label="Service", required=False)
    settled = forms.BooleanField(label="Settled grades only", required=False)
    as_now = forms.BooleanField(
        label="Current structure",
        help_text="Audits of units that have closed stand under their successors",
        required=False,
    )

    def __init__(self, data: Mapping[str, Any], *, services: list[ServiceChoice], today: date) -> None:
        super().__init__(data)
        self.today = today
        self.services = {str(choice.keys[0]): choice for choice in services}
        count = rules.months_between(min((choice.oldest for choice in services), default=today), today)
        offer(self, months=min(max(count, 24), 240), today=today, services=self.services)

    def clean(self) -> dict[str, Any]:
        """A range of months has two ends in the right order, and is not longer than a page can show."""
        cleaned = super().clean() or {}
        if cleaned.get("period") != Period.MONTHS:
            return cleaned
        first, last = (self._month(cleaned.get(name)) for name in ("month_from", "month_to"))
        if first is None and "month_from" not in self.errors:
            self.add_error("month_from", "Choose the first month")
        if last is None and "month_to" not in self.errors:
            self.add_error("month_to", "Choose the last month")
        if first and last:
            months = rules.months_between(first, last)
            if months < 1:
                self.add_error("month_to", "Choose a last month that is not before the first")
            elif months > rules.LONGEST:
                self.add_error("month_to", f"Choose {rules.LONGEST} months at most. These are {months}")
        return cleaned

    def question(self, by: str) -> Question:
        """What to show: what was asked for, or the last 12 months where that was wrong."""
        good = self.is_valid()
        cleaned = self.cleaned_data
        period = cleaned.get("period") or Period.LAST_12
        first, last = self._month(cleaned.get("month_from")), self._month(cleaned.get("month_to"))
        if not (good and period == Period.MONTHS and first and last):
            first, last = rules.months_of(period, self.today)
        chosen = self.services.get(cleaned.get("service") or "")
        return Question(
            first,
            last,
            by,
            chosen.keys if chosen else (),
            bool(cleaned.get("settled")),
            bool(cleaned.get("as_now")),
        )

    @staticmethod
    def _month(text: str | None) -> date | None:
        return rules.read_month(text) if text else None


def offer(form: BaseForm, *, months: int, today: date, services: Mapping[str, ServiceChoice]) -> None:
    """Offer the last so many months as the first and the last one, and the services where there is more than one."""
    offered = [rules.earlier(today, place) for place in range(months)]
    choices = [("", "Choose a month"), *((f"{month:%Y-%m}", f"{month:%B %Y}") for month in offered)]
    for name in ("month_from", "month_to"):
        form.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
    if len(services) > 1:
        named = ((key, choice.name) for key, choice in services.items())
        form.fields["service"].choices = [("", "All services"), *named]  # type: ignore[attr-defined]
    else:
        del form.fields["service"]


def breakdown_asked(data: Mapping[str, Any], default: Breakdown) -> Breakdown:
    """The cut that the address names, or the default where it names none that is known."""
    asked = data.get("by", "")
    return Breakdown(asked) if asked in Breakdown.values else default
