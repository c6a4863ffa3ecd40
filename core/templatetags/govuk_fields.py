"""What the form pack's templates need to know about a field; works for any Django form."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.utils.safestring import SafeString

from core.forms import ErrorLink, error_links
from core.templatetags.form_pack import write_field

register = template.Library()


@register.simple_tag
def govuk_field(bound: forms.BoundField) -> SafeString:
    """A field as the pages print it; see core.templatetags.form_pack."""
    return write_field(bound)


@register.filter
def printed_fields(form: Any) -> list[forms.BoundField]:
    """The visible fields in order, without those that another field's choice reveals."""
    revealed = {name for each in form.fields.values() for name in getattr(each.widget, "reveals", {}).values()}
    return [bound for bound in form.visible_fields() if bound.name not in revealed]


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms_: Any, heading: str = "There is a problem") -> dict[str, Any]:
    """The error summary for the forms and formsets given; prints nothing when all is well.

    Also takes a list of `ErrorLink` made by hand.
    """
    links: list[ErrorLink] = []
    for each in forms_:
        links += each if isinstance(each, list) else error_links(each)
    return {"links": links, "summary_heading": heading}


@register.simple_tag(takes_context=True)
def error_prefix(context: template.Context) -> str:
    """Give "Error: " for the title of a page whose form, formset or `page_errors` has an error."""
    if context.get("page_errors"):
        return "Error: "
    found = error_links(context.get("form"), context.get("formset"))
    return "Error: " if found else ""
