"""Setting up a calibration: of which case, with which tool, by whom, until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from audits.forms.planning import offer_tools
from audits.rules.calibrating import AT_LEAST
from core.forms import BaseForm, GovCheckboxes, GovDateField, today


class FindCaseForm(BaseForm):
    """The case, by its reference. It is sent in the body of the form: no address ever holds a reference."""

    reference = forms.CharField(
        label="Case reference",
        max_length=60,
        help_text="As it stands on the case record, for example EX000123.",
        error_messages={"required": "Enter the reference of the case"},
    )


class AuditorsField(forms.MultipleChoiceField):
    """Several people by key. Whether each may have the audit is for the service to say, in words for this field."""

    def validate(self, value: Any) -> None:
        """Only whether somebody was chosen; who they are gets looked up among the people this user may see."""
        forms.Field.validate(self, value)


class CalibrationForm(BaseForm):
    """`tools` are (key, name, introduction) of live versions, `auditors` (key, words) of those without a conflict."""

    tool = forms.ChoiceField(label="Audit tool", error_messages={"required": "Choose an audit tool"})
    about = forms.CharField(
        label="What should be compared? (optional)",
        required=False,
        help_text="The auditors read this. Do not say which grade you expect.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        tools: Iterable[tuple[str, str, str]],
        auditors: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        offer_tools(self.fields["tool"], tools)
        self.fields["auditors"] = AuditorsField(
            label="Auditors",
            choices=list(auditors),
            widget=GovCheckboxes(small=True),
            help_text=f"Choose at least {AT_LEAST}. Only people without a conflict of interest are listed, with the "
            "audits they have open.",
            error_messages={"required": f"Choose at least {AT_LEAST} auditors"},
        )
        self.fields["due_on"] = GovDateField(
            label="Last day",
            noun="The last day",
            help_text="The grades are revealed when all have submitted, at the latest after this day.",
            earliest=today,
        )
        self.order_fields(["tool", "auditors", "due_on", "about"])
