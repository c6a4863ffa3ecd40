"""The limiting rules, one by one by their names, and what holds for all of them together."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.choices import GRADES, SERIOUSNESS, Grade
from audits.rules.grading import (
    LIMITING_RULES,
    Ceiling,
    GradedSection,
    RuleSetting,
    better,
    ceiling,
    characters,
    usual_rules,
)

O, G, R, I = Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE  # noqa: E741  the field's own letters
RULES = {setting.rule: setting for setting in usual_rules("safeguarding")}
TITLES = {
    "voice": "Child's voice", "safeguarding": "Safeguarding and risk", "oversight": "Management oversight",
    "plan": "Plan", "visits": "Visits", "recording": "Recording",
}  # fmt: skip
LIMITING = {"voice", "safeguarding", "oversight"}


def sections(**grades: str) -> list[GradedSection]:
    return [GradedSection(key, TITLES[key], grade, key in LIMITING) for key, grade in grades.items()]


def under(rule: str | RuleSetting, *, alert_open: bool = False, **grades: str) -> Ceiling:
    setting = RULES[rule] if isinstance(rule, str) else rule
    return ceiling(sections(**grades), alert_open=alert_open, rules=[setting])


def test_inadequate_safeguarding_limits_the_overall_grade() -> None:
    found = under("L1", safeguarding=I, voice=O, plan=O)
    assert (found.grade, found.hard, found.rules) == (I, True, ("L1",))
    assert found.sentences == ("Safeguarding and risk is inadequate, so the overall grade cannot be above inadequate.",)
    assert under("L1", safeguarding=R).limits == ()
    assert under("L1", voice=I).limits == ()


def test_the_weaker_setting_of_the_first_rule_only_keeps_from_good() -> None:
    weaker = RuleSetting("L1", hard=True, section_key="safeguarding", ceiling=R)
    found = under(weaker, safeguarding=I)
    assert (found.grade, found.hard) == (R, True)
    assert found.why_not(R) == ()
    assert found.why_not(G, "x" * 60) == (
        "Safeguarding and risk is inadequate, so the overall grade cannot be above requires improvement.",
    )


@pytest.mark.parametrize(("grade", "limited"), [(O, False), (G, False), (R, True), (I, True)])
def test_weak_safeguarding_keeps_the_audit_from_good(grade: str, limited: bool) -> None:
    found = under("L2", safeguarding=grade, voice=G)
    assert (found.grade == R, found.hard) == (limited, False)
    if grade == R:
        assert found.sentences == (
            "Safeguarding and risk is requires improvement, so the overall grade cannot be above requires improvement.",
        )


def test_an_inadequate_limiting_section_keeps_the_audit_from_good() -> None:
    found = under("L3", voice=I, oversight=I, safeguarding=G, plan=G)
    assert (found.grade, found.hard) == (R, False)
    assert [sentence.split(" is ")[0] for sentence in found.sentences] == ["Child's voice", "Management oversight"]
    assert under("L3", plan=I, voice=R).limits == ()
    assert under("L3", safeguarding=I).limits == ()


@pytest.mark.parametrize(
    ("grades", "limited"),
    [
        ({"voice": R, "plan": G}, True),
        ({"voice": R, "plan": G, "visits": G}, False),
        ({"voice": R, "plan": I, "visits": G, "recording": G}, True),
        ({"voice": R, "plan": "", "visits": ""}, True),
        ({"voice": "", "plan": ""}, False),
        ({}, False),
    ],
)
def test_many_weak_sections_keep_the_audit_from_good(grades: dict[str, str], limited: bool) -> None:
    found = under("L4", **grades)
    assert (found.grade == R, found.hard) == (limited, False)


def test_the_fourth_rule_says_how_many() -> None:
    assert under("L4", voice=R, plan=I, visits=G, recording=G).sentences == (
        "2 of the 4 graded sections require improvement or worse, "
        "so the overall grade cannot be above requires improvement.",
    )


def test_outstanding_needs_outstanding_sections() -> None:
    assert under("L5", voice=O, plan=O, visits=O, recording=G).limits == ()
    few = under("L5", voice=O, plan=O, visits=G)
    assert (few.grade, few.hard) == (G, False)
    below = under("L5", voice=O, plan=O, visits=O, recording=R)
    assert below.sentences == (
        "An outstanding audit needs at least 3 sections graded outstanding and none below good; "
        "here 3 are outstanding and 1 is below good, so the overall grade cannot be above good.",
    )
    assert under(RuleSetting("L5", number=1, ceiling=G), voice=O).limits == ()


def test_an_open_alert_keeps_the_audit_from_good() -> None:
    found = under("L6", alert_open=True, voice=O)
    assert (found.grade, found.hard) == (R, False)
    assert "alert" in found.sentences[0]
    assert under("L6", alert_open=False, voice=O).limits == ()


def test_a_rule_that_is_switched_off_says_nothing() -> None:
    off = [RuleSetting(rule, hard=True, enabled=False, section_key="safeguarding") for rule in LIMITING_RULES]
    assert ceiling(sections(safeguarding=I, voice=I), alert_open=True, rules=off) == Ceiling(O, O, ())


def test_a_soft_limit_opens_for_thirty_characters_a_hard_one_for_none() -> None:
    soft = under("L2", safeguarding=R)
    assert soft.needs_override(G)
    assert not soft.forbids(G)
    assert soft.why_not(G, "x" * 29)
    assert soft.why_not(G, " " * 40)
    assert soft.why_not(G, "x" * 30) == ()
    assert soft.why_not(R) == ()
    hard = under("L1", safeguarding=I)
    assert hard.forbids(R)
    assert not hard.needs_override(R)
    assert hard.why_not(R, "x" * 500)


def test_below_a_hard_ceiling_a_lower_soft_one_still_opens() -> None:
    found = ceiling(
        sections(safeguarding=I, voice=I),
        alert_open=False,
        rules=[
            RuleSetting("L1", hard=True, section_key="safeguarding", ceiling=G),
            RuleSetting("L3", section_key="safeguarding", ceiling=R),
        ],
    )
    assert (found.grade, found.hard_grade, found.hard) == (R, G, False)
    assert found.forbids(O)
    assert found.needs_override(G)
    assert found.why_not(G, "x" * 30) == ()


@pytest.mark.parametrize("text", ["", "   ", "\u200b" * 40, "\u202e\u200d \n\t" * 20])
def test_blanks_and_invisible_characters_are_no_reason(text: str) -> None:
    assert characters(text) == 0


def test_every_rule_says_its_sentence_first() -> None:
    for rule in LIMITING_RULES.values():
        first = (rule.__doc__ or "").splitlines()[0]
        assert first.endswith(".")
        assert "{ceiling}" in first


grades = st.sampled_from(GRADES)
graded_sections = st.dictionaries(st.sampled_from(sorted(TITLES)), grades, max_size=len(TITLES)).map(
    lambda chosen: sections(**chosen)
)
rule_sets = st.lists(
    st.builds(
        RuleSetting,
        rule=st.sampled_from(sorted(LIMITING_RULES)),
        hard=st.booleans(),
        enabled=st.booleans(),
        section_key=st.sampled_from(sorted(TITLES)),
        number=st.one_of(st.none(), st.integers(1, 6)),
        ceiling=st.one_of(st.just(""), grades),
    ),
    max_size=8,
)


@given(graded_sections, st.booleans(), rule_sets)
def test_the_ceiling_is_never_better_than_any_rule_allows(
    found: list[GradedSection], alert_open: bool, rules: list[RuleSetting]
) -> None:
    whole = ceiling(found, alert_open=alert_open, rules=rules)
    for setting in rules:
        alone = ceiling(found, alert_open=alert_open, rules=[setting])
        assert not better(whole.grade, alone.grade)
        assert not better(whole.hard_grade, alone.hard_grade)
        if alone.hard:
            for grade in GRADES:
                assert not (better(grade, alone.grade) and whole.why_not(grade, "x" * 99) == ())
    assert not better(whole.grade, whole.hard_grade)
    assert {limit.grade for limit in whole.binding} <= {whole.grade}
    assert bool(whole.sentences) == (whole.grade != O) or all(limit.grade == O for limit in whole.limits)


@given(graded_sections, st.booleans(), rule_sets, st.data())
def test_worsening_a_section_never_raises_the_ceiling(
    found: list[GradedSection], alert_open: bool, rules: list[RuleSetting], data: st.DataObject
) -> None:
    if not found:
        return
    place = data.draw(st.integers(0, len(found) - 1))
    worse = data.draw(st.sampled_from([g for g in GRADES if SERIOUSNESS[g] >= SERIOUSNESS[found[place].grade]]))
    changed = [*found]
    changed[place] = GradedSection(found[place].key, found[place].title, worse, found[place].limiting)
    before = ceiling(found, alert_open=alert_open, rules=rules)
    after = ceiling(changed, alert_open=alert_open, rules=rules)
    assert not better(after.grade, before.grade)
    assert not better(after.hard_grade, before.hard_grade)


def test_worsening_a_section_never_raises_the_ceiling_whichever_of_the_usual_rules_are_on() -> None:
    """All 64 choices of rules with all grades of three sections: where one rule stands in for another."""
    keys = ("safeguarding", "voice", "plan")
    worse = dict(pairwise(GRADES))
    for on in product([True, False], repeat=6):
        rules = [replace(each, enabled=enabled) for each, enabled in zip(RULES.values(), on, strict=True)]
        found = {
            grades: ceiling(sections(**dict(zip(keys, grades, strict=True))), alert_open=False, rules=rules)
            for grades in product(GRADES, repeat=3)
        }
        for grades, before in found.items():
            for place, grade in enumerate(grades):
                if grade in worse:
                    after = found[(*grades[:place], worse[grade], *grades[place + 1 :])]
                    assert not better(after.grade, before.grade), (grades, place, before.rules)


@given(graded_sections, rule_sets)
def test_an_alert_never_raises_the_ceiling(found: list[GradedSection], rules: list[RuleSetting]) -> None:
    without = ceiling(found, alert_open=False, rules=rules)
    assert not better(ceiling(found, alert_open=True, rules=rules).grade, without.grade)


@given(graded_sections, st.booleans(), rule_sets, st.text(max_size=60))
def test_only_an_override_stands_between_the_ceiling_and_the_hard_ceiling(
    found: list[GradedSection], alert_open: bool, rules: list[RuleSetting], reason: str
) -> None:
    whole = ceiling(found, alert_open=alert_open, rules=rules)
    for grade in GRADES:
        stands = whole.why_not(grade, reason) == ()
        if whole.forbids(grade):
            assert not stands
        elif whole.needs_override(grade):
            assert stands == (characters(reason) >= 30)
        else:
            assert stands
