"""How one field of a form is written: label, hint, error and control, tied to each other; works for any Django form.

Written here and not by templates, since a page holds twenty fields and each took four templates. Every text that comes
from a form is escaped, whatever it was marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString

from core.forms import BOXES, GovDateInput, error_messages, wrong_boxes
from core.widgets import NOTHING

_BREAK = format_html("<br>{}", "")
_ERROR = '<span class="govuk-visually-hidden">Error:</span> {}'
_LABEL = '<label class="govuk-label govuk-!-font-weight-bold" for="{}">{}</label>'
_LEGEND = '<legend class="govuk-fieldset__legend govuk-fieldset__legend--s">{}</legend>'


@dataclass(frozen=True)
class Parts:
    """What a field holds beside its control: its hint and error as printed, and what describes the control."""

    hint_id: str
    hint: str
    error: SafeString
    described_by: str
    count: int | None


def write_field(bound: forms.BoundField) -> SafeString:
    """The field as the pages print it; a hidden one is its control alone."""
    if bound.is_hidden:
        return format_html("{}", bound)
    return _writer(bound.field.widget)(bound, _parts(bound))


def words(text: Any) -> str:
    """The words of a label or a hint. What a library wrote as HTML loses its tags, all else stays as it is."""
    said = str(text)
    return strip_tags(said.replace("</li>", " </li>")).strip() if hasattr(said, "__html__") else said


def _plain(text: Any) -> str:
    """A plain string, whatever it was marked, so that it is escaped."""
    return str.__str__(str(text))


def _parts(bound: forms.BoundField) -> Parts:
    attrs = bound.field.widget.attrs
    hint_id = f"{bound.auto_id}_helptext" if bound.help_text else ""
    error_id = f"{bound.auto_id}_error" if bound.errors else ""
    count = attrs.get("data-maxlength")
    described_by = [attrs.get("aria-describedby"), hint_id, error_id, f"{bound.auto_id}-info" if count else ""]
    error = NOTHING
    if error_id:
        told = format_html_join(_BREAK, _ERROR, ((_plain(each),) for each in error_messages(bound)))
        error = format_html('<p id="{}" class="govuk-error-message">{}</p>', error_id, told)
    return Parts(
        hint_id=hint_id,
        hint=_plain(words(bound.help_text)) if hint_id else "",
        error=error,
        described_by=" ".join(each for each in described_by if each),
        count=int(count) if count else None,
    )


def control(bound: forms.BoundField, css: str = "", described_by: str = "") -> SafeString:
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


def _hint(part: Parts, css: str = "") -> SafeString:
    if not part.hint_id:
        return NOTHING
    return format_html('<div id="{}" class="govuk-hint{}">{}</div>', part.hint_id, css, part.hint)


def _group(part: Parts, *inside: str, css: str = "", attrs: SafeString = NOTHING) -> SafeString:
    wrong = " govuk-form-group--error" if part.error else ""
    lines = format_html_join("\n", "{}", ((each,) for each in inside if each))
    return format_html('<div class="govuk-form-group{}{}"{}>\n{}\n</div>\n', css, wrong, attrs, lines)


def _labelled(bound: forms.BoundField) -> SafeString:
    return format_html(_LABEL, bound.id_for_label, _plain(bound.label))


def _box(css: str) -> Callable[[forms.BoundField, Parts], SafeString]:
    def write(bound: forms.BoundField, part: Parts) -> SafeString:
        box = control(bound, css, part.described_by)
        return _group(part, _labelled(bound), _hint(part), part.error, box)

    return write


def _textarea(bound: forms.BoundField, part: Parts) -> SafeString:
    if not part.count:
        return _box("govuk-textarea")(bound, part)
    told = format_html(
        '<div id="{}-info" class="govuk-hint govuk-character-count__message">You can enter up to {} characters</div>',
        bound.auto_id, part.count,
    )  # fmt: skip
    box = control(bound, "govuk-textarea govuk-js-character-count", part.described_by)
    attrs = format_html(' data-module="govuk-character-count" data-maxlength="{}"', part.count)
    inside = (_labelled(bound), _hint(part), part.error, box, told)
    return _group(part, *inside, css=" govuk-character-count", attrs=attrs)


def _password(bound: forms.BoundField, part: Parts) -> SafeString:
    css = "govuk-input govuk-password-input__input govuk-js-password-input-input"
    wrapped = format_html(
        '<div class="govuk-input__wrapper govuk-password-input__wrapper">\n{}\n<button type="button" '
        'class="govuk-button govuk-button--secondary govuk-password-input__toggle govuk-js-password-input-toggle" '
        'data-module="govuk-button" aria-controls="{}" aria-label="Show password" hidden>Show</button>\n</div>',
        control(bound, css, part.described_by), bound.auto_id,
    )  # fmt: skip
    attrs = format_html(' data-module="{}"', "govuk-password-input")
    inside = (_labelled(bound), _hint(part), part.error, wrapped)
    return _group(part, *inside, css=" govuk-password-input", attrs=attrs)


def _checkbox(bound: forms.BoundField, part: Parts) -> SafeString:
    item = format_html(
        '<div class="govuk-checkboxes" data-module="govuk-checkboxes">\n<div class="govuk-checkboxes__item">\n{}\n'
        '<label class="govuk-label govuk-checkboxes__label" for="{}">{}</label>\n{}\n</div>\n</div>',
        control(bound, "govuk-checkboxes__input", part.described_by), bound.id_for_label, _plain(bound.label),
        _hint(part, " govuk-checkboxes__hint"),
    )  # fmt: skip
    return _group(part, part.error, item)


def _fieldset(bound: forms.BoundField, part: Parts, inside: SafeString, role: SafeString = NOTHING) -> SafeString:
    described = format_html(' aria-describedby="{}"', part.described_by) if part.described_by else NOTHING
    legend = format_html(_LEGEND, _plain(bound.label))
    lines = format_html_join("\n", "{}", ((each,) for each in (legend, _hint(part), part.error, inside) if each))
    whole = format_html(
        '<fieldset class="govuk-fieldset"{}{}>\n{}\n</fieldset>', role, described, lines
    )  # fmt: skip
    return _group(part, whole)


def _date(bound: forms.BoundField, part: Parts) -> SafeString:
    boxes = format_html_join(
        "\n",
        '<div class="govuk-date-input__item"><div class="govuk-form-group">\n'
        '<label class="govuk-label govuk-date-input__label" for="{}">{}</label>\n<input{}>\n</div></div>',
        _date_boxes(bound),
    )
    inside = format_html('<div class="govuk-date-input" id="{}">\n{}\n</div>', bound.auto_id, boxes)
    return _fieldset(bound, part, inside, format_html(' role="{}"', "group"))


def _date_boxes(bound: forms.BoundField) -> Iterator[tuple[str, str, str]]:
    """The id, the label and the attributes of each of the three boxes."""
    wrong = wrong_boxes(bound)
    value = bound.value()
    widget = bound.field.widget
    values = value if isinstance(value, (list, tuple)) else widget.decompress(value)
    passed_on = {key: each for key, each in widget.attrs.items() if key.startswith("data-")}
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
        yield box_id, name.capitalize(), flatatt({**attrs, **passed_on})


def _chooser(kind: str) -> Callable[[forms.BoundField, Parts], SafeString]:
    def write(bound: forms.BoundField, part: Parts) -> SafeString:
        widget = bound.field.widget
        css = f" govuk-{kind}--inline" if getattr(widget, "inline", False) else ""
        css += f" govuk-{kind}--small" if getattr(widget, "small", False) else ""
        items = format_html_join("\n", "{}", ((each,) for each in _items(bound, kind)))
        inside = format_html(
            '<div class="govuk-{}{}" data-module="govuk-{}">\n{}\n</div>', kind, css, kind, items
        )  # fmt: skip
        return _fieldset(bound, part, inside)

    return write


def _items(bound: forms.BoundField, kind: str) -> Iterator[SafeString]:
    """Each radio button or tick box with its label and hint, and after it what it reveals."""
    widget = bound.field.widget
    hints = {str(value): text for value, text in getattr(widget, "hints", {}).items()}
    reveals = {str(value): name for value, name in getattr(widget, "reveals", {}).items()}
    disabled: set[str] = getattr(widget, "disabled_choices", set())
    attrs = {"id": bound.auto_id} if bound.auto_id else {}
    seen_group = ""
    for group, options, _ in widget.optgroups(bound.html_name, widget.format_value(bound.value()), attrs):
        if group and group != seen_group:
            yield format_html(
                '<p class="govuk-body govuk-!-font-weight-bold app-choice-group">{}</p>', _plain(group)
            )  # fmt: skip
        seen_group = str(group or "")
        for option in options:
            value = _plain(option["value"])
            option_id = option["attrs"].get("id", "")
            hint = _plain(hints.get(value, ""))
            given = {key: each for key, each in option["attrs"].items() if key not in ("class", "checked", "required")}
            printed = {
                **given,
                "class": f"govuk-{kind}__input",
                "name": option["name"],
                "type": option["type"],
                "value": value,
                "checked": bool(option["selected"]),
                "disabled": value in disabled or bound.field.disabled,
            }
            said = NOTHING
            if hint:
                printed["aria-describedby"] = f"{option_id}_hint"
                said = format_html(
                    '<div id="{}_hint" class="govuk-hint govuk-{}__hint">{}</div>', option_id, kind, linebreaksbr(hint)
                )
            if value in reveals:
                printed["data-reveals"] = f"{option_id}_reveals"
            yield format_html(
                '<div class="govuk-{}__item">\n<input{}>\n<label class="govuk-label govuk-{}__label" for="{}">{}'
                "</label>\n{}\n</div>",
                kind, flatatt(printed), kind, option_id, _plain(option["label"]), said,
            )  # fmt: skip
            if value in reveals:
                shut = "" if option["selected"] else f" govuk-{kind}__conditional--hidden"
                yield format_html(
                    '<div class="govuk-{}__conditional{}" id="{}_reveals">{}</div>',
                    kind, shut, option_id, write_field(bound.form[reveals[value]]),
                )  # fmt: skip


_WRITERS: tuple[tuple[Any, Callable[[forms.BoundField, Parts], SafeString]], ...] = (
    (GovDateInput, _date),
    (forms.CheckboxSelectMultiple, _chooser("checkboxes")),  # a RadioSelect to Django, so it is asked first
    (forms.RadioSelect, _chooser("radios")),
    (forms.CheckboxInput, _checkbox),
    (forms.Select, _box("govuk-select")),
    (forms.Textarea, _textarea),
    (forms.FileInput, _box("govuk-file-upload")),
    (forms.PasswordInput, _password),
    (forms.Widget, _box("govuk-input")),
)


def _writer(widget: forms.Widget) -> Callable[[forms.BoundField, Parts], SafeString]:
    return next(write for kind, write in _WRITERS if isinstance(widget, kind))
