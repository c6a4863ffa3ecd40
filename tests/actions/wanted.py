"""What tests ask for when they make an action through the services."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from actions.choices import Level, Priority
from actions.services.creating import ActionDraft
from cases.models import Case


def wanted(*, owner: User, case: Case | None = None, **fields: Any) -> ActionDraft:
    """A medium action about the case, with the usual words."""
    return ActionDraft(
        **{
            "what": "See the child alone and record what they say.",
            "how_we_know": "A case note of the visit.",
            "owner": owner,
            "priority": Priority.MEDIUM,
            "level": Level.CASE,
            "case": case,
            **fields,
        }
    )
