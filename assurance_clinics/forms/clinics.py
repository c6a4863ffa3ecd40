"""What a person may type about a clinic."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from actions.forms.moving import OwnerField, VersionedForm
from assurance_clinics.choices import ClinicStatus, Weekday
from assurance_clinics.forms.seeing import SeenForm
from assurance_clinics.models import Indicator
from core.forms import BaseForm, GovCheckboxes, GovDateField, GovRadios


def _time_field(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, input_formats=["%H:%M", "%H.%M", "%H%M"], help_text="For example, 10:00",
        widget=forms.TimeInput(attrs={"class": "govuk-input--width-5"}, format="%H:%M"),
        error_messages={"required": "Give the time", "invalid": "Write the time as hours and minutes, such as 10:00"},
    )  # fmt: skip


class PeopleField(forms.ModelMultipleChoiceField):
    """Several people, by name and job."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), widget=GovCheckboxes(small=True), **kwargs)

    def label_from_instance(self, obj: User) -> str:
        """The name, with the job where it is known."""
        return f"{obj.name}, {obj.job_title}" if obj.job_title else obj.name


class MeetingForm(VersionedForm):
    """When and where a clinic meets, who chairs, and who is asked."""

    day = GovDateField(label="Which day?", noun="The day")
    at = _time_field("At what time?")
    place = forms.CharField(label="Where? (optional)", required=False, max_length=150, help_text="A room, or online")
    chair = OwnerField(label="Who chairs?", error_messages={"required": "Choose who chairs"})
    attendees = PeopleField(label="Who is asked? (optional)", required=False)

    def __init__(self, *args: Any, chairs: QuerySet[User], attendees: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["chair"].queryset = chairs
        fields["attendees"].queryset = attendees


class HeldForm(VersionedForm):
    """Who of those asked came."""

    came = PeopleField(label="Who came?", required=False)

    def __init__(self, *args: Any, attendees: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["came"].queryset = attendees
        if not attendees.exists():
            del self.fields["came"]


class NoteForm(SeenForm):
    """What is under a number; for one that is red twice running also why it needs no action."""

    text = forms.CharField(
        label="What is under the number?", required=False, max_length=8000,
        help_text="Write without a child's name. A case reference is enough.",
        widget=forms.Textarea(attrs={"rows": 8, "data-maxlength": "8000"}),
    )  # fmt: skip
    why_no_action = forms.CharField(
        label="Why does it need no action? (only where there is none)", required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, label: str, asks_why: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label
        if not asks_why:
            del self.fields["why_no_action"]


class TurnForm(BaseForm):
    """A service's place on the rota."""

    slot = forms.TypedChoiceField(label="In which week of the cycle?", coerce=int, widget=GovRadios(inline=True))
    weekday = forms.TypedChoiceField(
        label="On which day?", coerce=int, choices=Weekday.choices, widget=GovRadios(inline=True)
    )
    starts_at = _time_field("At what time?")
    chair = OwnerField(label="Who chairs? (optional)", required=False, empty_label="Settled for each clinic")
    indicators = forms.ModelMultipleChoiceField(
        Indicator.objects.none(), label="Which indicators are looked at?", required=False,
        help_text="Without a choice: all of which the service has figures", widget=GovCheckboxes(small=True),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, cycle: int, chairs: QuerySet[User], indicators: QuerySet[Indicator], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["slot"].choices = [(number, f"Week {number + 1}") for number in range(cycle)]
        fields["chair"].queryset = chairs
        fields["indicators"].queryset = indicators


class ClinicFilterForm(BaseForm):
    """The filter of the list of clinics."""

    service = forms.ChoiceField(label="Service", required=False)
    status = forms.ChoiceField(label="State", required=False, choices=[("", "Any"), *ClinicStatus.choices])

    def __init__(self, *args: Any, services: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["service"].choices = [("", "Any"), *services]
