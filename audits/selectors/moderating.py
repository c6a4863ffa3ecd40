"""What the moderators' pages print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from audits.choices import DisputeStatus, ModerationStatus, SelectionReason
from audits.models import Dispute, Moderation, SchemeGrade
from audits.querysets import MODERATION_LISTS, DisputeQuerySet, ModerationQuerySet
from audits.selectors.pages import auditor_name, case_reference, in_words
from core.page_parts import Tab
from core.working_days import working_days_between


@dataclass(frozen=True)
class QueueRow:
    """One submission in the queue."""

    id: UUID
    audit_id: UUID
    reference: str
    case_reference: str
    service: str
    team: str
    audit_type: str
    auditor: str
    grade: str
    grade_after: str
    status: str
    colour: str
    reasons: tuple[str, ...]
    due: str
    overdue: bool
    mine: bool
    moderator: str
    decided_at: dt.datetime | None


def queue_rows(moderations: Iterable[Moderation], today: dt.date, reader: Any) -> list[QueueRow]:
    """The lines of the queue; expects audits with case, units and auditor, and the moderator, to be loaded."""
    return [
        QueueRow(
            id=each.pk,
            audit_id=each.audit_id,
            reference=each.audit.reference,
            case_reference=case_reference(each.audit),
            service=each.audit.service.name,
            team=each.audit.team.name if each.audit.team else "",
            audit_type=each.audit.audit_type,
            auditor=auditor_name(each.audit),
            grade=each.grade_before,
            grade_after=each.grade_after,
            status=each.get_status_display(),
            colour=STATUS_COLOURS[ModerationStatus(each.status)],
            reasons=reason_words(each) if reader is None or each.audit.auditor_id != reader else (),
            due=due_words(each, today),
            overdue=(due := due_of(each)) is not None and due < today,
            mine=each.moderator_id is not None and each.moderator_id == reader,
            moderator=each.moderator.name if each.moderator else "",
            decided_at=each.decided_at,
        )
        for each in moderations
    ]


def reason_words(moderation: Moderation) -> tuple[str, ...]:
    """Why the submission was chosen, in words; for moderators and the QA unit, never for its auditor."""
    return tuple(SelectionReason(reason).label for reason in moderation.reasons if reason in SelectionReason.values)


def due_of(moderation: Moderation) -> dt.date | None:
    """By when the step at which the moderation stands is due; None where no clock runs."""
    if moderation.status == ModerationStatus.AWAITING_ACCEPTANCE:
        return moderation.answer_by
    if moderation.status == ModerationStatus.AWAITING_CONFIRMATION:
        return moderation.confirm_by
    waits = moderation.status in (ModerationStatus.SELECTED, ModerationStatus.OPENED)
    return moderation.due_on if waits else None


def due_words(moderation: Moderation, today: dt.date) -> str:
    """When the present step is due: "due 4 March 2026, in 3 working days"."""
    return by_when(due_of(moderation), today)


def by_when(day: dt.date | None, today: dt.date) -> str:
    """A due date with the working days until then, or since: "due 4 March 2026, 1 working day overdue"."""
    if day is None:
        return ""
    days = working_days_between(today, day)
    if day < today:
        count = "1 working day" if days == -1 else f"{-days} working days"
        return f"due {in_words(day)}, {count} overdue"
    count = "1 working day" if days == 1 else f"{days} working days"
    return f"due {in_words(day)}, {'today' if day == today else f'in {count}'}"


STATUS_COLOURS = {
    ModerationStatus.SELECTED: "yellow",
    ModerationStatus.OPENED: "purple",
    ModerationStatus.RETURNED: "light-blue",
    ModerationStatus.WITH_QA_LEAD: "orange",
    ModerationStatus.AWAITING_ACCEPTANCE: "light-blue",
    ModerationStatus.DISPUTED: "orange",
    ModerationStatus.AWAITING_CONFIRMATION: "magenta",
    ModerationStatus.DONE: "green",
    ModerationStatus.NOT_SELECTED: "grey",
    ModerationStatus.WITHDRAWN: "grey",
}
DISPUTE_COLOURS = {
    DisputeStatus.OPEN: "yellow",
    DisputeStatus.WITH_SECOND_MODERATOR: "purple",
    DisputeStatus.WITH_PANEL: "orange",
    DisputeStatus.DECIDED: "green",
    DisputeStatus.WITHDRAWN: "grey",
}


@dataclass(frozen=True)
class OwnSummary:
    """How an auditor's grades fared: of those moderated to the end, how many were agreed with, raised, lowered."""

    moderated: int
    agreed: int
    raised: int
    lowered: int
    sections_only: int


def own_summary(moderations: ModerationQuerySet) -> OwnSummary:
    """Counted from the submissions whose moderation has ended."""
    done = moderations.filter(status=ModerationStatus.DONE)
    pairs = list(done.values_list("pk", "audit__scheme", "grade_before", "grade_after"))
    sections = set(done.filter(sections__isnull=False).values_list("pk", flat=True))
    places = {
        (scheme, key): position
        for scheme, key, position in SchemeGrade.objects.values_list("scheme", "key", "position")
    }
    steps = [
        (pk, places.get((scheme, after), 0) - places.get((scheme, before), 0)) for pk, scheme, before, after in pairs
    ]
    return OwnSummary(
        moderated=len(steps),
        agreed=sum(step == 0 and pk not in sections for pk, step in steps),
        raised=sum(step < 0 for _, step in steps),
        lowered=sum(step > 0 for _, step in steps),
        sections_only=sum(step == 0 and pk in sections for pk, step in steps),
    )


@dataclass(frozen=True)
class DisputeRow:
    """One dispute in the list."""

    id: UUID
    reference: str
    audit_type: str
    case_reference: str
    service: str
    team: str
    origin: str
    grades: tuple[str, ...]
    status: str
    colour: str
    due: str
    overdue: bool
    second_moderator: str
    mine: bool


def dispute_rows(disputes: Iterable[Dispute], today: dt.date, reader: Any) -> list[DisputeRow]:
    """The lines of the list of disputes; expects audits with case and units, and the second moderator, loaded."""
    return [
        DisputeRow(
            id=each.pk,
            reference=each.audit.reference,
            audit_type=each.audit.audit_type,
            case_reference=case_reference(each.audit),
            service=each.audit.service.name,
            team=each.audit.team.name if each.audit.team else "",
            origin=each.get_origin_display(),
            grades=tuple(grade for grade in (each.grade_one, each.grade_two) if grade),
            status=each.get_status_display(),
            colour=DISPUTE_COLOURS[DisputeStatus(each.status)],
            due="" if each.status == DisputeStatus.WITH_PANEL else by_when(each.due_on, today),
            overdue=each.status != DisputeStatus.WITH_PANEL and each.due_on is not None and each.due_on < today,
            second_moderator=each.second_moderator.name if each.second_moderator else "",
            mine=each.second_moderator_id is not None and each.second_moderator_id == reader,
        )
        for each in disputes
    ]


LISTS = {
    "waiting": "Waiting",
    "returned": "Returned",
    "third": "Third return",
    "acceptance": "Awaiting acceptance",
    "confirm": "To confirm",
    "disputes": "Disputes",
    "decided": "Decided",
}


def list_tabs(
    moderations: ModerationQuerySet, disputes: DisputeQuerySet, *, current: str, address: str, query: str, third: bool
) -> list[Tab]:
    """The lists of the moderation pages with how many stand in each, counted from the rows that the reader sees."""
    counted = moderations.order_by().values_list("status").annotate(number=Count("pk", distinct=True))
    states: dict[str, int] = dict(counted)
    counts = {
        name: sum(states.get(state, 0) for state in states_of) for name, (states_of, _) in MODERATION_LISTS.items()
    }
    counts["disputes"] = disputes.under_way().count()
    return [
        Tab(f"{label} ({counts[name]})", f"{address}?show={name}{query}", name == current)
        for name, label in LISTS.items()
        if name != "third" or third
    ]


def for_rows(moderations: ModerationQuerySet) -> ModerationQuerySet:
    """Moderations with what their lines print."""
    return moderations.select_related("audit__case", "audit__service", "audit__team", "audit__auditor", "moderator")


def for_dispute_rows(disputes: DisputeQuerySet) -> DisputeQuerySet:
    """The disputes that are under way with what their lines print, the soonest due first."""
    return (
        disputes.under_way()
        .select_related("audit__case", "audit__service", "audit__team", "second_moderator")
        .order_by("due_on", "raised_at", "id")
    )


def narrowed(
    moderations: ModerationQuerySet, wanted: Mapping[str, Any], reader: Any, today: dt.date
) -> ModerationQuerySet:
    """The moderations that the filters leave: a service, one's own, those overdue at their present step."""
    found = moderations
    if wanted.get("service"):
        found = found.filter(audit__service=wanted["service"])
    if wanted.get("mine"):
        found = found.filter(moderator=reader)
    if wanted.get("overdue"):
        late = Q(status__in=MODERATION_LISTS["waiting"][0], due_on__lt=today)
        late |= Q(status=ModerationStatus.AWAITING_ACCEPTANCE, answer_by__lt=today)
        late |= Q(status=ModerationStatus.AWAITING_CONFIRMATION, confirm_by__lt=today)
        found = found.filter(late)
    return found


def narrowed_disputes(
    disputes: DisputeQuerySet, wanted: Mapping[str, Any], reader: Any, today: dt.date
) -> DisputeQuerySet:
    """The disputes that the same filters leave."""
    found = disputes
    if wanted.get("service"):
        found = found.filter(audit__service=wanted["service"])
    if wanted.get("mine"):
        found = found.filter(second_moderator=reader)
    if wanted.get("overdue"):
        found = found.filter(status__in=(DisputeStatus.OPEN, DisputeStatus.WITH_SECOND_MODERATOR), due_on__lt=today)
    return found


def query_of(wanted: Mapping[str, Any]) -> str:
    """The filters as they stand in the address, after the name of the list."""
    return "".join(
        f"&{name}={'on' if wanted[name] is True else wanted[name]}"
        for name in ("service", "mine", "overdue")
        if wanted.get(name)
    )
