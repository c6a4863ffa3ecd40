"""What the invented auditors of the demo council write. No sentence is about anybody."""

from __future__ import annotations

# For each section: (what is working well, theme), (what needs to develop, theme), and why a grade was given.
STRENGTHS: dict[str, tuple[tuple[str, str], ...]] = {
    "child-voice": (
        (
            "Direct work with the child is recorded in their own words and shapes the plan.",
            "Wishes and feelings shape the plan",
        ),
        (
            "The child is seen alone at every visit and their wishes are written down.",
            "Wishes and feelings shape the plan",
        ),
        ("The worker adapted how they spoke with the child, using pictures and play.", "Direct work"),
    ),
    "assessment": (
        ("The chronology is up to date and is used to make sense of what happens now.", "Chronology and history"),
        ("A cultural genogram brings family history and identity into the analysis.", "Genogram and family network"),
        ("The analysis weighs what is known against what it means for the child.", "Analysis of impact"),
    ),
    "safeguarding": (
        ("Risk was recognised early and a strategy discussion was held the same day.", "Risk recognised and acted on"),
        ("The safety plan is specific, and family members know their part in it.", "Safety plan"),
    ),
    "plan": (
        ("The plan is specific, has dates and names, and is moving forward.", "Plan is specific and measurable"),
        ("The contingency plan is clear and the family understands it.", "Contingency plan"),
    ),
    "visits": (
        ("Visits are purposeful and more frequent when worries grow.", "Frequency of visits"),
        ("Direct work follows a plan and builds on what the child said before.", "Direct work"),
    ),
    "reviews": (
        ("Core groups take place in time with the right people in the room.", "Core groups"),
        ("The review challenged drift and set new dates.", "Drift and delay"),
    ),
    "multi-agency": (
        ("School and health contribute to the plan and information is shared well.", "Information sharing"),
        ("Partners carry their own actions and report back.", "Health"),
    ),
    "oversight": (
        ("Supervision is regular and reflective, and its actions are followed up.", "Frequency of supervision"),
        ("The manager's rationale for decisions is recorded.", "Management direction recorded"),
    ),
    "recording": (
        ("Records are timely and written to the child.", "Language that cares"),
        ("The case summary lets a new worker understand the child's story quickly.", "Timeliness of recording"),
    ),
    "identity": (
        ("Identity, faith and language are explored and inform the plan.", "Ethnicity, culture and faith"),
        ("Barriers that the family meets were named and acted on.", "Ethnicity, culture and faith"),
    ),
    "practice-framework": (
        ("The work is restorative: with the family, not to them.", "Reflective supervision"),
        ("Trauma-informed practice shows in how meetings were arranged.", "Reflective supervision"),
    ),
    "frequency": (("Supervision took place every month without a gap.", "Frequency of supervision"),),
    "reflection": (("The supervisor's questions led the worker to a new hypothesis.", "Reflective supervision"),),
    "direction": (("Actions are clear, dated and looked at again next time.", "Management direction recorded"),),
    "impact": (
        ("The child is safer and attends school more often than a year ago.", "Difference made to the child"),
        ("The family can say what has changed for them.", "Difference made to the child"),
    ),
}
DEVELOPMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "child-voice": (
        ("The child's views are recorded but do not yet influence the plan.", "Wishes and feelings shape the plan"),
        ("Brothers and sisters are described together; each child's experience is hard to see.", "Direct work"),
    ),
    "assessment": (
        ("The chronology stops a year ago and does not inform the analysis.", "Chronology and history"),
        ("The assessment describes events but says little of what they mean for the child.", "Analysis of impact"),
        ("Absent parents and wider family are not part of the assessment.", "Genogram and family network"),
    ),
    "safeguarding": (
        ("Risk outside the home was noted but not assessed.", "Risk recognised and acted on"),
        ("The safety plan relies on promises and has not been tested.", "Safety plan"),
    ),
    "plan": (
        ("Actions have no dates and nobody is named to carry them out.", "Plan is specific and measurable"),
        ("There is no contingency plan should change not come.", "Contingency plan"),
    ),
    "visits": (
        ("Two visits fell outside the agreed interval with no reason given.", "Frequency of visits"),
        ("Direct work was planned but is not evident on the record.", "Direct work"),
    ),
    "reviews": (
        ("The core group did not meet for ten weeks.", "Core groups"),
        ("Reviews repeat the last plan without asking what has changed.", "Drift and delay"),
    ),
    "multi-agency": (
        ("Health's view was not sought although health needs drive the plan.", "Information sharing"),
        ("Partners were invited late and sent no reports.", "Health"),
    ),
    "oversight": (
        ("Supervision is irregular and its actions are not followed up.", "Frequency of supervision"),
        ("Management decisions are recorded without a rationale.", "Management direction recorded"),
    ),
    "recording": (
        ("Visits were written up three weeks later.", "Timeliness of recording"),
        ("The language is professional shorthand which a child could not follow.", "Language that cares"),
    ),
    "identity": (
        ("Ethnicity is recorded but identity is not explored.", "Ethnicity, culture and faith"),
        (
            "An interpreter was not offered although a parent's first language is not English.",
            "Ethnicity, culture and faith",
        ),
    ),
    "practice-framework": (
        ("It is not clear which approach guides the work with this family.", "Reflective supervision"),
        ("The worker's hypothesis is not tested in supervision.", "Reflective supervision"),
    ),
    "frequency": (("Seven weeks passed without supervision and no reason is given.", "Frequency of supervision"),),
    "reflection": (("The record lists tasks; what they mean for the child is missing.", "Reflective supervision"),),
    "direction": (("Last month's actions are not mentioned again.", "Management direction recorded"),),
    "impact": (
        ("It is too early to see a difference, and no measure was agreed to show one.", "Difference made to the child"),
        ("Things have stayed as they were for six months.", "Difference made to the child"),
    ),
}
GENERAL_STRENGTH = ("What is expected is in place and is easy to find on the record.", "Timeliness of recording")
GENERAL_DEVELOPMENT = ("What was done is hard to follow from the record alone.", "Timeliness of recording")

REASONS = {
    "outstanding": "Practice goes beyond what is expected and has made a lasting difference that the record shows.",
    "good": "What is expected is in place and it helps the child; small gaps do not affect them.",
    "requires_improvement": "The child is safe and basic duties are met, but drift and thin analysis limit progress.",
    "inadequate": "Duties were missed in a way that left the child without the help that they needed in this period.",
}
RATIONALES = {
    "outstanding": "Help came at the right time, the child shaped it, and change has lasted for more than six months.",
    "good": "The right help came at the right time. The child is known and heard, and the plan moves forward.",
    "requires_improvement": "The child is safe, but drift and weak oversight have slowed what the plan set out to do.",
    "inadequate": "Risk was known and not acted on for several weeks, and nobody above the worker noticed.",
}
WORKING_WELL = "The worker has a trusting relationship with the child, and the family feels listened to."
WORRIES = {
    "outstanding": "Nothing that affects the child; keep the plan's dates in view as the case steps down.",
    "good": "The contingency plan could be more specific.",
    "requires_improvement": "The plan has drifted and supervision has not put it back on course.",
    "inadequate": "The safety plan is not tested, and visits have been missed.",
}
NEXT_STEPS = {
    "outstanding": "Share this work as an exemplar, if the worker agrees.",
    "good": "Agree the contingency plan at the next core group.",
    "requires_improvement": "Update the chronology, date the plan's actions and record reflective supervision monthly.",
    "inadequate": "Visit within one working day, hold a strategy discussion and review the safety plan.",
}
IMMEDIATE_ACTIONS = "Team manager to see the child's record today and confirm that the child has been seen."
MODERATOR_REASONS = (
    "The reasons given for the section on risk describe a lower grade than the one chosen.",
    "The impact on the child is not yet evidenced enough for the grade that was given.",
    "The evidence in the plan and visits supports a different grade from the one chosen.",
)
DOCUMENTS = (
    "Case note",
    "Child and family assessment",
    "Child's plan",
    "Core group minutes",
    "Supervision record",
    "Visit record",
)
FAMILY_SAID = (
    "She listens and does what she says she will do.",
    "I know what needs to change and by when.",
    "Sometimes I had to tell my story again to somebody new.",
)
ALERT_WHAT = "A known adult of concern has been staying at the address since last week."
