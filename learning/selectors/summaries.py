"""The month's summary as one frozen object: what the page, the command and the stored version all hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from audits.choices import (
    GRADE_FINAL,
    GRADE_GIVEN,
    OPEN_TO_AUDITOR,
    AuditPurpose,
    AuditStatus,
    Breakdown,
    ExcludedReason,
    FindingKind,
    Grade,
)
from audits.models import Theme
from audits.querysets import AlertQuerySet, AuditQuerySet, GradeTallyQuerySet, ThemeQuerySet
from audits.rules import arithmetic
from audits.selectors.grades import GradeRow, grade_table
from learning.choices import ThemeMove
from learning.models import PanelSummary
from learning.querysets import PanelSummaryQuerySet
from learning.rules import summaries as rules
from learning.selectors.kept import Kept
from learning.selectors.widening import (
    NO_HEAT_MAP,
    HeatCell,
    HeatMap,
    HeatRow,
    ModerationEffect,
    TrendMonth,
    heat_map,
    moderation_effect,
    trend,
)

GOOD_GRADES = (Grade.OUTSTANDING, Grade.GOOD)


@dataclass(frozen=True)
class Figures:
    """The grades of some audits: counts, whole percents, the likely range of good or better, and the target.

    `percent` and `interval` are None and `exact` is "" where nothing was audited. `hidden` figures rest on
    restricted cases (or would give one away) and hold nothing.
    """

    audited: int = 0
    outstanding: int = 0
    good: int = 0
    requires_improvement: int = 0
    inadequate: int = 0
    provisional: int = 0
    percent: dict[str, int] | None = None
    interval: tuple[int, int] | None = None
    exact: str = ""
    meets_target: bool | None = None
    small: bool = False
    rounding_hides_the_target: bool = False
    hidden: bool = False

    @property
    def good_or_better(self) -> int:
        """How many are good or outstanding."""
        return self.outstanding + self.good

    @property
    def counts(self) -> dict[str, int]:
        """The four counts by grade, best first."""
        return {grade.value: getattr(self, grade.value) for grade in Grade}


@dataclass(frozen=True)
class ServiceFigures:
    """The figures of one service, and its change on the month before in words ("" where there is none)."""

    service: str
    figures: Figures
    change: str


@dataclass(frozen=True)
class ThemeCount:
    """In how many audits of how many a theme came up, this month and the month before."""

    theme: str
    n: int
    of: int
    n_before: int
    of_before: int
    move: str


@dataclass(frozen=True)
class ListedAudit:
    """An audit without anything that leads to a child or a worker: its own reference, its type, service and grade."""

    reference: str
    audit_type: str
    service: str
    grade: str


@dataclass(frozen=True)
class PanelSummaryContent(Kept):
    """One month of the whole department, as it was known when it was built.

    `month` and `month_before` read "2026-10". The lists hold settled audits of cases that are not restricted;
    `restricted_not_listed` and `provisional_not_listed` count the others of those grades. `excluded` holds
    (number, reason) of audits that no figure counts; `missing` says in sentences what is not there yet.
    """

    month: str
    month_before: str
    target: int
    total: Figures
    before: Figures
    change: str
    services: tuple[ServiceFigures, ...]
    development: tuple[ThemeCount, ...]
    strengths: tuple[ThemeCount, ...]
    audits_with_findings_form: int
    good_audits: tuple[ListedAudit, ...]
    inadequate_audits: tuple[ListedAudit, ...]
    restricted_not_listed: int
    provisional_not_listed: int
    excluded: tuple[tuple[int, str], ...]
    open_alerts: int
    missing: tuple[str, ...]
    trend: tuple[TrendMonth, ...] = ()
    heat_map: HeatMap = NO_HEAT_MAP
    moderation: ModerationEffect | None = None

    @property
    def starts_on(self) -> date:
        """The first day of the month."""
        return rules.read_month(self.month)

    @property
    def before_starts_on(self) -> date:
        """The first day of the month before."""
        return rules.read_month(self.month_before)

    @property
    def headline(self) -> str:
        """The month in a sentence or three: how many, what share was good or better, the target, what moved."""
        return " ".join(_headline(self))


def _headline(content: PanelSummaryContent) -> list[str]:
    total, before = content.total, content.before
    name, name_before = f"{content.starts_on:%B %Y}", f"{content.before_starts_on:%B %Y}"
    if total.percent is None:
        return [f"No audit counted in {name}."]
    side = "at or above" if total.meets_target else "below"
    exact = f" ({total.exact}%)" if total.rounding_hides_the_target else ""
    said = [
        f"{total.good_or_better} of {_count(total.audited, 'audit')} in {name} {_are(total.good_or_better)} good or "
        f"outstanding: {total.percent['good_or_outstanding']}%{exact}, {side} the target of {content.target}%."
    ]
    if total.small:
        said.append("That is a small number of audits: read it with care.")
    if before.percent is not None:
        said.append(f"{_CHANGES[content.change]} {name_before} ({before.percent['good_or_outstanding']}%).")
    return said


_CHANGES = {
    "better": "Better than in",
    "worse": "Worse than in",
    "no clear change": "No clear change on",
}


def content_of(data: Mapping[str, Any]) -> PanelSummaryContent:
    """The content that was stored as JSON, as an object again."""

    def figures(held: Mapping[str, Any]) -> Figures:
        interval = held["interval"]
        return Figures(**{**held, "interval": tuple(interval) if interval else None})

    return PanelSummaryContent(
        **{
            **data,
            "total": figures(data["total"]),
            "before": figures(data["before"]),
            "services": tuple(
                ServiceFigures(row["service"], figures(row["figures"]), row["change"]) for row in data["services"]
            ),
            "development": tuple(ThemeCount(**row) for row in data["development"]),
            "strengths": tuple(ThemeCount(**row) for row in data["strengths"]),
            "good_audits": tuple(ListedAudit(**row) for row in data["good_audits"]),
            "inadequate_audits": tuple(ListedAudit(**row) for row in data["inadequate_audits"]),
            "excluded": tuple((number, reason) for number, reason in data["excluded"]),
            "missing": tuple(data["missing"]),
            # A summary in the first layout has none of these.
            "trend": tuple(TrendMonth(**row) for row in data.get("trend", ())),
            "heat_map": _heat_map(data.get("heat_map")),
            "moderation": ModerationEffect(**data["moderation"]) if data.get("moderation") else None,
        }
    )


def _heat_map(held: Mapping[str, Any] | None) -> HeatMap:
    if not held:
        return NO_HEAT_MAP
    rows = tuple(
        HeatRow(row["section"], tuple(HeatCell(**cell) for cell in row["cells"]), HeatCell(**row["total"]))
        for row in held["rows"]
    )
    return HeatMap(tuple(held["services"]), rows)


def summary_content(
    *,
    month: date,
    today: date,
    audits: AuditQuerySet,
    tallies: GradeTallyQuerySet,
    themes: ThemeQuerySet,
    alerts: AlertQuerySet,
) -> PanelSummaryContent:
    """The summary of the month that `month` lies in, from rows scoped to whoever builds it."""
    month = month.replace(day=1)
    before = rules.month_before(month)
    table = grade_table(tallies, first=month, last=month, by=Breakdown.SERVICE)
    counted = audits.in_period(month, month).counted()
    final = counted.filter(status__in=GRADE_FINAL)
    listed = final.exclude(case__restricted=True)
    highlighted = (*GOOD_GRADES, Grade.INADEQUATE)
    themes_now, forms_now = _theme_counts(audits.in_period(month, month), themes)
    themes_before, forms_before = _theme_counts(audits.in_period(before, before), themes)

    def rows(kind: str) -> tuple[ThemeCount, ...]:
        return _theme_rows(themes_now[kind], forms_now, themes_before[kind], forms_before)

    return PanelSummaryContent(
        month=f"{month:%Y-%m}",
        month_before=f"{before:%Y-%m}",
        target=table.target,
        total=_figures(table.total),
        before=_figures(table.before),
        change=table.total.change or "",
        services=_services(table.rows, counted),
        development=rows(FindingKind.DEVELOPMENT),
        strengths=rows(FindingKind.STRENGTH),
        audits_with_findings_form=forms_now,
        good_audits=_listed(listed, GOOD_GRADES),
        inadequate_audits=_listed(listed, (Grade.INADEQUATE,)),
        restricted_not_listed=final.filter(case__restricted=True, counted_grade__in=highlighted).count(),
        provisional_not_listed=counted.filter(status=AuditStatus.SUBMITTED, counted_grade__in=highlighted).count(),
        excluded=tuple((number, ExcludedReason(key).label) for key, number in table.excluded.items()),
        open_alerts=alerts.unresolved().count(),
        missing=_missing(month, today, audits, counted),
        trend=trend(tallies, month),
        heat_map=heat_map(tallies, month),
        moderation=moderation_effect(counted),
    )


def _figures(row: GradeRow) -> Figures:
    percent = row.percent
    return Figures(
        audited=row.audited,
        outstanding=row.outstanding,
        good=row.good,
        requires_improvement=row.requires_improvement,
        inadequate=row.inadequate,
        provisional=row.provisional,
        percent=asdict(percent) if percent else None,
        interval=row.interval,
        exact=row.exact or "",
        meets_target=row.meets_target,
        small=row.small,
        rounding_hides_the_target=row.rounding_hides_the_target,
    )


def _services(rows: Iterable[GradeRow], counted: AuditQuerySet) -> tuple[ServiceFigures, ...]:
    """A row a service; figures that would show the grade of a restricted case alone are held back."""
    rows = list(rows)
    open_cases = {str(pk) for pk in counted.exclude(case__restricted=True).values_list("service", flat=True)}
    only_restricted = {
        row.key: open_cases.isdisjoint(value for field, value in row.params if field == "service") for row in rows
    }
    hidden = rules.rows_to_hide(only_restricted, {row.key: row.audited for row in rows})
    return tuple(
        ServiceFigures(row.label, Figures(hidden=True), "")
        if row.key in hidden
        else ServiceFigures(row.label, _figures(row), row.change or "")
        for row in rows
    )


def _listed(audits: AuditQuerySet, grades: Iterable[str]) -> tuple[ListedAudit, ...]:
    """The audits of these grades, in the order of the grades, then by service and reference."""
    order = list(grades)
    found = audits.filter(counted_grade__in=order).values_list(
        "counted_grade", "service__name", "reference", "audit_type"
    )
    rows = sorted(found, key=lambda row: (order.index(row[0]), row[1].casefold(), row[2]))
    return tuple(ListedAudit(reference, kind, service, grade) for grade, service, reference, kind in rows)


ThemeSets = dict[str, dict[str, set[UUID]]]  # kind of finding to theme to the audits in which it came up


def _theme_counts(audits: AuditQuerySet, themes: ThemeQuerySet) -> tuple[dict[str, Counter[str]], int]:
    """By kind of finding, how many audits each theme came up in, and how many audits had a form to find it with.

    An audit counts once for a theme, however many findings bear it; a merged theme counts as the one that it
    was merged into.
    """
    with_form = audits.filter(
        status__in=GRADE_GIVEN, purpose=AuditPurpose.STANDARD, tool_version__isnull=False
    ).order_by()
    names = _theme_names(themes)
    sets: ThemeSets = defaultdict(lambda: defaultdict(set))
    found = with_form.filter(findings__themes__isnull=False).values_list("pk", "findings__kind", "findings__themes")
    for audit, kind, theme in found.distinct():
        sets[kind][names[theme]].add(audit)
    counts = {kind: Counter({theme: len(held) for theme, held in sets[kind].items()}) for kind in FindingKind.values}
    return counts, with_form.count()


def theme_use(audits: AuditQuerySet, themes: ThemeQuerySet, theme: Theme, kind: str) -> tuple[int, int]:
    """In how many audits of how many a theme came up as `kind`; what was merged into it counts as it does."""
    counts, forms = _theme_counts(audits, themes)
    return counts[kind][_theme_names(themes)[theme.pk]], forms


def _theme_names(themes: ThemeQuerySet) -> dict[UUID, str]:
    """What each theme is called today: "Supervision: frequency", or the name of what it was merged into."""
    held = {
        pk: (f"{parent}: {name}" if parent else name, merged)
        for pk, name, parent, merged in themes.order_by().values_list("pk", "name", "parent__name", "merged_into")
    }
    names = {}
    for pk in held:
        end, seen = pk, {pk}
        while (following := held[end][1]) in held and following not in seen:
            end = following
            seen.add(end)
        names[pk] = held[end][0]
    return names


def _theme_rows(now: Counter[str], forms_now: int, before: Counter[str], forms_before: int) -> tuple[ThemeCount, ...]:
    return tuple(
        ThemeCount(theme, n, forms_now, before[theme], forms_before, _move(n, forms_now, before[theme], forms_before))
        for theme, n in sorted(now.items(), key=lambda item: (-item[1], item[0].casefold()))
    )


def _move(n: int, of: int, n_before: int, of_before: int) -> str:
    interval = arithmetic.newcombe_difference(n, of, n_before, of_before)
    if interval is None:
        return ThemeMove.NEW
    if interval[0] > 0:
        return ThemeMove.MORE
    return ThemeMove.LESS if interval[1] < 0 else ThemeMove.SAME


def _missing(month: date, today: date, audits: AuditQuerySet, counted: AuditQuerySet) -> tuple[str, ...]:
    """What a reader of the month's figures must know is not in them."""
    after = rules.month_after(month)
    provisional = counted.filter(status=AuditStatus.SUBMITTED).count()
    late = audits.filter(status__in=OPEN_TO_AUDITOR, due_on__gte=month, due_on__lt=after).count()
    form = audits.in_period(month, month).filter(
        status__in=GRADE_GIVEN, purpose=AuditPurpose.STANDARD, tool_version__isnull=False
    )
    unthemed = form.filter(findings__isnull=False, findings__themes__isnull=True).values("findings").distinct().count()
    historic = counted.filter(tool_version__isnull=True).count()
    found = []
    if today < after:
        found.append("The month is not over: audits submitted later in it will be added.")
    if provisional:
        found.append(f"{_count(provisional, 'grade')} {_are(provisional)} not settled yet and may still change.")
    if late:
        found.append(f"{_count(late, 'audit')} due in the month {_have(late)} not been submitted.")
    if unthemed:
        found.append(f"{_count(unthemed, 'finding')} {_have(unthemed)} no theme, so no list of themes counts them.")
    if historic:
        found.append(f"{_count(historic, 'audit')} came from a list of old audits, which holds grades but no findings.")
    return tuple(found)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _have(n: int) -> str:
    return "has" if n == 1 else "have"


# --- what changed between two versions ---------------------------------------------------------------------------


def what_changed(old: PanelSummaryContent, new: PanelSummaryContent) -> tuple[str, ...]:
    """The differences between two versions of one month, a sentence each."""
    said: list[str] = []
    for label, name in (
        ("Audits counted", "audited"), ("Outstanding", "outstanding"), ("Good", "good"),
        ("Requires improvement", "requires_improvement"), ("Inadequate", "inadequate"),
        ("Provisional grades", "provisional"),
    ):  # fmt: skip
        said += _number_changed(label, getattr(old.total, name), getattr(new.total, name))
    said += _number_changed("Audits counted in the month before", old.before.audited, new.before.audited)
    said += _number_changed(
        "Good or outstanding in the month before", old.before.good_or_better, new.before.good_or_better
    )
    said += _number_changed("Open safeguarding alerts", old.open_alerts, new.open_alerts)
    if old.moderation and new.moderation:
        for label, name in (("Grades raised by moderation", "raised"), ("Grades lowered by moderation", "lowered")):
            said += _number_changed(label, getattr(old.moderation, name), getattr(new.moderation, name))
    said += _list_changed("good and outstanding audits", old.good_audits, new.good_audits)
    said += _list_changed("inadequate audits", old.inadequate_audits, new.inadequate_audits)
    said += _themes_changed("Development point", old.development, new.development)
    said += _themes_changed("Strength", old.strengths, new.strengths)
    if {row.service: row for row in old.services} != {row.service: row for row in new.services}:
        names = [row.service for row in new.services if row not in old.services]
        names += [row.service for row in old.services if row.service not in {each.service for each in new.services}]
        said.append(f"Figures by service: {', '.join(names)}.")
    said += [f"New: {sentence}" for sentence in new.missing if sentence not in old.missing]
    said += [f"No longer: {sentence}" for sentence in old.missing if sentence not in new.missing]
    if not said and old != new:
        said.append("Details of the comparison with the month before.")
    return tuple(said)


def _number_changed(label: str, old: int, new: int) -> list[str]:
    return [] if old == new else [f"{label}: {new}, was {old}."]


def _list_changed(label: str, old: Iterable[ListedAudit], new: Iterable[ListedAudit]) -> list[str]:
    was, now = {row.reference for row in old}, {row.reference for row in new}
    said = []
    if now - was:
        said.append(f"Added to the {label}: {', '.join(sorted(now - was))}.")
    if was - now:
        said.append(f"Taken from the {label}: {', '.join(sorted(was - now))}.")
    return said


def _themes_changed(label: str, old: Iterable[ThemeCount], new: Iterable[ThemeCount]) -> list[str]:
    was, now = {row.theme: row.n for row in old}, {row.theme: row.n for row in new}
    return [
        f"{label} “{theme}”: {now.get(theme, 0)} audits, was {was.get(theme, 0)}."
        for theme in sorted(was.keys() | now.keys(), key=str.casefold)
        if was.get(theme, 0) != now.get(theme, 0)
    ]


# --- pages -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VersionLine:
    """One stored version of a month."""

    id: UUID
    number: int
    built_at: datetime
    by: str


@dataclass(frozen=True)
class MonthLine:
    """A month on the list of summaries: its versions, newest first, and the figures of the newest."""

    month: date
    versions: tuple[VersionLine, ...]
    total: Figures | None
    over: bool

    @property
    def key(self) -> str:
        """The month as an address has it: "2026-10"."""
        return f"{self.month:%Y-%m}"


def version_lines(summaries: PanelSummaryQuerySet, month: date) -> tuple[VersionLine, ...]:
    """The stored versions of a month, newest first."""
    held = summaries.filter(month=month).select_related("asked_by").defer("content").order_by("-number")
    return tuple(_version(summary) for summary in held)


def month_lines(summaries: PanelSummaryQuerySet, *, today: date, months: int = 12) -> list[MonthLine]:
    """Every month that has a summary and the last `months` months to today's, newest first."""
    by_month: dict[date, list[PanelSummary]] = defaultdict(list)
    for summary in summaries.select_related("asked_by").order_by("-month", "-number"):
        by_month[summary.month].append(summary)
    month = today.replace(day=1)
    for _ in range(months + 1):
        by_month.setdefault(month, [])
        month = rules.month_before(month)
    return [
        MonthLine(
            month=month,
            versions=tuple(_version(summary) for summary in held),
            total=content_of(held[0].content).total if held else None,
            over=today >= rules.month_after(month),
        )
        for month, held in sorted(by_month.items(), reverse=True)
    ]


def _version(summary: PanelSummary) -> VersionLine:
    by = summary.asked_by.name if summary.asked_by else "The calendar"
    return VersionLine(summary.pk, summary.number, summary.built_at, by)
