"""The code sets of Annex A, and how a cell is matched to them.

A cell is matched on its code first (WBRI, 1A, N1, RC7, C2, E11, U4, PR4) and then on its words. The letter before a
bracket is never the key: "s)" stands for two ethnicities, and "c)" and "d)" change places between lists. The sets are
those of the August 2019 template, with the later codes of the Standard Safeguarding Dataset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from core.spreadsheets import clean, fold, squash

_LETTER = re.compile(r"^[a-z]{1,2}\d?\s*\)\s*")


@dataclass(frozen=True)
class CodeSet:
    """A closed set of codes. `codes` maps a code as printed to the value kept; `words` maps a wording, squashed."""

    name: str
    codes: dict[str, str]
    words: dict[str, str]

    def __hash__(self) -> int:
        return id(self)

    def match(self, value: object) -> str:
        """The value kept for a cell, or "" where the set does not have it."""
        return _match(self, clean(value))


@lru_cache(maxsize=65536)
def _match(codes: CodeSet, text: str) -> str:
    body = _LETTER.sub("", fold(text))
    if found := codes.codes.get(body):
        return found
    head = re.match(r"([a-z]{4}|unknown|[a-z]{0,3}\d{0,2}[a-z]?)(?=\s*[:\-]|\s|$)", body)
    if head and (found := codes.codes.get(head.group(1))):
        return found
    return codes.words.get(squash(body), "")


def _set(name: str, codes: str = "", words: dict[str, str] | None = None) -> CodeSet:
    """`codes` are separated by spaces and kept as written; `words` maps a wording to the value kept."""
    kept = {code.casefold(): code for code in codes.split()}
    return CodeSet(name, kept, {squash(wording): value for wording, value in (words or {}).items()})


def _labelled(name: str, labels: dict[str, str]) -> CodeSet:
    """A set whose codes also have words: both give the code."""
    return _set(name, " ".join(labels), {label: code for code, label in labels.items()})


YES_NO = _set("yes or no", words={"yes": "yes", "y": "yes", "true": "yes", "1": "yes",
                                  "no": "no", "n": "no", "false": "no", "0": "no"})  # fmt: skip
YES_NO_UNKNOWN = CodeSet(
    "yes, no or unknown",
    {},
    YES_NO.words
    | dict.fromkeys(("unknown", "notknown", "u", "notstated", "notrecorded", "notstatedrecorded"), "unknown"),
)
GENDER = _set(
    "gender",
    words={"male": "male", "m": "male", "female": "female", "f": "female", "neither": "neither", "i": "neither",
           "other": "neither", "indeterminate": "neither", "not stated/recorded": "not_stated", "u": "not_stated",
           "not stated": "not_stated", "not recorded": "not_stated", "unknown": "not_stated",
           "not known": "not_stated"},
)  # fmt: skip
ETHNICITY = _labelled(
    "ethnicity",
    {"WBRI": "White British", "WIRI": "White Irish", "WIRT": "Traveller of Irish heritage",
     "WOTH": "Any other White background", "WROM": "Gypsy/Roma", "MWBC": "White and Black Caribbean",
     "MWBA": "White and Black African", "MWAS": "White and Asian", "MOTH": "Any other mixed background",
     "AIND": "Indian", "APKN": "Pakistani", "ABAN": "Bangladeshi", "AOTH": "Any other Asian background",
     "BCRB": "Caribbean", "BAFR": "African", "BOTH": "Any other Black background", "CHNE": "Chinese",
     "OOTH": "Any other ethnic group", "REFU": "Refused", "NOBT": "Information not yet obtained",
     "UNKNOWN": "Not known"},
)  # fmt: skip
SOURCE = _set(
    "source",
    "1A 1B 1C 1D 2A 2B 3A 3B 3C 3D 3E 3F 4 5A 5B 5C 5D 6 7 8 9 10",
    {"Housing": "4", "Police": "6", "Other legal agency": "7", "Other": "8", "Anonymous": "9", "Unknown": "10",
     "Schools": "2A", "Education services": "2B"},
)  # fmt: skip
NEED = _labelled(
    "need",
    {"N1": "Abuse or neglect", "N2": "Child's disability", "N3": "Parental disability or illness",
     "N4": "Family in acute stress", "N5": "Family dysfunction", "N6": "Socially unacceptable behaviour",
     "N7": "Low income", "N8": "Absent parenting", "N9": "Cases other than children in need", "N0": "Not stated"},
)  # fmt: skip
NEED.words[squash("Parental illness or disability")] = "N3"
CLOSURE = _labelled(
    "reason for closure",
    {"RC1": "Adopted", "RC2": "Died", "RC3": "Child arrangements order", "RC4": "Special guardianship order",
     "RC5": "Transferred to services of another local authority", "RC6": "Transferred to adult social care services",
     "RC7": "Services ceased for any other reason, including child no longer in need",
     "RC8": "Case closed after assessment, no further action",
     "RC9": "Case closed after assessment, referred to early help"},
)  # fmt: skip
ABUSE = _set(
    "category of abuse",
    words={"neglect": "neglect", "neg": "neglect", "physical abuse": "physical", "phy": "physical",
           "physical": "physical",
           "sexual abuse": "sexual", "sab": "sexual", "sexual": "sexual", "emotional abuse": "emotional",
           "emo": "emotional", "emotional": "emotional", "multiple/not recommended": "multiple", "multiple": "multiple",
           "mul": "multiple"},
)  # fmt: skip
LEGAL_STATUS = _labelled(
    "legal status",
    {"C1": "ICO", "C2": "FCO", "D1": "Freeing order", "E1": "Placement order", "V1": "Short term breaks",
     "V2": "Single period under S20", "V3": "Short term breaks, episodes recorded",
     "V4": "Short term breaks, agreements recorded", "L1": "Police protection LA accommodation", "L2": "EPO",
     "L3": "Child assessment order LA accommodation", "J1": "Remanded to LA or youth detention",
     "J2": "LA accommodation under PACE", "J3": "Youth rehabilitation order"},
)  # fmt: skip
PERMANENCE = _set(
    "permanence plan",
    words={"return to family": "return_to_family", "adoption": "adoption", "SGO/CAO": "sgo_cao",
           "supported living in the community": "supported_living",
           "long-term residential placement": "long_term_residential",
           "long-term fostering": "long_term_fostering", "other": "other"},
)  # fmt: skip
CARE_ENDED = _set("reason ceased", "E11 E12 E2 E3 E4A E4B E13 E41 E45 E46 E47 E48 E5 E6 E7 E9 E14 E15 E16 E17 E8 X1")
PLACEMENT = _set(
    "placement type",
    "U1 U2 U3 U4 U5 U6 A3 A4 A5 A6 P1 P2 P3 H5 K1 K2 R1 R2 R3 R5 S1 Z1 T0 T1 T2 T3 T4",
)
PROVIDER = _labelled(
    "placement provider",
    {"PR0": "Parents/Parental responsibility", "PR1": "Own provision", "PR2": "Other LA provision",
     "PR3": "Other public provision", "PR4": "Private provision", "PR5": "Voluntary/third sector"},
)  # fmt: skip
LOCATION = _set("placement location", words={"in": "in", "out": "out"})
ELIGIBILITY = _set(
    "eligibility",
    words={"relevant child": "relevant", "relevant": "relevant", "former relevant child": "former_relevant",
           "former relevant": "former_relevant", "qualifying care leaver": "qualifying", "qualifying": "qualifying",
           "eligible child": "eligible", "eligible": "eligible"},
)  # fmt: skip
IN_TOUCH = CodeSet(
    "in touch",
    {},
    YES_NO.words | {"died": "died", "refu": "refused", "refused": "refused", "nreq": "not_required",
                    "notrequired": "not_required", "rhom": "returned_home", "returnedhome": "returned_home"},
)  # fmt: skip
ACCOMMODATION = _labelled(
    "accommodation",
    {"B": "Parents/relatives", "C": "Community home / residential care",
     "D": "Semi-independent, transitional accommodation and self-contained accommodation", "E": "Supported lodgings",
     "G": "Abroad", "H": "Deported", "K": "Ordinary lodgings, without formal support", "R": "Residence not known",
     "S": "No fixed abode / homeless", "T": "Foyers and similar supported accommodation", "U": "Independent living",
     "V": "Emergency accommodation", "W": "Bed and breakfast", "X": "In custody", "Y": "Other accommodation",
     "Z": "With former foster carers"},
)  # fmt: skip
SUITABILITY = _set(
    "suitability",
    words={"suitable": "suitable", "yes": "suitable", "unsuitable": "unsuitable", "not suitable": "unsuitable",
           "no": "unsuitable"},
)  # fmt: skip
ACTIVITY = _set("activity", "F1 P1 F2 P2 F3 P3 F4 P4 F5 P5 G4 G5 G6")
ADOPTION_REVERSED = _set("reason", "RD1 RD2 RD3 RD4")
LEFT_ADOPTION = _labelled(
    "reason", {"1": "Adopter withdrew from process", "2": "Process put on hold", "3": "Application refused"}
)


# --- case status (List 6) ----------------------------------------------------------------------------------------

CLOSED = "closed"
_STATUS_BY_LETTER = {"a": "cla", "b": "cp", "c": "cin", "d": "assessment", "e": CLOSED}
_STATUS_WORDS = {
    "cla": ("looked after child", "child looked after", "looked after", "cla", "lac", "child in care"),
    "cp": ("child protection plan", "child protection", "cp", "cpp", "cp plan"),
    "cin": ("child in need plan", "child in need", "cin", "cin plan"),
    "assessment": ("open assessment", "assessment"),
    CLOSED: ("closed episode", "closed", "closed case"),
}  # fmt: skip
_STATUS_BY_WORDS = {squash(words): status for status, wordings in _STATUS_WORDS.items() for words in wordings}


@lru_cache(maxsize=4096)
def case_status(text: str) -> tuple[str, bool]:
    """(status, whether the letter says something else) of List 6's "Case status"; ("", False) where it is unknown.

    The words decide, in any case and spacing, with or without "c)"; a letter alone is taken.
    """
    folded = fold(text)
    if alone := re.fullmatch(r"([a-e])\s*[).:]?", folded):
        return _STATUS_BY_LETTER[alone.group(1)], False
    prefixed = re.fullmatch(r"([a-z])\s*[).:\-]\s*(.+)", folded)
    status = _STATUS_BY_WORDS.get(squash(prefixed.group(2) if prefixed else folded), "")
    return status, bool(status and prefixed and _STATUS_BY_LETTER.get(prefixed.group(1)) != status)
