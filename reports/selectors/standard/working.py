"""Reports of the work itself: audits planned and done, actions, moderation, re-audits, families, the children."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from django.db.models import Count, Q

from accounts.choices import Role
from accounts.models import Membership
from actions.choices import OPEN_STATUSES, ActionStatus, Priority
from audits.choices import (
    FAMILY,
    SERIOUSNESS,
    AuditMode,
    AuditPurpose,
    AuditStatus,
    ClockKind,
    ClockState,
    ConversationOutcome,
    Grade,
    ModerationOutcome,
    ModerationStatus,
    Movement,
    View,
)
from audits.models import Clock, Conversation, Moderation, ResponsePoint
from audits.querysets import AuditQuerySet
from audits.rules.arithmetic import meets_target, percentages, wilson
from audits.rules.re_auditing import movement
from audits.rules.suppression import SMALLEST_SHOWN, withheld_cells
from cases.choices import AgeBand
from core.council.selectors import closing_days
from core.documents import Bullets, Paragraph, Section
from core.documents.content import Cell
from core.working_days import LONDON, working_days_between
from reports.selectors.standard.asking import (
    NO_RESTRICTED,
    Asked,
    Rows,
    about,
    columns,
    counted,
    nothing,
    percent_words,
    share,
    some,
    table,
)

ON_TIME = 90  # percent of audits submitted on time (product.md section 12)


def delivery_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Audits that were due in the period: done on time, done late, not done yet; against the target of 90% on time."""
    due = rows.every_audit.filter(due_on__gte=asked.first, due_on__lte=asked.ends_on, historic=False)
    due = due.exclude(purpose=AuditPurpose.CALIBRATION)
    if asked.services:
        due = due.filter(service__in=asked.services)
    by_month: dict[str, Counter[str]] = defaultdict(Counter)
    by_service: dict[str, Counter[str]] = defaultdict(Counter)
    total: Counter[str] = Counter()
    for service, due_on, submitted_at, status in (
        due.order_by().values_list("service__name", "due_on", "submitted_at", "status").iterator()
    ):
        if due_on is None:
            continue
        if status == AuditStatus.VOID:
            kind = "void"
        elif submitted_at:
            kind = "on time" if submitted_at.astimezone(LONDON).date() <= due_on else "late"
        else:
            kind = "overdue" if due_on < asked.today else "to come"
        for counts in (by_month[f"{due_on:%Y-%m}"], by_service[service], total):
            counts[kind] += 1
    done = total["on time"] + total["late"]
    planned = sum(total.values()) - total["void"]
    if not planned:
        return nothing("In short", "No audits were due in this period.")
    judged = done + total["overdue"]
    met = meets_target(total["on time"], judged, ON_TIME)
    verdict = "" if met is None else f" The target of {ON_TIME}% on time {'is' if met else 'is not'} met."
    heads = columns("", "Due", "Done", "On time", "Late", "Not done", "Not due yet", "% on time")

    def line(label: str, counts: Counter[str]) -> tuple[Cell, ...]:
        finished = counts["on time"] + counts["late"]
        return (
            label, finished + counts["overdue"] + counts["to come"], finished, counts["on time"], counts["late"],
            counts["overdue"], counts["to come"], share(counts["on time"], finished + counts["overdue"]),
        )  # fmt: skip

    months = [line(f"{month:%B %Y}", by_month[f"{month:%Y-%m}"]) for month in asked.months]
    services = [line(name, by_service[name]) for name in sorted(by_service)]
    return (
        Section(
            "In short",
            (
                Paragraph(
                    f"{done:,} of {some(planned, 'audit')} due were done, {total['on time']:,} of them on time "
                    f"({percent_words(total['on time'], judged)} of {judged:,} whose day has come).{verdict}",
                    strong=True,
                ),
            ),
        ),
        Section(
            "By month",
            (table("Audits due by month", _named(heads, "Month"), [*months, line("Total", total)], total=True),),
        ),
        Section(
            "By service",
            (table("Audits due by service", _named(heads, "Service"), [*services, line("Total", total)], total=True),),
        ),
        about(
            "An audit is due on the day that was set when it was allocated, or moved since.",
            f"{some(total['void'], 'audit')} made void {'is' if total['void'] == 1 else 'are'} not counted."
            if total["void"]
            else "",
            "Audits that were brought in from before are not counted: their due days are not known.",
        ),
    )


def _named(heads: Any, name: str) -> Any:
    return columns(name, *(head.title for head in heads[1:]))


def actions_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Actions that were due in the period: done in time, done late, still open after their day; by priority."""
    due = rows.actions.filter(due_on__gte=asked.first, due_on__lte=asked.ends_on).exclude(
        status__in=(ActionStatus.DRAFT, ActionStatus.CANCELLED)
    )
    if asked.services:
        due = due.filter(Q(service__in=asked.services) | Q(team__parent__in=asked.services))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    moved = 0
    for priority, due_on, status, claimed_at, moves in (
        due.order_by().values_list("priority", "due_on", "status", "claimed_at", "due_moves").iterator()
    ):
        moved += bool(moves)
        claimed = claimed_at.astimezone(LONDON).date() if claimed_at else None
        if claimed and status not in (ActionStatus.OPEN, ActionStatus.IN_PROGRESS, ActionStatus.REJECTED):
            kind = "in time" if claimed <= due_on else "late"
        elif status in OPEN_STATUSES:
            kind = "overdue" if due_on < asked.today else "to come"
        else:
            kind = "late"
        found[priority][kind] += 1
    total: Counter[str] = sum(found.values(), Counter())
    if not total:
        return nothing("In short", "No actions were due in this period.")
    heads = columns("Priority", "Due", "Done in time", "Done late", "Overdue", "Not due yet", "% in time")

    def line(label: str, counts: Counter[str]) -> tuple[Cell, ...]:
        judged = counts["in time"] + counts["late"] + counts["overdue"]
        return (
            label, judged + counts["to come"], counts["in time"], counts["late"], counts["overdue"], counts["to come"],
            share(counts["in time"], judged),
        )  # fmt: skip

    judged = total["in time"] + total["late"] + total["overdue"]
    lines = [line(Priority(key).label, found[key]) for key in Priority.values if key in found]
    return (
        Section(
            "In short",
            (
                Paragraph(
                    f"{total['in time']:,} of {some(judged, 'action')} whose day has come were done in time "
                    f"({percent_words(total['in time'], judged)}); {total['overdue']:,} "
                    f"{'is' if total['overdue'] == 1 else 'are'} overdue now.",
                    strong=True,
                ),
                Paragraph(f"The due day of {some(moved, 'action')} was moved at least once."),
            ),
        ),
        Section("By priority", (table("Actions due by priority", heads, [*lines, line("Total", total)], total=True),)),
        about(
            "An action is done when its owner says so; somebody else then verifies it.",
            "Cancelled actions and drafts are not counted. The due day is the present one.",
        ),
    )


def moderation_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """What moderation did to grades: how many it agreed or changed, which way, and the share good before and after."""
    audits = counted(rows, asked).exclude(auditor_grade="").filter(historic=False)
    pairs = Counter(audits.filter(scheme__key="ofsted").order_by().values_list("auditor_grade", "counted_grade"))
    moderated = Moderation.objects.filter(audit__in=audits.values("pk"), status=ModerationStatus.DONE)
    outcomes = Counter(moderated.order_by().values_list("outcome", flat=True))
    looked_at = outcomes[ModerationOutcome.AGREED] + outcomes[ModerationOutcome.CHANGED]
    n = sum(pairs.values())
    if not n:
        return nothing("In short", "No audits were graded in this period.")
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    up = down = 0
    for (given, settled), count in pairs.items():
        before[given] += count
        after[settled] += count
        up += count if SERIOUSNESS[settled] < SERIOUSNESS[given] else 0
        down += count if SERIOUSNESS[settled] > SERIOUSNESS[given] else 0

    def line(label: str, counts: Counter[str]) -> tuple[Cell, ...]:
        percent = percentages(*(counts[grade] for grade in Grade.values))
        shares: tuple[Cell, ...] = (
            ("-",) * 3
            if percent is None
            else (percent.good_or_outstanding, percent.requires_improvement, percent.inadequate)
        )
        return (label, n, *shares, *(counts[grade] for grade in Grade.values))

    heads = columns("", "Audited", "% good or outstanding", "% requires improvement", "% inadequate",
                    *(grade.label for grade in Grade))  # fmt: skip
    good = [line("", counts)[2] for counts in (before, after)]
    return (
        Section(
            "In short",
            (
                Paragraph(
                    f"Auditors judged {good[0]}% good or outstanding; after moderation it was {good[1]}% (n={n:,}).",
                    strong=True,
                ),
                Bullets(
                    (
                        f"{some(looked_at, 'audit')} went through moderation: "
                        f"{outcomes[ModerationOutcome.AGREED]:,} agreed, "
                        f"{outcomes[ModerationOutcome.CHANGED]:,} changed.",
                        f"{some(down, 'overall grade')} lowered, {up:,} raised.",
                    )
                ),
            ),
        ),
        Section(
            "Before and after",
            (table("Grades before and after moderation", _named(heads, "Grade of"),
                   [line("Auditor", before), line("Settled", after)]),),
        ),
        about(NO_RESTRICTED, "Audits brought in from before are not counted. Nothing here ranks individuals."),
    )  # fmt: skip


def re_audit_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Second audits against the first ones: better, the same or worse."""
    again = counted(rows, asked).filter(first_audit__isnull=False).exclude(first_audit__counted_grade="")
    pairs = Counter(again.order_by().values_list("first_audit__counted_grade", "counted_grade"))
    n = sum(pairs.values())
    if not n:
        return nothing("In short", "No case was audited again in this period.")
    moved: Counter[str] = Counter()
    for (first, second), count in pairs.items():
        moved[movement(first, second)] += count
    heads = columns("First audit", *(grade.label for grade in Grade), "All")
    lines: list[tuple[Cell, ...]] = [
        (
            grade.label,
            *(pairs[grade, other] for other in Grade.values),
            sum(pairs[grade, other] for other in Grade.values),
        )
        for grade in Grade
    ]
    return (
        Section(
            "In short",
            (
                Paragraph(
                    f"Of {some(n, 're-audit')} {moved[Movement.IMPROVED]:,} improved, "
                    f"{moved[Movement.SAME]:,} stayed the same and {moved[Movement.WORSE]:,} got worse.",
                    strong=True,
                ),
            ),
        ),
        Section(
            "From the first grade to the second",
            (table("First grade (rows) and second grade (columns)", heads, lines),),
        ),
        Section("By service", (_moved_by_service(again),)),
        about(NO_RESTRICTED),
    )


def _moved_by_service(again: AuditQuerySet) -> Any:
    by_service: dict[str, Counter[str]] = defaultdict(Counter)
    grades = again.order_by().values_list("service__name", "first_audit__counted_grade", "counted_grade")
    for service, first, second in grades.iterator():
        by_service[service][movement(first, second)] += 1
    lines: list[tuple[Cell, ...]] = [
        (name, *(counts[kind] for kind in Movement.values), sum(counts.values()))
        for name, counts in sorted(by_service.items())
    ]
    heads = columns("Service", *(kind.label for kind in Movement), "Re-audits (n)")
    return table("What moved", heads, lines)


FAMILIES_CAPTION = "Audits in which the family was heard"
FAMILIES_HEADS = columns("Service", "Audits", "Family heard", "% of audits")


def _written_here(audits: AuditQuerySet) -> AuditQuerySet:
    return audits.filter(tool_version__isnull=False, historic=False)


def _heard(audits: AuditQuerySet) -> set[Any]:
    done = Conversation.objects.filter(
        with_whom__in=FAMILY, outcome=ConversationOutcome.DONE, audit__in=audits.order_by().values("pk")
    )
    return set(done.values_list("audit", flat=True))


def heard_by_month(audits: AuditQuerySet) -> tuple[dict[date, Counter[str]], dict[date, Counter[str]]]:
    """In how many audits of each month and service the family was heard, and of how many."""
    audits = _written_here(audits)
    heard = _heard(audits)
    yes: dict[date, Counter[str]] = defaultdict(Counter)
    every: dict[date, Counter[str]] = defaultdict(Counter)
    for pk, month, service in audits.order_by().values_list("pk", "month", "service__name"):
        if month is None:
            continue
        every[month][service] += 1
        yes[month][service] += pk in heard
    return yes, every


def family_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """In how many audits the family was heard, by service; and why not in the others."""
    audits = _written_here(counted(rows, asked))
    families = Conversation.objects.filter(with_whom__in=FAMILY, audit__in=audits.order_by().values("pk"))
    heard = _heard(audits)
    by_service: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pk, service in audits.order_by().values_list("pk", "service__name"):
        by_service[service][0] += 1
        by_service[service][1] += pk in heard
    n = sum(each[0] for each in by_service.values())
    if not n:
        return nothing("In short", "No audits were submitted here in this period.")
    whom = Counter(families.filter(outcome=ConversationOutcome.DONE).order_by().values_list("with_whom", flat=True))
    not_heard = Counter(
        families.exclude(outcome=ConversationOutcome.DONE)
        .exclude(audit__in=heard)
        .order_by()
        .values_list("outcome", flat=True)
    )
    lines: list[tuple[Cell, ...]] = [(name, of, yes, share(yes, of)) for name, (of, yes) in sorted(by_service.items())]
    labels = dict(ConversationOutcome.choices)
    told = [f"{some(whom[each], 'conversation')} with a {each.label.lower()}." for each in FAMILY if whom[each]]
    told += [f"{labels[key]}: {some(count, 'conversation')}." for key, count in sorted(not_heard.items())]
    return (
        Section(
            "In short",
            (
                Paragraph(
                    f"The family was heard in {len(heard):,} of {some(n, 'audit')} ({share(len(heard), n)}%).",
                    strong=True,
                ),
                *([Bullets(tuple(told))] if told else []),
            ),
        ),
        Section(
            "By service",
            (
                table(
                    FAMILIES_CAPTION,
                    FAMILIES_HEADS,
                    [*lines, ("Total", n, len(heard), share(len(heard), n))],
                    total=True,
                ),
            ),
        ),
        about(NO_RESTRICTED, "Counted are audits that were written here, with a child, a parent or a carer spoken to."),
    )


def diversity_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Good or outstanding by age band and for disabled children, with small numbers withheld for every reader."""
    audits = counted(rows, asked).filter(subject_kind="child")
    if not audits.exists():
        return nothing("In short", "No audits of children's files were graded in this period.")
    bands = dict(AgeBand.choices)
    ages: dict[str, Counter[str]] = defaultdict(Counter)
    disabled: dict[str, Counter[str]] = defaultdict(Counter)
    for age, cwd, grade, count in (
        audits.order_by().values_list("age_band", "is_cwd", "counted_grade").annotate(n=Count("pk"))
    ):
        ages[age][grade] += count
        disabled["Disabled children" if cwd else "Other children"][grade] += count
    by_age = {bands.get(key, "Not recorded"): ages[key] for key in (*AgeBand.values, "") if key in ages}
    tables = {"By age": by_age, "By disability": dict(sorted(disabled.items()))}
    hidden = {caption: withheld_cells(_two_bands(groups)) for caption, groups in tables.items()}
    # Both tables have one total: what one of them withholds of it the other must not show.
    of_total = {c for caption, cells in hidden.items() for r, c in cells if r == len(tables[caption])}
    age, disability = (
        _withheld(caption, groups, hidden[caption] | {(len(groups), column) for column in of_total})
        for caption, groups in tables.items()
    )
    return (
        Section("Age", (age,)),
        Section("Disability", (disability,)),
        Section(
            "Ethnicity",
            (Paragraph("Ethnicity is not held in this product yet, so audits cannot be compared by it."),),
        ),
        about(
            NO_RESTRICTED,
            f"Counts from 1 to {SMALLEST_SHOWN - 1} are withheld for every reader, and others with them so that they "
            "cannot be worked out.",
        ),
    )


def _two_bands(groups: dict[str, Counter[str]]) -> list[tuple[int, int]]:
    return [
        (group[Grade.OUTSTANDING] + group[Grade.GOOD], group[Grade.REQUIRES_IMPROVEMENT] + group[Grade.INADEQUATE])
        for group in groups.values()
    ]


def _withheld(caption: str, groups: dict[str, Counter[str]], hidden: Collection[tuple[int, int]]) -> Any:
    counts = _two_bands(groups)
    sums = tuple(map(sum, zip(*counts, strict=True)))
    lines: list[tuple[Cell, ...]] = []
    for place, (name, row) in enumerate([*zip(groups, counts, strict=True), ("Total", sums)]):
        n = sum(row)
        cells: list[Cell] = [
            "withheld" if (place, column) in hidden else value for column, value in enumerate((*row, n))
        ]
        known = (place, 0) not in hidden and (place, 2) not in hidden
        lines.append((name, cells[2], cells[0], cells[1], share(row[0], n) if known else "withheld"))
    heads = columns(caption.removeprefix("By ").capitalize(), "Audited", "Good or outstanding", "Below good",
                    "% good or outstanding")  # fmt: skip
    return table(f"Grades {caption.lower()}", heads, lines, total=True)


def auditors_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Grades by how the audit was done and by what kind of person did it: different eyes, or different practice?

    What kind of person is told by the roles that they hold today; nobody is named.
    """
    audits = counted(rows, asked).filter(historic=False)
    by_mode: dict[str, Counter[str]] = defaultdict(Counter)
    by_auditor: dict[Any, Counter[str]] = defaultdict(Counter)
    for mode, auditor, grade, number in (
        audits.order_by().values_list("mode", "auditor", "counted_grade").annotate(number=Count("pk"))
    ):
        by_mode[mode][grade] += number
        by_auditor[auditor][grade] += number
    if not by_mode:
        return nothing("In short", "No audits were submitted here in this period.")
    kinds = auditor_kinds([key for key in by_auditor if key], asked.today)
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for key, counts in by_auditor.items():
        by_kind[kinds.get(key, OTHERS)] += counts
    modes = {AuditMode(key).label: counts for key, counts in by_mode.items()}
    order = [label for _, label in AUDITOR_KINDS] + [OTHERS]
    return (
        Section(
            "How audits were done", (_graded("Grades by how the audit was done", "Mode", dict(sorted(modes.items()))),)
        ),
        Section(
            "Who did them",
            (_graded("Grades by kind of auditor", "Auditor", {key: by_kind[key] for key in order if key in by_kind}),),
        ),
        about(
            NO_RESTRICTED,
            "The kind of auditor is that of the roles held today, the most senior one. Nobody is named or ranked.",
            "Audits brought in from before are not counted.",
        ),
    )


AUDITOR_KINDS = (
    (Role.HEAD_OF_SERVICE, "Heads of service"),
    (Role.SERVICE_LEAD, "Service leads"),
    (Role.PRINCIPAL_SOCIAL_WORKER, "Principal Social Worker"),
    (Role.QA_LEAD, "QA unit"),
    (Role.TEAM_MANAGER, "Team managers"),
    (Role.PARTNER_AUDITOR, "Partner agencies"),
    (Role.AUDITOR, "Auditors with no other post"),
)
OTHERS = "Not known"


def auditor_kinds(keys: list[Any], today: date) -> dict[Any, str]:
    """What kind of person each of these auditors is: the first of `AUDITOR_KINDS` whose role they hold."""
    held: dict[Any, set[str]] = defaultdict(set)
    for user, role in Membership.objects.active(today).filter(user__in=keys).values_list("user", "role"):
        held[user].add(role)
    return {key: next((label for role, label in AUDITOR_KINDS if role in roles), OTHERS) for key, roles in held.items()}


def _graded(caption: str, first: str, groups: dict[str, Counter[str]]) -> Any:
    """A table of grades by group; a group of a single audit shows no grade."""
    lines: list[tuple[Cell, ...]] = []
    for name, counts in groups.items():
        percent = percentages(*(counts[grade] for grade in Grade.values))
        n = sum(counts[grade] for grade in Grade.values)
        if n < 2 or percent is None:
            lines.append((name, n, *("-",) * 8))
            continue
        low, high = wilson(counts[Grade.OUTSTANDING] + counts[Grade.GOOD], n) or (0, 100)
        lines.append(
            (
                name, n, percent.good_or_outstanding, percent.requires_improvement, percent.inadequate,
                *(counts[grade] for grade in Grade.values), f"{low}% to {high}%",
            )
        )  # fmt: skip
    heads = columns(first, "Audited", "% good or outstanding", "% requires improvement", "% inadequate",
                    *(grade.label for grade in Grade), "Likely between")  # fmt: skip
    return table(caption, heads, lines)


@dataclass(frozen=True)
class _Reply:
    """One clock of a manager's answer: what became of it, and after how many working days where it was given."""

    kind: str
    grade: str
    service: str
    how: str
    days: int | None
    audit: Any


def responses_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Managers' answers that were due in the period, by the grade of the audit and by service: in time, late, not
    given yet, after how many working days, and how many points they agreed with."""
    audits = rows.audits.exclude(case__restricted=True)
    if asked.services:
        audits = audits.filter(service__in=asked.services)
    replies = _replies(audits, asked)
    if not replies:
        return nothing("In short", "No answers were due in this period.")
    counts = Counter(reply.how for reply in replies)
    judged = _judged(counts)
    given = [reply for reply in replies if reply.kind == ClockKind.RESPONSE]
    views = _views(audits, given)
    grades = [*((grade.value, str(grade.label)) for grade in Grade), ("", "No grade that counts")]
    services = [(name, name) for name in sorted({reply.service for reply in given})]
    return (
        Section(
            "In short",
            (
                Paragraph(
                    f"{counts['in time']:,} of {some(judged, 'answer')} whose day has come were given in time "
                    f"({percent_words(counts['in time'], judged)}); {counts['overdue']:,} "
                    f"{'is' if counts['overdue'] == 1 else 'are'} overdue now.",
                    strong=True,
                ),
            ),
        ),
        *(
            Section(label, (_speed(label, "Grade", _grouped(found, grades, lambda reply: reply.grade)),))
            for kind, label in _ANSWERS.items()
            if (found := [reply for reply in replies if reply.kind == kind])
        ),
        *(
            (
                Section(
                    "By service",
                    (_speed("Managers' responses", "Service", _grouped(given, services, lambda reply: reply.service)),),
                ),
                Section(
                    "What managers said to the points",
                    (_said("Points by grade", _grouped(given, grades, lambda reply: reply.grade), views),),
                ),
            )
            if given
            else ()
        ),
        about(
            NO_RESTRICTED,
            "The grade is the one that counts now. A pause moves the due day.",
            "Days are working days from the day on which the feedback was issued to the answer, and to the "
            "countersignature where one is due; the median is of those that were given.",
            "A clock that a new one has replaced is not counted.",
        ),
    )


def _replies(audits: AuditQuerySet, asked: Asked) -> list[_Reply]:
    clocks = Clock.objects.filter(
        audit__in=audits.order_by().values("pk"), kind__in=_ANSWERS, due_on__gte=asked.first, due_on__lte=asked.ends_on
    ).exclude(state=ClockState.STOPPED)
    closed = closing_days()
    found = []
    for kind, grade, service, started_on, due_on, ended_at, audit in (
        clocks.order_by()
        .values_list(
            "kind", "audit__counted_grade", "audit__service__name", "started_on", "due_on", "ended_at", "audit"
        )
        .iterator()
    ):
        ended = ended_at.astimezone(LONDON).date() if ended_at else None
        if ended is not None:
            how = "in time" if ended <= due_on else "late"
        else:
            how = "overdue" if due_on < asked.today else "to come"
        days = max(working_days_between(started_on, ended, closed), 0) if ended is not None else None
        found.append(_Reply(kind, grade, service, how, days, audit))
    return found


def _views(audits: AuditQuerySet, given: list[_Reply]) -> dict[Any, Counter[str]]:
    """What was said to the points of these audits, once the response is given."""
    wanted = {reply.audit for reply in given}
    points = ResponsePoint.objects.filter(
        response__audit__in=audits.order_by().values("pk"), response__given_at__isnull=False
    )
    found: dict[Any, Counter[str]] = defaultdict(Counter)
    for audit, view in points.order_by().values_list("response__audit", "view").iterator():
        if audit in wanted:
            found[audit][view] += 1
    return found


_ANSWERS = {
    ClockKind.SAFETY.value: "Statements on immediate safety",
    ClockKind.RESPONSE.value: "Managers' responses",
}


def _grouped(
    replies: list[_Reply], names: list[tuple[str, str]], key: Callable[[_Reply], str]
) -> list[tuple[str, list[_Reply]]]:
    """The answers by these names, those without any left out, and all of them at the end."""
    groups = [(label, [reply for reply in replies if key(reply) == value]) for value, label in names]
    return [*((label, found) for label, found in groups if found), ("Total", replies)]


def _judged(counts: Counter[str]) -> int:
    return counts["in time"] + counts["late"] + counts["overdue"]


def _speed(caption: str, first: str, groups: list[tuple[str, list[_Reply]]]) -> Any:
    def line(label: str, replies: list[_Reply]) -> tuple[Cell, ...]:
        counts = Counter(reply.how for reply in replies)
        judged = _judged(counts)
        days = [reply.days for reply in replies if reply.days is not None]
        return (
            label, judged + counts["to come"], counts["in time"], counts["late"], counts["overdue"], counts["to come"],
            share(counts["in time"], judged), f"{median(days):g}" if days else "-",
        )  # fmt: skip

    heads = columns(first, "Asked for", "In time", "Late", "Overdue", "Not due yet", "% in time", "Median working days")
    return table(caption, heads, [line(label, found) for label, found in groups], total=True)


def _said(caption: str, groups: list[tuple[str, list[_Reply]]], views: dict[Any, Counter[str]]) -> Any:
    def line(label: str, replies: list[_Reply]) -> tuple[Cell, ...]:
        said: Counter[str] = sum((views[reply.audit] for reply in replies if reply.audit in views), Counter())
        return (label, said[View.AGREE], said[View.PARTLY], said[View.DISAGREE])

    heads = columns("Grade", "Agreed", "Partly agreed", "Disagreed")
    return table(caption, heads, [line(label, found) for label, found in groups], total=True)
