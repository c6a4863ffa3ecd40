"""Level and speed of response, and movement at re-audit: for the QA unit and heads of service."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.choices import QA_ROLES, Role
from audits.choices import ISSUED
from audits.models import Audit
from audits.selectors.answered import answered
from audits.views.records import page
from core.council.selectors import closing_days


@page("GET")
def responses(request: HttpRequest) -> HttpResponse:
    """How audits were answered, how fast, and what moved where a case was audited again."""
    user: Any = request.user
    if not user.holds(*QA_ROLES, Role.HEAD_OF_SERVICE, Role.SERVICE_LEAD):
        raise NotAllowed("How audits are answered is for the QA unit, heads of service and service leads.")
    audits = Audit.objects.visible_to(user).filter(status__in=ISSUED, historic=False)
    found = answered(audits, today=timezone.localdate(), closed=closing_days())
    return render(request, "audits/responses.html", {"found": found})
