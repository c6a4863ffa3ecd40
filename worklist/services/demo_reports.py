"""The demo council's published months, one restated since, and the reports that it has written."""

from __future__ import annotations

from datetime import date
from typing import Any

from audits.choices import Grade
from audits.models import Audit
from audits.services import tallies
from core.history.services import record
from reports.choices import WrittenKind
from reports.rules.periods import earlier
from reports.services.freezing import draft_month, note_restatements, publish_month
from reports.services.writing import begin_report, save_report
from worklist.services.demo_people import Council

_ANALYSIS = (
    "Most of the movement in this month is what chance alone would give: see the limits under the figures. What does "
    "stand out is supervision. Auditors keep finding that decisions are made and not written down."
)
_NEXT = (
    "Heads of service agree a one-page standard for recording decisions by the end of next month.\n"
    "The QA unit looks at supervision records of two teams in each service as a dip sample."
)


def make_reports(*, council: Council, months: list[date], today: date) -> None:
    """Publish every month but the last two, draft the one before this, restate one, and write two reports."""
    lead = council.people["qa.lead"]
    done = [month for month in months if month < earlier(today, 1)]
    for month in done:
        draft = draft_month(month=month, by=lead)
        if draft:
            publish_month(month=month, by=lead, checksum=draft.checksum)
    if earlier(today, 1) in months:
        draft_month(month=earlier(today, 1), by=lead)
    if len(done) > 2:
        _restate(done[-2], lead)
    if done:
        _write(done[-1], lead)


def _restate(month: date, lead: Any) -> None:
    """One audit that the panel graded anew after its month was published."""
    counted = Audit.objects.filter(month=month, counted_grade=Grade.REQUIRES_IMPROVEMENT).counted()
    audit = counted.exclude(case__restricted=True).order_by("reference").first()
    if audit is None:
        return
    before = tallies.contribution(audit=audit)
    audit.grade = audit.counted_grade = Grade.GOOD
    audit.save(update_fields=["grade", "counted_grade"])
    tallies.move(before=before, after=tallies.contribution(audit=audit))
    record(by=lead, verb="graded anew", record=audit, why="The panel decided the challenge: good.")
    note_restatements(month=month)


def _write(month: date, lead: Any) -> None:
    board = begin_report(kind=WrittenKind.BOARD, month=month, by=lead)
    texts = board.texts | {"analysis": f"{board.texts['analysis']}\n{_ANALYSIS}", "next_steps": _NEXT}
    texts = {key: text or "Nothing to report in this month." for key, text in texts.items()}
    save_report(report=board, texts=texts, by=lead, version=board.version, finish=True)
    begin_report(kind=WrittenKind.PARTNERSHIP, month=month, by=lead)
