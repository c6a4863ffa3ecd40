"""The clocks of actions, as delivered (product.md section 12). The QA unit may change each."""

from __future__ import annotations

from actions.choices import Priority
from core.council.rules import Setting

WD = "working days"
_PRIORITIES, _CHECKS = "Actions by priority", "Closing the loop"

LIMITS = {
    Priority.IMMEDIATE: Setting("action_immediate_days", "Immediate: due within", 1, WD, _PRIORITIES, 0, 260),
    Priority.HIGH: Setting("action_high_days", "High: due within", 10, WD, _PRIORITIES, 1, 260),
    Priority.MEDIUM: Setting("action_medium_days", "Medium: due within", 20, WD, _PRIORITIES, 1, 260),
    Priority.LOW: Setting("action_low_days", "Low: due within", 60, WD, _PRIORITIES, 1, 260),
}
"""Working days that each priority allows (product 12, AC-1)."""

CHECK_SHARE = Setting("check_share", "Verified actions looked at again", 10, "%", _CHECKS, 0, 100)
CHECK_WEEKS = Setting("check_weeks", "Looked at again after", 8, "weeks", _CHECKS, 1, 52)

TIMESCALES = (*LIMITS.values(), CHECK_SHARE, CHECK_WEEKS)
