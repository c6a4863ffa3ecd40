"""Forms whose texts others learn from: what leads to a person is removed, or confirmed with a reason (NK-10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms

from core.forms import BaseForm
from learning.rules.free_text import Hit
from learning.rules.meetings import told_of_hit

Check = Callable[[Sequence[str]], Sequence[Hit]]
KEEP = "keep-"


class CheckedForm(BaseForm):
    """A form that asks about every word in its texts that looks as if it led to a person.

    `check` finds them; `checked` names the fields with texts. A box for the reason appears for each, and what was
    typed into it stands in `reasons`, by the key of the words.
    """

    checked: tuple[str, ...] = ()

    def __init__(self, *args: Any, check: Check, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._check = check
        self.reasons: dict[str, str] = {}

    def texts(self) -> list[str]:
        """The texts as typed."""
        return [str(self.cleaned_data.get(name) or "") for name in self.checked]

    def clean(self) -> dict[str, Any]:
        """Ask about what was found."""
        cleaned = super().clean() or self.cleaned_data
        for hit in self._check(self.texts()):
            name = f"{KEEP}{hit.key}"
            reason = " ".join(str(self.data.get(name, "")).split())[:500]
            self.fields[name] = forms.CharField(
                label=f"Why does “{hit.words}” have to stay?", required=False, max_length=500,
                help_text=f"It looks like {hit.kind.label}. Leave this empty once you have removed it above.",
            )  # fmt: skip
            self.reasons[hit.key] = reason
            if not reason:
                self.add_error(name, told_of_hit(hit.kind, hit.words))
        return cleaned
