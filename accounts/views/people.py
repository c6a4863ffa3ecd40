"""People: the list, a person, and what happens to them. For the QA unit and system administrators."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import selectors, services
from accounts.access import can_approve_grant, can_grant, can_manage_people, must
from accounts.forms import (
    DecideForm,
    EndRoleForm,
    LeaveForm,
    NameForm,
    PeopleFilterForm,
    PersonForm,
    RoleForm,
    SubjectForm,
    WhyForm,
    add_refusal,
    first_day,
)
from accounts.models import GrantRequest, Membership, OrgUnit, User
from core.forms import BaseForm
from core.page_parts import SummaryRow
from core.panels import panels_for
from core.templatetags.page_parts import day, moment

PAGE = 50
View = Callable[..., HttpResponse]


def managers_page(*methods: str) -> Callable[[View], View]:
    """A page that answers these methods to whoever keeps people and structure, and 403 to everybody else."""

    def decorate(view: View) -> View:
        @require_http_methods([*methods, *(["HEAD"] if "GET" in methods else [])])
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **keys: UUID) -> HttpResponse:
            must(can_manage_people(request.user))
            return view(request, *args, **keys)

        return answer

    return decorate


def refuse(form: BaseForm, error: ValidationError) -> None:
    """Show a service's refusal in the form."""
    if hasattr(error, "error_dict"):
        add_refusal(form, [(field, text) for field, texts in error.message_dict.items() for text in texts])
    else:
        add_refusal(form, [(None, text) for text in error.messages])


def _person(request: HttpRequest, pk: UUID) -> User:
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


@managers_page("GET", "POST")
def person_list(request: HttpRequest) -> HttpResponse:
    """The people, 50 a page, narrowed by the address; searched by name through a form that posts."""
    today = timezone.localdate()
    units = OrgUnit.objects.visible_to(request.user).filter(closed_on=None).order_by("name")
    people = User.objects.visible_to(request.user)
    name_form = NameForm(request.POST or None)
    searched = request.method == "POST" and name_form.is_valid()
    filter_form = PeopleFilterForm(request.GET, units=units)
    if searched:
        found = selectors.people_called(people, name_form.cleaned_data["name"])[:PAGE]
        page = Paginator(list(found), PAGE).get_page(1)
    else:
        chosen = filter_form.cleaned_data if filter_form.is_valid() else {}
        narrowed = selectors.narrowed_people(
            people, on=today, role=chosen.get("role", ""), unit=chosen.get("unit"), state=chosen.get("state", ""),
            sort=request.GET.get("sort", ""),
        )  # fmt: skip
        page = Paginator(narrowed, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": selectors.person_lines(page.object_list, today),
        "filter_form": None if searched else filter_form,
        "name_form": name_form,
        "searched": searched,
        "waiting": selectors.pending_grants(GrantRequest.objects.visible_to(request.user)).count(),
        "page_errors": request.method == "POST" and not searched,
    }
    return render(request, "accounts/people.html", context)


@managers_page("GET")
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: who they are, their roles with dates, what they left open, what happened."""
    found = _person(request, pk)
    today = timezone.localdate()
    memberships = Membership.objects.visible_to(request.user).filter(user=found)
    pending = selectors.pending_grants(GrantRequest.objects.visible_to(request.user).filter(user=found))
    context = {
        "person": found,
        "facts": _facts(found),
        "roles": selectors.role_lines(memberships, today),
        "pending": list(pending),
        "may_grant": bool(can_grant(request.user, found)),
        "history": selectors.person_history(found),
        "panels": panels_for("accounts.person", request.user, found),
        "leaves_later": bool(found.is_active and found.left_on),
        "has_provider": bool(settings.OIDC_ISSUER),
    }
    return render(request, "accounts/person.html", context)


def _facts(found: User) -> list[SummaryRow]:
    if found.is_active:
        working = f"Yes, until {day(found.left_on)}" if found.left_on else "Yes"
    else:
        working = f"No, left on {day(found.left_on)}" if found.left_on else "No"
    return [
        SummaryRow("E-mail", found.email),
        SummaryRow("Job title", found.job_title or "-"),
        SummaryRow("Works here", working),
        SummaryRow("Last signed in", moment(found.last_login) or "Never"),
        SummaryRow("Second factor", "Set up" if selectors.has_second_factor(found) else "Not set up"),
        *([SummaryRow("Signs in through", settings.OIDC_NAME)] if selectors.provider_subject(found) else []),
    ]


@managers_page("GET", "POST")
def add_person(request: HttpRequest) -> HttpResponse:
    """Somebody new."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            found = services.add_user(
                email=data["email"], name=data["name"], job_title=data["job_title"], by=request.user
            )
        except ValidationError as refused:
            refuse(form, refused)
        else:
            services.send_invitation(user=found, by=request.user)
            messages.success(request, f"{found.name} was added. An e-mail to set a password is on its way.")
            return redirect("accounts:grant", found.pk)
    return render(request, "accounts/add.html", {"form": form})


@managers_page("GET", "POST")
def edit_person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another name, e-mail address or job title."""
    found = _person(request, pk)
    must(can_grant(request.user, found))
    initial = {"name": found.name, "email": found.email, "job_title": found.job_title}
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_user(user=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, "The details were saved.")
            return redirect("accounts:person", found.pk)
    return render(request, "accounts/edit.html", {"form": form, "person": found})


@managers_page("GET", "POST")
def leave(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody leaves."""
    found = _person(request, pk)
    must(can_grant(request.user, found))
    form = LeaveForm(request.POST or None, initial=first_day(timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        try:
            services.mark_as_left(user=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            if found.is_active:
                messages.success(request, f"{found.name} leaves on {day(found.left_on)}.")
            else:
                messages.success(request, f"{found.name} has left, and is signed out everywhere.")
            return redirect("accounts:person", found.pk)
    context = {"form": form, "person": found, "panels": panels_for("accounts.person", request.user, found)}
    return render(request, "accounts/leave.html", context)


@managers_page("GET", "POST")
def bring_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody who left works here again."""
    found = _person(request, pk)
    must(can_grant(request.user, found))
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.bring_back(user=found, by=request.user, why=form.cleaned_data["why"])
        messages.success(request, f"{found.name} can sign in again. Give them the roles that they need.")
        return redirect("accounts:grant", found.pk)
    return render(request, "accounts/bring_back.html", {"form": form, "person": found})


@managers_page("POST")
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the e-mail again by which somebody sets their password."""
    found = _person(request, pk)
    must(can_grant(request.user, found))
    services.send_invitation(user=found, by=request.user)
    messages.success(request, f"An e-mail to set a password is on its way to {found.name}.")
    return redirect("accounts:person", found.pk)


@managers_page("GET", "POST")
def forget_second_factors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody has lost their phone or key."""
    found = _person(request, pk)
    must(can_grant(request.user, found))
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.forget_second_factors(user=found, by=request.user, why=form.cleaned_data["why"])
        messages.success(request, f"{found.name} is signed out, and sets up a second factor at the next sign-in.")
        return redirect("accounts:person", found.pk)
    return render(request, "accounts/forget_second_factors.html", {"form": form, "person": found})


@managers_page("GET", "POST")
def link_to_provider(request: HttpRequest, pk: UUID) -> HttpResponse:
    """As whom somebody signs in at the council's identity provider."""
    found = _person(request, pk)
    must(can_grant(request.user, found))
    if not settings.OIDC_ISSUER:
        raise Http404
    form = SubjectForm(request.POST or None, initial={"subject": selectors.provider_subject(found)})
    if request.method == "POST" and form.is_valid():
        try:
            services.link_to_provider(user=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, "The link was saved.")
            return redirect("accounts:person", found.pk)
    context = {"form": form, "person": found, "provider": settings.OIDC_NAME}
    return render(request, "accounts/link_to_provider.html", context)


@managers_page("GET", "POST")
def grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a role; a strong one waits for a second person."""
    found = _person(request, pk)
    must(can_grant(request.user, found))
    units = OrgUnit.objects.visible_to(request.user).filter(closed_on=None).order_by("name")
    form = RoleForm(request.POST or None, units=units, initial=first_day(timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        try:
            given = services.ask_for_role(user=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            said = f"{given.get_role_display()} at {given.unit}"
            if isinstance(given, GrantRequest):
                messages.info(request, f"{said} waits for a second person. Until then it gives nothing.")
            else:
                messages.success(request, f"{found.name} is now {said}.")
            return redirect("accounts:person", found.pk)
    return render(request, "accounts/grant.html", {"form": form, "person": found})


@managers_page("GET", "POST")
def end_role(request: HttpRequest, pk: UUID, membership: UUID) -> HttpResponse:
    """End a role of this person."""
    found = _person(request, pk)
    held = get_object_or_404(Membership.objects.visible_to(request.user).filter(user=found), pk=membership)
    must(can_grant(request.user, found))
    form = EndRoleForm(request.POST or None, initial={"ends_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_role(membership=held, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"The role {held} of {found.name} ends on {day(form.cleaned_data['ends_on'])}.")
            return redirect("accounts:person", found.pk)
    return render(request, "accounts/end_role.html", {"form": form, "person": found, "held": held})


@managers_page("GET")
def pending(request: HttpRequest) -> HttpResponse:
    """The strong roles that wait for a second person."""
    waiting = selectors.pending_grants(GrantRequest.objects.visible_to(request.user))
    lines = [(asked, bool(can_approve_grant(request.user, asked))) for asked in waiting]
    return render(request, "accounts/pending.html", {"lines": lines})


@managers_page("GET", "POST")
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The second person's answer to a request for a strong role."""
    asked = get_object_or_404(
        GrantRequest.objects.visible_to(request.user).select_related("user", "unit", "asked_by"), pk=pk
    )
    may = can_approve_grant(request.user, asked)
    form = DecideForm(request.POST or None, may_approve=bool(may))
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["decision"] == "approve":
                services.approve_grant(grant=asked, by=request.user)
                messages.success(request, f"{asked.user.name} is now {asked.get_role_display()} at {asked.unit}.")
            else:
                services.decline_grant(grant=asked, by=request.user, why=form.cleaned_data["why"])
                messages.success(request, "The request was declined.")
        except ValidationError as refused:
            refuse(form, refused)
        else:
            return redirect("accounts:person", asked.user_id)
    facts = [
        SummaryRow("Who", asked.user.name),
        SummaryRow("Role", f"{asked.get_role_display()}, {asked.unit}"),
        SummaryRow("From", day(asked.starts_on)),
        SummaryRow("Until", day(asked.ends_on) or "No end given"),
        SummaryRow("Asked by", f"{asked.asked_by.name}, {moment(asked.asked_at)}"),
        SummaryRow("Why", asked.why),
    ]
    context = {"form": form, "asked": asked, "facts": facts, "may": may, "open": asked.status == "pending"}
    return render(request, "accounts/decide.html", context)


@managers_page("GET")
def to_reassign(request: HttpRequest) -> HttpResponse:
    """What people who left have left open, from every app that knows of such work."""
    return render(request, "accounts/to_reassign.html", {"panels": panels_for("accounts.left", request.user, None)})
