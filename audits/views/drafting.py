"""The auditor at work: sections, autosave, the comparison of two texts, conversations, the overall judgement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.access import SYSTEM, must
from actions.selectors.pages import ActionLine, action_lines, in_order
from audits import access
from audits.choices import AuditStatus, FindingKind, SectionState
from audits.forms import comparing
from audits.forms.overall import ConversationForm, OverallForm
from audits.forms.sections import FindingForm, SectionInput, field_name
from audits.models import Audit, AuditSection, Conversation, Theme
from audits.querysets import AuditQuerySet
from audits.rules.submission import family_was_asked
from audits.rules.timescales import SHOW_EARLIER_GRADE
from audits.selectors import drafting as drafts
from audits.selectors import judging, pages, records
from audits.selectors.readiness import AuditAsWritten, audit_as_written
from audits.services import drafting
from audits.services.closing import actions_of
from audits.services.drafting import FindingDraft, OverallDraft, SectionDraft, StaleVersion
from audits.services.saving import is_returned
from audits.services.undoing import undoable
from audits.views.records import page, section_of, show, visible_audit
from core.council.selectors import setting
from core.forms import BOXES
from core.workflow import IllegalMove

Data = MultiValueDict[str, str]


def _with_grades(audits: AuditQuerySet) -> AuditQuerySet:
    return audits.select_related("case", "scheme", "tool_version").prefetch_related("alerts", "scheme__grades")


def _with_facts(audits: AuditQuerySet) -> AuditQuerySet:
    return pages.with_header(audits).prefetch_related("scheme__grades")


def _draft_of(request: HttpRequest, key: UUID, load: Callable[[AuditQuerySet], AuditQuerySet] = _with_facts) -> Audit:
    """The audit for its auditor. Raises Http404 and NotAllowed; what its state allows is left to the caller."""
    audit = visible_audit(request, key, load)
    must(access.can(request.user, "fill", audit))
    return audit


def _is_open(audit: Audit) -> bool:
    return audit.status == AuditStatus.IN_PROGRESS or is_returned(audit=audit)


# Sections


@page("GET", "POST")
def section(request: HttpRequest, audit: UUID, section: UUID) -> HttpResponse:
    """One section: its questions, findings, grade and reason."""
    found = _draft_of(request, audit, _with_grades)
    row = section_of(request, found, section)
    if not _is_open(found) and request.method != "POST":
        return redirect("audits:detail", found.pk)
    desk = _SectionDesk(request, found, row)
    if request.method != "POST":
        return desk.show_stored()
    if request.POST.get("compared"):
        return desk.settle_comparison(request.POST.copy())
    return desk.save_page(request.POST.copy())


@page("GET", "POST")
def section_autosave(request: HttpRequest, audit: UUID, section: UUID) -> HttpResponse:
    """Autosave of a section: GET gives a fresh form token, POST saves what can be saved and says what was."""
    found = _draft_of(request, audit, _with_grades)
    row = section_of(request, found, section)
    if request.method != "POST":
        return _token(request, row.version)
    try:
        return _SectionDesk(request, found, row).autosave(request.POST.copy())
    except IllegalMove as moved:
        return JsonResponse({"moved_on": str(moved)}, status=409)


def _first_actions(audit: Audit) -> list[ActionLine]:
    """What came of the first audit, for whoever audits the case again: its actions and how they stand."""
    if audit.first_audit is None:
        return []
    return action_lines(in_order(actions_of(audit=audit.first_audit), "due"), timezone.localdate())


def _token(request: HttpRequest, version: int) -> JsonResponse:
    return JsonResponse({"token": get_token(request), "version": version})


class _SectionDesk:
    """One request's work on one section."""

    def __init__(self, request: HttpRequest, audit: Audit, row: AuditSection) -> None:
        self.request = request
        self.audit = audit
        self.row = row
        self.shape = drafts.section_shape(audit, row.section)
        self.themes = drafts.theme_groups(_themes_for(request, row))
        self.url = reverse("audits:section", args=[audit.pk, row.pk])

    # Input

    def stored(
        self,
        row: AuditSection | None = None,
        blanks: dict[str, int] | None = None,
        rounds: dict[str, int] | None = None,
    ) -> SectionInput:
        """The form with what is stored; with `rounds` repeated blocks stand there at least so often."""
        row = row or self.row
        stored = drafts.stored_section(row)
        return SectionInput(
            self.shape, self.themes, stored=stored, version=row.version, blank_blocks=blanks, rounds=rounds
        )

    def posted(self, data: Data) -> SectionInput:
        """The form with what was sent."""
        return SectionInput(self.shape, self.themes, data=data)

    def side_by_side(self, data: Data, row: AuditSection) -> tuple[SectionInput, SectionInput]:
        """What was sent and what is stored, with repeated blocks equally often in both."""
        mine, theirs = self.posted(data), self.stored(row)
        most = {word: max(mine.form.rounds[word], theirs.form.rounds[word]) for word in self.shape.blocks}
        for index, word in enumerate(self.shape.blocks):
            data[f"rounds-{index}"] = str(most[word])
        return self.posted(data), self.stored(row, rounds=most)

    def draft(self, typed: SectionInput) -> SectionDraft:
        """What was typed, for the service; `typed` must be valid."""
        cleaned = typed.form.cleaned_data
        known = {str(finding.pk) for finding in self.row.findings.all()}
        answers = {key: value for key, value in typed.form.answers().items() if value is not None}
        return SectionDraft(
            answers=answers,
            grade=cleaned.get("grade", ""),
            reason=cleaned.get("reason", ""),
            findings=tuple(_finding_draft(kind, block, known) for kind, block in typed.findings()),
            not_applicable=bool(cleaned.get("not_applicable")),
            not_applicable_reason=cleaned.get("not_applicable_reason", ""),
            reason_checked=cleaned.get("reason_checked", False),
        )

    def save(self, typed: SectionInput) -> AuditSection:
        """Store what was typed. Raises StaleVersion, IllegalMove, NotAllowed and ValidationError."""
        drafting.save_section(
            audit_section=self.row,
            draft=self.draft(typed),
            by=self.request.user,
            version=typed.form.cleaned_data["version"],
        )
        return section_of(self.request, self.audit, self.row.pk)

    # Pages

    def show_stored(self) -> HttpResponse:
        """The section as it stands; with `?check=1` also what it still needs."""
        query = self.request.GET
        if query.get("check"):
            typed = self.posted(comparing.data_of(self.stored().all_forms()))
            if typed.is_valid():
                for missing in judging.what_is_missing(self.row):
                    if missing.field in typed.form.fields:
                        typed.form.add_error(missing.field, missing.message)
            return self.show(typed, checking=True)
        more = query.get("more")
        blanks = {more: 1} if more in FindingKind.values else None
        word = self._block(query.get("round", ""))
        rounds = {word: self.stored().form.rounds[word] + 1} if word else None
        return self.show(self.stored(blanks=blanks, rounds=rounds))

    def _block(self, index: str) -> str:
        """The word of the repeated block of this number; "" for none."""
        known = index.isdecimal() and len(index) < 4 and int(index) < len(self.shape.blocks)
        return self.shape.blocks[int(index)] if known else ""

    def _drop_round(self, data: Data, what: str) -> None:
        """Empty one round of a repeated block, "index.place": an empty round is not kept."""
        index, _, place = what.partition(".")
        word = self._block(index)
        if not word or not place.isdecimal() or len(place) > 3:
            return
        for question in self.shape.questions:
            if question.repeats == word:
                name = field_name(question.key, int(place))
                for each in (name, *(f"{name}_{box}" for box in BOXES)):
                    data.pop(each, None)

    def asked(self) -> list[str]:
        """What a moderator asks about this section, where the audit is back with its auditor."""
        returned = records.open_questions(self.audit) if self.audit.status == AuditStatus.SUBMITTED else None
        return [text for _, key, text in returned.questions if key == self.row.pk] if returned else []

    def show(self, typed: SectionInput, *, checking: bool = False) -> HttpResponse:
        """The page with this input."""
        rows = list(self.audit.sections.select_related("section").order_by("section__position"))
        place = next(number for number, row in enumerate(rows) if row.pk == self.row.pk)
        finished = (SectionState.COMPLETE, SectionState.NOT_APPLICABLE)
        errors = typed.error_links()
        context = {
            "row": self.row,
            "shape": self.shape,
            "typed": typed,
            "form": typed.form,
            "page_errors": errors,
            "checking": checking,
            "place": place + 1,
            "of": len(rows),
            "done": sum(row.state in finished for row in rows),
            "previous": rows[place - 1] if place else None,
            "following": rows[place + 1] if place + 1 < len(rows) else None,
            "rows": rows,
            "left": judging.left_words(self.row),
            "questions": self.asked(),
            "undo": undoable(row=self.row, at=timezone.now()),
            "last_time": self.last_time(),
            "first_actions": _first_actions(self.audit),
            "autosave_url": reverse("audits:section_autosave", args=[self.audit.pk, self.row.pk]),
        }
        return show(self.request, "audits/section.html", self.audit, context, facts=False)

    def last_time(self) -> drafts.EarlierGrade | None:
        """The grade of this section at the last audit of the case, where the QA unit has it shown."""
        if not self.shape.graded or not setting(SHOW_EARLIER_GRADE.key):
            return None
        return drafts.earlier_grade(Audit.objects.visible_to(SYSTEM), self.audit, self.shape)

    # Saving

    def save_page(self, data: Data) -> HttpResponse:
        """What a button of the page sends: save, and go where the button says."""
        then = str(data.get("then", "continue"))
        if then.startswith("remove:"):
            _remove_block(data, then.removeprefix("remove:"))
        if then.startswith("drop:"):
            self._drop_round(data, then.removeprefix("drop:"))
        typed = self.posted(data)
        if not typed.is_valid():
            if word := self._block(then.removeprefix("round:")):
                data[f"rounds-{self.shape.blocks.index(word)}"] = str(typed.form.rounds[word] + 1)
                typed = self.posted(data)
                typed.is_valid()
            if then.startswith("add:"):
                kind = then.removeprefix("add:")
                typed = SectionInput(self.shape, self.themes, data=data, blank_blocks={kind: 1})
                typed.is_valid()
            return self.show(typed)
        try:
            row = self.save(typed)
        except StaleVersion as stale:
            return self.compare(data, stale)
        except ValidationError as refused:
            typed.form.say(refused)
            return self.show(typed)
        if then == "undo":
            return self.undo(row)
        return self.go_on(row, then)

    def undo(self, row: AuditSection) -> HttpResponse:
        """What was typed is saved first, so that it can be had back; then the last change is undone."""
        try:
            drafting.undo_section(audit_section=row, by=self.request.user, version=row.version)
        except ValidationError as refused:
            messages.info(self.request, " ".join(refused.messages))
        else:
            messages.success(self.request, "The last change was undone. To have it back, undo again.")
        return redirect(self.url)

    def go_on(self, row: AuditSection, then: str) -> HttpResponse:
        """Where to after a save."""
        if then.startswith(("add:", "remove:")):
            kind = then.split(":")[1].split("-")[0]
            if kind not in FindingKind.values:
                return redirect(self.url)
            count = sum(finding.kind == kind for finding in row.findings.all())
            if then.startswith("add:"):
                return HttpResponseRedirect(f"{self.url}?more={kind}#id_{kind}-{count}-text")
            return HttpResponseRedirect(f"{self.url}#{kind}")
        if then.startswith("round:"):
            index = then.removeprefix("round:")
            word = self._block(index)
            place = self.stored(row).form.rounds[word] + 1 if word else 1
            return HttpResponseRedirect(f"{self.url}?round={index}#round-{index}-{place}" if word else self.url)
        if then.startswith("drop:"):
            return HttpResponseRedirect(f"{self.url}#questions")
        if then == "back":
            messages.success(self.request, f"“{row.section.title}” was saved.")
            return redirect("audits:detail", self.audit.pk)
        if then == "stay":
            return redirect(self.url)
        if judging.what_is_missing(row):
            return HttpResponseRedirect(f"{self.url}?check=1#main-content")
        following = self.audit.sections.filter(section__position__gt=row.section.position)
        after = following.order_by("section__position").first()
        if after is None:
            return redirect("audits:detail", self.audit.pk)
        return redirect("audits:section", self.audit.pk, after.pk)

    def autosave(self, data: Data) -> JsonResponse:
        """Store what can be stored; a field that cannot stays as it was stored, and the reply says so."""
        typed = self.posted(data)
        errors: list[str] = []
        if not typed.is_valid():
            errors = [link.message for link in typed.error_links()]
            typed = self._without_faults(typed, data)
            if not typed.is_valid():
                return JsonResponse({"errors": errors}, status=422)
        try:
            row = self.save(typed)
        except StaleVersion:
            return JsonResponse({"conflict": True}, status=409)
        except ValidationError as refused:
            return JsonResponse({"errors": [*errors, *refused.messages]}, status=422)
        return JsonResponse(
            {
                "saved_at": f"{timezone.localtime():%H:%M:%S}",
                "version": row.version,
                "state": row.state,
                "state_words": row.get_state_display(),
                "left": judging.left_words(row),
                "check_reason": row.reason_to_check,
                "undo": undoable(row=row, at=timezone.now()) is not None,
                "findings": _finding_keys(typed, row),
                "errors": errors,
            }
        )

    def _without_faults(self, typed: SectionInput, data: Data) -> SectionInput:
        """The same input with what is stored in place of each field that cannot be stored as typed."""
        data = data.copy()
        stored = self.stored()
        for bound in stored.form:
            if bound.name in typed.form.errors and bound.name != "version":
                for name, values in comparing.initial_values(bound).items():
                    data.setlist(name, values)
        for name in [
            each for each in typed.form.errors if each in typed.form.fields and each not in stored.form.fields
        ]:
            for control in comparing.initial_values(typed.form[name]):
                data.setlist(control, [])
        kept = {str(block["id"].initial): block for blocks in stored.blocks.values() for block in blocks}
        for kind in FindingKind.values:
            for block in typed.blocks[kind]:
                if not block.errors:
                    continue
                before = kept.get(str(data.get(f"{block.prefix}-id", "")))
                if before is None:
                    data.setlist(kind, [number for number in data.getlist(kind) if number != block.number])
                    continue
                for bound in before:
                    for name, values in comparing.initial_values(bound).items():
                        data.setlist(f"{block.prefix}-{name.removeprefix(f'{before.prefix}-')}", values)
        return self.posted(data)

    # Two texts

    def compare(self, data: Data, stale: StaleVersion, *, undecided: bool = False) -> HttpResponse:
        """The page that shows both texts, 409; or, where they are the same, the section as it stands."""
        row = section_of(self.request, self.audit, self.row.pk)
        found = comparing.section_differences(*self.side_by_side(data, row))
        return _comparison(
            self.request,
            self.audit,
            title=row.section.title,
            url=self.url,
            data=data,
            found=found,
            version=row.version,
            saved_by=stale.saved_by or row.saved_by,
            saved_at=stale.saved_at or row.saved_at,
            undecided=undecided,
        )

    def settle_comparison(self, data: Data) -> HttpResponse:
        """Save what was chosen of the two texts; ask again where nothing was chosen or the stored text moved on."""
        found = comparing.section_differences(*self.side_by_side(data, self.row))
        asked = set(data.getlist("compared"))
        stale = StaleVersion(version=self.row.version, saved_by=self.row.saved_by, saved_at=self.row.saved_at)
        moved_on = str(self.row.version) != data.get("version")
        undecided = [each for each in comparing.undecided(found, data) if moved_on or each.name in asked]
        if undecided or moved_on:
            return self.compare(data, stale, undecided=bool(undecided) and not moved_on)
        chosen = comparing.merged(data, found, data, self.row.version)
        chosen["then"] = "stay"
        messages.success(self.request, "Your choice between the two texts was saved.")
        return self.save_page(chosen)


def _themes_for(request: HttpRequest, row: AuditSection) -> list[Theme]:
    """The themes in use, and those that the section's findings have already."""
    found = {theme.pk: theme for finding in row.findings.all() for theme in finding.themes.all()}
    for theme in Theme.objects.visible_to(request.user).in_use().select_related("parent"):
        found[theme.pk] = theme
    return list(found.values())


def _finding_draft(kind: str, block: FindingForm, known: set[str]) -> FindingDraft:
    cleaned = block.cleaned_data
    return FindingDraft(
        kind=kind,
        text=cleaned["text"],
        evidence_document=cleaned["evidence_document"],
        evidence_date=cleaned["evidence_date"],
        theme_ids=tuple(UUID(key) for key in cleaned["themes"]),
        id=UUID(cleaned["id"]) if cleaned["id"] in known else None,
    )


def _finding_keys(typed: SectionInput, row: AuditSection) -> dict[str, str]:
    """Which stored finding each block of the page is now: block name to key."""
    keys: dict[str, str] = {}
    for kind in FindingKind.values:
        stored = [finding for finding in drafts.stored_section(row).findings if finding.kind == kind]
        blocks = [block for each, block in typed.findings() if each == kind]
        keys |= {str(block.prefix): str(finding.id) for block, finding in zip(blocks, stored, strict=False)}
    return keys


def _remove_block(data: Data, name: str) -> None:
    kind, _, number = name.partition("-")
    data.setlist(kind, [each for each in data.getlist(kind) if each != number])


def _comparison(
    request: HttpRequest,
    audit: Audit,
    *,
    title: str,
    url: str,
    data: Data,
    found: list[comparing.Difference],
    version: int,
    saved_by: Any,
    saved_at: Any,
    undecided: bool,
) -> HttpResponse:
    own = saved_by is not None and saved_by.pk == request.user.pk
    kept = [
        (name, value)
        for name, values in data.lists()
        if name not in ("csrfmiddlewaretoken", "version", "then", "compared")
        and not name.startswith(("take-", "written-"))
        for value in values
    ]
    shown = [
        {
            "difference": each,
            "chosen": data.get(f"take-{each.name}") if undecided else "",
            "written": data.get(f"written-{each.name}", each.mine),
        }
        for each in found
    ]
    context = {
        "title": title,
        "url": url,
        "kept": kept,
        "shown": shown,
        "version": version,
        "saved_by": "you, in another tab or window" if own else (saved_by.name if saved_by else "somebody else"),
        "saved_at": saved_at,
        "undecided": undecided,
        "page_errors": undecided,
    }
    return show(request, "audits/comparison.html", audit, context, status=409, facts=False)


# The overall judgement


@page("GET", "POST")
def overall(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The overall grade under its ceiling, and the case as a whole."""
    found = _draft_of(request, audit)
    if not _is_open(found) and request.method != "POST":
        return redirect("audits:detail", found.pk)
    desk = _OverallDesk(request, found)
    if request.method != "POST":
        return desk.show(desk.stored())
    if request.POST.get("compared"):
        return desk.settle_comparison(request.POST.copy())
    return desk.save_page(request.POST.copy())


@page("GET", "POST")
def overall_autosave(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Autosave of the overall judgement, as for a section."""
    found = _draft_of(request, audit)
    if request.method != "POST":
        return _token(request, found.version)
    try:
        return _OverallDesk(request, found).autosave(request.POST.copy())
    except IllegalMove as moved:
        return JsonResponse({"moved_on": str(moved)}, status=409)


OVERALL_FIELDS = (
    "grade",
    "rationale",
    "working_well",
    "worries",
    "next_steps",
    "immediate_actions",
    "override_reason",
    "exemplar_nominated",
    "no_family_feedback_reason",
)


class _OverallDesk:
    """One request's work on the overall judgement."""

    def __init__(self, request: HttpRequest, audit: Audit) -> None:
        self.request = request
        self.audit = audit
        self.written: AuditAsWritten = audit_as_written(audit)
        self.ceiling = judging.ceiling_of(self.written)
        self.grades = drafts.grade_choices(audit)
        required = audit.tool_version is not None and audit.tool_version.requires_family_feedback
        self.asks_why = required and not family_was_asked(self.written.conversations)
        self.url = reverse("audits:overall", args=[audit.pk])

    def _form(self, data: Data | None = None, initial: dict[str, Any] | None = None) -> OverallForm:
        return OverallForm(
            data,
            grades=self.grades,
            ceiling=self.ceiling,
            asks_why_no_family_feedback=self.asks_why,
            initial=initial,
        )

    def _values(self, audit: Audit) -> dict[str, Any]:
        values = {name: getattr(audit, name) for name in OVERALL_FIELDS if name != "grade"}
        return {**values, "grade": audit.auditor_grade, "version": audit.version}

    def stored(self, audit: Audit | None = None) -> OverallForm:
        """The form with what is stored."""
        return self._form(initial=self._values(audit or self.audit))

    def save(self, form: OverallForm) -> Audit:
        """Store what was typed; what the page did not ask stays as it is."""
        values = {name: value for name, value in self._values(self.audit).items() if name != "version"}
        values |= form.draft_values()
        return drafting.save_overall(
            audit=self.audit,
            draft=OverallDraft(**values),
            by=self.request.user,
            version=form.cleaned_data["version"],
        )

    def show(self, form: OverallForm) -> HttpResponse:
        """The page with this form."""
        grade = self.audit.auditor_grade
        names = {each.key: each.name for each in self.grades}
        faults = [fault for fault in self.written.faults() if fault.where == "overall"]
        context = {
            "form": form,
            "ceiling": self.ceiling,
            "too_high": names.get(grade, "") if grade in self.ceiling.barred else "",
            "needs_override": " ".join(sorted(self.ceiling.needs_override)),
            "left": _overall_left([fault.message for fault in faults]),
            "sections": [
                (each.row.section.title, each.row.grade, each.row.get_state_display())
                for each in self.written.sections
                if each.asked.graded
            ],
            "autosave_url": reverse("audits:overall_autosave", args=[self.audit.pk]),
        }
        return show(self.request, "audits/overall.html", self.audit, context)

    def save_page(self, data: Data) -> HttpResponse:
        """Save and go on, or come back later."""
        form = self._form(data)
        if not form.is_valid():
            return self.show(form)
        try:
            self.save(form)
        except StaleVersion as stale:
            return self.compare(data, stale)
        except ValidationError as refused:
            form.say(refused)
            return self.show(form)
        if data.get("then") == "stay":
            return redirect(self.url)
        if data.get("then") == "back":
            messages.success(self.request, "The overall judgement was saved.")
            return redirect("audits:detail", self.audit.pk)
        return redirect("audits:submit", self.audit.pk)

    def autosave(self, data: Data) -> JsonResponse:
        """Store what can be stored."""
        form = self._form(data)
        errors: list[str] = []
        if not form.is_valid():
            errors = [link.message for link in form.error_summary]
            for bound in self.stored():
                if bound.name in form.errors and bound.name != "version":
                    for name, values in comparing.initial_values(bound).items():
                        data.setlist(name, [] if values and values[0] in self.ceiling.barred else values)
            form = self._form(data)
            if not form.is_valid():
                return JsonResponse({"errors": errors}, status=422)
        try:
            saved = self.save(form)
        except StaleVersion:
            return JsonResponse({"conflict": True}, status=409)
        except ValidationError as refused:
            return JsonResponse({"errors": [*errors, *refused.messages]}, status=422)
        fresh = audit_as_written(saved)
        faults = [fault.message for fault in fresh.faults() if fault.where == "overall"]
        return JsonResponse(
            {
                "saved_at": f"{timezone.localtime():%H:%M:%S}",
                "version": saved.version,
                "state": "complete" if not faults else "in_progress",
                "state_words": "Complete" if not faults else "In progress",
                "left": _overall_left(faults),
                "errors": errors,
            }
        )

    def compare(self, data: Data, stale: StaleVersion, *, undecided: bool = False) -> HttpResponse:
        """The page that shows both texts."""
        now = visible_audit(self.request, self.audit.pk, _with_grades)
        return _comparison(
            self.request,
            now,
            title="Overall judgement",
            url=self.url,
            data=data,
            found=list(comparing.differences(self._form(data), self.stored(now))),
            version=now.version,
            saved_by=stale.saved_by,
            saved_at=stale.saved_at or now.overall_saved_at,
            undecided=undecided,
        )

    def settle_comparison(self, data: Data) -> HttpResponse:
        """Save what was chosen of the two texts."""
        found = list(comparing.differences(self._form(data), self.stored()))
        asked = set(data.getlist("compared"))
        moved_on = str(self.audit.version) != data.get("version")
        undecided = [each for each in comparing.undecided(found, data) if moved_on or each.name in asked]
        if undecided or moved_on:
            stale = StaleVersion(version=self.audit.version, saved_by=self.audit.auditor)
            return self.compare(data, stale, undecided=bool(undecided) and not moved_on)
        chosen = comparing.merged(data, found, data, self.audit.version)
        chosen["then"] = "stay"
        messages.success(self.request, "Your choice between the two texts was saved.")
        return self.save_page(chosen)


def _overall_left(faults: list[str]) -> str:
    if not faults:
        return "Nothing is left to do on this page."
    return " ".join(f"{fault.rstrip('.')}." for fault in faults)


# Conversations


@page("GET", "POST")
def conversations(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The conversations recorded so far, and a form for one more."""
    return _conversation_page(request, audit, None)


@page("GET", "POST")
def conversation(request: HttpRequest, audit: UUID, conversation: UUID) -> HttpResponse:
    """Change one conversation."""
    return _conversation_page(request, audit, conversation)


def _conversation_page(request: HttpRequest, audit: UUID, key: UUID | None) -> HttpResponse:
    found = _draft_of(request, audit)
    changed = _conversation_of(found, key) if key else None
    if not _is_open(found) and request.method != "POST":
        return redirect("audits:detail", found.pk)
    form = ConversationForm(request.POST or None, initial=_conversation_values(changed))
    if request.method == "POST" and form.is_valid():
        try:
            drafting.save_conversation(audit=found, by=request.user, conversation=changed, **form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The conversation was saved.")
            return redirect("audits:conversations", found.pk)
    context = {"form": form, "changed": changed, "talks": list(found.conversations.all())}
    return show(request, "audits/conversations.html", found, context)


@page("GET", "POST")
def remove_conversation(request: HttpRequest, audit: UUID, conversation: UUID) -> HttpResponse:
    """Take a conversation off the audit, after asking."""
    found = _draft_of(request, audit)
    talk = _conversation_of(found, conversation)
    if request.method == "POST":
        drafting.remove_conversation(conversation=talk, by=request.user)
        messages.success(request, "The conversation was removed.")
        return redirect("audits:conversations", found.pk)
    return show(request, "audits/remove_conversation.html", found, {"talk": talk})


def _conversation_of(audit: Audit, key: UUID) -> Conversation:
    talk = audit.conversations.filter(pk=key).first()
    if talk is None:
        raise Http404
    return talk


def _conversation_values(talk: Conversation | None) -> dict[str, Any]:
    if talk is None:
        return {}
    names = ("with_whom", "outcome", "mode", "held_on", "reason", "what_they_said")
    return {name: getattr(talk, name) for name in names}
