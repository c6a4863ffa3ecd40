"""What a person may type when an action moves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from core.forms import BaseForm, GovDateField


class OwnerField(forms.ModelChoiceField):
    """One person, by name and job."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", "Choose a person")
        kwargs.setdefault("error_messages", {"required": "Choose the owner"})
        super().__init__(User.objects.none(), **kwargs)

    def label_from_instance(self, obj: User) -> str:
        """The person's name, with the job where it is known, since two people may share a name."""
        return f"{obj.name}, {obj.job_title}" if obj.job_title else obj.name


class VersionedForm(BaseForm):
    """A form that knows which version of the record its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class PlainForm(VersionedForm):
    """A move that needs no words."""


class WhyForm(VersionedForm):
    """A reason, kept in the history."""

    why = forms.CharField(
        label="Why?", help_text="Say why in a sentence or two, without a child's name.", max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": "Say why"},
    )  # fmt: skip


class ProgressForm(VersionedForm):
    """How far it is, and where the evidence is."""

    text = forms.CharField(
        label="What has been done so far?", max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 5, "data-maxlength": "4000"}),
    )  # fmt: skip
    document = forms.CharField(
        label="Where is the evidence? (optional)", max_length=200, required=False,
        help_text="The document or case note in the case system, for example: home visit, case note",
    )  # fmt: skip
    dated_on = GovDateField(label="Date of the evidence (optional)", required=False, help_text="For example, 27 3 2026")


class ClaimForm(ProgressForm):
    """What was done, in words, and where the evidence is."""

    text = forms.CharField(
        label="What was done?", max_length=4000, error_messages={"required": "Say what was done"},
        widget=forms.Textarea(attrs={"rows": 5, "data-maxlength": "4000"}),
    )  # fmt: skip


class NoteForm(BaseForm):
    """A note of somebody other than the owner."""

    text = forms.CharField(
        label="Note", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write the note"},
    )  # fmt: skip


class MoveDueForm(WhyForm):
    """Another due date, and why."""

    due_on = GovDateField(label="New due date", help_text="For example, 27 3 2027")
    field_order = ("due_on", "why")


class ReassignForm(WhyForm):
    """Another owner, and why."""

    owner = OwnerField(label="New owner", error_messages={"required": "Choose the new owner"})
    field_order = ("owner", "why")

    def __init__(self, *args: Any, owners: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]  # an OwnerField


class CheckForm(BaseForm):
    """Whether a verified action had the effect that was wanted."""

    impact = forms.ChoiceField(label="Did it have the effect that was wanted?")
    note = forms.CharField(
        label="What did you see?", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what you saw"},
    )  # fmt: skip
