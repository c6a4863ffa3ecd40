"""The overall judgement, and the conversations held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from audits.choices import ConversationMode, ConversationOutcome, ConversationWith
from audits.selectors.drafting import GradeChoice
from audits.selectors.judging import Ceiling
from core.forms import BaseForm, GovDateField, GovRadios, today


def _long(label: str, hint: str = "", rows: int = 5) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, widget=forms.Textarea(attrs={"rows": rows}), required=False)


class OverallForm(BaseForm):
    """The overall grade under its ceiling, and what is said about the case as a whole. Nothing is required yet."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    working_well = _long("What is working well?")
    worries = _long("What are you worried about?")
    next_steps = _long("What needs to happen?")
    immediate_actions = _long(
        "Immediate actions (optional)", "Anything that cannot wait for the feedback. Say who agreed to do it.", 3
    )
    grade = forms.ChoiceField(label="Overall grade", required=False)
    override_reason = _long("Why this grade, above the limit?", rows=4)
    rationale = _long("Reason for the overall grade", "What weighed most in your judgement.")
    exemplar_nominated = forms.BooleanField(
        label="Nominate this audit as an example of good practice",
        help_text="The Principal Social Worker reads nominations. Nothing is shared before the practitioner agrees.",
        required=False,
    )
    no_family_feedback_reason = _long(
        "Why is there no feedback from the child or family?",
        "Only because no conversation with the child, a parent or a carer is recorded.",
        3,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        grades: tuple[GradeChoice, ...],
        ceiling: Ceiling,
        asks_why_no_family_feedback: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.ceiling = ceiling
        if grades:
            field = self.fields["grade"]
            field.choices = [(grade.key, grade.name) for grade in grades]  # type: ignore[attr-defined]  # a ChoiceField
            field.widget = GovRadios(
                choices=field.choices,  # type: ignore[attr-defined]
                hints={grade.key: grade.descriptor for grade in grades},
                disabled_choices=ceiling.barred,
            )
        else:
            del self.fields["grade"]
            self.fields["rationale"].label = "Summary (optional)"
            self.fields["rationale"].help_text = ""
        if ceiling.needs_override:
            names = [grade.name for grade in grades if grade.key in ceiling.needs_override]
            self.fields[
                "override_reason"
            ].help_text = f"Only if you choose {' or '.join(names)}. At least 30 characters. A moderator reads it."
            self.fields["override_reason"].widget.attrs["data-minimum"] = "30"
        else:
            del self.fields["override_reason"]
        if not asks_why_no_family_feedback:
            del self.fields["no_family_feedback_reason"]

    def clean_grade(self) -> str:
        """A grade above a hard ceiling is nobody's to give."""
        grade: str = self.cleaned_data["grade"]
        if grade in self.ceiling.barred:
            raise forms.ValidationError("Choose a grade that the limit allows. " + " ".join(self.ceiling.sentences))
        return grade

    def draft_values(self) -> dict[str, Any]:
        """What was typed, under the names of the draft; fields that this page does not show are left out."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ConversationForm(BaseForm):
    """One conversation, or why there was none."""

    with_whom = forms.ChoiceField(
        label="Who was the conversation with?", choices=ConversationWith.choices, widget=GovRadios()
    )
    outcome = forms.ChoiceField(
        label="Did it take place?",
        choices=[
            (ConversationOutcome.DONE, "Yes"),
            (ConversationOutcome.DECLINED, "No, they declined"),
            (ConversationOutcome.NOT_POSSIBLE, "No, it was not possible"),
        ],
        widget=GovRadios(),
    )
    mode = forms.ChoiceField(
        label="How?",
        help_text="Only if it took place.",
        choices=ConversationMode.choices,
        widget=GovRadios(inline=True),
        required=False,
    )
    held_on = GovDateField(
        label="When?",
        noun="The date of the conversation",
        help_text="Only if it took place. For example, 27 3 2026.",
        required=False,
        latest=today,
    )
    reason = forms.CharField(
        label="Why not?",
        help_text="Only if it did not take place.",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    what_they_said = forms.CharField(
        label="What they said (optional)",
        help_text="In a few words of your own. Use no names.",
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """A conversation that took place has a date and a manner; one that did not has a reason."""
        cleaned = super().clean() or {}
        outcome = cleaned.get("outcome")
        if outcome == ConversationOutcome.DONE:
            if not cleaned.get("mode"):
                self.add_error("mode", "Choose how the conversation was held")
            if not cleaned.get("held_on") and "held_on" not in self.errors:
                self.add_error("held_on", "Enter the date of the conversation")
            cleaned["reason"] = ""
        elif outcome:
            if not cleaned.get("reason"):
                self.add_error("reason", "Enter why there was no conversation")
            cleaned["mode"], cleaned["held_on"], cleaned["what_they_said"] = "", None, ""
        return cleaned
