"""A summary as text for a terminal or an e-mail, and as JSON; the page prints the same object."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from audits.choices import Grade
from learning.choices import ThemeMove
from learning.selectors.summaries import Figures, ListedAudit, PanelSummaryContent, ThemeCount

NONE = "-"


def as_json(content: PanelSummaryContent, *, number: int | None, built_at: datetime | None) -> dict[str, Any]:
    """The summary as the command's JSON: `stored` is the version's number, or null where it was worked out live."""
    return {"stored": number, "built_at": built_at.isoformat() if built_at else None, **content.data}


def as_text(content: PanelSummaryContent, *, number: int | None, built_at: datetime | None) -> str:
    """The summary as lines of text, each list under its heading."""
    lines = [f"Learning and Improvement Panel: summary for {content.starts_on:%B %Y}"]
    if number is None or built_at is None:
        lines.append("Not stored: worked out just now.")
    else:
        at = timezone.localtime(built_at)
        lines.append(f"Version {number}, built on {at.day} {at:%B %Y} at {at:%H:%M}.")
    lines += ["", content.headline, ""]
    lines += [f"  {label:<24}{figure}" for label, figure in _figures(content.total)]
    lines += _section("Not in these figures", content.missing)
    lines += _section("Not counted", (f"{number} {reason}" for number, reason in content.excluded))
    lines += _section("By service", (_service(row.service, row.figures) for row in content.services))
    of = content.audits_with_findings_form
    lines += _section(f"Development points, in how many of {of} audits", map(_theme, content.development))
    lines += _section(f"Strengths, in how many of {of} audits", map(_theme, content.strengths))
    lines += _section("Good and outstanding audits, for the Principal Social Worker", map(_audit, content.good_audits))
    lines += _section("Inadequate audits", map(_audit, content.inadequate_audits))
    if content.restricted_not_listed:
        lines += [
            "",
            f"Counted but not listed, since access to the case is restricted: {content.restricted_not_listed}",
        ]
    if content.provisional_not_listed:
        lines += ["", f"Counted but not listed, since the grade may still change: {content.provisional_not_listed}"]
    lines += ["", f"Open safeguarding alerts when this was built: {content.open_alerts}"]
    return "\n".join(lines)


def _figures(figures: Figures) -> list[tuple[str, str]]:
    percent = figures.percent or {}
    rows = [("Audits counted", str(figures.audited))]
    shares = [("Good or outstanding", figures.good_or_better, "good_or_outstanding")]
    shares += [(grade.label, figures.counts[grade], grade.value) for grade in Grade]
    rows += [(label, f"{n} ({percent[key]}%)" if percent else NONE) for label, n, key in shares]
    if figures.interval:
        rows.append(("Likely between", f"{figures.interval[0]}% and {figures.interval[1]}% good or outstanding"))
    rows.append(("Provisional", str(figures.provisional)))
    return rows


def _service(name: str, figures: Figures) -> str:
    if figures.hidden:
        return f"{name}: not shown, since it would give a restricted case away"
    if figures.percent is None:
        return f"{name}: {NONE}"
    small = ", small number" if figures.small else ""
    share = figures.percent["good_or_outstanding"]
    return f"{name}: {figures.good_or_better} of {figures.audited} good or outstanding ({share}%){small}"


def _theme(row: ThemeCount) -> str:
    return f"{row.n} of {row.of}  {row.theme} ({ThemeMove(row.move).label.lower()})"


def _audit(row: ListedAudit) -> str:
    return f"{row.reference}  {Grade(row.grade).label}  {row.audit_type}, {row.service}"


def _section(title: str, rows: Iterable[str]) -> list[str]:
    held = list(rows)
    return ["", title, *(f"  {row}" for row in held or ["None"])]
