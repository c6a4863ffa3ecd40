"""Calibrations as their readers see them: who has submitted, and the grades side by side once they are revealed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from string import ascii_uppercase
from uuid import UUID

from audits.choices import GRADE_GIVEN, AuditStatus, CalibrationStatus, FindingKind, SectionState
from audits.models import Audit, Calibration
from audits.querysets import CalibrationQuerySet
from audits.rules.agreement import percent_of
from audits.rules.calibrating import Pairs, pairs_of, spread_of
from audits.selectors.drafting import grade_choices

OVERALL = "The case as a whole"
NOT_APPLICABLE = "Did not apply"


@dataclass(frozen=True)
class CalibrationRow:
    """One line of the list of calibrations. `submitted` of `expected` is for the QA unit alone."""

    id: UUID
    reference: str
    case_id: UUID
    case_reference: str
    tool: str
    status: str
    revealed: bool
    due_on: dt.date
    submitted: int
    expected: int


@dataclass(frozen=True)
class Taking:
    """One auditor of a calibration, for the QA unit: the audit and how far it is, never its grade."""

    audit_id: UUID
    reference: str
    name: str
    status: str
    submitted: bool


@dataclass(frozen=True)
class Given:
    """What one auditor gave: a grade of the scheme in words, or why there is none."""

    who: str
    key: str
    words: str
    is_you: bool


@dataclass(frozen=True)
class Line:
    """A section, or the case as a whole: what each gave, how far apart they are, and how many pairs agree."""

    title: str
    given: tuple[Given, ...]
    spread: int | None
    pairs: Pairs
    exact_percent: int | None
    within_percent: int | None


@dataclass(frozen=True)
class ThemeLine:
    """A theme, and how many of the auditors found it a strength or a point to develop."""

    theme: str
    strengths: int
    developments: int


@dataclass(frozen=True)
class Results:
    """The grades of a calibration side by side. `sections` are all section lines taken together."""

    auditors: tuple[str, ...]
    overall: Line
    lines: tuple[Line, ...]
    sections: Pairs
    exact_percent: int | None
    within_percent: int | None
    themes: tuple[ThemeLine, ...]


def calibration_rows(calibrations: CalibrationQuerySet) -> list[CalibrationRow]:
    """The lines of the list, what runs first, in two queries."""
    held = calibrations.select_related("case", "tool_version__tool").prefetch_related("audits")
    rows = []
    for each in sorted(held, key=lambda each: each.status == CalibrationStatus.REVEALED):
        states = [audit.status for audit in each.audits.all() if audit.status != AuditStatus.VOID]
        rows.append(
            CalibrationRow(
                each.pk, each.reference, each.case_id, each.case.reference, each.tool_version.tool.name,
                each.get_status_display(), each.status == CalibrationStatus.REVEALED, each.due_on,
                sum(state in GRADE_GIVEN for state in states), len(states),
            )
        )  # fmt: skip
    return rows


def who_takes_part(calibration: Calibration) -> tuple[Taking, ...]:
    """Its auditors by name, with how far each is; those whose audit is void included."""
    audits = calibration.audits.select_related("auditor").order_by("auditor__name", "reference")
    return tuple(
        Taking(
            audit.pk, audit.reference, audit.auditor.name if audit.auditor else "Nobody yet",
            audit.get_status_display() if audit.status not in GRADE_GIVEN else "Submitted",
            audit.status in GRADE_GIVEN,
        )
        for audit in audits
    )  # fmt: skip


def results(calibration: Calibration, *, reader: UUID, names: bool) -> Results:
    """What each auditor gave, of a calibration whose grades are revealed. `names` is for the QA unit.

    Otherwise the reader is "You" and the others are letters, in an order that follows neither names nor times.
    """
    audits = sorted(
        calibration.audits.filter(status__in=GRADE_GIVEN)
        .select_related("auditor", "scheme")
        .prefetch_related("scheme__grades", "sections__section", "findings__themes__parent"),
        key=lambda audit: blake2b(audit.pk.bytes).digest(),
    )
    labels = {audit.pk: _label(audit, place, reader, names) for place, audit in enumerate(audits)}
    if not audits:
        nothing = _line(OVERALL, [], {})
        return Results((), nothing, (), Pairs(0, 0, 0), None, None, ())
    scheme = {grade.key: (place, grade.name) for place, grade in enumerate(grade_choices(audits[0]))}
    overall = _line(OVERALL, [(audit, labels[audit.pk], audit.auditor_grade, "") for audit in audits], scheme, reader)
    lines = tuple(_section_lines(audits, labels, scheme, reader))
    together = sum((line.pairs for line in lines), Pairs(0, 0, 0))
    return Results(
        auditors=tuple(labels[audit.pk] for audit in audits),
        overall=overall,
        lines=lines,
        sections=together,
        exact_percent=percent_of(together.exact, together.n),
        within_percent=percent_of(together.within_one, together.n),
        themes=_themes(audits),
    )


def _label(audit: Audit, place: int, reader: UUID, names: bool) -> str:
    own = audit.auditor_id == reader
    if names and audit.auditor is not None:
        return f"{audit.auditor.name} (you)" if own else audit.auditor.name
    letter = ascii_uppercase[place] if place < len(ascii_uppercase) else str(place + 1)
    return "You" if own else f"Auditor {letter}"


def _section_lines(
    audits: Sequence[Audit], labels: dict[UUID, str], scheme: dict[str, tuple[int, str]], reader: UUID
) -> Iterable[Line]:
    by_section: dict[tuple[int, str, str], dict[UUID, tuple[str, str]]] = {}
    for audit in audits:
        for row in audit.sections.all():
            if row.section.graded:
                left_out = row.state == SectionState.NOT_APPLICABLE
                place = (row.section.position, row.section.key, row.section.title)
                given = ("", NOT_APPLICABLE) if left_out else (row.grade, "")
                by_section.setdefault(place, {})[audit.pk] = given
    for (_, _, title), by_audit in sorted(by_section.items()):
        cells = [(audit, labels[audit.pk], *by_audit.get(audit.pk, ("", ""))) for audit in audits]
        yield _line(title, cells, scheme, reader)


def _line(
    title: str,
    cells: Sequence[tuple[Audit, str, str, str]],
    scheme: dict[str, tuple[int, str]],
    reader: UUID | None = None,
) -> Line:
    places = [scheme[key][0] for _, _, key, _ in cells if key in scheme]
    pairs = pairs_of(places)
    return Line(
        title=title,
        given=tuple(
            Given(who, key, scheme[key][1] if key in scheme else why_not or "No grade", audit.auditor_id == reader)
            for audit, who, key, why_not in cells
        ),
        spread=spread_of(places),
        pairs=pairs,
        exact_percent=percent_of(pairs.exact, pairs.n),
        within_percent=percent_of(pairs.within_one, pairs.n),
    )


def _themes(audits: Sequence[Audit]) -> tuple[ThemeLine, ...]:
    """Every theme that somebody named, by how many named it."""
    found: dict[str, Counter[str]] = {}
    for audit in audits:
        said = {(str(theme), finding.kind) for finding in audit.findings.all() for theme in finding.themes.all()}
        for theme, kind in said:
            found.setdefault(theme, Counter())[kind] += 1
    lines = [
        ThemeLine(theme, counts[FindingKind.STRENGTH], counts[FindingKind.DEVELOPMENT])
        for theme, counts in found.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.strengths - line.developments, line.theme)))
