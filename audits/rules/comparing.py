"""What changed between two texts of one audit, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Line = Mapping[str, str]


def changed_fields(before: Iterable[Line], after: Iterable[Line]) -> list[dict[str, str]]:
    """Every field whose text is not the same, in the order of the form; one that is new or gone has an empty side.

    A line is {"section", "field", "value"}; so is a change, with "old" and "new" for "value".
    """
    old = {(line["section"], line["field"]): line["value"] for line in before}
    new = {(line["section"], line["field"]): line["value"] for line in after}
    return [
        {"section": section, "field": field, "old": old.get((section, field), ""), "new": new.get((section, field), "")}
        for section, field in dict.fromkeys([*new, *old])
        if old.get((section, field), "") != new.get((section, field), "")
    ]
