"""Holding texts that others learn from against the names of staff, case references and patterns (NK-10)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models import User
from cases.models import Case, CaseAlias, Worker
from core.history.services import actor_id
from learning.models import Confirmed
from learning.rules.free_text import Hit, hits_in, references_in, unconfirmed


class LeadsToSomebody(Exception):
    """Words in a text look as if they led to a person, and nobody has said why they may stay. Nothing was kept."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        self.hits = tuple(hits)
        super().__init__("Some words look as if they led to a person.")


def found_in(*, text: str) -> tuple[Hit, ...]:
    """Everything in a text that looks as if it led to a person."""
    words = references_in(text)
    cases = set(Case.objects.filter(reference__in=words).values_list("reference", flat=True)) if words else set()
    if words:
        cases |= set(CaseAlias.objects.filter(reference__in=words).values_list("reference", flat=True))
    names = {*User.objects.values_list("name", flat=True), *Worker.objects.values_list("name", flat=True)}
    return hits_in(text, staff=names, cases=cases)


def hits_to_confirm(*, texts: Iterable[str], kind: str = "", object_id: uuid.UUID | None = None) -> tuple[Hit, ...]:
    """What in these texts needs a reason: each words once, without those confirmed for the same record before."""
    hits = {hit.key: hit for text in texts for hit in found_in(text=text)}
    if object_id is not None:
        before = Confirmed.objects.filter(kind=kind, object_id=object_id).values_list("hit_key", flat=True)
        hits = {key: hit for key, hit in hits.items() if key not in set(before)}
    return tuple(hits.values())


def check_texts(
    *, texts: Iterable[str], reasons: Mapping[str, str], kind: str = "", object_id: uuid.UUID | None = None
) -> tuple[Hit, ...]:
    """What in these texts was confirmed just now. Raises LeadsToSomebody for what was not.

    `reasons` maps the keys of hits to reasons. What was confirmed for the same record before need not be said again.
    """
    hits = hits_to_confirm(texts=texts, kind=kind, object_id=object_id)
    left = unconfirmed(hits, reasons)
    if left:
        raise LeadsToSomebody(left)
    return hits


def keep_reasons(*, hits: Iterable[Hit], reasons: Mapping[str, str], record: models.Model, by: Any) -> None:
    """Write down why these words may stand in a record's text. The words themselves are not kept here."""
    Confirmed.objects.bulk_create(
        Confirmed(
            kind=record._meta.label_lower, object_id=record.pk, hit_kind=hit.kind, hit_key=hit.key,
            why=reasons[hit.key].strip()[:500], at=timezone.now(), by_id=actor_id(by),
        )
        for hit in hits
    )  # fmt: skip
