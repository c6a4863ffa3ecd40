"""Grade schemes. What a published tool or an audit rests on stays as it is; another scheme is made instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from audits import access
from audits.choices import Grade
from audits.models import GradeScheme, SchemeGrade
from audits.selectors.tools import fixed_schemes
from audits.services.building import free_key
from audits.services.moves import StaleVersion
from core.history.services import record

MOST_GRADES = 12


@dataclass(frozen=True)
class GradeText:
    """A grade as written; `counts_as` is one of the four or empty (not comparable)."""

    name: str
    counts_as: str = ""
    descriptor: str = ""


def write_scheme(
    *, name: str, grades: Sequence[GradeText], by: Any, scheme: GradeScheme | None = None, revision: int = 0
) -> GradeScheme:
    """A new scheme, best grade first, or other grades for one that nothing published rests on.

    Raises NotAllowed, StaleVersion, and ValidationError for a name that is used or a scheme that is fixed.
    """
    access.require(by, "write_scheme")
    name = " ".join(name.split())
    with transaction.atomic():
        others = GradeScheme.objects.exclude(pk=scheme.pk if scheme else "")
        if others.filter(name__iexact=name).exists():
            raise ValidationError({"name": "There is a scheme of this name already"})
        if len(grades) > MOST_GRADES or any(each.counts_as not in ("", *Grade.values) for each in grades):
            raise ValidationError("Check the grades and what they count as")
        names = [" ".join(each.name.split()) for each in grades]
        if len({each.casefold() for each in names}) < len(names):
            raise ValidationError("Two grades have the same name")
        if scheme is None:
            key = free_key(words=name, taken=GradeScheme.objects.values_list("key", flat=True), most=30)
            row = GradeScheme.objects.create(key=key, name=name)
        else:
            row = GradeScheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)
            if row.pk in fixed_schemes():
                raise ValidationError("This scheme is in use, so it stays as it is. Make another one")
            if not GradeScheme.objects.filter(pk=row.pk, revision=revision).update(
                name=name, revision=F("revision") + 1
            ):
                raise StaleVersion(version=row.revision)
        before = dict(row.grades.values_list("name", "key"))
        row.grades.all().delete()
        keys: list[str] = []
        for each in names:
            keys.append(
                before.get(each) or free_key(words=each, taken=[*keys, *before.values()])[:30].replace("-", "_")
            )
        SchemeGrade.objects.bulk_create(
            SchemeGrade(
                scheme=row, key=key, name=each, position=position, counts_as=grade.counts_as,
                descriptor=grade.descriptor.strip(),
            )
            for position, (key, each, grade) in enumerate(zip(keys, names, grades, strict=True))
        )  # fmt: skip
        mapping = {key: grade.counts_as for key, grade in zip(keys, grades, strict=True)}
        # A scheme is known by a word and not by a number: the trail keeps it under the person who wrote it.
        record(
            by=by, verb="wrote a grade scheme", record=by, values={"scheme": row.pk, "name": name, "grades": mapping}
        )
    row.refresh_from_db()
    return row
