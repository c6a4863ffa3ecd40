"""Exemplars: the month's list, the library, and one exemplar on its way there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import Decision, NotAllowed, must
from audits.models import Theme
from core.forms import BaseForm
from core.history.middleware import note_viewed
from core.pages import Step, missing
from core.workflow import IllegalMove, may_follow
from learning import access
from learning.choices import Consent, ExemplarStatus
from learning.forms import practice as forms
from learning.forms.meetings import PlainForm, WhyForm
from learning.models import Exemplar, PracticeList
from learning.querysets import learns, prepares
from learning.selectors import practice as selectors
from learning.services import exemplars
from learning.services.checking import LeadsToSomebody, hits_to_confirm
from learning.views.records import page, say_hits
from learning.workflow import EXEMPLAR_MOVES, refusal

PAGE_SIZE = 50


@dataclass(frozen=True)
class Asking(Step):
    """One step of an exemplar as a page: also who may."""

    may: Callable[[Any, Exemplar], Decision]


def _publisher(user: Any, exemplar: Exemplar) -> Decision:
    return access.can_publish_practice(user)


ASKING = {
    "take_up": Asking("Accept the nomination", "You can then write the exemplar.", "Accept", "Accepted.", _publisher),
    "write": Asking(
        "Write the exemplar", "What the audit says stands below the form, without names and numbers.", "Save",
        "The text was saved.", _publisher,
    ),
    "ask_consent": Asking(
        "Ask the practitioner", "They get a notice, read this text and agree or refuse.", "Ask",
        "The practitioner has been asked.", _publisher,
    ),
    "answer": Asking(
        "Agree or refuse", "You can also withdraw it later, at any time.", "Save", "Thank you. Your answer was saved.",
        access.can_answer_consent,
    ),
    "publish": Asking(
        "Publish the exemplar", "Everybody who works with practice can read it.", "Publish", "It is published.",
        _publisher,
    ),
    "rewrite": Asking(
        "Change the text again", "The practitioner will be asked anew.", "Change the text",
        "You can change the text now.", _publisher,
    ),
    "decline": Asking("Decline", "It will not be published.", "Decline", "It was declined.", _publisher, warns=True),
    "withdraw": Asking(
        "Withdraw the exemplar", "Nobody will read it in the library any more.", "Withdraw", "It was withdrawn.",
        access.can_withdraw_exemplar, warns=True,
    ),
}  # fmt: skip


def _now(exemplar: Exemplar, verb: str) -> bool:
    """Whether the exemplar's state allows the step, as the page offers it."""
    if verb == "answer":
        return exemplar.status == ExemplarStatus.CONSENT_ASKED
    if verb == "publish":
        return exemplar.status == ExemplarStatus.CONSENT_ASKED and exemplar.consent == Consent.GIVEN
    if verb == "ask_consent" and not exemplar.text:
        return False
    return may_follow(EXEMPLAR_MOVES, verb, exemplar.status)


@page("GET", "POST")
def library(request: HttpRequest) -> HttpResponse:
    """What is published, by theme; words are searched for by POST, so that none stands in an address."""
    user: Any = request.user
    if not learns(user):
        raise NotAllowed("Exemplars are for those who work with practice.")
    found = Exemplar.objects.visible_to(user).published()
    theme = next((each for each in _themes_used(user) if str(each.pk) == request.GET.get("theme")), None)
    if theme is not None:
        found = found.filter(tags=theme)
    form = forms.SearchForm(request.POST if request.method == "POST" else None)
    words = ""
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["text"]
        found = selectors.called(found, words)
    rows = Paginator(found.order_by("-published_at", "pk").prefetch_related("tags"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    mine = Exemplar.objects.visible_to(user).exclude(status=ExemplarStatus.PUBLISHED)
    context = {
        "page": rows,
        "lines": selectors.exemplar_lines(rows),
        "form": form,
        "words": words,
        "themes": _themes_used(user),
        "theme": theme,
        "on_their_way": selectors.exemplar_lines(
            mine.prefetch_related("tags").order_by("-nominated_at", "pk")[:PAGE_SIZE]
        ),
        "prepares": prepares(user),
        "lists": PracticeList.objects.visible_to(user)[:12],
    }
    return render(request, "learning/library.html", context)


def _themes_used(user: Any) -> list[Theme]:
    used = Exemplar.objects.visible_to(user).published().values("tags")
    return list(Theme.objects.visible_to(user).filter(pk__in=used).select_related("parent"))


@page("GET")
def practice(request: HttpRequest, practice: UUID) -> HttpResponse:
    """One month's good practice, for the Principal Social Worker."""
    found = PracticeList.objects.visible_to(request.user).filter(pk=practice).first()
    if found is None:
        missing(request, "learning.practicelist", practice)
    lines = selectors.lines_of(found.lines, Exemplar.objects.visible_to(request.user))
    rows = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "list": found,
        "page": rows,
        "lines": list(rows),
        "others": PracticeList.objects.visible_to(request.user),
    }
    return render(request, "learning/practice.html", context)


@page("GET", "POST")
def nominate(request: HttpRequest, practice: UUID, audit: UUID) -> HttpResponse:
    """Nominate an audit of the month's list."""
    found = PracticeList.objects.visible_to(request.user).filter(pk=practice).first()
    line = next((row for row in found.lines if row["key"] == str(audit)), None) if found else None
    if found is None or line is None:
        missing(request, "learning.practicelist", practice)
    form = forms.NominateForm(
        request.POST if request.method == "POST" else None, check=lambda texts: hits_to_confirm(texts=texts)
    )
    if request.method == "POST" and form.is_valid():
        try:
            exemplar = exemplars.nominate_from_list(
                practice=found, audit_id=audit, why=form.cleaned_data["why"], by=request.user, reasons=form.reasons
            )
        except ValidationError as refused:
            form.say(refused)
        except LeadsToSomebody as refused:
            say_hits(form, refused)
        else:
            messages.success(request, "Nominated.")
            return redirect("learning:exemplar", exemplar.pk)
    return render(request, "learning/nominate.html", {"form": form, "list": found, "line": line})


def _visible(request: HttpRequest, key: UUID) -> Exemplar:
    found = (
        Exemplar.objects.visible_to(request.user)
        .select_related("audit", "practitioner", "nominated_by")
        .filter(pk=key)
        .first()
    )
    if found is None:
        missing(request, "learning.exemplar", key)
    return found


def _source(request: HttpRequest, exemplar: Exemplar) -> str:
    """What the audit says, for whoever writes: it comes from a child's record, so the look is written down."""
    open_for_writing = exemplar.status in (ExemplarStatus.NOMINATED, ExemplarStatus.ACCEPTED)
    if exemplar.audit is None or not open_for_writing or not access.can_publish_practice(request.user):
        return ""
    note_viewed(request, "audits.audit", [exemplar.audit.pk])
    return exemplars.source_of(exemplar=exemplar)


@page("GET")
def detail(request: HttpRequest, exemplar: UUID) -> HttpResponse:
    """One exemplar; who it comes from is shown to those who prepare it and to the practitioner alone."""
    found = _visible(request, exemplar)
    user: Any = request.user
    inside = prepares(user)
    context = {
        "exemplar": found,
        "line": selectors.exemplar_lines([found])[0],
        "inside": inside,
        "is_practitioner": user.pk == found.practitioner_id,
        "source": _source(request, found),
        "buttons": [(verb, asking) for verb, asking in ASKING.items() if _now(found, verb) and asking.may(user, found)],
        "story": selectors.exemplar_story(found) if inside else (),
    }
    return render(request, "learning/exemplar.html", context)


@page("GET", "POST")
def change(request: HttpRequest, exemplar: UUID, verb: str) -> HttpResponse:
    """One step with one exemplar: its form, then its service."""
    if verb not in ASKING:
        raise Http404
    found = _visible(request, exemplar)
    asking = ASKING[verb]
    must(asking.may(request.user, found))
    if not _now(found, verb):
        raise IllegalMove(refusal("exemplar", verb, found.get_status_display()))
    form = _form(request, found, verb)
    if request.method == "POST" and form.is_valid():
        try:
            _do(request, found, verb, form)
        except ValidationError as refused:
            form.say(refused)
        except LeadsToSomebody as refused:
            say_hits(form, refused)
        else:
            messages.success(request, asking.done)
            if Exemplar.objects.visible_to(request.user).filter(pk=found.pk).exists():
                return redirect("learning:exemplar", found.pk)
            return redirect("learning:library")
    context = {
        "form": form, "asking": asking, "exemplar": found, "verb": verb,
        "source": _source(request, found) if verb == "write" else "",
    }  # fmt: skip
    return render(request, "learning/exemplar_move.html", context)


def _form(request: HttpRequest, exemplar: Exemplar, verb: str) -> BaseForm:
    posted = request.POST if request.method == "POST" else None
    initial: dict[str, Any] = {"version": exemplar.version}
    if verb == "write":
        tags = list(exemplar.tags.values_list("pk", flat=True))
        return forms.ExemplarForm(
            posted,
            initial={**initial, "title": exemplar.title, "text": exemplar.text, "tags": tags},
            themes=Theme.objects.visible_to(request.user)
            .in_use()
            .filter(parent__isnull=False)
            .select_related("parent"),
            check=lambda texts: hits_to_confirm(texts=texts, kind=exemplar._meta.label_lower, object_id=exemplar.pk),
        )
    if verb == "answer":
        return forms.ConsentForm(posted, initial=initial)
    if verb in ("rewrite", "decline", "withdraw"):
        return WhyForm(posted, initial=initial)
    return PlainForm(posted, initial=initial)


def _do(request: HttpRequest, exemplar: Exemplar, verb: str, form: Any) -> None:
    cleaned = form.cleaned_data
    common: dict[str, Any] = {"exemplar": exemplar, "by": request.user, "version": cleaned["version"]}
    match verb:
        case "take_up":
            exemplars.take_up(**common)
        case "write":
            exemplars.write_exemplar(
                **common, title=cleaned["title"], text=cleaned["text"], tags=list(cleaned["tags"]),
                reasons=form.reasons,
            )  # fmt: skip
        case "ask_consent":
            exemplars.ask_consent(**common)
        case "answer":
            exemplars.answer_consent(**common, agrees=cleaned["answer"] == "yes", note=cleaned["note"])
        case "publish":
            exemplars.publish_exemplar(**common)
        case "rewrite":
            exemplars.rewrite_exemplar(**common, why=cleaned["why"])
        case "decline":
            exemplars.decline_exemplar(**common, why=cleaned["why"])
        case _:
            exemplars.withdraw_exemplar(**common, why=cleaned["why"])
