"""Every response with a child's data writes exactly one access event, and no other response writes any.

`wrong` judges each answer of the walk (test_every_url): every page, as everybody, at every thing. What is a child's
data is told by the canaries in the response. An audit's own number on a list of work is none: it names no child, and
the page that it leads to is written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from audits.models import Audit
from core.history.models import AccessEvent
from tests.access.asking import Answer
from tests.access.matrix import Row
from tests.access.world import Thing, World

# An access event and the kind and key of each of its lines.
Written = tuple[AccessEvent, set[tuple[str, UUID]]]

# Facets of the canaries that are about a child or somebody's work with one.
CHILDS = {"case", "worker", "inside", "notes", "strengths", "story", "moderation", "alert"}


def case_of(thing: Thing) -> UUID:
    """The key of the case that a thing belongs to."""
    if thing.kind == "case":
        return thing.row.pk
    audit = thing if thing.kind == "audit" else thing.audit
    return audit.row.case_id


def shown_in(world: World, answer: Answer) -> set[UUID]:
    """The cases of which the response holds something."""
    owners = (world.canaries[word] for word in answer.words)
    return {case_of(owner) for owner, facet, _ in owners if facet in CHILDS}


def files_in(world: World, answer: Answer) -> set[UUID]:
    """The imported files of which the response holds a row."""
    owners = (world.canaries[word] for word in answer.words)
    return {owner.row.pk for owner, facet, where in owners if facet == "import" and where != "file name"}


def written_since(sequence: int) -> list[Written]:
    """The access events after that number, with their lines."""
    events = AccessEvent.objects.filter(sequence__gt=sequence).prefetch_related("lines")
    return [(event, {(line.kind, line.object_id) for line in event.lines.all()}) for event in events]


def last_number() -> int:
    return AccessEvent.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0


def wrong(world: World, row: Row, answer: Answer, events: list[Written]) -> Iterator[str]:
    """What is wrong with what one response left in the log."""
    cases, files = shown_in(world, answer), files_in(world, answer)
    if answer.status in (403, 404):
        if cases or files:
            yield "a refusal shows a child's data"
        if [event.purpose for event, _ in events] != (["refused"] if row.about and events else []):
            yield f"a refusal leaves {[event.purpose for event, _ in events]}"
        return
    if answer.status != 200 or not (cases or files):
        if events and not (answer.status == 200 and _is_looked_at(row)):
            yield f"writes {len(events)} events and shows no child"
        return
    if len(events) != 1:
        yield f"shows {len(cases)} children and writes {len(events)} events"
        return
    event, lines = events[0]
    noted = {key for kind, key in lines if kind == "cases.case"}
    noted |= set(
        Audit.objects.filter(pk__in=[key for kind, key in lines if kind == "audits.audit"]).values_list(
            "case", flat=True
        )
    )
    if event.purpose == "refused":
        yield "shows a child and writes that it was refused"
    if missing := cases - noted:
        yield f"shows {len(missing)} children without a line"
    if files - {key for kind, key in lines if kind == "jobs.fileimport"}:
        yield "shows rows of a file without a line"


def _is_looked_at(row: Row) -> bool:
    """A page of one record is written down even where it happens to print nothing of the child (a confirmation)."""
    about = (
        "case", "looked-at case", "audit", "section", "moderation", "alert", "conversation", "import", "action",
        "check",
    )  # fmt: skip
    return row.about in about or row.key in WRITTEN_DOWN


# Pages with the words of actions about a child or why a rule was overridden for one, and a case's trail: written down
# though they print no reference.
WRITTEN_DOWN = (
    "actions:checks", "actions:recommendations_csv", "actions:recommendations_xlsx", "actions:recommendation",
    "worklist:trail_case", "worklist:trail_log", "worklist:trail_csv", "audits:consistency", "audits:consistency_csv",
)  # fmt: skip
