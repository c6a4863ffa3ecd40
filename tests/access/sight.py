"""Who sees which things at all, and who may read which of their words. Written from product.md sections 7 and 8."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.choices import Role
from actions.choices import OPEN_STATUSES, ActionStatus, Level
from audits.choices import GRADE_GIVEN, ISSUED, AlertStatus, AuditStatus, DisputeStatus, ModerationStatus
from tests.access.people import Person
from tests.access.world import Thing

QA = (Role.QA_LEAD, Role.QA_ADMIN)
LINE = (Role.TEAM_MANAGER, Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)
FIGURE_READERS = (*QA, *LINE, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER, Role.READ_ONLY)

Test = Callable[[Person, Thing], bool]


@dataclass(frozen=True)
class Rule:
    """A sentence about people, and the question that it stands for."""

    words: str
    allows: Test


def anybody_with(words: str, *roles: Role) -> Rule:
    """Whoever holds one of the roles today."""
    return Rule(words, lambda person, thing: person.holds(*roles))


PANEL = anybody_with(
    "The QA unit, the Principal Social Worker and panel members", *QA, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER
)
BUILDERS = anybody_with("QA leads and the Principal Social Worker", Role.QA_LEAD, Role.PRINCIPAL_SOCIAL_WORKER)
KEEPERS = anybody_with("The QA unit and system administrators", *QA, Role.SYSTEM_ADMINISTRATOR)
QA_UNIT = anybody_with("The QA unit", *QA)
WRITTEN = anybody_with(
    "The QA unit, heads of service and the Principal Social Worker",
    *QA, Role.HEAD_OF_SERVICE, Role.PRINCIPAL_SOCIAL_WORKER,
)  # fmt: skip


def manages(person: Person, thing: Thing) -> bool:
    """Whether the thing lies in the units of a person of the line."""
    return person.holds(*LINE) and person.site == thing.site


def prepares_panels(person: Person) -> bool:
    """Whether this person sees every panel."""
    return person.holds(*QA, Role.PRINCIPAL_SOCIAL_WORKER)


def _panel(person: Person, panel: Thing) -> bool:
    return prepares_panels(person) or (person.holds(Role.PANEL_MEMBER) and person.key in panel.members)


def _meeting(person: Person, meeting: Thing) -> bool:
    return prepares_panels(person) or (person.holds(Role.PANEL_MEMBER) and person.key in meeting.readers)


def _item(person: Person, item: Thing) -> bool:
    return person.key not in item.conflicted and _meeting(person, item.meeting)


LEARNERS = (*QA, *LINE, Role.PRACTITIONER, Role.AUDITOR, Role.MODERATOR, Role.PRINCIPAL_SOCIAL_WORKER,
            Role.PANEL_MEMBER)  # fmt: skip


def _exemplar(person: Person, exemplar: Thing) -> bool:
    if prepares_panels(person):
        return True
    asked = person.key == "practitioner" and exemplar.name == "near asked"
    return person.holds(*LEARNERS) and (exemplar.name == "near published" or asked)


def _briefing(person: Person, briefing: Thing) -> bool:
    """Those of the near team read what is for the near service; whoever holds a role for the department reads all."""
    if prepares_panels(person):
        return True
    if briefing.name == "draft" or not person.holds(*LEARNERS):
        return False
    local = (Role.PRACTITIONER, *LINE)
    return person.site == briefing.site or not person.roles <= set(local)


def keeps_panel(person: Person, panel: Thing) -> bool:
    """The QA unit, and the panel's chair, who is its first member and holds the role for it."""
    chairs = panel.site == "near" and panel.members[0] == person.key
    return person.holds(*QA) or (person.holds(Role.PRINCIPAL_SOCIAL_WORKER) and chairs)


def _case(person: Person, case: Thing) -> bool:
    if case.restricted:
        return person.key == "named"
    if person.holds(*QA):
        return True
    return manages(person, case) or (person.holds(Role.PRACTITIONER) and case.holder == person.key)


def is_auditor(person: Person, audit: Thing) -> bool:
    """Whether the audit is theirs to do, from allocation on and never once it is void."""
    gone = (AuditStatus.PLANNED, AuditStatus.VOID)
    return person.holds(Role.AUDITOR) and audit.auditor == person.key and audit.status not in gone


def in_queue(person: Person, audit: Thing) -> bool:
    """The moderators' queue: what waits for anybody, and what this person has taken or decided."""
    if audit.restricted or not audit.queue or audit.auditor == person.key:
        return False
    if not (person.holds(Role.MODERATOR) or (person.holds(Role.HEAD_OF_SERVICE) and manages(person, audit))):
        return False
    if audit.queue == ModerationStatus.AWAITING_CONFIRMATION and person.holds(Role.HEAD_OF_SERVICE):
        return manages(person, audit)
    return audit.queue == ModerationStatus.SELECTED or audit.moderator == person.key


def may_judge_dispute(person: Person, audit: Thing) -> bool:
    """A dispute that waits for a second moderator, for those who had no part; one taken up, for who took it."""
    if audit.restricted or not audit.dispute or audit.auditor == person.key:
        return False
    if not (person.holds(Role.MODERATOR) or (person.holds(Role.HEAD_OF_SERVICE) and manages(person, audit))):
        return False
    free = audit.dispute == DisputeStatus.OPEN and audit.moderator != person.key
    return free or audit.second == person.key


def _audit(person: Person, audit: Thing) -> bool:
    if is_auditor(person, audit):
        return True
    if audit.restricted:
        return person.key == "named"
    if person.holds(*QA) or in_queue(person, audit) or may_judge_dispute(person, audit):
        return True
    if person.holds(Role.HEAD_OF_SERVICE) and manages(person, audit):
        return audit.status in GRADE_GIVEN
    if person.holds(Role.PRACTITIONER) and audit.case.holder == person.key:
        return audit.status in ISSUED
    return manages(person, audit) and audit.status in ISSUED


def _moderation(person: Person, moderation: Thing) -> bool:
    audit = moderation.audit
    if audit.restricted:
        return person.key == "named"
    return person.holds(*QA) or in_queue(person, audit)


def _dispute(person: Person, dispute: Thing) -> bool:
    audit = dispute.audit
    if person.holds(*QA) or is_auditor(person, audit) or may_judge_dispute(person, audit):
        return True
    if person.holds(Role.MODERATOR) and audit.moderator == person.key:
        return True
    return person.holds(Role.HEAD_OF_SERVICE) and manages(person, audit)


def reads_grade_record(person: Person, audit: Thing) -> bool:
    """Once it is submitted: the auditor, whoever judges or judged it, the head of service, the QA unit."""
    if not audit.queue:
        return False
    head = person.holds(Role.HEAD_OF_SERVICE) and manages(person, audit)
    judges = in_queue(person, audit) or may_judge_dispute(person, audit)
    return person.holds(*QA) or is_auditor(person, audit) or judges or head


def _alert(person: Person, alert: Thing) -> bool:
    if person.holds(Role.AUDITOR) and alert.audit.auditor == person.key:
        return True
    if alert.restricted:
        return person.key == "named"
    duty = person.holds(Role.DUTY_MANAGER) and alert.status == AlertStatus.RAISED
    return person.holds(*QA) or manages(person, alert) or duty


def _action(person: Person, action: Thing) -> bool:
    if action.restricted:
        return person.key == "named"
    if person.holds(*QA):
        return True
    if action.status == ActionStatus.DRAFT:
        return bool(person.roles) and action.created_by == person.key
    above_teams = action.case is not None or person.holds(Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)
    if (manages(person, action) and above_teams) or (bool(person.roles) and action.owner == person.key):
        return True
    if action.case is None:
        whole = action.level in (Level.SERVICE, Level.PARTNERSHIP)
        return person.holds(Role.PRINCIPAL_SOCIAL_WORKER) and whole
    holds = person.holds(Role.PRACTITIONER) and action.case.holder == person.key
    return holds and action.status in OPEN_STATUSES


def _calibration(person: Person, calibration: Thing) -> bool:
    if person.holds(Role.AUDITOR) and calibration.takes_part == person.key:
        return True
    return person.key == "named" if calibration.restricted else person.holds(*QA)


def _recommendation(person: Person, recommendation: Thing) -> bool:
    above = (Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE, Role.PRINCIPAL_SOCIAL_WORKER)
    return person.holds(*QA, *above) or (bool(person.roles) and recommendation.owner == person.key)


def _figure(person: Person, figure: Thing) -> bool:
    if person.holds(*QA):
        return True
    if figure.level == "department":
        return person.holds(*FIGURE_READERS)
    if figure.level == "worker":
        return manages(person, figure) or (person.holds(Role.PRACTITIONER) and figure.worker == person.key)
    return person.holds(Role.PRINCIPAL_SOCIAL_WORKER) or manages(person, figure)


def _exceptions(person: Person, figure: Thing) -> bool:
    if figure.level == "department" or person.holds(*QA):
        return person.holds(*QA)
    own = figure.level == "worker" and person.holds(Role.PRACTITIONER) and figure.worker == person.key
    return manages(person, figure) or own


def leads_clinic(person: Person, clinic: Thing) -> bool:
    """The QA unit, the chair, the service's head."""
    chairs = bool(person.roles) and clinic.chair == person.key
    return person.holds(*QA) or chairs or (person.holds(Role.HEAD_OF_SERVICE) and manages(person, clinic))


def in_clinic(person: Person, clinic: Thing) -> bool:
    """Those who lead it, and whoever is asked to it and holds a role."""
    return leads_clinic(person, clinic) or (bool(person.roles) and person.key in clinic.attendees)


def _clinic(person: Person, clinic: Thing) -> bool:
    return in_clinic(person, clinic) or (person.holds(Role.SERVICE_LEAD) and manages(person, clinic))


SIGHT: dict[str, Rule] = {
    "case": Rule(
        "The QA unit sees every case, the line of a case those of its units, a practitioner those that they hold or "
        "held. A restricted case is seen by the people named on it alone.",
        _case,
    ),
    "audit": Rule(
        "The QA unit sees every audit; its auditor from allocation on; a moderator what waits in the queue and what "
        "they took, and what is disputed while they may decide it; a "
        "head of service those of their services once submitted; team managers, service leads and the "
        "holder of the case once feedback is issued. An audit of a restricted case: its auditor and named people.",
        _audit,
    ),
    "moderation": Rule(
        "The QA unit; moderators, and heads of service in their services: what waits, and what they took themselves; "
        "heads of service what waits for a confirmation. Never their own audit.",
        _moderation,
    ),
    "calibration": Rule(
        "The QA unit, and the auditors who take part in it; never the case's line. Of a restricted case: those who "
        "take part and named people.",
        _calibration,
    ),
    "dispute": Rule(
        "The QA unit, the audit's auditor and first moderator, the head of service, and moderators who had no part in "
        "the grade until one of them has taken it up.",
        _dispute,
    ),
    "alert": Rule(
        "The line of the case at once, the auditor, the QA unit, and the duty senior manager until it is acknowledged.",
        _alert,
    ),
    "section": Rule("Whoever sees the audit.", lambda person, thing: _audit(person, thing.audit)),
    "conversation": Rule("Whoever sees the audit.", lambda person, thing: _audit(person, thing.audit)),
    "action": Rule(
        "The QA unit, the owner, the line of its units, whoever holds the case while it is open, the Principal Social "
        "Worker where it is about no case. A draft: who proposed it and the QA unit. About a restricted case: the "
        "people named on it.",
        _action,
    ),
    "check": Rule("The QA unit, where it sees the action.", lambda person, thing: (
        person.holds(*QA) and _action(person, thing.action)
    )),
    "recommendation": Rule(
        "The QA unit, heads of service, service leads, the Principal Social Worker, and whoever owns an action for it.",
        _recommendation,
    ),
    "job": Rule(
        "Whoever asked for it; all jobs for the QA unit and system administrators.",
        lambda person, job: KEEPERS.allows(person, job) or job.asked_by == person.key,
    ),
    "import": QA_UNIT,
    "saved report": Rule(
        "Whoever saved it, and those to whom it comes by subscription.",
        lambda person, report: person.key in (report.owner, report.comes_to) and bool(person.roles),
    ),
    "own report": Rule("Whoever saved it.", lambda person, report: report.owner == person.key),
    "subscription": Rule(
        "Whoever it comes to, and who asked for it.",
        lambda person, it: person.key in (it.owner, it.comes_to),
    ),
    "token": Rule("QA leads.", lambda person, token: person.holds(Role.QA_LEAD)),
    "export": Rule("The person it was made for, and nobody else.", lambda person, export: export.owner == person.key),
    "notice": Rule("The person it is for.", lambda person, notice: notice.person == person.key),
    "kept form": Rule("The person who typed it.", lambda person, kept: kept.person == person.key),
    "summary": PANEL,
    "figure": Rule(
        "The QA unit every figure; the department's all who read figures; a unit's its line and the Principal Social "
        "Worker; a worker's that worker and their line.",
        _figure,
    ),
    "exceptions": Rule("The QA unit every place; the line its units; a practitioner their own.", _exceptions),
    "tool": QA_UNIT,
    "tool version": QA_UNIT,
    "tool section": QA_UNIT,
    "tool question": QA_UNIT,
    "grade scheme": QA_UNIT,
    "clinic": Rule(
        "The QA unit, the service's head and lead, the chair, and whoever is asked to it.", _clinic
    ),
    "turn": Rule("Whoever reads figures.", lambda person, thing: person.holds(*FIGURE_READERS)),
    "exception": Rule("Whoever sees the case.", lambda person, thing: _case(person, thing.case)),
    "person": KEEPERS,
    "membership": KEEPERS,
    "unit": KEEPERS,
    "request for a role": KEEPERS,
    "trail of a case": Rule(
        "Whoever sees the case, and information governance.",
        lambda person, thing: person.holds(Role.INFORMATION_GOVERNANCE) or _case(person, thing.case),
    ),
    # Names, not things: whether they are known is no secret.
    "kind of file": Rule("Everybody.", lambda person, thing: True),
    "month": Rule("Everybody.", lambda person, thing: True),
    "standard report": Rule("Everybody.", lambda person, thing: True),
    "written report": WRITTEN,
    "setting": Rule("Everybody.", lambda person, thing: True),
    "year": Rule("Everybody.", lambda person, thing: True),
    "closing day": Rule("Everybody.", lambda person, thing: True),
}  # fmt: skip


# Panels, exemplars, briefings, themes
SIGHT |= {
    "theme": Rule("Everybody in the department.", lambda person, thing: True),
    "panel": Rule("The QA unit, the Principal Social Worker, and members who sit on it.", _panel),
    "seat": Rule("Whoever sees the panel.", _panel),
    "meeting": Rule(
        "The QA unit, the Principal Social Worker, and members who were given its pack, for the pack's life.", _meeting
    ),
    "pack": Rule("Whoever sees the meeting.", lambda person, pack: _meeting(person, pack.meeting)),
    "item": Rule("Whoever sees the meeting, never somebody with a conflict.", _item),
    "exemplar": Rule(
        "The QA unit and the Principal Social Worker; the practitioner once asked; when published everybody who works "
        "with practice.", _exemplar,
    ),
    "briefing": Rule(
        "The QA unit and the Principal Social Worker; when published whoever works in its units or answers for them.",
        _briefing,
    ),
    "practice": Rule("The QA unit and the Principal Social Worker.", lambda person, thing: prepares_panels(person)),
}  # fmt: skip


def sees(person: Person, thing: Thing) -> bool:
    """Whether the person sees this thing; nobody sees what does not exist."""
    return thing.name != "made up" and SIGHT[thing.kind].allows(person, thing)


# Who may read a canary of each facet


def _any(person: Person, *things: Thing | None) -> bool:
    return any(sees(person, thing) for thing in things if thing is not None)


def _beside(world: Any, audit: Thing, kind: str) -> Thing | None:
    return next((thing for thing in world.things[kind] if thing.audit is audit), None)


def _reads_reference(world: Any, person: Person, audit: Thing) -> bool:
    """Whoever sees the audit, its moderation or alert; in the panel's summary and, for information governance, in the
    access log, which list no restricted one."""
    if person.holds(Role.INFORMATION_GOVERNANCE) and not audit.restricted:
        return True
    beside = [_beside(world, audit, kind) for kind in ("moderation", "alert", "dispute")]
    listed = SIGHT["summary"].allows(person, audit) and not audit.restricted and audit.status in GRADE_GIVEN
    return listed or _any(person, audit, *beside)


def _reads_in_full(world: Any, person: Person, audit: Thing) -> bool:
    """The QA unit, the audit's own people, its moderator and the head of service; never those who get the feedback."""
    if not sees(person, audit):
        return False
    moderates = _any(person, _beside(world, audit, "moderation"), _beside(world, audit, "dispute"))
    return person.holds(*QA, Role.HEAD_OF_SERVICE) or is_auditor(person, audit) or moderates


def _reads_case(world: Any, person: Person, case: Thing) -> bool:
    audits = [audit for audit in world.things["audit"] if audit.case is case]
    actions = [action for action in world.things["action"] if action.case is case]
    return _any(person, case, *audits, *actions, *(_beside(world, audit, "alert") for audit in audits))


def _names_case(world: Any, person: Person, case: Thing) -> bool:
    """As above; the access log names every case but restricted ones to information governance."""
    return _reads_case(world, person, case) or (person.holds(Role.INFORMATION_GOVERNANCE) and not case.restricted)


def _reads_strengths(world: Any, person: Person, audit: Thing) -> bool:
    """Without names: the Principal Social Worker and the QA lead, while an exemplar of it is nominated."""
    writes = person.holds(Role.PRINCIPAL_SOCIAL_WORKER, Role.QA_LEAD)
    return sees(person, audit) or (writes and any(each.audit is audit for each in world.things["exemplar"]))


FACETS: dict[str, tuple[str, Callable[[Any, Person, Thing], bool]]] = {
    "case": (
        "The case's reference: whoever sees the case, an audit, alert or action of it; information governance",
        _names_case,
    ),
    "worker": ("Who held the case: whoever sees the case or an audit of it", _reads_case),
    "inside": ("What else is known of the case: whoever sees the case", lambda world, person, case: sees(person, case)),
    "reference": ("The audit's reference", _reads_reference),
    "notes": ("What the auditor wrote: whoever sees the audit", lambda world, person, audit: sees(person, audit)),
    "story": ("Why an audit moved: whoever reads it in full", _reads_in_full),
    "moderation": ("What the moderator wrote: whoever reads the audit in full", _reads_in_full),
    "dispute": ("Why a grade is disputed: whoever sees it or reads the audit in full", lambda world, person, it: (
        sees(person, it) or _reads_in_full(world, person, it.audit)
    )),
    "challenge": (
        "What was challenged: who challenged it, the line of the case, the QA unit; never another practitioner",
        lambda world, person, audit: sees(person, audit) and (person.holds(*QA) or manages(person, audit)),
    ),
    "reflection": (
        "A reflection that is not shared: its writer, the team manager, the QA unit",
        lambda world, person, audit: (
            sees(person, audit)
            and (person.holds(*QA) or (person.holds(Role.TEAM_MANAGER) and manages(person, audit)))
        ),
    ),
    "response": (
        "What the manager answers, before it is given: the line of the case and the QA unit",
        lambda world, person, audit: sees(person, audit) and (person.holds(*QA) or manages(person, audit)),
    ),
    "alert": ("What the alert says: whoever sees the alert or reads the audit in full", lambda world, person, alert: (
        sees(person, alert) or _reads_in_full(world, person, alert.audit)
    )),
    "job": ("How far a job is and why it failed", lambda world, person, job: sees(person, job)),
    "build": ("Why a summary was not built: whoever may have one built", lambda world, person, job: (
        sees(person, job) or BUILDERS.allows(person, job)
    )),
    "import": ("What a file held", lambda world, person, given: sees(person, given)),
    "action": ("What an action says: whoever sees it", lambda world, person, action: sees(person, action)),
    "recommendation": ("What a recommendation says: whoever sees it, or an action for it", lambda world, person, it: (
        sees(person, it) or any(sees(person, each) for each in world.things["action"] if each.recommendation is it)
    )),
    "calibration": ("What a calibration is about: whoever sees it", lambda world, person, it: sees(person, it)),
    "tool": ("What a tool's draft says: the QA unit", lambda world, person, tool: sees(person, tool)),
    "clinic": ("What is written of a clinic: whoever sees it", lambda world, person, clinic: sees(person, clinic)),
    "saved report": ("What a saved report is called", lambda world, person, report: sees(person, report)),
    "token": ("What a program that reads the feed is called", lambda world, person, token: sees(person, token)),
    "export": ("What a file that was made for somebody is called", lambda world, person, it: sees(person, it)),
    "notice": ("The reference in a notice", lambda world, person, notice: sees(person, notice)),
    "kept form": ("What was typed in a form that was kept", lambda world, person, kept: sees(person, kept)),
}  # fmt: skip


FACETS |= {
    "strengths": ("What the auditor praised: whoever sees the audit or writes an exemplar from it", _reads_strengths),
    "panel": ("What a panel is for and where it meets: whoever sees it", lambda world, person, panel: (
        sees(person, panel)
    )),
    "meeting": ("Minutes: whoever sees the meeting and every item of it", lambda world, person, meeting: (
        sees(person, meeting)
        and all(sees(person, item) for item in world.things["item"] if item.meeting is meeting)
    )),
    "item": ("What an item says: whoever sees it", lambda world, person, item: sees(person, item)),
    "exemplar": ("What an exemplar says: whoever sees it", lambda world, person, it: sees(person, it)),
    "briefing": ("What a briefing says: whoever sees it", lambda world, person, it: sees(person, it)),
}  # fmt: skip


def may_read(world: Any, person: Person, thing: Thing, facet: str) -> bool:
    """Whether this person may ever meet the canaries of this facet of this thing."""
    return FACETS[facet][1](world, person, thing)
