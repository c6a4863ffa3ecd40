"""Break-glass: sight of one case for a day, against a reason, in front of witnesses (product.md NK-5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import people_as
from accounts.choices import QA_ROLES
from accounts.models import RecordGrant
from audits.choices import GRADE_GIVEN, AuditPurpose
from audits.models import Audit
from cases.models import Case
from cases.selectors import case_called
from core.history.services import record
from core.notifications.services import notify
from worklist import access

HOURS = 24
SHORTEST_REASON = 20
CASE, AUDIT = "cases.case", "audits.audit"
NOTICE = "break_glass"


def find_case(*, reference: str) -> Case | None:
    """The case of this reference, or of another one that it goes by; None where there is none."""
    return case_called(Case.objects.all(), reference)


def break_glass(*, case: Case, why: str, by: Any) -> RecordGrant:
    """Let `by` see one case and its audits for 24 hours, and tell the QA leads and information governance at once.

    The audits are those that a head of service sees in their own services: submitted or later; all for the QA unit.
    Asked again while it is open, it returns what is open and tells nobody again. Raises NotAllowed for anybody but
    a QA lead or head of service, and for somebody who declared a connection; ValidationError for a short reason.
    """
    why = " ".join(why.split())
    if len(why) < SHORTEST_REASON:
        raise ValidationError({"why": f"Say why in at least {SHORTEST_REASON} characters"})
    with transaction.atomic():
        access.require_glass(by, case)
        now = timezone.now()
        open_now = RecordGrant.objects.active(now).filter(user=by, kind=CASE, object_id=case.pk, granted_by=by).first()
        if open_now is not None:
            return open_now
        until = now + timedelta(hours=HOURS)
        grant = RecordGrant.objects.create(
            user=by, kind=CASE, object_id=case.pk, until=until, why=why[:200], granted_by=by
        )
        # What auditors of a calibration think apart from each other says nothing that the child's safety needs.
        audits = Audit.objects.filter(case=case).exclude(purpose=AuditPurpose.CALIBRATION)
        if not by.holds(*QA_ROLES):
            audits = audits.filter(status__in=GRADE_GIVEN)
        RecordGrant.objects.bulk_create(
            RecordGrant(user=by, kind=AUDIT, object_id=key, until=until, why=why[:200], granted_by=by)
            for key in audits.values_list("pk", flat=True)
        )
        notify(
            people=[person for person in people_as(access.LOG_READERS, [case.team or case.service]) if person != by],
            kind=NOTICE,
            event=str(grant.pk),
            object_id=grant.pk,
            link=reverse("worklist:trail_glass"),
        )
        record(by=by, verb="broke the glass", record=case, why=why, values={"until": until})
    return grant


def note_wrong_reference(*, by: Any, why: str) -> None:
    """Write down that somebody tried to open a case that does not exist; what was typed is not kept."""
    record(by=by, verb="tried break-glass", record=by, why=why)
