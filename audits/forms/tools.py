"""What a person may type when an audit tool is built. One page asks for one thing, so that no post grows large."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from audits.choices import (
    HAS_A_NUMBER,
    NAMES_A_SECTION,
    OPTION_KINDS,
    Grade,
    LimitingRule,
    QuestionKind,
    SectionUse,
)
from audits.rules.grading import RuleSetting
from audits.selectors.tools import Leader
from cases.choices import SubjectKind
from core.forms import BaseForm, GovCheckboxes, GovRadios

MOST_OPTIONS = 40
_YES = [("yes", "Yes")]


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class VersionedForm(BaseForm):
    """A form that knows which text it was opened with (`version`)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class NameForm(VersionedForm):
    """What a tool is called, and for which kinds of record."""

    name = forms.CharField(label="Name of the tool", max_length=150, help_text="For example, Foster carer file audit.")
    subject_kinds = forms.MultipleChoiceField(
        label="What is audited with it?",
        choices=SubjectKind.choices,
        widget=GovCheckboxes(),
        error_messages={"required": "Choose at least one kind of record"},
    )


def _scheme_field(schemes: Iterable[tuple[str, str, str]]) -> forms.ChoiceField:
    rows = list(schemes)
    return forms.ChoiceField(
        label="Grade scheme",
        choices=[(key, name) for key, name, _ in rows],
        widget=GovRadios(hints={key: grades for key, _, grades in rows}),
        error_messages={"required": "Choose a grade scheme"},
    )


class NewToolForm(NameForm):
    """A new tool; `schemes` are (key, name, grades in words)."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, schemes: Iterable[tuple[str, str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["scheme"] = _scheme_field(schemes)


class SettingsForm(VersionedForm):
    """What is said of a version as a whole."""

    introduction = forms.CharField(
        label="Introduction",
        help_text="What the tool looks at and over which time. Shown where an audit is planned and begun.",
        widget=_lines(5),
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, schemes: Iterable[tuple[str, str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["scheme"] = _scheme_field(schemes)
        self.fields["asks_for_conversations"] = forms.BooleanField(
            label="Ask for conversations with the worker, the manager, the child and the family", required=False
        )
        self.fields["requires_family_feedback"] = forms.BooleanField(
            label="Require feedback from the family, or a reason why there is none", required=False
        )


class SectionTextForm(VersionedForm):
    """One section; `grades` are (key, name, descriptor of the scheme)."""

    title = forms.CharField(label="Title", max_length=200)
    guidance = forms.CharField(
        label="Guidance", help_text="What to look at. Shown above the questions.", widget=_lines(5), required=False
    )
    use = forms.ChoiceField(
        label="Must it be filled in?",
        choices=SectionUse.choices,
        widget=GovRadios(
            hints={
                SectionUse.ALWAYS: "It cannot be marked as not applicable.",
                SectionUse.REQUIRED: "It can be marked as not applicable, with a reason.",
                SectionUse.OPTIONAL: "It may be left empty.",
            }
        ),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, grades: Iterable[tuple[str, str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.grades = list(grades)
        self.fields["graded"] = forms.BooleanField(label="It is graded", required=False)
        self.fields["limiting"] = forms.BooleanField(
            label="It limits the overall grade", help_text="Used by the limiting rules of the tool.", required=False
        )
        for key, name, usual in self.grades:
            self.fields[f"d-{key}"] = forms.CharField(
                label=f"What {name} means in this section",
                help_text=f"Left empty, the scheme's own words stand there: {usual}" if usual else "",
                widget=_lines(3),
                required=False,
            )

    def descriptors(self) -> dict[str, str]:
        """The words for each grade, by its key."""
        return {key: self.cleaned_data[f"d-{key}"] for key, _, _ in self.grades}


class QuestionTextForm(VersionedForm):
    """One question."""

    text = forms.CharField(
        label="Question", max_length=500, help_text="Ask for one thing. For example, Was the child seen alone?",
        widget=_lines(2),
    )  # fmt: skip
    hint = forms.CharField(label="Hint", help_text="Shown under the question.", widget=_lines(2), required=False)
    kind = forms.ChoiceField(
        label="How is it answered?",
        choices=QuestionKind.choices,
        widget=GovRadios(small=True, reveals={}),
        error_messages={"required": "Choose how it is answered"},
    )
    options = forms.CharField(
        label="Choices, one on each line",
        help_text="Only for “One of several choices” and “Any of several choices”.",
        widget=_lines(6),
        required=False,
    )
    required = forms.BooleanField(label="It must be answered before the section is complete", required=False)
    repeats = forms.CharField(
        label="Asked again for each",
        help_text="For example, sibling or visit. Questions of one section with the same word are asked together, "
        "as often as the auditor needs. Leave it empty to ask once.",
        max_length=60,
        required=False,
    )

    def clean_options(self) -> list[str]:
        """The choices without blank lines. Raises ValidationError where one stands there twice or is too long."""
        lines = [" ".join(line.split()) for line in str(self.cleaned_data["options"]).split("\n")]
        found = [line for line in lines if line]
        if len({line.casefold() for line in found}) < len(found):
            raise ValidationError("Two choices are the same. Remove one")
        if len(found) > MOST_OPTIONS:
            raise ValidationError(f"Give {MOST_OPTIONS} choices at most. These are {len(found)}")
        if any(len(line) > 150 for line in found):
            raise ValidationError("Shorten each choice to 150 characters or fewer")
        return found

    def clean(self) -> dict[str, Any]:
        """A question with choices has at least two."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") in OPTION_KINDS and "options" not in self.errors and len(cleaned["options"]) < 2:
            self.add_error("options", "Enter at least two choices, one on each line")
        return cleaned


class LeaderForm(BaseForm):
    """To which question another is tied."""

    leader = forms.ChoiceField(label="Ask this question", widget=GovRadios(), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, leaders: Sequence[Leader], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        choices = [("", "Always"), *((each.key, f"Only after some answers to “{each.text}”") for each in leaders)]
        self.fields["leader"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class AnswersForm(VersionedForm):
    """After which answers a question is asked."""

    answers = forms.MultipleChoiceField(
        label="Ask it when the answer is",
        widget=GovCheckboxes(),
        error_messages={"required": "Choose at least one answer"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, leader: Leader, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["answers"].choices = list(leader.answers)  # type: ignore[attr-defined]  # a MultipleChoiceField
        self.fields["answers"].help_text = f"To “{leader.text}”"


class RuleForm(VersionedForm):
    """One limiting rule; `sections` are (key, title) of graded sections."""

    enabled = forms.BooleanField(label="This rule is in force", required=False)
    hard = forms.ChoiceField(
        label="May a moderator override it?",
        choices=[("soft", "Yes, with a written reason"), ("hard", "No, nobody may")],
        widget=GovRadios(),
    )
    ceiling = forms.ChoiceField(
        label="The overall grade cannot be above",
        choices=[(grade.value, grade.label) for grade in Grade if grade != Grade.OUTSTANDING],
        widget=GovRadios(),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        rule: LimitingRule,
        sections: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        if rule in NAMES_A_SECTION:
            other = rule == LimitingRule.L3
            self.fields["section"] = forms.ChoiceField(
                label="Every limiting section but" if other else "The safeguarding section is",
                choices=[("", "None left out" if other else "Choose a section"), *sections],
                required=False,
            )
        if rule in HAS_A_NUMBER:
            share = rule == LimitingRule.L4
            self.fields["number"] = forms.IntegerField(
                label="From which share of the graded sections, in percent?"
                if share
                else "How many sections must be outstanding?",
                min_value=1,
                max_value=100 if share else 30,
                widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
            )
        self.rule = rule

    def clean(self) -> dict[str, Any]:
        """A rule in force that is about one section says which."""
        cleaned = super().clean() or {}
        about_one = self.rule in (LimitingRule.L1, LimitingRule.L2)
        if cleaned.get("enabled") and about_one and "section" not in self.errors and not cleaned.get("section"):
            self.add_error("section", "Choose the section that the rule is about")
        return cleaned


def rule_initial(setting: RuleSetting | None, rule: LimitingRule) -> dict[str, Any]:
    """The initial values of a rule's form; what the policy usually says where the tool says nothing."""
    if setting is None:
        usual = {LimitingRule.L1: Grade.INADEQUATE, LimitingRule.L5: Grade.GOOD}.get(rule, Grade.REQUIRES_IMPROVEMENT)
        number = {LimitingRule.L4: 50, LimitingRule.L5: 3}.get(rule)
        hard = "hard" if rule == LimitingRule.L1 else "soft"
        return {"enabled": False, "hard": hard, "ceiling": usual, "section": "", "number": number}
    return {
        "enabled": setting.enabled,
        "hard": "hard" if setting.hard else "soft",
        "ceiling": setting.ceiling,
        "section": setting.section_key,
        "number": setting.number,
    }


class SchemeForm(VersionedForm):
    """What a grade scheme is called."""

    name = forms.CharField(label="Name of the scheme", max_length=100)


class GradeForm(BaseForm):
    """One grade of a scheme; one without a name is none."""

    name = forms.CharField(label="Grade", max_length=60, required=False)
    counts_as = forms.ChoiceField(
        label="Counts in reports as",
        choices=[("", "None of the four: not comparable"), *Grade.choices],
        required=False,
    )
    descriptor = forms.CharField(label="What it means", widget=_lines(2), required=False)

    def clean(self) -> dict[str, Any]:
        """A descriptor without a grade is told."""
        cleaned = super().clean() or {}
        if not cleaned.get("name") and (cleaned.get("descriptor") or cleaned.get("counts_as")):
            self.add_error("name", "Enter the grade, or empty the rest of its row")
        return cleaned


class RetireForm(BaseForm):
    """Why a tool is taken out of use."""

    why = forms.CharField(label="Why is it taken out of use?", widget=_lines(3))
