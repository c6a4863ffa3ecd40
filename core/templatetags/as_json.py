"""Data for a script, in an attribute: escaped like any other text."""

from __future__ import annotations

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """The value as JSON text."""
    return json.dumps(value)
