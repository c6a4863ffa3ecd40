"""Which audits, alerts, moderations and tallies: those that a role and a relationship open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.access import unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role, UnitKind
from accounts.models import Membership, OrgUnit
from audits.choices import (
    DISPUTE_UNDER_WAY,
    GRADE_GIVEN,
    ISSUED,
    MODERATION_UNDER_WAY,
    OPEN_TO_AUDITOR,
    AlertStatus,
    AuditPurpose,
    AuditStatus,
    CalibrationStatus,
    DisputeStatus,
    ModerationOutcome,
    ModerationStatus,
    SectionState,
    TallyStage,
    ToolStatus,
)
from cases.querysets import not_hidden

if TYPE_CHECKING:
    from audits.models import (  # noqa: F401  for the type parameters only
        Answer,
        Audit,
        Calibration,
        Challenge,
        Dispute,
        GradeScheme,
        GradeTally,
        Moderation,
        Reflection,
        SafeguardingAlert,
        Theme,
        ToolVersion,
    )


def reads_the_department(user: Any) -> bool:
    """Whether issued audits of every service count for this reader: panel members and readers of aggregates.

    Whoever leads a service or a team besides counts their own and reads the department in its public version: from the
    counts of all they could take their own away.
    """
    return bool(user.holds(Role.READ_ONLY, Role.PANEL_MEMBER)) and not user.holds(*LINE_ROLES)


def held_in_window(user: Any, audit: str = "") -> Exists:
    """Whether the user holds the audit's case now or held it in the audit's window. `audit` leads to the audit."""
    path = f"{audit}__" if audit else ""
    return Exists(
        apps.get_model("cases", "Holding")
        .objects.filter(case=OuterRef(f"{path}case"), worker__user=user.pk)
        .filter(Q(held_to=None) | Q(held_to__gte=OuterRef(f"{path}window_from")))
    )


def _blind_to(user: Any) -> Q:
    """Audits of a calibration in which the user audits too, while the grades are hidden: never another's."""
    own = apps.get_model("audits", "Audit").objects.filter(
        calibration=OuterRef("calibration"), calibration__status=CalibrationStatus.RUNNING, auditor=user.pk
    )
    return Q(calibration__isnull=False) & Q(Exists(own))


def _ever_held(user: Any) -> list[Any]:
    """The cases that the user holds or held, as keys: a list leads to an index, a subquery searches every audit."""
    holdings = apps.get_model("cases", "Holding").objects.filter(worker__user=user.pk)
    return list(holdings.order_by().values_list("case", flat=True).distinct())


def in_units(units: Sequence[Any], audit: str = "") -> Q:
    """Audits of these services and teams. `audit` leads to the audit."""
    path = f"{audit}__" if audit else ""
    return Q(**{f"{path}service__in": units}) | Q(**{f"{path}team__in": units}) if units else Q(pk__in=[])


class AuditQuerySet(models.QuerySet["Audit"]):
    def visible_to(self, user: Any) -> Self:
        """Need-to-know for audits.

        The QA unit sees all; an auditor those allocated to them; a moderator those in the moderation
        queue and those that they moderated, but no audit of their own or of a case that they hold or
        whose team they belong to; a head of service those of their services once they are submitted;
        a team manager and a service lead those of their units, and a practitioner those of cases that
        they hold or held in the audit's window, once feedback is issued. A restricted case is seen by
        its auditor and by named people only. A calibration audit is seen by its auditor and the QA unit alone, and
        by nobody who takes part in the same calibration before its grades are revealed. Sight that was lent is worth
        nothing without a role in force.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        if user.holds(*QA_ROLES):
            seen = ~_blind_to(user) if user.holds(Role.AUDITOR) else Q()
        else:
            seen = Q(pk__in=[])
            if user.holds(Role.MODERATOR, Role.HEAD_OF_SERVICE):
                # As a list: within the alternatives of this condition a subquery would be asked of every audit.
                seen |= Q(pk__in=list(_moderations(user).order_by().values_list("audit", flat=True)))
                seen |= Q(pk__in=list(_disputes_to_judge(user).order_by().values_list("audit", flat=True)))
            if heads := unit_scope(user, Role.HEAD_OF_SERVICE):
                seen |= Q(status__in=GRADE_GIVEN) & in_units(heads)
            if managed := unit_scope(user, Role.TEAM_MANAGER, Role.SERVICE_LEAD):
                seen |= Q(status__in=ISSUED) & in_units(managed)
            if user.holds(Role.PRACTITIONER):
                seen |= Q(case__in=_ever_held(user), status__in=ISSUED) & Q(held_in_window(user))
            seen &= ~Q(purpose=AuditPurpose.CALIBRATION)
        own = Q(auditor=user.pk) & ~Q(status__in=(AuditStatus.PLANNED, AuditStatus.VOID))
        mine = own if user.holds(Role.AUDITOR) else Q(pk__in=[])
        return self.filter((seen & not_hidden(user)) | mine | Q(pk__in=user.lent("audits.audit")))

    def in_period(self, first: date, last: date) -> Self:
        """Audits that count in the months from `first` to `last` (any day of each)."""
        return self.filter(month__gte=first.replace(day=1), month__lte=last.replace(day=1))

    def counted(self) -> Self:
        """Audits that grade reports count: graded, comparable, neither void nor shadow nor calibration."""
        return self.filter(status__in=GRADE_GIVEN, purpose=AuditPurpose.STANDARD, month__isnull=False).exclude(
            counted_grade=""
        )

    def awaiting(self, what: str, on: date | None) -> Self:
        """Audits that wait for their feedback to be issued; or issued ones that wait for something of the line: a
        response, a late one, a countersignature, a decision."""
        if what == "issue":
            return self.filter(status=AuditStatus.SETTLED).exclude(purpose=AuditPurpose.CALIBRATION)
        issued = self.filter(historic=False)
        if what == "challenge":
            return issued.filter(challenges__status="open")
        if what == "countersign":
            return issued.filter(status=AuditStatus.FEEDBACK_ISSUED, response__status="countersign")
        waiting = issued.filter(status=AuditStatus.FEEDBACK_ISSUED)
        if what == "late":
            clocks = apps.get_model("audits", "Clock").objects.filter(
                audit=OuterRef("pk"), kind__in=("safety", "response"), state="running", due_on__lt=on
            )
            return waiting.filter(Exists(clocks))
        return waiting.exclude(response__status="countersign")

    def with_auditor(self) -> Self:
        """Audits that wait for their auditor: to be started, finished, or submitted again after a return."""
        returned = apps.get_model("audits", "Moderation").objects.returned().filter(audit=OuterRef("pk"))
        return self.filter(Q(status__in=OPEN_TO_AUDITOR) | (Q(status=AuditStatus.SUBMITTED) & Exists(returned)))

    def overdue(self, on: date) -> Self:
        """Audits that their auditor should have submitted by now."""
        return self.filter(status__in=OPEN_TO_AUDITOR, due_on__lt=on)


class CalibrationQuerySet(models.QuerySet["Calibration"]):
    def visible_to(self, user: Any) -> Self:
        """Calibrations: the QA unit, and an auditor those in which they have an audit. Nobody of the case's line.

        That somebody sees one says nothing of its grades: those are hidden from everybody until they are revealed.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        own = Q(pk__in=[])
        if user.holds(Role.AUDITOR):
            mine = apps.get_model("audits", "Audit").objects.filter(calibration=OuterRef("pk"), auditor=user.pk)
            own = Q(Exists(mine.exclude(status=AuditStatus.VOID)))
        if not user.holds(*QA_ROLES):
            return self.filter(own)
        named = apps.get_model("cases", "NamedPerson").objects.filter(case=OuterRef("case"), user=user.pk)
        return self.filter(own | Q(case__restricted=False) | Q(Exists(named)))

    def running(self) -> Self:
        """Calibrations whose grades are hidden."""
        return self.filter(status=CalibrationStatus.RUNNING)


def _moderations(user: Any) -> ModerationQuerySet:
    queue: ModerationQuerySet = apps.get_model("audits", "Moderation").objects.all()
    return queue.visible_to(user)


# The lists of the moderation pages: the states in each, and by what it is sorted.
MODERATION_LISTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "waiting": ((ModerationStatus.SELECTED, ModerationStatus.OPENED), ("due_on",)),
    "returned": ((ModerationStatus.RETURNED,), ("due_on",)),
    "third": ((ModerationStatus.WITH_QA_LEAD,), ("due_on",)),
    "acceptance": ((ModerationStatus.AWAITING_ACCEPTANCE,), ("answer_by",)),
    "confirm": ((ModerationStatus.AWAITING_CONFIRMATION,), ("confirm_by",)),
    "decided": ((ModerationStatus.DONE,), ("-decided_at",)),
}


def tied(user: Any, audit: str) -> Q:
    """A tie that keeps somebody from judging the audit: it is theirs, or of a case that they hold, held in its window,
    declared a connection with, or whose team or service they work in or manage, or did in that window."""
    today = timezone.localdate()
    worked_there = Exists(
        Membership.objects.filter(
            user=user.pk,
            role__in=(Role.TEAM_MANAGER, Role.SERVICE_LEAD, Role.PRACTITIONER),
            starts_on__lte=today,
        )
        .filter(
            Q(unit=OuterRef(f"{audit}__team"))
            | Q(unit=OuterRef(f"{audit}__service"))
            | Q(unit=OuterRef(f"{audit}__service__parent"))
        )
        .filter(Q(ends_on=None) | Q(ends_on__gte=today) | Q(ends_on__gte=OuterRef(f"{audit}__window_from")))
    )
    connected = Exists(
        apps.get_model("cases", "Connection").objects.filter(case=OuterRef(f"{audit}__case"), user=user.pk)
    )
    own = Q(**{f"{audit}__auditor": user.pk})
    return own | Q(worked_there) | Q(held_in_window(user, audit)) | Q(connected)


def _disputes_to_judge(user: Any) -> DisputeQuerySet:
    disputes: DisputeQuerySet = apps.get_model("audits", "Dispute").objects.all()
    return disputes.visible_to(user).filter(Q(status=DisputeStatus.OPEN) | Q(second_moderator=user.pk))


class ModerationQuerySet(models.QuerySet["Moderation"]):
    def visible_to(self, user: Any) -> Self:
        """The queue of a moderator (and of a head of service in their services), and what they moderated.

        A head of service sees what waits for a confirmation in their services, and what they confirmed or queried.
        Never one's own audit, nor one of a case that one holds, held in its window, declared a
        connection with, or whose team or service one works in or manages, or did in that window.
        The QA unit sees all.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk:
            return self.none()
        if user.holds(*QA_ROLES):
            return self.filter(not_hidden(user, "audit__case"))
        heads = unit_scope(user, Role.HEAD_OF_SERVICE)
        scope = in_units([*unit_scope(user, Role.MODERATOR), *heads], "audit")
        waiting = Q(status=ModerationStatus.SELECTED) | Q(moderator=user.pk) | Q(confirmed_by=user.pk)
        if heads:
            # As a list, so that every alternative is found by an index.
            disputes = apps.get_model("audits", "Dispute").objects.filter(raised_by=user.pk, moderation__isnull=False)
            queried = list(disputes.order_by().values_list("moderation", flat=True))
            confirms = Q(status=ModerationStatus.AWAITING_CONFIRMATION) | Q(pk__in=queried)
            waiting |= confirms & in_units(heads, "audit")
        return self.filter(scope & waiting & not_hidden(user, "audit__case")).exclude(tied(user, "audit"))

    def waiting(self) -> Self:
        """Submissions that wait for a moderator or are with one."""
        return self.filter(status__in=(ModerationStatus.SELECTED, ModerationStatus.OPENED))

    def returned(self) -> Self:
        """Submissions whose auditor has questions of a moderator to answer."""
        return self.filter(status=ModerationStatus.RETURNED)

    def changed(self) -> Self:
        """Submissions whose grade, overall or of a section, a moderator saw otherwise."""
        return self.filter(Q(outcome=ModerationOutcome.CHANGED) | Q(sections__isnull=False)).distinct()

    def in_list(self, name: str) -> Self:
        """One of the lists of the moderation pages: its states, in the order in which they are due."""
        states, order = MODERATION_LISTS[name]
        return self.filter(status__in=states).order_by(*order, "created_at", "id")

    def under_way(self) -> Self:
        """Submissions whose grade is not settled yet, wherever they are."""
        return self.filter(status__in=MODERATION_UNDER_WAY)


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def visible_to(self, user: Any) -> Self:
        """Disputes: those of the auditor's own audits, of a head of service's services, and a second moderator's.

        A moderator sees those that wait for a second moderator and those that they took up, but not where they have
        a tie to the case or had a part in the grade; the first moderator reads on. The QA unit sees all, a panel
        member those that the panel's secretary opened to them.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        granted = Q(pk__in=user.lent("audits.dispute"))
        if user.holds(*QA_ROLES):
            return self.filter(not_hidden(user, "audit__case") | granted)
        heads = unit_scope(user, Role.HEAD_OF_SERVICE)
        judged = [*unit_scope(user, Role.MODERATOR), *heads]
        seen = Q(pk__in=[])
        if judged:
            waits = Q(status=DisputeStatus.OPEN) & ~took_part(user)
            theirs = waits | Q(second_moderator=user.pk) | Q(moderation__moderator=user.pk)
            seen = ((in_units(judged, "audit") & theirs) | in_units(heads, "audit")) & ~tied(user, "audit")
        own = Q(audit__auditor=user.pk) if user.holds(Role.AUDITOR) else Q(pk__in=[])
        return self.filter((seen & not_hidden(user, "audit__case")) | own | granted)

    def under_way(self) -> Self:
        """Disputes that nobody has decided yet."""
        return self.filter(status__in=DISPUTE_UNDER_WAY)


def took_part(user: Any) -> Q:
    """Whether the user judged the dispute's audit before: moderated it, confirmed it, or decided another dispute."""
    moderations = apps.get_model("audits", "Moderation").objects.filter(audit=OuterRef("audit"))
    disputes = apps.get_model("audits", "Dispute").objects.filter(audit=OuterRef("audit"))
    moderated = Exists(moderations.filter(Q(moderator=user.pk) | Q(confirmed_by=user.pk)))
    decided = Exists(disputes.filter(Q(decided_by=user.pk) | Q(raised_by=user.pk) | Q(second_moderator=user.pk)))
    return Q(moderated) | Q(decided)


class AlertQuerySet(models.QuerySet["SafeguardingAlert"]):
    def visible_to(self, user: Any) -> Self:
        """Alerts reach the line of the case at once, whatever state the audit is in.

        Seen by the team manager, service lead and head of service of the case, by the audit's auditor,
        the QA unit, and the duty senior manager while nobody has acknowledged it.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk:
            return self.none()
        seen = Q(pk__in=[])
        if user.holds(*QA_ROLES):
            seen = Q()
        else:
            seen |= _in_line(user, *LINE_ROLES)
            if user.holds(Role.DUTY_MANAGER):
                seen |= Q(status=AlertStatus.RAISED)
        mine = Q(audit__auditor=user.pk) if user.holds(Role.AUDITOR) else Q(pk__in=[])
        return self.filter((seen & not_hidden(user, "audit__case")) | mine)

    def unresolved(self) -> Self:
        """Alerts on which somebody still has to act."""
        return self.filter(status__in=(AlertStatus.RAISED, AlertStatus.ACKNOWLEDGED))


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def visible_to(self, user: Any) -> Self:
        """Challenges: one's own, those of the units that one manages, and for the QA unit all. Never those of another
        practitioner."""
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        seen = Q() if user.holds(*QA_ROLES) else _in_line(user, *LINE_ROLES) | Q(opened_by=user.pk)
        return self.filter(seen & not_hidden(user, "audit__case"))


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    def visible_to(self, user: Any) -> Self:
        """Reflections: the writer, the team manager and the QA unit; once shared also the service lead and head of
        service, the auditor and the moderator. Never another practitioner, also not one who takes the case over."""
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        if user.holds(*QA_ROLES):
            seen = Q()
        else:
            shared = _in_line(user, Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)
            shared |= Q(audit__auditor=user.pk) | Q(audit__moderations__moderator=user.pk)
            seen = Q(person=user.pk) | _in_line(user, Role.TEAM_MANAGER) | (shared & Q(shared_at__isnull=False))
        return self.filter(seen & not_hidden(user, "audit__case")).distinct()


def _in_line(user: Any, *roles: str) -> Q:
    return in_units(unit_scope(user, *roles), "audit")


class ToolVersionQuerySet(models.QuerySet["ToolVersion"]):
    def visible_to(self, user: Any) -> Self:
        """Live tools are no secret; drafts and retired ones are the QA unit's."""
        if getattr(user, "is_system", False) or (user.pk and user.holds(*QA_ROLES)):
            return self
        return self.filter(status=ToolStatus.LIVE) if user.pk else self.none()

    def live(self) -> Self:
        """Versions that new audits start with."""
        return self.filter(status=ToolStatus.LIVE)


class GradeSchemeQuerySet(models.QuerySet["GradeScheme"]):
    def visible_to(self, user: Any) -> Self:
        """What grades mean is no secret inside the department."""
        return self if user.pk or getattr(user, "is_system", False) else self.none()


class ThemeQuerySet(models.QuerySet["Theme"]):
    def visible_to(self, user: Any) -> Self:
        """The list of themes is no secret inside the department."""
        return self if user.pk or getattr(user, "is_system", False) else self.none()

    def in_use(self) -> Self:
        """Themes that a finding may be given today."""
        return self.filter(retired_on=None)


class AnswerQuerySet(models.QuerySet["Answer"]):
    def visible_to(self, user: Any) -> Self:
        """Whose answers a person may count: as with grades (`GradeTallyQuerySet.visible_to`), never which audit's.

        The whole department: the QA unit, the Principal Social Worker, panel members, and those who read aggregates
        only (issued audits alone). A head of service their services; a service lead and a team manager their units,
        issued audits alone. Answers of audits that are not submitted, and of what an audit hides or leaves out, are
        for nobody.
        """
        audit = "audit_section__audit"
        counts = self.filter(
            **{f"{audit}__status__in": GRADE_GIVEN, f"{audit}__purpose": AuditPurpose.STANDARD}, asked=True
        ).exclude(audit_section__state=SectionState.NOT_APPLICABLE)
        if getattr(user, "is_system", False):
            return counts
        if not user.pk:
            return self.none()
        if user.holds(*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER):
            return counts
        seen = Q(pk__in=[])
        issued = Q(**{f"{audit}__status__in": ISSUED})
        seen |= in_units(unit_scope(user, Role.HEAD_OF_SERVICE), audit)
        seen |= issued & in_units(unit_scope(user, Role.SERVICE_LEAD, Role.TEAM_MANAGER), audit)
        if reads_the_department(user):
            seen |= issued
        return counts.filter(seen)

    def in_period(self, first: date, last: date) -> Self:
        """Answers of audits that count in the months from `first` to `last` (any day of each)."""
        month = "audit_section__audit__month"
        return self.filter(**{f"{month}__gte": first.replace(day=1), f"{month}__lte": last.replace(day=1)})

    def of_audits(self, audits: Any) -> Self:
        """Answers of the audits with these keys."""
        return self.filter(audit_section__audit__in=audits)

    def of_services(self, services: list[Any]) -> Self:
        """Answers of the audits of these services."""
        return self.filter(audit_section__audit__service__in=services)


class GradeTallyQuerySet(models.QuerySet["GradeTally"]):
    def visible_to(self, user: Any) -> Self:
        """Whose figures a person may read.

        The whole department: the QA unit, the Principal Social Worker, panel members, and those who
        read aggregates only (issued audits alone). A head of service their services; a service lead
        and a team manager their units, issued audits alone.
        """
        if getattr(user, "is_system", False):
            return self
        if not user.pk:
            return self.none()
        if user.holds(*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER):
            return self
        seen = Q(pk__in=[])
        heads = unit_scope(user, Role.HEAD_OF_SERVICE)
        if heads:
            seen |= Q(unit__in=heads)
        managed = unit_scope(user, Role.SERVICE_LEAD, Role.TEAM_MANAGER)
        if managed:
            seen |= Q(unit__in=managed, stage=TallyStage.ISSUED)
        if reads_the_department(user):
            seen |= Q(stage=TallyStage.ISSUED)
        return self.filter(seen)

    def in_period(self, first: date, last: date) -> Self:
        """Tallies of the months from `first` to `last` (any day of each)."""
        return self.filter(month__gte=first.replace(day=1), month__lte=last.replace(day=1))

    def for_services(self) -> Self:
        """Tallies kept under services: every audit once."""
        return self.filter(unit__kind=UnitKind.SERVICE)

    def under(self, units: list[Any]) -> Self:
        """Tallies kept under these units themselves."""
        return self.filter(unit__in=[unit.pk if isinstance(unit, OrgUnit) else unit for unit in units])

    def settled_only(self) -> Self:
        """Without provisional grades."""
        return self.exclude(stage=TallyStage.PROVISIONAL)

    def summed(self, *by: str) -> Self:
        """Counts added up by these fields and the grade and stage: rows of `by`, grade, stage, total."""
        rows = self.order_by().values(*by, "grade", "stage").annotate(total=models.Sum(F("count")))
        return rows.filter(total__gt=0)  # type: ignore[return-value]  # values() rows, still a queryset
