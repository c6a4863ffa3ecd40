"""Two calibrations: one whose grades can be compared, and one in which the persona auditor is still asked."""

from __future__ import annotations

import random

from accounts.models import User
from audits.access import conflicts
from audits.choices import Grade
from audits.models import Audit, Calibration, ToolVersion
from audits.services.calibrating import set_up_calibration
from audits.services.submitting import submit_audit
from cases.models import Case
from worklist.services.demo_people import Council
from worklist.services.demo_work import write_audit

_ABOUT = "How we judge risk where a family moves between services. Read the last six months of the record."
_ABOUT_RUNNING = "What we call good in direct work with a child who does not speak about home."


def make_calibrations(*, rng: random.Random, council: Council, cases: list[Case], version: ToolVersion) -> None:
    """The first is complete and differs by up to two grades; in the second two of four have submitted."""
    lead, first = council.people["qa.lead"], council.people["auditor"]
    others = [auditor for auditor in council.auditors if auditor.pk != first.pk]
    children = [case for case in cases if case.subject_kind == "child" and not case.restricted and not case.closed_on]
    rng.shuffle(children)

    def set_up(about: str) -> tuple[Calibration, list[User]]:
        while True:
            case = children.pop()
            free = [person for person in (first, *others) if not conflicts(person, case, None)]
            if first in free and len(free) >= 4:
                people = free[:4]
                return set_up_calibration(case=case, version=version, auditors=people, by=lead, about=about), people

    def hand_in(calibration: Calibration, person: User, grade: Grade) -> None:
        audit = Audit.objects.get(calibration=calibration, auditor=person)
        write_audit(audit, person, rng, grade=grade)
        audit.refresh_from_db()
        submit_audit(audit=audit, by=person, version=audit.version)

    complete, people = set_up(_ABOUT)
    grades = (Grade.REQUIRES_IMPROVEMENT, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)
    for person, grade in zip(people, grades, strict=True):
        hand_in(complete, person, grade)
    running, people = set_up(_ABOUT_RUNNING)
    for person in people[2:]:
        hand_in(running, person, Grade.GOOD)
