"""Reports that somebody writes: begun with what the figures say, saved as versions, finished once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import must
from core.history.services import record
from learning.rules.free_text import Hit
from learning.services.checking import check_texts, hits_to_confirm, keep_reasons
from reports import access
from reports.choices import WrittenKind, WrittenStatus
from reports.models import WrittenReport, WrittenVersion
from reports.rules import freezing
from reports.rules.writing import HEADINGS, LONGEST_TEXT, fault, period_of
from reports.selectors.written import figures_of, first_words

CHECKED = WrittenReport._meta.label_lower


def words_to_confirm(*, report: WrittenReport, texts: Sequence[str]) -> Sequence[Hit]:
    """What in these texts looks as if it led to a person, and was not confirmed for this report before."""
    return hits_to_confirm(texts=texts, kind=CHECKED, object_id=report.pk)


class Overtaken(Exception):
    """Somebody saved the report after it was read. `theirs` is what stands there now, `version` what to send next."""

    def __init__(self, report: WrittenReport) -> None:
        super().__init__("Somebody else has saved this report since you opened it. Nothing of yours is lost.")
        self.report = report


def begin_report(*, kind: str, month: date, by: Any) -> WrittenReport:
    """Begin the report of a month with what the figures say; the one that is there already, where there is one.

    Raises NotAllowed for whoever may not write, ValueError with a sentence for a month that is not over.
    """
    must(access.can_write_reports(by))
    first, last = period_of(WrittenKind(kind), month)
    if not freezing.is_over(last, timezone.localdate()):
        raise ValueError(f"{last:%B %Y} is not over, so there is nothing to report yet.")
    try:
        with transaction.atomic():
            found = WrittenReport.objects.filter(kind=kind, last=last).first()
            if found:
                return found
            report = WrittenReport.objects.create(
                kind=kind, first=first, last=last, texts=first_words(kind=kind, first=first, last=last),
                saved_at=timezone.now(), saved_by_id=getattr(by, "pk", None),
            )  # fmt: skip
            _keep(report)
            record(by=by, verb="begun", record=report, to_state=report.status)
            return report
    except IntegrityError:
        return WrittenReport.objects.get(kind=kind, last=last)


def save_report(
    *,
    report: WrittenReport,
    texts: Mapping[str, str],
    by: Any,
    version: int,
    finish: bool = False,
    reasons: Mapping[str, str] | None = None,
) -> WrittenReport:
    """Save what stands under the headings as the next version; `finish` closes the report for good.

    `reasons` say why words that look as if they led to a person may stay (NK-10). Raises NotAllowed, Overtaken where
    somebody else has saved meanwhile, LeadsToSomebody for such words without a reason, and ValidationError where it is
    finished already, a text is too long, or something is missing to finish it.
    """
    must(access.can_write_reports(by))
    wanted = {heading.key: texts.get(heading.key, "").strip() for heading in HEADINGS[report.kind]}
    long = [heading.words for heading in HEADINGS[report.kind] if len(wanted[heading.key]) > LONGEST_TEXT]
    if long:
        raise ValidationError(f"Write {LONGEST_TEXT:,} characters at most under: {', '.join(long)}.")
    if finish and (missing := fault(report.kind, wanted)):
        raise ValidationError(missing)
    hits = check_texts(texts=wanted.values(), reasons=reasons or {}, kind=CHECKED, object_id=report.pk)
    with transaction.atomic():
        now = WrittenReport.objects.select_for_update().get(pk=report.pk)
        if now.status == WrittenStatus.FINISHED:
            raise ValidationError("This report is finished and stays as it is.")
        if now.version != version:
            raise Overtaken(now)
        changed = sorted(key for key in wanted if wanted[key] != now.texts.get(key, ""))
        before = now.status
        now.texts, now.saved_at, now.saved_by_id = wanted, timezone.now(), getattr(by, "pk", None)
        now.version += 1
        if finish:
            now.status = WrittenStatus.FINISHED
            now.figures = figures_of(kind=now.kind, first=now.first, last=now.last)
        now.save()
        _keep(now)
        keep_reasons(hits=hits, reasons=reasons or {}, record=now, by=by)
        record(
            by=by, verb="finished" if finish else "saved", record=now, from_state=before, to_state=now.status,
            values={"changed": changed, "version": now.version},
        )  # fmt: skip
    return now


def _keep(report: WrittenReport) -> None:
    WrittenVersion.objects.create(
        report=report, number=report.version, texts=report.texts, saved_at=report.saved_at, saved_by=report.saved_by
    )
