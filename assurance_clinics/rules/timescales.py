"""The clocks of assurance clinics, as delivered (product.md section 12)."""

from __future__ import annotations

from core.council.rules import Setting

_GROUP = "Assurance clinics"
WEEKS = Setting("clinic_weeks", "Every service has a clinic at least every", 5, "weeks", _GROUP, 1, 52)
DATA_DAY = Setting("clinic_data_days", "Figures in by this working day of the month", 5, "", _GROUP, 1, 15)
PACK_DAYS = Setting("clinic_pack_days", "Pack built before the clinic", 2, "working days", _GROUP, 1, 20)
NOTES_DAYS = Setting("clinic_notes_days", "Notes confirmed after", 2, "working days", _GROUP, 1, 20)
TIMESCALES = (WEEKS, DATA_DAY, PACK_DAYS, NOTES_DAYS)
