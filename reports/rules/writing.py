"""Reports that somebody writes: which headings they have, and which months they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reports.choices import WrittenKind
from reports.rules.periods import earlier

LONGEST_TEXT = 8000


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading of a written report: its key, its words, what belongs under it, and whether a table of figures is
    printed under it."""

    key: str
    words: str
    hint: str = ""
    figures: str = ""


BOARD = (
    Heading("positive", "Positive areas", "What is working well, and how we know"),
    Heading("development", "Areas for development", "What is not good enough yet"),
    Heading("table", "The figures", "A sentence on what the table shows", figures="grades"),
    Heading("analysis", "Analysis", "What lies behind the figures, and what is chance"),
    Heading("next_steps", "Actions and next steps", "Who does what by when"),
)
PARTNERSHIP = (
    Heading("key_developments", "Key developments", "What has changed in the agency in this time"),
    Heading("statistics", "Statistical information and analysis", "What the figures say", figures="grades"),
    Heading("evidence", "Evidence from audit", "What audits found", figures="themes"),
    Heading("staff", "Staff feedback", "What staff say about their practice and their workload"),
    Heading("families", "Children's and families' input", "What children and families say", figures="families"),
    Heading("reviews", "Learning from reviews", "What was learned from reviews, and what came of it"),
    Heading("strengths", "Strengths"),
    Heading("concerns", "Concerns"),
    Heading("development", "Areas for development"),
    Heading("action_plan", "Action plan", "Who does what by when", figures="actions"),
    Heading("outcomes", "Outcomes", "What is different for children"),
)
HEADINGS: Mapping[str, tuple[Heading, ...]] = {WrittenKind.BOARD: BOARD, WrittenKind.PARTNERSHIP: PARTNERSHIP}


def period_of(kind: str, month: date) -> tuple[date, date]:
    """The months that a report is about: a board page one month, a partnership return the financial year so far to
    that month."""
    month = month.replace(day=1)
    if kind == WrittenKind.BOARD:
        return month, month
    return earlier(month, (month.month - 4) % 12), month


def fault(kind: str, texts: Mapping[str, str]) -> str:
    """Why a report cannot be finished, or "": something has to stand under each heading."""
    empty = [heading.words for heading in HEADINGS[kind] if not texts.get(heading.key, "").strip()]
    return f"Nothing stands under: {', '.join(empty)}." if empty else ""
