"""What a person may type on the home floor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from core.forms import BaseForm
from core.history.models import AccessEvent


class SearchForm(BaseForm):
    """One box; what is typed is sent in the body, so that no reference stands in an address or a log."""

    text = forms.CharField(
        label="Search",
        help_text="A case or audit reference, an auditor, a worker or a theme",
        min_length=2,
        max_length=100,
        error_messages={
            "required": "Enter a reference, a name or a theme",
            "min_length": "Enter at least 2 characters",
            "max_length": "Enter no more than 100 characters",
        },
    )


class PeriodForm(BaseForm):
    """From a day to a day, in the address. A period that makes no sense is told; the default stands in its place."""

    first = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    LONGEST = 366

    def clean(self) -> dict[str, Any]:
        """The days stand in order, and are not more than a year."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "Enter a last day that is not before the first")
        elif first and last and (last - first).days > self.LONGEST:
            self.add_error("last", "Enter days that are no more than a year apart")
        return cleaned

    def period(self, today: date, days: int) -> tuple[date, date]:
        """The first and the last day asked for; the last `days` days where nothing sensible was."""
        good = self.is_valid()
        last = (self.cleaned_data.get("last") if good else None) or today
        first = (self.cleaned_data.get("first") if good else None) or min(last, today) - timedelta(days=days - 1)
        return first, last


class LogForm(PeriodForm):
    """Whose looks, at what time and of what kind."""

    person = forms.ChoiceField(label="Person", required=False)
    purpose = forms.ChoiceField(
        label="What was done", required=False, choices=[("", "Anything"), *AccessEvent.Purpose.choices]
    )

    field_order = ("person", "purpose", "first", "last")

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["person"].choices = [("", "Anybody"), *people]  # type: ignore[attr-defined]  # a ChoiceField


class FindCaseForm(BaseForm):
    """A case by its reference, sent in the body."""

    reference = forms.CharField(label="Case reference", max_length=60)


class BreakGlassForm(FindCaseForm):
    """Which case, and why at once."""

    why = forms.CharField(
        label="Why do you need to see this case now?",
        help_text="At least 20 characters. The QA lead and the information governance lead read this at once. "
        "Do not write the child's name.",
        min_length=20,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": "Enter why you need to see this case now",
            "min_length": "Say why in at least 20 characters",
            "max_length": "Say why in no more than 200 characters",
        },
    )
