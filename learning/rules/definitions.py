"""What each figure of a summary and of a pack means: the sentence that its link leads to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """A figure's name, what it means, and where its link leads (`key`)."""

    key: str
    title: str
    says: str


DEFINITIONS = (
    Definition(
        "audits-counted", "Audits counted",
        "An audit counts once, in the month of its first submission, with its settled grade. A grade that is not "
        "settled yet is provisional: it counts, and may still change. Void, shadow, calibration and ungraded audits "
        "do not count; their number is printed.",
    ),
    Definition(
        "good-or-outstanding", "Good or outstanding",
        "The share of the audits counted that are graded good or outstanding. Percentages of a row add to 100. The "
        "target is tested on the exact share, never on the rounded one. The likely range is a 95% Wilson interval.",
    ),
    Definition(
        "inadequate", "Inadequate",
        "How many of the audits counted are graded inadequate, and their share of those counted.",
    ),
    Definition(
        "change", "Change",
        "A movement between two periods is called a change only where the 95% Newcombe interval of the difference "
        "leaves no change out. Otherwise it reads “no clear change”.",
    ),
    Definition(
        "trend", "Trend",
        "Good or outstanding in each month of the last two years, as a chart with limits: they lie where chance alone "
        "would seldom lead, and are wider where fewer audits were made. A signal is a month outside them, 7 months in "
        "a row on one side of the average, 7 in a row rising or falling, or 2 of 3 near a limit. A new version of an "
        "audit tool begins a new average.",
    ),
    Definition(
        "themes", "Themes",
        "In how many of the audits with findings a theme was found, as a strength or as an area for development. An "
        "audit counts once for a theme, however many findings bear it. A merged theme counts as the one that it was "
        "merged into. Findings without a theme are in no list; their number is printed.",
    ),
    Definition(
        "sections", "Sections by service",
        "The judgements of each section in the three months to the month of the summary: the share that is good or "
        "outstanding, and how many judgements that rests on. A cell of fewer than five is not shown, and others with "
        "it, so that none can be worked out from the totals.",
    ),
    Definition(
        "moderation", "What moderation changed",
        "Of the settled audits of the month: how many were good or outstanding by the auditor's own grade, and how "
        "many by the settled one; how many grades were raised and how many lowered.",
    ),
    Definition(
        "listed-audits", "Audits by name",
        "Audits of the month whose grade is settled and whose case is not restricted, by the audit's own reference. "
        "How many more are counted but not listed, and why, stands below the lists.",
    ),
    Definition(
        "alerts", "Open safeguarding alerts",
        "Alerts that were raised or acknowledged and not resolved when the summary was built.",
    ),
    Definition(
        "actions", "Open and overdue actions",
        "Open: not verified, accepted or cancelled yet. Overdue: still to be done after the due date; what is claimed "
        "done has stopped its clock. Both as they stood when the pack was built.",
    ),
    Definition(
        "responses", "How fast managers responded",
        "Of the managers' responses that fell due in the month: how many were given on or before the day, how many "
        "after it, and how many are still waited for. Working days are counted from the day on which the feedback was "
        "issued. A clock that is paused or was replaced by a new one is left out.",
    ),
    Definition(
        "before-and-after", "Before and after a decision",
        "In how many audits with findings the decision's theme was an area for development: in the three months "
        "before the month of the meeting, and in the months since. The audits of the meeting's own month are left "
        "out. It is called more or less often only where the data support it. It shows what happened, not why.",
    ),
)  # fmt: skip
