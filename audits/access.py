"""Who may do what with an audit, and why not. Which rows somebody sees stands in querysets; the two agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.access import YES, Decision, NotAllowed, can_import, must, no, people_as
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from accounts.models import Membership, OrgUnit, User
from audits.choices import GRADE_GIVEN, ISSUED, OPEN_TO_AUDITOR, AlertStatus, AuditPurpose, AuditStatus, Grade
from audits.models import Audit, Calibration, Dispute, Moderation, Response, SafeguardingAlert
from audits.querysets import held_in_window
from audits.rules.conflicts import Ties, conflicts_of_interest
from cases.models import Case, Connection, Holding, NamedPerson

__all__ = [
    "AuditorChoice",
    "NotAllowed",
    "active_auditors",
    "auditors_for",
    "can",
    "conflicts",
    "free_second_moderators",
    "judged",
    "panel_conflicts",
    "require",
]

_TEAM_ROLES = (Role.PRACTITIONER, Role.TEAM_MANAGER)
_LINE_ABOVE = (Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)


@dataclass(frozen=True)
class AuditorChoice:
    """An auditor who may be given an audit, with how many they have open."""

    user: User
    open_audits: int


def can(user: Any, verb: str, obj: Any = None) -> Decision:
    """Whether the user may do `verb` to `obj`, and if not why.

    `obj` is a case for create and calibrate, a calibration for reveal and see_calibrators, an audit for the auditor's
    and the QA unit's verbs and for raising an alert, a moderation for moderate, confirm, guide_return and answer_grade,
    a dispute for take_dispute, decide_dispute, assign_dispute and decide_by_panel, an alert for acknowledge, resolve
    and check. Raises KeyError for an unknown
    verb. Whether the record's state allows it is the workflow's question.
    """
    return VERBS[verb](user, obj)


def require(user: Any, verb: str, obj: Any = None) -> None:
    """Raise NotAllowed with the reason when the user may not do `verb` to `obj`."""
    must(can(user, verb, obj))


def conflicts(auditor: User, case: Case, window_from: date | None) -> list[str]:
    """The categories of conflict that keep this person from auditing the case, as half sentences."""
    return conflicts_of_interest(_ties([auditor], case, window_from)[auditor.pk])


def auditors_for(case: Case, window_from: date | None = None) -> list[AuditorChoice]:
    """The active auditors without a conflict, the least loaded first. Five queries however many there are.

    `window_from` is the first day of the audit's window; a year ago where it is not given.
    """
    auditors = active_auditors()
    since = window_from or timezone.localdate() - timedelta(days=365)
    ties = _ties([choice.user for choice in auditors], case, since)
    return [choice for choice in auditors if not conflicts_of_interest(ties[choice.user.pk])]


def active_auditors() -> list[AuditorChoice]:
    """Everybody who is an auditor today, the least loaded first."""
    found = User.objects.filter(
        is_active=True, pk__in=Membership.objects.active(timezone.localdate()).filter(role=Role.AUDITOR).values("user")
    ).annotate(open_audits=Count("audits_to_do", filter=Q(audits_to_do__status__in=OPEN_TO_AUDITOR)))
    choices = [AuditorChoice(user, user.open_audits) for user in found]
    return sorted(choices, key=lambda choice: (choice.open_audits, choice.user.name))


def _chain(units: Iterable[OrgUnit | None]) -> set[Any]:
    """The keys of these units and all above them."""
    found = set()
    for unit in units:
        while unit is not None:
            found.add(unit.pk)
            unit = unit.parent
    return found


def _ties(
    people: Sequence[User],
    case: Case,
    window_from: date | None,
    *,
    team: OrgUnit | None = None,
    line_roles: tuple[str, ...] = _LINE_ABOVE,
) -> dict[Any, Ties]:
    """What ties each of these people to the case, now or since `window_from`. Three queries and the units above.

    `team` is another team that counts (the audit's, where the case has moved on); `line_roles` are those that
    stand for line management here.
    """
    today = timezone.localdate()
    since = window_from or today
    keys = [person.pk for person in people]
    holdings = list(
        Holding.objects.filter(case=case)
        .filter(Q(held_to=None) | Q(held_to__gte=since))
        .select_related("worker", "team__parent__parent", "service__parent")
    )
    holders = {holding.worker.user_id for holding in holdings if holding.worker}
    connected = set(Connection.objects.filter(case=case, user__in=keys).values_list("user", flat=True))
    teams = [case.team or case.service, team, *(holding.team or holding.service for holding in holdings)]
    roles: dict[Any, set[str]] = {}
    for user, role in (
        Membership.objects.filter(user__in=keys, role__in=[*_TEAM_ROLES, *line_roles], unit__in=_chain(teams))
        .filter(Q(ends_on=None) | Q(ends_on__gte=since), starts_on__lte=today)
        .values_list("user", "role")
    ):
        roles.setdefault(user, set()).add(role)
    return {
        key: Ties(
            holds=key in holders,
            team=not roles.get(key, set()).isdisjoint(_TEAM_ROLES),
            line=not roles.get(key, set()).isdisjoint(line_roles),
            connection=key in connected,
        )
        for key in keys
    }


def _is_qa(user: Any) -> bool:
    return getattr(user, "is_system", False) or user.holds(*QA_ROLES)


def _may_see(user: Any, record: Audit | Calibration | Dispute | Moderation | SafeguardingAlert) -> bool:
    if user.pk is not None and getattr(record, "seen_by", None) == user.pk:
        return True
    return type(record).objects.visible_to(user).filter(pk=record.pk).exists()


def _sees_restricted(user: Any, audit: Audit) -> bool:
    case = audit.case
    if case is None or not case.restricted:
        return True
    return NamedPerson.objects.filter(case=case, user=user.pk).exists()


def _at_or_below(user: Any, audit: Audit, *roles: str) -> bool:
    """Whether the user holds one of the roles at the audit's team or service or above them."""
    held = {unit.pk for unit in user.units_as(*roles)}
    return bool(held) and not held.isdisjoint(_chain([audit.team, audit.service]))


def _create(user: Any, case: Case | None) -> Decision:
    if not _is_qa(user):
        return no("Only the QA unit can plan audits.")
    if case is not None and not Case.objects.visible_to(user).filter(pk=case.pk).exists():
        return no("You cannot plan an audit of this case.")
    return YES


def _calibrate(user: Any, case: Case | None) -> Decision:
    """A QA lead, in a case that they may see; without one, whether they may set one up at all."""
    if not user.pk or not user.holds(Role.QA_LEAD):
        return no("Only a QA lead can set up a calibration.")
    if case is not None and not Case.objects.visible_to(user).filter(pk=case.pk).exists():
        return no("You cannot set up a calibration with this case.")
    return YES


def _reveal(user: Any, calibration: Calibration) -> Decision:
    if not user.pk or not user.holds(Role.QA_LEAD) or not _may_see(user, calibration):
        return no("Only a QA lead can end a calibration early.")
    if calibration.audits.filter(auditor=user.pk).exclude(status=AuditStatus.VOID).exists():
        return no("Somebody who takes part in this calibration cannot end it.")
    return YES


def _see_calibrators(user: Any, calibration: Calibration) -> Decision:
    """Who the auditors of a calibration are: the QA unit. Its auditors see each other as letters."""
    return YES if _is_qa(user) and _may_see(user, calibration) else no("Only the QA unit sees who took part.")


def _qa_verb(sentence: str) -> Callable[[Any, Audit], Decision]:
    def decide(user: Any, audit: Audit) -> Decision:
        return YES if _is_qa(user) and _may_see(user, audit) else no(sentence)

    return decide


def _change_many(user: Any, _: Any = None) -> Decision:
    return YES if _is_qa(user) else no("Only the QA unit can change many audits at once.")


def _auditors_verb(sentence: str) -> Callable[[Any, Audit], Decision]:
    def decide(user: Any, audit: Audit) -> Decision:
        own = user.pk is not None and audit.auditor_id == user.pk and user.holds(Role.AUDITOR)
        return YES if own else no(sentence)

    return decide


def _start(user: Any, audit: Audit) -> Decision:
    own = _auditors_verb("Only the auditor of this audit can start it.")(user, audit)
    if not own or audit.case is None:
        return own
    found = conflicts(user, audit.case, audit.window_from)
    if found:
        return no(f"You cannot audit this case, because you are somebody who {' and '.join(found)}. Hand it back.")
    return YES


def _see_draft(user: Any, audit: Audit) -> Decision:
    if audit.auditor_id == user.pk and user.pk is not None and user.holds(Role.AUDITOR):
        return YES
    if (_is_qa(user) or audit.status in GRADE_GIVEN) and _may_see(user, audit):
        return YES
    return no("Only the auditor and the QA unit see an audit that is not submitted yet.")


def _judge(user: Any, audit: Audit, *roles: str, doing: str) -> Decision:
    """Whether the user may judge this audit's grade at all: in scope, not the auditor, without a tie to the case."""
    if not _at_or_below(user, audit, *roles) or not _sees_restricted(user, audit):
        return no("You are not a moderator for this audit.")
    if audit.auditor_id == user.pk:
        return no(f"You cannot {doing} your own audit.")
    if audit.case is not None:
        ties = _ties([user], audit.case, audit.window_from, team=audit.team, line_roles=(Role.SERVICE_LEAD,))[user.pk]
        found = conflicts_of_interest(ties)
        if found:
            return no(f"You cannot {doing} this audit, because you are somebody who {' and '.join(found)}.")
    return YES


def _moderate(user: Any, moderation: Moderation) -> Decision:
    may = _judge(user, moderation.audit, Role.MODERATOR, Role.HEAD_OF_SERVICE, doing="moderate")
    if may and moderation.moderator_id not in (None, user.pk):
        return no("Another moderator has this audit.")
    return may


def _confirm(user: Any, moderation: Moderation) -> Decision:
    if not user.pk or not user.holds(Role.HEAD_OF_SERVICE):
        return no("Only a head of service can confirm an inadequate grade.")
    may = _judge(user, moderation.audit, Role.HEAD_OF_SERVICE, doing="confirm")
    if may and (moderation.moderator_id == user.pk or _decided_a_dispute(user, moderation.audit)):
        return no("Somebody who had no part in this grade must confirm it.")
    return may


def _decided_a_dispute(user: Any, audit: Audit) -> bool:
    return audit.disputes.filter(Q(decided_by=user.pk) | Q(second_moderator=user.pk)).exists()


def _guide_return(user: Any, moderation: Moderation) -> Decision:
    if user.pk and user.holds(Role.QA_LEAD) and moderation.audit.auditor_id != user.pk and _may_see(user, moderation):
        return YES
    return no("Only a QA lead decides what becomes of an audit that was returned twice.")


def _answer(user: Any, moderation: Moderation) -> Decision:
    return _auditors_verb("Only the auditor of this audit can answer for it.")(user, moderation.audit)


def _had_a_part(user: Any, dispute: Dispute) -> bool:
    """Whether the user judged the grade before this dispute, or raised it."""
    audit = dispute.audit
    return (
        dispute.raised_by_id == user.pk
        or audit.moderations.filter(Q(moderator=user.pk) | Q(confirmed_by=user.pk)).exists()
        or audit.disputes.exclude(pk=dispute.pk)
        .filter(Q(decided_by=user.pk) | Q(second_moderator=user.pk) | Q(raised_by=user.pk))
        .exists()
    )


def judged(user: User, audit: Audit) -> bool:
    """Whether this person moderated or confirmed the audit, or has or had a dispute about it to decide."""
    return (
        audit.moderations.filter(Q(moderator=user.pk) | Q(confirmed_by=user.pk)).exists()
        or audit.disputes.filter(Q(decided_by=user.pk) | Q(second_moderator=user.pk) | Q(raised_by=user.pk)).exists()
    )


def _take_dispute(user: Any, dispute: Dispute) -> Decision:
    may = _judge(user, dispute.audit, Role.MODERATOR, Role.HEAD_OF_SERVICE, doing="decide about")
    if not may:
        return may
    if _had_a_part(user, dispute):
        return no("Somebody who had no part in this grade must decide the dispute.")
    if dispute.second_moderator_id not in (None, user.pk):
        return no("Another moderator has this dispute.")
    return YES


def _decide_dispute(user: Any, dispute: Dispute) -> Decision:
    if dispute.second_moderator_id is None or dispute.second_moderator_id != user.pk:
        return no("Only the second moderator decides this dispute.")
    return _take_dispute(user, dispute)


def _assign_dispute(user: Any, dispute: Dispute) -> Decision:
    if user.pk and user.holds(Role.QA_LEAD) and _may_see(user, dispute) and dispute.audit.auditor_id != user.pk:
        return YES
    return no("Only a QA lead chooses the second moderator.")


def panel_conflicts(user: Any, dispute: Dispute) -> list[str]:
    """Why this person can neither see the dispute on the panel's pack nor vote on it, as half sentences."""
    audit = dispute.audit
    found = []
    if audit.case is not None:
        found = conflicts_of_interest(_ties([user], audit.case, audit.window_from, team=audit.team)[user.pk])
    if audit.auditor_id == user.pk:
        found.append("did the audit")
    if _had_a_part(user, dispute) or dispute.second_moderator_id == user.pk:
        found.append("had a part in the grade before")
    return found


def _write_down_panel(user: Any, dispute: Dispute) -> Decision:
    if getattr(user, "is_system", False):
        return YES
    if not user.pk or not user.holds(Role.PANEL_MEMBER, Role.PRINCIPAL_SOCIAL_WORKER, Role.QA_LEAD):
        return no("Only the panel decides this dispute.")
    if panel_conflicts(user, dispute):
        return no(
            f"You cannot decide here, because you are somebody who {' and '.join(panel_conflicts(user, dispute))}."
        )
    return YES


def free_second_moderators(dispute: Dispute) -> list[User]:
    """The people who may decide this dispute, by name."""
    audit = dispute.audit
    people = people_as((Role.MODERATOR, Role.HEAD_OF_SERVICE), [audit.team, audit.service])
    return [person for person in people if person.is_active and _take_dispute(person, dispute)]


def _see_moderation_reasons(user: Any, obj: Moderation | Audit) -> Decision:
    audit = obj if isinstance(obj, Audit) else obj.audit
    hidden = no("Why an audit was chosen for moderation is for moderators and the QA unit.")
    if user.pk is not None and audit.auditor_id == user.pk:
        return hidden
    if _is_qa(user) and _may_see(user, audit):
        return YES
    return YES if Moderation.objects.visible_to(user).filter(audit=audit.pk).exists() else hidden


def _see_grade_record(user: Any, audit: Audit) -> Decision:
    """Both grades with their reasons: the auditor, whoever judges or judged it, heads of service, the QA unit."""
    if user.pk is not None and audit.auditor_id == user.pk and user.holds(Role.AUDITOR):
        return YES
    if not _may_see(user, audit):
        return no("You cannot see this audit.")
    judged = _is_qa(user) or _at_or_below(user, audit, Role.HEAD_OF_SERVICE)
    if judged or Moderation.objects.visible_to(user).filter(audit=audit.pk).exists():
        return YES
    if Dispute.objects.visible_to(user).filter(audit=audit.pk).exists():
        return YES
    return no("What a moderator wrote is for the auditor, the moderators and the QA unit.")


_REOPEN_FIRST = "This audit is closed. Ask the QA lead to reopen it, then create the action."


def _act(user: Any, audit: Audit) -> Decision:
    """The line of the case and the QA unit make actions from an audit, until it closes; from a calibration nobody."""
    if audit.purpose == AuditPurpose.CALIBRATION:
        return no("A calibration audit leads to no actions. Raise an alert where a child may be at risk.")
    if audit.status == AuditStatus.CLOSED:
        return no(_REOPEN_FIRST)
    if audit.case is not None and _may_see(user, audit) and (_is_qa(user) or _at_or_below(user, audit, *LINE_ROLES)):
        return YES
    return no("Only the line of the case and the QA unit can create actions from this audit.")


def _act_on_alert(user: Any, alert: SafeguardingAlert) -> Decision:
    if alert.audit.status == AuditStatus.CLOSED:
        return no(_REOPEN_FIRST)
    line = _is_qa(user) or _at_or_below(user, alert.audit, *LINE_ROLES)
    if alert.audit.case is not None and line and _may_see(user, alert):
        return YES
    return no("Only the line of the case and the QA unit can create actions from this alert.")


def _issue(user: Any, audit: Audit) -> Decision:
    """The QA lead, the audit's moderator, and the system when its time has come."""
    if getattr(user, "is_system", False) or (user.holds(Role.QA_LEAD) and _may_see(user, audit)):
        return YES
    if user.pk is not None and audit.auditor_id == user.pk:
        return no("Somebody other than the auditor issues the feedback.")
    moderated = user.pk is not None and audit.moderations.filter(moderator=user.pk).exists()
    if moderated and user.holds(Role.MODERATOR, Role.HEAD_OF_SERVICE) and _may_see(user, audit):
        return YES
    return no("Only the QA lead and the moderator of this audit can issue its feedback.")


def _qa_leads_verb(sentence: str) -> Callable[[Any, Audit], Decision]:
    def decide(user: Any, audit: Audit) -> Decision:
        return YES if user.holds(Role.QA_LEAD) and _may_see(user, audit) else no(sentence)

    return decide


def _respond(user: Any, audit: Audit) -> Decision:
    if _at_or_below(user, audit, *LINE_ROLES) and _may_see(user, audit):
        return YES
    return no("Only the team manager of the case or somebody above can respond to this audit.")


def _countersign(user: Any, audit: Audit) -> Decision:
    if not (_at_or_below(user, audit, *_LINE_ABOVE) and _may_see(user, audit)):
        return no("Only the service lead or somebody above can countersign this response.")
    given = Response.objects.filter(audit=audit.pk).values_list("given_by", flat=True).first()
    if given is not None and given == user.pk:
        return no("Somebody other than the person who gave the response has to countersign it.")
    return YES


def _is_practitioner_of(user: Any, audit: Audit) -> bool:
    """Whether the user holds the case or held it in the audit's window, and may read the feedback for that."""
    if user.pk is None or audit.case is None or not user.holds(Role.PRACTITIONER):
        return False
    mine = Audit.objects.filter(held_in_window(user), pk=audit.pk)
    return mine.exists() and _may_see(user, audit)


def practitioners_of(audit: Audit) -> list[User]:
    """The practitioners who hold the case or held it in the audit's window, and may read the feedback."""
    if audit.case is None:
        return []
    holders = User.objects.filter(is_active=True, worker_names__holdings__case=audit.case).distinct()
    return [person for person in holders.order_by("name", "pk") if _is_practitioner_of(person, audit)]


def is_good_work(audit: Audit) -> bool:
    """Whether the audit found good or outstanding practice and its feedback is issued."""
    return audit.status in ISSUED and audit.counted_grade in (Grade.GOOD, Grade.OUTSTANDING) and not audit.historic


def _challenge(user: Any, audit: Audit) -> Decision:
    if _is_practitioner_of(user, audit):
        return YES
    if _at_or_below(user, audit, Role.TEAM_MANAGER) and _may_see(user, audit):
        return YES
    return no("Only the practitioner and the team manager can challenge an audit.")


def _reflect(user: Any, audit: Audit) -> Decision:
    return YES if _is_practitioner_of(user, audit) else no("Only the practitioner of this case can do this.")


def _meet(user: Any, audit: Audit) -> Decision:
    if _is_practitioner_of(user, audit) or (_at_or_below(user, audit, *LINE_ROLES) and _may_see(user, audit)):
        return YES
    return no("Only the practitioner and the line of the case can record the meeting.")


def _thank(user: Any, audit: Audit) -> Decision:
    own = user.pk is not None and audit.auditor_id == user.pk and user.holds(Role.AUDITOR)
    above = _at_or_below(user, audit, *_LINE_ABOVE) or user.holds(Role.QA_LEAD)
    if (own or above) and _may_see(user, audit):
        return YES
    return no("Only the auditor, the QA lead and those above the team can write a note of thanks.")


def _ask_consent(user: Any, audit: Audit) -> Decision:
    if getattr(user, "is_system", False) or (_is_qa(user) and _may_see(user, audit)):
        return YES
    return no("Only the QA unit can ask for this.")


def _see_consistency(user: Any, _: Any = None) -> Decision:
    """How far auditors and moderation agree: the QA unit, and heads of service for their services."""
    if _is_qa(user) or (user.pk and user.holds(Role.HEAD_OF_SERVICE)):
        return YES
    return no("The consistency report is for the QA unit and heads of service.")


def _see_individuals(user: Any, _: Any = None) -> Decision:
    """Figures of single auditors stay inside the QA unit."""
    return YES if _is_qa(user) else no("Figures of single auditors are for the QA unit.")


def _raise_alert(user: Any, audit: Audit) -> Decision:
    return YES if _may_see(user, audit) else no("You cannot raise an alert on this audit.")


def _acknowledge(user: Any, alert: SafeguardingAlert) -> Decision:
    duty = alert.status == AlertStatus.RAISED and user.holds(Role.DUTY_MANAGER)
    if (duty or _at_or_below(user, alert.audit, *LINE_ROLES)) and _may_see(user, alert):
        return YES
    return no("Only the line management of the case or the duty senior manager can acknowledge this alert.")


def _resolve(user: Any, alert: SafeguardingAlert) -> Decision:
    if _at_or_below(user, alert.audit, *LINE_ROLES) and _may_see(user, alert):
        return YES
    return no("Only the team manager of the case or somebody above can resolve this alert.")


def _check(user: Any, alert: SafeguardingAlert) -> Decision:
    if not (_is_qa(user) and _may_see(user, alert)):
        return no("Only the QA unit can check what was done about an alert.")
    if alert.resolved_by_id is not None and alert.resolved_by_id == user.pk:
        return no("Somebody other than the person who resolved the alert must check it.")
    return YES


def _build_tool(user: Any, obj: Any) -> Decision:
    return YES if _is_qa(user) else no("Only the QA unit can build audit tools.")


def _write_scheme(user: Any, obj: Any) -> Decision:
    """What a grade counts as decides every figure, and a QA admin changes no grade (product.md section 7)."""
    return YES if user.holds(Role.QA_LEAD) else no("Only a QA lead can write grade schemes.")


VERBS: dict[str, Callable[[Any, Any], Decision]] = {
    "calibrate": _calibrate,
    "reveal": _reveal,
    "see_calibrators": _see_calibrators,
    "create": _create,
    "allocate": _qa_verb("Only the QA unit can allocate audits."),
    "reassign": _qa_verb("Only the QA unit can reassign audits."),
    "move_due": _qa_verb("Only the QA unit can change when an audit is due."),
    "change_many": _change_many,
    "void": _qa_verb("Only the QA unit can make an audit void."),
    "decline": _auditors_verb("Only the auditor of this audit can hand it back."),
    "start": _start,
    "fill": _auditors_verb("Only the auditor of this audit can fill it in."),
    "submit": _auditors_verb("Only the auditor of this audit can submit it."),
    "recall": _auditors_verb("Only the auditor of this audit can take it back."),
    "see_draft": _see_draft,
    "moderate": _moderate,
    "confirm": _confirm,
    "guide_return": _guide_return,
    "answer_grade": _answer,
    "take_dispute": _take_dispute,
    "decide_dispute": _decide_dispute,
    "assign_dispute": _assign_dispute,
    "decide_by_panel": _write_down_panel,
    "see_moderation_reasons": _see_moderation_reasons,
    "see_grade_record": _see_grade_record,
    "issue": _issue,
    "release": _qa_leads_verb("Only the QA lead can issue feedback while a safeguarding alert is unacknowledged."),
    "respond": _respond,
    "countersign": _countersign,
    "act": _act,
    "act_on_alert": _act_on_alert,
    "challenge": _challenge,
    "reflect": _reflect,
    "meet": _meet,
    "thank": _thank,
    "ask_consent": _ask_consent,
    "hold": _qa_leads_verb("Only the QA lead can hold an audit open."),
    "reopen": _qa_leads_verb("Only the QA lead can reopen an audit."),
    "see_consistency": _see_consistency,
    "see_individuals": _see_individuals,
    "raise_alert": _raise_alert,
    "acknowledge": _acknowledge,
    "resolve": _resolve,
    "check": _check,
    "build_tool": _build_tool,
    "write_scheme": _write_scheme,
    "import_audits": lambda user, _: can_import(user),
}
