"""Questions to an auditor, reasons, and the decision of a dispute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms

from audits.forms.moderating import SectionedForm
from core.forms import BaseForm, GovRadios

KEEP = "keep"


class QuestionsForm(BaseForm):
    """Questions of a moderator, one box a section and one for the whole; at least one is needed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    overall = forms.CharField(
        label="About the audit as a whole", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, sections: Iterable[tuple[UUID, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.sections = list(sections)
        for key, title in self.sections:
            self.fields[f"q-{key}"] = forms.CharField(
                label=f"Question about “{title}”", widget=forms.Textarea(attrs={"rows": 3}), required=False
            )
        self.order_fields(["version", *[f"q-{key}" for key, _ in self.sections], "overall"])

    def clean(self) -> dict[str, Any]:
        """At least one question."""
        cleaned = super().clean() or {}
        if not any(text for _, text in self._asked(cleaned)) and not self.errors:
            self.add_error("overall", "Write at least one question for the auditor")
        return cleaned

    def _asked(self, cleaned: Mapping[str, Any]) -> list[tuple[UUID | None, str]]:
        asked: list[tuple[UUID | None, str]] = [(key, cleaned.get(f"q-{key}", "")) for key, _ in self.sections]
        return [*asked, (None, cleaned.get("overall", ""))]

    def questions(self) -> list[tuple[UUID | None, str]]:
        """(section row or None, text) of what was asked."""
        return [(key, text) for key, text in self._asked(self.cleaned_data) if text]

    def field_of(self, key: UUID) -> forms.BoundField:
        """The box of one section."""
        return self[f"q-{key}"]


class ThirdReturnForm(BaseForm):
    """What a QA lead does with an audit that would be returned a third time."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    what = forms.ChoiceField(
        label="What should happen?",
        choices=[
            ("send_back", "Return it to the auditor once more"),
            ("hand_on", "Put it back in the queue for another moderator"),
        ],
        widget=GovRadios(hints={"send_back": "The auditor reads the questions, and your words after them."}),
        error_messages={"required": "Choose what should happen"},
    )
    why = forms.CharField(
        label="Your words",
        help_text="Kept in the history of the audit.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why"},
    )


class DisputeForm(SectionedForm):
    """A second moderator's decision: the grade, the sections that moderation changed, and the reason."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    grade = forms.ChoiceField(
        label="Overall grade", widget=GovRadios(), error_messages={"required": "Choose the grade that you decide for"}
    )
    reason = forms.CharField(
        label="Reason",
        help_text="The auditor and the first moderator read this. At least 20 characters.",
        widget=forms.Textarea(attrs={"rows": 5, "data-minimum": "20"}),
        error_messages={"required": "Give the reason in at least 20 characters"},
    )
    override_reason = forms.CharField(
        label="Reason for a grade above the limit",
        help_text="Only if the grade is above a limit that may be overridden. At least 30 characters.",
        widget=forms.Textarea(attrs={"rows": 3, "data-minimum": "30"}),
        required=False,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        grades: Iterable[tuple[str, str]],
        sections: Iterable[tuple[UUID, str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        names = dict(grades)
        self.fields["grade"].choices = list(names.items())  # type: ignore[attr-defined]  # a ChoiceField
        self.sections = list(sections)
        for key, title, now in self.sections:
            self.fields[f"s-{key}-grade"] = forms.ChoiceField(
                label=title,
                help_text=f"It stands at {names.get(now, now).lower()}.",
                choices=[
                    (KEEP, "Leave it as it stands"), *[(each, name) for each, name in names.items() if each != now]
                ],
                widget=GovRadios(small=True),
                initial=KEEP,
            )  # fmt: skip
            self.fields[f"s-{key}-reason"] = forms.CharField(
                label=f"Reason for “{title}”",
                help_text="Only if you change it. At least 20 characters.",
                widget=forms.Textarea(attrs={"rows": 2, "data-minimum": "20"}),
                required=False,
            )
        self.order_fields(["version", *[name for name in self.fields if name.startswith("s-")]])

    def decision(self) -> dict[str, Any]:
        """What was decided, under the names of the service's arguments."""
        cleaned = self.cleaned_data
        return {
            "grade": cleaned["grade"],
            "reason": cleaned["reason"],
            "override_reason": cleaned["override_reason"],
            "section_grades": {
                key: (cleaned[f"s-{key}-grade"], cleaned[f"s-{key}-reason"])
                for key, _, _ in self.sections
                if cleaned[f"s-{key}-grade"] != KEEP
            },
            "version": cleaned["version"],
        }


class AssignForm(BaseForm):
    """Who decides a dispute."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    moderator = forms.ChoiceField(
        label="Second moderator",
        help_text="Only people who had no part in the grade and have no tie to the case.",
        error_messages={"required": "Choose who decides"},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, people: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["moderator"].choices = [("", "Choose a person"), *people]  # type: ignore[attr-defined]  # a ChoiceField


class QueueFilterForm(BaseForm):
    """What the moderation lists are narrowed to. It stands in the address."""

    service = forms.ChoiceField(label="Service", required=False)
    mine = forms.BooleanField(label="Mine only", required=False)
    overdue = forms.BooleanField(label="Overdue only", required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, services: Iterable[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["service"].choices = [("", "All"), *services]  # type: ignore[attr-defined]  # a ChoiceField


class PeriodForm(BaseForm):
    """The months and the service of the consistency report. It stands in the address."""

    first = forms.ChoiceField(label="From", required=False)
    last = forms.ChoiceField(label="To", required=False)
    service = forms.ChoiceField(label="Service", required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        months: Iterable[tuple[str, str]],
        services: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        offered = list(months)
        for name in ("first", "last"):
            self.fields[name].choices = [("", "Usual"), *offered]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["service"].choices = [("", "All"), *services]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """The last month is not before the first."""
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned.get("last") and cleaned["last"] < cleaned["first"]:
            self.add_error("last", "The last month must not be before the first")
        return cleaned
