"""What a person may type about people, roles and structure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.choices import STRONG_ROLES, Role, UnitKind
from accounts.models import OrgUnit
from core.forms import BaseForm, GovDateField, GovRadios

ANY = ("", "All")
EXAMPLE = "For example, 27 3 2026"


def _why(label: str = "Why?", help_text: str = "A sentence, kept in the history.") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"required": "Say why"},
    )


class PeopleFilterForm(BaseForm):
    """Narrows the list of people. Names are searched by `NameForm`, so that none stands in an address."""

    role = forms.ChoiceField(required=False, choices=[ANY, *Role.choices])
    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label="Where", required=False, empty_label="Anywhere")
    state = forms.ChoiceField(
        label="Working here",
        required=False,
        choices=[("", "Working here"), ("left", "Left"), ("all", "Everybody")],
    )

    def __init__(self, *args: Any, units: QuerySet[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["unit"]).queryset = units


class NameForm(BaseForm):
    """Looks for a person."""

    name = forms.CharField(
        label="Find a person",
        help_text="Part of a name or e-mail address",
        max_length=150,
        min_length=2,
        error_messages={"required": "Enter part of a name", "min_length": "Enter at least 2 letters"},
    )


class PersonForm(BaseForm):
    """Who somebody is."""

    name = forms.CharField(label="Full name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label="Work e-mail address",
        help_text="They sign in with it.",
        max_length=254,
        error_messages={"invalid": "Enter an e-mail address in the right form, like name@council.gov.uk"},
    )
    job_title = forms.CharField(label="Job title (optional)", max_length=150, required=False)


class EmailForm(BaseForm):
    """The address of whoever has forgotten their password."""

    email = forms.EmailField(
        label="Your work e-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your e-mail address",
            "invalid": "Enter an e-mail address in the right form, like name@council.gov.uk",
        },
    )


class SubjectForm(BaseForm):
    """As whom somebody signs in at the council's identity provider."""

    subject = forms.CharField(
        label="Subject",
        help_text="The number or name that the provider has for this person. It is shown to them when they try to "
        "sign in before they are linked. Leave blank to take the link away.",
        max_length=191,
        required=False,
    )


class WhyForm(BaseForm):
    """A reason, for the history."""

    why = _why()


class LeaveForm(BaseForm):
    """Somebody leaves."""

    last_day = GovDateField(
        label="What is their last day?",
        help_text="If it is today or has passed, they are signed out at once. For example, 27 3 2026",
        latest=lambda: timezone.localdate() + timedelta(days=366),
        noun="The last day",
    )
    why = _why()


class RoleForm(BaseForm):
    """A role for somebody: which, where, and from when until when."""

    role = forms.ChoiceField(
        label="Which role?",
        choices=Role.choices,
        widget=GovRadios(
            small=True,
            hints={role.value: "A second person has to approve this." for role in STRONG_ROLES},
        ),
    )
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(),
        label="Where?",
        help_text="The role reaches this unit and everything below it.",
        empty_label="Choose",
    )
    starts_on = GovDateField(label="First day", help_text=EXAMPLE)
    ends_on = GovDateField(label="Last day (optional)", help_text="Leave blank if no end is known.", required=False)
    why = _why()

    def __init__(self, *args: Any, units: QuerySet[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["unit"]).queryset = units

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "Last day must be on or after the first day")
        return cleaned


class EndRoleForm(BaseForm):
    """The end of a role."""

    ends_on = GovDateField(
        label="What is the last day of this role?",
        help_text="To end it at once, give yesterday’s date.",
        earliest=lambda: timezone.localdate() - timedelta(days=1),
        noun="The last day",
    )
    why = _why()


class DecideForm(BaseForm):
    """A second person's answer."""

    decision = forms.ChoiceField(
        label="Your decision",
        choices=[("approve", "Approve: give the role"), ("decline", "Decline")],
        widget=GovRadios(reveals={"decline": "why"}),
        error_messages={"required": "Choose whether to approve or decline"},
    )
    why = forms.CharField(
        label="Why do you decline?", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, may_approve: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_approve:
            cast(GovRadios, self.fields["decision"].widget).disabled_choices = {"approve"}

    def clean(self) -> dict[str, Any]:
        """Whoever declines says why."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") == "decline" and not cleaned.get("why"):
            self.add_error("why", "Say why you decline")
        return cleaned


class UnitForm(BaseForm):
    """A new service or team."""

    kind = forms.ChoiceField(
        label="What is it?",
        choices=UnitKind.choices,
        widget=GovRadios(
            hints={"directorate": "Stands at the top", "service": "In a directorate", "team": "In a service"}
        ),
    )
    name = forms.CharField(label="Name", max_length=150)
    parent = forms.ModelChoiceField(
        OrgUnit.objects.none(), label="What is it part of?", required=False, empty_label="Nothing (a directorate)"
    )
    opened_on = GovDateField(label="First day", help_text=EXAMPLE)

    def __init__(self, *args: Any, parents: QuerySet[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["parent"]).queryset = parents


class RenameForm(BaseForm):
    """Another name for a unit."""

    name = forms.CharField(label="New name", max_length=150)
    since = GovDateField(label="From which day?", help_text=EXAMPLE, noun="The day")


class CloseUnitForm(BaseForm):
    """The end of a unit, and what takes over."""

    closed_on = GovDateField(label="Last day", help_text=EXAMPLE, noun="The last day")
    successor = forms.ModelChoiceField(
        OrgUnit.objects.none(),
        label="What takes over? (optional)",
        help_text="Whoever answers for it from then on also sees what was done under the closed one.",
        required=False,
        empty_label="Nothing",
    )
    move_roles = forms.BooleanField(
        label="Let the roles held here go on at what takes over", required=False, initial=True
    )
    why = _why()

    def __init__(self, *args: Any, successors: QuerySet[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["successor"]).queryset = successors


def add_refusal(form: BaseForm, messages: Iterable[tuple[str | None, str]]) -> None:
    """Put a service's refusal beside the field it is about, or above the form."""
    for field, message in messages:
        form.add_error(field if field in form.fields else None, message)


def first_day(today: date) -> dict[str, Any]:
    """The initial answers of a form about dates."""
    return {"starts_on": today, "opened_on": today, "since": today, "closed_on": today, "last_day": today}
