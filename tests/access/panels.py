"""The panels of the world: a near one whose members are asked, a far one on which others sit."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import RecordGrant
from audits.models import Theme
from learning.choices import (
    BriefingStatus,
    Consent,
    ExemplarStatus,
    ItemKind,
    ItemStatus,
    MeetingStatus,
    SeatKind,
)
from learning.models import (
    AgendaItem,
    Briefing,
    Conflict,
    Exemplar,
    ItemComment,
    Meeting,
    Pack,
    Panel,
    PanelSummary,
    PracticeList,
    Seat,
)
from learning.querysets import SIGHT
from learning.services.packs import live_pack
from tests.access.people import FAR, NEAR

if TYPE_CHECKING:
    from tests.access.world import Thing, World

SEATED = {NEAR: ("principal_social_worker", "panel_member", "qa_admin", "ended"), FAR: ("spare",)}


def add_panels(world: World) -> None:
    """Two panels, each with meetings in three states, their items and a pack."""
    from tests.access.world import Thing

    summary = PanelSummary.objects.get()
    today = timezone.localdate()

    def add(kind: str, name: str, site: str, row: Any, ids: dict[str, Any], **facts: Any) -> Thing:
        return world.add(Thing(kind, name, site, {"id": row.pk, **ids}, facts, row))

    for site in (NEAR, FAR):
        members = SEATED[site]
        panel = Panel.objects.create(name=f"Panel {site}", terms="To be written", quorum=1)
        thing = add("panel", site, site, panel, {"panel": panel.pk}, members=members)
        panel.terms = f"What it is for {world.canary(thing, 'panel', 'terms')}"
        panel.save()
        for place, key in enumerate(members):
            seat = Seat.objects.create(
                panel=panel, user=world.user(key), starts_on=today,
                kind=SeatKind.MEMBER if place or site == FAR else SeatKind.CHAIR,
            )  # fmt: skip
        add("seat", site, site, seat, {"panel": panel.pk, "seat": seat.pk}, members=members)
        for name, status, days, opened in (
            ("to come", MeetingStatus.PACK_BUILT, 10, True),
            ("without a pack", MeetingStatus.AGENDA_OPEN, 40, False),
            ("over", MeetingStatus.MINUTES_DRAFT, -5, True),
            ("long over", MeetingStatus.MINUTES_DRAFT, -60, False),
        ):
            meeting = Meeting.objects.create(
                panel=panel, reference=f"LIP {site} {days}", held_on=today + timedelta(days=days), starts_at=time(14),
                status=status, quorum=1, quorate=True,
            )  # fmt: skip
            about = add(
                "meeting", f"{site} {name}", site, meeting, {"meeting": meeting.pk}, panel=thing,
                readers=members if opened else (),
            )  # fmt: skip
            meeting.place = f"Room {world.canary(thing, 'panel', 'place')}"
            if status == MeetingStatus.MINUTES_DRAFT:
                meeting.minutes = f"What was said {world.canary(about, 'meeting', 'minutes')}"
            meeting.save()
            until = timezone.now() + timedelta(days=30 if opened else -1)
            if opened or days < 0:
                for key in members:
                    RecordGrant.objects.create(
                        user=world.user(key), kind=SIGHT, object_id=meeting.pk, until=until, why="Sits on the panel"
                    )
            if opened:
                _items(world, panel, about, add)
            pack = None
            if opened and days > 0:
                content = live_pack(meeting=meeting, summary=summary)
                pack = Pack.objects.create(
                    meeting=meeting, number=1, summary=summary, content=content.data, checksum=content.checksum
                )
                add("pack", f"{site} {name}", site, pack, {"pack": pack.pk}, meeting=about)


def add_practice(world: World) -> None:
    """Exemplars in three states, briefings in two, and a month's list."""
    from tests.access.world import Thing

    def exemplar(name: str, status: str, audit: str | None = None, **fields: Any) -> None:
        about = world.the("audit", audit) if audit else None
        row = Exemplar.objects.create(
            audit=about.row if about else None, why="Others can learn from it", nominated_at=timezone.now(),
            status=status, practitioner=world.user("practitioner"), title="To be written", text="To be written",
            **fields,
        )  # fmt: skip
        thing = world.add(Thing("exemplar", name, NEAR, {"id": row.pk, "exemplar": row.pk}, {"audit": about}, row))
        row.title = f"Exemplar {world.canary(thing, 'exemplar', 'title')}"
        row.text = f"Text {world.canary(thing, 'exemplar', 'text')}"
        row.save()

    now = timezone.now()
    exemplar("near nominated", ExemplarStatus.NOMINATED, "near feedback_issued")
    exemplar("near asked", ExemplarStatus.CONSENT_ASKED, consent_asked_at=now)
    exemplar("near published", ExemplarStatus.PUBLISHED, consent=Consent.GIVEN, consent_asked_at=now, published_at=now)
    heading = Theme.objects.create(name="Supervision")
    theme = Theme.objects.create(name="Frequency", parent=heading)
    world.add(Thing("theme", "in use", NEAR, {"id": theme.pk, "theme": theme.pk}, {}, theme))
    for name, site in (("draft", NEAR), ("near published", NEAR), ("far published", FAR)):
        published = name != "draft"
        row = Briefing.objects.create(
            title="To be written", messages=["To be written"], written_at=now, published_at=now if published else None,
            status=BriefingStatus.PUBLISHED if published else BriefingStatus.DRAFT,
        )  # fmt: skip
        thing = world.add(Thing("briefing", name, site, {"id": row.pk, "briefing": row.pk}, {}, row))
        row.title = f"Briefing {world.canary(thing, 'briefing', 'title')}"
        row.messages = [f"Message {world.canary(thing, 'briefing', 'message')}"]
        row.save()
        row.units.add(world.the("case", f"{site} in_progress").row.service)
    audit = world.the("audit", "near settled").row
    line = {"key": str(audit.pk), "reference": "A-1", "audit_type": "Example", "service": "Near Service",
            "grade": "good", "nominated": False}  # fmt: skip
    held = PracticeList.objects.create(month=timezone.localdate().replace(day=1), lines=[line])
    ids = {"id": held.pk, "practice": held.pk, "audit": audit.pk}
    world.add(Thing("practice", "of the month", NEAR, ids, {}, held))


def _items(world: World, panel: Panel, meeting: Thing, add: Any) -> None:
    over = meeting.row.status == MeetingStatus.MINUTES_DRAFT
    for name, status, conflicted in (
        ("on the agenda", ItemStatus.ACCEPTED, ()),
        ("proposed", ItemStatus.PROPOSED, ()),
        ("with a conflict", ItemStatus.ACCEPTED, ("panel_member", "qa_lead")),
    ):
        if over and status != ItemStatus.ACCEPTED:
            continue
        row = AgendaItem.objects.create(
            panel=panel, meeting=meeting.row, kind=ItemKind.CASE, title="To be written", paper="To be written",
            status=status, proposed_by=world.user("spare"), proposed_at=timezone.now(),
        )  # fmt: skip
        thing = add(
            "item", f"{meeting.name}, {name}", meeting.site, row, {"item": row.pk}, meeting=meeting,
            conflicted=conflicted, panel=meeting.panel,
        )  # fmt: skip
        row.title = f"Item {world.canary(thing, 'item', 'title')}"
        row.paper = f"Paper {world.canary(thing, 'item', 'paper')}"
        row.save()
        ItemComment.objects.create(
            item=row, at=timezone.now(), by=world.user("spare"), text=world.canary(thing, "item", "comment")
        )
        for key in conflicted:
            Conflict.objects.create(item=row, user=world.user(key), why="Managed them", at=timezone.now())
