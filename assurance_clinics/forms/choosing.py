"""Which table of indicators is wanted: of which place, and up to which month."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from assurance_clinics.selectors.drilling import PlaceChoice
from assurance_clinics.selectors.tables import month_after
from core.forms import BaseForm

MONTHS = 13


class TableForm(BaseForm):
    """The filter of the table: a place that the reader may see, and the last of its 13 months."""

    place = forms.ChoiceField(label="Place", required=False)
    to = forms.ChoiceField(label="Last month", required=False)

    def __init__(self, *args: Any, places: tuple[PlaceChoice, ...], held: tuple[date, date] | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.declared("place").choices = [(str(one.unit or ""), one.name) for one in places]
        months: list[date] = []
        if held:
            first, month = held
            while month >= first:
                months.append(month)
                month = month_after(month, -1)
        self.declared("to").choices = [(f"{one:%Y-%m}", f"{one:%B %Y}") for one in months]

    def declared(self, name: str) -> forms.ChoiceField:
        """One of the choices."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - both are declared above
        return field
