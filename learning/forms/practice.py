"""What a person may type about exemplars and briefings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import OrgUnit
from audits.models import Theme
from core.forms import BaseForm, GovCheckboxes, GovRadios
from learning.forms.checked import CheckedForm
from learning.forms.panels import version_field

MESSAGES = 5


class NominateForm(CheckedForm):
    """Why others can learn from it."""

    checked = ("why",)
    why = forms.CharField(
        label="What can others learn from it?", widget=forms.Textarea(attrs={"rows": 4}), max_length=2000,
        help_text="Name no child, family or worker",
    )  # fmt: skip


class ExemplarForm(CheckedForm):
    """The exemplar as others read it."""

    checked = ("title", "text")
    version = version_field()
    title = forms.CharField(label="Title", max_length=150)
    text = forms.CharField(
        label="What was done, and what came of it", widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Name no child, family or worker, and leave out what they could be known by",
    )  # fmt: skip
    tags = forms.ModelMultipleChoiceField(
        Theme.objects.none(), label="Themes (optional)", required=False, widget=GovCheckboxes(small=True)
    )

    def __init__(self, *args: Any, themes: QuerySet[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].queryset = themes  # type: ignore[attr-defined]  # a choice of rows


class ConsentForm(BaseForm):
    """Agree or refuse."""

    version = version_field()
    answer = forms.ChoiceField(
        label="May this be published?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=GovRadios(inline=True),
    )
    note = forms.CharField(
        label="Note (optional)", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class SearchForm(BaseForm):
    """Words to look for in the library."""

    text = forms.CharField(
        label="Search the library", max_length=100, required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )  # fmt: skip


class BriefingForm(CheckedForm):
    """One page: a title, up to five key messages, and what stands behind them."""

    version = version_field()
    title = forms.CharField(label="Title", max_length=150)
    text = forms.CharField(
        label="Background (optional)", required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text="A briefing is one page: 3,000 characters at most",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(1, MESSAGES + 1):
            self.fields[f"message{place}"] = forms.CharField(
                label=f"Key message {place}" if place == 1 else f"Key message {place} (optional)", max_length=250,
                required=place == 1,
            )  # fmt: skip
        self.order_fields(["version", "title", *(f"message{place}" for place in range(1, MESSAGES + 1)), "text"])

    def texts(self) -> list[str]:
        """Everything that is read."""
        return [str(self.cleaned_data.get(name) or "") for name in ("title", "text")] + self.messages

    @property
    def messages(self) -> list[str]:
        """The key messages that were written."""
        held = (self.cleaned_data.get(f"message{place}", "") for place in range(1, MESSAGES + 1))
        return [text for text in held if text]


class PublishForm(BaseForm):
    """To whom a briefing goes."""

    version = version_field()
    units = forms.ModelMultipleChoiceField(
        OrgUnit.objects.none(), label="To which services and teams?", widget=GovCheckboxes(small=True),
        error_messages={"required": "Choose at least one service or team"},
    )  # fmt: skip

    def __init__(self, *args: Any, offered: QuerySet[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = offered  # type: ignore[attr-defined]  # a choice of rows
