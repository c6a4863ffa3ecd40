"""What a person may type about themes, and which report they want."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from audits.models import Theme
from audits.selectors.theming import UncodedFinding
from core.forms import BaseForm

MONTH_HELP = "As year and month, for example 2026-10"


def words_of(text: str) -> list[str]:
    """Synonyms, one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class ThemeForm(BaseForm):
    """A theme: its name, its heading and how else it is called."""

    name = forms.CharField(label="Name", max_length=100)
    parent = forms.ModelChoiceField(
        Theme.objects.none(), label="Under which heading?", required=False, empty_label="None: it is a heading itself"
    )
    synonyms = forms.CharField(
        label="Synonyms (optional)", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line. Words in a finding that are a synonym suggest the theme",
    )  # fmt: skip

    def __init__(self, *args: Any, headings: QuerySet[Theme] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if headings is None:
            del self.fields["parent"]
        else:
            self.fields["parent"].queryset = headings  # type: ignore[attr-defined]  # a choice of rows


class WhyForm(BaseForm):
    """A reason."""

    why = forms.CharField(
        label="Why?", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "Say why"}
    )


class MergeForm(WhyForm):
    """Into which theme."""

    into = forms.ModelChoiceField(Theme.objects.none(), label="Into which theme?", empty_label="Choose a theme")
    field_order = ("into", "why")

    def __init__(self, *args: Any, others: QuerySet[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]  # a choice of rows


class CodingForm(BaseForm):
    """A theme for each finding of one page: type the first letters, then Tab to the next."""

    def __init__(self, *args: Any, lines: Sequence[UncodedFinding], themes: Iterable[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        self.themes = {str(theme.pk): theme for theme in themes}
        groups: dict[str, list[tuple[str, str]]] = {}
        for key, theme in self.themes.items():
            groups.setdefault(theme.parent.name if theme.parent else "", []).append((key, theme.name))
        choices: list[Any] = [("", "Leave it"), *groups.items()]
        for line in self.lines:
            self.fields[f"theme-{line.id}"] = forms.ChoiceField(
                label=f"Theme for this finding of {line.reference}", choices=choices, required=False,
                initial=line.suggested,
            )  # fmt: skip

    @property
    def chosen(self) -> dict[Any, Theme]:
        """The findings that were given a theme."""
        given = ((line.id, self.cleaned_data.get(f"theme-{line.id}")) for line in self.lines)
        return {key: self.themes[theme] for key, theme in given if theme}


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        return None


class ReportForm(BaseForm):
    """Which months, and which service."""

    month_from = forms.CharField(
        label="From month", required=False, help_text=MONTH_HELP,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )  # fmt: skip
    month_to = forms.CharField(
        label="To month", required=False, help_text=MONTH_HELP,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )  # fmt: skip
    service = forms.ChoiceField(label="Service", required=False)

    def __init__(self, *args: Any, services: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = [("", "All"), *services]  # type: ignore[attr-defined]  # a choice field

    def clean_month_from(self) -> date | None:
        """The first month."""
        return self._read("month_from")

    def clean_month_to(self) -> date | None:
        """The last month."""
        return self._read("month_to")

    def _read(self, name: str) -> date | None:
        text = self.cleaned_data[name]
        found = _month(text) if text else None
        if text and found is None:
            raise forms.ValidationError("Write the month as year and month, for example 2026-10")
        return found

    def clean(self) -> dict[str, Any]:
        """In order, and no more than two years."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("month_from"), cleaned.get("month_to")
        if first and last and first > last:
            self.add_error("month_to", "The last month must not lie before the first one")
        elif first and last and (last.year - first.year) * 12 + last.month - first.month >= 24:
            self.add_error("month_to", "Choose at most 24 months")
        return cleaned
