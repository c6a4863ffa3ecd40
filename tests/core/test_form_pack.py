"""The form pack prints GOV.UK markup, ties labels, hints and errors to controls, and escapes what it is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field, as_crispy_form
from django import forms
from django.forms import formset_factory
from django.template import engines
from django.urls import get_resolver
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString, mark_safe
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django.asserts import assertHTMLEqual

from core.forms import (
    TEXT_LIMIT,
    BaseForm,
    ErrorLink,
    GovCheckboxes,
    GovDateField,
    GovRadios,
    clean_text,
    error_links,
)

GRADES = [("good", "Good"), ("inadequate", "Inadequate")]


def printed(form: forms.Form, name: str) -> str:
    return as_crispy_field(form[name])


def render(template: str, **context: Any) -> str:
    return engines["django"].from_string(template).render(context)


class CaseForm(BaseForm):
    reference = forms.CharField(label="Case reference", help_text="As in the case system")


def test_text_input() -> None:
    assertHTMLEqual(
        printed(CaseForm(), "reference"),
        """
        <div class="govuk-form-group">
          <label class="govuk-label govuk-!-font-weight-bold" for="id_reference">Case reference</label>
          <div id="id_reference_helptext" class="govuk-hint">As in the case system</div>
          <input class="govuk-input" id="id_reference" name="reference" type="text"
            aria-describedby="id_reference_helptext">
        </div>
        """,
    )


def test_text_input_with_an_error() -> None:
    assertHTMLEqual(
        printed(CaseForm({"reference": ""}), "reference"),
        """
        <div class="govuk-form-group govuk-form-group--error">
          <label class="govuk-label govuk-!-font-weight-bold" for="id_reference">Case reference</label>
          <div id="id_reference_helptext" class="govuk-hint">As in the case system</div>
          <p id="id_reference_error" class="govuk-error-message">
            <span class="govuk-visually-hidden">Error:</span> Enter case reference</p>
          <input class="govuk-input govuk-input--error" id="id_reference" name="reference" type="text"
            aria-invalid="true" aria-describedby="id_reference_helptext id_reference_error">
        </div>
        """,
    )


class GradeForm(BaseForm):
    grade = forms.ChoiceField(
        label="How well is the child heard?",
        choices=GRADES,
        widget=GovRadios(hints={"good": "Seen alone and often"}, reveals={"inadequate": "danger"}),
    )
    danger = forms.CharField(label="What is unsafe?", required=False)


def test_radios_with_a_descriptor_and_a_revealed_field() -> None:
    assertHTMLEqual(
        printed(GradeForm({"grade": "inadequate"}), "grade"),
        """
        <div class="govuk-form-group">
          <fieldset class="govuk-fieldset">
            <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">How well is the child heard?</legend>
            <div class="govuk-radios" data-module="govuk-radios">
              <div class="govuk-radios__item">
                <input class="govuk-radios__input" id="id_grade_0" name="grade" type="radio" value="good"
                  aria-describedby="id_grade_0_hint">
                <label class="govuk-label govuk-radios__label" for="id_grade_0">Good</label>
                <div id="id_grade_0_hint" class="govuk-hint govuk-radios__hint">Seen alone and often</div>
              </div>
              <div class="govuk-radios__item">
                <input class="govuk-radios__input" id="id_grade_1" name="grade" type="radio" value="inadequate"
                  checked data-reveals="id_grade_1_reveals">
                <label class="govuk-label govuk-radios__label" for="id_grade_1">Inadequate</label>
              </div>
              <div class="govuk-radios__conditional" id="id_grade_1_reveals">
                <div class="govuk-form-group">
                  <label class="govuk-label govuk-!-font-weight-bold" for="id_danger">What is unsafe?</label>
                  <input class="govuk-input" id="id_danger" name="danger" type="text">
                </div>
              </div>
            </div>
          </fieldset>
        </div>
        """,
    )


def test_a_revealed_field_is_printed_once_and_hidden_until_chosen() -> None:
    page = as_crispy_form(GradeForm())
    assert page.count('name="danger"') == 1
    assert "govuk-radios__conditional--hidden" in page


def test_a_group_ties_its_error_to_the_fieldset() -> None:
    page = printed(GradeForm({}), "grade")
    assert '<fieldset class="govuk-fieldset" aria-describedby="id_grade_error">' in page
    assert "Choose an answer to “How well is the child heard?”" in page


def test_a_choice_can_be_disabled() -> None:
    class Form(BaseForm):
        grade = forms.ChoiceField(choices=GRADES, widget=GovRadios(disabled_choices=["good"]))

    page = printed(Form(), "grade")
    assert page.count(" disabled") == 1
    assert page.index(" disabled") < page.index('value="inadequate"')


class ThemesForm(BaseForm):
    themes = forms.MultipleChoiceField(
        label="Themes", choices=[("voice", "Voice of the child"), ("plan", "Plan")], widget=GovCheckboxes(small=True)
    )


def test_tick_boxes() -> None:
    assertHTMLEqual(
        printed(ThemesForm({"themes": ["plan"]}), "themes"),
        """
        <div class="govuk-form-group">
          <fieldset class="govuk-fieldset">
            <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">Themes</legend>
            <div class="govuk-checkboxes govuk-checkboxes--small" data-module="govuk-checkboxes">
              <div class="govuk-checkboxes__item">
                <input class="govuk-checkboxes__input" id="id_themes_0" name="themes" type="checkbox" value="voice">
                <label class="govuk-label govuk-checkboxes__label" for="id_themes_0">Voice of the child</label>
              </div>
              <div class="govuk-checkboxes__item">
                <input class="govuk-checkboxes__input" id="id_themes_1" name="themes" type="checkbox" value="plan"
                  checked>
                <label class="govuk-label govuk-checkboxes__label" for="id_themes_1">Plan</label>
              </div>
            </div>
          </fieldset>
        </div>
        """,
    )


class SeenForm(BaseForm):
    seen = GovDateField(label="Date seen", help_text="For example, 27 3 2026", latest=lambda: dt.date(2026, 3, 31))


def seen(day: str, month: str, year: str) -> SeenForm:
    return SeenForm({"seen_day": day, "seen_month": month, "seen_year": year})


def test_date_in_three_boxes_with_the_wrong_box_marked() -> None:
    box = """
        <div class="govuk-date-input__item"><div class="govuk-form-group">
          <label class="govuk-label govuk-date-input__label" for="id_seen_{0}">{1}</label>
          <input class="govuk-input govuk-date-input__input govuk-input--width-{2}{5}" id="id_seen_{0}"
            name="seen_{3}" type="text" inputmode="numeric" value="{4}">
        </div></div>"""
    boxes = (
        box.format(0, "Day", 2, "day", "27", "")
        + box.format(1, "Month", 2, "month", "3", "")
        + box.format(2, "Year", 4, "year", "", " govuk-input--error")
    )
    assertHTMLEqual(
        printed(seen("27", "3", ""), "seen"),
        f"""
        <div class="govuk-form-group govuk-form-group--error">
          <fieldset class="govuk-fieldset" role="group" aria-describedby="id_seen_helptext id_seen_error">
            <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">Date seen</legend>
            <div id="id_seen_helptext" class="govuk-hint">For example, 27 3 2026</div>
            <p id="id_seen_error" class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span>
              Date seen must include a year</p>
            <div class="govuk-date-input" id="id_seen">{boxes}</div>
          </fieldset>
        </div>
        """,
    )


@pytest.mark.parametrize(
    ("typed", "error", "link"),
    [
        (("", "", ""), "Enter date seen", "id_seen_0"),
        (("27", "", "2026"), "Date seen must include a month", "id_seen_1"),
        (("", "3", ""), "Date seen must include a day and a year", "id_seen_0"),
        (("31", "2", "2026"), "Date seen must be a real date, like 27 3 2026", "id_seen_0"),
        (("x", "3", "2026"), "Date seen must be a real date, like 27 3 2026", "id_seen_0"),
        (("27", "Marz", "2026"), "Date seen must be a real date, like 27 3 2026", "id_seen_0"),
        (("27", "3", "26"), "Date seen: the year must have 4 numbers, like 2026", "id_seen_2"),
        (("1", "4", "2026"), "Date seen must be on or before 31 March 2026", "id_seen_0"),
    ],
)
def test_a_wrong_date_says_how_to_mend_it_and_leads_to_its_box(
    typed: tuple[str, str, str], error: str, link: str
) -> None:
    assert seen(*typed).error_summary == [ErrorLink(link, error)]


@pytest.mark.parametrize("month", ["3", "03", "march", "Mar", "MAR."])
def test_a_real_date_is_a_date(month: str) -> None:
    form = seen(" 4 ", month, "2026")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["seen"] == dt.date(2026, 3, 4)


def test_every_forms_today_is_the_day_on_which_it_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the function kept itself, a form first read while a test holds the clock would keep that day for ever."""
    get_resolver().url_patterns  # noqa: B018  # reads every form of the product
    limits = [
        (form.__qualname__, limit, limit())
        for form in _all_forms(BaseForm)
        if not form.__module__.startswith("tests.")
        for field in form.base_fields.values()
        if isinstance(field, GovDateField)
        for limit in (field.earliest, field.latest)
        if callable(limit)
    ]
    assert len(limits) >= 8
    now = timezone.localdate()
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: now + dt.timedelta(days=9))
    assert [form for form, limit, before in limits if limit() - before != dt.timedelta(days=9)] == []


def _all_forms(base: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for form in base.__subclasses__():
        yield form
        yield from _all_forms(form)


@given(day=st.dates(min_value=dt.date(1000, 1, 1), max_value=dt.date(2026, 3, 31)))
def test_every_date_survives_the_boxes(day: dt.date) -> None:
    form = SeenForm(initial={"seen": day})
    boxes = form.fields["seen"].widget.decompress(form["seen"].value())
    again = seen(*(str(part) for part in boxes))
    assert again.is_valid()
    assert again.cleaned_data["seen"] == day
    assert not again.fields["seen"].has_changed(day, boxes)


@pytest.mark.parametrize("hostile", ['<script>alert("x")</script>', mark_safe("<img src=x onerror=alert(1)>")])
def test_labels_hints_choices_and_errors_are_escaped_even_when_marked_safe(hostile: str) -> None:
    class Form(BaseForm):
        text = forms.CharField(label=hostile, help_text=hostile)
        area = forms.CharField(label=hostile, widget=forms.Textarea)
        tick = forms.BooleanField(label=hostile, help_text=hostile)
        pick = forms.ChoiceField(label=hostile, choices=[("1", hostile)])
        radio = forms.ChoiceField(
            label=hostile, choices=[(hostile, hostile)], widget=GovRadios(hints={str(hostile): hostile})
        )
        ticks = forms.MultipleChoiceField(label=hostile, choices=[("1", hostile)], widget=GovCheckboxes)
        when = GovDateField(label=hostile, help_text=hostile)
        file = forms.FileField(label=hostile)

    form = Form({"text": hostile, "when_day": hostile})
    form.add_error("text", hostile)
    form.add_error(None, hostile)
    page = as_crispy_form(form) + render("{% load govuk_fields %}{% error_summary form %}", form=form)
    # Django's own select prints an option that the form's author marked safe; ours marks none.
    page = page.replace(page[page.index("<select") : page.index("</select>")], "")
    assert "<script" not in page
    assert "<img" not in page


def test_a_librarys_html_hint_is_printed_as_words() -> None:
    class Form(forms.Form):
        password = forms.CharField(
            widget=forms.PasswordInput,
            help_text=SafeString("<ul><li>At least 12 characters.</li><li>Not a common one.</li></ul>"),
        )

    page = printed(Form(), "password")
    assert "At least 12 characters. Not a common one." in page
    assert "&lt;" not in page


def test_a_librarys_form_asks_for_a_missing_answer_by_its_label() -> None:
    class Form(forms.Form):
        login = forms.EmailField(label="Email")

    form = Form({})
    assert error_links(form) == [ErrorLink("id_login", "Enter email")]
    assert "Enter email" in printed(form, "login")
    assert "required." not in printed(form, "login")


def test_a_text_area_counts_its_characters() -> None:
    class Form(BaseForm):
        reason = forms.CharField(widget=forms.Textarea(attrs={"data-maxlength": "400"}))

    assertHTMLEqual(
        printed(Form(), "reason"),
        """
        <div class="govuk-form-group govuk-character-count" data-module="govuk-character-count" data-maxlength="400">
          <label class="govuk-label govuk-!-font-weight-bold" for="id_reason">Reason</label>
          <textarea class="govuk-textarea govuk-js-character-count" id="id_reason" name="reason" rows="5" cols="40"
            data-maxlength="400" aria-describedby="id_reason-info"></textarea>
          <div id="id_reason-info" class="govuk-hint govuk-character-count__message">
            You can enter up to 400 characters</div>
        </div>
        """,
    )


def test_placeholders_are_not_printed() -> None:
    class Form(forms.Form):
        login = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Email address"}))

    assert "placeholder" not in printed(Form(), "login")


def test_error_summary_leads_to_the_first_control_of_each_field() -> None:
    class Form(CaseForm, GradeForm, ThemesForm, SeenForm):
        def clean(self) -> None:
            raise forms.ValidationError("These answers do not agree")

    form = Form({}, prefix="a")
    assert form.error_summary[0] == ErrorLink("", "These answers do not agree")
    targets = {link.field_id for link in form.error_summary}
    assert targets == {"", "id_a-reference", "id_a-grade_0", "id_a-themes_0", "id_a-seen_0"}
    page = as_crispy_form(form)
    assert all(f'id="{target}"' in page for target in targets if target)


def test_error_summary_reads_formsets() -> None:
    rows = formset_factory(CaseForm, min_num=1, extra=0)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-reference": ""}
    )
    assert error_links(None, rows) == [ErrorLink("id_form-0-reference", "Enter case reference")]


def test_the_title_says_error_only_when_there_is_one() -> None:
    title = "{% load govuk_fields %}{% error_prefix %}"
    assert render(title, form=CaseForm()) == ""
    assert render(title, form=CaseForm({"reference": "EX-1"})) == ""
    assert render(title, form=CaseForm({"reference": ""})) == "Error: "
    assert render(title) == ""


def test_what_is_typed_is_cleaned_and_kept_for_every_field() -> None:
    class Form(BaseForm):
        text = forms.CharField(strip=True)
        secret = forms.CharField(widget=forms.PasswordInput, strip=False)

    data = MultiValueDict({"p-text": ["  It\x92s\u200b so\x00 \r\nand on "], "p-secret": ["a\u200bb\u00a0c"]})
    form = Form(data, prefix="p")
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"text": "It’s so \nand on", "secret": "a\u200bb\u00a0c"}


def test_text_of_nothing_visible_is_missing() -> None:
    assert CaseForm({"reference": "\u200b\ufeff \u200d\u2060"}).error_summary[0].message == "Enter case reference"


@pytest.mark.parametrize(("limit", "typed"), [(TEXT_LIMIT, TEXT_LIMIT + 1), (10, 11)])
def test_text_over_the_limit_says_how_much_it_is(limit: int, typed: int) -> None:
    class Form(BaseForm):
        text = forms.CharField(max_length=None if limit == TEXT_LIMIT else limit, widget=forms.Textarea)

    assert Form({"text": "x" * limit}).is_valid()
    form = Form({"text": "x" * typed})
    assert form.error_summary[0].message == f"Shorten this to {limit:,} characters or fewer. It has {typed:,}."


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\x93quoted\x94 \x96 it\x92s", "“quoted” – it’s"),
        ("“curly” – café £5", "“curly” – café £5"),
        ("cafe\u0301", "café"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\u202eb\u2066c", "abc"),
        ("a\ud800b", "ab"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u200d b", "a b"),
        ("tab\tstays", "tab\tstays"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_clean_text(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@given(st.text(alphabet=st.characters(), max_size=40))
@example("\u200b\u200d\u0301\u200c")
@example("\x85\x0b\r")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert not set(once) & set("\x00\u200b\u202e\ufeff\r")
    once.encode("utf-8")
