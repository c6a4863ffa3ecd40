"""The form of one section: its questions, findings, grade and reason, as a person may type them.

Nothing is required here: unfinished work is saved as it stands, and what is missing is said by the
policy's own words when the section is looked at as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from audits.choices import FindingKind, QuestionKind
from audits.rules.submission import in_round, is_blank, round_of
from audits.selectors.drafting import QuestionShape, SectionShape, StoredFinding, StoredSection, ThemeGroup
from core.forms import BaseForm, ErrorLink, GovCheckboxes, GovDateField, GovRadios, error_links, today

MOST_FINDINGS = 40
MOST_ROUNDS = 30
_NUMBER = re.compile(r"-?(\d{1,9}|\d{1,3}(,\d{3}){1,2})(\.\d{1,4})?")
_BLOCK = re.compile(r"\d{1,4}")
_TICKED = " checked"
_THEME_BOX = (
    '<div class="govuk-checkboxes__item" data-theme><input class="govuk-checkboxes__input" type="checkbox" '
    'name="{0}-themes" value="{1}" id="{0}-theme-{1}"{2}><label class="govuk-label govuk-checkboxes__label" '
    'for="{0}-theme-{1}">{3}</label></div>'
)


class NumberField(forms.CharField):
    """A number as people write it ("1,234", "2.5"); gives an int or a float, or None for nothing."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError for anything but a plain number of at most nine digits."""
        text = str(super().clean(value) or "")
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise ValidationError("Enter a number, like 12 or 2.5", code="invalid")
        plain = text.replace(",", "")
        return float(plain) if "." in plain else int(plain)


class ScaleField(forms.CharField):
    """A whole number from 0 to 10; gives an int, or None for nothing."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError for anything else."""
        text = str(super().clean(value) or "")
        if not text:
            return None
        if not re.fullmatch(r"\d{1,2}", text) or int(text) > 10:
            raise ValidationError("Enter a whole number from 0 to 10", code="invalid")
        return int(text)


def _radios(question: QuestionShape, *, inline: bool = False, hints: Mapping[str, str] | None = None) -> forms.Field:
    return forms.ChoiceField(choices=question.options, widget=GovRadios(inline=inline, hints=hints))


def _text(rows: int) -> forms.Field:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}))


def question_field(question: QuestionShape, descriptors: Mapping[str, str]) -> forms.Field:
    """The field for one question, of the kind that the question is."""
    makers: dict[str, Any] = {
        QuestionKind.YES_PARTLY_NO: lambda: _radios(question, inline=True),
        QuestionKind.EVIDENCED: lambda: _radios(question, inline=True),
        QuestionKind.GRADE: lambda: _radios(question, hints=descriptors),
        QuestionKind.CHOICE: lambda: _radios(question),
        QuestionKind.CHOICES: lambda: forms.MultipleChoiceField(choices=question.options, widget=GovCheckboxes()),
        QuestionKind.SCALE: lambda: ScaleField(
            widget=forms.TextInput(attrs={"class": "govuk-input--width-2", "inputmode": "numeric"})
        ),
        QuestionKind.NUMBER: lambda: NumberField(
            widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"})
        ),
        QuestionKind.DATE: lambda: GovDateField(noun="The date"),
        QuestionKind.SHORT_TEXT: lambda: forms.CharField(max_length=500),
        QuestionKind.EVIDENCE: lambda: forms.CharField(max_length=500),
        QuestionKind.LONG_TEXT: lambda: _text(5),
        QuestionKind.FAMILY_FEEDBACK: lambda: _text(5),
    }
    field: forms.Field = makers[question.kind]()
    field.label = question.text if question.required else f"{question.text} (optional)"
    field.help_text = " ".join(part for part in (question.hint, _kind_hint(question), _only_if(question)) if part)
    field.required = False
    return field


def _kind_hint(question: QuestionShape) -> str:
    if question.hint:
        return ""
    return {
        QuestionKind.SCALE: "From 0, the lowest, to 10, the highest.",
        QuestionKind.DATE: "For example, 27 3 2026.",
        QuestionKind.EVIDENCE: "Where in the record it is: the kind of document and its date. Do not copy the record.",
        QuestionKind.CHOICES: "Choose all that apply.",
    }.get(QuestionKind(question.kind), "")


def _only_if(question: QuestionShape) -> str:
    return f"{question.condition.words}." if question.condition else ""


@dataclass(frozen=True)
class AskedField:
    """A question with its bound field. `leader` is the name of the field on whose answer it depends, if any."""

    question: QuestionShape
    field: forms.BoundField
    leader: str


@dataclass(frozen=True)
class Round:
    """One time through a repeated block: which, and its questions."""

    place: int
    fields: tuple[AskedField, ...]

    @property
    def number(self) -> int:
        """The round as people count."""
        return self.place + 1


@dataclass(frozen=True)
class Part:
    """A part of the questions: one that is asked once (`asked`), or a block (`word`, "sibling") in rounds."""

    asked: AskedField | None = None
    word: str = ""
    index: int = 0
    count: forms.BoundField | None = None
    rounds: tuple[Round, ...] = ()


def field_name(key: str, place: int = 0) -> str:
    """The field of a question; of a later round with its number after a point."""
    return f"q-{key}.{place}" if place else f"q-{key}"


class SectionForm(BaseForm):
    """The questions of a section, whether it applies, its grade and the reason for it.

    `rounds` says for each repeated block how often it is asked.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason_checked = forms.BooleanField(label="I have checked the reason: it fits the grade", required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        shape: SectionShape,
        rounds: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.shape = shape
        self.rounds = {word: min(max((rounds or {}).get(word, 1), 1), MOST_ROUNDS) for word in shape.blocks}
        descriptors = {grade.key: grade.descriptor for grade in shape.grades}
        for question in shape.questions:
            for place in range(self.rounds.get(question.repeats, 1)):
                self.fields[field_name(question.key, place)] = question_field(question, descriptors)
        for index, word in enumerate(shape.blocks):
            self.fields[f"rounds-{index}"] = forms.IntegerField(
                widget=forms.HiddenInput, required=False, initial=self.rounds[word]
            )
            self.initial[f"rounds-{index}"] = self.rounds[word]
        if shape.may_be_left_out:
            self.fields["not_applicable"] = forms.MultipleChoiceField(
                label="Does this section apply to this case?",
                choices=[("yes", "This section does not apply")],
                widget=GovCheckboxes(reveals={"yes": "not_applicable_reason"}, small=True),
                required=False,
            )
            self.fields["not_applicable_reason"] = forms.CharField(
                label="Why does it not apply?",
                help_text="A section that does not apply is left out of the counts.",
                widget=forms.Textarea(attrs={"rows": 3}),
                required=False,
            )
        if not shape.graded:
            del self.fields["reason_checked"]
        else:
            self.fields["grade"] = forms.ChoiceField(
                label="Grade for this section",
                choices=[(grade.key, grade.name) for grade in shape.grades],
                widget=GovRadios(hints=descriptors),
                required=False,
            )
            self.fields["reason"] = forms.CharField(
                label="Reason for the grade",
                help_text="What you saw that led to this grade. At least 20 characters.",
                widget=forms.Textarea(attrs={"rows": 5, "data-minimum": "20"}),
                required=False,
            )

    def parts(self) -> Iterator[Part]:
        """The questions in order; those of a repeated block together, where its first one stands."""
        done: set[str] = set()
        for question in self.shape.questions:
            word = question.repeats
            if not word:
                yield Part(asked=self._asked(question, 0))
            elif word not in done:
                done.add(word)
                index = self.shape.blocks.index(word)
                together = [each for each in self.shape.questions if each.repeats == word]
                rounds = tuple(
                    Round(place, tuple(self._asked(each, place) for each in together))
                    for place in range(self.rounds[word])
                )
                yield Part(word=word, index=index, count=self[f"rounds-{index}"], rounds=rounds)

    def _asked(self, question: QuestionShape, place: int) -> AskedField:
        on = question.condition
        leader = field_name(on.key, place if on.repeats else 0) if on else ""
        return AskedField(question, self[field_name(question.key, place)], leader)

    def answers(self) -> dict[str, Any]:
        """What was answered, by question key: text, number, ISO date, key, list of keys, or None for nothing.

        A round of a block in which nothing is answered is left out, and those after it move up.
        """
        found = {
            question.key: _answer(self.cleaned_data[field_name(question.key)])
            for question in self.shape.questions
            if not question.repeats
        }
        for word, count in self.rounds.items():
            keys = [question.key for question in self.shape.questions if question.repeats == word]
            rounds = [
                {key: _answer(self.cleaned_data[field_name(key, place)]) for key in keys} for place in range(count)
            ]
            filled = [each for each in rounds if any(not is_blank(value) for value in each.values())]
            for place, each in enumerate(filled):
                found |= {in_round(key, place): value for key, value in each.items()}
        return found


def _answer(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return None if value in ("", [], None) else value


class FindingForm(BaseForm):
    """One strength or area for development. A block with nothing in it is no finding."""

    id = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    evidence_document = forms.CharField(
        label="Where the evidence is: kind of document",
        help_text="For example, case note, assessment, core group minutes. Do not copy the record.",
        max_length=150,
        required=False,
    )
    evidence_date = GovDateField(
        label="Date of the document", noun="The date of the document", required=False, latest=today
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: str,
        number: str,
        themes: tuple[ThemeGroup, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, prefix=f"{kind}-{number}", **kwargs)
        self.kind = kind
        self.number = number
        self.theme_groups = themes
        self.fields["text"].label = "What is working well" if kind == FindingKind.STRENGTH else "What needs to develop"
        self.fields["themes"] = forms.MultipleChoiceField(
            label="Themes", choices=[choice for group in themes for choice in group.themes], required=False
        )

    def chosen_themes(self) -> set[str]:
        """The keys of the themes that are ticked."""
        return {str(value) for value in (self["themes"].value() or [])}

    def chosen_names(self) -> list[str]:
        """The names of the themes that are ticked."""
        chosen = self.chosen_themes()
        return [name for group in self.theme_groups for key, name in group.themes if key in chosen]

    def theme_boxes(self) -> list[tuple[str, SafeString]]:
        """Each group of themes with its tick boxes: in one go, since every block of the page has all of them."""
        chosen = self.chosen_themes()
        return [
            (
                group.name,
                format_html_join(
                    "\n",
                    _THEME_BOX,
                    ((self.prefix, key, _TICKED if key in chosen else "", name) for key, name in group.themes),
                ),
            )
            for group in self.theme_groups
        ]

    def clean(self) -> dict[str, Any]:
        """Evidence or themes without words are not a finding yet."""
        cleaned = super().clean() or {}
        if not cleaned.get("text") and "text" not in self.errors and self._has_more(cleaned):
            what = "strength" if self.kind == FindingKind.STRENGTH else "area for development"
            self.add_error("text", f"Enter the {what}, or remove this block")
        return cleaned

    def _has_more(self, cleaned: Mapping[str, Any]) -> bool:
        return any(cleaned.get(name) for name in ("evidence_document", "evidence_date", "themes"))

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed or ticked; only known once checked."""
        return not self.errors and not self.cleaned_data.get("text") and not self._has_more(self.cleaned_data)


class SectionInput:
    """The whole page of a section: the form and its blocks of findings, from what is stored or what was posted."""

    def __init__(
        self,
        shape: SectionShape,
        themes: tuple[ThemeGroup, ...],
        *,
        data: MultiValueDict[str, str] | None = None,
        stored: StoredSection | None = None,
        version: int = 1,
        blank_blocks: Mapping[str, int] | None = None,
        rounds: Mapping[str, int] | None = None,
    ) -> None:
        self.shape = shape
        self.themes = themes
        initial = section_initial(stored, version) if stored else {"version": version}
        known = rounds_posted(shape, data) if data is not None else rounds_stored(shape, stored)
        most = {word: max(known[word], (rounds or {}).get(word, 1)) for word in shape.blocks}
        self.form = SectionForm(data, shape=shape, initial=initial, rounds=most)
        self.blocks: dict[str, list[FindingForm]] = {}
        for kind in FindingKind.values:
            blanks = (blank_blocks or {}).get(kind, 0)
            if data is None:
                self.blocks[kind] = self._stored_blocks(kind, stored, blanks)
            else:
                self.blocks[kind] = self._posted_blocks(kind, data, blanks)

    def _stored_blocks(self, kind: str, stored: StoredSection | None, blanks: int) -> list[FindingForm]:
        findings = stored.of_kind(kind) if stored else []
        blocks = [
            FindingForm(kind=kind, number=str(place), themes=self.themes, initial=finding_initial(finding))
            for place, finding in enumerate(findings)
        ]
        for place in range(len(blocks), len(blocks) + max(blanks, 0 if blocks else 1)):
            blocks.append(FindingForm(kind=kind, number=str(place), themes=self.themes))
        return blocks[:MOST_FINDINGS]

    def _posted_blocks(self, kind: str, data: MultiValueDict[str, str], blanks: int) -> list[FindingForm]:
        numbers = [number for number in dict.fromkeys(data.getlist(kind)) if _BLOCK.fullmatch(number)][:MOST_FINDINGS]
        following = max([int(number) for number in numbers], default=-1) + 1
        blocks = [FindingForm(data, kind=kind, number=number, themes=self.themes) for number in numbers]
        for place in range(following, following + blanks):
            blocks.append(FindingForm(kind=kind, number=str(place), themes=self.themes))
        return blocks

    @property
    def strengths(self) -> list[FindingForm]:
        """The blocks for strengths."""
        return self.blocks[FindingKind.STRENGTH]

    @property
    def developments(self) -> list[FindingForm]:
        """The blocks for areas for development."""
        return self.blocks[FindingKind.DEVELOPMENT]

    def all_forms(self) -> list[BaseForm]:
        """The form and every block, in the order of the page."""
        return [self.form, *self.strengths, *self.developments]

    def blank_block(self, kind: str) -> FindingForm:
        """An empty block whose number the page's script fills in."""
        return FindingForm(kind=kind, number="__number__", themes=self.themes)

    def blank_strength(self) -> FindingForm:
        """The pattern for one more strength."""
        return self.blank_block(FindingKind.STRENGTH)

    def blank_development(self) -> FindingForm:
        """The pattern for one more area for development."""
        return self.blank_block(FindingKind.DEVELOPMENT)

    def is_valid(self) -> bool:
        """Whether everything posted can be stored as it is."""
        return all([each.is_valid() for each in self.all_forms() if each.is_bound])

    def error_links(self) -> list[ErrorLink]:
        """Every error with the control it leads to."""
        found = []
        for each in self.all_forms():
            found += error_links(each)
        return found

    def findings(self) -> list[tuple[str, FindingForm]]:
        """(kind, checked form) of every block that holds something, in order."""
        return [
            (kind, block)
            for kind in FindingKind.values
            for block in self.blocks[kind]
            if block.is_bound and not block.is_blank
        ]


def rounds_posted(shape: SectionShape, data: Mapping[str, Any]) -> dict[str, int]:
    """How often each repeated block stood on the page that was sent."""
    found = {}
    for index, word in enumerate(shape.blocks):
        text = str(data.get(f"rounds-{index}", ""))
        found[word] = min(int(text), MOST_ROUNDS) if _BLOCK.fullmatch(text) else 1
    return found


def rounds_stored(shape: SectionShape, stored: StoredSection | None) -> dict[str, int]:
    """How often each repeated block is answered, once at least."""
    words = {question.key: question.repeats for question in shape.questions}
    found = dict.fromkeys(shape.blocks, 1)
    for key, place in map(round_of, stored.answers if stored else ()):
        if words.get(key):
            found[words[key]] = max(found[words[key]], place + 1)
    return found


def section_initial(stored: StoredSection, version: int) -> dict[str, Any]:
    """The initial values of a section's form."""
    return {
        "version": version,
        "grade": stored.grade,
        "reason": stored.reason,
        "not_applicable": ["yes"] if stored.not_applicable else [],
        "not_applicable_reason": stored.not_applicable_reason,
        **{field_name(*round_of(key)): value for key, value in stored.answers.items()},
    }


def finding_initial(finding: StoredFinding) -> dict[str, Any]:
    """The initial values of a finding's block."""
    return {
        "id": str(finding.id),
        "text": finding.text,
        "evidence_document": finding.evidence_document,
        "evidence_date": finding.evidence_date,
        "themes": list(finding.themes),
    }
