"""The manager's answer to an audit: the statement on safety, the response to each point, the countersignature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.access import people_as
from accounts.choices import Role
from accounts.models import User
from audits import access
from audits.choices import AuditStatus, ClockKind, ClockState, FindingKind, ResponseStatus, View
from audits.models import Audit, Clock, Finding, Response, ResponsePoint
from audits.rules import responding as rules
from audits.rules.responding import Answered
from audits.services import tallies
from audits.services.clocks import end_clock
from audits.services.closing import close_when_done
from audits.services.moves import Moves, StaleVersion, lock_audit, said
from audits.services.saving import one_line_end
from audits.workflow import refusal
from core.history.services import record
from core.notifications.services import notify_who_sees
from core.workflow import IllegalMove

_LINE_ABOVE = (Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)


@dataclass(frozen=True)
class ResponseDraft:
    """What somebody wrote so far: the response as a whole, and what is said to each point by the finding's key."""

    summary: str = ""
    answers: Mapping[UUID, Answered] = field(default_factory=dict)


def draft_of(*, response: Response | None) -> ResponseDraft:
    """The response as it is stored."""
    if response is None:
        return ResponseDraft()
    answers = {point.finding_id: Answered(point.view, point.text) for point in response.points.all()}
    return ResponseDraft(response.summary, answers)


def points_of(*, audit: Audit) -> list[Finding]:
    """The points that a manager answers: what is to be developed, in the order of the form."""
    return list(audit.findings.filter(kind=FindingKind.DEVELOPMENT).select_related("audit_section__section"))


def save_response(*, audit: Audit, by: Any, draft: ResponseDraft, version: int) -> Response:
    """Keep a draft. `version` is what the person had read, 0 where nothing stood there yet.

    Raises NotAllowed, IllegalMove once it was given, and StaleVersion with what somebody else saved.
    """
    with transaction.atomic():
        held, response = _open_response(audit, by, version)
        _store(held, response, by, draft)
    return response


def safety_is_asked(*, audit: Audit) -> bool:
    """Whether the line says first that the child is safe: practice is inadequate, or was when the clock began."""
    if rules.needs_safety_statement(audit.counted_grade):
        return True
    return Clock.objects.filter(audit=audit, kind=ClockKind.SAFETY, state=ClockState.RUNNING).exists()


def must_ask_safety(*, audit: Audit) -> None:
    """Raises IllegalMove where no statement on safety is asked for."""
    if not safety_is_asked(audit=audit):
        raise IllegalMove("A statement on safety is asked for only where practice was judged inadequate.")


def give_safety_statement(*, audit: Audit, by: Any, text: str) -> Response:
    """Say what has been done so that the child is safe now; its clock is met. It is said once and stays.

    Raises ValidationError, NotAllowed and IllegalMove.
    """
    with transaction.atomic():
        held = lock_audit(audit=audit)
        access.require(by, "respond", held)
        if held.status not in (AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED):
            raise IllegalMove(refusal("audit", "respond", held.get_status_display()))
        must_ask_safety(audit=held)
        faults = rules.faults_of_safety(text)
        if faults:
            raise ValidationError(faults)
        response = _response(held)
        if response.safety_at is not None:
            raise IllegalMove("The statement on safety has been given already; you cannot change it.")
        at = timezone.now()
        _change(response, safety=one_line_end(text=text.strip()), safety_at=at, safety_by=by)
        end_clock(audit=held, kind=ClockKind.SAFETY, at=at, by=by)
        record(by=by, verb="state_safety", record=response, values={"audit": str(held.pk)})
    return response


def give_response(*, audit: Audit, by: Any, draft: ResponseDraft, version: int) -> Response:
    """Give the response. An inadequate audit's then waits for a countersignature; every other is answered with it.

    Raises ValidationError by field with all that is missing, NotAllowed, IllegalMove and StaleVersion.
    """
    with transaction.atomic():
        held, response = _open_response(audit, by, version)
        _store(held, response, by, draft)
        faults = rules.faults_of_response(
            grade=held.counted_grade,
            points=[point.pk for point in points_of(audit=held)],
            answers=draft.answers,
            summary=draft.summary,
            safety_given=response.safety_at is not None,
        )
        if faults:
            raise ValidationError(faults)
        at = timezone.now()
        waits = rules.needs_countersignature(held.counted_grade)
        status = ResponseStatus.COUNTERSIGN if waits else ResponseStatus.GIVEN
        before = response.status
        _change(response, status=status, given_at=at, given_by=by, returned_why="")
        record(by=by, verb="give", record=response, from_state=before, to_state=status)
        if waits:
            _tell(held, response, "response_to_countersign", _countersigners(held, by))
        else:
            _responded(held, by, at)
    return response


def countersign_response(*, audit: Audit, by: Any, version: int) -> Response:
    """A service lead or somebody above puts their name to the response: with it the audit is answered.

    Raises NotAllowed for whoever gave it, IllegalMove and StaleVersion.
    """
    with transaction.atomic():
        held, response = _waiting_response(audit, by, version)
        at = timezone.now()
        _change(response, status=ResponseStatus.GIVEN, countersigned_at=at, countersigned_by=by)
        record(
            by=by, verb="countersign", record=response, from_state=ResponseStatus.COUNTERSIGN, to_state=response.status
        )
        _responded(held, by, at, facts=f"Countersigned the response of {response.given_by or 'the manager'}")
    return response


def send_response_back(*, audit: Audit, by: Any, why: str, version: int) -> Response:
    """Not yet: back to the manager as a draft, with the reason. Raises ValidationError without one, and as above."""
    with transaction.atomic():
        held, response = _waiting_response(audit, by, version)
        why = said(why=why)
        giver = response.given_by
        _change(response, status=ResponseStatus.DRAFT, given_at=None, given_by=None, returned_why=why)
        record(
            by=by, verb="send_back", record=response, from_state=ResponseStatus.COUNTERSIGN, to_state=response.status,
            why=why,
        )  # fmt: skip
        _tell(held, response, "response_sent_back", [giver] if giver else [])
    return response


def _open_response(audit: Audit, by: Any, version: int) -> tuple[Audit, Response]:
    """The audit, locked, and its response while it may still be changed."""
    held = lock_audit(audit=audit)
    access.require(by, "respond", held)
    if held.status != AuditStatus.FEEDBACK_ISSUED:
        raise IllegalMove(refusal("audit", "respond", held.get_status_display()))
    response = _response(held)
    if response.status != ResponseStatus.DRAFT:
        raise IllegalMove(refusal("response", "save", response.get_status_display()))
    if version != response.version and (version, response.saved_at) != (0, None):
        raise StaleVersion(
            theirs=draft_of(response=response), version=response.version, saved_by=response.saved_by,
            saved_at=response.saved_at,
        )  # fmt: skip
    return held, response


def _waiting_response(audit: Audit, by: Any, version: int) -> tuple[Audit, Response]:
    held = lock_audit(audit=audit)
    access.require(by, "countersign", held)
    response = Response.objects.filter(audit=held).first()
    if response is None or response.status != ResponseStatus.COUNTERSIGN:
        words = response.get_status_display() if response else held.get_status_display()
        raise IllegalMove(refusal("response", "countersign", words))
    if version != response.version:
        raise StaleVersion(version=response.version, saved_by=response.saved_by, saved_at=response.saved_at)
    return held, response


def _response(audit: Audit) -> Response:
    response, _ = Response.objects.get_or_create(audit=audit)
    return response


def _change(response: Response, **values: Any) -> None:
    changed = Response.objects.filter(pk=response.pk, version=response.version).update(
        version=F("version") + 1, **values
    )
    if not changed:
        raise StaleVersion(version=response.version)
    for name, value in {**values, "version": response.version + 1}.items():
        setattr(response, name, value)


def _store(audit: Audit, response: Response, by: Any, draft: ResponseDraft) -> None:
    """Write the draft down; points that this audit does not have are left out."""
    known = {point.pk for point in points_of(audit=audit)}
    for key in known & set(draft.answers):
        answer = draft.answers[key]
        view = answer.view if answer.view in View.values else ""
        ResponsePoint.objects.update_or_create(
            response=response, finding_id=key, defaults={"view": view, "text": one_line_end(text=answer.text)}
        )
    _change(response, summary=one_line_end(text=draft.summary), saved_at=timezone.now(), saved_by=by)
    record(by=by, verb="save", record=response, values={"points": len(draft.answers)})


def _responded(audit: Audit, by: Any, at: Any, *, facts: str = "") -> None:
    before = tallies.contribution(audit=audit)
    moves = Moves(audit=audit, by=by)
    moves.make("respond", facts=facts)
    end_clock(audit=audit, kind=ClockKind.RESPONSE, at=at, by=by)
    tallies.move(before=before, after=tallies.contribution(audit=audit))
    moves.save()
    close_when_done(audit=audit)


def _countersigners(audit: Audit, giver: Any) -> list[User]:
    """The nearest above who may countersign: the service lead, else the head of service; never the giver."""
    for role in _LINE_ABOVE:
        people = [
            person
            for person in people_as([role], [audit.team, audit.service])
            if person.pk != giver.pk and Audit.objects.visible_to(person).filter(pk=audit.pk).exists()
        ]
        if people:
            return people
    return []


def _tell(audit: Audit, response: Response, kind: str, people: Iterable[User]) -> None:
    notify_who_sees(
        record=audit,
        people=people,
        kind=kind,
        event=f"{response.pk}:{response.version}",
        link=reverse("audits:detail", args=[audit.pk]),
        reference=audit.reference,
    )
