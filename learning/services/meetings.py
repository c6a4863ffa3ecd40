"""Meetings: scheduled, opened, minuted, closed; postponed or cancelled with their items rolling on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import must
from accounts.models import User
from core.council.selectors import closing_days, setting
from core.history.services import actor_id, record
from core.notifications.services import notify
from core.working_days import add_working_days, is_working_day
from learning import access
from learning.choices import ITEM_DONE, TO_COME, HitKind, ItemStatus, MeetingStatus
from learning.models import AgendaItem, Correction, Meeting, Panel
from learning.rules.free_text import Hit, hits_in, unconfirmed
from learning.rules.meetings import (
    MINUTES_DAYS,
    MOST_AT_ONCE,
    TEXT_AT_LEAST,
    dates_of_a_series,
    is_quorate,
    reasons_against_closing,
)
from learning.selectors.minutes import draft_minutes
from learning.services.checking import LeadsToSomebody, check_texts, hits_to_confirm, keep_reasons
from learning.services.moves import lock_meeting, move_item, move_meeting, note_move, said
from learning.services.sight import members_of

_WAITING = (ItemStatus.PROPOSED, ItemStatus.ACCEPTED)


def schedule_meetings(
    *, panel: Panel, first: date, starts_at: time, place: str, number: int = 1, by: Any
) -> list[Meeting]:
    """So many monthly meetings from `first`, each on the same weekday of its month; items that wait for a meeting go
    to the next one. Raises NotAllowed and ValidationError by field.
    """
    must(access.can_keep(by, panel))
    if not 1 <= number <= MOST_AT_ONCE:
        raise ValidationError({"number": f"Schedule from 1 to {MOST_AT_ONCE} meetings at once"})
    if first < timezone.localdate():
        raise ValidationError({"first": "The first meeting must be today or later"})
    dates = dates_of_a_series(first, number)
    closed = closing_days()
    for day in dates:
        if not is_working_day(day, closed):
            raise ValidationError({"first": f"{day:%A} {day.day} {day:%B %Y} is no working day. Choose other dates"})
    with transaction.atomic():
        _hold_panels()
        taken = _standing(panel=panel).filter(held_on__in=dates).values_list("held_on", flat=True).first()
        if taken:
            raise ValidationError({"first": f"The panel meets on {taken.day} {taken:%B %Y} already"})
        made = [
            _schedule(panel=panel, held_on=day, starts_at=starts_at, place=place.strip(), by=by) for day in dates
        ]  # fmt: skip
        _roll(panel=panel, items=panel.items.filter(meeting=None, status__in=_WAITING), by=by,
              why="The next meeting was scheduled.")  # fmt: skip
    return made


def open_agenda(*, meeting: Meeting, by: Any, version: int | None = None) -> Meeting:
    """Open the agenda: from now on items are put on it."""
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_keep(by, held.panel))
        move_meeting(meeting=held, event="open_agenda", by=by, version=version)
    return held


def postpone_meeting(
    *, meeting: Meeting, held_on: date, starts_at: time, why: str, by: Any, version: int | None = None
) -> Meeting:
    """Hold the meeting on another day: a new meeting takes its items. Returns the new one.

    Raises NotAllowed, IllegalMove, StaleVersion and ValidationError by field.
    """
    if held_on < timezone.localdate():
        raise ValidationError({"held_on": "The new date must be today or later"})
    if not is_working_day(held_on, closing_days()):
        raise ValidationError({"held_on": "The new date must be a working day"})
    with transaction.atomic():
        _hold_panels()
        held = lock_meeting(meeting=meeting)
        must(access.can_keep(by, held.panel))
        if _standing(panel=held.panel).exclude(pk=held.pk).filter(held_on=held_on).exists():
            raise ValidationError({"held_on": "The panel meets on this day already"})
        move_meeting(meeting=held, event="postpone", by=by, why=why, version=version)
        new = _schedule(
            panel=held.panel, held_on=held_on, starts_at=starts_at, place=held.place, by=by, instead_of=held
        )
        _roll(panel=held.panel, items=held.items.filter(status__in=_WAITING), by=by, to=new, why=why)
    return new


def cancel_meeting(*, meeting: Meeting, why: str, by: Any, version: int | None = None) -> Meeting:
    """Cancel the meeting; its items go to the next one, or wait for one.

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError without a reason.
    """
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_keep(by, held.panel))
        move_meeting(meeting=held, event="cancel", by=by, why=why, version=version)
        _roll(panel=held.panel, items=held.items.filter(status__in=_WAITING), by=by, why=why)
    return held


def begin_meeting(*, meeting: Meeting, present: Sequence[User], by: Any, version: int | None = None) -> Meeting:
    """Open the meeting and write down who is there, and with that whether it has its quorum.

    Raises NotAllowed, IllegalMove, StaleVersion and ValidationError by field.
    """
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_keep(by, held.panel))
        _check_present(panel=held.panel, present=present)
        if held.held_on > timezone.localdate():
            raise ValidationError("The meeting's day has not come. Postpone it where it is held on another day.")
        quorum = held.panel.quorum
        move_meeting(
            meeting=held, event="begin", by=by, version=version, quorum=quorum,
            quorate=is_quorate(len(present), quorum),
        )  # fmt: skip
        held.present.set(present)
    return held


def change_present(*, meeting: Meeting, present: Sequence[User], by: Any, version: int | None = None) -> Meeting:
    """Write down that somebody came late or left; the quorum is looked at again."""
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_keep(by, held.panel))
        _check_present(panel=held.panel, present=present)
        if held.status != MeetingStatus.IN_SESSION:
            raise ValidationError("Who is present can be changed during the meeting only.")
        quorum = held.quorum or held.panel.quorum
        Meeting.objects.filter(pk=held.pk).update(quorate=is_quorate(len(present), quorum))
        held.present.set(present)
        record(by=by, verb="present changed", record=held, values={"present": len(present)})
    held.refresh_from_db()
    return held


def end_meeting(*, meeting: Meeting, by: Any, version: int | None = None) -> Meeting:
    """End the meeting: its minutes are drafted from what was written down."""
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_keep(by, held.panel))
        due = add_working_days(held.held_on, setting(MINUTES_DAYS.key), closing_days())
        move_meeting(meeting=held, event="end", by=by, version=version, minutes=draft_minutes(held), minutes_due_on=due)
        waiting = held.items.filter(status=ItemStatus.PROPOSED)
        _roll(panel=held.panel, items=waiting, by=by, why="It was not on the agenda of this meeting.")
        _tell(meeting=held, kind="panel_minutes", event="draft")
    return held


def write_minutes(
    *, meeting: Meeting, minutes: str, by: Any, version: int | None = None, reasons: Mapping[str, str] | None = None
) -> Meeting:
    """Change the draft minutes. Raises NotAllowed, IllegalMove, StaleVersion, ValidationError and LeadsToSomebody."""
    given = reasons or {}
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_minute(by, held))
        if len(minutes.strip()) < TEXT_AT_LEAST:
            raise ValidationError({"minutes": f"Write minutes of {TEXT_AT_LEAST} characters or more"})
        hits = minutes_to_confirm(meeting=held, minutes=minutes)
        if left := unconfirmed(hits, given):
            raise LeadsToSomebody(left)
        move_meeting(meeting=held, event="write_minutes", by=by, version=version, minutes=minutes.strip())
        keep_reasons(hits=hits, reasons=given, record=held, by=by)
    return held


def agree_minutes(*, meeting: Meeting, by: Any, version: int | None = None) -> Meeting:
    """The members have agreed the minutes: from now on they stay as they are."""
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_minute(by, held))
        move_meeting(meeting=held, event="agree_minutes", by=by, version=version)
    return held


def correct_minutes(
    *, meeting: Meeting, text: str, by: Any, version: int | None = None, reasons: Mapping[str, str] | None = None
) -> Meeting:
    """Say what was wrong in agreed minutes. Raises as `write_minutes`."""
    given = reasons or {}
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_minute(by, held))
        if len(text.strip()) < TEXT_AT_LEAST:
            raise ValidationError({"text": f"Write the correction in {TEXT_AT_LEAST} characters or more"})
        hits = check_texts(texts=[text], reasons=given)
        move_meeting(meeting=held, event="correct", by=by, version=version)
        Correction.objects.create(meeting=held, at=timezone.now(), by_id=actor_id(by), text=text.strip())
        keep_reasons(hits=hits, reasons=given, record=held, by=by)
    return held


def close_meeting(*, meeting: Meeting, by: Any, version: int | None = None) -> Meeting:
    """Close the meeting. Raises ValidationError with each item that has no outcome yet (LP-3)."""
    with transaction.atomic():
        held = lock_meeting(meeting=meeting)
        must(access.can_keep(by, held.panel))
        reasons = reasons_against_closing(held.items.values_list("title", "status"))
        if reasons:
            raise ValidationError(reasons)
        move_meeting(meeting=held, event="close", by=by, version=version)
    return held


def next_meeting(*, panel: Panel, after: Meeting | None = None) -> Meeting | None:
    """The next meeting of the panel that has not begun: today's or later, and after `after` where that is given."""
    found = panel.meetings.filter(status__in=TO_COME, held_on__gte=timezone.localdate())
    if after is not None:
        found = found.filter(held_on__gt=after.held_on)
    return found.order_by("held_on", "starts_at").first()


def minutes_to_confirm(*, meeting: Meeting, minutes: str) -> tuple[Hit, ...]:
    """What in the minutes needs a reason. Who was there is part of them: the members' own names need none."""
    names = [user.name for user in members_of(panel=meeting.panel)]
    own = {hit.key for hit in hits_in(minutes, staff=names) if hit.kind == HitKind.NAME}
    hits = hits_to_confirm(texts=[minutes], kind=meeting._meta.label_lower, object_id=meeting.pk)
    return tuple(hit for hit in hits if hit.key not in own)


def _hold_panels() -> None:
    """Nobody else schedules meanwhile: days and references are given out one after another."""
    list(Panel.objects.select_for_update(no_key=True).order_by("pk"))


def _standing(*, panel: Panel) -> Any:
    return panel.meetings.exclude(status__in=(MeetingStatus.POSTPONED, MeetingStatus.CANCELLED))


def _schedule(
    *, panel: Panel, held_on: date, starts_at: time, place: str, by: Any, instead_of: Meeting | None = None
) -> Meeting:
    number = Meeting.objects.filter(reference__startswith=f"LIP-{held_on.year}-").count() + 1
    while Meeting.objects.filter(reference=f"LIP-{held_on.year}-{number:02}").exists():
        number += 1
    meeting = Meeting.objects.create(
        panel=panel, reference=f"LIP-{held_on.year}-{number:02}", held_on=held_on, starts_at=starts_at, place=place,
        instead_of=instead_of,
    )  # fmt: skip
    note_move(row=meeting, event="schedule", by=by, before="", after=MeetingStatus.SCHEDULED)
    return meeting


def _roll(*, panel: Panel, items: Any, by: Any, why: str, to: Meeting | None = None) -> None:
    """Take these items to a meeting, or to the next one; where there is none they wait."""
    following = to or next_meeting(panel=panel)
    for item in items.order_by("proposed_at", "pk"):
        move_item(item=item, event="roll", by=by, why=said(why=why), meeting=following)
    if following is not None and following.status == MeetingStatus.SCHEDULED and following.items.exists():
        move_meeting(meeting=following, event="open_agenda", by=by)


def _check_present(*, panel: Panel, present: Sequence[User]) -> None:
    members = {user.pk for user in members_of(panel=panel)}
    if not present:
        raise ValidationError({"present": "Say who is present"})
    if any(user.pk not in members for user in present):
        raise ValidationError({"present": "Only members of the panel count towards its quorum"})


def _tell(*, meeting: Meeting, kind: str, event: str) -> None:
    notify(
        people=[user for user in members_of(panel=meeting.panel) if Meeting.objects.visible_to(user).filter(
            pk=meeting.pk).exists()],
        kind=kind,
        event=f"{meeting.pk}:{event}",
        object_id=meeting.pk,
        link=reverse("learning:meeting", args=[meeting.pk]),
        reference=meeting.reference,
    )  # fmt: skip


def undecided(*, meeting: Meeting) -> int:
    """How many items of the meeting have no outcome yet."""
    return AgendaItem.objects.filter(meeting=meeting).exclude(status__in=ITEM_DONE).count()
