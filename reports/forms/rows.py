"""What a person may ask for as rows: which ones, of which months, for whom, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from audits.selectors.grades import ServiceChoice
from core.forms import BaseForm, GovRadios
from reports.choices import Dataset, Edition
from reports.forms.figures import offer
from reports.rules import editions, periods

SHORTEST_REASON = 10


class RowsForm(BaseForm):
    """Rows of a dataset over some months; for publication whole quarters of the whole department alone."""

    dataset = forms.ChoiceField(label="One row for each of", choices=Dataset.choices, widget=GovRadios(small=True))
    month_from = forms.ChoiceField(label="From", error_messages={"required": "Choose the first month"})
    month_to = forms.ChoiceField(label="To", error_messages={"required": "Choose the last month"})
    service = forms.ChoiceField(label="Service", required=False)
    edition = forms.ChoiceField(
        label="For whom",
        choices=Edition.choices,
        widget=GovRadios(
            hints={
                Edition.INTERNAL: "References, status, grades and what was written, as far as you may see them",
                Edition.PUBLIC: "Counts of a whole quarter. Small numbers are withheld; no team, no reference, no text."
                " Counts that were taken out once stay: whoever asks again gets the same",
            }
        ),
    )
    form = forms.ChoiceField(
        label="Kind of file", choices=[("csv", "CSV"), ("xlsx", "Excel workbook")],
        widget=GovRadios(small=True, inline=True),
    )  # fmt: skip
    reason = forms.CharField(
        label="What do you need it for?",
        help_text="It is written down with your name and stands in the file. Do not name a child or a worker.",
        max_length=300,
        widget=forms.TextInput(),
        error_messages={"required": "Say what you need it for"},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, services: list[ServiceChoice], today: date, may_publish: bool
    ) -> None:
        super().__init__(data, initial={"dataset": Dataset.AUDITS, "edition": Edition.INTERNAL, "form": "csv"})
        self.today = today
        self.services = {str(choice.keys[0]): choice for choice in services}
        offer(self, months=periods.LONGEST, today=today, services=self.services)
        if not may_publish:
            del self.fields["edition"]

    def clean(self) -> dict[str, Any]:
        """Months in order; whole quarters that are over, and every service, for what is published."""
        cleaned = super().clean() or {}
        if cleaned.get("reason") and len(cleaned["reason"]) < SHORTEST_REASON:
            self.add_error("reason", f"Say in at least {SHORTEST_REASON} characters what you need it for")
        if not (cleaned.get("month_from") and cleaned.get("month_to")):
            return cleaned
        first, last = self.months
        if first > last:
            self.add_error("month_to", "Choose a last month that is not before the first")
        elif self.for_whom == Edition.PUBLIC:
            if not editions.is_quarter(first, last):
                self.add_error(
                    "month_from", "Choose a whole quarter for publication: April to June, July to September and so on"
                )
            elif not editions.is_over(last, self.today):
                self.add_error("month_to", "Choose a quarter that is over")
            if cleaned.get("service"):
                self.add_error("service", "Choose all services: counts to publish are the department's")
        return cleaned

    @property
    def months(self) -> tuple[date, date]:
        """The first and the last month, once they are chosen."""
        first, last = (periods.read_month(self.cleaned_data[name]) for name in ("month_from", "month_to"))
        return first, last

    @property
    def for_whom(self) -> str:
        """For whom it is; internal where nothing else is offered."""
        return str(self.cleaned_data.get("edition") or Edition.INTERNAL)

    @property
    def service_keys(self) -> tuple[Any, ...]:
        """The keys of the service that was chosen; none for all."""
        chosen = self.services.get(self.cleaned_data.get("service") or "")
        return chosen.keys if chosen else ()
