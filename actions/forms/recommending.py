"""What a person may type about a recommendation of an outside body."""

from __future__ import annotations

from django import forms

from actions.choices import Body, RecommendationStatus
from actions.forms.moving import VersionedForm
from core.forms import BaseForm, GovDateField, GovRadios

ANY = [("", "All")]


class RecommendationFilterForm(BaseForm):
    """Narrows the list of recommendations."""

    source = forms.ChoiceField(label="Body", choices=[*ANY, *Body.choices], required=False)
    status = forms.ChoiceField(label="Status", choices=[*ANY, *RecommendationStatus.choices], required=False)
    everything = forms.BooleanField(label="Also those that have left the list", required=False)


class RecommendationForm(BaseForm):
    """A recommendation as the body's report says it."""

    source = forms.ChoiceField(label="What kind of body made it?", choices=Body.choices, widget=GovRadios(small=True))
    body_name = forms.CharField(
        label="Name of the body or report", max_length=150, help_text="For example, Children's Scrutiny Panel"
    )
    made_on = GovDateField(label="Date of the recommendation", help_text="For example, 27 3 2026")
    item_number = forms.CharField(
        label="Item number", max_length=20, widget=forms.TextInput(attrs={"class": "govuk-input--width-5"})
    )
    title = forms.CharField(label="Short title", max_length=200)
    wording = forms.CharField(
        label="The recommendation, word for word", max_length=8000, widget=forms.Textarea(attrs={"rows": 5})
    )


class AnswerForm(VersionedForm):
    """What is proposed and what was done, as the body will read it."""

    response = forms.CharField(
        label="Action proposed", max_length=8000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What the council proposes to do. The body reads this.",
        error_messages={"required": "Say what the council proposes to do"},
    )  # fmt: skip
    taken = forms.CharField(
        label="Action taken (optional)", max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What has been done so far. The body reads this.",
    )  # fmt: skip


class AcceptedForm(VersionedForm):
    """The day of the body's acceptance."""

    decided_on = GovDateField(label="When did the body accept it?", help_text="For example, 27 3 2026")
    why = forms.CharField(
        label="What did it say? (optional)", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RejectedForm(VersionedForm):
    """The day of a rejection, and the reason."""

    decided_on = GovDateField(label="When was it rejected?", help_text="For example, 27 3 2026")
    why = forms.CharField(
        label="For what reason?", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say for what reason"},
    )  # fmt: skip


class ReportedForm(VersionedForm):
    """When and to whom a rejection was reported."""

    reported_on = GovDateField(label="When was the rejection reported?", help_text="For example, 27 3 2026")
    reported_to = forms.CharField(label="To whom?", max_length=150, help_text="For example, Cabinet")
