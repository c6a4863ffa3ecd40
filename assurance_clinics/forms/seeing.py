"""A form whose second sender reads what the first one saved."""

from __future__ import annotations

from typing import Any

from actions.forms.moving import VersionedForm


class SeenForm(VersionedForm):
    """A form that knows which version of the record its reader saw, and can be shown again beside a newer one."""

    def see_again(self, version: int) -> None:
        """The person now reads what somebody else has saved; what they send next is sent with that in sight."""
        data: Any = self.data
        data = data.copy()
        data["version"] = str(version)
        self.data = data
