"""What a manager answers to an audit, and the small questions around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms

from audits.choices import ChallengeAbout, View
from audits.rules.responding import MIN_CHALLENGE, MIN_SAFETY, Answered
from core.forms import BaseForm, GovDateField, GovRadios, today


class IssueForm(BaseForm):
    """Issuing the feedback; `asks_why` while a safeguarding alert is unacknowledged."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    why = forms.CharField(
        label="Why can the feedback not wait until the alert is acknowledged?",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, asks_why: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if not asks_why:
            del self.fields["why"]


class SafetyForm(BaseForm):
    """What has been done so that the child is safe now."""

    safety = forms.CharField(
        label="What has been done so that the child is safe now?",
        help_text=f"At least {MIN_SAFETY} characters. Say what, by whom and when. Use no names.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Say what has been done so that the child is safe now"},
    )


class ResponseForm(BaseForm):
    """The response: one view and one text a point, and the whole in one's own words.

    `points` are (key of the finding, its words). Nothing is required here: a draft may be kept half written, and the
    service says what is missing when the response is given.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, points: Iterable[tuple[UUID, str]], acknowledged: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, **kwargs)
        self.points = list(points)
        for place, (key, _) in enumerate(self.points, 1):
            self.fields[f"view-{key}"] = forms.ChoiceField(
                label=f"Do you agree with point {place}?", choices=View.choices, required=False,
                widget=GovRadios(inline=True, small=True),
            )  # fmt: skip
            self.fields[f"text-{key}"] = forms.CharField(
                label=f"Point {place}: what will be done, or why do you disagree?", required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip
        self.fields["summary"] = forms.CharField(
            label="Anything else (optional)" if self.points or acknowledged else "What will be done?",
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def blocks(self) -> list[tuple[str, Any, Any]]:
        """(words of the point, field of the view, field of the text) for the template."""
        return [(words, self[f"view-{key}"], self[f"text-{key}"]) for key, words in self.points]

    def answers(self) -> dict[UUID, Answered]:
        """What was said to each point."""
        cleaned = self.cleaned_data
        return {key: Answered(cleaned.get(f"view-{key}", ""), cleaned.get(f"text-{key}", "")) for key, _ in self.points}


class CountersignForm(BaseForm):
    """Putting one's name to the response, or sending it back with a reason."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    outcome = forms.ChoiceField(
        label="What do you decide?",
        choices=[("sign", "I countersign this response"), ("back", "It goes back to the manager")],
        widget=GovRadios(reveals={"back": "why"}),
        error_messages={"required": "Choose whether you countersign the response"},
    )
    why = forms.CharField(label="What has to change?", required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def clean(self) -> dict[str, Any]:
        """A reason is due where it goes back."""
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "back" and not cleaned.get("why", "").strip():
            self.add_error("why", "Say what has to change")
        return cleaned


class ChallengeForm(BaseForm):
    """What somebody sees otherwise."""

    about = forms.ChoiceField(
        label="What do you see otherwise?",
        choices=ChallengeAbout.choices,
        widget=GovRadios(),
        error_messages={"required": "Choose whether it is about the facts or the grade"},
    )
    text = forms.CharField(
        label="What do you see otherwise, and where does the record show it?",
        help_text=f"At least {MIN_CHALLENGE} characters. Use no names.",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Say what you see otherwise and what shows it"},
    )


class ReflectionForm(BaseForm):
    """What a practitioner thinks about the feedback."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = forms.CharField(
        label="Your reflection (optional)",
        help_text="For example, what the feedback tells you, what you would do again, what you need.",
        widget=forms.Textarea(attrs={"rows": 10}),
        required=False,
    )


class MeetingForm(BaseForm):
    """When the feedback was talked about, and who was there."""

    held_on = GovDateField(label="When was it?", noun="The day of the meeting", latest=today)
    attended = forms.CharField(
        label="Who was there?",
        help_text="Names or roles of those who took part. No child’s name.",
        max_length=500,
        error_messages={"required": "Say who was there"},
    )


class ThanksForm(BaseForm):
    """Thanks for good work."""

    text = forms.CharField(
        label="What was good?",
        help_text="The practitioner and the team manager read it. Use no child’s name.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        error_messages={"required": "Say what was good"},
    )
