"""The recommendations of outside bodies: the list, the monitoring table as a file, one of them and its moves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import must
from actions import access, documents
from actions.forms import recommending as forms
from actions.forms.moving import PlainForm
from actions.models import Action, Recommendation
from actions.querysets import RecommendationQuerySet
from actions.selectors import pages
from actions.selectors import recommendations as selectors
from actions.services import recommendations as services
from actions.views.records import note_cases, page, visible_recommendation
from actions.workflow import RECOMMENDATION_MOVES, refusal
from core.history.middleware import note_exported
from core.pages import Asking
from core.workflow import IllegalMove, may_follow

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


ASKING = {
    "answer": Asking(
        "Action proposed and taken", "The body reads both in the monitoring table.",
        "Save", "The response was saved.", forms.AnswerForm, services.answer_recommendation,
    ),
    "send": Asking(
        "Send it to the body", "Every action that is claimed done goes with it. The body decides.",
        "Send it", "The recommendation is with the body.", PlainForm, services.send_recommendation,
    ),
    "accept": Asking(
        "The body accepts it", "It leaves the list. Its actions are accepted with it.",
        "It was accepted", "The recommendation was accepted. It has left the list.", forms.AcceptedForm,
        services.record_body_accepts,
    ),
    "reject": Asking(
        "The body rejects what was done", "It stays on the list, and its actions go back to their owners.",
        "It was rejected", "The rejection was noted.", forms.RejectedForm, services.record_body_rejects,
    ),
    "decline": Asking(
        "The council rejects the recommendation", "It stays on the list until this is reported.",
        "The council rejects it", "The rejection was noted. Report it next.", forms.RejectedForm,
        services.decline_recommendation,
    ),
    "report": Asking(
        "The rejection was reported", "With this it leaves the list.",
        "It was reported", "The report was noted. The recommendation has left the list.", forms.ReportedForm,
        services.report_rejection,
    ),
}  # fmt: skip


def _filtered(request: HttpRequest) -> tuple[forms.RecommendationFilterForm, RecommendationQuerySet]:
    form = forms.RecommendationFilterForm(request.GET)
    cleaned = form.cleaned_data if form.is_valid() else {}
    found = Recommendation.objects.visible_to(request.user)
    if not cleaned.get("everything") and not cleaned.get("status"):
        found = found.on_the_list()
    for name in ("source", "status"):
        if cleaned.get(name):
            found = found.filter(**{name: cleaned[name]})
    return form, selectors.with_actions(found)


@page("GET")
def recommendation_list(request: HttpRequest) -> HttpResponse:
    """The monitoring table: date, title, action proposed, action taken, progress."""
    form, found = _filtered(request)
    rows = Paginator(found, pages.PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": rows,
        "lines": [selectors.monitoring_line(each, timezone.localdate()) for each in rows],
        "filter_form": form,
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "tail": f"?{query.urlencode()}" if query else "",
        "may_keep": bool(access.can_keep_recommendations(request.user)),
    }
    return render(request, "actions/recommendations.html", context)


@page("GET")
def recommendation_file(request: HttpRequest, form: str) -> HttpResponse:
    """The monitoring table as CSV or XLSX, narrowed as the page is."""
    _, found = _filtered(request)
    rows = list(found)
    note_exported(request, "actions.recommendation", [row.pk for row in rows])
    lines = [selectors.monitoring_line(each, timezone.localdate()) for each in rows]
    content = documents.monitoring_csv(lines) if form == "csv" else documents.monitoring_xlsx(lines)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8" if form == "csv" else _XLSX)
    response["Content-Disposition"] = f'attachment; filename="recommendations.{form}"'
    return response


@page("GET", "POST")
def add(request: HttpRequest) -> HttpResponse:
    """Put a recommendation on the list."""
    must(access.can_keep_recommendations(request.user))
    form = forms.RecommendationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            found = services.add_recommendation(
                wanted=services.RecommendationDraft(**form.cleaned_data), by=request.user
            )
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The recommendation is on the list.")
            return redirect("actions:recommendation", found.pk)
    return render(request, "actions/add_recommendation.html", {"form": form})


@page("GET")
def recommendation(request: HttpRequest, recommendation: UUID) -> HttpResponse:
    """One recommendation: its words, what is proposed and done, its actions, and what the body decided."""
    found = visible_recommendation(request, recommendation)
    today = timezone.localdate()
    actions = pages.in_order(Action.objects.visible_to(request.user).filter(recommendation=found), "")
    lines = pages.action_lines(actions, today)
    note_cases(request, lines)
    whole = selectors.with_actions(Recommendation.objects.visible_to(request.user).filter(pk=found.pk)).get()
    may_keep = bool(access.can_keep_recommendations(request.user))
    context = {
        "recommendation": found,
        "line": selectors.monitoring_line(whole, today),
        "lines": lines,
        "story": selectors.story(found),
        "buttons": [
            (verb, asking)
            for verb, asking in ASKING.items()
            if may_keep and may_follow(RECOMMENDATION_MOVES, verb, found.status)
        ],
        "may_keep": may_keep,
    }
    return render(request, "actions/recommendation.html", context)


@page("GET", "POST")
def change(request: HttpRequest, recommendation: UUID, verb: str) -> HttpResponse:
    """One move of a recommendation: its form, then its service."""
    if verb not in ASKING:
        raise Http404
    asking = ASKING[verb]
    found = visible_recommendation(request, recommendation)
    must(access.can_keep_recommendations(request.user))
    if not may_follow(RECOMMENDATION_MOVES, verb, found.status):
        raise IllegalMove(refusal("recommendation", verb, found.get_status_display()))
    initial = {"version": found.version, "response": found.response, "taken": found.taken}
    form = asking.form(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = dict(form.cleaned_data)
        if verb == "accept":
            values["note"] = values.pop("why")
        try:
            asking.service(recommendation=found, by=request.user, **values)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, asking.done)
            return redirect("actions:recommendation", found.pk)
    return render(
        request, "actions/recommendation_move.html", {"form": form, "asking": asking, "recommendation": found}
    )
