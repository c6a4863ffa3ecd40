"""Audits done again: booked by rule once for each first audit, linked to it, with the date by which they are due."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.access import SYSTEM
from audits.choices import GRADE_FINAL, AuditPurpose, AuditStatus, Grade, ToolStatus
from audits.models import Audit, ToolVersion
from audits.rules import re_auditing as rules
from audits.rules.timescales import REAUDIT_RI_MONTHS, REAUDIT_RI_SHARE, REAUDIT_WEEKS
from audits.services.moves import lock_audit
from audits.services.planning import create_audit
from core.council.selectors import closing_days, setting
from core.history.services import record


def book_re_audit(*, audit_id: UUID) -> Audit | None:
    """Book the re-audit of an inadequate audit, if it needs one that nobody has booked. None where nothing was booked.

    With the same tool in its live version. Asked again, or of two runs at once, one is booked. A case that was closed
    in the meantime is not audited again.
    """
    with transaction.atomic():
        found = Audit.objects.filter(pk=audit_id).first()
        if found is None:
            return None
        first = lock_audit(audit=found)
        if not needs_re_audit(audit=first) or first.settled_at is None:
            return None
        settled = timezone.localdate(first.settled_at)
        return _book(first, rules.inadequate_again_by(settled, setting(REAUDIT_WEEKS.key, on=settled), closing_days()))


def needs_re_audit(*, audit: Audit) -> bool:
    """Whether an audit has to be done again and nobody has booked that."""
    if not rules.is_audited_again(audit.counted_grade) or audit.status not in GRADE_FINAL:
        return False
    return _may_be_done_again(audit) and not _booked(audit)


def _may_be_done_again(audit: Audit) -> bool:
    case = audit.case
    if audit.historic or audit.purpose != AuditPurpose.STANDARD or case is None or case.closed_on is not None:
        return False
    return _live_version(audit) is not None


def _booked(audit: Audit) -> bool:
    return audit.re_audits.exclude(status=AuditStatus.VOID).exists()


def _live_version(audit: Audit) -> ToolVersion | None:
    if audit.tool_version is None:
        return None
    return ToolVersion.objects.filter(tool=audit.tool_version.tool_id, status=ToolStatus.LIVE).first()


def _book(first: Audit, due_on: date) -> Audit | None:
    version = _live_version(first)
    if version is None or first.case is None:
        return None
    again = create_audit(case=first.case, version=version, by=SYSTEM, mode=first.mode, first_audit=first, due_on=due_on)
    record(
        by=SYSTEM, verb="book", record=again,
        values={"first_audit": str(first.pk), "due_on": due_on.isoformat()},
    )  # fmt: skip
    return again


def book_sample(*, month: date) -> int:
    """Book re-audits of a tenth of the audits that were settled in the month (any day of it) as requiring improvement.

    Drawing twice draws and books the same. Returns how many are new.
    """
    first = month.replace(day=1)
    settled = Audit.objects.filter(
        status__in=GRADE_FINAL, purpose=AuditPurpose.STANDARD, historic=False,
        counted_grade=Grade.REQUIRES_IMPROVEMENT, settled_at__year=first.year, settled_at__month=first.month,
    )  # fmt: skip
    keys = list(settled.order_by("pk").values_list("pk", flat=True))
    new, extra = 0, closing_days()
    for key in rules.sample_of(keys, month=first, share=setting(REAUDIT_RI_SHARE.key, on=first)):
        with transaction.atomic():
            audit = lock_audit(audit=Audit.objects.get(pk=key))
            if audit.settled_at is None or not _may_be_done_again(audit) or _booked(audit):
                continue
            day = timezone.localdate(audit.settled_at)
            due_on = rules.sampled_again_by(day, setting(REAUDIT_RI_MONTHS.key, on=day), extra)
            new += _book(audit, due_on) is not None
    return new
