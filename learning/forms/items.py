"""What a person may type about an item of the agenda."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import OrgUnit, User
from actions.choices import Priority
from actions.models import Action
from actions.selectors.limits import priority_choices
from assurance_clinics.models import Indicator
from audits.models import Audit, Theme
from core.forms import BaseForm, GovDateField, GovRadios
from learning.choices import ItemKind, OutcomeKind, VoteChoice
from learning.forms.checked import CheckedForm
from learning.forms.panels import version_field

OUTCOMES = 3
_REFERENCE = {"class": "govuk-input--width-20"}


class AuditReference(forms.CharField):
    """An audit by its own reference, among those that the person may see or name."""

    audits: QuerySet[Audit] | None = None

    def clean(self, value: Any) -> Any:
        """The audit. Raises ValidationError where none of this reference is to be had."""
        text = super().clean(value).strip()
        if not text:
            return None
        found = self.audits.filter(reference__iexact=text).first() if self.audits is not None else None
        if found is None:
            raise forms.ValidationError("No audit that you can see has this reference")
        return found


class ProposeForm(CheckedForm):
    """Something for the panel to talk about."""

    checked = ("title", "paper")
    kind = forms.ChoiceField(
        label="What is it?",
        choices=[choice for choice in ItemKind.choices if choice[0] != ItemKind.DISPUTE],
        widget=GovRadios(
            small=True,
            reveals={ItemKind.THEME: "theme", ItemKind.INDICATOR: "indicator", ItemKind.ACTION: "action",
                     ItemKind.CASE: "audit"},
        ),
    )  # fmt: skip
    theme = forms.ModelChoiceField(Theme.objects.none(), label="Theme", required=False, empty_label="Choose a theme")
    indicator = forms.ModelChoiceField(
        Indicator.objects.none(), label="Indicator", required=False, empty_label="Choose an indicator"
    )
    action = forms.ModelChoiceField(
        Action.objects.none(), label="Action", required=False, empty_label="Choose an action"
    )
    audit = AuditReference(
        label="Audit (optional)", required=False, max_length=60, widget=forms.TextInput(attrs=_REFERENCE),
        help_text="The audit's own reference. The panel sees that, not the case's",
    )  # fmt: skip
    title = forms.CharField(label="Title", max_length=150, help_text="No name and nothing that leads to a child")
    paper = forms.CharField(
        label="What is the panel to talk about?", widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Everybody on the panel reads this. Name no child, family or worker; "
                  "leave out dates and places by which somebody could be known",
    )  # fmt: skip

    def __init__(
        self, *args: Any, themes: QuerySet[Theme], indicators: QuerySet[Indicator], actions: QuerySet[Action],
        audits: QuerySet[Audit], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["theme"].queryset = themes
        fields["indicator"].queryset = indicators
        fields["action"].queryset = actions
        fields["audit"].audits = audits


class CommentForm(CheckedForm):
    """A member's comment."""

    checked = ("text",)
    text = forms.CharField(
        label="Comment", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000,
        help_text="Everybody on the panel reads it. Name no child, family or worker",
    )  # fmt: skip


class ConflictForm(BaseForm):
    """Who has a conflict, and why."""

    user = forms.ModelChoiceField(User.objects.none(), label="Who has a conflict?", empty_label="Choose a member")
    why = forms.CharField(
        label="Why?", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In general words, such as “managed the worker at the time”",
        error_messages={"required": "Say why"},
    )  # fmt: skip

    def __init__(self, *args: Any, members: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = members  # type: ignore[attr-defined]  # a choice of rows


class DiscussionForm(CheckedForm):
    """What was said."""

    checked = ("discussion",)
    version = version_field()
    discussion = forms.CharField(
        label="What was said", widget=forms.Textarea(attrs={"rows": 8}),
        help_text="It goes into the minutes. Name no child, family or worker",
    )  # fmt: skip


class VotesForm(BaseForm):
    """How those present vote: a question for each of them."""

    def __init__(self, *args: Any, voters: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.voters = {f"vote-{user.pk}": user for user in voters}
        for name, user in self.voters.items():
            self.fields[name] = forms.ChoiceField(
                label=user.name, choices=VoteChoice.choices, required=False, widget=GovRadios(inline=True, small=True)
            )

    def clean(self) -> dict[str, Any]:
        """Somebody votes."""
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in self.voters):
            raise forms.ValidationError("Choose how at least one member votes")
        return cleaned

    @property
    def votes(self) -> dict[User, str]:
        """The votes that were given."""
        return {user: self.cleaned_data[name] for name, user in self.voters.items() if self.cleaned_data.get(name)}


class DecisionForm(CheckedForm):
    """The decision itself; what follows from it stands in OutcomeForm."""

    checked = ("decision",)
    version = version_field()
    decision = forms.CharField(
        label="What did the panel decide?", widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Name no child, family or worker",
    )  # fmt: skip
    review_on = GovDateField(
        label="When is it looked at again? (optional)", noun="Review date", required=False,
        help_text="A decision on a theme is looked at again after three months unless you choose another day",
    )  # fmt: skip

    def __init__(self, *args: Any, more_texts: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._more = list(more_texts)

    def texts(self) -> list[str]:
        """The decision and what follows from it."""
        return [*super().texts(), *self._more]


class DisputeForm(CheckedForm):
    """The grade that the panel decides for, why, and how each member votes."""

    checked = ("reason",)
    version = version_field()
    grade = forms.ChoiceField(label="For which grade does the panel decide?", widget=GovRadios(small=True))
    reason = forms.CharField(
        label="Why?", widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The auditor, the moderator and those who challenged read it. Name no child, family or worker",
    )  # fmt: skip
    override_reason = forms.CharField(
        label="Why a limiting rule does not hold here (only if one stands against the grade)", required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, grades: list[tuple[str, str]], voters: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["grade"].choices = grades
        self.voters = {f"vote-{user.pk}": user for user in voters}
        for name, user in self.voters.items():
            self.fields[name] = forms.ChoiceField(
                label=f"{user.name} votes for", choices=[("", "No vote"), *grades], required=False
            )

    @property
    def votes(self) -> dict[User, str]:
        """The votes that were given."""
        return {user: self.cleaned_data[name] for name, user in self.voters.items() if self.cleaned_data.get(name)}


class OutcomeForm(BaseForm):
    """One thing that follows from a decision."""

    kind = forms.ChoiceField(
        label="What follows?",
        choices=[choice for choice in OutcomeKind.choices if choice[0] != OutcomeKind.DISPUTE],
        widget=GovRadios(small=True),
    )
    text = forms.CharField(
        label="What has to be done, or why nothing is", widget=forms.Textarea(attrs={"rows": 3}), max_length=3000,
        error_messages={"required": "Say what has to be done, or why nothing is"},
    )  # fmt: skip
    how_we_know = forms.CharField(
        label="How will we know that it is done?", widget=forms.Textarea(attrs={"rows": 2}), max_length=2000,
        required=False, help_text="Not for “no action”",
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        User.objects.none(), label="Who will do it?", required=False, empty_label="Choose a person"
    )
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label="For which service or team? (optional)", required=False,
        empty_label="The whole partnership",
    )  # fmt: skip
    priority = forms.ChoiceField(
        label="Priority", choices=lambda: priority_choices(timezone.localdate()), required=False, initial=Priority.LOW,
        help_text="It says by when, unless you choose a day",
    )  # fmt: skip
    due_on = GovDateField(label="Due date (optional)", noun="Due date", required=False)

    def __init__(self, *args: Any, owners: QuerySet[User], units: QuerySet[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["owner"].queryset = owners
        fields["unit"].queryset = units

    def clean(self) -> dict[str, Any]:
        """Whatever somebody has to do has an owner and a sign."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") and cleaned["kind"] != OutcomeKind.NO_ACTION:
            if not cleaned.get("owner"):
                self.add_error("owner", "Choose who will do it")
            if not cleaned.get("how_we_know"):
                self.add_error("how_we_know", "Say how we will know that it is done")
        return cleaned


OutcomeFormSet = forms.formset_factory(OutcomeForm, extra=OUTCOMES, max_num=OUTCOMES, absolute_max=OUTCOMES)


class ImpactForm(CheckedForm):
    """What came of a decision."""

    checked = ("note",)
    version = version_field()
    note = forms.CharField(
        label="What came of the decision?", widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What the figures show, and what the panel makes of them",
    )  # fmt: skip
