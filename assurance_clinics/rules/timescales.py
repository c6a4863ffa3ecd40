"""The numbers of assurance clinics and of indicators, as delivered (product.md sections 12 and 16)."""

from __future__ import annotations

from core.council.rules import Setting

_GROUP = "Assurance clinics"
WEEKS = Setting("clinic_weeks", "Every service has a clinic at least every", 5, "weeks", _GROUP, 1, 52)
DATA_DAY = Setting("clinic_data_days", "Figures in by this working day of the month", 5, "", _GROUP, 1, 15)
PACK_DAYS = Setting("clinic_pack_days", "Pack built before the clinic", 2, "working days", _GROUP, 1, 20)
NOTES_DAYS = Setting("clinic_notes_days", "Notes confirmed after", 2, "working days", _GROUP, 1, 20)

_COUNTED = "How indicators are counted"
COHORTS = {
    "early_help": "a child in early help",
    "assessment": "a child open for assessment",
    "cin": "a child in need",
    "cwd": "a child in need with disabilities",
    "cp": "a child on a child protection plan",
    "cla": "a child looked after",
    "care_leaver": "a care leaver",
}
SUPERVISION = {
    cohort: Setting(
        f"supervision_{cohort}_weeks", f"Supervision in the case of {words} at least every", 4, "weeks", _COUNTED, 1, 26
    )
    for cohort, words in COHORTS.items()
}
CHILDREN = Setting(
    "children_0_to_17", "Children aged 0 to 17 who live in the area", 0, "children", _COUNTED, 0, 999_999,
    hint="Rates for every 10,000 children are computed once this is known. 0: not known.",
)  # fmt: skip
TIMESCALES = (WEEKS, DATA_DAY, PACK_DAYS, NOTES_DAYS, *SUPERVISION.values(), CHILDREN)
