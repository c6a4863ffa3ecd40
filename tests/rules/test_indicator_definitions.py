"""The computed indicators: who is in, who is out, who is left out and why, on either side of each boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurance_clinics.choices import State
from assurance_clinics.rules.exceptions import DUTIES
from assurance_clinics.rules.indicators import FORMULAS, Extracted, Judged, Row, months_later, share, tenths
from core.working_days import add_working_days

ON = date(2026, 3, 4)  # a Wednesday, with no bank holiday in the weeks before
IN, OUT, EXCLUDED = State.IN, State.OUT, State.EXCLUDED


def row(number: int, reference: str = "1", at: int = 2, **data: Any) -> Row:
    extra = {name: data.pop(name) for name in ("cwd", "worker", "team") if name in data}
    data = {name: value.isoformat() if isinstance(value, date) else value for name, value in data.items()}
    return Row(list=number, row=at, reference=reference, key=reference, data=data, **extra)


def judge(code: str, *rows: Row, **agreed: int) -> list[Judged]:
    lists: dict[int, list[Row]] = {}
    for each in rows:
        lists.setdefault(each.list, []).append(each)
    return FORMULAS[code].judge(Extracted(lists, agreed), ON)


def states(code: str, *rows: Row) -> list[State]:
    return [each.state for each in judge(code, *rows)]


def cin(**data: Any) -> Row:
    return row(6, **({"case_status": "cin", "start_date": date(2025, 1, 6), "end_date": ""} | data))


def cp(**data: Any) -> Row:
    return row(7, **({"start_date": date(2025, 1, 6), "end_date": "", "previous_plans": 0} | data))


def cla(**data: Any) -> Row:
    return row(8, **({"start_date": date(2024, 1, 8), "end_date": "", "legal_status": "C2", "age": 9} | data))


def leaver(**data: Any) -> Row:
    return row(9, **({"eligibility": "former_relevant", "in_touch": "yes"} | data))


def days_ago(days: int) -> date:
    return ON - timedelta(days=days)


def working_days_ago(days: int) -> date:
    return add_working_days(ON, -days)


VISITS = [
    ("cin_visit_3w", cin, "last_seen_date", days_ago, 21),
    ("cin_visit_6w", cin, "last_seen_date", days_ago, 42),
    ("cp_visit_10wd", cp, "last_visit_date", working_days_ago, 10),
    ("cp_visit_15wd", cp, "last_visit_date", working_days_ago, 15),
    ("cp_visit_4w", cp, "last_visit_date", days_ago, 28),
    ("cla_visit_6w", cla, "last_visit_date", days_ago, 42),
    ("care_leaver_contact_8w", leaver, "contact_date", days_ago, 56),
]


@pytest.mark.parametrize(("code", "made", "column", "ago", "limit"), VISITS)
class TestVisits:
    def test_the_boundary_day_counts(self, code: str, made: Any, column: str, ago: Any, limit: int) -> None:
        assert states(code, made(**{column: ago(limit)})) == [IN]

    def test_a_day_more_does_not(self, code: str, made: Any, column: str, ago: Any, limit: int) -> None:
        assert states(code, made(**{column: ago(limit + 1)})) == [OUT]

    def test_the_day_itself_counts(self, code: str, made: Any, column: str, ago: Any, limit: int) -> None:
        assert states(code, made(**{column: ON})) == [IN]

    def test_a_blank_date_is_not_in_time(self, code: str, made: Any, column: str, ago: Any, limit: int) -> None:
        assert states(code, made(**{column: ""})) == [OUT]

    def test_a_date_after_the_extract_is_not_in_time(
        self, code: str, made: Any, column: str, ago: Any, limit: int
    ) -> None:
        assert states(code, made(**{column: ON + timedelta(days=1)})) == [OUT]

    def test_without_the_column_nothing_is_known(self, code: str, made: Any, column: str, ago: Any, limit: int) -> None:
        [judged] = judge(code, made())
        assert judged.state == EXCLUDED
        assert "does not hold" in judged.reason


class TestWhoIsAChildInNeed:
    def test_a_child_with_disabilities_is_counted_apart(self) -> None:
        [judged] = judge("cin_visit_3w", cin(last_seen_date=ON, cwd=True))
        assert (judged.state, judged.reason) == (EXCLUDED, "A child with disabilities: counted apart")

    @pytest.mark.parametrize("status", ["cla", "cp", "assessment", "closed"])
    def test_another_status_is_left_out(self, status: str) -> None:
        assert states("cin_visit_3w", cin(last_seen_date=ON, case_status=status)) == [EXCLUDED]

    def test_a_blank_status_is_a_child_in_need(self) -> None:
        assert states("cin_visit_3w", cin(last_seen_date=ON, case_status="")) == [IN]

    @pytest.mark.parametrize(("ended", "state"), [(ON, EXCLUDED), (ON + timedelta(days=1), IN)])
    def test_a_plan_that_ends_on_the_day_has_ended(self, ended: date, state: State) -> None:
        assert states("cin_visit_3w", cin(last_seen_date=ON, end_date=ended)) == [state]


class TestChildProtection:
    @pytest.mark.parametrize(("plans", "state"), [(0, OUT), (1, IN), (2, IN), (None, EXCLUDED)])
    def test_a_second_plan(self, plans: int | None, state: State) -> None:
        assert states("cp_second_plan_stock", cp(previous_plans=plans)) == [state]

    def test_an_ended_plan_is_no_stock(self) -> None:
        assert states("cp_second_plan_stock", cp(previous_plans=1, end_date=ON)) == [EXCLUDED]


class TestChildrenLookedAfter:
    @pytest.mark.parametrize("status", ["V3", "V4"])
    @pytest.mark.parametrize("code", ["cla_visit_6w", "cla_3_placements", "permanence_plan", "cla_review"])
    def test_short_breaks_are_left_out(self, code: str, status: str) -> None:
        given = cla(
            legal_status=status, last_visit_date=ON, placements_12_months=4, permanence_plan="adoption", review_date=ON
        )
        assert states(code, given) == [EXCLUDED]

    def test_an_agreed_interval_goes_before_six_weeks(self) -> None:
        child = cla(last_visit_date=days_ago(60))
        assert [each.state for each in judge("cla_visit_6w", child)] == [OUT]
        assert [each.state for each in judge("cla_visit_6w", child, **{"1": 60})] == [IN]
        assert [each.state for each in judge("cla_visit_6w", child, **{"1": 59})] == [OUT]

    @pytest.mark.parametrize(("placements", "state"), [(2, OUT), (3, IN), (4, IN), (None, EXCLUDED)])
    def test_three_placements(self, placements: int | None, state: State) -> None:
        assert states("cla_3_placements", cla(placements_12_months=placements)) == [state]

    @pytest.mark.parametrize(
        ("start", "plan", "state"),
        [
            (date(2025, 9, 4), "adoption", IN),
            (date(2025, 9, 4), "", OUT),
            (date(2025, 9, 5), "", EXCLUDED),
            ("", "adoption", EXCLUDED),
        ],
    )
    def test_permanence_after_six_months(self, start: Any, plan: str, state: State) -> None:
        assert states("permanence_plan", cla(start_date=start, permanence_plan=plan)) == [state]

    @pytest.mark.parametrize(
        ("age", "last", "state"),
        [
            (9, date(2025, 3, 4), IN),
            (9, date(2025, 3, 3), OUT),
            (4, date(2025, 9, 4), IN),
            (4, date(2025, 9, 3), OUT),
            (9, "", OUT),
        ],
    )
    def test_health_assessment(self, age: int, last: Any, state: State) -> None:
        assert states("health_assessment", cla(age=age, health_date=last)) == [state]

    def test_health_assessment_waits_for_twelve_months_in_care(self) -> None:
        assert states("health_assessment", cla(start_date=date(2025, 3, 5), health_date="")) == [EXCLUDED]
        assert states("health_assessment", cla(start_date=date(2025, 3, 4), health_date="")) == [OUT]

    @pytest.mark.parametrize(
        ("start", "last", "state"),
        [
            (working_days_ago(20), "", EXCLUDED),  # the first review is due today
            (working_days_ago(21), "", OUT),
            (date(2025, 12, 1), date(2025, 12, 4), IN),  # the first review: the next is due on 4 March
            (date(2025, 12, 1), date(2025, 12, 3), OUT),
            (date(2024, 1, 8), date(2025, 9, 4), IN),  # a later one: due after six months
            (date(2024, 1, 8), date(2025, 9, 3), OUT),
        ],
    )
    def test_review(self, start: date, last: Any, state: State) -> None:
        assert states("cla_review", cla(start_date=start, review_date=last)) == [state]


class TestCareLeavers:
    @pytest.mark.parametrize(("day", "state"), [(date(2025, 9, 4), IN), (date(2025, 9, 3), OUT), ("", OUT)])
    def test_pathway_plan(self, day: Any, state: State) -> None:
        assert states("pathway_plan_6m", leaver(pathway_plan_date=day)) == [state]

    def test_a_qualifying_care_leaver_needs_no_pathway_plan(self) -> None:
        assert states("pathway_plan_6m", leaver(pathway_plan_date="", eligibility="qualifying")) == [EXCLUDED]

    def test_who_has_died_is_left_out(self) -> None:
        assert states("care_leaver_contact_8w", leaver(contact_date="", in_touch="died")) == [EXCLUDED]


class TestAssessments:
    @pytest.mark.parametrize(
        ("start", "end", "state"),
        [
            (date(2023, 12, 18), date(2024, 2, 22), IN),  # 45 working days, as product.md section 16 has it
            (date(2023, 12, 18), date(2024, 2, 23), OUT),  # 46
            ("", date(2024, 2, 22), OUT),
            (date(2024, 2, 23), date(2024, 2, 22), OUT),
            (date(2026, 1, 5), "", EXCLUDED),
            (date(2026, 1, 5), ON + timedelta(days=1), EXCLUDED),
        ],
    )
    def test_forty_five_working_days(self, start: Any, end: Any, state: State) -> None:
        assert states("assessment_45wd", row(4, start_date=start, authorised_date=end)) == [state]


class TestReferrals:
    @pytest.mark.parametrize(("number", "state"), [(0, OUT), (1, IN), (3, IN), (None, EXCLUDED)])
    def test_re_referral(self, number: int | None, state: State) -> None:
        assert states("re_referral_12m", row(3, referral_date=ON, referrals_12_months=number)) == [state]

    @pytest.mark.parametrize(("answer", "state"), [("yes", IN), ("no", OUT), ("", EXCLUDED)])
    def test_no_further_action(self, answer: str, state: State) -> None:
        assert states("referral_nfa", row(3, referral_date=ON, nfa=answer)) == [state]

    @pytest.mark.parametrize("code", ["re_referral_12m", "referral_nfa"])
    def test_the_window_ends_on_the_extracts_date(self, code: str) -> None:
        late = row(3, referral_date=ON + timedelta(days=1), nfa="yes", referrals_12_months=1)
        assert states(code, late) == [EXCLUDED]


def s47(**data: Any) -> Row:
    return row(5, **({"strategy_discussion_date": date(2026, 1, 5), "icpc_date": "", "icpc_unnecessary": ""} | data))


class TestSection47:
    def test_a_conference_and_a_decision_complete_an_enquiry(self) -> None:
        rows = (s47(icpc_date=date(2026, 1, 20)), s47(icpc_unnecessary="yes"), s47(icpc_unnecessary="no"), s47())
        assert states("s47_to_icpc", *rows) == [IN, OUT, EXCLUDED, EXCLUDED]

    @pytest.mark.parametrize("open_row", [cp, cla])
    def test_a_child_already_on_a_plan_or_in_care_is_left_out(self, open_row: Any) -> None:
        enquiry = s47(icpc_date=date(2026, 1, 20))
        assert judge("s47_to_icpc", enquiry, open_row(start_date=date(2026, 1, 4)))[0].state == EXCLUDED
        assert judge("s47_to_icpc", enquiry, open_row(start_date=date(2026, 1, 5)))[0].state == IN
        ended = open_row(start_date=date(2025, 1, 6), end_date=date(2026, 1, 4))
        assert judge("s47_to_icpc", enquiry, ended)[0].state == IN

    def test_short_breaks_are_not_care(self) -> None:
        short = cla(start_date=date(2025, 1, 6), legal_status="V4")
        assert judge("s47_to_icpc", s47(icpc_date=date(2026, 1, 20)), short)[0].state == IN


class TestConferences:
    @pytest.mark.parametrize(
        ("began", "held", "state"),
        [
            (date(2024, 3, 25), date(2024, 4, 17), IN),  # 15 working days over Easter, by product.md section 16
            (date(2024, 3, 25), date(2024, 4, 18), OUT),
            ("", date(2024, 4, 17), OUT),
            (date(2024, 3, 25), "", EXCLUDED),
            (date(2024, 4, 18), date(2024, 4, 17), OUT),
        ],
    )
    def test_fifteen_working_days(self, began: Any, held: Any, state: State) -> None:
        assert states("icpc_15wd", s47(strategy_discussion_date=began, icpc_date=held)) == [state]

    def test_one_conference_of_one_child_counts_once_from_the_earliest_discussion(self) -> None:
        early = s47(at=2, strategy_discussion_date=date(2024, 3, 22), icpc_date=date(2024, 4, 17))
        later = s47(at=3, strategy_discussion_date=date(2024, 4, 2), icpc_date=date(2024, 4, 17))
        assert states("icpc_15wd", later, early) == [EXCLUDED, OUT]

    def test_two_children_of_one_conference_count_twice(self) -> None:
        rows = [
            row(5, reference, strategy_discussion_date=date(2024, 3, 25), icpc_date=date(2024, 4, 17))
            for reference in ("1", "2")
        ]
        assert states("icpc_15wd", *rows) == [IN, IN]


class TestCaseloads:
    def test_children_a_worker(self) -> None:
        rows = [cin(reference=str(number), worker="a") for number in range(3)] + [cin(reference="x", worker="b")]
        judged = judge("caseload", *rows)
        assert share(FORMULAS["caseload"], judged) == share(FORMULAS["caseload"], reversed(judged))
        figure = share(FORMULAS["caseload"], judged)
        assert (figure.numerator, figure.denominator) == (4, 2)

    def test_a_child_in_both_lists_counts_once(self) -> None:
        judged = judge("caseload", cin(worker="a"), leaver(worker="b"))
        assert [each.state for each in judged] == [IN, EXCLUDED]

    def test_a_child_without_a_worker_in_list_6_counts_for_the_one_in_list_9(self) -> None:
        assert states("caseload", cin(), leaver(worker="b")) == [EXCLUDED, IN]

    def test_no_worker_at_all_is_left_out(self) -> None:
        [judged] = judge("caseload", cin())
        assert (judged.state, judged.reason) == (EXCLUDED, "No worker is recorded")

    @pytest.mark.parametrize(("held", "workers"), [(19, 0), (20, 1), (21, 1)])
    def test_twenty_is_many(self, held: int, workers: int) -> None:
        judged = judge("caseload_20plus", *(cin(reference=str(number), worker="a") for number in range(held)))
        figure = share(FORMULAS["caseload_20plus"], judged)
        assert (figure.numerator, figure.denominator) == (workers, 1)


def test_every_indicator_of_the_catalogue_has_its_definition() -> None:
    wanted = """cin_visit_3w cin_visit_6w cp_visit_10wd cp_visit_15wd cp_visit_4w cla_visit_6w care_leaver_contact_8w
        pathway_plan_6m assessment_45wd re_referral_12m referral_nfa s47_to_icpc icpc_15wd cp_second_plan_stock
        cla_review health_assessment cla_3_placements permanence_plan caseload caseload_20plus
        cin_cwd_visit cp_review supervision_4w core_group_6w cin_review_3m early_help_visit_4w assessment_overdue
        assessment_visit_3d assessment_visit_10d cp_second_plan_new supervision_assessment supervision_cin
        supervision_cwd supervision_cp supervision_cla supervision_care_leaver supervision_early_help
        cin_rate cp_rate cla_rate"""
    assert set(FORMULAS) == set(wanted.split())
    assert all(len(formula.definition) > 60 for formula in FORMULAS.values())


@pytest.mark.parametrize("code", FORMULAS)
def test_an_empty_extract_has_no_figure(code: str) -> None:
    figure = share(FORMULAS[code], FORMULAS[code].judge(Extracted({}), ON))
    assert (figure.numerator, figure.denominator, figure.percent) == (0, 0, None)


@pytest.mark.parametrize(("n", "d", "percent"), [(1, 3, 33.3), (2, 3, 66.7), (1, 8, 12.5), (1, 16, 6.3), (0, 4, 0.0)])
def test_a_percentage_has_one_place_half_up(n: int, d: int, percent: float) -> None:
    assert tenths(100 * n, d) == percent


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 24))
def test_months_later_is_in_the_right_month_and_never_a_later_day(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


@pytest.mark.parametrize(("code", "days"), [("cp_visit_10wd", 10), ("cp_visit_15wd", 15)])
def test_in_an_extract_of_a_weekend_what_was_due_on_friday_is_in_time(code: str, days: int) -> None:
    friday = date(2021, 1, 29)
    plan = cp(last_visit_date=add_working_days(friday, -days), start_date=date(2020, 1, 6))
    extracts = [(friday, IN), (date(2021, 1, 30), IN), (date(2021, 1, 31), IN), (date(2021, 2, 1), OUT)]
    for on, state in extracts:
        [judged] = FORMULAS[code].judge(Extracted({7: [plan]}), on)
        assert (judged.state, judged.due) == (state, date(2021, 1, 31))


def test_in_an_extract_of_a_weekend_a_first_review_that_was_due_on_friday_is_not_late() -> None:
    friday = date(2021, 1, 29)
    child = cla(start_date=add_working_days(friday, -20), review_date="")
    for on, state in [(friday, EXCLUDED), (date(2021, 1, 31), EXCLUDED), (date(2021, 2, 1), OUT)]:
        [judged] = FORMULAS["cla_review"].judge(Extracted({8: [child]}), on)
        assert judged.state == state


@given(st.integers(0, 400))
def test_a_later_visit_is_never_worse(days: int) -> None:
    earlier, later = (states("cin_visit_3w", cin(last_seen_date=days_ago(each)))[0] for each in (days + 1, days))
    assert not (earlier == IN and later == OUT)


def judge_with(code: str, events: dict[str, dict[str, date]], *rows: Row, **agreed: int) -> list[Judged]:
    lists: dict[int, list[Row]] = {}
    for each in rows:
        lists.setdefault(each.list, []).append(each)
    return FORMULAS[code].judge(Extracted(lists, agreed, events), ON)


OLD = date(2025, 1, 6)


@pytest.mark.parametrize(
    ("code", "kind", "days", "of"),
    [("supervision_4w", "supervision", 28, 6), ("core_group_6w", "core_group", 42, 7)],
)
def test_a_dated_event_counts_to_its_last_day(code: str, kind: str, days: int, of: int) -> None:
    child = row(of, start_date=OLD, end_date="", case_status="cin")
    for ago, state in ((days, IN), (days + 1, OUT)):
        held = {kind: {"1": ON - timedelta(days=ago)}}
        assert [each.state for each in judge_with(code, held, child)] == [state]
    assert [each.state for each in judge_with(code, {kind: {}}, child)] == [OUT]


def test_without_a_list_of_such_events_nothing_is_known() -> None:
    [judged] = judge_with("supervision_4w", {}, cin())
    assert (judged.state, judged.reason) == (EXCLUDED, "No list of dated events holds supervision")


def test_a_child_in_need_review_is_due_after_three_months() -> None:
    old, new = cin(start_date=OLD), cin(reference="2", start_date=date(2025, 12, 10))
    held = {"cin_review": {"1": date(2025, 12, 4)}}
    assert [each.state for each in judge_with("cin_review_3m", held, old, new)] == [IN, EXCLUDED]
    held = {"cin_review": {"1": date(2025, 12, 3)}}
    assert [each.state for each in judge_with("cin_review_3m", held, old)] == [OUT]


def test_a_first_core_group_is_due_after_ten_working_days() -> None:
    began = add_working_days(ON, -10)
    new = row(7, start_date=began, end_date="")
    assert [each.state for each in judge_with("core_group_6w", {"core_group": {}}, new)] == [EXCLUDED]
    older = row(7, start_date=add_working_days(ON, -11), end_date="")
    assert [each.state for each in judge_with("core_group_6w", {"core_group": {}}, older)] == [OUT]


def test_a_child_with_disabilities_is_judged_by_their_own_interval() -> None:
    child = cin(reference="A", cwd=True, last_seen_date=ON - timedelta(days=70))
    assert [each.state for each in judge_with("cin_cwd_visit", {}, child, A=70)] == [IN]
    assert [each.state for each in judge_with("cin_cwd_visit", {}, child, A=69)] == [OUT]
    assert [each.state for each in judge_with("cin_cwd_visit", {}, child)] == [EXCLUDED]
    other = cin(reference="A", last_seen_date=ON)
    assert [each.state for each in judge_with("cin_cwd_visit", {}, other, A=70)] == [EXCLUDED]


@pytest.mark.parametrize(
    ("start", "review", "state"),
    [(date(2025, 12, 4), "", EXCLUDED), (date(2025, 12, 3), "", OUT), (OLD, date(2025, 9, 4), IN),
     (OLD, date(2025, 9, 3), OUT)],
)  # fmt: skip
def test_a_review_conference_is_due_after_three_and_then_six_months(start: date, review: Any, state: State) -> None:
    assert states("cp_review", row(7, start_date=start, end_date="", review_date=review)) == [state]


def early(**data: Any) -> Row:
    return row(2, **({"start_date": OLD, "completion_date": ""} | data))


class TestEarlyHelp:
    visited: ClassVar = {"early_help_visit": {"1": days_ago(28)}}

    def test_a_visit_four_weeks_ago_counts_and_one_a_day_earlier_does_not(self) -> None:
        late = {"early_help_visit": {"1": days_ago(29)}}
        found = [judge_with("early_help_visit_4w", held, early())[0].state for held in (self.visited, late)]
        assert found == [IN, OUT]

    def test_a_child_counts_once_from_the_latest_assessment(self) -> None:
        judged = judge_with(
            "early_help_visit_4w", self.visited, early(at=2), early(at=3, start_date=days_ago(90)),
            early(at=4, start_date=ON + timedelta(days=1)),
        )  # fmt: skip
        assert [each.state for each in judged] == [EXCLUDED, IN, EXCLUDED]

    def test_who_is_open_to_social_care_is_left_out_until_that_is_closed(self) -> None:
        for child, state in ((cin(), EXCLUDED), (cin(end_date=days_ago(1)), IN)):
            assert judge_with("early_help_visit_4w", self.visited, early(), child)[0].state == state

    def test_early_help_that_has_ended_is_left_out_unless_it_began_again(self) -> None:
        held = self.visited | {"early_help_end": {"1": days_ago(40)}}
        assert [each.state for each in judge_with("early_help_visit_4w", held, early())] == [EXCLUDED]
        again = early(start_date=days_ago(39))
        assert [each.state for each in judge_with("early_help_visit_4w", held, again)] == [IN]


@pytest.mark.parametrize(
    ("code", "child"),
    [
        ("supervision_assessment", cin(case_status="assessment")),
        ("supervision_cin", cin()),
        ("supervision_cwd", cin(cwd=True)),
        ("supervision_cp", cin(case_status="cp")),
        ("supervision_cla", cin(case_status="cla")),
        ("supervision_care_leaver", leaver()),
        ("supervision_early_help", early()),
    ],
)
def test_each_cohort_is_supervised_within_its_own_interval(code: str, child: Row) -> None:
    cohort = code.removeprefix("supervision_")
    for ago, weeks, state in ((28, 4, IN), (29, 4, OUT), (42, 6, IN), (43, 6, OUT)):
        held = {"supervision": {"1": days_ago(ago)}}
        extracted = Extracted({child.list: [child]}, {}, held, supervised_days={cohort: 7 * weeks})
        assert [each.state for each in FORMULAS[code].judge(extracted, ON)] == [state]
        if child.list == 6:
            assert [each.state for each in FORMULAS["supervision_4w"].judge(extracted, ON)] == [state]
    other = cin() if cohort != "cin" else cin(case_status="cp")
    assert {each.state for each in judge_with(code, {"supervision": {}}, other)} <= {EXCLUDED}


class TestOpenAssessments:
    def test_one_is_overdue_after_forty_five_working_days(self) -> None:
        for days, state in ((45, OUT), (46, IN)):
            open_one = row(4, start_date=working_days_ago(days), authorised_date="")
            assert states("assessment_overdue", open_one) == [state]

    def test_an_authorised_one_is_no_open_one(self) -> None:
        long_ago = working_days_ago(60)
        assert states("assessment_overdue", row(4, start_date=long_ago, authorised_date=ON)) == [EXCLUDED]
        tomorrow = ON + timedelta(days=1)
        assert states("assessment_overdue", row(4, start_date=long_ago, authorised_date=tomorrow)) == [IN]
        assert states("assessment_overdue", row(4, start_date="", authorised_date="")) == [EXCLUDED]


def seen(code: str, *days: date, start: Any, authorised: Any = "") -> Judged:
    assessed = row(4, start_date=start, authorised_date=authorised)
    extracted = Extracted({4: [assessed]}, {}, {"child_seen": {}}, {"1": days})
    return FORMULAS[code].judge(extracted, ON)[0]


@pytest.mark.parametrize(("code", "limit"), [("assessment_visit_3d", 3), ("assessment_visit_10d", 10)])
class TestAssessmentVisits:
    def test_the_first_day_seen_from_the_start_counts(self, code: str, limit: int) -> None:
        start = days_ago(60)
        for taken, state in ((0, IN), (limit, IN), (limit + 1, OUT)):
            first = start + timedelta(days=taken)
            assert seen(code, start - timedelta(days=1), first, days_ago(1), start=start).state == state

    def test_one_who_is_not_seen_yet_is_left_out_until_the_day_is_over(self, code: str, limit: int) -> None:
        assert seen(code, start=days_ago(limit)).state == EXCLUDED
        assert seen(code, start=days_ago(limit + 1)).state == OUT

    def test_a_day_after_the_authorisation_is_of_another_assessment(self, code: str, limit: int) -> None:
        late = seen(code, days_ago(20), start=days_ago(60), authorised=days_ago(30))
        assert (late.state, late.due) == (OUT, None)

    def test_a_blank_start_is_not_in_time(self, code: str, limit: int) -> None:
        assert seen(code, ON, start="").state == OUT

    def test_without_a_list_of_days_nothing_is_known(self, code: str, limit: int) -> None:
        assert states(code, row(4, start_date=OLD, authorised_date="")) == [EXCLUDED]


def test_a_child_who_was_seen_late_is_to_be_seen_no_more() -> None:
    duty = next(one for one in DUTIES if one.key == "assessment_visit")
    assert duty.is_to_do(seen(duty.first, start=days_ago(60)))
    assert not duty.is_to_do(seen(duty.first, days_ago(40), start=days_ago(60)))
    assert not duty.is_to_do(seen(duty.first, start=days_ago(60), authorised=days_ago(30)))
    assert not duty.is_to_do(seen(duty.first, start=days_ago(1)))


@pytest.mark.parametrize(
    ("start", "earlier", "state"),
    [(date(2025, 9, 5), 1, IN), (date(2025, 9, 4), 1, EXCLUDED), (ON, 0, OUT), (ON + timedelta(days=1), 1, EXCLUDED),
     ("", 1, EXCLUDED), (ON, None, EXCLUDED)],
)  # fmt: skip
def test_a_new_second_plan_began_in_the_last_six_months(start: Any, earlier: int | None, state: State) -> None:
    assert states("cp_second_plan_new", cp(start_date=start, previous_plans=earlier)) == [state]
    assert states("cp_second_plan_new", cp(start_date=start, previous_plans=earlier, end_date=ON)) == [state]


@pytest.mark.parametrize(("code", "child"), [("cin_rate", cin()), ("cp_rate", cp()), ("cla_rate", cla())])
def test_a_rate_is_of_the_children_of_the_area(code: str, child: Row) -> None:
    judged = judge(code, child, replace(child, data=child.data | {"end_date": days_ago(1).isoformat()}))
    assert (share(FORMULAS[code], judged, 500).numerator, share(FORMULAS[code], judged, 500).denominator) == (1, 500)
    assert share(FORMULAS[code], judged).percent is None
