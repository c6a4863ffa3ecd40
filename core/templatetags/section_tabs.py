"""The tabs between the pages of one section, which apps declare as navigation entries of that place."""

from __future__ import annotations

from typing import Any

from django import template

from core import navigation
from core.page_parts import Tab

register = template.Library()


@register.inclusion_tag("components/sub_navigation.html", takes_context=True)
def section_tabs(context: dict[str, Any], place: str, label: str) -> dict[str, Any]:
    """The entries that apps registered for `place`, as tabs for this user; `label` names them to a screen reader."""
    request = context["request"]
    links = navigation.links_for(request.user, request.path, place)
    return {"tabs": [Tab(link.label, link.href, link.current) for link in links], "label": label}
