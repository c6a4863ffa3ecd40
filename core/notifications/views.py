"""A person's own notices: the list, opening one, and marking all as read."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.notifications import selectors, services
from core.notifications.forms import WishForm
from core.notifications.models import Notice

PAGE_SIZE = 50


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """One's own notices, unread first."""
    notices = Notice.objects.visible_to(request.user)
    page = Paginator(selectors.newest_unread_first(notices), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "notices": selectors.notice_lines(page.object_list, services.title_of),
        "unread": services.unread_count(request.user),
    }
    return render(request, "notifications/list.html", context)


@require_POST
def notice_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Note that a notice was read, and go to what it is about, if that may still be seen."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    services.mark_read(notice=notice, by=request.user)
    if not services.may_open(notice, request.user) or not url_has_allowed_host_and_scheme(notice.link, None):
        messages.info(request, "What this notice was about is no longer open to you. The notice is marked as read.")
        return redirect("notifications:list")
    return redirect(notice.link)


@require_http_methods(["GET", "HEAD", "POST"])
def notice_email(request: HttpRequest) -> HttpResponse:
    """Which e-mail a person wants."""
    form = WishForm(request.POST or None, initial={"email": services.wish_of(request.user)})
    if request.method == "POST" and form.is_valid():
        services.choose_email(by=request.user, email=form.cleaned_data["email"])
        messages.success(request, "Your choice was kept.")
        return redirect("notifications:list")
    return render(request, "notifications/email.html", {"form": form})


@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    """Note that all one's notices were read."""
    read = services.mark_all_read(by=request.user)
    if read:
        messages.success(request, f"{read} notice{'' if read == 1 else 's'} marked as read.")
    return redirect("notifications:list")
