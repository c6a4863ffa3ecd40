"""Who may open which address, as data. Written from product.md sections 7 and 8, not from the code that it judges.

Three questions, in the order in which the product answers them:

1. Is the method offered at all? If not, 405 for everybody who is signed in.
2. Does the person see the thing that the address names (`SIGHT`)? If not, 404, the same as for a made-up address.
   Where a whole page belongs to some roles (`role_first`), that is asked before, and the answer is 403.
3. May they do this with it (the `Rule` of the row)? If not, 403.

Whoever has not signed in is sent to the sign-in page whatever the address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.choices import Role
from audits.choices import GRADE_GIVEN, ISSUED, AlertStatus, AuditStatus, ModerationStatus
from tests.access.people import Person
from tests.access.world import Thing

QA = (Role.QA_LEAD, Role.QA_ADMIN)
LINE = (Role.TEAM_MANAGER, Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)

Test = Callable[[Person, Thing], bool]


@dataclass(frozen=True)
class Rule:
    """A sentence about people, and the question that it stands for."""

    words: str
    allows: Test


def anybody_with(words: str, *roles: Role) -> Rule:
    """Whoever holds one of the roles today."""
    return Rule(words, lambda person, thing: person.holds(*roles))


# Which things a person sees at all


def manages(person: Person, thing: Thing) -> bool:
    """Whether the thing lies in the units of a person of the line."""
    return person.holds(*LINE) and person.site == thing.site


def _case(person: Person, case: Thing) -> bool:
    if case.restricted:
        return person.key == "named"
    if person.holds(*QA):
        return True
    return manages(person, case) or (person.holds(Role.PRACTITIONER) and case.holder == person.key)


def _is_auditor(person: Person, audit: Thing) -> bool:
    gone = (AuditStatus.PLANNED, AuditStatus.VOID)
    return person.holds(Role.AUDITOR) and audit.auditor == person.key and audit.status not in gone


def _in_queue(person: Person, audit: Thing) -> bool:
    """The moderators' queue: what waits for anybody, and what this person has taken or decided."""
    if audit.restricted or not audit.queue or audit.auditor == person.key:
        return False
    if not (person.holds(Role.MODERATOR) or (person.holds(Role.HEAD_OF_SERVICE) and manages(person, audit))):
        return False
    return audit.queue == ModerationStatus.SELECTED or audit.moderator == person.key


def _audit(person: Person, audit: Thing) -> bool:
    if _is_auditor(person, audit):
        return True
    if audit.restricted:
        return person.key == "named"
    if person.holds(*QA) or _in_queue(person, audit):
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
    return person.holds(*QA) or _in_queue(person, audit)


def _alert(person: Person, alert: Thing) -> bool:
    if person.holds(Role.AUDITOR) and alert.audit.auditor == person.key:
        return True
    if alert.restricted:
        return person.key == "named"
    duty = person.holds(Role.DUTY_MANAGER) and alert.status == AlertStatus.RAISED
    return person.holds(*QA) or manages(person, alert) or duty


SIGHT: dict[str, Rule] = {
    "case": Rule(
        "The QA unit sees every case, the line of a case those of its units, a practitioner those that they hold or "
        "held. A restricted case is seen by the people named on it alone.",
        _case,
    ),
    "audit": Rule(
        "The QA unit sees every audit; its auditor from allocation on; a moderator what waits in the queue and what "
        "they took; a head of service those of their services once submitted; team managers, service leads and the "
        "holder of the case once feedback is issued. An audit of a restricted case: its auditor and named people.",
        _audit,
    ),
    "moderation": Rule(
        "The QA unit; moderators, and heads of service in their services: what waits, and what they took themselves. "
        "Never their own audit.",
        _moderation,
    ),
    "alert": Rule(
        "The line of the case at once, the auditor, the QA unit, and the duty senior manager until it is acknowledged.",
        _alert,
    ),
    "section": Rule("Whoever sees the audit.", lambda person, thing: _audit(person, thing.audit)),
    "conversation": Rule("Whoever sees the audit.", lambda person, thing: _audit(person, thing.audit)),
    "job": Rule(
        "Whoever asked for it; all jobs for the QA unit and system administrators.",
        lambda person, job: person.holds(*QA, Role.SYSTEM_ADMINISTRATOR) or job.asked_by == person.key,
    ),
    "import": anybody_with("The QA unit.", *QA),
    "notice": Rule("The person it is for.", lambda person, notice: notice.person == person.key),
    "summary": anybody_with(
        "The QA unit, the Principal Social Worker and panel members.",
        *QA,
        Role.PRINCIPAL_SOCIAL_WORKER,
        Role.PANEL_MEMBER,
    ),  # fmt: skip
    "kind of file": Rule("Everybody.", lambda person, thing: True),
    "month": Rule("Everybody.", lambda person, thing: True),
}


def sees(person: Person, thing: Thing) -> bool:
    """Whether the person sees this thing; nobody sees what does not exist."""
    return thing.name != "made up" and SIGHT[thing.kind].allows(person, thing)


# Who may do what with a thing that they see

EVERYBODY = Rule("Everybody who is signed in", lambda person, thing: True)
WHO_SEES_IT = Rule("Whoever sees it", lambda person, thing: True)
QA_UNIT = anybody_with("The QA unit", *QA)
JOB_KEEPERS = anybody_with("The QA unit and system administrators", *QA, Role.SYSTEM_ADMINISTRATOR)
MODERATORS = anybody_with("Moderators, heads of service, the QA unit", *QA, Role.MODERATOR, Role.HEAD_OF_SERVICE)
PANEL = anybody_with(
    "The QA unit, the Principal Social Worker, panel members", *QA, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER
)
BUILDERS = anybody_with("QA leads, the Principal Social Worker", Role.QA_LEAD, Role.PRINCIPAL_SOCIAL_WORKER)
FIGURES = anybody_with(
    "The QA unit, the line, the Principal Social Worker, panel members, readers of aggregates",
    *QA, *LINE, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER, Role.READ_ONLY,
)  # fmt: skip


def _audit_of(thing: Thing) -> Thing:
    return thing if thing.kind == "audit" else thing.audit


ITS_AUDITOR = Rule("Its auditor", lambda person, thing: _is_auditor(person, _audit_of(thing)))


def _may_decide(person: Person, moderation: Thing) -> bool:
    return _in_queue(person, moderation.audit) and moderation.moderator in ("", person.key)


ITS_MODERATOR = Rule("Its moderator; nobody who only reads it", _may_decide)
DECIDES = Rule(
    "Its moderator; once it is decided everybody who sees it is led to the audit",
    lambda person, thing: _may_decide(person, thing) or thing.status == ModerationStatus.DONE,
)
LINE_OF_CASE = Rule("The line of the case", manages)
ACKNOWLEDGES = Rule(
    "The line of the case, the duty senior manager",
    lambda person, alert: manages(person, alert) or (person.holds(Role.DUTY_MANAGER) and not alert.restricted),
)


@dataclass(frozen=True)
class Row:
    """One address: what its parts name (`about`), and who may read it and send to it. None: not offered, 405.

    `role_first`: whoever has not the role hears so before the thing is looked for. `get_is_logged`: a download, which
    leaves an event. `unchanging_post`: a form that only asks.
    """

    name: str
    get: Rule | None = None
    post: Rule | None = None
    about: str = ""
    role_first: bool = False
    get_is_logged: bool = False
    unchanging_post: bool = False
    everything: bool = False
    also: tuple[str, ...] = ()


# What each kind is tried with, unless a row says more (`also`) or everything (`everything`).
TRIED = {
    "audit": ("near in_progress", "near feedback_issued", "far in_progress"),
    "case": ("near in_progress", "far in_progress"),
    "moderation": ("near submitted", "near opened elsewhere", "far opened", "far moderated", "restricted submitted"),
    "alert": ("near in_progress", "near feedback_issued", "far in_progress", "restricted submitted"),
}
TRIED |= {"section": TRIED["audit"], "conversation": TRIED["audit"]}

ROWS = (
    Row("worklist:home", get=EVERYBODY),
    Row("worklist:search", get=EVERYBODY, post=EVERYBODY, unchanging_post=True),
    Row("worklist:help", get=EVERYBODY),
    Row("notifications:list", get=EVERYBODY),
    Row("notifications:read-all", post=EVERYBODY),
    Row("notifications:open", post=WHO_SEES_IT, about="notice"),
    Row("jobs:list", get=JOB_KEEPERS),
    Row("jobs:detail", get=WHO_SEES_IT, about="job"),
    Row("jobs:retry", post=JOB_KEEPERS, about="job", role_first=True),
    Row("jobs:imports", get=QA_UNIT),
    Row("jobs:give_file", get=QA_UNIT, post=QA_UNIT, about="kind of file", role_first=True),
    Row("jobs:import", get=WHO_SEES_IT, about="import"),
    Row("jobs:apply_import", post=WHO_SEES_IT, about="import"),
    Row("jobs:discard_import", post=WHO_SEES_IT, about="import"),
    Row("jobs:import_faults", get=WHO_SEES_IT, about="import"),
    Row("cases:list", get=EVERYBODY),
    Row("cases:detail", get=WHO_SEES_IT, about="case", also=("restricted own",)),
    Row("cases:connection", get=WHO_SEES_IT, post=WHO_SEES_IT, about="case"),
    Row("cases:restrict", get=QA_UNIT, post=QA_UNIT, about="case"),
    Row("cases:lift", get=QA_UNIT, post=QA_UNIT, about="case", also=("restricted own",)),
    Row("cases:people", get=QA_UNIT, post=QA_UNIT, about="case", also=("restricted own",)),
    Row("cases:remove_person", post=QA_UNIT, about="case"),
    Row("cases:add_reference", get=QA_UNIT, post=QA_UNIT, about="case"),
    Row("audits:list", get=EVERYBODY),
    Row("audits:plan", get=QA_UNIT, post=QA_UNIT, about="case"),
    Row("audits:alerts", get=EVERYBODY),
    Row("audits:alert", get=WHO_SEES_IT, about="alert", everything=True),
    Row("audits:acknowledge_alert", post=ACKNOWLEDGES, about="alert"),
    Row("audits:resolve_alert", post=LINE_OF_CASE, about="alert"),
    Row("audits:check_alert", post=QA_UNIT, about="alert"),
    Row("audits:moderation_queue", get=MODERATORS),
    Row("audits:moderate", get=WHO_SEES_IT, post=DECIDES, about="moderation"),
    Row("audits:open_moderation", post=ITS_MODERATOR, about="moderation"),
    Row("audits:detail", get=WHO_SEES_IT, about="audit", everything=True),
    Row("audits:allocate", get=QA_UNIT, post=QA_UNIT, about="audit", also=("near planned",)),
    Row("audits:reassign", get=QA_UNIT, post=QA_UNIT, about="audit"),
    Row("audits:void", get=QA_UNIT, post=QA_UNIT, about="audit"),
    Row("audits:decline", get=ITS_AUDITOR, post=ITS_AUDITOR, about="audit", also=("near allocated",)),
    Row("audits:start", post=ITS_AUDITOR, about="audit", also=("near allocated",)),
    Row("audits:submit", get=ITS_AUDITOR, post=ITS_AUDITOR, about="audit"),
    Row("audits:recall", get=ITS_AUDITOR, post=ITS_AUDITOR, about="audit", also=("near submitted",)),
    Row("audits:raise_alert", get=WHO_SEES_IT, post=WHO_SEES_IT, about="audit", also=("restricted feedback_issued",)),
    Row("audits:section", get=ITS_AUDITOR, post=ITS_AUDITOR, about="section", also=("restricted own",)),
    Row("audits:section_autosave", get=ITS_AUDITOR, post=ITS_AUDITOR, about="section"),
    Row("audits:overall", get=ITS_AUDITOR, post=ITS_AUDITOR, about="audit"),
    Row("audits:overall_autosave", get=ITS_AUDITOR, post=ITS_AUDITOR, about="audit"),
    Row("audits:conversations", get=ITS_AUDITOR, post=ITS_AUDITOR, about="audit"),
    Row("audits:conversation", get=ITS_AUDITOR, post=ITS_AUDITOR, about="conversation"),
    Row("audits:remove_conversation", get=ITS_AUDITOR, post=ITS_AUDITOR, about="conversation"),
    Row("learning:list", get=PANEL),
    Row("learning:summary", get=WHO_SEES_IT, about="summary"),
    Row("learning:build", get=BUILDERS, post=BUILDERS, about="month", role_first=True),
    Row("reports:monthly", get=FIGURES),
    Row("reports:monthly_csv", get=FIGURES, get_is_logged=True),
    Row("reports:monthly_xlsx", get=FIGURES, get_is_logged=True),
    Row("reports:breakdown", get=FIGURES),
    Row("reports:breakdown_csv", get=FIGURES, get_is_logged=True),
    Row("reports:breakdown_xlsx", get=FIGURES, get_is_logged=True),
)


@dataclass(frozen=True)
class OpenRow:
    """An address that asks nobody to sign in, and its answers to strangers and to people who are signed in."""

    name: str
    why: str
    get: tuple[int, int]
    post: tuple[int, int]


# (stranger, signed in). allauth's own pages; sign-up is closed, and an address is the council's to change.
OPEN_ROWS = (
    OpenRow("core:healthz", "Liveness, for the machine that watches", (200, 200), (405, 405)),
    OpenRow("core:readyz", "Readiness, for the machine that watches", (200, 200), (405, 405)),
    OpenRow("core:accessibility", "The accessibility statement", (200, 200), (405, 405)),
    OpenRow("core:session", "Keeps a session alive", (302, 204), (302, 405)),
    OpenRow("account_login", "Sign in", (200, 302), (200, 302)),
    OpenRow("account_logout", "Sign out", (302, 200), (302, 302)),
    OpenRow("account_inactive", "Says that the account is inactive", (200, 200), (405, 405)),
    OpenRow("account_signup", "Closed: says so and makes nobody", (200, 302), (200, 302)),
    OpenRow("account_reauthenticate", "Asks for the password again", (302, 200), (302, 200)),
    OpenRow("account_email", "The address is the council's to change", (302, 302), (302, 302)),
    OpenRow("account_email_verification_sent", "allauth's; nothing is sent", (200, 200), (405, 405)),
    OpenRow("account_confirm_email", "allauth's; no key is ever given", (200, 200), (404, 404)),
    OpenRow("account_confirm_login_code", "allauth's; no code is ever sent", (302, 302), (302, 302)),
    OpenRow("account_change_password", "One's own password", (302, 200), (302, 200)),
    OpenRow("account_set_password", "One's own password, where there is none", (302, 302), (302, 302)),
    OpenRow("account_reset_password", "Forgotten password", (200, 200), (200, 200)),
    OpenRow("account_reset_password_done", "Says that a message was sent", (200, 200), (405, 405)),
    OpenRow("account_reset_password_from_key", "The link of the message", (200, 200), (200, 200)),
    OpenRow("account_reset_password_from_key_done", "Says that the password was changed", (200, 200), (405, 405)),
)


# Who may read a canary of each facet


def _any(person: Person, *things: Thing | None) -> bool:
    return any(sees(person, thing) for thing in things if thing is not None)


def _beside(world: Any, audit: Thing, kind: str) -> Thing | None:
    return next((thing for thing in world.things[kind] if thing.audit is audit), None)


def _reads_reference(world: Any, person: Person, audit: Thing) -> bool:
    """Whoever sees the audit, its moderation or its alert; and in the panel's summary, which lists no restricted one."""
    listed = SIGHT["summary"].allows(person, audit) and not audit.restricted and audit.status in GRADE_GIVEN
    return listed or _any(person, audit, _beside(world, audit, "moderation"), _beside(world, audit, "alert"))


def _reads_in_full(world: Any, person: Person, audit: Thing) -> bool:
    """The QA unit, the audit's own people, its moderator and the head of service; never those who get the feedback."""
    if not sees(person, audit):
        return False
    moderates = _any(person, _beside(world, audit, "moderation"))
    return person.holds(*QA, Role.HEAD_OF_SERVICE) or _is_auditor(person, audit) or moderates


def _reads_case(world: Any, person: Person, case: Thing) -> bool:
    audits = [audit for audit in world.things["audit"] if audit.case is case]
    return _any(person, case, *audits, *(_beside(world, audit, "alert") for audit in audits))


FACETS: dict[str, tuple[str, Callable[[Any, Person, Thing], bool]]] = {
    "case": ("The case's reference: whoever sees the case, an audit of it or an alert on that", _reads_case),
    "worker": ("Who held the case: whoever sees the case or an audit of it", _reads_case),
    "inside": ("What else is known of the case: whoever sees the case", lambda world, person, case: sees(person, case)),
    "reference": ("The audit's reference", _reads_reference),
    "notes": ("What the auditor wrote: whoever sees the audit", lambda world, person, audit: sees(person, audit)),
    "story": ("Why an audit moved: whoever reads it in full", _reads_in_full),
    "moderation": ("What the moderator wrote: whoever reads the audit in full", _reads_in_full),
    "alert": ("What the alert says: whoever sees the alert or reads the audit in full", lambda world, person, alert: (
        sees(person, alert) or _reads_in_full(world, person, alert.audit)
    )),
    "job": ("How far a job is and why it failed", lambda world, person, job: sees(person, job)),
    "build": ("Why a summary was not built: whoever may have one built", lambda world, person, job: (
        sees(person, job) or BUILDERS.allows(person, job)
    )),
    "import": ("What a file held", lambda world, person, given: sees(person, given)),
    "notice": ("The reference in a notice", lambda world, person, notice: sees(person, notice)),
}  # fmt: skip


def may_read(world: Any, person: Person, thing: Thing, facet: str) -> bool:
    """Whether this person may ever meet the canaries of this facet of this thing."""
    return FACETS[facet][1](world, person, thing)
