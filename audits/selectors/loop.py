"""What the pages of an audit print of closing the loop: what happens next and by when, the response, its actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, Subquery

from actions.querysets import ActionQuerySet
from actions.selectors.pages import ActionLine, action_lines, in_order
from audits.choices import (
    DISPUTE_UNDER_WAY,
    AuditPurpose,
    AuditStatus,
    ChallengeStatus,
    ClockKind,
    ClockState,
    DisputeStatus,
    FindingKind,
    Grade,
    ModerationStatus,
    ResponseStatus,
    View,
)
from audits.models import (
    Audit,
    Challenge,
    Clock,
    ExemplarConsent,
    Feedback,
    FeedbackMeeting,
    Finding,
    HeldOpen,
    Moderation,
    Reflection,
    Response,
    ThankYou,
)
from audits.querysets import ChallengeQuerySet, ReflectionQuerySet
from audits.rules.responding import is_acknowledged_only, needs_countersignature
from audits.selectors.pages import auditor_name, in_words
from core.page_parts import TimelineEntry
from core.working_days import when_due

STEP_ORDER = (ClockKind.SAFETY, ClockKind.RESPONSE, ClockKind.MEETING, ClockKind.CHALLENGE, ClockKind.DECISION)
VIEW_COLOURS = {View.AGREE: "green", View.PARTLY: "yellow", View.DISAGREE: "orange"}


@dataclass(frozen=True)
class NextStep:
    """One thing that happens next: what, who does it, by when, and how it stands."""

    what: str
    who: str
    by: dt.date | None
    state: str
    colour: str
    late: bool


@dataclass(frozen=True)
class PointRead:
    """A point of the feedback and what the manager said to it."""

    id: UUID
    text: str
    section: str
    view: str
    colour: str
    answer: str


@dataclass(frozen=True)
class ResponseRead:
    """The manager's response for reading."""

    status: str
    given_at: dt.datetime | None
    given_by: str
    countersigned_at: dt.datetime | None
    countersigned_by: str
    safety: str
    safety_at: dt.datetime | None
    safety_by: str
    summary: str
    returned_why: str
    waits: bool
    points: tuple[PointRead, ...]


@dataclass(frozen=True)
class Seen:
    """What one reader may see of an audit's loop, already scoped; `key` is the reader's own."""

    key: UUID | None
    actions: ActionQuerySet
    challenges: ChallengeQuerySet
    reflections: ReflectionQuerySet


@dataclass(frozen=True)
class Loop:
    """Everything about closing the loop that a page prints."""

    issued_at: dt.datetime | None
    number: int
    steps: tuple[NextStep, ...]
    response: ResponseRead | None
    actions: tuple[ActionLine, ...]
    held_why: str
    waits: tuple[str, ...]
    challenge_open: bool
    challenges: tuple[Challenge, ...]
    decisions: tuple[Challenge, ...]
    reflections: tuple[Reflection, ...]
    meetings: tuple[FeedbackMeeting, ...]
    thanks: tuple[ThankYou, ...]
    consent: ExemplarConsent | None
    consents: tuple[ExemplarConsent, ...]


def loop_of(audit: Audit, today: dt.date, *, reader: Seen, waits: Iterable[str] = (), in_full: bool = False) -> Loop:
    """The loop of an audit whose feedback is issued; `reader` holds what of it the reader may see.

    `in_full` also shows a response that is not given yet, why the audit is held open, and who agreed to be an example.
    """
    there = _what_there_is(audit)
    challenges = list(audit.challenges.order_by("opened_at")) if there["has_challenges"] else []
    consents = tuple(audit.consents.select_related("person")) if there["has_consents"] else ()
    response = response_of(audit) if there["has_response"] else None
    lines = tuple(action_lines(in_order(reader.actions, "due"), today))
    hold = audit.holds.filter(released_at=None).first() if in_full and there["has_holds"] else None
    return Loop(
        issued_at=audit.feedback_issued_at,
        number=there["number"] or 1,
        steps=tuple(_steps(audit, today, response, lines)),
        response=_response_read(audit, response, in_full=in_full),
        actions=lines,
        held_why=hold.why if hold else "",
        waits=tuple(waits),
        challenge_open=any(each.status == ChallengeStatus.OPEN for each in challenges),
        challenges=tuple(reader.challenges.select_related("opened_by")) if challenges else (),
        decisions=tuple(each for each in challenges if each.status == ChallengeStatus.DECIDED),
        reflections=tuple(reader.reflections.exclude(text="").select_related("person"))
        if there["has_reflections"]
        else (),
        meetings=tuple(audit.meetings.select_related("recorded_by")) if there["has_meetings"] else (),
        thanks=tuple(audit.thanks.select_related("by")) if there["has_thanks"] else (),
        consent=next((each for each in consents if each.person_id == reader.key), None),
        consents=consents if in_full else (),
    )


_PARTS: dict[str, type[Model]] = {
    "response": Response,
    "challenges": Challenge,
    "reflections": Reflection,
    "meetings": FeedbackMeeting,
    "thanks": ThankYou,
    "consents": ExemplarConsent,
    "holds": HeldOpen,
}


def _what_there_is(audit: Audit) -> dict[str, Any]:
    """Which parts of the loop an audit has, and the number of its feedback: most have few, and only those are read."""
    parts = {f"has_{name}": Exists(model._default_manager.filter(audit=audit.pk)) for name, model in _PARTS.items()}
    number = Feedback.objects.filter(audit=audit.pk).order_by("-number").values("number")[:1]
    rows: Any = Audit.objects.filter(pk=audit.pk).values(number=Subquery(number), **parts)
    return dict(rows.get())


def reflection_of(audit: Audit, person: Any) -> Reflection | None:
    """What this person wrote about the feedback so far."""
    return Reflection.objects.filter(audit=audit, person=person.pk).first()


def response_of(audit: Audit) -> Response | None:
    """The manager's response with its points, given or not; None where nobody has begun one."""
    found = Response.objects.filter(audit=audit).prefetch_related("points")
    return found.select_related("given_by", "countersigned_by", "safety_by", "saved_by").first()


def _steps(
    audit: Audit, today: dt.date, response: Response | None, actions: Iterable[ActionLine]
) -> Iterable[NextStep]:
    clocks = {clock.kind: clock for clock in audit.clocks.exclude(state=ClockState.STOPPED).order_by("started_on")}
    for kind in STEP_ORDER:
        if kind in clocks:
            yield _step(audit, clocks[kind], today, response)
    waiting = [line for line in actions if line.when]
    if waiting:
        first = min(line.due_on for line in waiting)
        late = first < today
        many = f"{len(waiting)} actions are" if len(waiting) > 1 else "1 action is"
        yield NextStep(
            f"{many} to be done and verified", "Whoever owns them", first,
            when_due(first, today) if not late else f"The first is {when_due(first, today)}",
            "red" if late else "blue", late,
        )  # fmt: skip


def step_before_feedback(audit: Audit, today: dt.date, *, issued_on: dt.date | None) -> NextStep | None:
    """What an audit waits for before its feedback is issued: what, who and by when; None where nothing follows.

    Expects `moderations__moderator` to be loaded. `issued_on` is when the feedback of a settled audit issues itself.
    """
    if audit.status == AuditStatus.SUBMITTED:
        moderation = max(audit.moderations.all(), key=lambda each: each.submission, default=None)
        found = _judged_next(audit, moderation) if moderation is not None else None
    else:
        who = auditor_name(audit)
        found = {
            AuditStatus.PLANNED: ("Give it to an auditor", "The QA unit", audit.due_on),
            AuditStatus.ALLOCATED: ("Start the audit and submit it", who, audit.due_on),
            AuditStatus.IN_PROGRESS: ("Finish the audit and submit it", who, audit.due_on),
            AuditStatus.SETTLED: ("Issue the feedback", "The QA lead or the moderator, else by itself", issued_on),
        }.get(AuditStatus(audit.status))
        if audit.status == AuditStatus.SETTLED and audit.purpose == AuditPurpose.CALIBRATION:
            return None
    if found is None:
        return None
    what, who, by = found
    late = by is not None and by < today
    when = _first_capital(when_due(by, today)) if by else "No date"
    return NextStep(what, who, by, when, "red" if late else "blue" if by else "grey", late)


def _judged_next(audit: Audit, moderation: Moderation) -> tuple[str, str, dt.date | None] | None:
    """What a submission waits for."""
    auditor, moderator = auditor_name(audit), str(moderation.moderator or "A moderator")
    if moderation.status == ModerationStatus.DISPUTED:
        dispute = audit.disputes.filter(status__in=DISPUTE_UNDER_WAY).select_related("second_moderator").first()
        if dispute is None or dispute.status == DisputeStatus.WITH_PANEL:
            return ("Decide the dispute", "The panel, at its next meeting", None)
        return (
            "Decide the dispute",
            str(dispute.second_moderator or "A moderator not involved before"),
            dispute.due_on,
        )
    return {
        ModerationStatus.SELECTED: ("Read the submission and decide about the grade", moderator, moderation.due_on),
        ModerationStatus.OPENED: ("Decide about the grade", moderator, moderation.due_on),
        ModerationStatus.RETURNED: ("Answer the moderator’s questions and submit it again", auditor, None),
        ModerationStatus.WITH_QA_LEAD: ("Decide what becomes of an audit that was returned twice", "A QA lead", None),
        ModerationStatus.AWAITING_ACCEPTANCE: (
            "Accept the changed grade or dispute it; silence accepts", auditor, moderation.answer_by
        ),
        ModerationStatus.AWAITING_CONFIRMATION: (
            "Confirm the inadequate grade", "A head of service who had no part in it", moderation.confirm_by
        ),
    }.get(ModerationStatus(moderation.status))  # fmt: skip


def beside_the_moves(audit: Audit, loop: Loop | None) -> list[TimelineEntry]:
    """What happened to an audit without moving it: alerts, and of the `loop` that the reader sees what was said.

    Expects `alerts__raised_by` to be loaded.
    """
    found = [
        TimelineEntry("Raised a safeguarding alert", alert.raised_at, str(alert.raised_by or "the system"))
        for alert in audit.alerts.all()
    ]
    if loop is None:
        return found
    said = loop.response
    if said is not None and said.safety_at is not None:
        found.append(TimelineEntry("Said that the child is safe now", said.safety_at, said.safety_by))
    if said is not None and said.given_at is not None and (said.waits or said.countersigned_at):
        found.append(TimelineEntry("Gave the response, to be countersigned", said.given_at, said.given_by))
    for meeting in loop.meetings:
        text = f"Held on {in_words(meeting.held_on)}, with {meeting.attended}"
        found.append(
            TimelineEntry("Recorded the feedback meeting", meeting.recorded_at, str(meeting.recorded_by), text)
        )
    found += [TimelineEntry("Said thank you", thanks.at, str(thanks.by), thanks.text) for thanks in loop.thanks]
    return found


_WORDS = {
    ClockKind.SAFETY: ("Say what has been done so that the child is safe now", "Team manager"),
    ClockKind.MEETING: ("Talk about the feedback", "Practitioner and team manager"),
    ClockKind.CHALLENGE: ("Challenge facts or the grade, if you see them otherwise", "Practitioner or team manager"),
    ClockKind.DECISION: ("Decide the challenge", "A moderator who was not involved"),
}


def _step(audit: Audit, clock: Clock, today: dt.date, response: Response | None) -> NextStep:
    if clock.kind == ClockKind.RESPONSE:
        words = _response_words(audit.counted_grade, response)
    else:
        words = _WORDS[ClockKind(clock.kind)]
    if clock.state == ClockState.MET:
        return NextStep(*words, clock.due_on, "Done", "green", False)
    if clock.state == ClockState.PAUSED:
        return NextStep(*words, clock.due_on, "Paused while a challenge is open", "grey", False)
    late = clock.due_on < today
    if clock.kind == ClockKind.CHALLENGE and late:
        return NextStep(*words, clock.due_on, "The time for this is over", "grey", False)
    return NextStep(
        *words, clock.due_on, _first_capital(when_due(clock.due_on, today)), "red" if late else "blue", late
    )


def _response_words(grade: str, response: Response | None) -> tuple[str, str]:
    if response is not None and response.status == ResponseStatus.COUNTERSIGN:
        return "Countersign the response", "Service lead or head of service"
    if is_acknowledged_only(grade):
        return "Acknowledge the feedback", "Team manager"
    if needs_countersignature(grade):
        return "Respond to each point, countersigned", "Team manager, then the service lead or somebody above"
    return "Respond to each point", "Team manager"


def _first_capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _response_read(audit: Audit, response: Response | None, *, in_full: bool) -> ResponseRead | None:
    """The response as this reader sees it: before it is given, the statement on safety alone."""
    if response is None:
        return None
    shown = in_full or response.status == ResponseStatus.GIVEN
    if not shown and response.safety_at is None:
        return None
    said = {point.finding_id: point for point in response.points.all()} if shown else {}
    findings = audit.findings.filter(kind=FindingKind.DEVELOPMENT).select_related("audit_section__section")
    return ResponseRead(
        status=response.get_status_display(),
        given_at=response.given_at if shown else None,
        given_by=response.given_by.name if response.given_by and shown else "",
        countersigned_at=response.countersigned_at,
        countersigned_by=response.countersigned_by.name if response.countersigned_by else "",
        safety=response.safety,
        safety_at=response.safety_at,
        safety_by=response.safety_by.name if response.safety_by else "",
        summary=response.summary if shown else "",
        returned_why=response.returned_why if in_full else "",
        waits=response.status != ResponseStatus.GIVEN,
        points=tuple(_point(finding, said.get(finding.pk)) for finding in findings) if said else (),
    )


def _point(finding: Finding, said: object) -> PointRead:
    view = getattr(said, "view", "")
    return PointRead(
        id=finding.pk,
        text=finding.text,
        section=finding.audit_section.section.title,
        view=View(view).label if view else "Not answered",
        colour=VIEW_COLOURS[View(view)] if view else "grey",
        answer=getattr(said, "text", ""),
    )


def grade_words(grade: str) -> str:
    """The grade in small letters, or that there is none."""
    return Grade(grade).label.lower() if grade else "no grade"
