"""The consistency report (product.md MD-8): how far auditors and moderation agree, and what moderation made of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from audits.choices import (
    GRADE_FINAL,
    AuditPurpose,
    DisputeStatus,
    ModerationOutcome,
    ModerationStatus,
    SectionState,
    SelectionReason,
)
from audits.models import Audit, AuditSection, Dispute, Moderation, SchemeGrade
from audits.querysets import AuditQuerySet
from audits.rules.agreement import AUDITOR_FROM, Agreement, agreement, percent_of

Meanings = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Line:
    """Agreement in one section or of one auditor."""

    key: str
    label: str
    figures: Agreement

    @property
    def exact_percent(self) -> int | None:
        """Exact agreement in whole percents."""
        return percent_of(self.figures.exact, self.figures.n)

    @property
    def within_percent(self) -> int | None:
        """Agreement within one grade in whole percents."""
        return percent_of(self.figures.within_one, self.figures.n)


@dataclass(frozen=True)
class Effect:
    """Good or better before and after moderation, of `n` audits."""

    n: int
    before: int
    after: int

    @property
    def before_percent(self) -> int | None:
        """As the auditors graded."""
        return percent_of(self.before, self.n)

    @property
    def after_percent(self) -> int | None:
        """As the grades settled."""
        return percent_of(self.after, self.n)


@dataclass(frozen=True)
class OverrideRead:
    """A moderator's or panel's reason for a grade above a soft limit."""

    audit_id: UUID
    case_id: UUID | None
    reference: str
    by: str
    reason: str


@dataclass(frozen=True)
class ConsistencyReport:
    """The report over the months from `first` to `last`.

    `moderated` are the audits whose moderation has ended; `drawn` those of them that were drawn at random alone, the
    only ones that speak for the rest. `few` is how many auditors had too few audits to be shown.
    """

    first: dt.date
    last: dt.date
    moderated: Line
    drawn: Line
    all_settled: Effect
    moderated_effect: Effect
    sections: tuple[Line, ...]
    auditors: tuple[Line, ...]
    few: int
    not_comparable: int
    overrides: tuple[OverrideRead, ...]


def consistency(audits: AuditQuerySet, *, first: dt.date, last: dt.date, by_auditor: bool) -> ConsistencyReport:
    """The report of an already scoped queryset; individuals only with `by_auditor`, and only from five audits on."""
    settled = audits.in_period(first, last).filter(
        status__in=GRADE_FINAL, purpose=AuditPurpose.STANDARD, historic=False
    )
    # Keys, not a subquery: what a reader sees can be a condition with many alternatives.
    keys = list(settled.order_by().values_list("pk", flat=True))
    settled = Audit.objects.filter(pk__in=keys)
    meanings = _meanings()
    done = Moderation.objects.filter(
        audit__in=keys,
        status=ModerationStatus.DONE,
        outcome__in=(ModerationOutcome.AGREED, ModerationOutcome.CHANGED),
    )
    pairs: Counter[tuple[str, str]] = Counter()
    drawn: Counter[tuple[str, str]] = Counter()
    people: dict[Any, Counter[tuple[str, str]]] = defaultdict(Counter)
    names: dict[Any, str] = {}
    not_comparable = 0
    for scheme, given, final, reasons, auditor, name in done.values_list(
        "audit__scheme", "grade_before", "audit__counted_grade", "reasons", "audit__auditor", "audit__auditor__name"
    ):
        pair = (meanings.get((scheme, given), ""), final)
        if not all(pair):
            not_comparable += bool(given)
            continue
        pairs[pair] += 1
        people[auditor][pair] += 1
        names[auditor] = name or "Not recorded"
        if reasons == [SelectionReason.RANDOM]:
            drawn[pair] += 1
    moderated = agreement(pairs)
    enough = {auditor: count for auditor, count in people.items() if sum(count.values()) >= AUDITOR_FROM}
    lines = [Line(str(auditor), names[auditor], agreement(count)) for auditor, count in enough.items()]
    return ConsistencyReport(
        first=first,
        last=last,
        moderated=Line("moderated", "All moderated audits", moderated),
        drawn=Line("drawn", "Drawn at random only", agreement(drawn)),
        all_settled=_effect(settled, meanings),
        moderated_effect=Effect(moderated.n, moderated.good_before, moderated.good_after),
        sections=tuple(_sections(done, meanings)),
        auditors=tuple(sorted(lines, key=lambda line: line.label)) if by_auditor else (),
        few=len(people) - len(enough) if by_auditor else 0,
        not_comparable=not_comparable,
        overrides=tuple(_overrides(done)),
    )


def _meanings() -> Meanings:
    return {
        (scheme, key): meaning for scheme, key, meaning in SchemeGrade.objects.values_list("scheme", "key", "counts_as")
    }


def _effect(settled: AuditQuerySet, meanings: Meanings) -> Effect:
    pairs: Counter[tuple[str, str]] = Counter()
    rows = settled.exclude(counted_grade="").order_by().values_list("scheme", "auditor_grade", "counted_grade")
    for scheme, given, final, number in rows.annotate(number=Count("pk")):
        pairs[meanings.get((scheme, given), ""), final] += number
    figures = agreement(pairs)
    return Effect(figures.n, figures.good_before, figures.good_after)


def _sections(done: Any, meanings: Meanings) -> Iterable[Line]:
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    titles: dict[str, str] = {}
    rows = (
        AuditSection.objects.filter(audit__in=done.values("audit"))
        .exclude(Q(grade="") | Q(settled_grade="") | Q(state=SectionState.NOT_APPLICABLE))
        .order_by()
        .values_list("section__key", "section__title", "audit__scheme", "grade", "settled_grade")
        .annotate(number=Count("pk"))
    )
    for key, title, scheme, given, final, number in rows:
        found[key][meanings.get((scheme, given), ""), meanings.get((scheme, final), "")] += number
        titles[key] = title
    lines = (Line(key, titles[key], agreement(count)) for key, count in found.items())
    return sorted((line for line in lines if line.figures.n), key=lambda line: line.label)


def _overrides(done: Any) -> Iterable[OverrideRead]:
    for audit, case, reference, by, reason in (
        done.exclude(override_reason="")
        .order_by("audit__reference")
        .values_list("audit", "audit__case", "audit__reference", "moderator__name", "override_reason")
    ):
        yield OverrideRead(audit, case, reference, by or "", reason)
    for audit, case, reference, by, panel, reason in (
        Dispute.objects.filter(moderation__in=done, status=DisputeStatus.DECIDED)
        .exclude(override_reason="")
        .order_by("audit__reference")
        .annotate(name=F("decided_by__name"))
        .values_list("audit", "audit__case", "audit__reference", "name", "by_panel", "override_reason")
    ):
        yield OverrideRead(audit, case, reference, "The panel" if panel else by or "", reason)
