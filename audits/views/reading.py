"""Lists of audits, and one audit as each reader sees it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.choices import LINE_ROLES, QA_ROLES, Role, UnitKind
from accounts.models import OrgUnit, User
from audits import access
from audits.choices import GRADE_FINAL, ISSUED, AuditPurpose, AuditStatus, ModerationStatus, ResponseStatus, TallyCut
from audits.forms.listing import FilterForm, ListChoices
from audits.models import Audit, Challenge, Dispute, GradeTally, Moderation, Reflection, ToolVersion
from audits.rules.responding import is_acknowledged_only
from audits.selectors import loop, moderating, pages, records
from audits.selectors.re_auditing import again_of
from audits.services import challenging, closing, feedback, responding
from audits.views.records import note_cases, page, show, visible_audit
from audits.workflow import AUDIT_MOVES, CHALLENGEABLE
from core.paging import LongListPaginator
from core.workflow import may_follow

MONTHS_OFFERED = 36


@page("GET")
def audit_list(request: HttpRequest) -> HttpResponse:
    """The audits that this person may see, narrowed and sorted by what stands in the address."""
    today = timezone.localdate()
    user: Any = request.user
    form = FilterForm(request.GET, choices=_choices(user, today))
    form.is_valid()
    audits = pages.narrowed(Audit.objects.visible_to(user), form.filters(reader=user.pk, today=today))
    default = "due" if form.cleaned_data.get("mine") else "-newest"
    ordered = pages.in_order(pages.for_rows(audits), request.GET.get("sort", ""), default)
    found = LongListPaginator(ordered, pages.PAGE_SIZE).get_page(request.GET.get("page"))
    rows = pages.audit_rows(found, today)
    note_cases(request, rows)
    asked = any(form.cleaned_data.get(name) for name in form.fields)
    context = {
        "page": found,
        "rows": rows,
        "filter_form": form,
        "default_sort": default,
        "narrowed": asked,
        "open_filter": asked or bool(form.errors),
        "own_record": user.holds(Role.AUDITOR),
        "may_change_many": bool(access.can(user, "change_many")),
        "shows_auditors": user.holds(*QA_ROLES, Role.HEAD_OF_SERVICE),
        "empty": "Nothing matches these filters. Clear a filter to see more." if asked else _nothing_for(user),
    }
    return render(request, "audits/list.html", context)


def _choices(user: Any, today: dt.date) -> ListChoices:
    """What this reader may narrow the list to."""
    in_line = user.holds(*LINE_ROLES)
    qa = user.holds(*QA_ROLES)
    is_auditor = user.holds(Role.AUDITOR)
    if not (qa or in_line):
        return ListChoices(can_be_mine=is_auditor)
    units = OrgUnit.objects.visible_to(user)
    if not qa:
        units = units.under(user.units_as(*LINE_ROLES))
    listed = list(units.values_list("pk", "kind", "name").order_by("name", "pk"))
    tools = {version.tool.name for version in ToolVersion.objects.visible_to(user).live().select_related("tool")}
    tools |= set(GradeTally.objects.visible_to(user).filter(cut=TallyCut.TOOL).values_list("key", flat=True).distinct())
    sections = dict(
        ToolVersion.objects.visible_to(user)
        .live()
        .filter(sections__graded=True)
        .order_by("tool__name", "sections__position")
        .values_list("sections__key", "sections__title")
    )
    auditors: tuple[tuple[str, str], ...] = ()
    if qa:
        people = User.objects.visible_to(user).filter(memberships__role=Role.AUDITOR).distinct().order_by("name", "pk")
        auditors = tuple((str(key), name) for key, name in people.values_list("pk", "name"))
    return ListChoices(
        services=tuple((str(key), name) for key, kind, name in listed if kind == UnitKind.SERVICE),
        teams=tuple((str(key), name) for key, kind, name in listed if kind == UnitKind.TEAM),
        tools=tuple((name, name) for name in sorted(tools) if name),
        sections=tuple(sections.items()),
        auditors=auditors,
        months=_months(today),
        can_be_mine=is_auditor,
        stages=qa or user.holds(Role.HEAD_OF_SERVICE),
    )


def _months(today: dt.date) -> tuple[tuple[str, str], ...]:
    """This month and those before it, newest first."""
    place = today.year * 12 + today.month - 1
    firsts = [dt.date(each // 12, each % 12 + 1, 1) for each in range(place, place - MONTHS_OFFERED, -1)]
    return tuple((f"{first:%Y-%m}", f"{first:%B %Y}") for first in firsts)


def _nothing_for(user: Any) -> str:
    if user.holds(*QA_ROLES):
        return "No audit has been planned yet. Plan one from the page of a case."
    if user.holds(Role.AUDITOR):
        return "No audit has been given to you yet. When one is, it appears here and you get a notice."
    return "There is no audit for you to read yet. It appears here when its feedback is issued."


@page("GET")
def detail(request: HttpRequest, audit: UUID) -> HttpResponse:
    """One audit: the auditor's task list while it is under way, otherwise a page to read."""
    found = visible_audit(request, audit, pages.with_story)
    user: Any = request.user
    if found.auditor_id == user.pk and user.holds(Role.AUDITOR):
        return _for_its_auditor(request, found)
    if _reads_in_full(user, found):
        return show(request, "audits/read.html", found, _full(request, found))
    return show(request, "audits/feedback.html", found, _feedback(request, found))


def _reads_in_full(user: Any, audit: Audit) -> bool:
    """The QA unit, heads of service and the audit's moderator read it as written; others read the feedback."""
    if user.holds(*QA_ROLES):
        return True
    if user.holds(Role.HEAD_OF_SERVICE) and _is_head_of(user, audit):
        return True
    if Moderation.objects.visible_to(user).filter(audit=audit.pk).exists():
        return True
    return Dispute.objects.visible_to(user).filter(audit=audit.pk).exists()


def _is_head_of(user: Any, audit: Audit) -> bool:
    units = OrgUnit.objects.visible_to(user).under(user.units_as(Role.HEAD_OF_SERVICE))
    return units.filter(pk__in=[audit.service_id, audit.team_id]).exists()


def _for_its_auditor(request: HttpRequest, audit: Audit) -> HttpResponse:
    story = {"timeline": pages.timeline(audit, loop.beside_the_moves(audit, None))}
    if audit.status == AuditStatus.ALLOCATED:
        may_start = access.can(request.user, "start", audit)
        return show(request, "audits/start.html", audit, {"may_start": may_start, **story})
    questions = records.open_questions(audit) if audit.status == AuditStatus.SUBMITTED else None
    if audit.status == AuditStatus.IN_PROGRESS or questions:
        overview = pages.overview(audit)
        return show(request, "audits/tasks.html", audit, {"overview": overview, "questions": questions, **story})
    context = _full(request, audit)
    context["outcome"] = pages.outcome(audit)
    context["own"] = True
    if audit.status == AuditStatus.SUBMITTED:
        last = max(audit.moderations.all(), key=lambda each: each.submission, default=None)
        context["can_recall"] = last is not None and last.status == ModerationStatus.SELECTED and not last.opened_at
        waits = last is not None and last.status == ModerationStatus.AWAITING_ACCEPTANCE
        context["asked"] = last.answer_by if last is not None and waits else None
        return show(request, "audits/submitted.html", audit, context)
    return show(request, "audits/read.html", audit, context)


def _full(request: HttpRequest, audit: Audit) -> dict[str, Any]:
    """The audit as written, its story, and what this reader may do with it."""
    user = request.user
    moderation = max(audit.moderations.all(), key=lambda each: each.submission, default=None)
    sees_reasons = moderation is not None and bool(access.can(user, "see_moderation_reasons", audit))
    closing_the_loop = _loop(request, audit)
    return {
        "reading": pages.reading(audit, pages.moderators_reasons(audit)) if audit.tool_version_id else None,
        "grade": pages.shown_grade(audit),
        "provisional": audit.status not in GRADE_FINAL,
        "timeline": pages.timeline(audit, loop.beside_the_moves(audit, closing_the_loop)),
        "actions": _actions(user, audit),
        "moderation": moderation if sees_reasons else None,
        "reasons": moderating.reason_words(moderation) if moderation is not None and sees_reasons else (),
        "alerts": list(audit.alerts.all()),
        "sees_record": moderation is not None
        and moderation.status != ModerationStatus.NOT_SELECTED
        and bool(access.can(user, "see_grade_record", audit)),
        "next_steps": _next_steps(audit),
        "loop": closing_the_loop,
        "offers": _offers(user, audit),
        "may_act": bool(access.can(user, "act", audit)),
        "again": again_of(audit, Audit.objects.visible_to(user)),
        "may_ask_consent": access.is_good_work(audit) and bool(access.can(user, "ask_consent", audit)),
    }


def _next_steps(audit: Audit) -> list[loop.NextStep]:
    """What the audit waits for before its feedback is issued."""
    if audit.historic or audit.status in ISSUED:
        return []
    issued_on = feedback.issued_on(audit=audit) if audit.status == AuditStatus.SETTLED else None
    step = loop.step_before_feedback(audit, timezone.localdate(), issued_on=issued_on)
    return [step] if step else []


def _loop(request: HttpRequest, audit: Audit) -> loop.Loop | None:
    """What happens next, the response and the actions; None before the feedback is issued and for an old audit.

    A response that is not given yet is shown to the line of the case and the QA unit alone.
    """
    if audit.status not in ISSUED or audit.historic:
        return None
    user: Any = request.user
    in_full = user.holds(*QA_ROLES) or bool(access.can(user, "respond", audit))
    reader = loop.Seen(
        key=user.pk,
        actions=closing.actions_of(audit=audit).visible_to(user),
        challenges=Challenge.objects.visible_to(user).filter(audit=audit),
        reflections=Reflection.objects.visible_to(user).filter(audit=audit),
    )
    waits = closing.what_waits(audit=audit) if audit.status == AuditStatus.RESPONDED else ()
    return loop.loop_of(audit, timezone.localdate(), reader=reader, waits=waits, in_full=in_full)


def _actions(user: Any, audit: Audit) -> list[tuple[str, str]]:
    """(words, address) of the moves that this person can make now."""
    offered = (
        ("allocate", "Give it to an auditor"),
        ("reassign", "Give it to somebody else"),
        ("move_due", "Change the due date"),
        ("void", "Make it void"),
        ("issue", "Issue the feedback"),
        ("reopen", "Reopen it"),
    )
    return [
        (words, reverse(f"audits:{verb}", args=[audit.pk]))
        for verb, words in offered
        if _may_follow(verb, audit) and access.can(user, verb, audit)
    ]


def _may_follow(verb: str, audit: Audit) -> bool:
    """Whether the audit's state allows it; one that was returned to its auditor can be given to somebody else, too."""
    returned = any(each.status == ModerationStatus.RETURNED for each in audit.moderations.all())
    if verb == "issue" and audit.purpose == AuditPurpose.CALIBRATION:
        return False
    return may_follow(AUDIT_MOVES, verb, audit.status) or (verb == "reassign" and returned)


def _answers(user: Any, audit: Audit) -> list[tuple[str, str]]:
    """(words, address) of what the line can do now to answer the audit."""
    if audit.historic or audit.status != AuditStatus.FEEDBACK_ISSUED:
        return []
    response = loop.response_of(audit)
    if response is not None and response.status == ResponseStatus.COUNTERSIGN:
        may = access.can(user, "countersign", audit)
        return [("Read the response and countersign it", reverse("audits:countersign", args=[audit.pk]))] if may else []
    if not access.can(user, "respond", audit):
        return []
    found = []
    if (response is None or response.safety_at is None) and responding.safety_is_asked(audit=audit):
        found.append(("Say that the child is safe now", reverse("audits:safety", args=[audit.pk])))
    words = "Acknowledge the feedback" if is_acknowledged_only(audit.counted_grade) else "Respond to the feedback"
    return [*found, (words, reverse("audits:respond", args=[audit.pk]))]


def _offers(user: Any, audit: Audit) -> list[tuple[str, str]]:
    """(words, address) of what this reader can say beside the response."""
    if audit.status not in CHALLENGEABLE or audit.historic:
        return []
    found = []
    if access.can(user, "challenge", audit) and challenging.may_be_challenged(audit=audit):
        found.append(("Challenge facts or the grade", "challenge"))
    if access.can(user, "reflect", audit):
        found.append(("Write a reflection (optional)", "reflection"))
    if access.can(user, "meet", audit):
        found.append(("Record the feedback meeting", "meeting"))
    if access.is_good_work(audit) and access.can(user, "thank", audit):
        found.append(("Say thank you", "thanks"))
    return [(words, reverse(f"audits:{name}", args=[audit.pk])) for words, name in found]


def _feedback(request: HttpRequest, audit: Audit) -> dict[str, Any]:
    """The feedback: strengths first, nothing provisional, no notes of moderators."""
    issued = audit.status in ISSUED
    user: Any = request.user
    return {
        "loop": _loop(request, audit),
        "answers": _answers(user, audit) if issued else [],
        "offers": _offers(user, audit),
        "may_act": bool(access.can(user, "act", audit)),
        "reading": pages.reading(audit) if issued and audit.tool_version_id else None,
        "grade": audit.grade if issued else "",
        "again": again_of(audit, Audit.objects.visible_to(user)) if issued else None,
        "issued": issued,
    }
