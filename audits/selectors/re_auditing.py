"""What the page of an audit says of the audit that it does again, and of those that do it again."""

from __future__ import annotations

from dataclasses import dataclass

from audits.choices import GRADE_FINAL, AuditStatus, Movement, SectionState
from audits.models import Audit, AuditSection
from audits.querysets import AuditQuerySet
from audits.rules.re_auditing import movement


@dataclass(frozen=True)
class Moved:
    """One judgement in both audits; `words` is what moved, "" where one of them has no grade."""

    title: str
    before: str
    after: str
    words: str


@dataclass(frozen=True)
class Again:
    """The first audit and what moved since, the judgement of the case first; the audits that do this one again."""

    first: Audit | None
    moved: tuple[Moved, ...]
    later: tuple[Audit, ...]

    def __bool__(self) -> bool:
        return self.first is not None or bool(self.later)


def again_of(audit: Audit, seen: AuditQuerySet) -> Again:
    """From the audits that the reader sees. What moved is said once both grades are final, and not before."""
    first = seen.filter(pk=audit.first_audit_id, status__in=GRADE_FINAL).first() if audit.first_audit_id else None
    final = audit.status in GRADE_FINAL
    later = seen.filter(first_audit=audit.pk).exclude(status=AuditStatus.VOID).order_by("created_at", "id")
    return Again(first, _moved(first, audit) if first is not None and final else (), tuple(later))


def _moved(first: Audit, second: Audit) -> tuple[Moved, ...]:
    before = {row.section.key: _grade(row) for row in first.sections.select_related("section")}
    lines = [_line("The case as a whole", first.counted_grade, second.counted_grade)]
    for row in second.sections.all():
        was, now = before.get(row.section.key, ""), _grade(row)
        if was or now:
            lines.append(_line(row.section.title, was, now))
    return tuple(lines)


def _grade(row: AuditSection) -> str:
    return "" if row.state == SectionState.NOT_APPLICABLE else row.settled_grade or row.grade


def _line(title: str, before: str, after: str) -> Moved:
    moved = movement(before, after)
    return Moved(title, before, after, Movement(moved).label if moved else "")
