"""What is written under the headings of a report."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import BaseForm
from reports.choices import WrittenKind
from reports.rules.writing import HEADINGS, LONGEST_TEXT


class WritingForm(BaseForm):
    """A text for each heading; none is required until the report is finished."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for heading in HEADINGS[kind]:
            self.fields[heading.key] = forms.CharField(
                label=heading.words,
                help_text=heading.hint,
                required=False,
                widget=forms.Textarea(attrs={"rows": 5, "data-maxlength": str(LONGEST_TEXT)}),
            )

    @property
    def texts(self) -> dict[str, str]:
        """What stands under each heading."""
        return {key: value for key, value in self.cleaned_data.items() if key != "version"}


class BeginForm(BaseForm):
    """Which report, about which month."""

    kind = forms.ChoiceField(
        label="Report", choices=WrittenKind.choices, error_messages={"required": "Choose a report"}
    )
    month = forms.ChoiceField(label="Month", error_messages={"required": "Choose a month"})

    def __init__(self, *args: Any, months: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = months  # type: ignore[attr-defined]  # a ChoiceField
