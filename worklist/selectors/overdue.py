"""My work: what is overdue for children. Each count equals the list that it leads to."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import OrgUnit
from assurance_clinics.models import DatedEvent
from assurance_clinics.selectors.exceptions import Exceptions, exceptions, of_unit
from cases.models import Extract, Worker
from cases.querysets import CaseQuerySet
from core.page_parts import TaskItem
from worklist.selectors.home import SHOWN, WorkGroup


def overdue_group(
    extract: Extract | None, cases: CaseQuerySet, *, agreed: QuerySet[DatedEvent], today: date,
    places: list[OrgUnit], workers: QuerySet[Worker],
) -> WorkGroup:  # fmt: skip
    """What is overdue for the children of these places, each with its list; of a practitioner's own where there are
    none. Of one place every kind is named, of several each place."""
    page = reverse("assurance_clinics:exceptions")
    found: list[tuple[OrgUnit | None, Exceptions]] = []
    if extract is not None:
        wanted: list[tuple[OrgUnit | None, Q]] = [(place, of_unit(place)) for place in places[:SHOWN]]
        wanted = wanted or [(None, Q(worker__in=workers))]
        found = [(place, exceptions(extract, cases, only=only, agreed=agreed, today=today)) for place, only in wanted]
    items: list[TaskItem] = []
    for place, each in found:
        asked = {"place": str(place.pk)} if place else {}
        if len(found) == 1:
            items += [
                _item(words, number, f"{page}?{urlencode({**asked, 'duty': key})}")
                for key, words, number in each.counts(each.late)
            ]
        elif place is not None and each.late:
            items.append(_item(place.name, len(each.late), f"{page}?{urlencode(asked)}"))
    return WorkGroup(
        key="overdue_children",
        title="Overdue for children",
        count=sum(len(each.late) for _place, each in found),
        items=tuple(items[:SHOWN]),
        all_url=page,
        nothing="Nothing is overdue for your children in the latest extract."
        if extract
        else "No extract is kept, so nothing is known of what is overdue.",
    )


def _item(label: str, number: int, url: str) -> TaskItem:
    return TaskItem(label=label, status=f"{number:,} overdue", colour="red", url=url)
