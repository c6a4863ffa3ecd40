"""Safeguarding alerts: raising one, and saying what was done."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from core.forms import BaseForm, GovDateField, today

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


class AlertForm(BaseForm):
    """What, where, since when, and who has been told by phone."""

    what = forms.CharField(
        label="What is the risk to the child?",
        help_text="What you found, in plain words. Use no names.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Enter what the risk is"},
    )
    where = forms.CharField(
        label="Where in the record did you find it?",
        help_text="The kind of document and its date.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Enter where in the record you found it"},
    )
    since = forms.CharField(
        label="Since when?",
        help_text="As far as you can tell. For example, since the visit of 3 March 2026.",
        max_length=150,
        error_messages={"required": "Enter since when, as far as you can tell"},
    )
    told_name = forms.CharField(
        label="Who have you told by phone?",
        help_text="Their name and role. Phone the team manager now if you have not; leave this blank until you have.",
        max_length=150,
        required=False,
    )
    told_on = GovDateField(
        label="Date of the call",
        noun="The date of the call",
        required=False,
        latest=today,
        help_text="Only if you have told somebody.",
    )
    told_time = forms.CharField(
        label="Time of the call",
        help_text="For example, 14:30.",
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}),
    )

    def clean_told_time(self) -> time | None:
        """A time of day, or None."""
        typed = self.cleaned_data["told_time"]
        if not typed:
            return None
        found = _TIME.fullmatch(typed)
        if not found:
            raise forms.ValidationError("Enter the time of the call, like 14:30")
        return time(int(found[1]), int(found[2]))

    def clean(self) -> dict[str, Any]:
        """A call has a person, a day and a time, or none of them."""
        cleaned = super().clean() or {}
        name, at = cleaned.get("told_name"), cleaned.get("told_time")
        if at and not name and "told_name" not in self.errors:
            self.add_error("told_name", "Enter who you told")
        if name and not at and "told_time" not in self.errors:
            self.add_error("told_time", "Enter the time of the call, like 14:30")
        if name and at and "told_on" not in self.errors and not self.errors and self.told_at() > timezone.now():
            self.add_error("told_time", "The time of the call must be in the past")
        return cleaned

    def told_at(self) -> Any:
        """The moment of the call (aware), or None. Without a date it was today."""
        at: time | None = self.cleaned_data.get("told_time")
        if not self.cleaned_data.get("told_name") or at is None:
            return None
        on: date = self.cleaned_data.get("told_on") or timezone.localdate()
        return timezone.make_aware(datetime.combine(on, at))


class ResolveAlertForm(BaseForm):
    """What was done about it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    resolution = forms.CharField(
        label="What was done?",
        help_text="What makes the child safe now, who did it and when. The auditor and the QA unit read it.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Enter what was done"},
    )
