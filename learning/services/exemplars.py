"""Exemplars: found each month, nominated, written without a name, agreed by the practitioner, published, withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, must
from accounts.choices import Role
from accounts.models import Membership, User
from audits.choices import FindingKind
from audits.models import Audit, Theme
from core.history.services import record
from core.jobs.services import JobRun
from core.notifications.services import notify
from learning import access
from learning.choices import Consent, ExemplarStatus
from learning.models import Exemplar, PracticeList
from learning.rules.free_text import masked
from learning.rules.meetings import TEXT_AT_LEAST
from learning.selectors.practice import practice_lines
from learning.services.building import completing
from learning.services.checking import check_texts, found_in, keep_reasons
from learning.services.moves import move_exemplar, note_move

LIST = "build_practice_list"


def build_practice_list(*, month: date, run: JobRun | None = None) -> PracticeList:
    """The list of a month's good practice, made once, and the notice to the Principal Social Worker."""
    month = month.replace(day=1)
    lines = practice_lines(Audit.objects.all(), month=month)
    with completing(run=run) as result:
        held = PracticeList.objects.filter(month=month).first()
        if held is None:
            try:
                with transaction.atomic():
                    held = PracticeList.objects.create(month=month, lines=lines)
            except IntegrityError:
                held = PracticeList.objects.get(month=month)
            else:
                members = Membership.objects.active(timezone.localdate()).filter(role=Role.PRINCIPAL_SOCIAL_WORKER)
                people = {membership.user_id: membership.user for membership in members.select_related("user")}
                notify(
                    people=[people[key] for key in sorted(people, key=str)],
                    kind="practice_list",
                    event=str(held.pk),
                    object_id=held.pk,
                    link=reverse("learning:practice", args=[held.pk]),
                    reference=f"{month:%B %Y}",
                )
                record(by=SYSTEM, verb="built", record=held, values={"month": f"{month:%Y-%m}", "audits": len(lines)})
        result |= {"link": reverse("learning:practice", args=[held.pk]), "audits": len(held.lines)}
    return held


def nominate_from_list(
    *, practice: PracticeList, audit_id: uuid.UUID, why: str, by: Any, reasons: Mapping[str, str] | None = None
) -> Exemplar:
    """Nominate an audit that stands on a month's list. Raises as `nominate`."""
    if str(audit_id) not in {row["key"] for row in practice.lines}:
        raise ValidationError("This audit is not on the list.")
    return nominate(audit=Audit.objects.select_related("case").get(pk=audit_id), why=why, by=by, reasons=reasons)


def nominate(*, audit: Audit, why: str, by: Any, reasons: Mapping[str, str] | None = None) -> Exemplar:
    """Nominate an audit's practice; asked again, the first nomination stands.

    Raises NotAllowed, ValidationError and LeadsToSomebody.
    """
    must(access.can_nominate(by))
    given = reasons or {}
    if len(why.strip()) < TEXT_AT_LEAST:
        raise ValidationError({"why": f"Say in {TEXT_AT_LEAST} characters or more what others can learn from it"})
    hits = check_texts(texts=[why], reasons=given)
    with transaction.atomic():
        held, new = _nominated(audit=audit, why=why, by=by)
        if new:
            keep_reasons(hits=hits, reasons=given, record=held, by=by)
    return held


def nominate_from_panel(*, audit: Audit | None, why: str, by: Any) -> Exemplar:
    """The nomination that a panel has decided on; that of its audit where there is one already.

    Who may decide, and that no name stands in `why`, was asked when the decision was recorded. Raises ValidationError
    as `nominate`.
    """
    if audit is not None:
        return _nominated(audit=audit, why=why, by=by)[0]
    held = Exemplar.objects.create(
        why=why.strip(), nominated_by_id=getattr(by, "pk", None), nominated_at=timezone.now()
    )
    note_move(row=held, event="nominate", by=by, before="", after=ExemplarStatus.NOMINATED)
    return held


def _nominated(*, audit: Audit, why: str, by: Any) -> tuple[Exemplar, bool]:
    """The nomination of an audit, and whether it is new."""
    if audit.case is not None and audit.case.restricted:
        raise ValidationError("Access to this case is restricted, so it becomes no exemplar.")
    practitioner = _practitioner(audit)
    if _has_refused(audit, practitioner):
        raise ValidationError("The practitioner has said that this work is not to be shown as an example.")
    held, new = Exemplar.objects.get_or_create(
        audit=audit,
        defaults={
            "why": why.strip(), "nominated_by_id": getattr(by, "pk", None), "nominated_at": timezone.now(),
            "practitioner": practitioner,
        },
    )  # fmt: skip
    if new:
        note_move(row=held, event="nominate", by=by, before="", after=ExemplarStatus.NOMINATED)
    return held, new


def _practitioner(audit: Audit) -> User | None:
    """Whoever held the case last within the audit's window."""
    if audit.case is None:
        return None
    holding = (
        audit.case.holdings.filter(worker__user__isnull=False, worker__user__is_active=True)
        .select_related("worker__user")
        .order_by("-held_from")
        .first()
    )
    return holding.worker.user if holding and holding.worker else None


def _has_refused(audit: Audit, practitioner: User | None) -> bool:
    """Whether the practitioner answered no when they read the feedback."""
    if practitioner is None:
        return False
    answer = audit.consents.filter(person=practitioner).order_by("-asked_at").first()
    return answer is not None and answer.agrees is False


def source_of(*, exemplar: Exemplar) -> str:
    """What the audit says of the practice, for whoever writes the exemplar: names, numbers and references removed."""
    if exemplar.audit is None:
        return ""
    strengths = exemplar.audit.findings.filter(kind=FindingKind.STRENGTH).values_list("text", flat=True)
    said = "\n\n".join(text for text in (exemplar.audit.working_well, *strengths) if text)
    return masked(said, found_in(text=said))


def take_up(*, exemplar: Exemplar, by: Any, version: int | None = None) -> Exemplar:
    """Accept a nomination: from now on it is written."""
    return _moved(exemplar=exemplar, event="take_up", by=by, version=version)


def write_exemplar(
    *, exemplar: Exemplar, title: str, text: str, tags: list[Theme], by: Any, version: int | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Exemplar:  # fmt: skip
    """Write the exemplar, without a name. Raises NotAllowed, IllegalMove, StaleVersion, ValidationError and
    LeadsToSomebody."""
    given = reasons or {}
    faults = {}
    if not title.strip():
        faults["title"] = "Enter a title"
    if len(text.strip()) < TEXT_AT_LEAST:
        faults["text"] = f"Write {TEXT_AT_LEAST} characters or more"
    if faults:
        raise ValidationError(faults)
    with transaction.atomic():
        held = _lock(exemplar=exemplar)
        must(access.can_publish_practice(by))
        hits = check_texts(texts=[title, text], reasons=given, kind=held._meta.label_lower, object_id=held.pk)
        move_exemplar(
            exemplar=held, event="write", by=by, version=version, title=title.strip(), text=text.strip(), consent="",
            consent_note="",
        )  # fmt: skip
        held.tags.set(tags)
        keep_reasons(hits=hits, reasons=given, record=held, by=by)
    return held


def ask_consent(*, exemplar: Exemplar, by: Any, version: int | None = None) -> Exemplar:
    """Ask the practitioner whether the text may be published. Raises as `take_up`, and ValidationError without text."""
    if not exemplar.text:
        raise ValidationError("Write the exemplar first.")
    with transaction.atomic():
        held = _lock(exemplar=exemplar)
        must(access.can_publish_practice(by))
        move_exemplar(
            exemplar=held, event="ask_consent", by=by, version=version, consent="", consent_note="",
            consent_asked_at=timezone.now(), consent_answered_at=None,
        )  # fmt: skip
        if held.practitioner is not None:
            notify(
                people=[held.practitioner],
                kind="exemplar_consent",
                event=f"{held.pk}:{held.version}",
                object_id=held.pk,
                link=reverse("learning:exemplar", args=[held.pk]),
            )
    return held


def answer_consent(*, exemplar: Exemplar, agrees: bool, note: str, by: Any, version: int | None = None) -> Exemplar:
    """The practitioner agrees or not. Where they cannot sign in, whoever asked them writes it down, with a note.

    Until it is published they may answer again; the last answer counts.

    Raises NotAllowed, IllegalMove, StaleVersion and ValidationError.
    """
    with transaction.atomic():
        held = _lock(exemplar=exemplar)
        must(access.can_answer_consent(by, held))
        if held.practitioner is None and not note.strip():
            raise ValidationError({"note": "Say how and when the practitioner was asked"})
        move_exemplar(
            exemplar=held, event="agree" if agrees else "refuse", by=by, version=version,
            consent=Consent.GIVEN if agrees else Consent.REFUSED, consent_note=note.strip(),
            consent_answered_at=timezone.now(),
        )  # fmt: skip
    return held


def publish_exemplar(*, exemplar: Exemplar, by: Any, version: int | None = None) -> Exemplar:
    """Publish it to everybody who works with practice. Raises ValidationError without the practitioner's consent."""
    with transaction.atomic():
        held = _lock(exemplar=exemplar)
        must(access.can_publish_practice(by))
        if held.consent != Consent.GIVEN:
            raise ValidationError("The practitioner has not agreed yet, so it cannot be published.")
        move_exemplar(exemplar=held, event="publish", by=by, version=version, published_at=timezone.now())
    return held


def rewrite_exemplar(*, exemplar: Exemplar, why: str, by: Any, version: int | None = None) -> Exemplar:
    """Take it back to change the text; the practitioner is asked anew."""
    return _moved(
        exemplar=exemplar, event="rewrite", by=by, version=version, why=why, consent="", consent_note="",
        consent_asked_at=None,
    )  # fmt: skip


def decline_exemplar(*, exemplar: Exemplar, why: str, by: Any, version: int | None = None) -> Exemplar:
    """Decline it, with a reason."""
    return _moved(exemplar=exemplar, event="decline", by=by, version=version, why=why)


def withdraw_exemplar(*, exemplar: Exemplar, why: str, by: Any, version: int | None = None) -> Exemplar:
    """Take a published exemplar back; the practitioner may do so at any time too."""
    with transaction.atomic():
        held = _lock(exemplar=exemplar)
        must(access.can_withdraw_exemplar(by, held))
        move_exemplar(exemplar=held, event="withdraw", by=by, version=version, why=why, withdrawn_at=timezone.now())
    return held


def _lock(*, exemplar: Exemplar) -> Exemplar:
    return (
        Exemplar.objects.select_for_update(of=("self",), no_key=True)
        .select_related("practitioner", "audit")
        .get(pk=exemplar.pk)
    )


def _moved(*, exemplar: Exemplar, event: str, by: Any, version: int | None, why: str = "", **changes: Any) -> Exemplar:
    with transaction.atomic():
        held = _lock(exemplar=exemplar)
        must(access.can_publish_practice(by))
        move_exemplar(exemplar=held, event=event, by=by, version=version, why=why, **changes)
    return held
