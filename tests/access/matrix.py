"""Who may open which address, as data. Written from product.md sections 7 and 8, not from the code that it judges.

Three questions, in the order in which the product answers them:

1. Is the method offered at all? If not, 405 for everybody who is signed in.
2. Does the person see the thing that the address names (`tests.access.sight`)? If not, 404, the same as for a made-up
   address. Where a whole page belongs to some roles (`first`), that is asked before, and the answer is 403.
3. May they do this with it (the `Rule` of the row)? If not, 403.

Whoever has not signed in is sent to the sign-in page whatever the address. `docs/access.md` is printed from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.choices import Role
from actions.choices import Verifier
from audits.choices import ModerationStatus
from tests.access import sight
from tests.access.people import Person
from tests.access.sight import (
    BUILDERS,
    FIGURE_READERS,
    KEEPERS,
    LINE,
    PANEL,
    QA,
    QA_UNIT,
    WRITTEN,
    Rule,
    anybody_with,
    in_clinic,
    in_queue,
    is_auditor,
    leads_clinic,
    manages,
    may_judge_dispute,
    reads_grade_record,
)
from tests.access.world import Thing

EVERYBODY = Rule("Everybody who is signed in", lambda person, thing: True)
WHO_SEES_IT = Rule("Whoever sees it", lambda person, thing: True)
MODERATORS = anybody_with("Moderators, heads of service, the QA unit", *QA, Role.MODERATOR, Role.HEAD_OF_SERVICE)
FIGURES = anybody_with(
    "The QA unit, the line, the Principal Social Worker, panel members, readers of aggregates", *FIGURE_READERS
)
ROW_TAKERS = anybody_with("The QA unit, the line", *QA, *LINE)
ITS_OWNER = Rule("Whoever saved it", lambda person, report: report.owner == person.key)
INDICATORS = anybody_with("Whoever reads figures, and practitioners", *FIGURE_READERS, Role.PRACTITIONER)
STANDARD = Rule(
    "Whoever reads figures; of the work itself heads of service, the Principal Social Worker and the QA unit",
    lambda person, thing: thing.ids["key"] == "monthly" or WRITTEN.allows(person, thing),
)
QA_LEADS = anybody_with("QA leads", Role.QA_LEAD)
LOG_READERS = anybody_with("QA leads and information governance", Role.QA_LEAD, Role.INFORMATION_GOVERNANCE)
GLASS_BREAKERS = anybody_with("QA leads and heads of service", Role.QA_LEAD, Role.HEAD_OF_SERVICE)
GLASS_READERS = anybody_with(
    "QA leads, heads of service and information governance",
    Role.QA_LEAD, Role.HEAD_OF_SERVICE, Role.INFORMATION_GOVERNANCE,
)  # fmt: skip
PRACTITIONERS = anybody_with("Practitioners", Role.PRACTITIONER)
ACTION_MAKERS = anybody_with(
    "The QA unit, the line, the Principal Social Worker", *QA, *LINE, Role.PRINCIPAL_SOCIAL_WORKER
)
WORKERS_ON_EXCEPTIONS = anybody_with("The QA unit, the line, practitioners", *QA, *LINE, Role.PRACTITIONER)
LEADS_CLINIC = Rule("The service's head, the chair, the QA unit", leads_clinic)
IN_CLINIC = Rule("Whoever leads it or is asked to it", in_clinic)
CHAIRS_CLINIC = Rule(
    "The chair; where there is none, whoever leads it",
    lambda person, clinic: clinic.chair == person.key or (not clinic.chair and leads_clinic(person, clinic)),
)
ACTS_IN_CLINIC = Rule(
    "Of those in the clinic, the QA unit, the line and the Principal Social Worker",
    lambda person, clinic: in_clinic(person, clinic) and ACTION_MAKERS.allows(person, clinic),
)
ROTA_KEEPERS = Rule(
    "The QA unit, and a head of service in their services",
    lambda person, turn: person.holds(*QA) or (person.holds(Role.HEAD_OF_SERVICE) and manages(person, turn)),
)
NOT_ONESELF = Rule(
    "The QA unit and system administrators, but nobody for themselves",
    lambda person, thing: KEEPERS.allows(person, thing) and thing.user != person.key,
)
QA_OR_LINE = Rule(
    "The QA unit, the line of the case", lambda person, thing: person.holds(*QA) or manages(person, thing)
)
TRAIL_READERS = Rule(
    "Information governance, QA leads, the line of the case",
    lambda person, thing: person.holds(Role.INFORMATION_GOVERNANCE, Role.QA_LEAD) or manages(person, thing),
)


def _audit_of(thing: Thing) -> Thing:
    return thing if thing.kind == "audit" else thing.audit


ITS_AUDITOR = Rule("Its auditor", lambda person, thing: is_auditor(person, _audit_of(thing)))


def _may_decide(person: Person, moderation: Thing) -> bool:
    return in_queue(person, moderation.audit) and moderation.moderator in ("", person.key)


ITS_MODERATOR = Rule("Its moderator; nobody who only reads it", _may_decide)
DECIDES = Rule(
    "Its moderator; once it has moved on everybody who sees it is led to where it stands",
    lambda person, thing: (
        _may_decide(person, thing) or thing.status not in (ModerationStatus.SELECTED, ModerationStatus.OPENED)
    ),
)
AUDITORS = anybody_with("Auditors", Role.AUDITOR)
QA_OR_HEADS = anybody_with("The QA unit and heads of service", *QA, Role.HEAD_OF_SERVICE)
CONFIRMS = Rule(
    "A head of service of its service who neither audited nor moderated it",
    lambda person, thing: (
        person.holds(Role.HEAD_OF_SERVICE)
        and manages(person, thing)
        and not thing.restricted
        and person.key not in (thing.audit.auditor, thing.moderator)
    ),
)
QA_LEAD = Rule(
    "QA leads, but not about their own audit",
    lambda person, thing: person.holds(Role.QA_LEAD) and thing.audit.auditor != person.key,
)
TAKES_DISPUTE = Rule(
    "Moderators and heads of service who had no part in the grade",
    lambda person, thing: may_judge_dispute(person, thing.audit),
)
SECOND = Rule("Its second moderator", lambda person, thing: thing.second == person.key)
SECOND_OR_LEAD = Rule(
    "Its second moderator, QA leads",
    lambda person, thing: SECOND.allows(person, thing) or QA_LEAD.allows(person, thing),
)
READS_RECORD = Rule(
    "Once submitted: its auditor, whoever judges its grade, the head of service, the QA unit", reads_grade_record
)
ANSWERS = Rule("Its auditor, once submitted", lambda person, thing: bool(thing.queue) and is_auditor(person, thing))
LINE_OF_CASE = Rule("The line of the case", manages)
OWNER_OR_LINE = Rule(
    "The owner, the line of its units, the QA unit",
    lambda person, action: person.holds(*QA) or manages(person, action) or action.owner == person.key,
)
VERIFIERS = Rule(
    "Whoever verifies it: the line of its units, or the QA unit; never the owner",
    lambda person, action: (
        action.owner != person.key
        and (manages(person, action) if action.verifier == Verifier.MANAGER else person.holds(*QA))
    ),
)
ACKNOWLEDGES = Rule(
    "The line of the case, the duty senior manager",
    lambda person, alert: manages(person, alert) or (person.holds(Role.DUTY_MANAGER) and not alert.restricted),
)


@dataclass(frozen=True)
class Row:
    """One address: what its parts name (`about`), and who may read it and send to it. None: not offered, 405.

    `first`: whoever is not of these hears so (`refused`) before the thing is looked for. `get_is_logged`: a
    download, which leaves an event. `unchanging_post`: a form that only asks. `everything`: tried with all things of
    its kind; `also`: with these too. `switched_off`: 404 even for who may, since nothing is set up. `parts`: what the
    address holds beside the thing; `only`: tried with things of this level alone.
    """

    name: str
    get: Rule | None = None
    post: Rule | None = None
    about: str = ""
    first: Rule | None = None
    get_is_logged: bool = False
    unchanging_post: bool = False
    everything: bool = False
    also: tuple[str, ...] = ()
    only: str = ""
    refused: int = 403
    switched_off: bool = False
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name, with the move that the address asks for where it has one."""
        return " ".join([self.name, *self.parts.values()])


# What each kind is tried with, unless a row says more (`also`) or everything (`everything`).
TRIED = {
    "audit": ("near in_progress", "near feedback_issued", "far in_progress"),
    "case": ("near in_progress", "far in_progress"),
    "moderation": ("near submitted", "near opened elsewhere", "far opened", "far moderated", "restricted submitted"),
    "alert": ("near in_progress", "near feedback_issued", "far in_progress", "restricted submitted"),
}
TRIED |= {"section": TRIED["audit"], "conversation": TRIED["audit"]}

# From a settled grade to a closed audit.
ISSUES = Rule(
    "The QA lead, its moderator",
    lambda person, audit: (
        person.holds(Role.QA_LEAD)
        or (audit.facts.get("moderator") == person.key and person.holds(Role.MODERATOR, Role.HEAD_OF_SERVICE))
    ),
)
QA_LEADS = anybody_with("The QA lead", Role.QA_LEAD)
COUNTERSIGNS = Rule(
    "The service lead of the case and whoever stands above; not who gave the response",
    lambda person, audit: person.holds(Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE) and manages(person, audit),
)
ITS_PRACTITIONER = Rule(
    "The practitioner of the case",
    lambda person, audit: person.holds(Role.PRACTITIONER) and audit.case.holder == person.key,
)
CHALLENGERS = Rule(
    "The practitioner of the case, its team manager",
    lambda person, audit: (
        ITS_PRACTITIONER.allows(person, audit) or (person.holds(Role.TEAM_MANAGER) and manages(person, audit))
    ),
)
MEETS = Rule(
    "The practitioner and the line of the case",
    lambda person, audit: ITS_PRACTITIONER.allows(person, audit) or manages(person, audit),
)
THANKS = Rule(
    "Its auditor, the QA lead, whoever stands above the team",
    lambda person, audit: person.holds(Role.QA_LEAD) or is_auditor(person, audit) or COUNTERSIGNS.allows(person, audit),
)
CLOSING_ROWS = (
    Row("audits:act_on_audit", get=QA_OR_LINE, post=QA_OR_LINE, about="audit"),
    Row("audits:act_on_decision", get=QA_OR_LINE, post=QA_OR_LINE, about="audit"),
    Row("audits:act_on_finding", get=QA_OR_LINE, post=QA_OR_LINE, about="audit"),
    Row("audits:act_on_alert", get=QA_OR_LINE, post=QA_OR_LINE, about="alert"),
    Row("audits:challenge", get=CHALLENGERS, post=CHALLENGERS, about="audit", also=("near challengeable",)),
    Row("audits:reflection", get=ITS_PRACTITIONER, post=ITS_PRACTITIONER, about="audit"),
    Row("audits:meeting", get=MEETS, post=MEETS, about="audit"),
    Row("audits:thanks", get=THANKS, post=THANKS, about="audit"),
    Row("audits:consent", post=ITS_PRACTITIONER, about="audit", also=("near challengeable",)),
    Row("audits:ask_consent", post=QA_UNIT, about="audit"),
    Row("audits:issue", get=ISSUES, post=ISSUES, about="audit", also=("near settled", "far moderated")),
    Row("audits:safety", get=LINE_OF_CASE, post=LINE_OF_CASE, about="audit"),
    Row("audits:respond", get=LINE_OF_CASE, post=LINE_OF_CASE, about="audit"),
    Row("audits:respond_autosave", get=LINE_OF_CASE, post=LINE_OF_CASE, about="audit"),
    Row("audits:countersign", get=COUNTERSIGNS, post=COUNTERSIGNS, about="audit", also=("near answered",)),
    Row("audits:hold", get=QA_LEADS, post=QA_LEADS, about="audit"),
    Row("audits:release", post=QA_LEADS, about="audit", also=("near answered",)),
    Row("audits:reopen", get=QA_LEADS, post=QA_LEADS, about="audit", also=("near closed",)),
)

ROWS = (
    Row("worklist:home", get=EVERYBODY),
    Row("worklist:search", get=EVERYBODY, post=EVERYBODY, unchanging_post=True),
    Row("worklist:help", get=EVERYBODY),
    Row("notifications:list", get=EVERYBODY),
    Row("notifications:read-all", post=EVERYBODY),
    Row("notifications:email", get=EVERYBODY, post=EVERYBODY),
    Row("notifications:open", post=WHO_SEES_IT, about="notice"),
    Row("accounts:kept_form", get=WHO_SEES_IT, post=WHO_SEES_IT, about="kept form"),
    Row("jobs:list", get=KEEPERS),
    Row("jobs:detail", get=WHO_SEES_IT, about="job"),
    Row("jobs:retry", post=KEEPERS, about="job", first=KEEPERS),
    Row("jobs:imports", get=QA_UNIT),
    Row("jobs:give_file", get=QA_UNIT, post=QA_UNIT, about="kind of file", first=QA_UNIT),
    Row("jobs:import", get=WHO_SEES_IT, about="import"),
    Row("jobs:apply_import", post=WHO_SEES_IT, about="import"),
    Row("jobs:discard_import", post=WHO_SEES_IT, about="import"),
    Row("jobs:import_faults", get=WHO_SEES_IT, about="import"),
    Row("cases:list", get=EVERYBODY),
    Row("cases:data_quality", get=QA_UNIT),
    Row("cases:detail", get=WHO_SEES_IT, about="case", also=("restricted own",)),
    Row("cases:connection", get=WHO_SEES_IT, post=WHO_SEES_IT, about="case"),
    Row("cases:restrict", get=QA_UNIT, post=QA_UNIT, about="case"),
    Row("cases:lift", get=QA_UNIT, post=QA_UNIT, about="case", also=("restricted own",)),
    Row("cases:people", get=QA_UNIT, post=QA_UNIT, about="case", also=("restricted own",)),
    Row("cases:remove_person", post=QA_UNIT, about="case"),
    Row("cases:add_reference", get=QA_UNIT, post=QA_UNIT, about="case"),
    Row("audits:list", get=EVERYBODY),
    Row("audits:plan", get=QA_UNIT, post=QA_UNIT, about="case"),
    Row("audits:calibrations", get=EVERYBODY),
    Row("audits:new_calibration", get=QA_LEADS, post=QA_LEADS, unchanging_post=True),
    Row("audits:calibrate", get=QA_LEADS, post=QA_LEADS, about="case"),
    Row("audits:calibration", get=WHO_SEES_IT, about="calibration"),
    Row("audits:reveal_calibration", get=QA_LEADS, post=QA_LEADS, about="calibration"),
    Row("audits:alerts", get=EVERYBODY),
    Row("audits:alert", get=WHO_SEES_IT, about="alert", everything=True),
    Row("audits:acknowledge_alert", post=ACKNOWLEDGES, about="alert"),
    Row("audits:resolve_alert", post=LINE_OF_CASE, about="alert"),
    Row("audits:check_alert", post=QA_UNIT, about="alert"),
    Row("audits:moderation_queue", get=MODERATORS),
    Row("audits:moderate", get=WHO_SEES_IT, post=DECIDES, about="moderation"),
    Row("audits:open_moderation", post=ITS_MODERATOR, about="moderation"),
    Row("audits:own_record", get=AUDITORS),
    Row("audits:consistency", get=QA_OR_HEADS),
    Row("audits:consistency_csv", get=QA_OR_HEADS, get_is_logged=True),
    Row("audits:return", get=ITS_MODERATOR, post=ITS_MODERATOR, about="moderation"),
    Row("audits:guide_return", get=QA_LEAD, post=QA_LEAD, about="moderation"),
    Row("audits:confirm", get=WHO_SEES_IT, post=CONFIRMS, about="moderation", also=("near to confirm",)),
    Row("audits:query", get=CONFIRMS, post=CONFIRMS, about="moderation", also=("near to confirm",)),
    Row("audits:dispute", get=WHO_SEES_IT, post=SECOND, about="dispute"),
    Row("audits:take_dispute", post=TAKES_DISPUTE, about="dispute"),
    Row("audits:assign_dispute", get=QA_LEAD, post=QA_LEAD, about="dispute"),
    Row("audits:refer_dispute", get=SECOND_OR_LEAD, post=SECOND_OR_LEAD, about="dispute"),
    Row("audits:grade_record", get=READS_RECORD, about="audit", also=("near to answer", "near disputed")),
    Row("audits:accept_grade", post=ANSWERS, about="audit", also=("near to answer",)),
    Row("audits:dispute_grade", get=ANSWERS, post=ANSWERS, about="audit", also=("near to answer",)),
    Row("audits:detail", get=WHO_SEES_IT, about="audit", everything=True),
    Row("audits:allocate", get=QA_UNIT, post=QA_UNIT, about="audit", also=("near planned",)),
    Row("audits:change_many", post=QA_UNIT),
    Row("audits:reassign", get=QA_UNIT, post=QA_UNIT, about="audit"),
    Row("audits:move_due", get=QA_UNIT, post=QA_UNIT, about="audit"),
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
    *CLOSING_ROWS,
    Row("learning:list", get=PANEL),
    Row("learning:summary", get=WHO_SEES_IT, about="summary"),
    Row("learning:summary_file", post=WHO_SEES_IT, about="summary"),
    Row("learning:build", get=BUILDERS, post=BUILDERS, about="month", first=BUILDERS),
    Row("accounts:people", get=KEEPERS, post=KEEPERS, unchanging_post=True),
    Row("accounts:add", get=KEEPERS, post=KEEPERS),
    Row("accounts:pending", get=KEEPERS),
    Row("accounts:decide", get=KEEPERS, post=KEEPERS, about="request for a role", first=KEEPERS),
    Row("accounts:to_reassign", get=KEEPERS),
    Row("accounts:structure", get=KEEPERS),
    Row("accounts:add_unit", get=KEEPERS, post=KEEPERS),
    Row("accounts:rename_unit", get=KEEPERS, post=KEEPERS, about="unit", first=KEEPERS),
    Row("accounts:close_unit", get=KEEPERS, post=KEEPERS, about="unit", first=KEEPERS),
    Row("accounts:person", get=KEEPERS, about="person", first=KEEPERS),
    Row("accounts:edit", get=NOT_ONESELF, post=NOT_ONESELF, about="person", first=KEEPERS),
    Row("accounts:leave", get=NOT_ONESELF, post=NOT_ONESELF, about="person", first=KEEPERS),
    Row("accounts:bring_back", get=NOT_ONESELF, post=NOT_ONESELF, about="person", first=KEEPERS),
    Row("accounts:invite", post=NOT_ONESELF, about="person", first=KEEPERS),
    Row("accounts:forget_second_factors", get=NOT_ONESELF, post=NOT_ONESELF, about="person", first=KEEPERS),
    Row(
        "accounts:link_to_provider", get=NOT_ONESELF, post=NOT_ONESELF, about="person", first=KEEPERS, switched_off=True
    ),
    Row("accounts:grant", get=NOT_ONESELF, post=NOT_ONESELF, about="person", first=KEEPERS),
    Row("accounts:end_role", get=NOT_ONESELF, post=NOT_ONESELF, about="membership", first=KEEPERS),
    Row("council:settings", get=QA_UNIT),
    Row("council:setting", get=QA_UNIT, post=QA_UNIT, about="setting", first=QA_UNIT),
    Row("council:calendar", get=QA_UNIT, post=QA_UNIT),
    Row("council:calendar_of", get=QA_UNIT, post=QA_UNIT, about="year", first=QA_UNIT),
    Row("council:check_year", post=QA_UNIT, about="year", first=QA_UNIT),
    Row("council:remove_closing_day", post=QA_UNIT, about="closing day", first=QA_UNIT),
    Row("actions:list", get=EVERYBODY),
    Row("actions:change_many", post=EVERYBODY, unchanging_post=True),
    Row("actions:create", get=ACTION_MAKERS, post=ACTION_MAKERS),
    Row("actions:create_for_case", get=QA_OR_LINE, post=QA_OR_LINE, about="case"),
    Row("actions:checks", get=QA_UNIT),
    Row("actions:check", get=QA_UNIT, post=QA_UNIT, about="check", first=QA_UNIT),
    Row("actions:recommendations", get=EVERYBODY),
    Row("actions:recommendations_csv", get=EVERYBODY),
    Row("actions:recommendations_xlsx", get=EVERYBODY),
    Row("actions:add_recommendation", get=QA_UNIT, post=QA_UNIT),
    Row("actions:recommendation", get=WHO_SEES_IT, about="recommendation"),
    Row("actions:create_for_recommendation", get=QA_UNIT, post=QA_UNIT, about="recommendation"),
    Row("actions:change_recommendation", get=QA_UNIT, post=QA_UNIT, about="recommendation", parts={"verb": "answer"}),
    Row("actions:detail", get=WHO_SEES_IT, about="action"),
    Row("actions:change", get=OWNER_OR_LINE, post=OWNER_OR_LINE, about="action", parts={"verb": "note"}),
    Row("actions:change", get=VERIFIERS, post=VERIFIERS, about="action", parts={"verb": "verify"}),
    Row("actions:change", get=QA_OR_LINE, post=QA_OR_LINE, about="action", parts={"verb": "reassign"}),
    Row("assurance_clinics:indicators", get=INDICATORS, refused=404),
    Row("assurance_clinics:indicators_csv", get=INDICATORS, refused=404),
    Row("assurance_clinics:indicators_xlsx", get=INDICATORS, refused=404),
    Row("assurance_clinics:drafts", get=QA_UNIT),
    Row("assurance_clinics:define", get=QA_UNIT, post=QA_UNIT, about="figure", only="department"),
    Row("assurance_clinics:type", get=QA_UNIT, post=QA_UNIT, about="figure", only="department"),
    Row("assurance_clinics:type_of_unit", get=QA_UNIT, post=QA_UNIT, about="figure", only="unit"),
    Row("assurance_clinics:indicator", get=WHO_SEES_IT, about="figure", only="department"),
    Row("assurance_clinics:indicator_of_unit", get=WHO_SEES_IT, about="figure", only="unit"),
    Row("assurance_clinics:indicator_of_worker", get=WHO_SEES_IT, about="figure", only="worker"),
    Row("assurance_clinics:cases", get=WHO_SEES_IT, about="exceptions", only="department"),
    Row("assurance_clinics:cases_of_unit", get=WHO_SEES_IT, about="exceptions", only="unit"),
    Row("assurance_clinics:cases_of_worker", get=WHO_SEES_IT, about="exceptions", only="worker"),
    Row("assurance_clinics:clinics", get=FIGURES),
    Row("assurance_clinics:clinic_list", get=EVERYBODY),
    Row("assurance_clinics:rota", get=FIGURES),
    Row("assurance_clinics:rota_place", get=ROTA_KEEPERS, post=ROTA_KEEPERS, about="turn", first=FIGURES),
    Row("assurance_clinics:exceptions", get=WORKERS_ON_EXCEPTIONS),
    Row("assurance_clinics:case_note", get=WHO_SEES_IT, post=WHO_SEES_IT, about="exception"),
    Row("assurance_clinics:act_on_case", get=QA_OR_LINE, post=QA_OR_LINE, about="exception"),
    Row("assurance_clinics:clinic", get=WHO_SEES_IT, about="clinic"),
    Row("assurance_clinics:pack", get=WHO_SEES_IT, about="clinic"),
    Row("assurance_clinics:schedule", get=LEADS_CLINIC, post=LEADS_CLINIC, about="clinic"),
    Row("assurance_clinics:build", post=LEADS_CLINIC, about="clinic"),
    Row("assurance_clinics:note", get=IN_CLINIC, post=IN_CLINIC, about="clinic"),
    Row("assurance_clinics:act", get=ACTS_IN_CLINIC, post=ACTS_IN_CLINIC, about="clinic"),
    Row("assurance_clinics:act_on", get=ACTS_IN_CLINIC, post=ACTS_IN_CLINIC, about="clinic"),
    *(
        Row("assurance_clinics:move", get=LEADS_CLINIC, post=LEADS_CLINIC, about="clinic", parts={"verb": verb})
        for verb in ("postpone", "cancel", "hold", "close")
    ),
    Row("assurance_clinics:move", get=CHAIRS_CLINIC, post=CHAIRS_CLINIC, about="clinic", parts={"verb": "confirm"}),
    Row("worklist:trail_log", get=LOG_READERS),
    Row("worklist:trail_csv", get=LOG_READERS),
    Row("worklist:trail_find", get=LOG_READERS, post=LOG_READERS, unchanging_post=True),
    Row("worklist:trail_case", get=TRAIL_READERS, about="trail of a case"),
    Row("worklist:trail_own", get=PRACTITIONERS),
    Row("worklist:trail_outside", get=LOG_READERS),
    Row("worklist:trail_glass", get=GLASS_READERS),
    Row("worklist:trail_glass_open", get=GLASS_BREAKERS, post=GLASS_BREAKERS),
    # Audit tools
    Row("reports:answers", get=FIGURES),
    Row("reports:answers_csv", get=FIGURES, get_is_logged=True),
    Row("reports:answers_xlsx", get=FIGURES, get_is_logged=True),
    Row("audits:tools", get=QA_UNIT),
    Row("audits:new_tool", get=QA_UNIT, post=QA_UNIT),
    Row("audits:grade_schemes", get=QA_UNIT),
    Row("audits:new_grade_scheme", get=QA_LEADS, post=QA_LEADS),
    Row("audits:grade_scheme", get=QA_LEADS, post=QA_LEADS, about="grade scheme", first=QA_LEADS),
    Row("audits:tool", get=QA_UNIT, about="tool", first=QA_UNIT),
    Row("audits:name_tool", get=QA_UNIT, post=QA_UNIT, about="tool", first=QA_UNIT),
    Row("audits:draft_tool", post=QA_UNIT, about="tool", first=QA_UNIT),
    Row("audits:tool_version", get=QA_UNIT, about="tool version", first=QA_UNIT),
    Row("audits:tool_settings", get=QA_UNIT, post=QA_UNIT, about="tool version", first=QA_UNIT),
    Row("audits:tool_rule", get=QA_UNIT, post=QA_UNIT, about="tool version", first=QA_UNIT, parts={"rule": "L1"}),
    Row("audits:add_tool_section", get=QA_UNIT, post=QA_UNIT, about="tool version", first=QA_UNIT),
    Row("audits:preview_tool", get=QA_UNIT, about="tool version", first=QA_UNIT),
    Row("audits:compare_tools", get=QA_UNIT, about="tool version", first=QA_UNIT),
    Row("audits:publish_tool", get=QA_UNIT, post=QA_UNIT, about="tool version", first=QA_UNIT),
    Row("audits:retire_tool", get=QA_UNIT, post=QA_UNIT, about="tool version", first=QA_UNIT),
    Row("audits:discard_tool", get=QA_UNIT, post=QA_UNIT, about="tool version", first=QA_UNIT),
    Row("audits:tool_section", get=QA_UNIT, post=QA_UNIT, about="tool section", first=QA_UNIT),
    Row("audits:move_tool_section", post=QA_UNIT, about="tool section", first=QA_UNIT),
    Row("audits:remove_tool_section", get=QA_UNIT, post=QA_UNIT, about="tool section", first=QA_UNIT),
    Row("audits:preview_tool_section", get=QA_UNIT, about="tool section", first=QA_UNIT),
    Row("audits:add_tool_question", get=QA_UNIT, post=QA_UNIT, about="tool section", first=QA_UNIT),
    Row("audits:tool_question", get=QA_UNIT, post=QA_UNIT, about="tool question", first=QA_UNIT),
    Row("audits:move_tool_question", post=QA_UNIT, about="tool question", first=QA_UNIT),
    Row("audits:remove_tool_question", get=QA_UNIT, post=QA_UNIT, about="tool question", first=QA_UNIT),
    Row("audits:tool_condition", get=QA_UNIT, post=QA_UNIT, about="tool question", first=QA_UNIT),
    Row("reports:monthly", get=FIGURES),
    Row("reports:monthly_csv", get=FIGURES, get_is_logged=True),
    Row("reports:monthly_xlsx", get=FIGURES, get_is_logged=True),
    Row("reports:breakdown", get=FIGURES),
    Row("reports:breakdown_csv", get=FIGURES, get_is_logged=True),
    Row("reports:breakdown_xlsx", get=FIGURES, get_is_logged=True),
    Row("reports:standard_list", get=FIGURES),
    Row("reports:standard", get=STANDARD, about="standard report", first=FIGURES),
    Row(
        "reports:standard_file",
        get=STANDARD,
        about="standard report",
        first=FIGURES,
        get_is_logged=True,
        parts={"form": "csv"},
    ),
    Row("reports:standard_pdf", post=STANDARD, about="standard report", first=FIGURES),
    Row("reports:written_list", get=WRITTEN, post=QA_UNIT),
    Row("reports:written", get=WHO_SEES_IT, about="written report"),
    Row("reports:write", get=QA_UNIT, post=QA_UNIT, about="written report", first=QA_UNIT),
    Row("reports:written_file", get=WHO_SEES_IT, about="written report", get_is_logged=True, parts={"form": "docx"}),
    Row("reports:written_pdf", post=WHO_SEES_IT, about="written report"),
    Row("reports:months", get=QA_UNIT),
    Row("reports:month", get=QA_UNIT, about="month", first=QA_UNIT),
    Row("reports:draft_month", post=QA_UNIT, about="month", first=QA_UNIT),
    Row("reports:publish_month", post=QA_LEADS, about="month", first=QA_LEADS),
    Row("jobs:exports", get=EVERYBODY),
    Row("jobs:export", get=WHO_SEES_IT, about="export"),
    Row("jobs:export_file", get=WHO_SEES_IT, about="export", get_is_logged=True),
    Row("reports:make_figures", post=FIGURES),
    Row("reports:saved", get=FIGURES),
    Row("reports:save_report", get=FIGURES, post=FIGURES),
    Row("reports:saved_report", get=FIGURES, about="saved report", first=FIGURES),
    Row("reports:subscribe", get=ITS_OWNER, post=ITS_OWNER, about="own report", first=FIGURES),
    Row("reports:delete_report", post=ITS_OWNER, about="own report", first=FIGURES),
    Row("reports:unsubscribe", post=FIGURES, about="subscription", first=FIGURES),
    Row("reports:feed", get=QA_LEADS, post=QA_LEADS),
    Row("reports:revoke_token", post=QA_LEADS, about="token", first=QA_LEADS),
    Row("reports:rows", get=ROW_TAKERS, post=ROW_TAKERS),
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
    OpenRow("reports:feed_csv", "For programs: a token opens it, and nothing else", (401, 401), (405, 405)),
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
    OpenRow("totp_picture", "One's own secret, while it is set up", (404, 404), (405, 405)),
    OpenRow("mfa_index", "One's own second factors", (302, 200), (302, 405)),
    OpenRow("mfa_authenticate", "The second step of signing in", (302, 302), (302, 302)),
    OpenRow("mfa_reauthenticate", "Asks for the second factor again", (302, 302), (302, 302)),
    OpenRow("mfa_activate_totp", "One's own authenticator app", (302, 200), (302, 200)),
    OpenRow("mfa_deactivate_totp", "One's own authenticator app", (302, 404), (302, 404)),
    OpenRow("mfa_view_recovery_codes", "One's own recovery codes", (302, 404), (302, 405)),
    OpenRow("mfa_generate_recovery_codes", "One's own recovery codes", (302, 200), (302, 200)),
    OpenRow("mfa_download_recovery_codes", "One's own recovery codes", (302, 404), (302, 404)),
    OpenRow("mfa_list_webauthn", "One's own keys", (302, 200), (302, 405)),
    OpenRow("mfa_add_webauthn", "One's own keys", (302, 200), (302, 200)),
    OpenRow("mfa_reauthenticate_webauthn", "Asks for the key again", (302, 302), (302, 302)),
    OpenRow("mfa_remove_webauthn", "One's own keys", (302, 404), (302, 404)),
    OpenRow("mfa_edit_webauthn", "One's own keys", (302, 404), (302, 404)),
    OpenRow("usersessions_list", "One's own sessions", (302, 200), (302, 302)),
    OpenRow("openid_connect_login", "The council's provider; off here", (404, 404), (404, 404)),
    OpenRow("openid_connect_callback", "The council's provider; off here", (404, 404), (404, 404)),
    OpenRow("socialaccount_login_cancelled", "Says that signing in was cancelled", (200, 200), (405, 405)),
    OpenRow("socialaccount_login_error", "Says that signing in failed", (401, 401), (405, 405)),
    OpenRow("account_reset_password_from_key_done", "Says that the password was changed", (200, 200), (405, 405)),
)

# Panels, exemplars, briefings
PREPARERS = anybody_with("The QA unit and the Principal Social Worker", *QA, Role.PRINCIPAL_SOCIAL_WORKER)
KEEPS_PANEL = Rule("The QA unit and the panel's chair", sight.keeps_panel)
KEEPS_MEETING = Rule(
    "The QA unit and the panel's chair", lambda person, thing: sight.keeps_panel(person, thing.panel)
)  # fmt: skip
LEARNS = anybody_with("Everybody who works with practice", *sight.LEARNERS)
PUBLISHERS = anybody_with("QA leads and the Principal Social Worker", Role.QA_LEAD, Role.PRINCIPAL_SOCIAL_WORKER)
ANSWERS = Rule("The practitioner", lambda person, thing: person.key == "practitioner")
TAKES_BACK = Rule(
    "QA leads, the Principal Social Worker, the practitioner",
    lambda person, thing: PUBLISHERS.allows(person, thing) or person.key == "practitioner",
)
MINUTES_MEETING = Rule(
    "The QA unit and the panel's chair, where they see every item of the meeting",
    lambda person, thing: (
        sight.keeps_panel(person, thing.panel)
        and not (person.key == "qa_lead" and thing.name.endswith((" to come", "far over", "near over")))
    ),
)
ROWS += (
    Row("learning:panels", get=PANEL),
    Row("learning:definitions", get=PANEL),
    Row("learning:set_up", get=PREPARERS, post=PREPARERS),
    Row("learning:panel", get=WHO_SEES_IT, about="panel"),
    Row("learning:edit_panel", get=KEEPS_PANEL, post=KEEPS_PANEL, about="panel"),
    Row("learning:seat", get=PREPARERS, post=PREPARERS, about="panel"),
    Row("learning:end_seat", get=PREPARERS, post=PREPARERS, about="seat"),
    Row("learning:schedule", get=KEEPS_PANEL, post=KEEPS_PANEL, about="panel"),
    Row("learning:propose", get=WHO_SEES_IT, post=WHO_SEES_IT, about="panel"),
    Row("learning:meeting", get=WHO_SEES_IT, about="meeting", everything=True),
    Row("learning:build_pack", get=KEEPS_MEETING, post=KEEPS_MEETING, about="meeting"),
    Row("learning:change_meeting", get=KEEPS_MEETING, post=KEEPS_MEETING, about="meeting", parts={"verb": "cancel"}),
    Row(
        "learning:change_meeting",
        get=MINUTES_MEETING,
        post=MINUTES_MEETING,
        about="meeting",
        parts={"verb": "agree_minutes"},
    ),
    Row("learning:item", get=WHO_SEES_IT, about="item"),
    Row("learning:change_item", get=KEEPS_MEETING, post=KEEPS_MEETING, about="item", parts={"verb": "accept"}),
    Row("learning:change_item", get=WHO_SEES_IT, post=WHO_SEES_IT, about="item", parts={"verb": "comment"}),
    Row("learning:library", get=LEARNS, post=LEARNS, unchanging_post=True),
    Row("learning:exemplar", get=WHO_SEES_IT, about="exemplar"),
    Row("learning:change_exemplar", get=PUBLISHERS, post=PUBLISHERS, about="exemplar", parts={"verb": "take_up"}),
    Row("learning:change_exemplar", get=ANSWERS, post=ANSWERS, about="exemplar", parts={"verb": "answer"}),
    Row("learning:change_exemplar", get=TAKES_BACK, post=TAKES_BACK, about="exemplar", parts={"verb": "withdraw"}),
    Row("learning:practice", get=WHO_SEES_IT, about="practice"),
    Row("learning:nominate", get=WHO_SEES_IT, post=WHO_SEES_IT, about="practice"),
    Row("learning:briefings", get=LEARNS),
    Row("learning:write_briefing", get=PUBLISHERS, post=PUBLISHERS),
    Row("learning:briefing", get=WHO_SEES_IT, about="briefing"),
    Row("learning:edit_briefing", get=PUBLISHERS, post=PUBLISHERS, about="briefing"),
    Row("learning:publish_briefing", get=PUBLISHERS, post=PUBLISHERS, about="briefing"),
    Row("learning:withdraw_briefing", get=PUBLISHERS, post=PUBLISHERS, about="briefing"),
    Row("learning:read_briefing", post=WHO_SEES_IT, about="briefing"),
    Row("learning:pack", get=WHO_SEES_IT, about="pack"),
    Row("learning:pack_file", post=WHO_SEES_IT, about="pack"),
    Row("learning:minutes_file", post=WHO_SEES_IT, about="meeting"),
)

# Themes
CODERS = QA_UNIT
ROWS += (
    Row("audits:themes", get=PREPARERS),
    Row("audits:add_theme", get=PREPARERS, post=PREPARERS),
    Row("audits:code_findings", get=CODERS, post=CODERS),
    Row("audits:theme_report", get=FIGURES),
    Row("audits:theme_report_csv", get=FIGURES, get_is_logged=True),
    Row("audits:theme_report_xlsx", get=FIGURES, get_is_logged=True),
    Row("audits:theme", get=PREPARERS, about="theme", first=PREPARERS),
    Row("audits:change_theme", get=PREPARERS, post=PREPARERS, about="theme", first=PREPARERS, parts={"verb": "edit"}),
)
