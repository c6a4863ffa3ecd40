"""The limiting rules: how high an overall grade may be, and the sentence that says why.

Nothing here averages. The overall grade is a judgement; these rules set the ceiling under which it is made. Each
rule is one function; its docstring opens with the sentence that the user reads. Source: the published audit
frameworks' limiting judgements, as the tool's own settings hold them (which rule, hard or soft, and its ceiling).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from audits.choices import SERIOUSNESS, Grade

MIN_OVERRIDE_REASON = 30

# What a grade is called inside a sentence.
GRADE_WORDS = {
    Grade.OUTSTANDING: "outstanding",
    Grade.GOOD: "good",
    Grade.REQUIRES_IMPROVEMENT: "requires improvement",
    Grade.INADEQUATE: "inadequate",
}


@dataclass(frozen=True)
class GradedSection:
    """A section as the rules see it: `grade` is one of the four, or empty while it has none."""

    key: str
    title: str
    grade: str = ""
    limiting: bool = False


@dataclass(frozen=True)
class RuleSetting:
    """One limiting rule as a tool version sets it.

    `rule` is L1 to L6; `section_key` names the section for L1 and L2; `number` is the share in percent for L4
    and the number of outstanding sections for L5; `ceiling` is one of the four grades.
    """

    rule: str
    hard: bool = False
    enabled: bool = True
    section_key: str = ""
    number: int | None = None
    ceiling: str = ""


@dataclass(frozen=True)
class Limit:
    """What one rule says of one audit: the best grade it leaves, and why."""

    rule: str
    grade: str
    hard: bool
    sentence: str


@dataclass(frozen=True)
class Ceiling:
    """The best overall grade that the rules leave.

    `grade` is the best one without an override; `hard_grade` the best that anybody may give at all. `hard` says
    that the two are the same and a rule made them so. `limits` are all rules that limit, the lowest first.
    """

    grade: str
    hard_grade: str
    limits: tuple[Limit, ...] = ()

    @property
    def hard(self) -> bool:
        """Whether nobody may go above `grade`."""
        return bool(self.limits) and self.grade == self.hard_grade

    @property
    def binding(self) -> tuple[Limit, ...]:
        """The rules that set the ceiling; where a hard one does, the soft ones beside it say nothing more."""
        lowest = tuple(limit for limit in self.limits if limit.grade == self.grade)
        return tuple(limit for limit in lowest if limit.hard) or lowest

    @property
    def sentences(self) -> tuple[str, ...]:
        """Why the ceiling is where it is, in words."""
        return tuple(limit.sentence for limit in self.binding)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that set the ceiling."""
        return tuple(limit.rule for limit in self.binding)

    def forbids(self, grade: str) -> bool:
        """Whether a hard rule keeps everybody from this grade."""
        return better(grade, self.hard_grade)

    def needs_override(self, grade: str) -> bool:
        """Whether the grade is open only to somebody who says why."""
        return better(grade, self.grade) and not self.forbids(grade)

    def why_not(self, grade: str, override_reason: str = "") -> tuple[str, ...]:
        """Why the grade cannot stand; empty when it can. An override of a soft rule needs 30 characters."""
        above = tuple(limit for limit in self.limits if better(grade, limit.grade))
        hard = tuple(limit.sentence for limit in above if limit.hard)
        if hard:
            return hard
        if above and characters(override_reason) < MIN_OVERRIDE_REASON:
            ask = f"Choose a grade within the limit, or say in at least {MIN_OVERRIDE_REASON} characters why not."
            return tuple(f"{limit.sentence} {ask}" for limit in above)
        return ()


def better(one: str, other: str) -> bool:
    """Whether the first of the four grades is better than the second."""
    return SERIOUSNESS[one] < SERIOUSNESS[other]


def characters(text: str) -> int:
    """How many characters somebody wrote: runs of spaces count once, invisible characters not at all."""
    return len(" ".join("".join(c for c in text if c.isprintable() or c.isspace()).split()))


def _sentence(rule: Callable[..., object], ceiling: str, **words: object) -> str:
    template = (rule.__doc__ or "").split("\n", 1)[0]
    return template.format(ceiling=GRADE_WORDS[Grade(ceiling)], **words)


def _named(sections: Sequence[GradedSection], key: str) -> GradedSection | None:
    return next((section for section in sections if section.key == key and section.grade), None)


def _limit(rule: Callable[..., object], setting: RuleSetting, usual: str, **words: object) -> Limit:
    ceiling = setting.ceiling or usual
    return Limit(setting.rule, ceiling, setting.hard, _sentence(rule, ceiling, **words))


def inadequate_safeguarding_limits_the_overall_grade(
    sections: Sequence[GradedSection], alert_open: bool, setting: RuleSetting
) -> list[Limit]:
    """{title} is inadequate, so the overall grade cannot be above {ceiling}.

    L1. The usual ceiling is inadequate; the weaker setting is requires improvement ("cannot be good").
    """
    section = _named(sections, setting.section_key)
    if section is None or section.grade != Grade.INADEQUATE:
        return []
    rule = inadequate_safeguarding_limits_the_overall_grade
    return [_limit(rule, setting, Grade.INADEQUATE, title=section.title)]


def weak_safeguarding_keeps_the_audit_from_good(
    sections: Sequence[GradedSection], alert_open: bool, setting: RuleSetting
) -> list[Limit]:
    """{title} is {grade}, so the overall grade cannot be above {ceiling}.

    L2. Requires improvement, and so much the more inadequate, where L1 is switched off or set weaker.
    """
    section = _named(sections, setting.section_key)
    if section is None or better(section.grade, Grade.REQUIRES_IMPROVEMENT):
        return []
    rule = weak_safeguarding_keeps_the_audit_from_good
    words = {"title": section.title, "grade": GRADE_WORDS[Grade(section.grade)]}
    return [_limit(rule, setting, Grade.REQUIRES_IMPROVEMENT, **words)]


def an_inadequate_limiting_section_keeps_the_audit_from_good(
    sections: Sequence[GradedSection], alert_open: bool, setting: RuleSetting
) -> list[Limit]:
    """{title} is inadequate, so the overall grade cannot be above {ceiling}.

    L3. Every limiting section other than the one that the setting names (that one has L1 and L2).
    """
    rule = an_inadequate_limiting_section_keeps_the_audit_from_good
    return [
        _limit(rule, setting, Grade.REQUIRES_IMPROVEMENT, title=section.title)
        for section in sections
        if section.limiting and section.grade == Grade.INADEQUATE and section.key != setting.section_key
    ]


def many_weak_sections_keep_the_audit_from_good(
    sections: Sequence[GradedSection], alert_open: bool, setting: RuleSetting
) -> list[Limit]:
    """{weak} of the {graded} graded sections {require} improvement or worse, so the overall grade cannot be above {ceiling}.

    L4. Half or more; a section that does not apply, or has no grade yet, is not counted.
    """  # noqa: E501  the first line is the sentence that the user reads
    graded = [section for section in sections if section.grade]
    weak = [section for section in graded if not better(section.grade, Grade.REQUIRES_IMPROVEMENT)]
    if not graded or 100 * len(weak) < (setting.number or 50) * len(graded):
        return []
    rule = many_weak_sections_keep_the_audit_from_good
    words = {"weak": len(weak), "graded": len(graded), "require": "requires" if len(weak) == 1 else "require"}
    return [_limit(rule, setting, Grade.REQUIRES_IMPROVEMENT, **words)]


def outstanding_needs_outstanding_sections(
    sections: Sequence[GradedSection], alert_open: bool, setting: RuleSetting
) -> list[Limit]:
    """An outstanding audit needs at least {needed} sections graded outstanding and none below good; here {has} and {below}, so the overall grade cannot be above {ceiling}.

    L5. The usual number is three.
    """  # noqa: E501  the first line is the sentence that the user reads
    needed = 3 if setting.number is None else setting.number
    best = sum(section.grade == Grade.OUTSTANDING for section in sections)
    below = sum(bool(section.grade) and better(Grade.GOOD, section.grade) for section in sections)
    if best >= needed and not below:
        return []
    rule = outstanding_needs_outstanding_sections
    words = {
        "needed": needed,
        "has": f"{best} {'is' if best == 1 else 'are'} outstanding",
        "below": f"{below} {'is' if below == 1 else 'are'} below good",
    }
    return [_limit(rule, setting, Grade.GOOD, **words)]


def an_open_alert_keeps_the_audit_from_good(
    sections: Sequence[GradedSection], alert_open: bool, setting: RuleSetting
) -> list[Limit]:
    """A safeguarding alert on this audit is still open, so the overall grade cannot be above {ceiling}.

    L6. Open until somebody of the line of the case has resolved it.
    """
    if not alert_open:
        return []
    return [_limit(an_open_alert_keeps_the_audit_from_good, setting, Grade.REQUIRES_IMPROVEMENT)]


LIMITING_RULES: dict[str, Callable[[Sequence[GradedSection], bool, RuleSetting], list[Limit]]] = {
    "L1": inadequate_safeguarding_limits_the_overall_grade,
    "L2": weak_safeguarding_keeps_the_audit_from_good,
    "L3": an_inadequate_limiting_section_keeps_the_audit_from_good,
    "L4": many_weak_sections_keep_the_audit_from_good,
    "L5": outstanding_needs_outstanding_sections,
    "L6": an_open_alert_keeps_the_audit_from_good,
}


def usual_rules(safeguarding: str) -> tuple[RuleSetting, ...]:
    """The six rules as a tool has them unless it says otherwise; `safeguarding` is the key of that section."""
    return (
        RuleSetting("L1", hard=True, section_key=safeguarding, ceiling=Grade.INADEQUATE),
        RuleSetting("L2", section_key=safeguarding, ceiling=Grade.REQUIRES_IMPROVEMENT),
        RuleSetting("L3", section_key=safeguarding, ceiling=Grade.REQUIRES_IMPROVEMENT),
        RuleSetting("L4", number=50, ceiling=Grade.REQUIRES_IMPROVEMENT),
        RuleSetting("L5", number=3, ceiling=Grade.GOOD),
        RuleSetting("L6", ceiling=Grade.REQUIRES_IMPROVEMENT),
    )


def ceiling(sections: Iterable[GradedSection], *, alert_open: bool, rules: Iterable[RuleSetting]) -> Ceiling:
    """The best overall grade for an audit with these section grades.

    `sections` are those that apply (one that does not is left out, never counted as good). Hard rules bind
    everybody, moderators too; soft ones bind unless somebody gives a reason of at least 30 characters.
    """
    known = tuple(sections)
    limits = [
        limit
        for setting in rules
        if setting.enabled
        for limit in LIMITING_RULES[setting.rule](known, alert_open, setting)
    ]
    limits.sort(key=lambda limit: (-SERIOUSNESS[limit.grade], not limit.hard, limit.rule))
    return Ceiling(
        grade=_lowest(limit.grade for limit in limits),
        hard_grade=_lowest(limit.grade for limit in limits if limit.hard),
        limits=tuple(limits),
    )


def _lowest(grades: Iterable[str]) -> str:
    return max(grades, key=lambda grade: SERIOUSNESS[grade], default=Grade.OUTSTANDING)
