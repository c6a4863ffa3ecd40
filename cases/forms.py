"""What a person may type about cases."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from cases.choices import PlanType
from cases.selectors import UnitChoices
from core.forms import BaseForm

ANY = ("", "All")


class CaseFilterForm(BaseForm):
    """Narrows the list of cases. Never by reference: that would stand in the address."""

    service = forms.TypedChoiceField(required=False, coerce=uuid.UUID, empty_value=None)
    team = forms.TypedChoiceField(required=False, coerce=uuid.UUID, empty_value=None)
    plan_type = forms.ChoiceField(label="Plan", required=False, choices=[ANY, *PlanType.choices])
    state = forms.ChoiceField(
        label="Open or closed", required=False, choices=[("", "Open"), ("closed", "Closed"), ("all", "Open and closed")]
    )

    def __init__(self, *args: Any, units: UnitChoices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("service", units.services), ("team", units.teams)):
            cast(forms.ChoiceField, self.fields[name]).choices = [ANY, *choices]


class WhyForm(BaseForm):
    """A reason, for the history."""

    why = forms.CharField(
        label="Why?",
        help_text="Say why in a sentence, without names. It is kept in the history of the case.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"required": "Say why"},
    )


class RestrictForm(WhyForm):
    """Restrict a case: why, and one person beside oneself who may still see it."""

    person = forms.ModelChoiceField(
        User.objects.none(), label="Who else may see it?", required=False, empty_label="Nobody else yet",
        help_text="You can name more people afterwards.",
    )  # fmt: skip

    field_order = ("person", "why")

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["person"]).queryset = people


class PersonForm(BaseForm):
    """One person."""

    person = forms.ModelChoiceField(
        User.objects.none(), label="Name another person", empty_label="Choose a person",
        error_messages={"required": "Choose a person"},
    )  # fmt: skip

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["person"]).queryset = people


class AliasForm(BaseForm):
    """Another reference of the same case."""

    reference = forms.CharField(
        label="Other reference", max_length=60, error_messages={"required": "Enter the other reference"},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )  # fmt: skip
    system = forms.CharField(
        label="Which case system is it from?", required=False, max_length=60, help_text="For example, the old system",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )  # fmt: skip
