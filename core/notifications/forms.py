"""What a person may choose about their notices."""

from __future__ import annotations

from django import forms

from core.forms import BaseForm, GovRadios
from core.notifications.choices import Wish


class WishForm(BaseForm):
    """Which e-mail a person wants."""

    email = forms.ChoiceField(
        label="Which e-mail do you want?",
        help_text="Safeguarding alerts, late responses and break-glass are always sent at once.",
        choices=Wish.choices,
        widget=GovRadios(),
        error_messages={"required": "Choose which e-mail you want"},
    )
