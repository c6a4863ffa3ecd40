"""The rows behind the figures: one an audit, a section, a finding or an action, from rows already scoped.

Grades and texts stand in a row only once the audit was submitted. The auditor's own grade and name stand there for
those alone who read the audit in full (`in_full`): beneath them only the settled grade is known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from actions.choices import OPEN_STATUSES, SETTLED
from actions.querysets import ActionQuerySet
from audits.choices import GRADE_FINAL, GRADE_GIVEN, AuditPurpose, AuditStatus, FindingKind, Grade
from audits.models import Audit, AuditSection, Finding, SchemeGrade
from audits.querysets import AuditQuerySet
from audits.rules.suppression import Dimension, Place, cube_of, withheld_of_cube, withheld_of_parts
from audits.selectors.pages import auditor_name, case_reference, plan_words, shown_grade
from core.documents import Column, Table

InFull = Callable[[Audit], bool]
Record = tuple[str, UUID]
WITHHELD = "withheld"
_CHUNK = 1000


@dataclass(frozen=True)
class Row:
    """One row of an export, and the record of somebody that it shows (None where it is about no child)."""

    cells: tuple[object, ...]
    record: Record | None


AUDIT_HEADER = (
    "Audit", "Case", "Audit type", "Purpose", "Mode", "Status", "Service", "Team", "Plan type", "Age band",
    "Month counted", "Window from", "Window to", "Due", "Submitted", "Settled", "Feedback issued", "Auditor",
    "Auditor's grade", "Grade", "Provisional", "Historic", "Rationale", "Working well", "Worries", "Next steps",
)  # fmt: skip
SECTION_HEADER = (
    "Audit", "Case", "Service", "Team", "Month counted", "Status", "Section", "Graded", "Not applicable",
    "Auditor's grade", "Grade", "Provisional", "Reason",
)  # fmt: skip
FINDING_HEADER = (
    "Audit", "Case", "Service", "Team", "Month counted", "Section", "Kind", "Themes", "Finding", "Evidence in",
    "Evidence dated",
)  # fmt: skip
ACTION_HEADER = (
    "Action", "Case", "What", "How we know", "Owner", "Due", "First due", "Due date moved", "Priority", "Level",
    "Service", "Team", "Origin", "Origin reference", "Status", "Created", "Closed",
)  # fmt: skip


def audits_between(audits: AuditQuerySet, first: date, last: date) -> AuditQuerySet:
    """Audits that count in these months, and those not submitted yet that were planned in them; no calibration."""
    after = _month_after(last)
    planned = Q(month=None, created_at__date__gte=first, created_at__date__lt=after)
    held = audits.exclude(purpose=AuditPurpose.CALIBRATION)
    return held.filter(Q(month__gte=first, month__lte=last) | planned)


def actions_between(actions: ActionQuerySet, first: date, last: date) -> ActionQuerySet:
    """Actions that were created in these months."""
    return actions.filter(created_at__date__gte=first, created_at__date__lt=_month_after(last))


def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _grade_names() -> dict[tuple[str, str], str]:
    return {(scheme, key): name for scheme, key, name in SchemeGrade.objects.values_list("scheme", "key", "name")}


def _day(moment: object) -> object:
    return timezone.localtime(moment).date() if moment else ""  # type: ignore[arg-type]  # a stored moment


def audit_rows(audits: AuditQuerySet, in_full: InFull) -> Iterator[Row]:
    """One row an audit."""
    names = _grade_names()
    held = audits.select_related("case", "service", "team", "auditor").order_by("month", "reference")
    for audit in held.iterator(chunk_size=_CHUNK):
        given, full = audit.status in GRADE_GIVEN, in_full(audit)
        texts = (audit.rationale, audit.working_well, audit.worries, audit.next_steps) if given else ("",) * 4
        yield Row(
            (
                audit.reference, case_reference(audit), audit.audit_type, audit.get_purpose_display(),
                audit.get_mode_display(), audit.get_status_display(), audit.service.name,
                audit.team.name if audit.team else "", plan_words(audit), audit.get_age_band_display(),
                f"{audit.month:%Y-%m}" if audit.month else "", audit.window_from, audit.window_to, audit.due_on,
                _day(audit.submitted_at), _day(audit.settled_at), _day(audit.feedback_issued_at),
                auditor_name(audit) if full else "",
                names.get((audit.scheme_id, audit.auditor_grade), "") if given and full else "",
                names.get((audit.scheme_id, shown_grade(audit)), ""),
                "yes" if audit.status == AuditStatus.SUBMITTED else "", "yes" if audit.historic else "", *texts,
            ),
            ("audits.audit", audit.pk),
        )  # fmt: skip


def section_rows(audits: AuditQuerySet, in_full: InFull) -> Iterator[Row]:
    """One row a section of an audit that was submitted."""
    names = _grade_names()
    held = AuditSection.objects.filter(audit__in=audits.filter(status__in=GRADE_GIVEN)).select_related(
        "section", "audit__case", "audit__service", "audit__team"
    )
    for part in held.order_by("audit__month", "audit__reference", "section__position").iterator(chunk_size=_CHUNK):
        audit = part.audit
        final = audit.status in GRADE_FINAL
        grade = "" if part.not_applicable else ((part.settled_grade or part.grade) if final else part.grade)
        own = part.grade if in_full(audit) and not part.not_applicable else ""
        yield Row(
            (
                audit.reference, case_reference(audit), audit.service.name, audit.team.name if audit.team else "",
                f"{audit.month:%Y-%m}" if audit.month else "", audit.get_status_display(), part.section.title,
                "yes" if part.section.graded else "no", "yes" if part.not_applicable else "",
                names.get((audit.scheme_id, own), ""), names.get((audit.scheme_id, grade), ""),
                "" if final else "yes", part.not_applicable_reason if part.not_applicable else part.reason,
            ),
            ("audits.audit", audit.pk),
        )  # fmt: skip


def finding_rows(audits: AuditQuerySet) -> Iterator[Row]:
    """One row a finding of an audit that was submitted."""
    held = (
        Finding.objects.filter(audit__in=audits.filter(status__in=GRADE_GIVEN))
        .select_related("audit_section__section", "audit__case", "audit__service", "audit__team")
        .prefetch_related("themes__parent")
    )
    for finding in held.order_by("audit__month", "audit__reference", "id").iterator(chunk_size=_CHUNK):
        audit = finding.audit
        yield Row(
            (
                audit.reference, case_reference(audit), audit.service.name, audit.team.name if audit.team else "",
                f"{audit.month:%Y-%m}" if audit.month else "", finding.audit_section.section.title,
                finding.get_kind_display(), "; ".join(sorted(map(str, finding.themes.all()))), finding.text,
                finding.evidence_document, finding.evidence_date,
            ),
            ("audits.audit", audit.pk),
        )  # fmt: skip


def action_rows(actions: ActionQuerySet) -> Iterator[Row]:
    """One row an action."""
    held = actions.select_related("case", "owner", "service", "team").order_by("created_at", "reference")
    for action in held.iterator(chunk_size=_CHUNK):
        yield Row(
            (
                action.reference, action.case.reference if action.case else "", action.what, action.how_we_know,
                action.owner.name, action.due_on, action.original_due_on, action.due_moves,
                action.get_priority_display(), action.get_level_display(),
                action.service.name if action.service else "", action.team.name if action.team else "",
                action.get_origin_display(), action.origin_reference, action.get_status_display(),
                _day(action.created_at), _day(action.closed_at),
            ),
            ("cases.case", action.case.pk) if action.case else None,
        )  # fmt: skip


# Counts to publish

_TOTAL = "Total"
_BANDS = ("Good or outstanding", "Requires improvement", "Inadequate")
_BAND_OF = {
    Grade.OUTSTANDING.value: 0, Grade.GOOD.value: 0, Grade.REQUIRES_IMPROVEMENT.value: 1, Grade.INADEQUATE.value: 2,
}  # fmt: skip


def _counted_as() -> dict[tuple[str, str], str]:
    rows = SchemeGrade.objects.values_list("scheme", "key", "counts_as")
    return {(scheme, key): counts_as for scheme, key, counts_as in rows}


def sections_to_publish(audits: AuditQuerySet) -> Table:
    """How many settled judgements of each section have each grade."""
    meanings = _counted_as()
    held = AuditSection.objects.filter(
        audit__in=audits.counted().filter(status__in=GRADE_FINAL), not_applicable=False
    ).values_list("section__title", "audit__service", "audit__scheme", "settled_grade", "grade")
    judged = (
        (title, _BAND_OF[meaning], service)
        for title, service, scheme, settled, grade in held.order_by()
        if (meaning := meanings.get((scheme, settled or grade), ""))
    )
    return _published("Judgements by section", "Section", _BANDS, judged)


def findings_to_publish(audits: AuditQuerySet) -> Table:
    """In how many settled audits each theme is a strength, and in how many an area for development."""
    held = Finding.objects.filter(
        audit__in=audits.counted().filter(status__in=GRADE_FINAL), themes__isnull=False
    ).values_list("audit", "audit__service", "themes__parent__name", "themes__name", "kind")
    seen = {
        (audit, f"{parent}: {name}" if parent else name, 0 if kind == FindingKind.STRENGTH else 1, service)
        for audit, service, parent, name, kind in held.order_by()
    }
    columns = ("Audits with it as a strength", "Audits with it to develop")
    return _published("Themes", "Theme", columns, (found[1:] for found in seen))


def actions_to_publish(actions: ActionQuerySet) -> Table:
    """How many actions of each service are open, and how many are at an end."""
    held = actions.filter(status__in=(*OPEN_STATUSES, *SETTLED), service__isnull=False)
    rows = held.order_by().values_list("service__name", "status")
    columns = ("Open", "Closed")
    counts: Counter[Place] = Counter((name, columns[status in SETTLED]) for name, status in rows)
    names = sorted({name for name, _ in counts}, key=str.casefold)
    cells = _cells(names, columns)
    # The services are the lines here: each is known to its own head.
    hidden = withheld_of_cube(cells, cube_of(cells, counts), insiders=names)
    return _table("Actions by service", "Service", columns, names, counts, hidden)


def _published(caption: str, first: str, columns: Sequence[str], seen: Iterable[tuple[str, int, UUID]]) -> Table:
    """Counts by name and column, with those from 1 to 4 withheld and others so that none can be worked out, not even
    by whoever knows the counts of one service. `seen` are name, column and service of everything that is counted."""
    parts: dict[UUID, Counter[Place]] = defaultdict(Counter)
    for name, place, service in seen:
        parts[service][name, columns[place]] += 1
    counts = sum(parts.values(), Counter[Place]())
    names = sorted({name for name, _ in counts}, key=str.casefold)
    return _table(caption, first, columns, names, counts, withheld_of_parts(_cells(names, columns), parts.values()))


def _cells(names: Sequence[str], columns: Sequence[str]) -> tuple[Dimension, Dimension]:
    """The two ways in which a table is cut, with its total line and its total column."""
    return (
        Dimension(dict.fromkeys(names, _TOTAL) | {_TOTAL: ""}),
        Dimension(dict.fromkeys(columns, _TOTAL) | {_TOTAL: ""}),
    )


def _table(
    caption: str, first: str, columns: Sequence[str], names: Sequence[str], counts: Mapping[Place, int],
    hidden: Collection[Place],
) -> Table:  # fmt: skip
    every = cube_of(_cells(names, columns), counts)
    rows = tuple(
        (name, *(WITHHELD if (name, column) in hidden else every[name, column] for column in (*columns, _TOTAL)))
        for name in (*names, _TOTAL)
    )
    heads = (Column(first), *(Column(name, "whole") for name in columns), Column(_TOTAL, "whole"))
    return Table(caption, heads, rows, total=True)
