"""What the pages of audits print: lists, the summary at the top of an audit, its task list, its reading view.

The list of audits takes these parameters in its address; the pages that break grades down link to it with
them, under the names in `ListFilters`:

| parameter | value |
|---|---|
| `month_from`, `month_to` | `YYYY-MM`: the months in which an audit counts, both included |
| `service`, `team` | the UUID of the unit as the audit carries it |
| `plan_type` | a key of `cases.choices.PlanType`; `none` for audits without one |
| `tool` | the audit type as written on the audit (`Audit.audit_type`) |
| `grade` | one of the four grades: the audit's counted grade, or with `section` that section's |
| `section` | the key of a section: audits with a counted grade in it |
| `stage` | `provisional`, `settled`, `issued`, or `final` (settled or issued) |
| `counted` | `1`: only audits that grade reports count (a drill-down always sends it) |
| `status` | a key of `AuditStatus` |
| `auditor` | the UUID of a person |
| `mine` | `1`: allocated to the reader and not submitted yet |
| `overdue` | `1`: not submitted yet and past its due date |
| `due_today` | `1`: not submitted yet and due today |
| `awaiting` | `response`, `late` (a response), `countersign`, `challenge`: what an issued audit waits for |
| `sort`, `page` | a key of `SORTS`, with `-` before it to turn the order round; a number from 1 |
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Prefetch, Q
from django.db.models.expressions import OrderBy
from django.urls import reverse

from audits import workflow
from audits.choices import (
    GRADE_FINAL,
    ISSUED,
    OPEN_TO_AUDITOR,
    AlertStatus,
    AuditPurpose,
    AuditStatus,
    ClockKind,
    ClockState,
    FindingKind,
    ModerationOutcome,
    SectionState,
    TallyStage,
)
from audits.models import Audit, AuditSection, Clock, Finding, Moderation, Theme, Transition
from audits.querysets import AuditQuerySet
from audits.rules.submission import in_round
from audits.selectors import judging
from audits.selectors.drafting import GradeChoice, grade_choices, question_options
from audits.selectors.readiness import asked_section, written_section
from cases.choices import PlanType
from cases.models import Holding
from core.page_parts import SummaryRow, TaskItem, TimelineEntry
from core.working_days import when_due

PAGE_SIZE = 50

STATUS_COLOURS = {
    AuditStatus.PLANNED: "grey",
    AuditStatus.ALLOCATED: "blue",
    AuditStatus.IN_PROGRESS: "light-blue",
    AuditStatus.SUBMITTED: "purple",
    AuditStatus.SETTLED: "teal",
    AuditStatus.FEEDBACK_ISSUED: "green",
    AuditStatus.RESPONDED: "green",
    AuditStatus.CLOSED: "green",
    AuditStatus.VOID: "grey",
}
ALERT_COLOURS = {
    AlertStatus.RAISED: "red",
    AlertStatus.ACKNOWLEDGED: "orange",
    AlertStatus.RESOLVED: "teal",
    AlertStatus.CHECKED: "green",
}
SECTION_COLOURS = {
    SectionState.NOT_STARTED: "blue",
    SectionState.IN_PROGRESS: "light-blue",
    SectionState.COMPLETE: "",
    SectionState.NOT_APPLICABLE: "",
}

# What may stand in `sort`, and the column it sorts by. Anything else is the default order.
SORTS = {
    "reference": "reference",
    "due": "due_on",
    "submitted": "submitted_at",
    "service": "service__name",
    "team": "team__name",
    "type": "audit_type",
    "auditor": "auditor__name",
    "status": "status",
    "newest": "created_at",
}
STAGES: Mapping[str, tuple[str, ...]] = {
    TallyStage.PROVISIONAL: (AuditStatus.SUBMITTED,),
    TallyStage.SETTLED: (AuditStatus.SETTLED,),
    TallyStage.ISSUED: ISSUED,
    "final": GRADE_FINAL,
}


@dataclass(frozen=True)
class ListFilters:
    """What the list of audits is narrowed to; every field as in the table above, None or "" for no narrowing."""

    month_from: dt.date | None = None
    month_to: dt.date | None = None
    service: UUID | None = None
    team: UUID | None = None
    plan_type: str = ""
    tool: str = ""
    grade: str = ""
    section: str = ""
    stage: str = ""
    counted: bool = False
    status: str = ""
    auditor: UUID | None = None
    mine: UUID | None = None
    overdue_on: dt.date | None = None
    due_on: dt.date | None = None
    awaiting: str = ""
    today: dt.date | None = None


def narrowed(audits: AuditQuerySet, filters: ListFilters) -> AuditQuerySet:
    """The audits that the filters leave, of an already scoped queryset."""
    where = Q()
    for name in ("service", "team", "status", "auditor"):
        if value := getattr(filters, name):
            where &= Q(**{name: value})
    if filters.month_from:
        where &= Q(month__gte=filters.month_from)
    if filters.month_to:
        where &= Q(month__lte=filters.month_to)
    if filters.plan_type:
        where &= Q(plan_type="" if filters.plan_type == "none" else filters.plan_type)
    if filters.tool:
        where &= Q(audit_type=filters.tool)
    if filters.stage:
        where &= Q(status__in=STAGES.get(filters.stage, ()))
    if filters.mine:
        where &= Q(auditor=filters.mine, status__in=OPEN_TO_AUDITOR)
    if filters.due_on:
        where &= Q(due_on=filters.due_on, status__in=OPEN_TO_AUDITOR)
    found = audits.filter(where)
    if filters.counted:
        found = found.counted()
    if filters.awaiting:
        found = found.awaiting(filters.awaiting, filters.today)
    if filters.overdue_on:
        found = found.overdue(filters.overdue_on)
    if filters.section:
        return found.filter(_graded_in(filters.section, filters.grade))
    return found.filter(counted_grade=filters.grade) if filters.grade else found


def _graded_in(section: str, grade: str) -> Q:
    """Audits in which this section has a grade that counts (as `grade`, when one is given): the settled one first."""
    final = Q(sections__settled_grade=F("scheme__grades__key")) | Q(
        sections__settled_grade="", sections__grade=F("scheme__grades__key")
    )
    meaning = Q(scheme__grades__counts_as=grade) if grade else ~Q(scheme__grades__counts_as="")
    applies = Q(sections__section__key=section) & ~Q(sections__state=SectionState.NOT_APPLICABLE)
    return final & meaning & applies


def in_order(audits: AuditQuerySet, sort: str, default: str = "-newest") -> AuditQuerySet:
    """The audits in the order asked for, the same on every page: rows without a value last, ties by key."""
    asked = sort if sort.removeprefix("-") in SORTS else default
    column = SORTS[asked.removeprefix("-")]
    direction = OrderBy(F(column), descending=asked.startswith("-"), nulls_last=True)
    if column == "created_at":  # never empty; the plain order is the one that the index holds
        direction = OrderBy(F(column), descending=asked.startswith("-"))
    return audits.order_by(direction, "id")


@dataclass(frozen=True)
class Due:
    """When an audit, or an answer to it, is due: "due 4 March 2026, in 3 working days".

    `when` is the last part of `words`; `what` says what is due where it is not the audit itself.
    """

    on: dt.date | None
    words: str
    overdue: bool
    when: str = ""
    what: str = ""


def due(audit: Audit, today: dt.date) -> Due:
    """When the audit is due, as seen today; no words once it was submitted."""
    if audit.due_on is None or audit.status not in OPEN_TO_AUDITOR:
        return Due(audit.due_on, "", False)
    return _due(audit.due_on, today)


def _due(on: dt.date, today: dt.date, what: str = "") -> Due:
    when = when_due(on, today)
    return Due(on, f"due {in_words(on)}, {when}", on < today, when, what)


_ANSWERS_DUE = {
    ClockKind.SAFETY: "Statement on safety",
    ClockKind.RESPONSE: "Response",
    ClockKind.DECISION: "Decision of the challenge",
}


def answers_due(audits: Iterable[Audit], today: dt.date) -> dict[UUID, Due]:
    """By audit, what is still to be said to its feedback and by when: of several things the first. One query."""
    issued = [audit.pk for audit in audits if audit.status in (AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED)]
    clocks = Clock.objects.filter(audit__in=issued, state=ClockState.RUNNING, kind__in=_ANSWERS_DUE)
    found: dict[UUID, Due] = {}
    for key, kind, on in clocks.order_by("due_on", "kind").values_list("audit", "kind", "due_on"):
        found.setdefault(key, _due(on, today, _ANSWERS_DUE[ClockKind(kind)]))
    return found


def in_words(day: dt.date) -> str:
    """A date as people write it: "4 March 2026"."""
    return f"{day.day} {day:%B} {day.year}"


@dataclass(frozen=True)
class AuditRow:
    """One line of a list of audits. `grade` is empty where there is none yet."""

    id: UUID
    reference: str
    case_reference: str
    case_id: UUID | None
    service: str
    team: str
    plan: str
    audit_type: str
    auditor: str
    status: str
    colour: str
    grade: str
    provisional: bool
    due: Due
    month: dt.date | None


# Whole rows of five tables, most of them texts and moments, take longer to read than the page to print.
_OF_A_LINE = (
    "reference", "case_reference", "case__reference", "service__name", "team__name", "plan_type", "is_cwd",
    "audit_type", "calibration", "auditor__name", "auditor_name", "status", "grade", "due_on", "month",
)  # fmt: skip


def for_rows(audits: AuditQuerySet) -> AuditQuerySet:
    """The audits with what a line of a list needs and nothing else, in one query."""
    return audits.select_related("service", "team", "auditor", "case").only(*_OF_A_LINE)


def audit_rows(audits: Iterable[Audit], today: dt.date) -> list[AuditRow]:
    """The lines of a list, of audits from `for_rows`."""
    listed = list(audits)
    answers = answers_due(listed, today)
    returned = returned_among(listed)
    return [
        AuditRow(
            id=audit.pk,
            reference=audit.reference,
            case_reference=case_reference(audit),
            case_id=audit.case_id,
            service=audit.service.name,
            team=audit.team.name if audit.team else "",
            plan=plan_words(audit),
            audit_type=f"{audit.audit_type} (calibration)" if audit.calibration_id else audit.audit_type,
            auditor=auditor_name(audit),
            status=status_shown(audit, returned)[0],
            colour=status_shown(audit, returned)[1],
            grade=shown_grade(audit),
            provisional=audit.status == AuditStatus.SUBMITTED,
            due=answers.get(audit.pk) or due(audit, today),
            month=audit.month,
        )
        for audit in listed
    ]


def returned_among(audits: Iterable[Audit]) -> set[UUID]:
    """The keys of those that are back with their auditor, who has a moderator's questions to answer. One query."""
    submitted = [audit.pk for audit in audits if audit.status == AuditStatus.SUBMITTED]
    if not submitted:
        return set()
    return set(Moderation.objects.returned().filter(audit__in=submitted).values_list("audit", flat=True))


def status_shown(audit: Audit, returned: set[UUID]) -> tuple[str, str]:
    """How far the audit is, in words, and their colour; "Returned" for one of those that are back with the auditor."""
    if audit.pk in returned:
        return "Returned", "orange"
    return audit.get_status_display(), STATUS_COLOURS[AuditStatus(audit.status)]


def shown_grade(audit: Audit) -> str:
    """The grade to print for an audit that was submitted: the settled one, else the auditor's."""
    if audit.status in GRADE_FINAL:
        return audit.grade
    return audit.grade if audit.status == AuditStatus.SUBMITTED else ""


def case_reference(audit: Audit) -> str:
    """The case's reference today, or as the audit carries it where it has no case."""
    return audit.case.reference if audit.case else audit.case_reference


def plan_words(audit: Audit) -> str:
    """The plan that the child was on, in words; CWD is said of children with disabilities, who are counted apart."""
    words = PlanType(audit.plan_type).label if audit.plan_type else ""
    return f"{words} (CWD)".strip() if audit.is_cwd else words


def auditor_name(audit: Audit) -> str:
    """Who audits, as a user or as an old file named them."""
    return audit.auditor.name if audit.auditor else audit.auditor_name


# One audit


def with_header(audits: AuditQuerySet) -> AuditQuerySet:
    """Audits with what their summary needs."""
    return audits.select_related("case", "service", "team", "auditor", "tool_version__tool", "scheme").prefetch_related(
        Prefetch("case__holdings", Holding.objects.select_related("worker")), "alerts"
    )


def with_everything(audits: AuditQuerySet) -> AuditQuerySet:
    """Audits with all that was written in them and the rules of their tool, in a fixed number of queries."""
    return with_writing(audits).prefetch_related("tool_version__limiting_rules")


def with_writing(audits: AuditQuerySet) -> AuditQuerySet:
    """Audits with all that was written in them, in a fixed number of queries."""
    return with_header(audits).prefetch_related(
        "scheme__grades",
        Prefetch("sections", AuditSection.objects.select_related("section")),
        "sections__section__questions",
        "sections__answers",
        "sections__findings",
        Prefetch("sections__findings__themes", Theme.objects.select_related("parent")),
        "conversations",
    )


def with_story(audits: AuditQuerySet) -> AuditQuerySet:
    """Audits with all that was written in them and all that happened to them, in a fixed number of queries."""
    return with_writing(audits).prefetch_related(
        Prefetch("transitions", Transition.objects.select_related("by")),
        Prefetch("moderations", Moderation.objects.select_related("moderator")),
        "moderations__sections",
        "alerts__raised_by",
    )


@dataclass(frozen=True)
class Header:
    """The summary at the top of every page of an audit."""

    id: UUID
    reference: str
    audit_type: str
    status: str
    status_words: str
    colour: str
    due: Due
    rows: tuple[SummaryRow, ...]
    open_alerts: int
    alert_id: UUID | None


def header(audit: Audit, today: dt.date, *, facts: bool = True) -> Header:
    """The summary of an audit from `with_header`; without `facts`, only `alerts` need to be loaded."""
    unresolved = [
        alert for alert in audit.alerts.all() if alert.status in (AlertStatus.RAISED, AlertStatus.ACKNOWLEDGED)
    ]
    words, colour = status_shown(audit, returned_among([audit]))
    return Header(
        id=audit.pk,
        reference=audit.reference,
        audit_type=audit.audit_type,
        status=audit.status,
        status_words=words,
        colour=colour,
        due=due(audit, today),
        rows=tuple(_header_rows(audit)) if facts else (),
        open_alerts=len(unresolved),
        alert_id=unresolved[0].pk if unresolved else None,
    )


def _header_rows(audit: Audit) -> Iterable[SummaryRow]:
    facts = [
        ("Case", case_reference(audit) or "Not recorded"),
        ("Age band", audit.get_age_band_display()),
        ("Plan", plan_words(audit)),
        ("Service", audit.service.name),
        ("Team", audit.team.name if audit.team else "No team recorded"),
        ("Worker", worker_as_held(audit)),
        ("Period looked at", _period(audit)),
        ("Auditor", auditor_name(audit)),
        ("How", audit.get_mode_display() if not audit.historic else ""),
        ("Purpose", audit.get_purpose_display() if audit.purpose != AuditPurpose.STANDARD else ""),
    ]
    return (SummaryRow(key, value) for key, value in facts if value)


def worker_as_held(audit: Audit) -> str:
    """Who held the case at the end of the audit's period, else who held it last before."""
    if audit.case is None:
        return ""
    day = audit.window_to or audit.audited_on
    holdings = [
        holding
        for holding in audit.case.holdings.all()
        if holding.worker is not None and (day is None or holding.held_from <= day)
    ]
    if not holdings:
        return "Not recorded"
    last = max(holdings, key=lambda holding: (holding.held_from, holding.held_to is None))
    return last.worker.name if last.worker else "Not recorded"


def _period(audit: Audit) -> str:
    if audit.window_from and audit.window_to:
        return f"{in_words(audit.window_from)} to {in_words(audit.window_to)}"
    return ""


@dataclass(frozen=True)
class Overview:
    """The auditor's task list."""

    sections: tuple[TaskItem, ...]
    others: tuple[TaskItem, ...]
    done: int
    total: int


def overview(audit: Audit) -> Overview:
    """The task list of an audit from `with_everything`: every section, the conversations, the overall judgement."""
    rows = in_form_order(audit)
    finished = (SectionState.COMPLETE, SectionState.NOT_APPLICABLE)
    return Overview(
        sections=tuple(_section_task(audit, row, place) for place, row in enumerate(rows, 1)),
        others=tuple(_other_tasks(audit)),
        done=sum(row.state in finished for row in rows),
        total=len(rows),
    )


def in_form_order(audit: Audit) -> list[AuditSection]:
    """The audit's sections in the order of its tool."""
    return sorted(audit.sections.all(), key=lambda row: (row.section.position, row.section.key))


def _section_task(audit: Audit, row: AuditSection, place: int) -> TaskItem:
    left = judging.questions_left(row)
    hints = []
    if row.state in (SectionState.NOT_STARTED, SectionState.IN_PROGRESS) and left:
        hints.append("1 question left" if left == 1 else f"{left} questions left")
    if row.state == SectionState.IN_PROGRESS and not left:
        hints.append("All questions answered")
    return TaskItem(
        label=f"{place}. {row.section.title}",
        status=row.get_state_display(),
        url=reverse("audits:section", args=[audit.pk, row.pk]),
        colour=SECTION_COLOURS[SectionState(row.state)],
        hint=", ".join(hints),
    )


def _other_tasks(audit: Audit) -> Iterable[TaskItem]:
    if audit.tool_version is not None and audit.tool_version.asks_for_conversations:
        held = len(audit.conversations.all())
        yield TaskItem(
            label="Conversations",
            status=f"{held} recorded" if held else "None yet",
            url=reverse("audits:conversations", args=[audit.pk]),
            colour="" if held else "blue",
        )
    begun = audit.overall_saved_at is not None
    complete = bool(audit.auditor_grade or not audit.scheme.grades.all()) and bool(audit.rationale.strip())
    yield TaskItem(
        label="Overall judgement",
        status="Complete" if complete else ("In progress" if begun else "Not started"),
        url=reverse("audits:overall", args=[audit.pk]),
        colour="" if complete else ("light-blue" if begun else "blue"),
    )


@dataclass(frozen=True)
class FindingRead:
    """A finding as a reader sees it."""

    text: str
    themes: tuple[str, ...]
    evidence: str
    section: str


@dataclass(frozen=True)
class SectionRead:
    """A section as a reader sees it. `grade` is the settled one once there is one; `auditor_grade` the auditor's."""

    id: UUID
    place: int
    title: str
    graded: bool
    state: str
    not_applicable_reason: str
    grade: str
    auditor_grade: str
    changed: bool
    reason: str
    moderators_reason: str
    answers: tuple[tuple[str, str], ...]
    strengths: tuple[FindingRead, ...]
    developments: tuple[FindingRead, ...]


@dataclass(frozen=True)
class Reading:
    """The whole audit for reading."""

    sections: tuple[SectionRead, ...]
    strengths: tuple[FindingRead, ...]
    developments: tuple[FindingRead, ...]
    grade: str
    auditor_grade: str
    descriptor: str
    provisional: bool
    changed: bool
    conversations: tuple[SummaryRow, ...]
    texts: tuple[tuple[str, str], ...]


def moderators_reasons(audit: Audit) -> dict[UUID, str]:
    """Why a moderator changed a section, by the key of its row; expects `moderations__sections` to be loaded."""
    return {
        each.audit_section_id: each.reason
        for moderation in sorted(audit.moderations.all(), key=lambda each: each.submission)
        for each in moderation.sections.all()
    }


def reading(audit: Audit, moderated: Mapping[UUID, str] | None = None) -> Reading:
    """All that was written in an audit from `with_everything`, in the order of the form.

    `moderated` are the moderator's reasons by section row, for a reader who may see them.
    """
    grades = grade_choices(audit)
    names = {grade.key: grade for grade in grades}
    reasons = moderated or {}
    sections = tuple(
        _section_read(row, place, grades, reasons.get(row.pk, "")) for place, row in enumerate(in_form_order(audit), 1)
    )
    grade = shown_grade(audit) or audit.auditor_grade
    return Reading(
        sections=sections,
        strengths=tuple(finding for section in sections for finding in section.strengths),
        developments=tuple(finding for section in sections for finding in section.developments),
        grade=grade,
        auditor_grade=audit.auditor_grade,
        descriptor=names[grade].descriptor if grade in names else "",
        provisional=audit.status not in GRADE_FINAL,
        changed=audit.status in GRADE_FINAL and bool(audit.auditor_grade) and audit.grade != audit.auditor_grade,
        conversations=tuple(_conversations(audit)),
        texts=tuple(
            (label, text)
            for label, text in (
                ("What is working well", audit.working_well),
                ("What we are worried about", audit.worries),
                ("What needs to happen", audit.next_steps),
                ("Immediate actions", audit.immediate_actions),
            )
            if text.strip()
        ),
    )


def _section_read(
    row: AuditSection, place: int, grades: tuple[GradeChoice, ...], moderators_reason: str
) -> SectionRead:
    findings = sorted(row.findings.all(), key=lambda each: (each.position, str(each.pk)))
    written, asked = written_section(row), asked_section(row.section)
    answers = []
    for question in row.section.questions.all():
        options = dict(question_options(question, grades))
        for round_ in judging.answered_rounds(asked, question.key, written):
            of = f" ({question.repeats} {round_ + 1})" if question.repeats else ""
            value = written.answers[in_round(question.key, round_)]
            answers.append((question.text + of, answer_words(value, options)))
    left_out = row.state == SectionState.NOT_APPLICABLE
    return SectionRead(
        id=row.pk,
        place=place,
        title=row.section.title,
        graded=row.section.graded and not left_out,
        state=row.get_state_display(),
        not_applicable_reason=row.not_applicable_reason if left_out else "",
        grade="" if left_out else row.settled_grade or row.grade,
        auditor_grade="" if left_out else row.grade,
        changed=bool(row.settled_grade) and row.settled_grade != row.grade,
        reason="" if left_out else row.reason,
        moderators_reason=moderators_reason,
        answers=() if left_out else tuple(answers),
        strengths=tuple(_finding_read(each, row) for each in findings if each.kind == FindingKind.STRENGTH),
        developments=tuple(_finding_read(each, row) for each in findings if each.kind == FindingKind.DEVELOPMENT),
    )


def _finding_read(finding: Finding, row: AuditSection) -> FindingRead:
    evidence = finding.evidence_document
    if finding.evidence_date:
        evidence = f"{evidence}, {in_words(finding.evidence_date)}".lstrip(", ")
    return FindingRead(
        text=finding.text,
        themes=tuple(sorted(str(theme) for theme in finding.themes.all())),
        evidence=evidence,
        section=row.section.title,
    )


def answer_words(value: Any, words: Mapping[str, str]) -> str:
    """An answer as people read it: the words of a choice, a date in words, a number or text as it stands."""
    if isinstance(value, (list, tuple)):
        return ", ".join(answer_words(each, words) for each in value)
    if isinstance(value, str):
        if value in words:
            return words[value]
        try:
            return in_words(dt.date.fromisoformat(value)) if len(value) == 10 else value
        except ValueError:
            return value
    return str(value)


def _conversations(audit: Audit) -> Iterable[SummaryRow]:
    for talk in sorted(audit.conversations.all(), key=lambda each: (each.recorded_at, str(each.pk))):
        words = [talk.get_outcome_display()]
        if talk.mode:
            words.append(talk.get_mode_display().lower())
        if talk.held_on:
            words.append(in_words(talk.held_on))
        text = ", ".join(words)
        more = talk.what_they_said or talk.reason
        yield SummaryRow(talk.get_with_whom_display(), f"{text}. {more}" if more else text)
    if audit.no_family_feedback_reason.strip():
        yield SummaryRow("Child and family", f"No feedback. {audit.no_family_feedback_reason}")


def timeline(audit: Audit, beside: Iterable[TimelineEntry] = ()) -> list[TimelineEntry]:
    """What happened to the audit, newest first; expects `transitions__by` to be loaded.

    `beside` is what happened without moving it.
    """
    words = {
        move.event: move.says for move in (*workflow.AUDIT_MOVES, *workflow.MODERATION_MOVES, *workflow.DISPUTE_MOVES)
    }
    entries = [
        TimelineEntry(
            title=_first_capital(words.get(each.event, each.event.replace("_", " "))),
            at=each.at,
            by=each.by.name if each.by else "the system",
            text=each.why,
        )
        for each in audit.transitions.all()
    ]
    return sorted([*beside, *entries], key=lambda entry: entry.at)[::-1]


def _first_capital(words: str) -> str:
    return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Outcome:
    """What became of a submission, for its auditor: both grades and the reason, never why it was chosen."""

    changed: bool
    moderated: bool
    grade_before: str
    grade_after: str
    reason: str
    override_reason: str


def outcome(audit: Audit) -> Outcome | None:
    """The outcome of the audit's last submission once it is settled; expects `moderations` to be loaded."""
    decided = [each for each in audit.moderations.all() if each.decided_at or each.outcome]
    if not decided or audit.status not in GRADE_FINAL:
        return None
    last = max(decided, key=lambda each: each.submission)
    return Outcome(
        changed=last.outcome == ModerationOutcome.CHANGED,
        moderated=last.outcome in (ModerationOutcome.CHANGED, ModerationOutcome.AGREED),
        grade_before=last.grade_before,
        grade_after=last.grade_after,
        reason=last.reason,
        override_reason=last.override_reason,
    )
