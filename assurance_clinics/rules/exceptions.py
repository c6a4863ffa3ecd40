"""Which computed indicators name something that somebody has to do for a child by a day, and what that is.

Where several indicators judge the same visit by different intervals, the tightest says when it was due; the wider ones
say how late it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from assurance_clinics.choices import State
from assurance_clinics.rules.indicators import Judged


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done for a child by a day: its key, its words, and the indicators that judge it, the tightest
    first, each with the words of its interval.

    `late` is the state of what is late, `once` says that what was done late is done.
    """

    key: str
    words: str
    codes: tuple[tuple[str, str], ...]
    late: State = State.OUT
    once: bool = False

    @property
    def first(self) -> str:
        """The code of the tightest."""
        return self.codes[0][0]

    def is_to_do(self, judged: Judged) -> bool:
        """Whether somebody still has to do it, now or later: a child first seen late, or not at all in an assessment
        that is over, can be seen in time no more."""
        if judged.state == State.EXCLUDED:
            return False
        return not self.once or (judged.last is None and judged.due is not None)


DUTIES = (
    Duty("cp_visit", "Child protection visit", (
        ("cp_visit_10wd", "10 working days"), ("cp_visit_15wd", "15 working days"), ("cp_visit_4w", "4 weeks"),
    )),
    Duty("cin_visit", "Child in need visit", (("cin_visit_3w", "3 weeks"), ("cin_visit_6w", "6 weeks"))),
    Duty("assessment_visit", "Child to be seen for an assessment", (
        ("assessment_visit_3d", "3 days"), ("assessment_visit_10d", "10 days"),
    ), once=True),
    Duty("assessment", "Assessment to be authorised", (("assessment_overdue", "45 working days"),), State.IN),
    Duty("cla_visit", "Visit to a child looked after", (("cla_visit_6w", "the agreed interval"),)),
    Duty("cla_review", "Review of a child looked after", (("cla_review", "the review's interval"),)),
    Duty("cp_review", "Review of a child protection plan", (("cp_review", "the review's interval"),)),
    Duty("core_group", "Core group", (("core_group_6w", "6 weeks"),)),
    Duty("cin_review", "Child in need review", (("cin_review_3m", "3 months"),)),
    Duty("cwd_visit", "Visit to a child with disabilities", (("cin_cwd_visit", "the agreed interval"),)),
    Duty("supervision", "Supervision", (("supervision_4w", "4 weeks"),)),
    Duty("health", "Health assessment", (("health_assessment", "its interval"),)),
    Duty("permanence", "Permanence plan", (("permanence_plan", "6 months"),)),
    Duty("care_leaver", "Contact with a care leaver", (("care_leaver_contact_8w", "8 weeks"),)),
    Duty("pathway", "Pathway plan review", (("pathway_plan_6m", "6 months"),)),
)  # fmt: skip
"""In the order in which a morning's list groups them."""

COMING_DAYS = 14
"""What is due within so many days is due next."""
