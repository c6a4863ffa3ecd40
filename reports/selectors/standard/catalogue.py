"""The list of standard reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.documents import Section
from reports.choices import Period
from reports.selectors.standard import grading, working
from reports.selectors.standard.asking import Asked, Rows


@dataclass(frozen=True)
class StandardReport:
    """One report: its key in the address, title, what it answers, the period it is about unless another is chosen.

    `readers` says for whom it is: "all" who read figures, those of "line" and above who may see records, or "heads" of
    service and the QA unit. `public` ones have a version with small numbers withheld.
    """

    key: str
    title: str
    answers: str
    period: str
    build: Callable[[Rows, Asked], tuple[Section, ...]]
    readers: str = "heads"
    public: bool = False


REPORTS = (
    StandardReport(
        "monthly", "Monthly report", "How good was practice last month, where, and has anything changed?",
        Period.LAST_MONTH, grading.grades_report, "all", public=True,
    ),
    StandardReport(
        "quarterly", "Quarterly report", "How good was practice in the quarter, month by month and by service?",
        Period.LAST_QUARTER, grading.grades_report, "all", public=True,
    ),
    StandardReport(
        "annual", "Annual report", "How good was practice in the financial year?", Period.LAST_YEAR,
        grading.grades_report, "all", public=True,
    ),
    StandardReport(
        "trend", "Trend", "Is practice getting better, or is it chance?", Period.LAST_24, grading.trend_report, "all",
        public=True,
    ),
    StandardReport(
        "thematic", "Audits by service, with strengths and gaps",
        "What did audits find in each service, what works well, and what needs developing?", Period.LAST_QUARTER,
        grading.thematic_report, "all", public=True,
    ),
    StandardReport(
        "sections", "Section heat map", "Which parts of practice are weakest, and where?", Period.LAST_12,
        grading.heat_map,
    ),
    StandardReport(
        "delivery", "Audits planned and done", "Were the audits done, and on time?", Period.LAST_12,
        working.delivery_report,
    ),
    StandardReport(
        "actions", "Actions in time", "Were actions done by their day?", Period.LAST_12, working.actions_report, "line"
    ),
    StandardReport(
        "responses", "Answers in time", "Did managers answer in time, and where a child was found unsafe?",
        Period.LAST_12, working.responses_report, "line",
    ),
    StandardReport(
        "moderation", "What moderation changed", "Are auditors' grades consistent, and what did moderation do to them?",
        Period.LAST_12, working.moderation_report,
    ),
    StandardReport(
        "auditors", "Who audits, and how", "Do different auditors and ways of auditing find different quality?",
        Period.LAST_12, working.auditors_report,
    ),
    StandardReport(
        "re-audits", "Re-audits", "Did practice improve in the cases that were audited again?", Period.LAST_12,
        working.re_audit_report,
    ),
    StandardReport(
        "families", "Family feedback", "In how many audits was the family heard?", Period.LAST_12,
        working.family_report,
    ),
    StandardReport(
        "diversity", "Who the children are", "Do audits find the same quality for all children?", Period.LAST_12,
        working.diversity_report,
    ),
)  # fmt: skip
_BY_KEY = {report.key: report for report in REPORTS}


def report_of(key: str) -> StandardReport | None:
    """The report of this key."""
    return _BY_KEY.get(key)


def reports_for(readers: frozenset[str]) -> list[StandardReport]:
    """The reports for these groups of readers."""
    return [report for report in REPORTS if report.readers in readers]
