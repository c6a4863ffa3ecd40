"""What a person may type about the council's settings."""

from __future__ import annotations

from typing import Any

from django import forms

from core.council.rules import Setting
from core.forms import BaseForm, GovDateField, GovRadios, today


class SettingForm(BaseForm):
    """Another value, from a day on."""

    value = forms.IntegerField(widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}))
    effective_on = GovDateField(
        label="From which day?",
        help_text="Clocks that have started keep the number with which they started. For example, 27 3 2026",
        earliest=today,
        noun="The first day",
    )
    why = forms.CharField(
        label="Why?",
        help_text="A sentence, kept in the history.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"required": "Say why"},
    )

    def __init__(self, *args: Any, setting: Setting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setting = setting
        if setting.is_yes_or_no:
            self.fields["value"] = forms.TypedChoiceField(
                label="Yes or no?", choices=[(1, "Yes"), (0, "No")], coerce=int, widget=GovRadios(),
                error_messages={"required": "Choose yes or no"},
            )  # fmt: skip
            return
        field = self.fields["value"]
        field.label = f"New number of {setting.unit}" if setting.unit != "%" else "New percentage"
        field.help_text = f"A whole number from {setting.low} to {setting.high}"
        field.error_messages |= {"required": "Enter a number", "invalid": f"Enter {lower(field.help_text)}"}

    def clean_value(self) -> int:
        """The value, when it lies within the setting's bounds."""
        value: int = self.cleaned_data["value"]
        if fault := self.setting.fault(value):
            raise forms.ValidationError(fault)
        return value


def lower(words: str) -> str:
    """The words with a small first letter."""
    return words[:1].lower() + words[1:]


class ClosingDayForm(BaseForm):
    """A day on which the council is closed."""

    day = GovDateField(label="Day", help_text="For example, 27 12 2026", earliest=today)
    name = forms.CharField(label="What is it?", help_text="For example, Council closed at Christmas", max_length=100)
