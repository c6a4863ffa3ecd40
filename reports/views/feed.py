"""The feed: who reads it, and the rows themselves for programs that hold a token."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import must
from core.spreadsheets import write_csv
from reports.access import can_keep_feed
from reports.forms.feed import TokenForm
from reports.models import FeedToken
from reports.selectors.feed import TABLES
from reports.services import feed as services

_BEARER = "bearer "


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The programs that read the feed, what the feed holds, and a form for another program."""
    user: Any = request.user
    must(can_keep_feed(user))
    form = TokenForm(request.POST if request.method == "POST" else None)
    made = None
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            made = services.issue_token(
                name=cleaned["name"], tables=cleaned["tables"], expires_on=cleaned["expires_on"], by=user
            )
            form = TokenForm()
        except services.FeedRefused as problem:
            form.add_error(None, str(problem))
    held = FeedToken.objects.visible_to(user).select_related("made_by").annotate(last=Max("readings__at"))
    context = {
        "form": form,
        "made": made,
        "tokens": held,
        "today": timezone.localdate(),
        "tables": TABLES.values(),
    }
    return render(request, "reports/feed.html", context)


@require_POST
def revoke_token(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a token away."""
    must(can_keep_feed(request.user))
    token = get_object_or_404(FeedToken.objects.visible_to(request.user), pk=pk)
    if services.revoke_token(token=token, by=request.user):
        messages.success(request, f"“{token.name}” cannot read the feed any more.")
    return redirect("reports:feed")


@require_safe
def feed_csv(request: HttpRequest, table: str) -> HttpResponse:
    """One table of the feed as CSV, for a program that sends its token: `Authorization: Bearer ...`."""
    if table not in TABLES:
        raise Http404
    sent = request.headers.get("Authorization", "")
    secret = sent[len(_BEARER) :].strip() if sent.lower().startswith(_BEARER) else ""
    try:
        found, rows = services.read_feed(secret=secret, table=table, address=request.META.get("REMOTE_ADDR") or None)
    except services.FeedRefused as problem:
        answer = HttpResponse(str(problem), status=401, content_type="text/plain; charset=utf-8")
        answer["WWW-Authenticate"] = 'Bearer realm="feed"'
        return answer
    content = write_csv([column.name for column in found.columns], rows)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table}.csv"'
    return response
