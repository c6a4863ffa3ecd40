"""The invented council's exemplars and briefings."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.models import User
from audits.models import Audit, Finding, Theme
from learning.models import Briefing, Exemplar, PracticeList
from learning.rules.summaries import month_before
from learning.services.briefings import note_read, publish_briefing, write_briefing
from learning.services.exemplars import (
    answer_consent,
    ask_consent,
    build_practice_list,
    nominate_from_list,
    publish_exemplar,
    take_up,
    write_exemplar,
)
from learning.services.moves import set_back
from worklist.services.demo_people import Council

_EXEMPLARS = (
    (
        "A plan in the child's own words", "Wishes and feelings shape the plan",
        "The worker asked the child to draw a week as it is and a week as it should be. The differences became the "
        "aims of the plan, in the child's words. At the review the child crossed out what had come true.\n\n"
        "What others can try: begin a plan with two drawings, and keep the words that are said about them.",
    ),
    (
        "A chronology that everybody uses", "Chronology and history",
        "The chronology stood open in each supervision. The worker and the manager marked what had changed the risk, "
        "and wrote one sentence for each mark. The core group read those sentences aloud.\n\n"
        "What others can try: five marks and five sentences are enough.",
    ),
    (
        "Fathers at the table", "Fathers and male carers",
        "Visits were moved to the evening for a month. The father came to three of four, and the safety plan now has "
        "a part for him.",
    ),
)  # fmt: skip


def _leave_uncoded() -> None:
    """Some findings of the latest audits without a theme, as auditors leave them."""
    latest = Finding.objects.filter(audit__month__isnull=False).order_by("-audit__month", "audit__reference", "pk")
    for finding in latest[: 7 * 5 : 5]:
        finding.themes.clear()


def make_practice(*, council: Council, today: date) -> None:
    """A list for each of three months, one exemplar published, one waiting for its practitioner, one being written."""
    _leave_uncoded()
    psw, practitioner = council.people["psw"], council.people["practitioner"]
    month = month_before(today)
    lists: list[PracticeList] = []
    for _ in range(3):
        lists.append(build_practice_list(month=month))
        month = month_before(month)
    theirs = list(
        Audit.objects.filter(
            case__holdings__worker__user=practitioner, case__holdings__held_to=None, case__restricted=False
        ).values_list("pk", flat=True)
    )
    lines = [(held, row["key"]) for held in lists for row in held.lines]
    lines.sort(key=lambda line: line[1] not in {str(key) for key in theirs})
    for place, (title, theme, text) in enumerate(_EXEMPLARS):
        if place >= len(lines):
            break
        held, key = lines[place]
        audit = Audit.objects.get(pk=key)
        with set_back(by=timedelta(days=20 if place == 0 else 0)):
            _exemplar(held, audit, place, title, theme, text, psw, practitioner)
    _briefings(council)


def _exemplar(
    held: PracticeList, audit: Audit, place: int, title: str, theme: str, text: str, psw: User, practitioner: User
) -> None:
    """The first is published, the second waits for its practitioner, the third is being written."""
    exemplar = nominate_from_list(
        practice=held, audit_id=audit.pk, why="Shows how it can be done in ordinary working weeks.", by=psw
    )
    Exemplar.objects.filter(pk=exemplar.pk).update(practitioner=practitioner)
    exemplar.refresh_from_db()
    exemplar = take_up(exemplar=exemplar, by=psw)
    tags = list(Theme.objects.filter(parent__isnull=False, name=theme))
    exemplar = write_exemplar(exemplar=exemplar, title=title, text=text, tags=tags, by=psw)
    if place < 2:
        exemplar = ask_consent(exemplar=exemplar, by=psw)
    if place == 0:
        exemplar = answer_consent(exemplar=exemplar, agrees=True, note="", by=practitioner)
        publish_exemplar(exemplar=exemplar, by=psw)


def _briefings(council: Council) -> None:
    psw = council.people["psw"]
    held = write_briefing(
        title="Using the chronology", by=psw,
        messages=[
            "Go on with the chronology after the assessment: one line for each thing that changed the risk.",
            "Open it in supervision and ask what it means for the child now.",
            "Read it aloud in the core group.",
        ],
        text="The panel found that chronologies stop when the assessment is finished. A guide and a question in the "
             "supervision template help to go on.",
    )  # fmt: skip
    publish_briefing(briefing=held, units=[unit for unit in council.services if unit.name != "Fostering"], by=psw)
    for reader in ("team.manager", "service.lead", "head"):
        note_read(briefing=Briefing.objects.get(pk=held.pk), by=council.people[reader])
    write_briefing(
        title="Contingency plans that families know", by=psw,
        messages=["Ask the family to say the contingency plan in their own words."], text="",
    )  # fmt: skip
