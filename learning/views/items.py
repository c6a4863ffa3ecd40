"""One item of an agenda, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import Decision, must
from accounts.choices import UnitKind
from accounts.models import OrgUnit, User
from actions.access import possible_owners
from core.forms import BaseForm
from core.pages import Step
from core.workflow import IllegalMove
from learning import access
from learning.choices import ItemStatus, MeetingStatus, OutcomeKind, ThemeMove, VoteChoice
from learning.forms import items as forms
from learning.forms.meetings import PlainForm, WhyForm
from learning.models import AgendaItem, Briefing, Exemplar, Meeting
from learning.selectors import pages
from learning.selectors.packs import about
from learning.services import agenda, disputes, impact
from learning.services.checking import LeadsToSomebody, hits_to_confirm
from learning.services.sight import members_of
from learning.views.records import page, say_hits, visible_item
from learning.workflow import refusal

_HELD = (MeetingStatus.IN_SESSION, MeetingStatus.MINUTES_DRAFT)


@dataclass(frozen=True)
class Asking(Step):
    """One step of an item as a page: also who may, and when."""

    may: Callable[[Any, AgendaItem], Decision]
    now: Callable[[AgendaItem], bool]


def _status(*wanted: str) -> Callable[[AgendaItem], bool]:
    return lambda item: item.status in wanted


def _at_the_meeting(*wanted: str, also: tuple[str, ...] = ()) -> Callable[[AgendaItem], bool]:
    return lambda item: (
        item.status in wanted and item.meeting is not None and item.meeting.status in (*_HELD, *also)
    )  # fmt: skip


def _in_session(item: AgendaItem) -> bool:
    there = item.meeting is not None and item.meeting.status == MeetingStatus.IN_SESSION
    return there and item.status in (ItemStatus.ACCEPTED, ItemStatus.DISCUSSED)


def _may_vote(user: Any, item: AgendaItem) -> Decision:
    return access.can_keep_item(user, item) or access.can_vote(user, item, user)


def _may_declare(user: Any, item: AgendaItem) -> Decision:
    return access.can_keep_item(user, item) or access.can_comment(user, item)


def _to_review(item: AgendaItem) -> bool:
    due = item.review_on is not None and item.review_on <= timezone.localdate()
    return item.status == ItemStatus.OUTCOME_SET and due and item.impact_checked_on is None


_OPEN = (ItemStatus.PROPOSED, ItemStatus.ACCEPTED, ItemStatus.DISCUSSED)
ASKING = {
    "accept": Asking(
        "Put it on the agenda", "Members read it in the pack.", "Put it on the agenda", "The item is on the agenda.",
        access.can_keep_item, _status(ItemStatus.PROPOSED),
    ),
    "discuss": Asking(
        "Write down the discussion", "", "Save", "The discussion was saved.",
        access.can_keep_item, _at_the_meeting(ItemStatus.ACCEPTED, ItemStatus.DISCUSSED),
    ),
    "vote": Asking(
        "Vote", "Members with a conflict are not asked.", "Save the votes", "The votes were saved.",
        _may_vote, _in_session,
    ),
    "decide": Asking(
        "Record the decision", "What somebody has to do becomes an action in the tracker.", "Record the decision",
        "The decision was recorded.", access.can_keep_item, _at_the_meeting(ItemStatus.DISCUSSED),
    ),
    "comment": Asking(
        "Comment", "", "Save the comment", "The comment was saved.", access.can_comment, _status(*_OPEN),
    ),
    "conflict": Asking(
        "Declare a conflict", "Whoever has a conflict neither sees the item any more nor votes on it.",
        "Declare the conflict", "The conflict was written down.", _may_declare, _status(*_OPEN), warns=True,
    ),
    "defer": Asking(
        "Defer it to the next meeting", "It stands on the next agenda again.", "Defer it", "The item was deferred.",
        access.can_keep_item,
        _at_the_meeting(ItemStatus.ACCEPTED, ItemStatus.DISCUSSED, also=(MeetingStatus.MINUTES_AGREED,)),
    ),
    "withdraw": Asking(
        "Withdraw it", "It does not go before the panel. It stays readable, with your reason.", "Withdraw it",
        "The item was withdrawn.", access.can_withdraw, _status(ItemStatus.PROPOSED, ItemStatus.ACCEPTED), warns=True,
    ),
    "check_impact": Asking(
        "Check what came of it", "", "Save the check", "The check was saved.", access.can_keep_item, _to_review,
    ),
}  # fmt: skip


@page("GET")
def detail(request: HttpRequest, item: UUID) -> HttpResponse:
    """One item: what it is about, what was said, decided and followed."""
    found = visible_item(request, item)
    user: Any = request.user
    keeps = bool(access.can_keep(user, found.panel))
    context = {
        "item": found,
        "line": pages.item_line(found, timezone.localdate()),
        "about": about(found),
        "outcomes": found.outcomes.select_related("action"),
        "open_drafts": _open_drafts(user, found),
        "comments": found.comments.select_related("by"),
        "conflicts": found.conflicts.select_related("user") if keeps else (),
        "votes": _votes(found),
        "members_votes": found.votes.select_related("user") if keeps else (),
        "buttons": [(verb, asking) for verb, asking in ASKING.items() if asking.now(found) and asking.may(user, found)],
        "impact": impact.impact_now(item=found) if found.review_on and found.theme_id else None,
        "moves": dict(pages_moves()),
        "story": pages.item_story(found),
        "sees_meeting": found.meeting_id and Meeting.objects.visible_to(user).filter(pk=found.meeting_id).exists(),
        "again": found.deferred_to.first(),
    }
    return render(request, "learning/item.html", context)


def _open_drafts(user: Any, item: AgendaItem) -> set[UUID]:
    """The briefings and exemplars that follow from the item and that this reader may open."""
    drafts = Briefing.objects.visible_to(user).filter(panel_outcome__item=item).values_list("pk", flat=True)
    texts = Exemplar.objects.visible_to(user).filter(panel_outcomes__item=item).values_list("pk", flat=True)
    return {*drafts, *texts}


def pages_moves() -> list[tuple[str, str]]:
    """The words for whether a theme came up more or less often."""

    return [(str(value), str(label)) for value, label in ThemeMove.choices]


def _votes(item: AgendaItem) -> list[tuple[str, int]]:
    cast = list(item.votes.values_list("choice", flat=True))
    return [(choice.label, cast.count(choice.value)) for choice in VoteChoice] if cast else []


@page("GET", "POST")
def change(request: HttpRequest, item: UUID, verb: str) -> HttpResponse:
    """One step with one item: its form, then its service."""
    if verb not in ASKING:
        raise Http404
    found = visible_item(request, item)
    asking = ASKING[verb]
    must(asking.may(request.user, found))
    if not asking.now(found):
        raise IllegalMove(refusal("item", "comment" if verb == "conflict" else verb, found.get_status_display()))
    if verb == "decide" and found.dispute_id is not None:
        return _decide_dispute(request, found, asking)
    if verb == "decide":
        return _decide(request, found, asking)
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
            return _back(request, found)
    context = {
        "form": form, "asking": asking, "item": found, "verb": verb,
        "impact": impact.impact_now(item=found) if verb == "check_impact" else None, "moves": dict(pages_moves()),
    }  # fmt: skip
    return render(request, "learning/item_move.html", context)


def _back(request: HttpRequest, item: AgendaItem) -> HttpResponse:
    """To the item, or where this person does not see it any more, to the panel."""
    if AgendaItem.objects.visible_to(request.user).filter(pk=item.pk).exists():
        return redirect("learning:item", item.pk)
    return redirect("learning:panels")


def _form(request: HttpRequest, item: AgendaItem, verb: str) -> BaseForm:
    posted = request.POST if request.method == "POST" else None
    initial: dict[str, Any] = {"version": item.version}

    def check(texts: Any) -> Any:
        return hits_to_confirm(texts=texts, kind=item._meta.label_lower, object_id=item.pk)

    match verb:
        case "accept":
            return PlainForm(posted, initial=initial)
        case "comment":
            return forms.CommentForm(posted, check=lambda texts: hits_to_confirm(texts=texts))
        case "conflict":
            return forms.ConflictForm(posted, members=_who_may_have_one(request, item))
        case "discuss":
            return forms.DiscussionForm(posted, initial={**initial, "discussion": item.discussion}, check=check)
        case "vote":
            voters = _voters(request, item)
            cast = {f"vote-{key}": choice for key, choice in item.votes.values_list("user", "choice")}
            return forms.VotesForm(posted, voters=voters, initial=cast)
        case "check_impact":
            return forms.ImpactForm(posted, initial=initial, check=check)
        case _:
            return WhyForm(posted, initial=initial)


def _who_may_have_one(request: HttpRequest, item: AgendaItem) -> Any:
    keys = [user.pk for user in members_of(panel=item.panel)]
    if not access.can_keep_item(request.user, item):
        keys = [request.user.pk]  # type: ignore[list-item]  # nobody comes here without signing in
    taken = item.conflicts.values("user")
    people = User.objects.visible_to(request.user).filter(pk__in=[*keys, request.user.pk]).exclude(pk__in=taken)
    return people.order_by("name", "pk")


def _voters(request: HttpRequest, item: AgendaItem) -> list[User]:
    """Those present whose vote this person may write down."""
    present = list(item.meeting.present.order_by("name", "pk")) if item.meeting else []
    return [user for user in present if access.can_vote(request.user, item, user)]


def _do(request: HttpRequest, item: AgendaItem, verb: str, form: Any) -> None:
    by = request.user
    cleaned = form.cleaned_data
    match verb:
        case "accept":
            agenda.accept_item(item=item, by=by, version=cleaned["version"])
        case "comment":
            agenda.comment_on_item(item=item, text=cleaned["text"], by=by, reasons=form.reasons)
        case "conflict":
            agenda.declare_conflict(item=item, user=cleaned["user"], why=cleaned["why"], by=by)
        case "discuss":
            agenda.discuss_item(
                item=item, discussion=cleaned["discussion"], by=by, version=cleaned["version"], reasons=form.reasons
            )
        case "vote":
            agenda.vote_on_item(item=item, votes=form.votes, by=by)
        case "defer":
            agenda.defer_item(item=item, why=cleaned["why"], by=by, version=cleaned["version"])
        case "withdraw":
            agenda.withdraw_item(item=item, why=cleaned["why"], by=by, version=cleaned["version"])
        case "check_impact":
            impact.check_impact(
                item=item, note=cleaned["note"], by=by, version=cleaned["version"], reasons=form.reasons
            )


def _decide(request: HttpRequest, item: AgendaItem, asking: Asking) -> HttpResponse:
    """The decision with what follows from it: up to three things on one page."""
    posted = request.POST if request.method == "POST" else None
    keys = {
        "owners": possible_owners(case=None, service=None, team=None),
        "units": OrgUnit.objects.visible_to(request.user)
        .open_on(timezone.localdate())
        .filter(kind__in=(UnitKind.SERVICE, UnitKind.TEAM))
        .order_by("kind", "name", "pk"),
    }
    formset = forms.OutcomeFormSet(posted, prefix="follows", form_kwargs=keys)
    outcomes: list[agenda.OutcomeDraft] = []
    if posted is not None and formset.is_valid():
        outcomes = [_outcome(each.cleaned_data) for each in formset if each.cleaned_data.get("kind")]
    form = forms.DecisionForm(
        posted,
        initial={"version": item.version},
        check=lambda texts: hits_to_confirm(texts=texts, kind=item._meta.label_lower, object_id=item.pk),
        more_texts=[text for each in outcomes for text in (each.text, each.how_we_know)],
    )
    if posted is not None and formset.is_valid() and form.is_valid():
        cleaned = form.cleaned_data
        try:
            agenda.decide_item(
                item=item, decision=cleaned["decision"], outcomes=outcomes, by=request.user,
                review_on=cleaned["review_on"], version=cleaned["version"], reasons=form.reasons,
            )  # fmt: skip
        except ValidationError as refused:
            form.say(refused)
        except LeadsToSomebody as refused:
            say_hits(form, refused)
        else:
            messages.success(request, asking.done)
            return _back(request, item)
    context = {"form": form, "formset": formset, "asking": asking, "item": item, "votes": _votes(item)}
    return render(request, "learning/decide.html", context)


def _decide_dispute(request: HttpRequest, item: AgendaItem, asking: Asking) -> HttpResponse:
    """The panel's vote on a grade: final."""
    dispute = disputes.dispute_of(item=item)
    if dispute is None:
        raise Http404
    form = forms.DisputeForm(
        request.POST if request.method == "POST" else None,
        initial={"version": item.version},
        grades=disputes.grades_of(dispute=dispute),
        voters=_voters(request, item),
        check=lambda texts: hits_to_confirm(texts=texts, kind=item._meta.label_lower, object_id=item.pk),
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            disputes.decide_dispute_item(
                item=item, grade=cleaned["grade"], reason=cleaned["reason"], votes=form.votes, by=request.user,
                override_reason=cleaned["override_reason"], version=cleaned["version"], reasons=form.reasons,
            )  # fmt: skip
        except ValidationError as refused:
            form.say(refused)
        except LeadsToSomebody as refused:
            say_hits(form, refused)
        else:
            messages.success(request, asking.done)
            return _back(request, item)
    return render(request, "learning/decide_dispute.html", {"form": form, "asking": asking, "item": item})


def _outcome(cleaned: dict[str, Any]) -> agenda.OutcomeDraft:
    if cleaned["kind"] == OutcomeKind.NO_ACTION:
        return agenda.OutcomeDraft(cleaned["kind"], cleaned["text"])
    return agenda.OutcomeDraft(
        kind=cleaned["kind"], text=cleaned["text"], how_we_know=cleaned["how_we_know"], owner=cleaned["owner"],
        due_on=cleaned["due_on"], priority=cleaned["priority"] or "low", unit=cleaned["unit"],
    )  # fmt: skip
