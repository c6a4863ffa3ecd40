"""A figure as somebody types it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from assurance_clinics.rules.figures import LARGEST_COUNT
from assurance_clinics.selectors.tables import month_after
from core.forms import BaseForm

MONTHS = 24


def _count(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=LARGEST_COUNT, help_text=help_text,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}),
        error_messages={"invalid": "Write the count in digits, such as 12"},
    )  # fmt: skip


class FigureForm(BaseForm):
    """The month, and the counts or the figure."""

    month = forms.ChoiceField(label="Month")
    numerator = _count("Numerator", "How many are counted")
    denominator = _count("Denominator", "Of how many")
    text = forms.CharField(
        label="Figure, where the counts are not known", required=False, max_length=40,
        help_text="A number, or N/A, TBC or <5",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )  # fmt: skip
    provisional = forms.BooleanField(label="The figure is provisional", required=False)
    replace = forms.BooleanField(label="Replace the figure that is held for this month", required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [month_after(today.replace(day=1), -steps) for steps in range(MONTHS)]
        field = self.fields["month"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in months]

    def clean(self) -> dict[str, Any]:
        """Something has to be typed: the counts or the figure."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and cleaned["numerator"] is None and cleaned["denominator"] is None and not cleaned["text"]:
            self.add_error("numerator", "Type the two counts, or the figure")
        return cleaned
