"""Two texts of one form, field by field: what somebody typed, and what was stored meanwhile.

Works on what a browser sends, so that even text that cannot be stored as it stands is kept and shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django import forms
from django.utils.datastructures import MultiValueDict

from audits.choices import FindingKind
from audits.forms.sections import FindingForm, SectionInput
from core.forms import BOXES, BaseForm, GovDateInput

MINE, THEIRS, WRITTEN = "mine", "theirs", "written"
_NOT_COMPARED = ("version", "id", "reason_checked")

Data = MultiValueDict[str, str]


@dataclass(frozen=True)
class Difference:
    """One field (or one finding) that stands differently in the two texts.

    `names` are the fields of the form that belong to it; `block` is the finding's block in what was
    typed ("" when it is not there); `stored` is what to put in its place, by field name without the
    block. `can_be_written` says that a person may write a third text.
    """

    name: str
    label: str
    mine: str
    theirs: str
    names: tuple[str, ...]
    stored: tuple[tuple[str, tuple[str, ...]], ...]
    can_be_written: bool = False
    kind: str = ""
    block: str = ""
    gone: bool = False


def posted_values(form: BaseForm, name: str) -> list[str]:
    """What was sent for one field, without blanks round it or line ends of another machine."""
    data = form.data
    values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
    return _tidy(values)


def _tidy(values: Iterable[object]) -> list[str]:
    return [
        text for text in (str(value).replace("\r\n", "\n").strip() for value in values if value is not None) if text
    ]


def initial_values(bound: forms.BoundField) -> dict[str, list[str]]:
    """What a browser would send for a field that shows its initial value: name to values."""
    value = bound.initial
    widget = bound.field.widget
    if isinstance(widget, GovDateInput):
        return {
            f"{bound.html_name}_{box}": _tidy([part]) for box, part in zip(BOXES, widget.decompress(value), strict=True)
        }
    if isinstance(widget, forms.CheckboxInput):
        return {bound.html_name: ["on"] if value else []}
    if isinstance(value, (list, tuple)):
        return {bound.html_name: _tidy(value)}
    return {bound.html_name: _tidy([value])}


def data_of(forms_: Iterable[BaseForm]) -> Data:
    """What a browser would send for forms that show what is stored."""
    data: Data = MultiValueDict()
    for form in forms_:
        for bound in form:
            for name, values in initial_values(bound).items():
                data.setlist(name, values)
        if isinstance(form, FindingForm):
            data.appendlist(form.kind, form.number)
    return data


def words(bound: forms.BoundField, values: Sequence[str]) -> str:
    """The values of a field as a person reads them."""
    choices = getattr(bound.field, "choices", None)
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return "Yes" if values else "No"
    if isinstance(bound.field.widget, GovDateInput):
        return " ".join(values)
    if choices:
        labels = {str(key): str(label) for key, label in choices}
        return "\n".join(labels.get(value, value) for value in values)
    return "\n".join(values)


def differences(mine: BaseForm, theirs: BaseForm) -> Iterator[Difference]:
    """The fields that differ between what was posted and a form of the same kind that shows what is stored."""
    for bound in mine:
        if bound.name in _NOT_COMPARED or bound.name.startswith("rounds-") or bound.name not in theirs.fields:
            continue
        stored = initial_values(theirs[bound.name])
        typed = {name: posted_values(mine, name) for name in stored}
        if typed == stored:
            continue
        yield Difference(
            name=bound.html_name,
            label=str(bound.label),
            mine=words(bound, [each for values in typed.values() for each in values]),
            theirs=words(bound, [each for values in stored.values() for each in values]),
            names=tuple(stored),
            stored=tuple((name, tuple(values)) for name, values in stored.items()),
            can_be_written=isinstance(bound.field.widget, forms.Textarea),
        )


def section_differences(mine: SectionInput, theirs: SectionInput) -> list[Difference]:
    """Every field and every finding of a section that differs."""
    found = list(differences(mine.form, theirs.form))
    for kind in FindingKind.values:
        label = FindingKind(kind).label
        stored = {str(block["id"].initial): block for block in theirs.blocks[kind] if block["id"].initial}
        typed = {(posted_values(block, block["id"].html_name) or [""])[0]: block for block in mine.blocks[kind]}
        for block in mine.blocks[kind]:
            key = (posted_values(block, block["id"].html_name) or [""])[0]
            other = stored.get(key)
            if key and (other is None or _finding_words(block) != _finding_words(other)):
                found.append(_finding_difference(kind, label, key, block, other))
        for key, other in stored.items():
            if key not in typed:
                found.append(_finding_difference(kind, label, key, None, other))
    return found


_FINDING_FIELDS = ("text", "evidence_document", "evidence_date", "themes")


def _values(block: FindingForm) -> dict[str, list[str]]:
    """The values of a block by field name without the block's own prefix."""
    found = {}
    for field in _FINDING_FIELDS:
        bound = block[field]
        names = initial_values(bound)
        for name, values in names.items():
            found[name.removeprefix(f"{block.prefix}-")] = posted_values(block, name) if block.is_bound else values
    return found


def _finding_words(block: FindingForm) -> str:
    values = _values(block)
    lines = ["\n".join(values["text"])]
    themes = words(block["themes"], sorted(values["themes"]))
    if themes:
        lines.append("Themes: " + themes.replace("\n", ", "))
    evidence = [
        *values["evidence_document"],
        " ".join(each for box in BOXES for each in values[f"evidence_date_{box}"]),
    ]
    if any(evidence):
        lines.append("Evidence: " + ", ".join(each for each in evidence if each))
    return "\n".join(line for line in lines if line)


def _finding_difference(
    kind: str, label: str, key: str, mine: FindingForm | None, theirs: FindingForm | None
) -> Difference:
    return Difference(
        name=f"{kind}-{key}",
        label=label,
        mine=_finding_words(mine) if mine else "",
        theirs=_finding_words(theirs) if theirs else "",
        names=(),
        stored=tuple((name, tuple(values)) for name, values in _values(theirs).items()) if theirs else (),
        kind=kind,
        block=mine.number if mine else "",
        gone=theirs is None,
    )


def merged(data: Data, found: Iterable[Difference], choices: Data, version: int) -> Data:
    """What was typed with the stored text in place of it where `choices` says so; to be saved as `version`."""
    result: Data = data.copy()
    result["version"] = str(version)
    for difference in found:
        chosen = choices.get(f"take-{difference.name}")
        if chosen == THEIRS:
            _take_stored(result, difference)
        elif chosen == WRITTEN and difference.can_be_written:
            result[difference.names[0]] = choices.get(f"written-{difference.name}", "")
    return result


def _take_stored(data: Data, difference: Difference) -> None:
    if not difference.kind:
        for name, values in difference.stored:
            data.setlist(name, list(values))
        return
    kind = difference.kind
    if difference.gone:
        data.setlist(kind, [number for number in data.getlist(kind) if number != difference.block])
        return
    number = difference.block
    if not number:
        taken = [int(each) for each in data.getlist(kind) if each.isdigit()]
        number = str(max(taken, default=-1) + 1)
        data.appendlist(kind, number)
        data[f"{kind}-{number}-id"] = difference.name.removeprefix(f"{kind}-")
    for name, values in difference.stored:
        data.setlist(f"{kind}-{number}-{name}", list(values))


def undecided(found: Iterable[Difference], choices: Data) -> list[Difference]:
    """The differences for which nobody has chosen yet."""
    return [each for each in found if choices.get(f"take-{each.name}") not in (MINE, THEIRS, WRITTEN)]
