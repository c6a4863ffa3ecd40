"""Who may read figures. Whose audits the figures hold is decided by the rows, in `audits.querysets`."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.access import SYSTEM, YES, Decision, no, unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from audits.choices import GRADE_GIVEN, ISSUED, TallyStage
from audits.models import Audit
from audits.querysets import AuditQuerySet, reads_the_department
from reports.rules.freezing import EVERY_STAGE, EVERYTHING, Sight

_READERS = (*QA_ROLES, *LINE_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER, Role.READ_ONLY)
_SEE_EVERY_STAGE = (*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.HEAD_OF_SERVICE)


def can_read_figures(user: Any) -> Decision:
    """The QA unit, those who manage, the Principal Social Worker, panel members and readers of aggregates."""
    if getattr(user, "pk", None) and user.holds(*_READERS):
        return YES
    return no("No figures are open to your role. Ask the QA unit for what you need.")


def can_list_audits(user: Any) -> bool:
    """Whether a figure may lead this reader to audits: others read aggregates only."""
    return bool(user.holds(*QA_ROLES, *LINE_ROLES))


def reads_outside(user: Any) -> bool:
    """Whether this reader's figures reach further than the records that they may see: small numbers are withheld
    from them (product.md NK-8)."""
    return not user.holds(*QA_ROLES, *LINE_ROLES, Role.PRINCIPAL_SOCIAL_WORKER)


def can_draft_months(by: Any) -> Decision:
    """The QA unit has a month's figures drafted, and the system by its calendar."""
    if getattr(by, "is_system", False) or by.holds(*QA_ROLES):
        return YES
    return no("Months are drafted by the QA unit.")


def can_publish_months(by: Any) -> Decision:
    """The QA lead publishes a month's figures."""
    if getattr(by, "is_system", False) or by.holds(Role.QA_LEAD):
        return YES
    return no("Only the QA lead can publish a month's figures.")


def sights(user: Any) -> tuple[Sight, ...]:
    """Whose audits this reader's figures hold, as `GradeTally.objects.visible_to` has it of the rows."""
    if getattr(user, "is_system", False) or user.holds(*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER):
        return EVERYTHING
    issued = frozenset({TallyStage.ISSUED.value})
    found = []
    heads = unit_scope(user, Role.HEAD_OF_SERVICE)
    if heads:
        found.append(Sight(frozenset(map(str, heads)), EVERY_STAGE))
    managed = unit_scope(user, Role.SERVICE_LEAD, Role.TEAM_MANAGER)
    if managed:
        found.append(Sight(frozenset(map(str, managed)), issued))
    if reads_the_department(user):
        found.append(Sight(None, issued))
    return tuple(found)


_WRITTEN_FOR = (*QA_ROLES, Role.HEAD_OF_SERVICE, Role.PRINCIPAL_SOCIAL_WORKER)


def can_read_written(user: Any) -> Decision:
    """The QA unit, heads of service and the Principal Social Worker read what is written to boards and partners."""
    if getattr(user, "is_system", False) or user.holds(*_WRITTEN_FOR):
        return YES
    return no("Written reports are for the QA unit, heads of service and the Principal Social Worker.")


def can_write_reports(by: Any) -> Decision:
    """The QA unit writes reports."""
    if getattr(by, "is_system", False) or by.holds(*QA_ROLES):
        return YES
    return no("Reports are written by the QA unit.")


def counts_everything(user: Any) -> bool:
    """Whether this reader's counts hold the whole department."""
    return any(sight.units is None for sight in sights(user))


def countable_audits(user: Any) -> AuditQuerySet:
    """Audits that this reader's reports may count, as their figures have it; for counting alone, never for a list."""
    audits: AuditQuerySet = Audit.objects.visible_to(SYSTEM)
    seen = Q(pk__in=[])
    for sight in sights(user):
        statuses = GRADE_GIVEN if TallyStage.PROVISIONAL in sight.stages else ISSUED
        which = Q(status__in=statuses)
        if sight.units is not None:
            units = list(sight.units)
            which &= Q(service__in=units) | Q(team__in=units)
        seen |= which
    return audits.filter(seen)


def reader_groups(user: Any) -> frozenset[str]:
    """The groups of readers that somebody belongs to: "all", "line" and "heads" (see the standard reports)."""
    groups = {"all"}
    if user.holds(*QA_ROLES, *LINE_ROLES, Role.PRINCIPAL_SOCIAL_WORKER):
        groups.add("line")
    if user.holds(*_WRITTEN_FOR):
        groups.add("heads")
    return frozenset(groups)


def sees_issued_only(user: Any) -> bool:
    """Whether this reader's figures hold issued audits alone (product.md RP-3, NK-4)."""
    return not user.holds(*_SEE_EVERY_STAGE)


def audience_of(user: Any) -> str:
    """For whom a file is that this reader takes out, in a few words: those who may read the same figures."""
    if user.holds(*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER):
        return "the QA unit and senior managers"
    if user.holds(*LINE_ROLES):
        return "managers of the services that it counts"
    return "readers of the department's figures"


def can_take_rows(user: Any) -> Decision:
    """Rows behind the figures are for the QA unit and for those who manage, each theirs."""
    if getattr(user, "pk", None) and user.holds(*QA_ROLES, *LINE_ROLES):
        return YES
    return no("Rows behind the figures are for the QA unit and for managers.")


def can_publish_counts(user: Any) -> Decision:
    """Counts to publish are the department's, so that no two of them can be set against each other: the QA unit's."""
    if getattr(user, "pk", None) and user.holds(*QA_ROLES):
        return YES
    return no("Only the QA unit makes files to publish.")


def can_keep_feed(by: Any) -> Decision:
    """The QA lead decides which programs read the feed."""
    if getattr(by, "pk", None) and by.holds(Role.QA_LEAD):
        return YES
    return no("Only the QA lead decides which programs read the feed.")


def can_subscribe_others(user: Any) -> Decision:
    """The QA unit may have a report come to somebody else; everybody may have it come to themselves."""
    if getattr(user, "pk", None) and user.holds(*QA_ROLES):
        return YES
    return no("Only the QA unit can have a report come to somebody else.")
