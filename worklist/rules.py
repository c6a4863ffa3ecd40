"""Which look at a case lies outside a person's work (product.md NK-1, NK-5; the test of incident 30 in quality.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worklist.choices import Outside

# Whoever plans an audit reads the case first: an audit made by the end of the next day explains the look.
_PLANNED_SOON_AFTER = timedelta(days=1)
_LINE = frozenset({"TM", "SL", "HS"})
_QA = frozenset({"QL", "QA"})


@dataclass(frozen=True)
class Look:
    """One look at one case: who, when, and whether the case was refused to them."""

    person: object
    at: datetime
    on: date
    refused: bool = False


@dataclass(frozen=True)
class Span:
    """Something that held from a day to a day (both count; None: still): a holding, a membership."""

    start: date
    end: date | None
    person: object = None
    role: str = ""
    units: frozenset[object] = frozenset()

    def covers(self, on: date) -> bool:
        """Whether it held on that day."""
        return self.start <= on and (self.end is None or on <= self.end)


@dataclass(frozen=True)
class AuditTie:
    """An audit of the case: since when it exists, whose it is since when, who has taken part in it and since when."""

    created_at: datetime
    auditor: object = None
    allocated_at: datetime | None = None
    part: tuple[tuple[object, datetime], ...] = ()
    waiting: tuple[tuple[datetime, datetime | None], ...] = ()


@dataclass(frozen=True)
class CaseFacts:
    """What ties people to one case.

    `holdings` carry the person and the units (team and service) of the case then; `units` are those of today.
    `alert_spans` is when an alert waited for somebody to acknowledge it. `glass` is when whom was let in by
    break-glass, until when.
    """

    holdings: tuple[Span, ...] = ()
    units: frozenset[object] = frozenset()
    audits: tuple[AuditTie, ...] = ()
    named: frozenset[object] = frozenset()
    connected: tuple[tuple[object, date], ...] = ()
    alert_spans: tuple[tuple[datetime, datetime | None], ...] = ()
    glass: tuple[tuple[object, datetime, datetime], ...] = ()


def outside(look: Look, case: CaseFacts, roles: tuple[Span, ...]) -> Outside | None:
    """Why the look belongs in the report, or None where the person's work that day tied them to the case.

    `roles` are the viewer's memberships; the `units` of each hold its unit and all below it.
    """
    if look.refused:
        return Outside.REFUSED
    if any(who == look.person and start <= look.at <= end for who, start, end in case.glass):
        return Outside.BREAK_GLASS
    if any(who == look.person and since <= look.on for who, since in case.connected):
        return Outside.CONNECTED
    held = [span for span in roles if span.covers(look.on)]
    codes = {span.role for span in held}
    tied = (
        look.person in case.named
        or any(span.person == look.person and span.covers(look.on) for span in case.holdings)
        or any(_takes_part(look, audit) for audit in case.audits)
        or _manages(look, case, held)
        or ("MO" in codes and any(_within(look.at, *span) for audit in case.audits for span in audit.waiting))
        or ("DM" in codes and any(_within(look.at, *span) for span in case.alert_spans))
        or (bool(codes & _QA) and any(audit.created_at <= look.at + _PLANNED_SOON_AFTER for audit in case.audits))
    )
    return None if tied else Outside.NO_TIE


def _within(at: datetime, start: datetime, end: datetime | None) -> bool:
    return start <= at and (end is None or at <= end)


def _takes_part(look: Look, audit: AuditTie) -> bool:
    if audit.auditor == look.person and (audit.allocated_at or audit.created_at) <= look.at:
        return True
    return any(who == look.person and since <= look.at for who, since in audit.part)


def _manages(look: Look, case: CaseFacts, held: list[Span]) -> bool:
    units = set(case.units)
    for span in case.holdings:
        if span.covers(look.on):
            units |= span.units
    return any(span.role in _LINE and span.units & units for span in held)
