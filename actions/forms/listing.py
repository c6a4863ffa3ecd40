"""What the list of actions may be narrowed to, and what may be done with many at once. Never a case reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms

from actions.choices import ActionStatus, Level, Origin, Priority
from actions.forms.moving import OwnerField
from actions.selectors.pages import ActionFilters
from core.forms import BaseForm, GovDateField, GovRadios

ANY = [("", "All")]
CHANGES = [
    ("reassign", "Give them to another owner"),
    ("move_due", "Move their due date"),
    ("note", "Add a note"),
    ("cancel", "Cancel them"),
]


@dataclass(frozen=True)
class ListChoices:
    """What the reader may choose from: (key, words) each. Empty for a filter that is of no use to them."""

    services: tuple[tuple[str, str], ...] = ()
    teams: tuple[tuple[str, str], ...] = ()
    owners: tuple[tuple[str, str], ...] = ()


class FilterForm(BaseForm):
    """The filters; an unknown value is an error that is said, and narrows nothing."""

    status = forms.ChoiceField(label="Status", choices=[*ANY, *ActionStatus.choices], required=False)
    priority = forms.ChoiceField(label="Priority", choices=[*ANY, *Priority.choices], required=False)
    level = forms.ChoiceField(label="Level", choices=[*ANY, *Level.choices], required=False)
    origin = forms.ChoiceField(label="Where it comes from", choices=[*ANY, *Origin.choices], required=False)
    service = forms.ChoiceField(label="Service", required=False)
    team = forms.ChoiceField(label="Team", required=False)
    owner = forms.ChoiceField(label="Owner", required=False)
    needs_owner = forms.BooleanField(label="Needs an owner", required=False)
    moved = forms.BooleanField(label="Due date was moved", required=False)
    show = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, choices: ListChoices, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._offer("service", choices.services)
        self._offer("team", choices.teams)
        self._offer("owner", choices.owners)

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        offered = list(choices)
        if len(offered) > 1 or self.data.get(name):
            self.fields[name].choices = [*ANY, *offered]  # type: ignore[attr-defined]  # a choice field
        else:
            del self.fields[name]

    def filters(self) -> ActionFilters:
        """What the list is narrowed to; values that were refused narrow nothing."""
        cleaned = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        return ActionFilters(
            status=cleaned.get("status") or "",
            priority=cleaned.get("priority") or "",
            level=cleaned.get("level") or "",
            origin=cleaned.get("origin") or "",
            service=_key(cleaned.get("service")),
            team=_key(cleaned.get("team")),
            owner=_key(cleaned.get("owner")),
            needs_owner=bool(cleaned.get("needs_owner")),
            moved=bool(cleaned.get("moved")),
        )

    @property
    def narrows(self) -> bool:
        """Whether anything but the list itself was chosen."""
        return any(self.data.get(name) for name in self.fields if name != "show")


def _key(text: str | None) -> UUID | None:
    return UUID(text) if text else None


class BulkForm(BaseForm):
    """What to do with the chosen actions, and why."""

    change = forms.ChoiceField(
        label="What do you want to do?", choices=CHANGES, error_messages={"required": "Choose what to do"},
        widget=GovRadios(reveals={"reassign": "owner", "move_due": "due_on"}),
    )  # fmt: skip
    owner = OwnerField(label="New owner", required=False)
    due_on = GovDateField(label="New due date", required=False, help_text="For example, 27 3 2027")
    why = forms.CharField(
        label="Why? (for a note: the note)", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is kept with each action.", error_messages={"required": "Say why"},
    )  # fmt: skip

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]  # an OwnerField

    def clean(self) -> dict[str, Any]:
        """A new owner or a new date where the change needs it."""
        cleaned = super().clean() or {}
        if cleaned.get("change") == "reassign" and not cleaned.get("owner") and "owner" not in self.errors:
            self.add_error("owner", "Choose the new owner")
        if cleaned.get("change") == "move_due" and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "Enter the new due date")
        return cleaned
