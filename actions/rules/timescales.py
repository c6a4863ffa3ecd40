"""The clocks of actions, as delivered (product.md section 12)."""

from __future__ import annotations

from core.council.rules import Setting

TIMESCALES = (
    Setting("action_immediate_days", "Immediate", 1, "working days", "Actions by priority", 0, 260, used=False),
    Setting("action_high_days", "High", 10, "working days", "Actions by priority", 1, 260, used=False),
    Setting("action_medium_days", "Medium", 20, "working days", "Actions by priority", 1, 260, used=False),
    Setting("action_low_days", "Low", 60, "working days", "Actions by priority", 1, 260, used=False),
    Setting("check_share", "Verified actions looked at again", 10, "%", "Closing the loop", 0, 100, used=False),
    Setting("check_weeks", "Looked at again after", 8, "weeks", "Closing the loop", 1, 52, used=False),
)
