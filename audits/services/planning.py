"""Planning and giving out audits."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import User
from audits import access
from audits.choices import AuditMode, AuditPurpose, AuditStatus, ToolStatus
from audits.models import Audit, Calibration, Moderation, ReferenceCounter, ToolVersion, Transition
from audits.rules.timescales import AUDIT_DAYS, AUDIT_WINDOW_MONTHS
from audits.services import tallies
from audits.services.disputing import drop_disputes
from audits.services.moderation_moves import hold_moderation, move_held
from audits.services.moves import Moves, StaleVersion, lock_audit, said, withdraw_moderation
from audits.services.telling import tell_auditor, tell_whoever_does_it
from cases.models import Case
from core.council.selectors import closing_days, setting
from core.history.services import actor_id, record
from core.working_days import add_working_days


def create_audit(
    *,
    case: Case,
    version: ToolVersion,
    by: Any,
    mode: str = AuditMode.DESK,
    purpose: str = AuditPurpose.STANDARD,
    window_to: date | None = None,
    calibration: Calibration | None = None,
    first_audit: Audit | None = None,
    due_on: date | None = None,
) -> Audit:
    """Plan an audit of a case with a live tool. The case's service, team and plan are kept as they are today.

    `first_audit` is the one that this does again, by `due_on`. The window is the months (twelve, unless the settings
    say otherwise) that end on `window_to` (today where it is not given). Raises NotAllowed, and ValidationError where
    the tool is not live or is not for this kind of subject.
    """
    access.require(by, "create", case)
    tool = version.tool
    if version.status != ToolStatus.LIVE:
        raise ValidationError({"version": f"{version} is not live. Choose a tool that is."})
    if case.subject_kind not in tool.subject_kinds:
        raise ValidationError(
            {"version": f"{tool.name} is not for this kind of record ({case.get_subject_kind_display().lower()})."}
        )
    end = window_to or timezone.localdate()
    at = timezone.now()
    with transaction.atomic():
        audit = Audit.objects.create(
            reference=next_reference(year=timezone.localdate().year),
            case=case,
            case_reference=case.reference,
            subject_kind=case.subject_kind,
            tool_version=version,
            audit_type=tool.name,
            scheme_id=version.scheme_id,
            purpose=purpose,
            calibration=calibration,
            first_audit=first_audit,
            due_on=due_on,
            mode=mode,
            service_id=case.service_id,
            team_id=case.team_id,
            plan_type=case.plan_type,
            is_cwd=case.is_cwd,
            age_band=case.age_band,
            window_from=_months_before(end, setting(AUDIT_WINDOW_MONTHS.key)),
            window_to=end,
            created_by_id=actor_id(by),
        )
        Transition.objects.create(
            audit=audit, at=at, by_id=actor_id(by), event="create", to_status=audit.status, why=_planned_as(audit)
        )
        record(by=by, verb="create", record=audit, to_state=audit.status, values={"reference": audit.reference})
    return audit


def _planned_as(audit: Audit) -> str:
    """What the story says of an audit that was not planned for itself."""
    if audit.calibration:
        return f"For calibration {audit.calibration.reference}"
    if audit.first_audit:
        return f"To do audit {audit.first_audit.reference} again{_due_words(audit.due_on)}"
    return ""


def _due_words(due_on: date | None) -> str:
    return f", due {date_format(due_on, 'j F Y')}" if due_on else ""


def next_reference(*, year: int, letter: str = "A") -> str:
    """The next free reference of the year, as in A-2026-0001. Its counter is held until the transaction ends.

    A calibration takes its number ("C-2026-0002") from the same row of numbers.
    """
    ReferenceCounter.objects.get_or_create(year=year)
    while True:
        ReferenceCounter.objects.filter(year=year).update(last=F("last") + 1)
        reference = f"{letter}-{year}-{ReferenceCounter.objects.get(year=year).last:04}"
        if not Audit.objects.filter(reference=reference).exists():  # an imported history may hold it
            return reference


def _months_before(day: date, months: int) -> date:
    """The first day of a window of so many months that ends on `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=1)


def free_auditors(*, audit: Audit, judged_by: bool = False) -> list[access.AuditorChoice]:
    """Who may be given the audit instead of whoever has it, the least loaded first.

    Whoever did the first audit comes last in a re-audit. `judged_by` leaves out who judged its grade.
    """
    if audit.case is None:
        return []
    first = audit.first_audit.auditor_id if audit.first_audit else None
    choices = sorted(access.auditors_for(audit.case, audit.window_from), key=lambda choice: choice.user.pk == first)
    return [
        choice
        for choice in choices
        if choice.user.pk != audit.auditor_id and not (judged_by and access.judged(choice.user, audit))
    ]


def allocate_audit(
    *,
    audit: Audit,
    auditor: User,
    by: Any,
    due_on: date | None = None,
    why: str = "",
    version: int | None = None,
) -> Audit:
    """Give a planned audit to an auditor, due as `due_date_of` says unless `due_on` says otherwise.

    Raises NotAllowed naming the category where the auditor has a conflict (NK-2) or is no auditor, and
    ValidationError for a due date in the past.
    """
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "allocate", audit)
        moves = Moves(audit=audit, by=by, version=version)
        due_on = due_on or due_date_of(audit=audit, today=timezone.localdate())
        moves.make(
            "allocate", facts=f"To {auditor.name}{_due_words(due_on)}", why=why,
            values={"auditor": str(auditor.pk), "due_on": due_on.isoformat()},
        )  # fmt: skip
        _give(moves, auditor, due_on)
    return audit


def reassign_audit(*, audit: Audit, auditor: User, by: Any, why: str, keep_answers: bool, version: int) -> Audit:
    """Give an audit that is allocated, under way or returned to another auditor; answers are kept or cleared.

    Safeguarding alerts always stay. One that a moderator returned keeps its answers and its questions, and its
    moderation goes on. Raises as `allocate_audit` does, and ValidationError without a reason.
    """
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "reassign", audit)
        if auditor.pk == audit.auditor_id:
            raise ValidationError({"auditor": f"{auditor.name} has this audit already. Choose somebody else."})
        returned = Moderation.objects.returned().filter(audit=audit).first()
        if returned is not None:
            _give_returned(returned, auditor, by, said(why=why), keep_answers, version)
            return Audit.objects.get(pk=audit.pk)
        if audit.calibration_id and keep_answers:
            raise ValidationError(
                {"keep_answers": "Auditors of a calibration do not see what others wrote. Clear it for the new one."}
            )
        moves = Moves(audit=audit, by=by, version=version)
        due_on, answers = _due_again(audit, timezone.localdate()), "kept" if keep_answers else "cleared"
        facts = f"{_given_on(audit, auditor)}{_due_words(due_on)}"
        if audit.status == AuditStatus.IN_PROGRESS:
            facts += f". What was written so far was {answers}"
        moves.make(
            "reassign", facts=facts, why=why,
            values={
                "auditor": [str(audit.auditor_id), str(auditor.pk)], "due_on": due_on.isoformat(), "answers": answers,
            },
        )  # fmt: skip
        if not keep_answers:
            _clear(moves)
        _give(moves, auditor, due_on)
    return audit


def _give_returned(moderation: Moderation, auditor: User, by: Any, why: str, keep_answers: bool, version: int) -> None:
    """To whoever answers the moderator's questions instead of its auditor; never to who judged it (product.md NK-2)."""
    held = hold_moderation(moderation=moderation, event="reassign_returned")
    audit, before = held.audit, held.audit.auditor_id
    if not keep_answers:
        raise ValidationError({"keep_answers": "This audit was submitted: what was written in it is kept."})
    if access.judged(auditor, audit):
        raise NotAllowed("This audit cannot go to a person who judged its grade. Choose somebody else.")
    _refuse_unfit(audit, auditor)
    facts = _given_on(audit, auditor)
    moves = Moves(audit=audit, by=by, version=version)
    if version != audit.version:
        raise StaleVersion(version=audit.version)
    moves.set(auditor=auditor)
    moves.save()
    move_held(
        held=held, event="reassign_returned", by=by, facts=facts, why=why,
        values={"auditor": [str(before), str(auditor.pk)], "answers": "kept"},
    )  # fmt: skip
    tell_auditor(held=held, kind="audit_returned")


def _given_on(audit: Audit, auditor: User) -> str:
    """To whom an audit is given, and from whom."""
    return f"To {auditor.name}" + (f" instead of {audit.auditor.name}" if audit.auditor else "")


def usual_due_date(*, today: date) -> date:
    """When an audit that is allocated today is due: so many working days on, as the settings say."""
    return add_working_days(today, setting(AUDIT_DAYS.key, on=today), closing_days())


def _due_again(audit: Audit, today: date) -> date:
    """When an audit that goes to somebody else is due: as usual, or with the others of its calibration."""
    if audit.calibration and audit.calibration.due_on >= today:
        return audit.calibration.due_on
    return usual_due_date(today=today)


def due_date_of(*, audit: Audit, today: date) -> date:
    """When a planned audit will be due: the day for which a re-audit is booked while it has not passed, or as usual."""
    return audit.due_on if audit.due_on and audit.due_on >= today else usual_due_date(today=today)


def _give(moves: Moves, auditor: User, due_on: date) -> None:
    _refuse_unfit(moves.audit, auditor)
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": "The due date must be today or later."})
    moves.set(auditor=auditor, allocated_at=moves.at, due_on=due_on)
    tell_whoever_does_it(audit=moves.audit, kind="audit_allocated", at=moves.at)
    moves.save()


def _refuse_unfit(audit: Audit, auditor: User) -> None:
    if not auditor.is_active or not auditor.holds(Role.AUDITOR):
        raise NotAllowed("This person is not an auditor, or can no longer sign in. Choose somebody else.")
    found = access.conflicts(auditor, audit.case, audit.window_from) if audit.case else []
    if found:
        raise NotAllowed(f"This audit cannot go to a person who {' and '.join(found)}. Choose somebody else.")
    others = Audit.objects.filter(calibration=audit.calibration_id, auditor=auditor).exclude(pk=audit.pk)
    if audit.calibration_id and others.exclude(status=AuditStatus.VOID).exists():
        raise NotAllowed("This person has an audit of the same case in this calibration. Choose somebody else.")


def _clear(moves: Moves) -> None:
    moves.audit.sections.all().delete()
    moves.audit.conversations.all().delete()
    moves.set(
        auditor_grade="", rationale="", working_well="", worries="", next_steps="", immediate_actions="",
        override_reason="", exemplar_nominated=False, no_family_feedback_reason="", overall_saved_at=None,
    )  # fmt: skip


def move_due_date(*, audit: Audit, due_on: date, by: Any, why: str, version: int | None = None) -> Audit:
    """Change when an audit that somebody has to do is due, with a reason; both dates stay in its history.

    Its auditor hears of it, unless they did it themselves.
    Raises NotAllowed, and ValidationError for a day that has passed, that it is due on already, or on which its
    calibration is over.
    """
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "move_due", audit)
        moves = Moves(audit=audit, by=by, version=version)
        if due_on < timezone.localdate():
            raise ValidationError({"due_on": "The due date must be today or later."})
        if due_on == audit.due_on:
            raise ValidationError({"due_on": "It is due on that day already."})
        if audit.calibration and due_on > audit.calibration.due_on:
            last = date_format(audit.calibration.due_on, "j F Y")
            raise ValidationError({"due_on": f"The last day of its calibration is {last}. Choose a day before that."})
        before = audit.due_on.isoformat() if audit.due_on else ""
        facts = f"Due {date_format(due_on, 'j F Y')}"
        facts += f" instead of {date_format(audit.due_on, 'j F Y')}" if audit.due_on else ""
        moves.make("move_due", facts=facts, why=why, values={"due_on": [before, due_on.isoformat()]})
        moves.set(due_on=due_on)
        if audit.auditor_id != actor_id(by):
            tell_whoever_does_it(audit=audit, kind="audit_due_moved", at=moves.at)
        moves.save()
    return audit


def decline_audit(*, audit: Audit, by: Any, why: str, version: int) -> Audit:
    """Hand an allocated audit back with a reason; it can be allocated again."""
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "decline", audit)
        moves = Moves(audit=audit, by=by, version=version)
        moves.make("decline", why=why)
        moves.set(auditor=None, allocated_at=None, due_on=None)
        moves.save()
    return audit


def void_audit(*, audit: Audit, by: Any, why: str, version: int | None) -> Audit:
    """Make an audit void, with a reason: it counts nowhere and cannot be brought back. Not once it is settled."""
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "void", audit)
        before = tallies.contribution(audit=audit)
        moves = Moves(audit=audit, by=by, version=version)
        moves.make("void", why=why)
        withdraw_moderation(moves=moves, why=why)
        drop_disputes(audit=audit, by=by)
        tallies.move(before=before, after=tallies.contribution(audit=audit))
        moves.save()
    return audit
