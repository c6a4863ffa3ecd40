"""Themes: the list with its history, findings that nobody has coded yet, and how often each theme came up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from audits.choices import GRADE_GIVEN, AuditPurpose, FindingKind
from audits.models import AuditSection, Finding, Theme
from audits.querysets import AuditQuerySet, ThemeQuerySet
from audits.rules import arithmetic
from audits.rules.suppression import SMALLEST_SHOWN
from core.history.models import Event
from core.page_parts import TimelineEntry

HISTORY_MONTHS = 12
COMPARED_MONTHS = 3
MORE, LESS, SAME = "More often", "Less often", "No clear change"


@dataclass(frozen=True)
class ThemeLine:
    """A theme in the list, under its heading. `state` is "", "Retired" or "Merged into ..."."""

    id: UUID
    name: str
    synonyms: tuple[str, ...]
    state: str
    findings: int
    below: tuple[ThemeLine, ...] = ()


@dataclass(frozen=True)
class UncodedFinding:
    """A finding without a theme, and the theme that its words suggest ("" for none)."""

    id: UUID
    audit: UUID
    reference: str
    section: str
    kind: str
    text: str
    suggested: str


@dataclass(frozen=True)
class Share:
    """In how many audits of how many; both None where the numbers are too small to be shown to this reader."""

    n: int | None
    of: int | None

    @property
    def percent(self) -> int | None:
        """The share in whole percents."""
        return round(100 * (self.n or 0) / self.of) if self.of else None

    @property
    def small(self) -> bool:
        """Whether it rests on few audits."""
        return self.of is not None and arithmetic.is_small(self.of)

    @property
    def says(self) -> str:
        """The share in words: "3 of 20 (15%)"."""
        if self.n is None:
            return "fewer than 5, or nearly all"
        if not self.of:
            return "-"
        return f"{self.n} of {self.of} ({self.percent}%){', small number' if self.small else ''}"


@dataclass(frozen=True)
class Answered:
    """What was done about a theme, and whether it came up less often afterwards."""

    actions: int
    done: int
    says: str


@dataclass(frozen=True)
class ThemeRow:
    """One theme of the report."""

    heading: str
    theme: str
    strength: Share
    development: Share
    before: Share
    change: str
    answered: Answered | None


@dataclass(frozen=True)
class ThemeReport:
    """How often themes came up in the months from `first` to `last`, against as many months before."""

    first: date
    last: date
    rows: tuple[ThemeRow, ...]
    audits: int
    uncoded: int


@dataclass(frozen=True)
class ActionOnTheme:
    """An action that somebody made about a theme: its name, the day it was made and the day it was verified."""

    theme: str
    made_on: date
    done_on: date | None


# --- the list --------------------------------------------------------------------------------------------------------


def theme_lines(themes: ThemeQuerySet, *, retired: bool) -> list[ThemeLine]:
    """The headings with their themes, by name; retired and merged ones only where asked for."""
    counts: dict[Any, int] = defaultdict(int)
    for key in Finding.themes.through.objects.order_by().values_list("theme", flat=True):
        counts[key] += 1
    below: dict[Any, list[Theme]] = defaultdict(list)
    for theme in themes.select_related("merged_into").order_by("name", "pk"):
        if retired or theme.retired_on is None:
            below[theme.parent_id].append(theme)

    def line(theme: Theme) -> ThemeLine:
        state = ""
        if theme.merged_into:
            state = f"Merged into “{theme.merged_into.name}”"
        elif theme.retired_on:
            state = "Retired"
        return ThemeLine(
            theme.pk, theme.name, tuple(theme.synonyms), state, counts[theme.pk],
            tuple(line(child) for child in below[theme.pk]),
        )  # fmt: skip

    return [line(theme) for theme in below[None]]


_TOLD = {
    "added": "Added",
    "edited": "Name or synonyms changed",
    "retired": "Retired",
    "brought back": "Brought back",
    "merged": "Merged into another theme",
    "took in": "Took in another theme",
}


def theme_history(theme: Theme) -> list[TimelineEntry]:
    """What happened to a theme, the latest first."""
    events = Event.objects.filter(kind="audits.theme", object_id=theme.pk).select_related("actor", "content")
    entries = []
    for event in events.order_by("-sequence")[:100]:
        content = getattr(event, "content", None)
        other = (content.values or {}).get("other", "") if content else ""
        title = _TOLD.get(event.verb, event.verb.capitalize())
        entries.append(
            TimelineEntry(
                title=f"{title}: {other}" if other else title, at=event.at,
                by=event.actor.name if event.actor else "The system", text=content.why if content else "",
            )
        )  # fmt: skip
    return entries


# --- coding ----------------------------------------------------------------------------------------------------------


def uncoded(audits: AuditQuerySet) -> Any:
    """The findings of submitted audits that bear no theme, the oldest first."""
    held = audits.filter(status__in=GRADE_GIVEN, purpose=AuditPurpose.STANDARD)
    return (
        Finding.objects.filter(audit__in=held.values("pk"), themes=None)
        .select_related("audit", "audit_section__section")
        .order_by("audit__submitted_at", "audit__reference", "position", "pk")
    )


def uncoded_lines(findings: Iterable[Finding], themes: ThemeQuerySet) -> list[UncodedFinding]:
    """The findings of one page, each with the theme that its words suggest."""
    words = [
        (str(theme.pk), [theme.name.casefold(), *(each.casefold() for each in theme.synonyms)])
        for theme in themes.in_use().filter(parent__isnull=False)
    ]
    return [
        UncodedFinding(
            found.pk, found.audit_id, found.audit.reference, found.audit_section.section.title,
            found.get_kind_display(), found.text,
            next((key for key, names in words if any(name in found.text.casefold() for name in names)), ""),
        )
        for found in findings
    ]  # fmt: skip


# --- the report ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Facts:
    """Which audits of which month bear which theme, and in which the theme could have come up."""

    month: dict[Any, date]
    service: dict[Any, Any]
    found: dict[tuple[str, str], set[Any]]  # kind and theme to audits
    sections: dict[str, set[str]]  # theme to the keys of the sections in which it was found
    applied: dict[str, set[Any]]  # key of a section to the audits in which it applied

    def share(self, theme: str, kind: str, first: date, last: date) -> tuple[int, int]:
        """In how many audits of how many in which its sections applied."""
        found, there = self._audits(theme, kind, first, last)
        return len(found), len(there)

    def shares_without(self, theme: str, kind: str, first: date, last: date) -> list[tuple[int, int]]:
        """The same without any one service, as whoever knows that service in full can work it out."""
        found, there = self._audits(theme, kind, first, last)
        services = {self.service[audit] for audit in there}
        return [
            (sum(self.service[audit] != each for audit in found), sum(self.service[audit] != each for audit in there))
            for each in services
        ]

    def _audits(self, theme: str, kind: str, first: date, last: date) -> tuple[set[Any], set[Any]]:
        able = {audit for key in self.sections.get(theme, ()) for audit in self.applied.get(key, ())}
        there = {audit for audit in able if first <= self.month[audit] <= last}
        return self.found.get((kind, theme), set()) & there, there


def theme_report(
    audits: AuditQuerySet, themes: ThemeQuerySet, *, first: date, last: date, outside: bool,
    actions: Iterable[ActionOnTheme] = (), in_time: tuple[datetime, datetime] | None = None,
) -> ThemeReport:  # fmt: skip
    """How often each theme came up, from audits scoped to the reader; an audit counts once for a theme.

    The share is of the audits in which a section applied where this theme is found. `outside` readers see no count
    of 1 to 4, nor one that leaves so few, with or without any one service. A merged theme counts as the one that it was
    merged into.

    `in_time` gives each of the two periods a moment: what was coded or merged after it does not count there. So a
    period's report stays as it was, and the few that were coded later are not the difference of two looks at it.
    """
    first, last = first.replace(day=1), last.replace(day=1)
    length = (last.year - first.year) * 12 + last.month - first.month + 1
    before = (months_later(first, -length), months_later(first, -1))
    start = min(before[0], months_later(last, -HISTORY_MONTHS - COMPARED_MONTHS))
    held = audits.in_period(start, last).filter(
        status__in=GRADE_GIVEN, purpose=AuditPurpose.STANDARD, tool_version__isnull=False
    )
    until, until_then = in_time or (None, None)
    names = names_of(themes, until=until)
    if in_time is None:
        facts = then = _facts(held, names)
    else:
        facts = _facts(held.in_period(first, last), names, until)
        then = _facts(held.in_period(*before), names_of(themes, until=until_then), until_then)
    about: dict[str, list[ActionOnTheme]] = defaultdict(list)
    for action in actions:
        about[action.theme].append(action)
    rows = []
    for heading, theme in sorted(set(names.values()), key=lambda pair: (pair[0].casefold(), pair[1].casefold())):
        key = _key(heading, theme)
        strength = facts.share(key, FindingKind.STRENGTH, first, last)
        development = facts.share(key, FindingKind.DEVELOPMENT, first, last)
        earlier = then.share(key, FindingKind.DEVELOPMENT, *before)
        if not (strength[0] or development[0] or earlier[0] or about[theme]):
            continue
        shown = []
        for pair, of, kind, start_on, end_on in (
            (strength, facts, FindingKind.STRENGTH, first, last),
            (development, facts, FindingKind.DEVELOPMENT, first, last),
            (earlier, then, FindingKind.DEVELOPMENT, *before),
        ):
            shown.append(_share(pair, [pair, *of.shares_without(key, kind, start_on, end_on)] if outside else ()))
        hidden = shown[1].n is None or shown[2].n is None
        rows.append(
            ThemeRow(
                heading, theme, shown[0], shown[1], shown[2],
                "" if hidden else _verdict(development, earlier),
                None if outside else _answered(facts, key, about[theme], last),
            )
        )  # fmt: skip
    counted = {audit for audit, month in facts.month.items() if first <= month <= last}
    return ThemeReport(first, last, tuple(rows), len(counted), uncoded(held.in_period(first, last)).count())


def names_of(themes: ThemeQuerySet, *, until: datetime | None = None) -> dict[UUID, tuple[str, str]]:
    """Heading and name of each theme that findings may bear, as it is called today or was merged into by `until`."""
    later = set()
    if until is not None:
        merged_later = Event.objects.filter(kind="audits.theme", verb="merged", at__gte=until)
        later = set(merged_later.values_list("object_id", flat=True))
    held = {
        pk: (parent or name, name, None if pk in later else merged)
        for pk, name, parent, merged in themes.order_by().values_list("pk", "name", "parent__name", "merged_into")
    }
    found = {}
    for pk in held:
        end, seen = pk, {pk}
        while (following := held[end][2]) in held and following not in seen:
            end = following
            seen.add(end)
        found[pk] = (held[end][0], held[end][1])
    return found


def _facts(audits: AuditQuerySet, names: dict[UUID, tuple[str, str]], until: datetime | None = None) -> _Facts:
    held = list(audits.order_by().values_list("pk", "month", "service"))
    found: dict[tuple[str, str], set[Any]] = defaultdict(set)
    sections: dict[str, set[str]] = defaultdict(set)
    keys = audits.order_by().values("pk")
    rows = Finding.objects.filter(audit__in=keys, themes__isnull=False).order_by()
    if until is not None:
        coded_later = Event.objects.filter(kind="audits.finding", verb="coded", at__gte=until)
        rows = rows.exclude(pk__in=list(coded_later.values_list("object_id", flat=True)))
    for audit, kind, theme, section in rows.values_list("audit", "kind", "themes", "audit_section__section__key"):
        key = _key(*names[theme])
        found[kind, key].add(audit)
        sections[key].add(section)
    applied: dict[str, set[Any]] = defaultdict(set)
    judged = AuditSection.objects.filter(audit__in=keys, not_applicable=False).order_by()
    for audit, section in judged.values_list("audit", "section__key"):
        applied[section].add(audit)
    month = {pk: day for pk, day, _ in held if day}
    return _Facts(month, {pk: service for pk, _, service in held}, found, sections, applied)


def _key(heading: str, theme: str) -> str:
    return f"{heading}: {theme}"


def _share(pair: tuple[int, int], told: Iterable[tuple[int, int]]) -> Share:
    """The share, or nothing where one of the pairs that it would tell has a small count or leaves one."""
    if any(0 < count < SMALLEST_SHOWN for n, of in told for count in (n, of - n, of)):
        return Share(None, None)
    return Share(*pair)


def _verdict(now: tuple[int, int], before: tuple[int, int]) -> str:
    """Called a change only where the 95% Newcombe interval of the difference leaves no change out."""
    interval = arithmetic.newcombe_difference(*now, *before)
    if interval is None:
        return ""
    return MORE if interval[0] > 0 else LESS if interval[1] < 0 else SAME


def _answered(facts: _Facts, key: str, actions: list[ActionOnTheme], last: date) -> Answered | None:
    """Whether the theme came up less often after the actions about it were done than in the three months before."""
    if not actions:
        return None
    done = [action.done_on for action in actions if action.done_on is not None]
    if not done:
        return Answered(len(actions), 0, "None done yet")
    begun, ended = min(action.made_on for action in actions).replace(day=1), max(done).replace(day=1)
    if months_later(ended, 1) > last:
        return Answered(len(actions), len(done), "Too early to say")
    before = facts.share(key, FindingKind.DEVELOPMENT, months_later(begun, -COMPARED_MONTHS), months_later(begun, -1))
    since = facts.share(key, FindingKind.DEVELOPMENT, months_later(ended, 1), last)
    verdict = _verdict(since, before)
    says = f"{verdict or 'Nothing to compare with'} since: {since[0]} of {since[1]}, before {before[0]} of {before[1]}"
    return Answered(len(actions), len(done), says)


def end_of_last_quarter(today: date) -> date:
    """The last month of the newest calendar quarter that is over."""
    return months_later(date(today.year, today.month - (today.month - 1) % 3, 1), -1)


def months_later(day: date, number: int) -> date:
    """The first day of the month so many months later."""
    place = day.year * 12 + day.month - 1 + number
    return date(place // 12, place % 12 + 1, 1)
