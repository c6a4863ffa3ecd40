"""Tags and filters that print the parts pages are made of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.widgets import NOTHING

register = template.Library()

GRADE_WORDS = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires_improvement": "Requires improvement",
    "inadequate": "Inadequate",
}
_BOLD = format_html("{}", " govuk-!-font-weight-bold")
TAG_COLOURS = frozenset({"grey", "green", "teal", "blue", "light-blue", "purple", "magenta", "red", "orange", "yellow"})


@register.filter
def grade_label(grade: Any) -> str:
    """A grade in words: "requires_improvement" gives "Requires improvement"; nothing gives "Not graded"."""
    code = str(grade or "")
    return GRADE_WORDS.get(code, code.replace("_", " ").capitalize() or "Not graded")


@register.simple_tag
def grade_tag(grade: Any, prefix: str = "") -> SafeString:
    """A tag in the grade's colour with the grade's words on it.

    `grade` is a grade's code or None; `prefix` is read before it by a screen reader, for example
    "Overall grade".
    """
    code = str(grade or "")
    css = f"app-grade grade-{code.replace('_', '-')}" if code in GRADE_WORDS else "govuk-tag--grey"
    spoken = format_html('<span class="govuk-visually-hidden">{}: </span>', prefix) if prefix else ""
    return format_html('<strong class="govuk-tag {}">{}{}</strong>', css, spoken, grade_label(grade))


@register.simple_tag
def status_tag(words: str, colour: str = "grey") -> SafeString:
    """A status in words on one of the tag colours; colour "" prints the words alone."""
    if not colour:
        return format_html("{}", words)
    chosen = colour if colour in TAG_COLOURS else "grey"
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', chosen, words)


@register.simple_tag
def figure_cells(line: Any) -> SafeString:
    """The cells of one line of figures: each has `text`, `href`, `strong` and `hint`; `line.strong` is all of them."""
    return format_html_join(
        "",
        '<td class="govuk-table__cell govuk-table__cell--numeric{}"{}>{}</td>',
        (
            (
                _BOLD if cell.strong or line.strong else NOTHING,
                format_html(' title="{}"', cell.hint) if cell.hint else NOTHING,
                format_html('<a class="govuk-link" href="{}">{}</a>', cell.href, cell.text) if cell.href else cell.text,
            )
            for cell in line.cells
        ),
    )


@register.filter
def percent(value: Any, places: int = 0) -> str:
    """A percentage as printed: 66.7 gives "67%", None gives "-". Halves are rounded up."""
    if value is None or value == "":
        return "-"
    step = Decimal(1).scaleb(-int(places))
    return f"{Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)}%"


@register.filter
def day(value: Any) -> str:
    """A date in words, "4 March 2026"; "" for nothing. A moment is read in the council's time zone."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = date.fromisoformat(value[:10])
    return f"{value.day} {value:%B} {value.year}" if isinstance(value, date) else str(value)


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in words, "4 March 2026 at 14:02"; "" for nothing."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local.date())} at {local:%H:%M}"


@register.filter
def month(value: Any) -> str:
    """A month in words: a date, or "2026-04", gives "April 2026"."""
    if isinstance(value, str):
        value = date.fromisoformat(f"{value[:7]}-01")
    return f"{value:%B} {value.year}" if value else ""


@register.filter
def working_days_phrase(days: int | None) -> str:
    """Working days left, in words: 3 gives "in 3 working days", 0 "today", -2 "2 working days overdue"."""
    if days is None:
        return ""
    if days == 0:
        return "today"
    plural = "" if abs(days) == 1 else "s"
    return f"in {days} working day{plural}" if days > 0 else f"{-days} working day{plural} overdue"


@register.inclusion_tag("components/task_list.html")
def task_list(items: Iterable[Any], list_id: str = "task") -> dict[str, Any]:
    """A task list of `core.page_parts.TaskItem`s."""
    return {"items": items, "list_id": list_id}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Any], plain: bool = False) -> dict[str, Any]:
    """A summary list of `core.page_parts.SummaryRow`s."""
    return {"rows": rows, "plain": plain}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Any], level: int = 2) -> dict[str, Any]:
    """A timeline of `core.page_parts.TimelineEntry`s; `level` 2 or 3 is the heading level."""
    return {"entries": entries, "level": level}


@register.inclusion_tag("components/tiles.html")
def tiles(tiles: Iterable[Any]) -> dict[str, Any]:
    """Figures side by side: `core.page_parts.Tile`s."""
    return {"tiles": tiles}


@register.inclusion_tag("components/sub_navigation.html")
def sub_navigation(tabs: Iterable[Any], label: str) -> dict[str, Any]:
    """Links between the pages of a group: `core.page_parts.Tab`s. `label` names the group."""
    return {"tabs": tabs, "label": label}


def _href(context: template.Context, **changes: str | None) -> str:
    """The present query string with these changes; None takes a parameter away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the pages of a list, keeping the filters and the order that stand in the address."""
    links: list[dict[str, Any]] = []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        is_gap = not isinstance(number, int)
        links.append(
            {
                "number": number,
                "href": "" if is_gap else _href(context, page=str(number)),
                "current": number == page.number,
            }
        )
    return {
        "page": page,
        "links": links,
        "previous_href": _href(context, page=str(page.number - 1)),
        "next_href": _href(context, page=str(page.number + 1)),
    }


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context, label: str, field: str, numeric: bool = False, default: str = ""
) -> dict[str, Any]:
    """A column heading that sorts: `?sort=field`, and `?sort=-field` the second time.

    `default` is the order of the list when the address names none.
    """
    present = context["request"].GET.get("sort", default)
    direction = {field: "ascending", f"-{field}": "descending"}.get(present, "")
    wanted = f"-{field}" if direction == "ascending" else field
    href = _href(context, sort=wanted, page=None)
    return {"label": label, "href": href, "direction": direction, "numeric": numeric}


@register.simple_tag(takes_context=True)
def kept_parameters(context: template.Context, form: Any) -> SafeString:
    """Hidden inputs that carry the order of a list through its filter form."""
    query = context["request"].GET
    kept = [("sort", value) for value in query.getlist("sort") if "sort" not in form.fields]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)
