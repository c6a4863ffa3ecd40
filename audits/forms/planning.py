"""Planning an audit, giving it to an auditor, and the moves that ask for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from audits.choices import AuditMode, AuditPurpose
from core.forms import BaseForm, GovDateField, GovRadios, today


def offer_tools(field: forms.Field, tools: Iterable[tuple[str, str, str]]) -> None:
    """Let a field offer these tools, (key, name, introduction) each; the only one is chosen already."""
    rows = list(tools)
    choices = [(key, name) for key, name, _ in rows]
    field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField
    field.widget = GovRadios(choices=choices, hints={key: introduction for key, _, introduction in rows})
    if len(rows) == 1:
        field.initial = rows[0][0]


class PlanForm(BaseForm):
    """Which tool, in which manner, and over which period. `tools` are (key, name, introduction) of live versions."""

    tool = forms.ChoiceField(label="Audit tool", error_messages={"required": "Choose an audit tool"})
    mode = forms.ChoiceField(
        label="How will it be done?",
        choices=AuditMode.choices,
        initial=AuditMode.DESK,
        widget=GovRadios(
            hints={
                AuditMode.DESK: "The auditor reads the record.",
                AuditMode.WITH_PRACTITIONER: "The auditor and the practitioner look at the record together.",
                AuditMode.LIVE: "The auditor is present while the work is done.",
            }
        ),
    )
    window_to = GovDateField(
        label="Last day of the period to look at",
        noun="The last day of the period",
        help_text="The audit looks at the 12 months before this day, and judges the last 6.",
        latest=today,
    )
    purpose = forms.ChoiceField(
        label="Does it count in the grade reports?",
        choices=[
            (AuditPurpose.STANDARD, "Yes"),
            (AuditPurpose.SHADOW, "No, it is a shadow audit by somebody in training"),
        ],
        initial=AuditPurpose.STANDARD,
        widget=GovRadios(),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, tools: Iterable[tuple[str, str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        offer_tools(self.fields["tool"], tools)


class AuditorField(forms.ChoiceField):
    """A person by key. Whether they may have the audit is for the service to say, in words for this field."""

    def validate(self, value: Any) -> None:
        """Only whether somebody was chosen; who it is gets looked up among the people this user may see."""
        forms.Field.validate(self, value)


def auditor_field(auditors: Iterable[tuple[str, str]]) -> AuditorField:
    """The field for choosing an auditor; `auditors` are (key, words)."""
    return AuditorField(
        label="Auditor",
        help_text="Only people without a conflict of interest are listed, with the audits they have open.",
        choices=[("", "Choose an auditor"), *auditors],
        error_messages={"required": "Choose an auditor"},
    )


class AllocateForm(BaseForm):
    """To whom, and by when."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, auditors: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["auditor"] = auditor_field(auditors)
        self.fields["due_on"] = GovDateField(
            label="Due date",
            noun="The due date",
            help_text="The usual working days from today, or the day that a re-audit is booked for. You may change it.",
            earliest=today,
        )


class ReasonForm(BaseForm):
    """A move that asks for a reason."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    why = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter the reason"},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, label: str = "Reason", hint: str = "", **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["why"].label = label
        self.fields["why"].help_text = hint


def new_due_date(*, required: bool = True) -> GovDateField:
    """The day on which an audit is due from now on."""
    return GovDateField(
        label="New due date", noun="The due date", required=required, help_text="For example, 27 3 2027",
        earliest=today,
    )  # fmt: skip


class MoveDueForm(ReasonForm):
    """Until when, and why."""

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(
            data, label="Why does the due date change?",
            hint="Kept in the history of the audit, with both dates. The auditor gets a notice.", **kwargs,
        )  # fmt: skip
        self.fields["due_on"] = new_due_date()
        self.order_fields(["version", "due_on", "why"])


class BulkForm(BaseForm):
    """What to do with the chosen audits, and why."""

    FEWEST = "fewest"

    change = forms.ChoiceField(
        label="What do you want to do?",
        choices=[("give", "Give them to an auditor"), ("move_due", "Change their due date")],
        error_messages={"required": "Choose what to do"},
        widget=GovRadios(
            reveals={"give": "auditor", "move_due": "due_on"},
            hints={
                "give": "Each is due after the usual working days, a re-audit on the day for which it is booked. One "
                "that somebody has already goes to the new auditor with what was written in it."
            },
        ),
    )
    due_on = new_due_date(required=False)
    why = forms.CharField(
        label="Why?", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the history of each audit.", error_messages={"required": "Say why"},
    )  # fmt: skip

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, auditors: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        fewest = (self.FEWEST, "Whoever is free of a conflict and has the fewest open audits")
        self.fields["auditor"] = auditor_field([fewest, *auditors])
        self.fields["auditor"].required = False
        self.fields["auditor"].help_text = "Somebody with a conflict of interest is not given that audit."
        self.order_fields(["change", "auditor", "due_on", "why"])

    def clean(self) -> dict[str, Any]:
        """An auditor or a date where the change needs it."""
        cleaned = super().clean() or {}
        if cleaned.get("change") == "give" and not cleaned.get("auditor"):
            self.add_error("auditor", "Choose an auditor")
        if cleaned.get("change") == "move_due" and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "Enter the new due date")
        return cleaned


class ReassignForm(ReasonForm):
    """To whom, why, and what becomes of what was written; it `keeps` that without asking where it was submitted, and
    `clears` it where others are not to see it."""

    keep_answers = forms.ChoiceField(
        label="What should happen to what was written so far?",
        choices=[("yes", "Keep it for the new auditor"), ("no", "Clear it, so that the new auditor starts afresh")],
        widget=GovRadios(hints={"no": "What was written is gone from the audit for good."}),
        error_messages={"required": "Choose what should happen to what was written"},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, auditors: Iterable[tuple[str, str]], keeps: bool = False,
        clears: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, **kwargs)
        self.fields["auditor"] = auditor_field(auditors)
        if keeps or clears:
            del self.fields["keep_answers"]
        self.order_fields(["version", "auditor", "keep_answers", "why"])
