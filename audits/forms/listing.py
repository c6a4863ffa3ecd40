"""What the list of audits may be narrowed to. Everything stands in the address, so nothing here is free text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms

from audits.choices import AuditStatus, Grade, TallyStage
from audits.selectors.pages import ListFilters
from cases.choices import PlanType
from core.forms import BaseForm

ANY = [("", "All")]
# A drill-down may ask for what the lists here do not offer any more: an old audit type, section or month.
_NOTHING = re.compile(r"(?!)")
_MAY_BE_ASKED = {
    "tool": re.compile(r"[^\x00-\x1f]{1,150}"),
    "section": re.compile(r"[-\w]{1,60}"),
    "month_from": re.compile(r"20\d\d-(0[1-9]|1[0-2])"),
    "month_to": re.compile(r"20\d\d-(0[1-9]|1[0-2])"),
}
STAGES = [
    (TallyStage.PROVISIONAL, "Provisional"),
    ("final", "Settled"),
    (TallyStage.SETTLED, "Settled, feedback not issued"),
    (TallyStage.ISSUED, "Feedback issued"),
]


AWAITED = [
    ("issue", "Its feedback to be issued"),
    ("response", "A response"),
    ("late", "An overdue response"),
    ("countersign", "A countersignature"),
    ("challenge", "The decision of a challenge"),
]


@dataclass(frozen=True)
class ListChoices:
    """What the reader may choose from: (key, words) each. Empty for a filter that is of no use to them."""

    services: tuple[tuple[str, str], ...] = ()
    teams: tuple[tuple[str, str], ...] = ()
    tools: tuple[tuple[str, str], ...] = ()
    sections: tuple[tuple[str, str], ...] = ()
    auditors: tuple[tuple[str, str], ...] = ()
    months: tuple[tuple[str, str], ...] = ()
    can_be_mine: bool = False
    stages: bool = False


class FilterForm(BaseForm):
    """The filters; an unknown value is an error that is said, and narrows nothing."""

    mine = forms.BooleanField(label="Mine to do", required=False)
    overdue = forms.BooleanField(label="Overdue", required=False)
    due_today = forms.BooleanField(label="Due today", required=False)
    awaiting = forms.ChoiceField(label="Waiting for", choices=[*ANY, *AWAITED], required=False)
    status = forms.ChoiceField(label="Status", choices=[*ANY, *AuditStatus.choices], required=False)
    service = forms.ChoiceField(label="Service", required=False)
    team = forms.ChoiceField(label="Team", required=False)
    plan_type = forms.ChoiceField(
        label="Plan", choices=[*ANY, *PlanType.choices, ("none", "No plan recorded")], required=False
    )
    tool = forms.ChoiceField(label="Audit type", required=False)
    month_from = forms.ChoiceField(label="From month", required=False)
    month_to = forms.ChoiceField(label="To month", required=False)
    grade = forms.ChoiceField(label="Grade", choices=[*ANY, *Grade.choices], required=False)
    section = forms.ChoiceField(label="Section with this grade", required=False)
    stage = forms.ChoiceField(label="Stage", choices=[*ANY, *STAGES], required=False)
    auditor = forms.ChoiceField(label="Auditor", required=False)
    counted = forms.BooleanField(label="Counted in grade reports", required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, choices: ListChoices, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._offer("service", choices.services)
        self._offer("team", choices.teams)
        self._offer("tool", choices.tools)
        self._offer("section", choices.sections)
        self._offer("auditor", choices.auditors)
        self._offer("month_from", choices.months)
        self._offer("month_to", choices.months)
        if not choices.can_be_mine:
            del self.fields["mine"]
        if not choices.stages:
            del self.fields["stage"]

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        offered = list(choices)
        asked = str(self.data.get(name, ""))
        if _MAY_BE_ASKED.get(name, _NOTHING).fullmatch(asked) and asked not in dict(offered):
            offered.append((asked, asked))
        if len(offered) > 1 or self.data.get(name):
            self.fields[name].choices = [*ANY, *offered]  # type: ignore[attr-defined]
        else:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The first month is not after the last."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("month_from"), cleaned.get("month_to")
        if first and last and first > last:
            self.add_error("month_to", "The last month must not be before the first")
        return cleaned

    def filters(self, *, reader: UUID, today: dt.date) -> ListFilters:
        """What the list is narrowed to; values that were refused narrow nothing."""
        cleaned = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        return ListFilters(
            month_from=_month(cleaned.get("month_from")),
            month_to=_month(cleaned.get("month_to")),
            service=_key(cleaned.get("service")),
            team=_key(cleaned.get("team")),
            plan_type=cleaned.get("plan_type") or "",
            tool=cleaned.get("tool") or "",
            grade=cleaned.get("grade") or "",
            section=cleaned.get("section") or "",
            stage=cleaned.get("stage") or "",
            counted=bool(cleaned.get("counted")),
            status=cleaned.get("status") or "",
            auditor=_key(cleaned.get("auditor")),
            mine=reader if cleaned.get("mine") else None,
            overdue_on=today if cleaned.get("overdue") else None,
            due_on=today if cleaned.get("due_today") else None,
            awaiting=cleaned.get("awaiting") or "",
            today=today,
        )


def _month(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(f"{text}-01") if text else None


def _key(text: str | None) -> UUID | None:
    return UUID(text) if text else None
