"""What a token of the feed is made of."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils import timezone

from core.forms import BaseForm, GovCheckboxes, GovDateField
from reports.selectors.feed import TABLES


class TokenForm(BaseForm):
    """A program's name, what it may read, and its last day."""

    name = forms.CharField(
        label="Which program is it for?", help_text="For example, Power BI of the performance team", max_length=100,
        widget=forms.TextInput(), error_messages={"required": "Say which program it is for"},
    )  # fmt: skip
    tables = forms.MultipleChoiceField(
        label="What may it read?",
        choices=[(table.name, table.name.capitalize()) for table in TABLES.values()],
        widget=GovCheckboxes(hints={table.name: table.row for table in TABLES.values()}),
        error_messages={"required": "Choose what it may read"},
    )
    expires_on = GovDateField(
        label="Last day",
        help_text="A year from today at the latest",
        earliest=lambda: timezone.localdate() + timedelta(days=1),
        latest=lambda: timezone.localdate() + timedelta(days=366),
    )
