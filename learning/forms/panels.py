"""What a person may type to set up a panel, seat its members and schedule its meetings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from core.forms import BaseForm, GovDateField, GovRadios
from learning.choices import SeatKind
from learning.rules.meetings import MOST_AT_ONCE, TERMS_AT_LEAST

TIME_HELP = "In 24 hours, for example 14:00"


def version_field() -> forms.IntegerField:
    """The version that the person has read."""
    return forms.IntegerField(widget=forms.HiddenInput(), required=False)


class PanelForm(BaseForm):
    """A panel: its name, what it is for, its quorum."""

    version = version_field()
    name = forms.CharField(
        label="Name", max_length=150, widget=forms.TextInput(attrs={"class": "govuk-input--width-30"})
    )
    terms = forms.CharField(
        label="Terms of reference", widget=forms.Textarea(attrs={"rows": 8}),
        help_text=f"At least {TERMS_AT_LEAST} characters: what the panel is for, what it decides, to whom it reports",
    )  # fmt: skip
    quorum = forms.IntegerField(
        label="Quorum", min_value=1, max_value=50,
        help_text="How many members have to be present. Below it no dispute can be decided",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )  # fmt: skip


class SeatForm(BaseForm):
    """A seat on the panel."""

    user = forms.ModelChoiceField(User.objects.none(), label="Who?", empty_label="Choose a person")
    kind = forms.ChoiceField(label="As what?", choices=SeatKind.choices, widget=GovRadios(small=True))

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]  # a choice of rows


class ScheduleForm(BaseForm):
    """One meeting, or a series of monthly ones."""

    first = GovDateField(label="Date of the first meeting", help_text="For example, 27 3 2027")
    starts_at = forms.TimeField(
        label="Time", help_text=TIME_HELP, widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        error_messages={"invalid": "Enter a time like 14:00"},
    )  # fmt: skip
    place = forms.CharField(label="Place (optional)", max_length=150, required=False)
    number = forms.IntegerField(
        label="How many meetings?", min_value=1, max_value=MOST_AT_ONCE, initial=1,
        help_text="More than one: each on the same weekday of the following months, as in the third Thursday",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )  # fmt: skip
