"""The shipped catalogue of computed indicators: made once, never over what a council has changed."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.access import Actor, must
from assurance_clinics.access import can_define
from assurance_clinics.choices import DefinitionStatus
from assurance_clinics.models import Indicator, IndicatorDefinition, Target, wording_key
from assurance_clinics.rules.figures import unit_of
from core.history.services import Entry, record_many

CATALOGUE = Path(__file__).resolve().parents[1] / "catalogue" / "indicators.toml"
SHIPPED_FROM = dt.date(2020, 4, 1)
"""The shipped definitions and targets hold from here, so that older extracts can be looked at."""
LEVELS = ["department", "service", "team", "worker"]


@transaction.atomic
def load_indicators(*, by: Actor) -> int:
    """Make the computed indicators that are not there yet, each with its definition and target; how many were made.

    One that a table brought in under the same wording gets its formula, and keeps its own definition and target.
    Raises NotAllowed where `by` may not keep definitions.
    """
    must(can_define(by))
    entries: list[Entry] = []
    for position, shipped in enumerate(tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["indicator"], start=1):
        if Indicator.objects.filter(code=shipped["code"]).exists():
            continue
        key = wording_key(shipped["wording"])
        present = Indicator.objects.filter(wording_key=key, code=None).first()
        if present is not None:
            present.code = shipped["code"]
            present.save(update_fields=["code"])
        else:
            present = _make(shipped, position)
        entries.append(Entry(present, "loaded", to_state=DefinitionStatus.CONFIRMED, values={"code": shipped["code"]}))
    record_many(by=by, entries=entries)
    return len(entries)


def _make(shipped: dict[str, Any], position: int) -> Indicator:
    indicator = Indicator.objects.create(
        code=shipped["code"], wording=shipped["wording"], section=shipped["section"], position=position
    )
    IndicatorDefinition.objects.create(
        indicator=indicator, valid_from=SHIPPED_FROM, status=DefinitionStatus.CONFIRMED, kind=shipped["kind"],
        basis=shipped["basis"], polarity=shipped["polarity"], unit_of_measure=unit_of(shipped["kind"]),
        numerator=shipped["numerator"], denominator=shipped["denominator"], source=shipped["source"],
        levels=shipped.get("levels", LEVELS),
    )  # fmt: skip
    if "target" in shipped:
        sign = "%" if shipped["kind"] == "percentage" else ""
        Target.objects.create(
            indicator=indicator, starts_on=SHIPPED_FROM, value=Decimal(shipped["target"]),
            printed=f"{shipped['target']}{sign}",
            tolerance=Decimal(shipped["tolerance"]) if "tolerance" in shipped else None,
        )  # fmt: skip
    return indicator
