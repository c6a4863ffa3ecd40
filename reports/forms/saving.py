"""What is asked of somebody who keeps a report, or has it come by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import User
from core.forms import BaseForm, GovRadios
from reports.choices import Cadence


class SaveForm(BaseForm):
    """A name."""

    name = forms.CharField(
        label="What do you call this report?",
        help_text="For example, My teams each month. Do not name a child or a worker.",
        max_length=80,
        widget=forms.TextInput(),
        error_messages={"required": "Give the report a name"},
    )


class SubscribeForm(BaseForm):
    """How often, as what, and for the QA unit also to whom."""

    cadence = forms.ChoiceField(
        label="How often does it come?", choices=Cadence.choices, widget=GovRadios(),
        error_messages={"required": "Choose how often it comes"},
    )  # fmt: skip
    form = forms.ChoiceField(label="As what?", required=False, widget=GovRadios())
    person = forms.ModelChoiceField(
        label="To whom?", queryset=User.objects.none(), required=False, empty_label="To me",
        help_text="They get what they may read, whoever saved the report.",
    )  # fmt: skip

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, forms_offered: Mapping[str, str], people: Any = None
    ) -> None:
        super().__init__(data, initial={"cadence": Cadence.MONTHLY, "form": ""})
        self.fields["form"].choices = list(forms_offered.items())  # type: ignore[attr-defined]  # a ChoiceField
        if people is None:
            del self.fields["person"]
        else:
            self.fields["person"].queryset = people  # type: ignore[attr-defined]  # a ModelChoiceField
