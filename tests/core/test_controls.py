"""Our own way of writing plain controls gives what Django's templates give, whatever stands in them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from core.widgets import ControlRenderer

HOSTILE = "<script>alert('x')</script> & \"quoted\""
CHOICES = [
    ("", "---"), ("a", "Plain"), (HOSTILE, HOSTILE), (3, 3), ("Group <b>", [("g", "In a group"), ("h", HOSTILE)]),
]  # fmt: skip
SAFE = mark_safe("<b>Marked</b>")


def squeezed(html: str) -> str:
    """The HTML without the spaces between tags."""
    return re.sub(r">\s+<", "><", html.strip())


@pytest.mark.parametrize("value", ["a", HOSTILE, 3, "", None, "g", "not there"])
@pytest.mark.parametrize("widget", [forms.Select, forms.NullBooleanSelect, forms.SelectMultiple])
def test_a_list_is_written_alike(widget: Any, value: Any) -> None:
    made = widget(attrs={"class": HOSTILE, "data-x": True, "data-y": False, "data-z": 0, "title": SAFE})
    if widget is not forms.NullBooleanSelect:
        made.choices = CHOICES
    value = [value] if widget is forms.SelectMultiple else value
    ours, theirs = (
        made.render("name<", value, {"id": "i"}, renderer()) for renderer in (ControlRenderer, DjangoTemplates)
    )
    assert squeezed(ours) == squeezed(theirs)


@pytest.mark.parametrize("value", ["", None, HOSTILE, 0, 1234567, date(2026, 3, 4), "line\n\nline", SAFE])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput,
        forms.DateInput, forms.FileInput, forms.CheckboxInput, forms.Textarea,
    ],
)  # fmt: skip
def test_a_box_is_written_alike(widget: Any, value: Any) -> None:
    made = widget(attrs={"class": HOSTILE, "required": True, "disabled": False, "maxlength": 1000})
    ours, theirs = (
        made.render("name<", value, {"id": "i"}, renderer()) for renderer in (ControlRenderer, DjangoTemplates)
    )
    assert squeezed(ours) == squeezed(theirs)


def test_every_form_is_written_so() -> None:
    assert isinstance(forms.Form().renderer, ControlRenderer)
