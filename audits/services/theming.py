"""Keeping the list of themes, coding findings, and the theme report for one reader."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import YES, Decision, must, no, unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from actions.choices import WELL_DONE, ActionStatus
from actions.models import Action
from audits.choices import GRADE_GIVEN, ISSUED
from audits.models import Audit, Finding, Theme
from audits.querysets import AuditQuerySet
from audits.selectors.theming import ActionOnTheme, ThemeReport, months_later, theme_report, uncoded
from core.history.services import Entry, record, record_many
from core.working_days import LONDON

NAME_LENGTH = 100
INSIDE = (*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER)
READERS = (*INSIDE, *LINE_ROLES, Role.PANEL_MEMBER, Role.READ_ONLY)


def can_keep_themes(*, by: Any) -> Decision:
    """The QA unit and the Principal Social Worker keep the list of themes."""
    if getattr(by, "is_system", False) or by.holds(*INSIDE):
        return YES
    return no("Only the QA unit and the Principal Social Worker can change themes.")


def can_code(*, by: Any) -> Decision:
    """The QA unit reads findings and gives them their themes."""
    if getattr(by, "is_system", False) or by.holds(*QA_ROLES):
        return YES
    return no("Only the QA unit can give findings their themes.")


def can_read_report(*, by: Any) -> Decision:
    """Whoever reads figures."""
    if getattr(by, "is_system", False) or by.holds(*READERS):
        return YES
    return no("The theme report is for those who read figures.")


def add_theme(*, name: str, parent: Theme | None, synonyms: Sequence[str], by: Any) -> Theme:
    """A new heading, or a theme under one. Raises NotAllowed and ValidationError by field."""
    must(can_keep_themes(by=by))
    with transaction.atomic():
        _check(name=name, parent=parent)
        theme = Theme.objects.create(name=name.strip(), parent=parent, synonyms=_words(synonyms))
        record(by=by, verb="added", record=theme, values={"name": theme.name, "synonyms": theme.synonyms})
    return theme


def edit_theme(*, theme: Theme, name: str, synonyms: Sequence[str], by: Any) -> Theme:
    """Another name or other synonyms; findings keep the theme. Raises NotAllowed and ValidationError by field."""
    must(can_keep_themes(by=by))
    with transaction.atomic():
        held = Theme.objects.select_for_update(of=("self",), no_key=True).get(pk=theme.pk)
        _check(name=name, parent=held.parent, theme=held)
        before = [held.name, held.synonyms]
        held.name, held.synonyms = name.strip(), _words(synonyms)
        held.save(update_fields=["name", "synonyms"])
        record(by=by, verb="edited", record=held, values={"before": before, "after": [held.name, held.synonyms]})
    return held


def retire_theme(*, theme: Theme, why: str, by: Any) -> Theme:
    """Nobody gives it to a finding any more; what bears it keeps it. Raises NotAllowed and ValidationError."""
    must(can_keep_themes(by=by))
    if not why.strip():
        raise ValidationError({"why": "Say why"})
    with transaction.atomic():
        if not Theme.objects.filter(pk=theme.pk, retired_on=None).update(retired_on=timezone.localdate()):
            raise ValidationError("This theme is retired already.")
        if theme.parent_id is None and Theme.objects.filter(parent=theme.pk, retired_on=None).exists():
            raise ValidationError("Themes stand under this heading. Retire or merge them first.")
        record(by=by, verb="retired", record=theme, why=why.strip())
    theme.refresh_from_db()
    return theme


def bring_theme_back(*, theme: Theme, by: Any) -> Theme:
    """A retired theme is in use again. One that was merged stays merged. Raises NotAllowed and ValidationError."""
    must(can_keep_themes(by=by))
    with transaction.atomic():
        retired = Theme.objects.filter(pk=theme.pk, retired_on__isnull=False, merged_into=None)
        if not retired.update(retired_on=None):
            raise ValidationError("Only a theme that is retired and not merged can be brought back.")
        record(by=by, verb="brought back", record=theme)
    theme.refresh_from_db()
    return theme


def merge_theme(*, theme: Theme, into: Theme, why: str, by: Any) -> Theme:
    """Count a theme as another from now on, in the past too. Findings keep what they were given, so that the merge
    can be read back from the log. Raises NotAllowed and ValidationError."""
    must(can_keep_themes(by=by))
    if not why.strip():
        raise ValidationError({"why": "Say why"})
    with transaction.atomic():
        rows = {row.pk: row for row in Theme.objects.select_for_update(of=("self",), no_key=True).filter(
            pk__in=(theme.pk, into.pk)).order_by("pk")}  # fmt: skip
        held, target = rows[theme.pk], rows[into.pk]
        if held.pk == target.pk:
            raise ValidationError({"into": "Choose another theme"})
        if held.merged_into_id is not None or target.retired_on is not None:
            raise ValidationError({"into": "Choose a theme that is in use; one that was merged cannot be merged again"})
        if (held.parent_id is None) != (target.parent_id is None):
            raise ValidationError({"into": "A heading is merged into a heading, a theme into a theme"})
        if held.parent_id is None and Theme.objects.filter(parent=held.pk, retired_on=None).exists():
            raise ValidationError("Themes stand under this heading. Retire or merge them first.")
        held.merged_into, held.retired_on = target, held.retired_on or timezone.localdate()
        held.save(update_fields=["merged_into", "retired_on"])
        target.synonyms = _words([*target.synonyms, held.name, *held.synonyms])
        target.save(update_fields=["synonyms"])
        record_many(
            by=by,
            entries=[
                Entry(held, "merged", why=why.strip(), values={"other": target.name}),
                Entry(target, "took in", why=why.strip(), values={"other": held.name}),
            ],
        )
    return held


def code_findings(*, themes: Mapping[uuid.UUID, Theme], by: Any) -> int:
    """Give findings without a theme their theme; one that somebody else has coded meanwhile is left alone.

    Returns how many were coded. Raises NotAllowed, and ValidationError for a theme that is not in use.
    """
    must(can_code(by=by))
    if any(theme.retired_on is not None or theme.parent_id is None for theme in themes.values()):
        raise ValidationError("Choose a theme that is in use.")
    with transaction.atomic():
        seen = uncoded(Audit.objects.visible_to(by)).filter(pk__in=list(themes))
        held = list(Finding.objects.select_for_update(no_key=True).filter(pk__in=[row.pk for row in seen]))
        entries = []
        for finding in held:
            if finding.themes.exists():
                continue
            finding.themes.add(themes[finding.pk])
            entries.append(Entry(finding, "coded", values={"theme": str(themes[finding.pk].pk)}))
        record_many(by=by, entries=entries)
    return len(entries)


def report_for(*, by: Any, first: date, last: date, services: Iterable[uuid.UUID] = ()) -> ThemeReport:
    """The theme report as this reader may see it.

    The QA unit and the Principal Social Worker the whole department, a head of service their services; a service lead
    and a team manager their units, and panel members and readers of aggregates the department, issued feedback alone.
    """
    must(can_read_report(by=by))
    audits = _figures_of(by, last.replace(day=1))
    wanted = list(services)
    if wanted:
        audits = audits.filter(service__in=wanted)
    outside = not (getattr(by, "is_system", False) or by.holds(*INSIDE))
    return theme_report(
        audits, Theme.objects.visible_to(by), first=first, last=last, outside=outside,
        actions=() if outside else _actions(last),
        in_time=(_in_time(last), _in_time(months_later(last, -3))) if outside else None,
    )  # fmt: skip


def _in_time(last: date) -> datetime:
    """When a quarter that ends with the month `last` comes to rest for readers outside: a month later."""
    return datetime.combine(months_later(last, 2), time(), tzinfo=LONDON)


def _issued_in_time(audits: AuditQuerySet, last: date) -> AuditQuerySet:
    """The audits of the quarter that ends with `last`, and of the one before, that were issued within a month after
    their quarter: two looks at a quarter must not differ by the few that were issued in between."""
    in_time = Q(pk__in=[])
    for end in (last, months_later(last, -3)):
        in_time |= Q(month__gte=months_later(end, -2), month__lte=end, feedback_issued_at__lt=_in_time(end))
    return audits.filter(in_time)


def _figures_of(by: Any, last: date) -> AuditQuerySet:
    audits: AuditQuerySet = Audit.objects.filter(status__in=GRADE_GIVEN)
    if getattr(by, "is_system", False) or by.holds(*INSIDE):
        return audits
    if by.holds(Role.PANEL_MEMBER, Role.READ_ONLY):
        return _issued_in_time(audits.filter(status__in=ISSUED), last)
    heads = unit_scope(by, Role.HEAD_OF_SERVICE)
    managed = unit_scope(by, Role.SERVICE_LEAD, Role.TEAM_MANAGER)
    of_heads: AuditQuerySet = audits.filter(service__in=heads) | audits.filter(team__in=heads)
    of_managers = audits.filter(status__in=ISSUED, service__in=managed) | audits.filter(
        status__in=ISSUED, team__in=managed
    )
    return of_heads | of_managers


def _actions(last: date) -> list[ActionOnTheme]:
    since = last - timedelta(days=365)
    rows = Action.objects.exclude(status__in=(ActionStatus.DRAFT, ActionStatus.CANCELLED)).filter(
        created_at__date__gte=since
    )
    found = []
    for names, made, closed, status in rows.values_list("themes", "created_at", "closed_at", "status"):
        done = timezone.localdate(closed) if closed and status in WELL_DONE else None
        found += [ActionOnTheme(name, timezone.localdate(made), done) for name in names]
    return found


def _words(synonyms: Iterable[str]) -> list[str]:
    """Synonyms without blanks and repeats."""
    found = {" ".join(word.split()).casefold(): " ".join(word.split()) for word in synonyms if word.strip()}
    return list(found.values())


def _check(*, name: str, parent: Theme | None, theme: Theme | None = None) -> None:
    if not name.strip():
        raise ValidationError({"name": "Enter a name"})
    if len(name.strip()) > NAME_LENGTH:
        raise ValidationError({"name": f"Shorten the name to {NAME_LENGTH} characters"})
    if parent is not None and (parent.parent_id is not None or parent.retired_on is not None):
        raise ValidationError({"parent": "Choose a heading that is in use"})
    alike = Theme.objects.filter(parent=parent, name__iexact=name.strip())
    if theme is not None:
        alike = alike.exclude(pk=theme.pk)
    if alike.exists():
        raise ValidationError({"name": "There is a theme of this name already"})
