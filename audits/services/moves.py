"""How an audit moves: guarded by the table of moves, written down in the same transaction."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from audits.choices import ModerationStatus
from audits.models import Audit, Moderation, Transition
from audits.workflow import AUDIT_MOVES, refusal
from core import workflow
from core.history.services import Entry, actor_id, record_many
from core.workflow import IllegalMove, may_follow, move


class StaleVersion(workflow.StaleVersion):
    """Somebody saved this record after it was read. Carries what stands there now, so that nothing is lost.

    `theirs` is the draft as it is stored (SectionDraft or OverallDraft; None for a plain move), `version` the
    number to send with the next save, `saved_by` and `saved_at` who stored it and when, where that is known.
    """

    def __init__(
        self, *, theirs: Any = None, version: int, saved_by: Any = None, saved_at: datetime | None = None
    ) -> None:
        super().__init__(version=version)
        self.theirs = theirs
        self.saved_by = saved_by
        self.saved_at = saved_at


def lock_audit(*, audit: Audit) -> Audit:
    """The audit as it stands now, held until the transaction ends; whoever else wants it waits.

    Comes with its tool version, scheme, case, auditor and units. Must be called inside a transaction.
    """
    return (
        Audit.objects.select_for_update(of=("self",), no_key=True)
        .select_related("tool_version__tool", "scheme", "case", "auditor", "service__parent", "team__parent__parent")
        .get(pk=audit.pk)
    )


def said(*, why: str) -> str:
    """The reason for a move, without blanks around it. Raises ValidationError where there is none."""
    if not why.strip():
        raise ValidationError({"why": "Say why."})
    return why.strip()


def with_facts(*, facts: str, why: str) -> str:
    """What stands under a move in an audit's story: its facts (to whom, until when), and on a line of its own the
    reason."""
    return "\n".join(part for part in (facts, why) if part)


def by_day(*, day: date | None) -> str:
    """How a fact says until when: " by 4 March 2026"; nothing without a day."""
    return f" by {date_format(day, 'j F Y')}" if day else ""


class Moves:
    """The moves that one verb makes with one locked audit: checked one by one, stored together.

    `make` checks a move and sets the fields on the audit; `note` adds a change to another record; `save` writes
    one UPDATE, the transitions and the trail. `version` is what the person had read (None where it does not matter).
    """

    def __init__(self, *, audit: Audit, by: Any, version: int | None = None) -> None:
        self.audit = audit
        self.by = by
        self.at = timezone.now()
        self._wanted = version
        self._read_version, self._read_status = audit.version, audit.status
        self._changes: dict[str, Any] = {}
        self._transitions: list[Transition] = []
        self._entries: list[tuple[Any, Entry]] = []

    def make(
        self, event: str, *, by: Any = None, facts: str = "", why: str = "", values: dict[str, Any] | None = None
    ) -> None:
        """One move; `by` is somebody other than the one who set it off (the system settles what a person submits).

        `facts` are the values in words, for the audit's story.
        Raises IllegalMove with its sentence, StaleVersion, and ValidationError where a reason is due.
        """
        found, actor = move(AUDIT_MOVES, event), by or self.by
        if not may_follow(AUDIT_MOVES, event, self.audit.status):
            raise IllegalMove(refusal("audit", event, self.audit.get_status_display()))
        if self._wanted not in (None, self._read_version):
            raise StaleVersion(version=self._read_version)
        why = said(why=why) if found.needs_reason else why.strip()
        before, after = self.audit.status, found.target or self.audit.status
        self.set(status=after)
        self._transitions.append(
            Transition(
                audit=self.audit, at=self.at, by_id=actor_id(actor), event=event, from_status=before,
                to_status=after, why=with_facts(facts=facts, why=why),
            )
        )  # fmt: skip
        self._entries.append((actor, Entry(self.audit, event, before, after, why, values or {})))

    def tell(self, facts: str) -> None:
        """Say more in the story of the move that was made last: what was not known when it was checked."""
        last = self._transitions[-1]
        last.why = with_facts(facts=facts, why=last.why)

    def set(self, **changes: Any) -> None:
        """Fields of the audit that change with the moves."""
        for name, value in changes.items():
            setattr(self.audit, name, value)
        self._changes.update(changes)

    def note(self, entry: Entry) -> None:
        """A change to another record, for the trail."""
        self._entries.append((self.by, entry))

    def save(self) -> None:
        """Write it all down. Raises StaleVersion where somebody else was first all the same."""
        unchanged = Audit.objects.filter(pk=self.audit.pk, version=self._read_version, status=self._read_status)
        if not unchanged.update(version=F("version") + 1, **self._changes):
            raise StaleVersion(version=self._read_version)
        self.audit.version = self._read_version + 1
        Transition.objects.bulk_create(self._transitions)
        for actor, entries in groupby(self._entries, key=lambda pair: pair[0]):
            record_many(by=actor, entries=[entry for _, entry in entries])


def withdraw_moderation(*, moves: Moves, why: str) -> None:
    """End what moderation of the audit's submission is under way."""
    waiting = list(Moderation.objects.under_way().filter(audit=moves.audit))
    for moderation in waiting:
        moves.note(Entry(moderation, "withdraw", moderation.status, ModerationStatus.WITHDRAWN, why.strip()))
    Moderation.objects.filter(pk__in=[moderation.pk for moderation in waiting]).update(
        status=ModerationStatus.WITHDRAWN, version=F("version") + 1
    )
