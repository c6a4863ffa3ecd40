"""The home page, and search."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SYSTEM
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from accounts.models import User
from actions.access import OWNERS as ACTION_OWNERS
from actions.models import Action
from assurance_clinics.access import exception_places
from assurance_clinics.models import DatedEvent
from assurance_clinics.selectors.extracts import latest_extract
from audits.models import Audit, Dispute, Moderation, SafeguardingAlert
from cases.models import Case, Extract, Worker
from cases.selectors import case_called
from core.council.selectors import closing_days, setting
from core.history.middleware import note_viewed
from core.jobs.models import FileImport, Job
from learning.models import Meeting, Pack, Panel, PanelSummary
from learning.rules.meetings import PACK_DAYS
from worklist.forms import SearchForm
from worklist.selectors import actions as action_selectors
from worklist.selectors import answers, overdue
from worklist.selectors import home as selectors
from worklist.selectors.panels import panels_group

FOUND_AT_MOST = 50


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My work: what waits for this person, by the roles that they hold."""
    user: Any = request.user
    today = timezone.localdate()
    audits = Audit.objects.visible_to(user)
    groups = []
    if user.holds(
        *QA_ROLES, Role.AUDITOR, Role.TEAM_MANAGER, Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE, Role.DUTY_MANAGER
    ):
        groups.append(selectors.alerts_group(SafeguardingAlert.objects.visible_to(user)))
    if user.holds(Role.AUDITOR):
        groups.append(selectors.answers_group(audits, auditor=user, today=today))
        groups.append(selectors.own_audits_group(audits, auditor=user, today=today))
        groups.append(selectors.own_submitted_group(audits, auditor=user))
    if user.holds(Role.MODERATOR, Role.HEAD_OF_SERVICE, *QA_ROLES):
        groups.append(selectors.moderation_group(Moderation.objects.visible_to(user), today=today))
    if user.holds(Role.HEAD_OF_SERVICE):
        confirmable = Moderation.objects.visible_to(user)
        groups.append(selectors.confirmations_group(confirmable, head=user, today=today))
    if user.holds(Role.MODERATOR, Role.HEAD_OF_SERVICE):
        groups.append(selectors.disputes_group(Dispute.objects.visible_to(user), moderator=user, today=today))
    if user.holds(Role.QA_LEAD):
        groups.append(selectors.third_returns_group(Moderation.objects.visible_to(user)))
    if user.holds(*QA_ROLES):
        groups.append(selectors.unallocated_group(audits))
        groups.append(selectors.overdue_group(audits, today=today))
        groups.append(selectors.imports_group(FileImport.objects.visible_to(user)))
    if user.holds(*QA_ROLES, Role.SYSTEM_ADMINISTRATOR):
        groups.append(selectors.failed_jobs_group(Job.objects.visible_to(user)))
    if user.holds(Role.PRACTITIONER, Role.TEAM_MANAGER):
        groups.append(_overdue_group(user, today))
    if user.holds(Role.QA_LEAD):
        groups.append(answers.to_issue_group(audits))
    if user.holds(Role.TEAM_MANAGER, Role.SERVICE_LEAD):
        groups.append(answers.to_answer_group(audits, today=today))
    if user.holds(Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE):
        groups.append(answers.to_countersign_group(audits, today=today))
    actions = Action.objects.visible_to(user)
    if user.holds(*ACTION_OWNERS):
        groups.append(action_selectors.own_actions_group(actions, owner=user, today=today))
    if user.holds(*QA_ROLES, *LINE_ROLES):
        groups.append(action_selectors.actions_to_verify_group(actions, verifier=user, today=today))
    if user.holds(Role.PRACTITIONER, Role.TEAM_MANAGER, Role.SERVICE_LEAD):
        groups.append(selectors.feedback_group(audits, today=today))
    if user.holds(Role.PANEL_MEMBER, Role.PRINCIPAL_SOCIAL_WORKER):
        groups.append(_panels_group(user, today))
    answers_for = user.holds(*QA_ROLES, *LINE_ROLES)
    late_actions = actions.overdue(today).count() if answers_for else None
    return render(
        request,
        "worklist/home.html",
        {
            "groups": groups,
            "quiet": [group for group in groups if not group.items],
            "tiles": selectors.tiles(groups, audits, auditor=user, today=today, late_actions=late_actions),
            "roles": sorted({(m.get_role_display(), m.unit.name) for m in user.active_memberships}),
            "latest_summary": PanelSummary.objects.visible_to(user).first(),
            "today": today,
        },
    )


def _overdue_group(user: User, today: date) -> selectors.WorkGroup:
    """What is overdue for the children of this person's own teams, or of a practitioner."""
    extract = latest_extract(Extract.objects.visible_to(SYSTEM))
    return overdue.overdue_group(
        extract, Case.objects.visible_to(user), agreed=DatedEvent.objects.visible_to(SYSTEM), today=today,
        places=exception_places(user), workers=Worker.objects.visible_to(SYSTEM).filter(user=user.pk),
    )  # fmt: skip


def _panels_group(user: User, today: date) -> selectors.WorkGroup:
    """When the panels on which this person sits meet next."""
    return panels_group(
        Panel.objects.visible_to(user).sat_on_by(user, today).order_by("name"),
        meetings=Meeting.objects.visible_to(user), packs=Pack.objects.visible_to(user), today=today,
        pack_days=setting(PACK_DAYS.key), closed=closing_days(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Find audits and cases within what this person may see; one exact reference opens straight away."""
    user: Any = request.user
    form = SearchForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "searched": False}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        audits = Audit.objects.visible_to(user)
        exact_case = case_called(Case.objects.visible_to(user), text)
        if exact_case is not None:
            return redirect("cases:detail", exact_case.pk)
        exact_audit = audits.filter(reference__iexact=text.strip()).first()
        if exact_audit is not None:
            return redirect("audits:detail", exact_audit.pk)
        found = list(selectors.found_audits(audits, text).select_related("service", "team")[: FOUND_AT_MOST + 1])
        note_viewed(request, "cases.case", [audit.case_id for audit in found if audit.case_id])
        context |= {
            "searched": True,
            "audits": found[:FOUND_AT_MOST],
            "more": len(found) > FOUND_AT_MOST,
            "at_most": FOUND_AT_MOST,
        }
    return render(request, "worklist/search.html", context)


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """Where to turn, and what is kept about a child and about a worker."""
    return render(request, "worklist/help.html")
