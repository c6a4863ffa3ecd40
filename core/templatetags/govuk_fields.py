"""What the form pack's templates need to know about a field; works for any Django form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms, template
from django.forms.utils import flatatt
from django.utils.html import strip_tags

from core.forms import BOXES, ErrorLink, GovDateInput, error_links, error_messages, wrong_boxes

register = template.Library()


@dataclass(frozen=True)
class Choice:
    """One radio button or tick box, ready to print. Every text in it is plain and gets escaped."""

    id: str
    label: str
    attrs: str
    hint: str = ""
    hint_id: str = ""
    divider: bool = False
    group: str = ""
    revealed: forms.BoundField | None = None
    reveal_id: str = ""
    open: bool = False


@dataclass(frozen=True)
class Parts:
    """One field as the pack prints it.

    `kind` names the template; `described_by` is the value of aria-describedby; `choices` is
    filled for radios and tick boxes, `boxes` for a date.
    """

    kind: str
    hint_id: str
    error_id: str
    described_by: str
    errors: list[str]
    choices: list[Choice] = field(default_factory=list)
    boxes: list[dict[str, str]] = field(default_factory=list)
    count: int | None = None
    inline: bool = False
    small: bool = False


@register.simple_tag
def field_parts(bound: forms.BoundField) -> Parts:
    """The `Parts` of a bound field."""
    kind = _kind(bound)
    widget = bound.field.widget
    hint_id = f"{bound.auto_id}_helptext" if bound.help_text else ""
    error_id = f"{bound.auto_id}_error" if bound.errors else ""
    count = widget.attrs.get("data-maxlength")
    info_id = f"{bound.auto_id}-info" if count else ""
    described_by = " ".join(each for each in (hint_id, error_id, info_id) if each)
    if own := widget.attrs.get("aria-describedby"):
        described_by = f"{own} {described_by}".strip()
    return Parts(
        kind=kind,
        hint_id=hint_id,
        error_id=error_id,
        described_by=described_by,
        errors=error_messages(bound),
        choices=list(_choices(bound)) if kind in ("radios", "checkboxes") else [],
        boxes=list(_boxes(bound)) if kind == "date" else [],
        count=int(count) if count else None,
        inline=getattr(widget, "inline", False),
        small=getattr(widget, "small", False),
    )


def _kind(bound: forms.BoundField) -> str:
    widget = bound.field.widget
    kinds: list[tuple[Any, str]] = [
        (GovDateInput, "date"),
        (forms.CheckboxSelectMultiple, "checkboxes"),  # a kind of RadioSelect to Django, so it is asked first
        (forms.RadioSelect, "radios"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Select, "select"),
        (forms.Textarea, "textarea"),
        (forms.FileInput, "file"),
        (forms.PasswordInput, "password"),
    ]
    return next((name for kind, name in kinds if isinstance(widget, kind)), "input")


def _choices(bound: forms.BoundField) -> Iterator[Choice]:
    widget = bound.field.widget
    hints = {str(value): text for value, text in getattr(widget, "hints", {}).items()}
    reveals = {str(value): name for value, name in getattr(widget, "reveals", {}).items()}
    disabled: set[str] = getattr(widget, "disabled_choices", set())
    css = f"govuk-{_kind(bound)}__input"
    id_ = bound.auto_id
    values = widget.format_value(bound.value())
    attrs = {"id": id_} if id_ else {}
    seen_group = ""
    for group, options, _ in widget.optgroups(bound.html_name, values, attrs):
        for option in options:
            value = str.__str__(str(option["value"]))  # a plain string, whatever it was marked
            revealed = bound.form[reveals[value]] if value in reveals else None
            option_id = option["attrs"].get("id", "")
            hint = str(hints.get(value, ""))
            hint_id = f"{option_id}_hint" if hint else ""
            reveal_id = f"{option_id}_reveals" if revealed is not None else ""
            given = {key: each for key, each in option["attrs"].items() if key not in ("class", "checked", "required")}
            printed = {
                **given,
                "class": css,
                "name": option["name"],
                "type": option["type"],
                "value": value,
                "checked": bool(option["selected"]),
                "disabled": value in disabled or bound.field.disabled,
            }
            if hint_id:
                printed["aria-describedby"] = hint_id
            if reveal_id:
                printed["data-reveals"] = reveal_id
            yield Choice(
                id=option_id,
                label=str(option["label"]),
                attrs=flatatt(printed),
                hint=hint,
                hint_id=hint_id,
                group=str(group) if group and group != seen_group else "",
                revealed=revealed,
                reveal_id=reveal_id,
                open=bool(option["selected"]),
            )
            seen_group = str(group or "")


def _boxes(bound: forms.BoundField) -> Iterator[dict[str, str]]:
    wrong = wrong_boxes(bound)
    value = bound.value()
    widget = bound.field.widget
    values = value if isinstance(value, (list, tuple)) else widget.decompress(value)
    for index, name in enumerate(BOXES):
        box_id = f"{bound.auto_id}_{index}"
        width = "4" if name == "year" else "2"
        css = f"govuk-input govuk-date-input__input govuk-input--width-{width}"
        if name in wrong:
            css += " govuk-input--error"
        typed = values[index] if index < len(values) else None
        attrs = {
            "class": css,
            "id": box_id,
            "name": f"{bound.html_name}_{name}",
            "type": "text",
            "inputmode": "numeric",
            "value": "" if typed is None else str(typed),
            "disabled": bound.field.disabled,
        }
        passed_on = {key: each for key, each in widget.attrs.items() if key.startswith("data-")}
        yield {"id": box_id, "label": name.capitalize(), "attrs": flatatt({**attrs, **passed_on})}


@register.simple_tag
def control(bound: forms.BoundField, css: str = "", described_by: str = "") -> str:
    """The bare control of a field with the pack's classes and its descriptions."""
    own = bound.field.widget.attrs.get("class", "")
    classes = f"{css} {own}".strip()
    if bound.errors:
        classes += f" {css.split()[0]}--error" if css else ""
    # Words inside a box vanish as soon as somebody types; the label and the hint say them.
    attrs: dict[str, Any] = {"class": classes, "placeholder": False}
    if described_by:
        attrs["aria-describedby"] = described_by
    # Django gives every text area ten rows (as text); one given by the form is kept.
    if bound.field.widget.attrs.get("rows") == "10":
        attrs["rows"] = "5"
    return bound.as_widget(attrs=attrs)


@register.filter
def plain(text: Any) -> str:
    """The words of a label or a hint. What a library wrote as HTML loses its tags, all else stays as it is."""
    words = str(text)
    return strip_tags(words.replace("</li>", " </li>")).strip() if hasattr(words, "__html__") else words


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
