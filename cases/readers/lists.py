"""The eleven lists of Ofsted's Annex A: their columns, in the August 2019 and January 2024 layouts and under the
CamelCase headings of the Standard Safeguarding Dataset."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cases.readers import codes
from cases.readers.codes import CodeSet
from core.spreadsheets import fold, squash


@dataclass(frozen=True)
class Column:
    """One column: the key it is kept under, its heading as Ofsted prints it, and what its cells hold.

    `kind` is id, start, end, date, status, code, count, text, birth, age, team, worker, adviser or dropped. `filled`
    columns must not be blank. `later` columns came with the 2024 layout.
    """

    key: str
    heading: str
    kind: str
    codes: CodeSet | None = None
    also: tuple[str, ...] = ()
    filled: bool = False
    later: bool = False


@dataclass(frozen=True)
class ListSpec:
    """One list: its number, its title, its columns, whether it holds one row a child."""

    number: int
    title: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    one_row_a_child: bool = False

    @property
    def name(self) -> str:
        return f"List {self.number}"


def _code(key: str, heading: str, codeset: CodeSet, *also: str, filled: bool = False, later: bool = False) -> Column:
    return Column(key, heading, "code", codeset, also, filled, later)


def _date(key: str, heading: str, *also: str, kind: str = "date", filled: bool = False, later: bool = False) -> Column:
    return Column(key, heading, kind, None, also, filled, later)


def _count(key: str, heading: str, *also: str) -> Column:
    return Column(key, heading, "count", None, also, filled=True)


_ID = Column(
    "reference", "Child Unique ID", "id", None,
    ("Child ID", "Child Unique Identifier", "Unique Child ID", "Unique Child Identifier", "Child Unique ID Number",
     "Child ID Number", "Child Identifier", "Child Reference", "Person ID", "Client ID"),
    filled=True,
)  # fmt: skip
_PERSON = (
    _ID,
    _code("gender", "Gender", codes.GENDER, "Sex", filled=True),
    _code("ethnicity", "Ethnicity", codes.ETHNICITY, filled=True),
    Column("birth", "Date of Birth", "birth", None, ("DOB",)),
    Column("age", "Age of Child (Years)", "age", None, ("Age", "Age of Child")),
)
_DISABILITY = _code(
    "disability", "Does the Child have a Disability", codes.YES_NO_UNKNOWN, "Has Disability", "Disability", filled=True
)
_TEAM = Column("team", "Allocated Team", "team", None, ("Team",), filled=True)
_WORKER = Column("worker", "Allocated Worker", "worker", None, ("Worker", "Allocated Social Worker"), filled=True)

LISTS = (
    ListSpec(1, "Contacts", (
        *_PERSON,
        _date("contact_date", "Date of Contact", "Contact Date", kind="start", filled=True),
        _code("source", "Contact Source", codes.SOURCE, filled=True),
    ), ("contacts", "contact")),
    ListSpec(2, "Early help", (
        *_PERSON,
        _date("start_date", "Assessment start date", "Early Help Assessment Start Date", kind="start", filled=True),
        _date("completion_date", "Assessment completion date", "Early Help Assessment Completion Date"),
        Column("organisation", "Organisation completing assessment", "text", None, ("Organisation",)),
    ), ("early help", "early help assessments")),
    ListSpec(3, "Referrals", (
        *_PERSON,
        _date("referral_date", "Date of referral", "Referral Date", kind="start", filled=True),
        _code("source", "Referral Source", codes.SOURCE, filled=True),
        _code("nfa", "Referral NFA?", codes.YES_NO, filled=True),
        _count("referrals_12_months", "Number of Referrals in Last 12 Months", "Number of Referrals Last 12 Months",
               "Referrals Last 12 Months"),
        _TEAM, _WORKER,
    ), ("referrals", "referral")),
    ListSpec(4, "Assessments", (
        *_PERSON, _DISABILITY,
        _date("start_date", "Continuous Assessment Start Date", "Continuous Assessment Start", kind="start",
              filled=True),
        _code("child_seen", "Child Seen During Continuous Assessment", codes.YES_NO_UNKNOWN, "Child Seen",
              "Continuous Assessment Child Seen"),
        _date("authorised_date", "Continuous Assessment Date of Authorisation", "Assessment Authorisation Date",
              "Continuous Assessment Auth Date"),
        _code("support_needed", "Was the child assessed as requiring LA children's social care support", codes.YES_NO,
              "Was the child assessed as being in need at assessment", "CSC Support Required"),
        _TEAM, _WORKER,
    ), ("assessments", "assessment", "social work assessments")),
    ListSpec(5, "Section 47 enquiries and initial child protection conferences", (
        *_PERSON, _DISABILITY,
        _date("strategy_discussion_date", "Strategy discussion initiating Section 47 Enquiry Start Date",
              "Strat Discussion Date", kind="start", filled=True),
        _code("icpc_unnecessary", "Was an Initial Child Protection Conference deemed unnecessary", codes.YES_NO,
              "Initial CP Conf Unnecessary"),
        _date("icpc_date", "Date of Initial Child Protection Conference", "Initial CP Conf Date"),
        _code("led_to_plan", "Did the Initial Child Protection Conference Result in a Child Protection Plan",
              codes.YES_NO, "CP Conf Result In CP Plan"),
        _count("s47_12_months", "Number of Section 47 Enquiries in the last 12 months", "Number S47s 12m"),
        _count("icpc_12_months", "Number of ICPCs in the last 12 months", "Number ICPCs 12m"),
        _TEAM, _WORKER,
    ), ("section 47 enquiries and initial child protection conferences", "section 47 enquiries", "section 47", "s47")),
    ListSpec(6, "Children in need", (
        *_PERSON, _DISABILITY,
        _date("start_date", "CIN Start Date", "CIN Episode Start Date", "Date CIN Started", kind="start", filled=True),
        _code("need", "Primary Need Code", codes.NEED, "Primary Need", filled=True),
        _date("last_seen_date", "Date Child Was Last Seen", "Date Child Last Seen"),
        _date("end_date", "CIN Closure Date", kind="end"),
        _code("end_reason", "Reason for Closure", codes.CLOSURE),
        Column("case_status", "Case status", "status", None, ("Status", "CIN Status", "Status of case"), filled=True),
        _TEAM, _WORKER,
    ), ("children in need", "child in need", "cin"), one_row_a_child=True),
    ListSpec(7, "Child protection", (
        *_PERSON, _DISABILITY,
        _date("start_date", "Child Protection Plan Start Date", "CP Plan Start Date", kind="start", filled=True),
        _code("initial_category", "Initial Category of Abuse", codes.ABUSE, filled=True),
        _code("latest_category", "Latest Category of Abuse", codes.ABUSE, filled=True),
        _date("last_visit_date", "Date of the Last Statutory Visit", "Date of Last Statutory Visit"),
        _code("seen_alone", "Was the Child Seen Alone", codes.YES_NO_UNKNOWN, "Child Seen Alone"),
        _date("review_date", "Date of latest review conference", "Date of Latest Review Conf"),
        _date("end_date", "Child Protection Plan End Date", "CP Plan End Date", kind="end"),
        _code("emergency_protection",
              "Subject to Emergency Protection Order or Protected Under Police Powers in Last Six Months (Y/N)",
              codes.YES_NO, "Protection Last Six Months"),
        _count("previous_plans", "Number of Previous Child Protection Plans",
               "Sum of Number of Previous Child Protection Plans"),
        _TEAM, _WORKER,
    ), ("child protection", "child protection plans", "cp plans", "cp"), one_row_a_child=True),
    ListSpec(8, "Children in care", (
        *_PERSON,
        _code("uasc", "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)", codes.YES_NO,
              "UASC"),
        _DISABILITY,
        _date("start_date", "Date Started to be Looked After", "Looked After Start Date", "Loooked After Start Date",
              kind="start", filled=True),
        _code("need", "Child's Category of Need", codes.NEED, "Child Category of Need", filled=True),
        _code("second_period", "Is this a second or subsequent period of being a Looked After Child within the last 12 "
              "months (Y/N)", codes.YES_NO, "Is this a second or subsequent episode of being a Looked After Child "
              "within the last 12 months (Y/N)", "Subsequent LAC Episode Last 12 Months"),
        _date("legal_status_date", "Start date of current legal status", "Most Recent Legal Status Start"),
        _code("legal_status", "Child's Legal Status", codes.LEGAL_STATUS, "Legal Status", "Child Legal Status",
              filled=True),
        _date("review_date", "Date of Latest Statutory Review", "Latest Statutory Review Date"),
        _date("last_visit_date", "Date of Last Social Work Visit", "Last Social Work Visit Date"),
        _code("permanence_plan", "What is the permanence plan for this child", codes.PERMANENCE, "Permanence Plan"),
        _date("iro_visit_date", "Date of Last IRO Visit / Contact to the Child", "Last IRO Visit Date"),
        _date("health_date", "Date of Last Health Assessment", "Last Health Assessment Date"),
        _date("dental_date", "Date of Last Dental Check", "Last Dental Check Date"),
        _count("placements_12_months", "Number of Placements in the Last 12 months", "Placements Last 12 Months"),
        _date("end_date", "Date Ceased to be Looked After", "Ceased Looked After Date", kind="end"),
        _code("end_reason", "Reason Ceased to be Looked After", codes.CARE_ENDED, "Reason Ceased Looked After"),
        _date("placement_date", "Start Date of Most Recent Placement", "Most Recent Placement Start Date"),
        _code("placement_type", "Placement Type", codes.PLACEMENT, filled=True),
        _code("placement_provider", "Placement Provider", codes.PROVIDER, filled=True),
        Column("placement_postcode", "Placement postcode", "dropped"),
        Column("placement_urn", "URN of Placement", "text", None, ("Placement URN",)),
        _code("placement_location", "Placement Location", codes.LOCATION),
        Column("placement_authority", "LA of Placement", "text", None, ("Placement LA",)),
        _count("missing_12_months", "Number of Episodes the Child has been 'Missing' from their Placement in the last "
               "12 months", "Episodes Child Missing From Placement"),
        _count("absent_12_months", "Number of Episodes the Child has been 'Absent' from their Placement in the last "
               "12 months", "Episodes Child Absent From Placement"),
        _code("interview_offered", "Was the child offered a Return Interview after their last missing episode (Y/N)",
              codes.YES_NO_UNKNOWN, "Child Offered Return Interview After Last MFH"),
        _code("interview_accepted", "Did the child accept a Return Interview after their last missing episode (Y/N)",
              codes.YES_NO_UNKNOWN, "Child Accepted Return Interview After Last MFH"),
        _TEAM, _WORKER,
    ), ("children in care", "children looked after", "looked after children", "cla", "lac"), one_row_a_child=True),
    ListSpec(9, "Care leavers", (
        *_PERSON,
        _code("uasc", "Unaccompanied Asylum Seeking Child (UASC), or formerly UASC if 18 or over (Y/N)", codes.YES_NO,
              "UASC", later=True),
        _DISABILITY, _TEAM, _WORKER,
        Column("adviser", "Allocated Personal Advisor", "adviser", None, ("Allocated Personal Adviser", "Allocated PA"),
               later=True),
        _code("eligibility", "Eligibility Category", codes.ELIGIBILITY, filled=True),
        _date("pathway_plan_date", "Latest Pathway Plan Review Date", "Latest Pathway Plan", later=True),
        _code("in_touch", "LA In Touch", codes.IN_TOUCH, filled=True),
        _date("contact_date", "Latest Date of Contact", "Latest Contact", later=True),
        _code("accommodation", "Type of Accommodation", codes.ACCOMMODATION),
        _code("suitability", "Suitability of Accommodation", codes.SUITABILITY),
        _code("activity", "Activity Status", codes.ACTIVITY),
    ), ("care leavers", "leaving care services", "care leaver", "leaving care"), one_row_a_child=True),
    ListSpec(10, "Adoption", (
        _ID,
        Column("family", "Family identifier", "text"),
        *_PERSON[1:], _DISABILITY,
        _date("entered_care_date", "Date the Child Entered Care", "Entered Care Date"),
        _date("decision_date", "Date of Decision that Child Should be Placed for Adoption", "ADM SHOBPA Decision Date"),
        _date("placement_order_date", "Date of Placement Order", "Placement Order Date"),
        _date("matched_date", "Date of Matching Child and Prospective Adopters", "Matched For Adoption Date"),
        _date("placed_date", "Date Placed for Adoption", "Placed For Adoption Date"),
        _date("order_date", "Date of Adoption Order", "Adoption Order Date"),
        _date("reversed_date", "Date of Decision that Child Should No Longer be Placed for Adoption",
              "Decision Reversed Date"),
        _code("reversed_reason", "Reason Why Child No Longer Placed for Adoption", codes.ADOPTION_REVERSED,
              "Decision Reversed Reason"),
        _date("ffa_date", "Date the child was placed for fostering in FFA or concurrent planning placement",
              "Date FFA Consurrency Placement", "Date FFA Concurrency Placement"),
    ), ("adoption",)),
    ListSpec(11, "Adopters", (
        Column("reference", "Individual adopter identifier", "id", None, ("Adopter identifier",), filled=True),
        Column("family", "Family identifier", "text"),
        _code("gender", "Gender", codes.GENDER, "Sex", filled=True),
        _code("ethnicity", "Ethnicity", codes.ETHNICITY, filled=True),
        _code("disability", "Disability", codes.YES_NO_UNKNOWN, "Has Disability", "Does the adopter have a disability",
              filled=True),
        _code("fostering_for_adoption", "Is the (prospective) adopter fostering for adoption", codes.YES_NO_UNKNOWN),
        _date("enquiry_date", "Date enquiry received"),
        _date("stage_1_date", "Date Stage 1 started"),
        _date("stage_1_end_date", "Date Stage 1 ended"),
        _date("stage_2_date", "Date Stage 2 started"),
        _date("stage_2_end_date", "Date Stage 2 ended"),
        _date("application_date", "Date application submitted"),
        _date("approved_date", "Date application approved"),
        _date("matched_date", "Date adopter matched with child(ren)"),
        _date("placed_date", "Date child/children placed with adopter(s)"),
        Column("children_placed", "No. of children placed", "count", None, ("Number of children placed",)),
        _date("order_date", "Date of Adoption Order"),
        _date("left_date", "Date of leaving adoption process"),
        _code("left_reason", "Reason for leaving adoption process", codes.LEFT_ADOPTION),
    ), ("adopters", "prospective adopters")),
)  # fmt: skip

BY_NUMBER = {spec.number: spec for spec in LISTS}


def heading_key(heading: object) -> str:
    """A heading as compared: letters and digits only, without a "(Y/N)" at its end."""
    return re.sub(r"yn$", "", squash(heading))


def _keys(spec: ListSpec) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for column in spec.columns:
        found[heading_key(column.heading)] = column
    for column in spec.columns:
        for other in column.also:
            found.setdefault(heading_key(other), column)
    return found


COLUMNS = {spec.number: _keys(spec) for spec in LISTS}
"""By list number: a heading's key to its column."""

_SHARED = {"reference", "gender", "ethnicity", "birth", "age", "disability", "team", "worker", "uasc", "family"}
TELLING = {spec.number: frozenset(column.key for column in spec.columns if column.key not in _SHARED) for spec in LISTS}
"""By list number: the keys of the columns that tell this list from the others."""

_TITLES = {squash(name): spec.number for spec in LISTS for name in (*spec.names, spec.title)}
_NUMBERED = re.compile(r"(?<![a-z0-9])list[\s_\-.#:]*0*(1[01]|[1-9])(?!\d)")


def list_named(sheet_name: str) -> int | None:
    """The list that a sheet's name claims: "List 6", "List_6", "list 06 - CIN", "Child protection"; else None."""
    folded = fold(sheet_name)
    if found := _NUMBERED.search(folded.replace("annexa", " ")):
        return int(found.group(1))
    return _TITLES.get(squash(folded))
