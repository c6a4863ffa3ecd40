"""What an indicator means, as somebody corrects and confirms it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from actions.forms.moving import OwnerField
from assurance_clinics.choices import Basis, IndicatorKind, Polarity
from assurance_clinics.forms.seeing import SeenForm
from core.forms import GovDateField, GovRadios


class DefinitionForm(SeenForm):
    """A definition and the target that goes with it."""

    kind = forms.ChoiceField(label="What kind of figure is it?", choices=IndicatorKind.choices, widget=GovRadios())
    basis = forms.ChoiceField(label="Over what is it counted?", choices=Basis.choices, widget=GovRadios())
    polarity = forms.ChoiceField(label="Which way is better?", choices=Polarity.choices, widget=GovRadios())
    numerator = forms.CharField(label="What is counted (numerator)?", required=False, max_length=500)
    denominator = forms.CharField(label="Of what (denominator)?", required=False, max_length=500)
    target = forms.DecimalField(
        label="Target", required=False, max_digits=12, decimal_places=2,
        help_text="Leave it blank where there is none",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"}),
        error_messages={"invalid": "Write the target as a number, such as 95"},
    )  # fmt: skip
    upper = forms.DecimalField(
        label="Upper end, for a range", required=False, max_digits=12, decimal_places=2,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"}),
        error_messages={"invalid": "Write the upper end as a number, such as 110"},
    )  # fmt: skip
    tolerance = forms.DecimalField(
        label="Tolerance", required=False, min_value=0, max_digits=12, decimal_places=2,
        help_text="How far from the target still counts as near it (amber)",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"}),
        error_messages={"invalid": "Write the tolerance as a number, such as 5"},
    )  # fmt: skip
    annual = forms.BooleanField(label="The target is a sum for the whole year from April", required=False)
    valid_from = GovDateField(
        label="From when does this hold?",
        help_text="A date after the present definition's makes a new definition, and breaks the line of the trend",
    )
    target_from = GovDateField(
        label="From when does the target hold? (optional)", noun="The day of the target", required=False,
        help_text="Leave it blank for the day above. Months before it keep the target that they had",
    )  # fmt: skip
    owner = OwnerField(
        label="Who owns it? (optional)", required=False, empty_label="Nobody yet",
        help_text="Hears when a clinic's figures are missing",
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label="What has changed?", required=False, max_length=500,
        help_text="Printed at the break in the trend, where this is a new definition",
    )  # fmt: skip

    def __init__(self, *args: Any, owners: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["owner"].queryset = owners

    def clean(self) -> dict[str, Any]:
        """A range needs both its ends, in order; a percentage's target lies between 0 and 100."""
        cleaned = super().clean() or self.cleaned_data
        target, upper = cleaned.get("target"), cleaned.get("upper")
        if cleaned.get("polarity") == Polarity.RANGE and target is not None:
            if upper is None:
                self.add_error("upper", "Give the upper end of the range")
            elif upper < target:
                self.add_error("upper", "The upper end lies below the target. Turn the two round")
        held_from, begins = cleaned.get("target_from"), cleaned.get("valid_from")
        changed = {"target", "upper", "tolerance"} & set(self.changed_data)
        if changed and held_from and begins and held_from < begins and self.initial.get("target_from") == held_from:
            self.add_error("target_from", "The target was changed. Say from when the new one holds")
        if cleaned.get("kind") == IndicatorKind.PERCENTAGE and target is not None and not 0 <= target <= 100:
            self.add_error("target", "A percentage lies between 0 and 100")
        return cleaned
