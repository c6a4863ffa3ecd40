"""Actions that come from an audit: from a point of its feedback, the response, a decided challenge, an alert."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import must
from actions.access import possible_owners
from actions.choices import Origin
from actions.forms.making import ActionForm
from actions.models import Action
from actions.selectors.pages import action_lines
from actions.selectors.themes import theme_groups
from actions.services.creating import ActionDraft, From, PossibleDuplicates, create_action
from audits import access
from audits.choices import ISSUED, ChallengeStatus, Grade
from audits.models import Audit
from audits.views.records import note_cases, page, visible_alert, visible_audit
from audits.workflow import refusal
from core.history.middleware import note_refused
from core.workflow import IllegalMove


@page("GET", "POST")
def act_on_audit(request: HttpRequest, audit: UUID) -> HttpResponse:
    """An action from the response to an audit, or from an audit that was done again."""
    found = visible_audit(request, audit)
    return _make(request, found, Origin.RE_AUDIT if found.first_audit_id else Origin.RESPONSE, "")


@page("GET", "POST")
def act_on_decision(request: HttpRequest, audit: UUID) -> HttpResponse:
    """An action from the decision of the last challenge to an audit."""
    found = visible_audit(request, audit)
    decided = found.challenges.filter(status=ChallengeStatus.DECIDED).order_by("opened_at").last()
    if decided is None:
        must(access.can(request.user, "act", found))
        raise IllegalMove("No challenge of this audit has been decided, so nothing follows from a decision.")
    return _make(request, found, Origin.DISPUTE, decided.reason)


@page("GET", "POST")
def act_on_finding(request: HttpRequest, audit: UUID, finding: UUID) -> HttpResponse:
    """An action from one point of the feedback."""
    found = visible_audit(request, audit)
    point = found.findings.filter(pk=finding).select_related("audit_section__section").first()
    if point is None:
        note_refused(request, "audits.finding", [finding])
        raise Http404
    return _make(request, found, Origin.FINDING, point.text, themes=[theme.name for theme in point.themes.all()])


@page("GET", "POST")
def act_on_alert(request: HttpRequest, alert: UUID) -> HttpResponse:
    """An action from a safeguarding alert; it can be made before the feedback is issued."""
    found = visible_alert(request, alert)
    return _make(request, found.audit, Origin.ALERT, "", link=reverse("audits:alert", args=[found.pk]), alert=found)


def _make(
    request: HttpRequest, audit: Audit, origin: str, point: str, *, themes: Any = (), link: str = "", alert: Any = None
) -> HttpResponse:
    user: Any = request.user
    must(access.can(user, "act_on_alert", alert) if alert is not None else access.can(user, "act", audit))
    if alert is None and (audit.status not in ISSUED or audit.historic):
        raise IllegalMove(refusal("audit", "act", audit.get_status_display()))
    note_cases(request, [audit])
    case = audit.case
    form = ActionForm(
        request.POST if request.method == "POST" else None,
        owners=possible_owners(case=case, service=audit.service, team=audit.team),
        units=None,
        groups=theme_groups(),
        initial={"themes": list(themes)},
    )
    duplicates: list[Action] = []
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            action = create_action(
                wanted=ActionDraft(
                    what=cleaned["what"], how_we_know=cleaned["how_we_know"], owner=cleaned["owner"],
                    priority=cleaned["priority"], level=cleaned["level"], due_on=cleaned["due_on"],
                    why_later=cleaned["why_later"], themes=cleaned.get("themes", ()), case=case,
                ),
                by=user,
                origin=From(
                    kind=origin,
                    reference=audit.reference,
                    link=link or reverse("audits:detail", args=[audit.pk]),
                    inadequate=audit.status in ISSUED and audit.counted_grade == Grade.INADEQUATE,
                ),
                despite_duplicates=cleaned["despite_duplicates"],
            )  # fmt: skip
        except ValidationError as refused:
            form.say(refused)
        except PossibleDuplicates as pointed_out:
            duplicates = pointed_out.found
            form.show_duplicates()
        else:
            messages.success(request, f"Action {action.reference} was created. {action.owner.name} has been told.")
            return redirect(link or reverse("audits:detail", args=[audit.pk]))
    about = f"Audit {audit.reference}"
    lines = action_lines(duplicates, timezone.localdate())
    context = {"form": form, "about": about, "point": point, "duplicates": lines}
    return render(request, "audits/act.html", context)
