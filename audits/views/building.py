"""Building a tool: one page for each thing that is written, and buttons that move and remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import must
from audits import access
from audits.choices import LimitingRule, ToolStatus
from audits.forms import comparing
from audits.forms.tools import (
    AnswersForm,
    GradeForm,
    LeaderForm,
    NameForm,
    NewToolForm,
    QuestionTextForm,
    RuleForm,
    SchemeForm,
    SectionTextForm,
    SettingsForm,
    VersionedForm,
    rule_initial,
)
from audits.models import GradeScheme, ToolQuestion, ToolSection, ToolVersion
from audits.selectors import tools
from audits.selectors.readiness import rule_settings
from audits.services import building, schemes
from audits.services.moves import StaleVersion
from audits.views.tools import builders_page, version_of
from audits.workflow import refusal
from core.forms import error_links
from core.workflow import IllegalMove

MakeForm = Callable[..., VersionedForm]


def _edit(
    request: HttpRequest,
    template: str,
    *,
    make: MakeForm,
    stored: Callable[[], dict[str, Any]],
    save: Callable[[Any], Any],
    done: Callable[[Any], HttpResponse],
    context: Mapping[str, Any],
) -> HttpResponse:
    """A page that writes one thing.

    `make(data, initial)` gives its form and `stored()` the initial values as they stand now, with the `version` that
    the next save must name. Where somebody saved meanwhile, both texts are shown field by field, what was typed stays
    in the form, and the page asks again (409).
    """
    form = make(request.POST if request.method == "POST" else None, initial=stored())
    status, differs = 200, []
    if request.method == "POST" and form.is_valid():
        try:
            saved = save(form)
        except StaleVersion as stale:
            theirs = make(None, initial=stored())
            differs = list(comparing.differences(form, theirs))
            status, form = 409, _with_version(make, request, stale.version)
        except ValidationError as refused:
            form.say(refused)
        else:
            return done(saved)
    return render(request, template, {"form": form, "differs": differs, **context}, status=status)


def _with_version(make: MakeForm, request: HttpRequest, version: int) -> VersionedForm:
    data = request.POST.copy()
    data["version"] = str(version)
    return make(data, initial={})


def _scheme_choices(request: HttpRequest) -> list[tuple[str, str, str]]:
    lines = tools.scheme_lines(GradeScheme.objects.visible_to(request.user).prefetch_related("grades"))
    return [(line.key, line.name, ", ".join(name for name, _, _ in line.grades) or "No grades") for line in lines]


def _to_version(version: Any, fragment: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("audits:tool_version", args=[version]) + (f"#{fragment}" if fragment else ""))


# The tool and the version as a whole


@builders_page("GET", "POST")
def new_tool(request: HttpRequest) -> HttpResponse:
    """A new tool with its first draft."""
    choices = _scheme_choices(request)

    def done(version: ToolVersion) -> HttpResponse:
        messages.success(request, f"{version.tool.name} was made, as a draft. Now add its sections.")
        return _to_version(version.pk)

    return _edit(
        request,
        "audits/tools/new.html",
        make=lambda data, initial: NewToolForm(data, schemes=choices, initial=initial),
        stored=lambda: {"version": 1, "subject_kinds": ["child"]},
        save=lambda form: building.create_tool(by=request.user, **_but_version(form)),
        done=done,
        context={},
    )


def _but_version(form: VersionedForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "version"}


@builders_page("GET", "POST")
def name(request: HttpRequest, tool: UUID) -> HttpResponse:
    """What a tool is called and is for."""
    first = ToolVersion.objects.visible_to(request.user).filter(tool=tool).values("pk")[:1]
    found = version_of(request, pk__in=first).tool

    def stored() -> dict[str, Any]:
        found.refresh_from_db()
        return {"version": found.revision, "name": found.name, "subject_kinds": found.subject_kinds}

    def done(saved: Any) -> HttpResponse:
        messages.success(request, "The name was saved.")
        return redirect("audits:tool", found.pk)

    return _edit(
        request,
        "audits/tools/name.html",
        make=NameForm,
        stored=stored,
        save=lambda form: building.name_tool(
            tool=found, by=request.user, revision=form.cleaned_data["version"], **_but_version(form)
        ),
        done=done,
        context={"tool": found},
    )


@builders_page("GET", "POST")
def settings(request: HttpRequest, version: UUID) -> HttpResponse:
    """The introduction, the grade scheme, conversations and feedback from the family."""
    found = _draft(request, pk=version)
    choices = _scheme_choices(request)

    def stored() -> dict[str, Any]:
        now = version_of(request, pk=version)
        names = ("version", "introduction", "asks_for_conversations", "requires_family_feedback")
        return {**{each: getattr(now, each) for each in names}, "scheme": now.scheme_id}

    return _edit(
        request,
        "audits/tools/settings.html",
        make=lambda data, initial: SettingsForm(data, schemes=choices, initial=initial),
        stored=stored,
        save=lambda form: building.write_settings(
            version=found,
            draft=building.SettingsDraft(**_but_version(form)),
            by=request.user,
            revision=form.cleaned_data["version"],
        ),
        done=lambda saved: _saved(request, "The settings were saved.", found.pk),
        context={"page": tools.tool_page(found)},
    )


def _saved(request: HttpRequest, words: str, version: Any, fragment: str = "") -> HttpResponse:
    messages.success(request, words)
    return _to_version(version, fragment)


def _draft(request: HttpRequest, **where: Any) -> ToolVersion:
    """A version for its forms. Raises Http404, and IllegalMove where it is no draft any more."""
    found = version_of(request, **where)
    if found.status != ToolStatus.DRAFT:
        raise IllegalMove(refusal("version", "change_tool", found.get_status_display()))
    return found


# Sections


@builders_page("GET", "POST")
def add_section(request: HttpRequest, version: UUID) -> HttpResponse:
    """One more section at the end."""
    return _section_page(request, _draft(request, pk=version), None)


@builders_page("GET", "POST")
def section(request: HttpRequest, section: UUID) -> HttpResponse:
    """Other words for a section."""
    found = _draft(request, sections=section)
    return _section_page(request, found, _section_of(found, section))


def _section_of(version: ToolVersion, key: UUID) -> ToolSection:
    return next(row for row in version.sections.all() if row.pk == key)


def _section_page(request: HttpRequest, version: ToolVersion, row: ToolSection | None) -> HttpResponse:
    grades = [(grade.key, grade.name, grade.descriptor) for grade in version.scheme.grades.all()]

    def stored() -> dict[str, Any]:
        if row is None:
            return {"version": 0, "use": "required", "graded": bool(grades)}
        row.refresh_from_db()
        names = ("title", "guidance", "use", "graded", "limiting")
        own = {f"d-{key}": text for key, text in row.descriptors.items()}
        return {"version": row.revision, **{name: getattr(row, name) for name in names}, **own}

    def save(form: Any) -> ToolSection:
        cleaned = form.cleaned_data
        draft = building.SectionText(
            **{name: cleaned[name] for name in ("title", "guidance", "use", "graded", "limiting")},
            descriptors=form.descriptors(),
        )
        return building.write_section(
            version=version, section=row, draft=draft, by=request.user, revision=cleaned["version"]
        )

    return _edit(
        request,
        "audits/tools/section.html",
        make=lambda data, initial: SectionTextForm(data, grades=grades, initial=initial),
        stored=stored,
        save=save,
        done=lambda saved: _saved(request, f"“{saved.title}” was saved.", version.pk, f"section-{saved.pk}"),
        context={"page": tools.tool_page(version), "row": row},
    )


@builders_page("POST")
def move_section(request: HttpRequest, section: UUID) -> HttpResponse:
    """One place up or down."""
    found = _draft(request, sections=section)
    row = _section_of(found, section)
    moved = building.move_section(section=row, by=request.user, **_move(request))
    _tell_move(request, moved, row.title)
    return _to_version(found.pk, f"section-{row.pk}")


def _move(request: HttpRequest) -> dict[str, Any]:
    position = request.POST.get("position", "")
    direction = building.UP if request.POST.get("direction") == building.UP else building.DOWN
    return {"direction": direction, "position": int(position) if position.isdecimal() and len(position) < 6 else -1}


def _tell_move(request: HttpRequest, moved: bool, what: str) -> None:
    if moved:
        messages.success(request, f"“{what}” was moved.")
    else:
        messages.info(request, "The order has changed since you opened the page. This is how it stands now.")


@builders_page("GET", "POST")
def remove_section(request: HttpRequest, section: UUID) -> HttpResponse:
    """Take a section out, after asking."""
    found = _draft(request, sections=section)
    row = _section_of(found, section)
    if request.method == "POST":
        building.remove_section(section=row, by=request.user)
        return _saved(request, f"“{row.title}” was removed.", found.pk)
    context = {"page": tools.tool_page(found), "what": row.title, "questions": len(row.questions.all())}
    return render(request, "audits/tools/remove.html", {**context, "form": None})


# Questions


@builders_page("GET", "POST")
def add_question(request: HttpRequest, section: UUID) -> HttpResponse:
    """One more question at the end of a section."""
    found = _draft(request, sections=section)
    return _question_page(request, found, _section_of(found, section), None)


@builders_page("GET", "POST")
def question(request: HttpRequest, question: UUID) -> HttpResponse:
    """Other words for a question."""
    found = _draft(request, sections__questions=question)
    home, row = _question_of(found, question)
    return _question_page(request, found, home, row)


def _question_of(version: ToolVersion, key: UUID) -> tuple[ToolSection, ToolQuestion]:
    for home in version.sections.all():
        for row in home.questions.all():
            if row.pk == key:
                return home, row
    raise Http404


def _question_page(
    request: HttpRequest, version: ToolVersion, home: ToolSection, row: ToolQuestion | None
) -> HttpResponse:
    def stored() -> dict[str, Any]:
        if row is None:
            return {"version": 0, "required": True, "kind": "yes_partly_no"}
        row.refresh_from_db()
        names = ("text", "hint", "kind", "required", "repeats")
        options = "\n".join(label for _, label in tools.built_question(row).options)
        return {"version": row.revision, **{name: getattr(row, name) for name in names}, "options": options}

    def save(form: Any) -> ToolQuestion:
        return building.write_question(
            section=home,
            question=row,
            draft=building.QuestionText(**_but_version(form)),
            by=request.user,
            revision=form.cleaned_data["version"],
        )

    def done(saved: ToolQuestion) -> HttpResponse:
        if request.POST.get("then") == "another":
            messages.success(request, f"“{saved.text}” was saved.")
            return redirect("audits:add_tool_question", home.pk)
        return _saved(request, f"“{saved.text}” was saved.", version.pk, f"question-{saved.pk}")

    return _edit(
        request,
        "audits/tools/question.html",
        make=QuestionTextForm,
        stored=stored,
        save=save,
        done=done,
        context={"page": tools.tool_page(version), "home": home, "row": row},
    )


@builders_page("POST")
def move_question(request: HttpRequest, question: UUID) -> HttpResponse:
    """One place up or down within its section."""
    found = _draft(request, sections__questions=question)
    _, row = _question_of(found, question)
    moved = building.move_question(question=row, by=request.user, **_move(request))
    _tell_move(request, moved, row.text)
    return _to_version(found.pk, f"question-{row.pk}")


@builders_page("GET", "POST")
def remove_question(request: HttpRequest, question: UUID) -> HttpResponse:
    """Take a question out, after asking."""
    found = _draft(request, sections__questions=question)
    home, row = _question_of(found, question)
    if request.method == "POST":
        building.remove_question(question=row, by=request.user)
        return _saved(request, f"“{row.text}” was removed.", found.pk, f"section-{home.pk}")
    return render(request, "audits/tools/remove.html", {"page": tools.tool_page(found), "what": row.text, "form": None})


@builders_page("GET", "POST")
def condition(request: HttpRequest, question: UUID) -> HttpResponse:
    """When a question is asked: first after which question, then after which of its answers."""
    found = _draft(request, sections__questions=question)
    home, row = _question_of(found, question)
    leaders = tools.leaders_of(row, found)
    context = {"page": tools.tool_page(found), "home": home, "row": row}
    key = request.POST.get("leader") if request.method == "POST" else request.GET.get("leader")
    leader = next((each for each in leaders if each.key == key), None)
    if request.method == "POST" and not key:
        building.write_condition(question=row, leader="", answers=(), by=request.user, revision=_revision(request))
        return _saved(request, "The question is always asked.", found.pk, f"question-{row.pk}")
    if leader is None:
        form = LeaderForm(leaders=leaders, initial={"leader": row.show_if.get("question", "")})
        return render(request, "audits/tools/condition.html", {**context, "form": form, "leaders": leaders})

    def stored() -> dict[str, Any]:
        row.refresh_from_db()
        same = row.show_if.get("question") == leader.key
        return {"version": row.revision, "answers": row.show_if.get("answers", []) if same else []}

    return _edit(
        request,
        "audits/tools/condition_answers.html",
        make=lambda data, initial: AnswersForm(data, leader=leader, initial=initial),
        stored=stored,
        save=lambda form: building.write_condition(
            question=row,
            leader=leader.key,
            answers=form.cleaned_data["answers"],
            by=request.user,
            revision=form.cleaned_data["version"],
        ),
        done=lambda saved: _saved(request, "The condition was saved.", found.pk, f"question-{saved.pk}"),
        context={**context, "leader": leader},
    )


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


# Limiting rules


@builders_page("GET", "POST")
def rule(request: HttpRequest, version: UUID, rule: str) -> HttpResponse:
    """One limiting rule: in force or not, hard or soft, about which section, how low the ceiling."""
    if rule not in LimitingRule.values:
        raise Http404
    which = LimitingRule(rule)
    found = _draft(request, pk=version)
    sections = [(row.key, row.title) for row in found.sections.all() if row.graded]

    def stored() -> dict[str, Any]:
        now = version_of(request, pk=version)
        setting = next((each for each in rule_settings(now) if each.rule == which), None)
        return {"version": now.version, **rule_initial(setting, which)}

    def save(form: Any) -> Any:
        cleaned = form.cleaned_data
        draft = building.RuleDraft(
            enabled=cleaned["enabled"],
            hard=cleaned["hard"] == "hard",
            ceiling=cleaned["ceiling"],
            section=cleaned.get("section", ""),
            number=cleaned.get("number"),
        )
        return building.write_rule(version=found, rule=which, draft=draft, by=request.user, revision=cleaned["version"])

    return _edit(
        request,
        "audits/tools/rule.html",
        make=lambda data, initial: RuleForm(data, rule=which, sections=sections, initial=initial),
        stored=stored,
        save=save,
        done=lambda saved: _saved(request, "The limiting rule was saved.", found.pk, "limiting-rules"),
        context={"page": tools.tool_page(found), "rule": which},
    )


# Grade schemes


@builders_page("GET")
def scheme_list(request: HttpRequest) -> HttpResponse:
    """Every grade scheme, its grades, and what they count as in reports."""
    lines = tools.scheme_lines(GradeScheme.objects.visible_to(request.user).prefetch_related("grades"))
    may_write = bool(access.can(request.user, "write_scheme"))
    return render(request, "audits/tools/schemes.html", {"schemes": lines, "may_write": may_write})


@builders_page("GET", "POST")
def new_scheme(request: HttpRequest) -> HttpResponse:
    """A new grade scheme."""
    must(access.can(request.user, "write_scheme"))
    return _scheme_page(request, None)


@builders_page("GET", "POST")
def scheme(request: HttpRequest, key: str) -> HttpResponse:
    """Other grades for a scheme on which nothing published rests yet."""
    must(access.can(request.user, "write_scheme"))
    found = GradeScheme.objects.visible_to(request.user).prefetch_related("grades").filter(pk=key).first()
    if found is None:
        raise Http404
    return _scheme_page(request, found)


def _scheme_page(request: HttpRequest, row: GradeScheme | None) -> HttpResponse:
    fixed = row is not None and row.pk in tools.fixed_schemes()
    grades = list(row.grades.all()) if row else []
    posted = request.POST if request.method == "POST" else None
    names = ("name", "counts_as", "descriptor")

    def forms_with(data: Any) -> tuple[SchemeForm, list[GradeForm]]:
        first = SchemeForm(data, initial={"version": row.revision if row else 0, "name": row.name if row else ""})
        values = [{name: getattr(grade, name) for name in names} for grade in grades]
        values += [{}] * (schemes.MOST_GRADES - len(values))
        return first, [GradeForm(data, prefix=f"grade-{place}", initial=each) for place, each in enumerate(values)]

    form, rows = forms_with(posted)
    status, differs = 200, []
    if posted is not None and all([form.is_valid(), *(each.is_valid() for each in rows)]):
        try:
            saved = schemes.write_scheme(
                name=form.cleaned_data["name"],
                grades=[schemes.GradeText(**each.cleaned_data) for each in rows if each.cleaned_data["name"]],
                scheme=row,
                by=request.user,
                revision=form.cleaned_data["version"],
            )
        except StaleVersion as stale:
            theirs = forms_with(None)
            pairs = zip([form, *rows], [theirs[0], *theirs[1]], strict=True)
            differs = [each for mine, other in pairs for each in comparing.differences(mine, other)]
            data = request.POST.copy()
            data["version"] = str(stale.version)
            status, (form, rows) = 409, forms_with(data)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, f"“{saved.name}” was saved.")
            return redirect("audits:grade_schemes")
    context = {
        "form": form,
        "rows": rows,
        "row": row,
        "fixed": fixed,
        "differs": differs,
        "page_errors": error_links(form, *rows),
    }
    return render(request, "audits/tools/scheme.html", context, status=status)
