"""What a person may type to move a meeting."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from core.forms import BaseForm, GovCheckboxes, GovDateField
from learning.forms.checked import CheckedForm
from learning.forms.panels import TIME_HELP, version_field


class PlainForm(BaseForm):
    """A move that needs no words."""

    version = version_field()


class WhyForm(BaseForm):
    """A move that needs a reason."""

    version = version_field()
    why = forms.CharField(
        label="Why?", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why"}, help_text="Do not name a child, a family or a worker",
    )  # fmt: skip


class PostponeForm(WhyForm):
    """A new date."""

    held_on = GovDateField(label="New date", help_text="For example, 27 3 2027")
    starts_at = forms.TimeField(
        label="Time", help_text=TIME_HELP, widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        error_messages={"invalid": "Enter a time like 14:00"},
    )  # fmt: skip
    field_order = ("version", "held_on", "starts_at", "why")


class PresentForm(BaseForm):
    """Who is there."""

    version = version_field()
    present = forms.ModelMultipleChoiceField(
        User.objects.none(), label="Who is present?", widget=GovCheckboxes(small=True),
        error_messages={"required": "Say who is present"},
    )  # fmt: skip

    def __init__(self, *args: Any, members: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].queryset = members  # type: ignore[attr-defined]  # a choice of rows


class MinutesForm(CheckedForm):
    """The draft minutes."""

    checked = ("minutes",)
    version = version_field()
    minutes = forms.CharField(
        label="Minutes", widget=forms.Textarea(attrs={"rows": 24}),
        help_text="Name the members who were present and nobody else",
    )  # fmt: skip


class CorrectionForm(CheckedForm):
    """What was wrong in agreed minutes."""

    checked = ("text",)
    version = version_field()
    text = forms.CharField(
        label="Correction", widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The minutes stay as they were agreed; this note stands under them",
    )  # fmt: skip
