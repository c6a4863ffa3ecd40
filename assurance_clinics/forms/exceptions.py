"""What a person may type on the list of what is overdue."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import OrgUnit
from assurance_clinics.forms.seeing import SeenForm
from assurance_clinics.rules.exceptions import DUTIES
from core.forms import BaseForm


class ExceptionFilterForm(BaseForm):
    """The filter: a place, what is due, a worker, and whether there is a note."""

    place = forms.ChoiceField(label="Service or team", required=False)
    duty = forms.ChoiceField(
        label="What is due", required=False, choices=[("", "Everything"), *((one.key, one.words) for one in DUTIES)]
    )
    worker = forms.ChoiceField(label="Worker", required=False)
    note = forms.ChoiceField(
        label="Note",
        required=False,
        choices=[("", "With or without"), ("without", "Without a note"), ("with", "With a note")],
    )
    show = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: list[OrgUnit], workers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["worker"].choices = [("", "Everybody"), *workers]
        if places:
            fields["place"].choices = [(str(one.pk), one.name) for one in places]
        else:
            del self.fields["place"]


class CaseNoteForm(SeenForm):
    """Why it is late, and what is arranged."""

    text = forms.CharField(
        label="Note", required=False, max_length=4000, help_text="Why it is late and what is arranged, without a name",
        widget=forms.Textarea(attrs={"rows": 6, "data-maxlength": "4000"}),
    )  # fmt: skip
