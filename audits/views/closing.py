"""From a settled grade to a closed audit: the feedback is issued, answered, countersigned; held open or reopened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.access import must
from audits import access
from audits.choices import AuditStatus, ResponseStatus
from audits.forms.planning import ReasonForm
from audits.forms.responding import CountersignForm, IssueForm, ResponseForm, SafetyForm
from audits.models import Audit, Challenge, Reflection
from audits.rules.responding import is_acknowledged_only, needs_safety_statement
from audits.selectors import loop
from audits.services import closing, feedback, responding
from audits.services.moves import StaleVersion
from audits.services.responding import ResponseDraft
from audits.views.records import page, show, visible_audit
from audits.workflow import AUDIT_MOVES, refusal
from core.errors import name_keys
from core.workflow import IllegalMove, may_follow


@page("GET", "POST")
def issue(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Issue the feedback now, without waiting for its day."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "issue", found))
    _must_follow("issue", found)
    alert = feedback.has_unacknowledged_alert(audit=found)
    form = IssueForm(request.POST or None, asks_why=alert, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            feedback.issue_feedback(
                audit=found, by=request.user, version=form.cleaned_data["version"],
                why=form.cleaned_data.get("why", ""),
            )  # fmt: skip
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, f"The feedback of audit {found.reference} is issued. Those it is for were told.")
            return redirect("audits:detail", found.pk)
    return show(request, "audits/issue.html", found, {"form": form, "alert": alert})


def _must_follow(event: str, audit: Audit) -> None:
    if not may_follow(AUDIT_MOVES, event, audit.status):
        raise IllegalMove(refusal("audit", event, audit.get_status_display()))


# The statement on safety


@page("GET", "POST")
def safety(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Say what has been done so that the child is safe now, before the full response."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "respond", found))
    _must_follow("respond", found)
    if request.method != "POST":
        responding.must_ask_safety(audit=found)
    form = SafetyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            responding.give_safety_statement(audit=found, by=request.user, text=form.cleaned_data["safety"])
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "Your statement on safety was given. The QA unit can read it.")
            return redirect("audits:respond", found.pk)
    return show(request, "audits/safety.html", found, {"form": form})


# The response


@page("GET", "POST")
def respond(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The manager's response, kept as a draft until it is given."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "respond", found))
    desk = _ResponseDesk(request, found)
    _must_follow("respond", found)
    if request.method == "POST":
        return desk.save_page(request.POST)
    if desk.response is not None and desk.response.status != ResponseStatus.DRAFT:
        return redirect("audits:detail", found.pk)
    return desk.show(desk.stored())


@page("GET", "POST")
def respond_autosave(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Keeps the draft while it is written; a GET gives a fresh token after signing in again."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "respond", found))
    desk = _ResponseDesk(request, found)
    if request.method != "POST":
        version = desk.response.version if desk.response else 0
        return JsonResponse({"token": get_token(request), "version": version})
    try:
        return desk.autosave(request.POST)
    except IllegalMove as moved:
        return JsonResponse({"moved_on": str(moved)}, status=409)


class _ResponseDesk:
    """One request's work on one response."""

    def __init__(self, request: HttpRequest, audit: Audit) -> None:
        self.request = request
        self.audit = audit
        self.response = loop.response_of(audit)
        self.points = responding.points_of(audit=audit)
        self.acknowledged = is_acknowledged_only(audit.counted_grade)
        name_keys(request, [(point.pk, f"Point {place}") for place, point in enumerate(self.points, 1)])

    def form(self, data: Any = None, initial: dict[str, Any] | None = None) -> ResponseForm:
        points = [(point.pk, point.text) for point in self.points]
        return ResponseForm(data, points=points, acknowledged=self.acknowledged, initial=initial)

    def stored(self) -> ResponseForm:
        """The form with what is stored."""
        draft = responding.draft_of(response=self.response)
        version = self.response.version if self.response else 0
        initial: dict[str, Any] = {"version": version, "summary": draft.summary}
        for key, answer in draft.answers.items():
            initial |= {f"view-{key}": answer.view, f"text-{key}": answer.text}
        return self.form(initial=initial)

    def show(self, form: ResponseForm, *, theirs: StaleVersion | None = None) -> HttpResponse:
        """The page with this form; `theirs` is what somebody else saved meanwhile."""
        blocks = [
            (point.text, point.audit_section.section.title, view, text, _their_words(theirs, point.pk))
            for point, (_, view, text) in zip(self.points, form.blocks(), strict=True)
        ]
        context = {
            "form": form,
            "blocks": blocks,
            "acknowledged": self.acknowledged,
            "needs_safety": needs_safety_statement(self.audit.counted_grade),
            "response": self.response,
            "theirs": theirs,
            "autosave_url": reverse("audits:respond_autosave", args=[self.audit.pk]),
        }
        return show(self.request, "audits/respond.html", self.audit, context, status=409 if theirs else 200)

    def save_page(self, data: Any) -> HttpResponse:
        """Keep the draft, or give the response."""
        form = self.form(data)
        if not form.is_valid():
            return self.show(form)
        draft = ResponseDraft(form.cleaned_data["summary"], form.answers())
        give = data.get("then") == "give"
        act = responding.give_response if give else responding.save_response
        try:
            act(audit=self.audit, by=self.request.user, draft=draft, version=form.cleaned_data["version"])
        except StaleVersion as stale:
            again = data.copy()
            again["version"] = str(stale.version)
            return self.show(self.form(again), theirs=stale)
        except ValidationError as refused:
            form.say(refused)
            return self.show(form)
        words = "Your response was given." if give else "Your draft was kept. Nobody is told before you give it."
        messages.success(self.request, words)
        return redirect("audits:detail", self.audit.pk)

    def autosave(self, data: Any) -> JsonResponse:
        """Store what can be stored."""
        form = self.form(data)
        if not form.is_valid():
            return JsonResponse({"errors": [link.message for link in form.error_summary]}, status=422)
        draft = ResponseDraft(form.cleaned_data["summary"], form.answers())
        try:
            saved = responding.save_response(
                audit=self.audit, by=self.request.user, draft=draft, version=form.cleaned_data["version"]
            )
        except StaleVersion:
            return JsonResponse({"conflict": True}, status=409)
        return JsonResponse({"saved_at": f"{timezone.localtime():%H:%M:%S}", "version": saved.version})


def _their_words(stale: StaleVersion | None, key: UUID) -> str:
    if stale is None or stale.theirs is None or key not in stale.theirs.answers:
        return ""
    answer = stale.theirs.answers[key]
    return f"{answer.view}: {answer.text}".strip(": ")


@page("GET", "POST")
def countersign(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The service lead or somebody above reads the response and puts their name to it, or sends it back."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "countersign", found))
    response = loop.response_of(found)
    if response is None or response.status != ResponseStatus.COUNTERSIGN:
        words = response.get_status_display() if response else found.get_status_display()
        raise IllegalMove(refusal("response", "countersign", words))
    form = CountersignForm(request.POST or None, initial={"version": response.version})
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        if cleaned["outcome"] == "sign":
            responding.countersign_response(audit=found, by=request.user, version=cleaned["version"])
            messages.success(request, "You have countersigned the response.")
        else:
            responding.send_response_back(audit=found, by=request.user, why=cleaned["why"], version=cleaned["version"])
            messages.success(request, "The response went back to the manager, who has been told.")
        return redirect("audits:detail", found.pk)
    today = timezone.localdate()
    reader = loop.Seen(
        key=None,
        actions=closing.actions_of(audit=found).visible_to(request.user),
        challenges=Challenge.objects.visible_to(request.user).filter(audit=found),
        reflections=Reflection.objects.visible_to(request.user).filter(audit=found),
    )
    read = loop.loop_of(found, today, reader=reader, in_full=True)
    return show(request, "audits/countersign.html", found, {"form": form, "loop": read})


# Held open and reopened


@page("GET", "POST")
def hold(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Keep the audit from closing by itself, with a reason."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "hold", found))
    if found.status not in (AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED):
        raise IllegalMove(refusal("audit", "hold", found.get_status_display()))
    form = ReasonForm(
        request.POST or None, label="Why should it stay open?", hint="The QA unit and heads of service can read this.",
        initial={"version": found.version},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            closing.hold_open(audit=found, by=request.user, why=form.cleaned_data["why"])
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, f"Audit {found.reference} stays open until you let it close.")
            return redirect("audits:detail", found.pk)
    return show(request, "audits/hold.html", found, {"form": form})


@page("POST")
def release(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Let the audit close again when all is done."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "hold", found))
    closing.release_hold(audit=found, by=request.user)
    messages.success(request, f"Audit {found.reference} closes when all is done.")
    return redirect("audits:detail", found.pk)


@page("GET", "POST")
def reopen(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Open a closed audit again, with a reason."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "reopen", found))
    _must_follow("reopen", found)
    form = ReasonForm(
        request.POST or None, label="Why is it opened again?",
        hint="Kept in the history of the audit. It stays open until you let it close.",
        initial={"version": found.version},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        closing.reopen_audit(
            audit=found, by=request.user, why=form.cleaned_data["why"], version=form.cleaned_data["version"]
        )
        messages.success(request, f"Audit {found.reference} is open again.")
        return redirect("audits:detail", found.pk)
    return show(request, "audits/reopen.html", found, {"form": form})
