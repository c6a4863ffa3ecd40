"""What a person may type to make an action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import OrgUnit, User
from actions.choices import Level, Priority
from actions.forms.moving import OwnerField
from actions.rules.writing import WHAT_AT_LEAST
from actions.selectors.limits import priority_choices
from actions.selectors.themes import ThemeGroup
from core.forms import BaseForm, GovCheckboxes, GovDateField, GovRadios


class ActionForm(BaseForm):
    """One action. For a case the unit is the case's; `units` are those that the person may choose otherwise, and
    `everywhere` says whether they may leave it open, for the partnership."""

    what = forms.CharField(
        label="What has to be done?", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"At least {WHAT_AT_LEAST} characters. One thing that one person can do. No child's name.",
        error_messages={"required": "Say what has to be done"},
    )  # fmt: skip
    how_we_know = forms.CharField(
        label="How will we know that it is done?", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say how we will know that it is done"},
    )  # fmt: skip
    level = forms.ChoiceField(label="What is it about?", choices=Level.choices, widget=GovRadios(small=True))
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label="For which team or service?", required=False, empty_label="None (partnership)"
    )
    owner = OwnerField(label="Who will do it?")
    priority = forms.ChoiceField(
        label="Priority",
        choices=lambda: priority_choices(timezone.localdate()),
        widget=GovRadios(small=True),
        initial=Priority.MEDIUM,
    )
    due_on = GovDateField(
        label="Due date (optional)", noun="Due date", required=False,
        help_text="Leave it empty for the last day that the priority allows. For example, 27 3 2027",
    )  # fmt: skip
    why_later = forms.CharField(
        label="Why later than the priority allows? (only if it is)", required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    themes = forms.MultipleChoiceField(label="Themes (optional)", required=False, widget=GovCheckboxes(small=True))
    despite_duplicates = forms.BooleanField(
        label="I have looked at these actions, and this is another one", required=False
    )

    def __init__(
        self, *args: Any, owners: QuerySet[User], units: QuerySet[OrgUnit] | None, groups: Sequence[ThemeGroup],
        everywhere: bool = True, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["owner"].queryset = owners
        if units is None:
            del self.fields["unit"]
            fields["level"].choices = [choice for choice in Level.choices if choice[0] != Level.PARTNERSHIP]
            fields["level"].initial = Level.CASE
        else:
            fields["unit"].queryset = units
            fields["level"].choices = [choice for choice in Level.choices if choice[0] != Level.CASE]
            if not everywhere:
                fields["level"].choices = [each for each in fields["level"].choices if each[0] != Level.PARTNERSHIP]
                fields["unit"].required, fields["unit"].empty_label = True, "Choose"
                fields["unit"].error_messages["required"] = "Choose the service or team that the action is for"
        if groups:
            fields["themes"].choices = [(group.name, [(theme, theme) for theme in group.themes]) for group in groups]
        else:
            del self.fields["themes"]
        self.hide_duplicates()

    def hide_duplicates(self) -> None:
        """Nothing has been pointed out yet, so nothing is to be ticked."""
        if not self.data.get("despite_duplicates"):
            self.fields["despite_duplicates"].widget = forms.HiddenInput()

    def show_duplicates(self) -> None:
        """Something was pointed out: ask whether this is another one."""
        self.fields["despite_duplicates"].widget = forms.CheckboxInput()
