"""The text of a whole audit as one flat list, so that two of its states can be laid beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from audits.models import Audit
from audits.selectors import pages
from audits.selectors.drafting import grade_choices

OVERALL = "The case as a whole"


def text_of(audit: Audit) -> list[dict[str, str]]:
    """Every field of the audit with what stands in it now, as {"section", "field", "value"}, blanks left out."""
    found = pages.with_everything(Audit.objects.filter(pk=audit.pk)).get()
    return [
        {"section": section, "field": field, "value": value} for section, field, value in _lines(found) if value.strip()
    ]


def _lines(audit: Audit) -> Iterator[tuple[str, str, str]]:
    names = {grade.key: grade.name for grade in grade_choices(audit)}
    reading = pages.reading(audit)
    for section in reading.sections:
        title = section.title
        yield title, "Does not apply, because", section.not_applicable_reason
        yield title, "Grade", names.get(section.auditor_grade, section.auditor_grade)
        yield title, "Reason for the grade", section.reason
        yield title, "Strengths", _points(section.strengths)
        yield title, "Areas for development", _points(section.developments)
        for question, answer in section.answers:
            yield title, question, answer
    yield OVERALL, "Overall grade", names.get(audit.auditor_grade, audit.auditor_grade)
    yield OVERALL, "Reason for the overall grade", audit.rationale
    yield OVERALL, "Why the grade is above the limit", audit.override_reason
    for label, text in reading.texts:
        yield OVERALL, str(label), text
    for row in reading.conversations:
        yield "Conversations", row.key, str(row.value)


def _points(findings: Iterable[pages.FindingRead]) -> str:
    return "\n".join(
        " ".join(
            [finding.text, *([f"({', '.join(finding.themes)})"] if finding.themes else []),
             *([f"[{finding.evidence}]"] if finding.evidence else [])]
        )
        for finding in findings
    )  # fmt: skip
