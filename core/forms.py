"""The one form base: clean text in, GOV.UK markup out, errors that say how to mend them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

TEXT_LIMIT = 20_000

# Invisible characters that carry no meaning in any language, and those that turn the
# direction of the text round them: both hide what a reader believes to be there.
_BIDI, _MATHS, _ISOLATES = range(0x202A, 0x202F), range(0x2060, 0x2065), range(0x2066, 0x206A)
_INVISIBLE = dict.fromkeys(
    (0x00AD, 0x180E, 0x200B, 0x200E, 0x200F, *_BIDI, *_MATHS, *_ISOLATES, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB)
)
# Joiners are letters' business in Persian, Hindi and emoji, so they stay between two
# visible characters and go anywhere else.
_STRAY_JOINERS = re.compile(r"(?<!\S)[\u200c\u200d]+|[\u200c\u200d]+(?!\S)|(?<=[\u200c\u200d])[\u200c\u200d]+")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def _from_windows(match: re.Match[str]) -> str:
    return match[0].encode("latin-1").decode("cp1252", errors="ignore")


def clean_text(text: str) -> str:
    """The same words without what a screen cannot show.

    Takes any string. Characters of the Windows code page that arrive as control codes become
    the quotes and dashes that were meant; line ends become "\\n"; fixed spaces become spaces;
    other control, direction and invisible characters and half surrogates go; letters are
    composed (NFC). Quotes, dashes, accents and emoji stay as typed. Cleaning twice changes
    nothing more.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = re.sub("[\x80-\x9f]", _from_windows, text)
    text = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2007", " ")
    text = text.translate(_INVISIBLE)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    text = _STRAY_JOINERS.sub("", text)
    return unicodedata.normalize("NFC", text)


@dataclass(frozen=True)
class ErrorLink:
    """One line of the error summary: the id of the control to go to ("" for none) and the words. `url` is the page to
    go to instead, where the fault is mended on another one."""

    field_id: str
    message: str
    url: str = ""


def first_control_id(bound: forms.BoundField) -> str:
    """The id of the control that an error of this field should lead to."""
    widget = bound.field.widget
    if isinstance(widget, GovDateInput):
        boxes = wrong_boxes(bound)
        return f"{bound.auto_id}_{next((i for i, name in enumerate(BOXES) if name in boxes), 0)}"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return f"{bound.auto_id}_0"
    return bound.auto_id


def error_links(*forms_: Any) -> list[ErrorLink]:
    """Every error of the forms and formsets given, in the order of the page.

    Errors of a form as a whole come first and lead nowhere; hidden fields' errors likewise.
    """
    links: list[ErrorLink] = []
    for form in forms_:
        if form is None or not getattr(form, "is_bound", False):
            continue
        if hasattr(form, "management_form"):
            links += [ErrorLink("", message) for message in form.non_form_errors()]
            links += error_links(*form.forms)
            continue
        links += [ErrorLink("", str(message)) for message in form.non_field_errors()]
        for bound in form:
            target = "" if bound.is_hidden else first_control_id(bound)
            links += [ErrorLink(target, message) for message in error_messages(bound)]
    return links


class BaseForm(forms.Form):
    """The base of every form.

    Subclasses declare fields, labels, help and order; the layout template owns `<form>`, the
    security token, the error summary and the buttons. What comes in is cleaned by `clean_text`,
    held to TEXT_LIMIT characters a field, and told apart from a password, which is left alone.
    A field that says nothing about a missing answer asks for it by its label.
    """

    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None = None, *args: Any, **kwargs: Any) -> None:
        secret = {name for name, field in self.base_fields.items() if isinstance(field.widget, forms.PasswordInput)}
        super().__init__(_cleaned(data, secret), *args, **kwargs)

    @property
    def error_summary(self) -> list[ErrorLink]:
        """Each error with the id of the control it leads to; empty when there is nothing wrong."""
        return error_links(self)

    def say(self, refused: ValidationError) -> None:
        """A service's refusal as errors: beside its field, above the form where the form has no such field."""
        if not hasattr(refused, "error_dict"):
            self.add_error(None, refused.messages)
            return
        for field, messages in refused.message_dict.items():
            self.add_error(field if field in self.fields else None, messages)

    def full_clean(self) -> None:
        """Give every field its limit and its words, then check what was typed."""
        for name, field in self.fields.items():
            _limit(field)
            _word_errors(field, str(field.label or name.replace("_", " ").capitalize()))
        super().full_clean()


def _cleaned(data: Mapping[str, Any] | None, secret: Iterable[str]) -> Mapping[str, Any] | None:
    if data is None:
        return None
    keep = tuple(secret)

    def is_secret(key: str) -> bool:
        return any(key == name or key.endswith("-" + name) for name in keep)

    def one(key: str, value: Any) -> Any:
        return clean_text(value) if isinstance(value, str) and not is_secret(key) else value

    if isinstance(data, MultiValueDict):
        return MultiValueDict({key: [one(key, value) for value in values] for key, values in data.lists()})
    return {
        key: [one(key, each) for each in value] if isinstance(value, (list, tuple)) else one(key, value)
        for key, value in data.items()
    }


class _Limit(MaxLengthValidator):
    """At most so many characters, saying how many there are."""

    def __call__(self, value: str) -> None:
        if len(value) > self.limit_value:
            raise ValidationError(
                f"Shorten this to {self.limit_value:,} characters or fewer. It has {len(value):,}.", code="max_length"
            )


def _limit(field: forms.Field) -> None:
    if isinstance(field, forms.CharField) and not any(isinstance(each, _Limit) for each in field.validators):
        limit = min(field.max_length or TEXT_LIMIT, TEXT_LIMIT)
        field.validators = [each for each in field.validators if not isinstance(each, MaxLengthValidator)]
        field.validators.append(_Limit(limit))


_DJANGO_REQUIRED = str(forms.Field.default_error_messages["required"])


def _asking(field: forms.Field, label: str) -> str:
    """What is said when an answer is missing: the field is asked for by its label."""
    choosing = isinstance(field, (forms.ChoiceField, forms.ModelChoiceField))
    if isinstance(field, forms.BooleanField):
        return f"Tick the box: {label}"
    if isinstance(field, forms.FileField):
        return f"Choose a file: {label}"
    if label.endswith("?"):
        return f"{'Choose' if choosing else 'Enter'} an answer to “{label}”"
    return f"{'Choose' if choosing else 'Enter'} {lower_first(label)}"


def error_messages(bound: forms.BoundField) -> list[str]:
    """The errors of one field as shown. A library's form, too, asks for a missing answer by its label."""
    return [
        _asking(bound.field, str(bound.label)) if error == _DJANGO_REQUIRED else str(error) for error in bound.errors
    ]


def _word_errors(field: forms.Field, label: str) -> None:
    """Put plain words in place of Django's own messages, where the form gave none."""
    if str(field.error_messages.get("required")) == _DJANGO_REQUIRED:
        field.error_messages["required"] = _asking(field, label)
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        field.error_messages["invalid_choice"] = "Choose one of the answers shown"
    if isinstance(field, forms.FileField):
        field.error_messages["empty"] = "The file is empty. Choose a file with something in it"
    if isinstance(field, forms.IntegerField):
        field.error_messages["invalid"] = f"{label} must be a number, like 12"


def lower_first(words: str) -> str:
    """The words with a small first letter, unless they open with an abbreviation such as QA."""
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


class GovRadios(forms.RadioSelect):
    """Radio buttons with words beside the choices.

    `hints` maps a choice's value to its description (the grade descriptors); `reveals` maps a
    value to the name of the field of the same form that shows only when it is chosen (without
    JavaScript it always shows); `disabled_choices` are values that cannot be chosen; `inline`
    puts short choices side by side; `small` makes the buttons small.
    """

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        *,
        hints: Mapping[str, str] | None = None,
        reveals: Mapping[str, str] | None = None,
        disabled_choices: Iterable[str] = (),
        inline: bool = False,
        small: bool = False,
    ) -> None:
        super().__init__(attrs, choices)
        self.hints = dict(hints or {})
        self.reveals = dict(reveals or {})
        self.disabled_choices = {str(value) for value in disabled_choices}
        self.inline = inline
        self.small = small


class GovCheckboxes(forms.CheckboxSelectMultiple):
    """Tick boxes with the same words beside the choices as `GovRadios`; `small` for long lists."""

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        *,
        hints: Mapping[str, str] | None = None,
        reveals: Mapping[str, str] | None = None,
        disabled_choices: Iterable[str] = (),
        small: bool = False,
    ) -> None:
        super().__init__(attrs, choices)
        self.hints = dict(hints or {})
        self.reveals = dict(reveals or {})
        self.disabled_choices = {str(value) for value in disabled_choices}
        self.inline = False
        self.small = small


BOXES = ("day", "month", "year")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
)


def boxes_of(value: Any) -> list[int | None]:
    """Day, month and year of a date or an ISO date string; three times None for anything else."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            value = None
    return [value.day, value.month, value.year] if value else [None, None, None]


class GovDateInput(forms.MultiWidget):
    """A date in three boxes: day, month, year. The names are `<field>_day` and so on."""

    template_name = "django/forms/widgets/multiwidget.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({name: forms.TextInput() for name in BOXES}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """The three boxes for a date (or an ISO date string, or None)."""
        return boxes_of(value)


def today() -> date:
    """London's date when a form is checked, for a field's `earliest` or `latest`. Not `timezone.localdate` itself: a
    field would keep whatever that name stood for when its form was first read."""
    return timezone.localdate()


class GovDateField(forms.Field):
    """A real date typed in three boxes; gives a `datetime.date` or None.

    The month may be a number or its name. `earliest` and `latest` are dates, or functions
    giving one when the form is checked (pass `today`). `noun` is what the
    messages call it; by default the label.
    """

    widget = GovDateInput

    def __init__(
        self,
        *,
        earliest: date | Callable[[], date] | None = None,
        latest: date | Callable[[], date] | None = None,
        noun: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.earliest = earliest
        self.latest = latest
        self.noun = noun

    def clean(self, value: Any) -> date | None:
        """The date in the boxes. Raises ValidationError whose code names the boxes at fault."""
        if isinstance(value, date):
            parts = [str(value.day), str(value.month), str(value.year)]
        else:
            parts = [str(part or "").strip() for part in [*(value or []), "", "", ""][:3]]
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        noun = self.noun or str(self.label or "Date")
        missing = [name for name, part in zip(BOXES, parts, strict=True) if not part]
        if missing:
            listed = " and ".join(f"a {name}" for name in missing)
            raise ValidationError(f"{noun} must include {listed}", code="missing_" + "_".join(missing))
        if not re.fullmatch(r"[0-9]{4}", parts[2]):
            raise ValidationError(f"{noun}: the year must have 4 numbers, like 2026", code="box_year")
        found = _real_date(*parts)
        if found is None:
            raise ValidationError(f"{noun} must be a real date, like 27 3 2026", code="not_real")
        self._check_range(noun, found)
        return found

    def _check_range(self, noun: str, found: date) -> None:
        latest = self.latest() if callable(self.latest) else self.latest
        if latest is not None and found > latest:
            raise ValidationError(f"{noun} must be on or before {_in_words(latest)}", code="too_late")
        earliest = self.earliest() if callable(self.earliest) else self.earliest
        if earliest is not None and found < earliest:
            raise ValidationError(f"{noun} must be on or after {_in_words(earliest)}", code="too_early")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """True when the boxes hold another date than `initial`, or something that is no date."""
        before = boxes_of(initial)
        return [str(part or "") for part in before] != [str(part or "").strip() for part in data or ["", "", ""]]


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _real_date(day: str, month: str, year: str) -> date | None:
    word = month.lower().rstrip(".")
    if _MONTH.fullmatch(word):
        number = _MONTHS.index(word[:3]) + 1
    elif re.fullmatch(r"[0-9]{1,2}", month):
        number = int(month)
    else:
        return None
    if not re.fullmatch(r"[0-9]{1,2}", day):
        return None
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None


def wrong_boxes(bound: forms.BoundField) -> set[str]:
    """Which of day, month and year an error of a date field is about; empty when it has none."""
    if not bound.errors:
        return set()
    for error in bound.form.errors.as_data().get(bound.name, []):
        code = error.code or ""
        if code.startswith(("missing_", "box_")):
            return set(code.split("_")[1:])
    return set(BOXES)
