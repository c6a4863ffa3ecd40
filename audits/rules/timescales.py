"""Clocks and thresholds of the audit's circle as delivered (product.md section 12). The QA unit may change each."""

from __future__ import annotations

from audits.rules.arithmetic import TARGET
from core.council.rules import YES_OR_NO, Setting

WD = "working days"
_AUDIT, _MODERATION, _FEEDBACK = "Audits", "Moderation", "Feedback and response"
_SAFETY, _AGAIN, _FIGURES = "Immediate safety", "Looking again", "Figures"

AUDIT_DAYS = Setting("audit_days", "Audit completed after allocation", 10, WD, _AUDIT, 1, 60)
MODERATION_DAYS = Setting("moderation_days", "Moderated after submission", 5, WD, _MODERATION, 1, 60)
MODERATION_INADEQUATE_DAYS = Setting(
    "moderation_inadequate_days", "Moderated after submission, where inadequate", 2, WD, _MODERATION, 1, 60
)
MODERATION_SHARE = Setting(
    "moderation_share", "Share of all other audits that is moderated", 20, "%", _MODERATION, 0, 100,
    hint="Every inadequate and outstanding audit is moderated in any case.",
)  # fmt: skip
NEW_AUDITOR_AUDITS = Setting(
    "new_auditor_audits", "First audits of a new auditor that are all moderated", 3, "audits", _MODERATION, 0, 50
)
QUARTER_MINIMUM = Setting(
    "moderation_quarter_minimum", "Moderated for each auditor in a quarter at least", 1, "audits", _MODERATION, 0, 20
)
ACCEPTANCE_DAYS = Setting(
    "acceptance_days", "Auditor accepts a changed grade, silence accepts", 3, WD, _MODERATION, 1, 60
)
CONFIRMATION_DAYS = Setting(
    "confirmation_days", "Head of service confirms an inadequate grade", 2, WD, _MODERATION, 1, 60
)
DISPUTE_DAYS = Setting("dispute_days", "Second moderator decides a dispute", 5, WD, _MODERATION, 1, 60)
CALIBRATION_DAYS = Setting(
    "calibration_days", "Calibration: audits of the same case are due", 10, WD, _MODERATION, 1, 60
)
AUDIT_WINDOW_MONTHS = Setting("audit_window_months", "Window that an audit looks at", 12, "months", _AUDIT, 1, 60)
FEEDBACK_DAYS = Setting("feedback_days", "Feedback issued after the grade is settled", 1, WD, _FEEDBACK, 0, 60)
FEEDBACK_MEETING_DAYS = Setting("feedback_meeting_days", "Feedback meeting", 5, WD, _FEEDBACK, 0, 60)
RESPONSE_SAFETY_DAYS = Setting("response_safety_days", "Response on safety, where inadequate", 2, WD, _FEEDBACK, 1, 60)
RESPONSE_INADEQUATE_DAYS = Setting(
    "response_inadequate_days", "Full response, where inadequate", 5, WD, _FEEDBACK, 1, 60
)
RESPONSE_RI_DAYS = Setting("response_ri_days", "Response, where requires improvement", 10, WD, _FEEDBACK, 1, 60)
RESPONSE_GOOD_DAYS = Setting("response_good_days", "Response, where good or outstanding", 15, WD, _FEEDBACK, 1, 60)
CHALLENGE_DAYS = Setting("challenge_days", "Challenge within", 5, WD, _FEEDBACK, 1, 60)
CHALLENGE_DECISION_DAYS = Setting("challenge_decision_days", "Challenge decided within", 5, WD, _FEEDBACK, 1, 60)
ALERT_HOURS = Setting("alert_hours", "Alert acknowledged within", 4, "working hours", _SAFETY, 1, 8)
REAUDIT_WEEKS = Setting("reaudit_weeks", "Inadequate audited again within", 12, "weeks", _AGAIN, 1, 52)
REAUDIT_RI_SHARE = Setting("reaudit_ri_share", "Share of requires improvement audited again", 10, "%", _AGAIN, 0, 100)
REAUDIT_RI_MONTHS = Setting(
    "reaudit_ri_months", "Requires improvement audited again within", 6, "months", _AGAIN, 1, 24
)

SHOW_EARLIER_GRADE = Setting(
    "show_earlier_grade", "Show the auditor each section's grade at the last audit", 0, YES_OR_NO, _AUDIT,
    0, 1, hint="Off unless you choose otherwise: a grade that is seen first draws the new one towards it.",
)  # fmt: skip


def _later(key: str, label: str, default: int, unit: str, group: str, low: int = 0, high: int = 999) -> Setting:
    return Setting(key, label, default, unit, group, low, high, used=False)


TIMESCALES = (
    AUDIT_DAYS,
    _later("audit_extension_days", "Extension that a line manager may give", 5, WD, _AUDIT, 0, 60),
    _later("audit_exclusion_months", "Not audited again within", 12, "months", _AUDIT, 0, 60),
    AUDIT_WINDOW_MONTHS,
    SHOW_EARLIER_GRADE,
    _later("audit_judged_months", "Months on which it is judged", 6, "months", _AUDIT, 1, 60),
    _later("deep_dive_months", "Window of a deep dive", 24, "months", _AUDIT, 1, 120),
    MODERATION_DAYS,
    MODERATION_INADEQUATE_DAYS,
    MODERATION_SHARE,
    NEW_AUDITOR_AUDITS,
    QUARTER_MINIMUM,
    ACCEPTANCE_DAYS,
    CONFIRMATION_DAYS,
    DISPUTE_DAYS,
    CALIBRATION_DAYS,
    FEEDBACK_DAYS,
    FEEDBACK_MEETING_DAYS,
    RESPONSE_SAFETY_DAYS,
    RESPONSE_INADEQUATE_DAYS,
    RESPONSE_RI_DAYS,
    RESPONSE_GOOD_DAYS,
    CHALLENGE_DAYS,
    CHALLENGE_DECISION_DAYS,
    ALERT_HOURS,
    REAUDIT_WEEKS,
    REAUDIT_RI_SHARE,
    REAUDIT_RI_MONTHS,
    _later("small_number", "Small number: counts below it are withheld", 5, "audits", _FIGURES, 2, 20),
    _later("target_good", "Target: good or outstanding", TARGET, "%", _FIGURES, 0, 100),
    _later("target_inadequate", "Target: inadequate at most", 10, "%", _FIGURES, 0, 100),
    _later("target_on_time", "Target: audits on time", 90, "%", _FIGURES, 0, 100),
    _later("quarter_days", "Quarter published after its end", 15, WD, _FIGURES, 1, 60),
)
