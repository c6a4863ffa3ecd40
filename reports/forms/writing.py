"""What is written under the headings of a report."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import BaseForm
from learning.forms.checked import Check, CheckedForm
from reports.choices import WrittenKind
from reports.rules.writing import HEADINGS, LONGEST_TEXT


class WritingForm(CheckedForm):
    """A text for each heading; none is required until the report is finished. Words that look as if they led to a
    person are asked about."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, check: Check, **kwargs: Any) -> None:
        super().__init__(*args, check=check, **kwargs)
        self.checked = tuple(heading.key for heading in HEADINGS[kind])
        for heading in HEADINGS[kind]:
            self.fields[heading.key] = forms.CharField(
                label=heading.words,
                help_text=heading.hint,
                required=False,
                widget=forms.Textarea(attrs={"rows": 5, "data-maxlength": str(LONGEST_TEXT)}),
            )

    @property
    def written(self) -> dict[str, str]:
        """What stands under each heading."""
        return {key: str(self.cleaned_data.get(key) or "") for key in self.checked}


class BeginForm(BaseForm):
    """Which report, about which month."""

    kind = forms.ChoiceField(
        label="Report", choices=WrittenKind.choices, error_messages={"required": "Choose a report"}
    )
    month = forms.ChoiceField(label="Month", error_messages={"required": "Choose a month"})

    def __init__(self, *args: Any, months: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = months  # type: ignore[attr-defined]  # a ChoiceField
