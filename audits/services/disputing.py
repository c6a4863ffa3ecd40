"""Disputes about a grade: a second moderator who had no part in it decides, or the panel, which is final.

A dispute comes from the auditor (about a moderator's grade), from a head of service (about an inadequate one), or
from a challenge after feedback. `when_decided` lets each origin say what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits import access
from audits.choices import DISPUTE_UNDER_WAY, DisputeStatus
from audits.models import Audit, Dispute, DisputedSection, DisputeVote, Moderation
from audits.rules import moderation as rules
from audits.rules.grading import characters
from audits.rules.moderation import Vote
from audits.rules.timescales import DISPUTE_DAYS
from audits.selectors.readiness import AuditAsWritten, audit_as_written, grade_meanings
from audits.services import judging, telling
from audits.services.moderation_moves import hold_dispute, move_held, the_one_read, write_down
from audits.services.moves import by_day, lock_audit
from core.council.selectors import closing_days, setting
from core.jobs.services import publish
from core.workflow import IllegalMove
from core.working_days import add_working_days

__all__ = [
    "Vote",
    "assign_dispute",
    "decide_dispute",
    "decide_dispute_by_panel",
    "drop_disputes",
    "open_dispute",
    "refer_to_panel",
    "when_decided",
]

Follow = Callable[..., None]  # called as follow(dispute=..., by=...)
_followers: dict[str, Follow] = {}


def when_decided(*, origin: str, follow: Follow) -> None:
    """Register what follows, in the same transaction, when a dispute of this origin is decided."""
    _followers[origin] = follow


def open_dispute(
    *,
    audit: Audit,
    by: Any,
    why: str,
    origin: str,
    origin_id: UUID | None = None,
    moderation: Moderation | None = None,
    grade_one: str = "",
    grade_two: str = "",
    days: int | None = None,
) -> Dispute:
    """Open a dispute between two grades of the audit's scheme; the caller has asked whether `by` may.

    It waits for a second moderator, or goes straight to the panel where the two grades are a jump from inadequate to
    good or better, or where a second moderator decided about this submission before. `grade_two` may be empty: a
    challenge need not name another grade. `days` are the working days in which a second moderator decides. Raises
    ValidationError without a reason, and IllegalMove while another dispute about the audit is open.
    """
    if characters(why) < rules.MIN_DISPUTE:
        raise ValidationError({"why": f"Say in at least {rules.MIN_DISPUTE} characters why you do not agree"})
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        if Dispute.objects.filter(audit=audit, status__in=DISPUTE_UNDER_WAY).exists():
            raise IllegalMove("A dispute about this audit is open already; a second one cannot be opened beside it.")
        at, today = timezone.now(), timezone.localdate()
        decided_before = Dispute.objects.filter(
            audit=audit, moderation=moderation, origin_id=origin_id, status=DisputeStatus.DECIDED
        ).count()
        dispute = Dispute.objects.create(
            audit=audit,
            moderation=moderation,
            origin=origin,
            origin_id=origin_id,
            raised_by=by if getattr(by, "pk", None) else None,
            raised_at=at,
            why=why.strip(),
            grade_one=grade_one,
            grade_two=grade_two,
            due_on=add_working_days(today, days or setting(DISPUTE_DAYS.key, on=today), closing_days()),
        )
        dispute.audit = audit
        meanings = grade_meanings(audit.scheme_id)
        to_panel = ""
        if rules.a_jump_goes_to_the_panel(meanings.get(grade_one, ""), meanings.get(grade_two, "")):
            to_panel = "One says inadequate and the other good or better."
        elif moderation is not None and rules.what_is_still_disputed_goes_to_the_panel(decided_before):
            to_panel = "It is still disputed after a second moderator decided."
        write_down(
            held=dispute, event="raise", by=by, at=at, why=dispute.why,
            facts=_who_decides(dispute, to_panel), told_before=True,
            values={"origin": origin, "grades": [grade_one, grade_two]},
        )  # fmt: skip
        publish("audits.dispute_opened", by=by, dispute_id=dispute.pk)
        if to_panel:
            _to_panel(dispute, by, to_panel)
        else:
            telling.tell_second_moderators(dispute=dispute)
    return dispute


def _who_decides(dispute: Dispute, to_panel: str) -> str:
    """Who decides a dispute, and by when."""
    return "The panel decides" if to_panel else f"A second moderator decides{by_day(day=dispute.due_on)}"


def _to_panel(held: Dispute, by: Any, why: str, **changes: Any) -> None:
    move_held(
        held=held, event="refer", by=by, why=why, referred_by=by if getattr(by, "pk", None) else None,
        referred_at=timezone.now(), referred_why=why.strip(), **changes,
    )  # fmt: skip
    publish("audits.dispute_with_panel", by=by, dispute_id=held.pk)


def assign_dispute(*, dispute: Dispute, moderator: User, by: Any, version: int | None = None) -> Dispute:
    """Give a dispute to a second moderator who had no part in the grade; a moderator takes one for themselves.

    Raises NotAllowed, IllegalMove and StaleVersion. Again by the same person: no change.
    """
    with transaction.atomic():
        audit = lock_audit(audit=dispute.audit)
        now = Dispute.objects.get(pk=dispute.pk)
        now.audit = audit
        if now.status == DisputeStatus.WITH_SECOND_MODERATOR and now.second_moderator_id == moderator.pk:
            access.require(by, "take_dispute" if by == moderator else "assign_dispute", now)
            return now
        if by != moderator:
            access.require(by, "assign_dispute", now)
        held = hold_dispute(dispute=dispute, event="assign", by=moderator, verb="take_dispute")
        the_one_read(held=held, version=version)
        move_held(
            held=held, event="assign", by=by, values={"second_moderator": str(moderator.pk)},
            facts=f"{'Decides' if by == moderator else f'To {moderator.name}, who decides'}{by_day(day=held.due_on)}",
            second_moderator=moderator, assigned_at=timezone.now(),
        )  # fmt: skip
        if by != moderator:
            telling.tell_of_dispute(dispute=held, kind="dispute_given", people=[moderator])
    return held


def decide_dispute(
    *,
    dispute: Dispute,
    by: Any,
    grade: str,
    reason: str,
    section_grades: Mapping[UUID, tuple[str, str]] | None = None,
    override_reason: str = "",
    version: int,
) -> Dispute:
    """The second moderator decides for a grade, with a reason of at least 20 characters.

    Where that grade and one of the two in dispute are a jump from inadequate to good or better, the dispute goes to
    the panel with this view. Raises ValidationError by field as `decide_moderation` does, NotAllowed, IllegalMove
    and StaleVersion.
    """
    with transaction.atomic():
        held = hold_dispute(dispute=dispute, event="decide", by=by, verb="decide_dispute")
        the_one_read(held=held, version=version)
        written = audit_as_written(held.audit)
        sections = _check(written, held, grade, reason, section_grades or {}, override_reason)
        meanings = written.meanings
        jump = any(
            rules.a_jump_goes_to_the_panel(meanings.get(grade, ""), meanings.get(other, ""))
            for other in (held.grade_one, held.grade_two)
        )
        if jump:
            _to_panel(held, by, reason, second_grade=grade)
            return held
        _store_sections(held, sections)
        _decided(held, "decide", by, grade=grade, reason=reason.strip(), override_reason=override_reason.strip())
    return held


def refer_to_panel(*, dispute: Dispute, by: Any, why: str, version: int) -> Dispute:
    """The second moderator, or a QA lead where none is free, leaves the decision to the panel and says why."""
    if characters(why) < rules.MIN_DISPUTE:
        raise ValidationError({"why": f"Say in at least {rules.MIN_DISPUTE} characters why the panel should decide"})
    with transaction.atomic():
        verb = "decide_dispute" if access.can(by, "decide_dispute", dispute) else "assign_dispute"
        held = hold_dispute(dispute=dispute, event="refer", by=by, verb=verb)
        the_one_read(held=held, version=version)
        _to_panel(held, by, why)
    return held


def decide_dispute_by_panel(
    *,
    dispute: Dispute,
    by: Any,
    grade: str,
    reason: str,
    votes: Iterable[Vote],
    section_grades: Mapping[UUID, tuple[str, str]] | None = None,
    override_reason: str = "",
) -> Dispute:
    """Write down what the panel decided, with who was there, who had a conflict, and who voted for what. It is final.

    `votes` hold users as `member`. A conflict that the records show keeps a member from voting, declared or not. The
    limiting rules bind the panel too. Raises ValidationError by field ("votes", "grade", "reason",
    "override_reason", "section_<row>"), NotAllowed and IllegalMove.
    """
    cast = list(votes)
    with transaction.atomic():
        held = hold_dispute(dispute=dispute, event="decide_by_panel", by=by, verb="decide_by_panel")
        written = audit_as_written(held.audit)
        conflicts = {vote.member: access.panel_conflicts(vote.member, held) for vote in cast}
        faults = rules.faults_of_votes(cast, grade=grade, conflicts=conflicts)
        if any(vote.grade and vote.grade not in written.meanings for vote in cast):
            faults.append("Choose one of the grades for each vote.")
        if faults:
            raise ValidationError({"votes": faults})
        sections = _check(written, held, grade, reason, section_grades or {}, override_reason)
        _store_sections(held, sections)
        DisputeVote.objects.bulk_create(
            DisputeVote(
                dispute=held,
                member=vote.member,
                grade=vote.grade,
                conflict=(vote.conflict.strip() or " and ".join(conflicts[vote.member]))[:200],
            )
            for vote in cast
        )
        _decided(
            held, "decide_by_panel", by, grade=grade, reason=reason.strip(), override_reason=override_reason.strip(),
            by_panel=True,
        )  # fmt: skip
    return held


def _check(
    written: AuditAsWritten,
    held: Dispute,
    grade: str,
    reason: str,
    wanted: Mapping[UUID, tuple[str, str]],
    override_reason: str,
) -> dict[UUID, tuple[str, str, str]]:
    """The sections that are decided otherwise than they stand. Raises ValidationError by field."""
    wrong: dict[str, Any] = {}
    if grade not in written.meanings:
        wrong["grade"] = "Choose the grade that you decide for"
    if characters(reason) < judging.MIN_REASON:
        wrong["reason"] = judging.NEEDS_REASON
    now = judging.section_grades_now(audit=held.audit)
    try:
        sections = judging.changed_sections(written=written, wanted=wanted, now=now)
    except ValidationError as refused:
        raise ValidationError({**wrong, **refused.message_dict}) from refused
    if not wrong:
        then = {**now, **{pk: after for pk, (_, after, _) in sections.items()}}
        wrong = judging.bound_by_the_ceiling(
            written=written, grade=grade, sections=then, override_reason=override_reason
        )
    if wrong:
        raise ValidationError(wrong)
    return sections


def _store_sections(held: Dispute, sections: Mapping[UUID, tuple[str, str, str]]) -> None:
    DisputedSection.objects.bulk_create(
        DisputedSection(dispute=held, audit_section_id=pk, grade_before=was, grade_after=now, reason=why)
        for pk, (was, now, why) in sections.items()
    )


def _decided(held: Dispute, event: str, by: Any, **changes: Any) -> None:
    move_held(
        held=held, event=event, by=by, why=changes["reason"], values={"grade": changes["grade"]},
        decided_by=by if getattr(by, "pk", None) else None, decided_at=timezone.now(), **changes,
    )  # fmt: skip
    publish("audits.dispute_decided", by=by, dispute_id=held.pk)
    follow = _followers.get(held.origin)
    if follow is not None:
        follow(dispute=held, by=by)
    first = held.moderation.moderator if held.moderation else None
    telling.tell_of_dispute(dispute=held, kind="dispute_decided", people=[held.audit.auditor, first, held.raised_by])


def drop_disputes(*, audit: Audit, by: Any) -> None:
    """End what is disputed about an audit that is made void; call it inside the transaction that holds the audit."""
    for dispute in Dispute.objects.select_for_update(of=("self",), no_key=True).filter(
        audit=audit, status__in=DISPUTE_UNDER_WAY
    ):
        dispute.audit = audit
        move_held(held=dispute, event="drop", by=by)
