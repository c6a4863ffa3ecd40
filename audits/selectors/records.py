"""One moderation as its auditor may read it: both grades, reasons, questions, disputes. Never why it was chosen."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from audits.choices import DisputeStatus, ModerationOutcome, ModerationStatus
from audits.models import Audit, Dispute, DisputedSection, ModeratedSection, Moderation, ModerationReturn
from audits.querysets import AuditQuerySet, ModerationQuerySet
from audits.selectors.drafting import grade_choices

OVERALL = "The audit as a whole"


@dataclass(frozen=True)
class SectionChange:
    """A section that moderation or a dispute sees otherwise."""

    id: UUID
    title: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Change:
    """One field before and after."""

    section: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class ReturnRead:
    """One return: its questions, and what changed when it came back."""

    number: int
    at: dt.datetime
    by: str
    questions: tuple[tuple[str, UUID | None, str], ...]
    resubmitted_at: dt.datetime | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class DisputeRead:
    """One dispute: who, why, and what was decided."""

    id: UUID
    origin: str
    raised_by: str
    raised_at: dt.datetime
    why: str
    status: str
    under_way: bool
    grade_one: str
    grade_two: str
    second_moderator: str
    referred_why: str
    grade: str
    reason: str
    override_reason: str
    decided_at: dt.datetime | None
    decided_by: str
    votes: tuple[tuple[str, int], ...]
    sections: tuple[SectionChange, ...]


@dataclass(frozen=True)
class GradeRecord:
    """What became of the audit's last submission."""

    id: UUID
    version: int
    status: str
    status_words: str
    moderator: str
    grade_before: str
    grade_after: str
    decided_at: dt.datetime | None
    changed: bool
    decided: bool
    reason: str
    override_reason: str
    sections: tuple[SectionChange, ...]
    answer_by: dt.date | None
    answered_at: dt.datetime | None
    answered: bool
    confirm_by: dt.date | None
    confirmed_by: str
    confirmed_at: dt.datetime | None
    returns: tuple[ReturnRead, ...]
    disputes: tuple[DisputeRead, ...]


def grade_record(audit: Audit) -> GradeRecord | None:
    """The record of the audit's last submission; None before the first."""
    moderation = (
        audit.moderations.select_related("moderator", "confirmed_by")
        .prefetch_related(
            "sections__audit_section__section",
            "returned__questions__audit_section__section",
            "returned__by",
            "disputes__sections__audit_section__section",
            "disputes__votes",
            "disputes__raised_by",
            "disputes__second_moderator",
            "disputes__decided_by",
        )
        .order_by("-submission")
        .first()
    )
    return record_of(moderation) if moderation is not None else None


def record_of(moderation: Moderation) -> GradeRecord:
    """The record of one moderation, from rows loaded as `grade_record` loads them."""
    disputes = list(moderation.disputes.all())
    return GradeRecord(
        id=moderation.pk,
        version=moderation.version,
        status=moderation.status,
        status_words=moderation.get_status_display(),
        moderator=moderation.moderator.name if moderation.moderator else "",
        grade_before=moderation.grade_before,
        grade_after=moderation.grade_after,
        decided_at=moderation.decided_at,
        changed=moderation.outcome == ModerationOutcome.CHANGED or bool(moderation.sections.all()),
        decided=moderation.outcome in (ModerationOutcome.CHANGED, ModerationOutcome.AGREED),
        reason=moderation.reason,
        override_reason=moderation.override_reason,
        sections=_sections(moderation.sections.all()),
        answer_by=moderation.answer_by,
        answered_at=moderation.answered_at,
        answered=moderation.answered_by_id is not None,
        confirm_by=moderation.confirm_by,
        confirmed_by=moderation.confirmed_by.name if moderation.confirmed_by else "",
        confirmed_at=moderation.confirmed_at,
        returns=returns_read(moderation),
        disputes=tuple(dispute_read(each) for each in disputes),
    )


def _sections(rows: Iterable[ModeratedSection | DisputedSection]) -> tuple[SectionChange, ...]:
    found = sorted(rows, key=lambda row: row.audit_section.section.position)
    return tuple(
        SectionChange(
            row.audit_section_id, row.audit_section.section.title, row.grade_before, row.grade_after, row.reason
        )
        for row in found
    )


def returns_read(moderation: Moderation) -> tuple[ReturnRead, ...]:
    """The returns that the auditor has had: a third one only once a QA lead has let it happen."""
    return tuple(_return_read(each) for each in moderation.returned.all() if each.number <= moderation.returns)


def all_returns(moderation: Moderation) -> tuple[ReturnRead, ...]:
    """Every return, the one that waits for a QA lead included."""
    return tuple(_return_read(each) for each in moderation.returned.all())


def _return_read(returned: ModerationReturn) -> ReturnRead:
    return ReturnRead(
        number=returned.number,
        at=returned.at,
        by=returned.by.name if returned.by else "",
        questions=tuple(
            (each.audit_section.section.title if each.audit_section else OVERALL, each.audit_section_id, each.text)
            for each in returned.questions.all()
        ),
        resubmitted_at=returned.resubmitted_at,
        changes=tuple(Change(**each) for each in returned.changes),
    )


def dispute_read(dispute: Dispute) -> DisputeRead:
    """One dispute for reading. Of the votes only how many fell on each grade: who voted how is for the panel."""
    cast = Counter(vote.grade for vote in dispute.votes.all() if vote.grade)
    by = "the panel" if dispute.by_panel else dispute.decided_by.name if dispute.decided_by else ""
    return DisputeRead(
        id=dispute.pk,
        origin=dispute.get_origin_display(),
        raised_by=dispute.raised_by.name if dispute.raised_by else "",
        raised_at=dispute.raised_at,
        why=dispute.why,
        status=dispute.get_status_display(),
        under_way=dispute.status not in (DisputeStatus.DECIDED, DisputeStatus.WITHDRAWN),
        grade_one=dispute.grade_one,
        grade_two=dispute.grade_two,
        second_moderator=dispute.second_moderator.name if dispute.second_moderator else "",
        referred_why=dispute.referred_why,
        grade=dispute.grade,
        reason=dispute.reason,
        override_reason=dispute.override_reason,
        decided_at=dispute.decided_at,
        decided_by=by,
        votes=tuple(cast.most_common()),
        sections=_sections(dispute.sections.all()),
    )


def open_questions(audit: Audit) -> ReturnRead | None:
    """The questions of the return that the audit is back for; None where it is not returned."""
    moderation = (
        audit.moderations.filter(status=ModerationStatus.RETURNED)
        .prefetch_related("returned__questions__audit_section__section", "returned__by")
        .first()
    )
    found = returns_read(moderation) if moderation else ()
    return found[-1] if found else None


def own_moderations(audits: AuditQuerySet) -> ModerationQuerySet:
    """The moderated submissions of one auditor's audits, the newest first."""
    found: ModerationQuerySet = Moderation.objects.filter(audit__in=audits)
    return (
        found.exclude(status__in=(ModerationStatus.NOT_SELECTED, ModerationStatus.WITHDRAWN))
        .select_related("audit__case", "audit__service", "audit__team", "audit__auditor", "moderator")
        .order_by("-created_at", "id")
    )


def grade_names(audit: Audit) -> list[tuple[str, str]]:
    """The grades of the audit's scheme, for a choice."""
    return [(grade.key, grade.name) for grade in grade_choices(audit)]
