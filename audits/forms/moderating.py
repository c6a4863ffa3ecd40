"""A moderator's decision: section by section and overall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from audits.choices import ModerationOutcome
from audits.selectors.drafting import GradeChoice
from core.forms import BaseForm, GovRadios

AGREE, CHANGE = "agree", "change"
SHORTEST_REASON = 20


class SectionedForm(BaseForm):
    """A form that asks for a section under `s-{key}-...`; a service calls what it refuses there `section_{key}`."""

    def say(self, refused: ValidationError) -> None:
        """As every form, a section's refusal beside its reason."""
        if not hasattr(refused, "error_dict"):
            super().say(refused)
            return
        super().say(ValidationError({_field_of(name): each for name, each in refused.message_dict.items()}))


def _field_of(name: str) -> str:
    return f"s-{name.removeprefix('section_')}-reason" if name.startswith("section_") else name


class DecisionForm(SectionedForm):
    """Agree or change, with a reason of at least 20 characters for each changed grade (product.md MD-2).

    `sections` are (key, title, present grade) of the graded sections. Ceilings are checked by the service.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    outcome = forms.ChoiceField(
        label="Do you agree with the overall grade?",
        widget=GovRadios(),
        error_messages={"required": "Choose whether you agree with the overall grade"},
    )
    grade = forms.ChoiceField(
        label="New overall grade", help_text="Only if you change it.", widget=GovRadios(), required=False
    )
    reason = forms.CharField(
        label="Reason for the change",
        help_text="Only if you change it. The auditor reads this. At least 20 characters.",
        widget=forms.Textarea(attrs={"rows": 4, "data-minimum": str(SHORTEST_REASON)}),
        required=False,
    )
    override_reason = forms.CharField(
        label="Reason for a grade above the limit",
        widget=forms.Textarea(attrs={"rows": 3, "data-minimum": "30"}),
        required=False,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        grades: tuple[GradeChoice, ...],
        sections: Iterable[tuple[UUID, str, str]],
        overall: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        names = {grade.key: grade.name for grade in grades}
        self.sections = list(sections)
        self.overall = overall
        self._set("outcome", _agree_or_change(names.get(overall, overall)))
        self._set("grade", [(key, name) for key, name in names.items() if key != overall])
        self.fields[
            "override_reason"
        ].help_text = "Only if the new grade is above a limit that may be overridden. At least 30 characters."
        for key, title, grade in self.sections:
            self._add_section(key, title, grade, names)
        # The order of the page, which is that of the error summary.
        self.order_fields([name for name in self.fields if name.startswith("s-")])

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def _add_section(self, key: UUID, title: str, grade: str, names: Mapping[str, str]) -> None:
        self.fields[f"s-{key}-outcome"] = forms.ChoiceField(
            label="Your view of this grade",
            choices=_agree_or_change(names.get(grade, grade)),
            widget=GovRadios(small=True),
            initial=AGREE,
            error_messages={"required": f"Choose whether you agree with the grade for “{title}”"},
        )
        self.fields[f"s-{key}-grade"] = forms.ChoiceField(
            label="New grade",
            help_text="Only if you change it.",
            choices=[(each, name) for each, name in names.items() if each != grade],
            widget=GovRadios(small=True),
            required=False,
        )
        self.fields[f"s-{key}-reason"] = forms.CharField(
            label="Reason",
            help_text="Only if you change it. At least 20 characters.",
            widget=forms.Textarea(attrs={"rows": 3, "data-minimum": str(SHORTEST_REASON)}),
            required=False,
        )

    def section_fields(self, key: UUID) -> tuple[forms.BoundField, forms.BoundField, forms.BoundField]:
        """The decision, new grade and reason of one section."""
        return self[f"s-{key}-outcome"], self[f"s-{key}-grade"], self[f"s-{key}-reason"]

    def clean(self) -> dict[str, Any]:
        """Each changed grade needs the new grade and a reason."""
        cleaned = super().clean() or {}
        for key, title, _ in self.sections:
            self._check(cleaned, f"s-{key}-", f" for “{title}”")
        self._check(cleaned, "", "")
        return cleaned

    def _check(self, cleaned: dict[str, Any], prefix: str, where: str) -> None:
        if cleaned.get(f"{prefix}outcome") != CHANGE:
            return
        if not cleaned.get(f"{prefix}grade") and f"{prefix}grade" not in self.errors:
            self.add_error(f"{prefix}grade", f"Choose the new grade{where or ' overall'}")
        reason = " ".join(cleaned.get(f"{prefix}reason", "").split())
        if len(reason) < SHORTEST_REASON and f"{prefix}reason" not in self.errors:
            self.add_error(
                f"{prefix}reason", f"Enter a reason of at least {SHORTEST_REASON} characters for the change{where}"
            )

    def decision(self) -> dict[str, Any]:
        """What was decided, under the names of the service's arguments."""
        cleaned = self.cleaned_data
        changed = cleaned["outcome"] == CHANGE
        return {
            "outcome": ModerationOutcome.CHANGED if changed else ModerationOutcome.AGREED,
            "grade": cleaned["grade"] if changed else "",
            "reason": cleaned["reason"] if changed else "",
            "override_reason": cleaned["override_reason"],
            "section_grades": {
                key: (cleaned[f"s-{key}-grade"], cleaned[f"s-{key}-reason"])
                for key, _, _ in self.sections
                if cleaned[f"s-{key}-outcome"] == CHANGE
            },
            "version": cleaned["version"],
        }


def _agree_or_change(name: str) -> list[tuple[str, str]]:
    return [(AGREE, f"I agree: {name}"), (CHANGE, "I change it")]
