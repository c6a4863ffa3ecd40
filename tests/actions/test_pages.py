"""The pages of actions: lists, one action and its moves, bulk changes, and what each reader gets."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import OrgUnit, User
from actions.choices import ActionStatus, Level, Origin, Verifier
from actions.models import Action
from actions.selectors.themes import ThemeGroup, register_theme_provider, theme_groups
from cases.models import Case
from core.history.models import AccessEvent
from core.working_days import add_working_days
from tests.factories.actions import ActionFactory, claimed
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def change(user: User, action: Action, verb: str, **typed: Any) -> Any:
    """What a browser sends for the form of a move."""
    typed.setdefault("version", str(Action.objects.get(pk=action.pk).version))
    return browser(user).post(reverse("actions:change", args=[action.pk, verb]), typed)


def test_from_creation_to_verification_over_the_pages(case: Case, practitioner: User, team_manager: User) -> None:
    typed = {
        "what": "See the child alone and record what they say.", "how_we_know": "A case note.", "level": "case",
        "owner": str(practitioner.pk), "priority": "high",
    }  # fmt: skip
    address = reverse("actions:create_for_case", args=[case.pk])
    assert browser(team_manager).get(address).status_code == 200
    created = browser(team_manager).post(address, typed, follow=True)
    action = Action.objects.get()
    assert f"Action {action.reference} was created" in created.content.decode()
    assert change(practitioner, action, "update", text="Visit arranged.").status_code == 302
    assert change(practitioner, action, "claim", text="Seen.", document="Case note").status_code == 302
    listed = browser(team_manager).get(reverse("actions:list"), {"show": "verify"})
    assert [line.id for line in listed.context["lines"]] == [action.pk]
    assert change(team_manager, action, "send_back", why="No date.").status_code == 302
    assert change(practitioner, action, "claim", text="Seen on Monday.").status_code == 302
    assert change(team_manager, action, "verify").status_code == 302
    page = browser(practitioner).get(reverse("actions:detail", args=[action.pk])).content.decode()
    for words in ("Verified that it is done", "Sent it back", "No date.", "Evidence: Case note", "Visit arranged."):
        assert words in page


def test_the_owner_is_not_offered_to_verify_and_is_refused(case: Case, practitioner: User) -> None:
    action = claimed(owner=practitioner, case=case)
    page = browser(practitioner).get(reverse("actions:detail", args=[action.pk]))
    assert "verify" not in [verb for verb, _ in page.context["buttons"]]
    assert change(practitioner, action, "verify").status_code == 403
    action.refresh_from_db()
    assert action.status == ActionStatus.CLAIMED


def test_a_reason_is_asked_for_and_the_words_stay(case: Case, practitioner: User, team_manager: User) -> None:
    action = claimed(owner=practitioner, case=case)
    answer = change(team_manager, action, "send_back", why="   ")
    assert answer.status_code == 200
    assert "Say why" in answer.content.decode()
    late = ActionFactory(owner=practitioner, case=case, due_on=timezone.localdate())
    answer = change(
        team_manager, late, "move_due", why="The school is closed.",
        due_on_day="1", due_on_month="1", due_on_year="2020",
    )  # fmt: skip
    assert "The due date must be today or later" in answer.content.decode()
    assert "The school is closed." in answer.content.decode()


def test_a_page_that_is_out_of_date_gets_409_and_changes_nothing(
    case: Case, practitioner: User, team_manager: User
) -> None:
    action = claimed(owner=practitioner, case=case)
    assert change(team_manager, action, "verify", version="0").status_code == 409
    assert change(team_manager, action, "verify").status_code == 302
    again = change(team_manager, action, "verify")
    assert again.status_code == 409
    assert "is now “Verified”; you cannot verify it" in again.content.decode()
    assert action.moves.count() == 1


def test_what_is_hidden_is_404_like_what_does_not_exist(case: Case, practitioner: User, auditor: User) -> None:
    action = ActionFactory(owner=practitioner, case=case)
    client = browser(auditor)
    hidden = client.get(reverse("actions:detail", args=[action.pk]))
    none = client.get(reverse("actions:detail", args=[uuid.uuid4()]))
    assert (hidden.status_code, none.status_code) == (404, 404)
    assert hidden.content == none.content
    assert change(auditor, action, "verify").status_code == 404
    assert AccessEvent.objects.filter(purpose=AccessEvent.Purpose.REFUSED, actor=auditor).count() == 3
    assert browser(practitioner).get(reverse("actions:change", args=[action.pk, "fly"])).status_code == 404


def test_a_view_of_an_action_is_a_view_of_its_case(case: Case, practitioner: User) -> None:
    action = ActionFactory(owner=practitioner, case=case)
    browser(practitioner).get(reverse("actions:detail", args=[action.pk]))
    line = AccessEvent.objects.get().lines.get()
    assert (line.kind, line.object_id) == ("cases.case", case.pk)


def test_the_lists_and_their_counts(case: Case, practitioner: User, team_manager: User, team: OrgUnit) -> None:
    today = timezone.localdate()
    last_working_day = add_working_days(today + timedelta(days=1), -1)
    late = ActionFactory(owner=practitioner, case=case, due_on=add_working_days(last_working_day, -3))
    soon = ActionFactory(owner=practitioner, case=case, due_on=today)
    waiting = claimed(owner=practitioner, case=case)
    ActionFactory(owner=practitioner, case=case, status=ActionStatus.CANCELLED)
    ActionFactory(case=CaseFactory())
    wanted = {
        "mine": [], "team": [late, soon, waiting], "overdue": [late], "week": [soon], "verify": [waiting],
    }  # fmt: skip
    for show, rows in wanted.items():
        answer = browser(team_manager).get(reverse("actions:list"), {"show": show})
        assert [line.id for line in answer.context["lines"]] == [row.pk for row in rows], show
        label = next(tab.label for tab in answer.context["tabs"] if tab.current)
        assert label.endswith(f"({len(rows)})")
    page = browser(team_manager).get(reverse("actions:list"), {"show": "overdue"}).content.decode()
    assert "3 working days overdue" in page
    mine = browser(practitioner).get(reverse("actions:list"))
    assert [line.id for line in mine.context["lines"]] == [late.pk, soon.pk]


def test_filters_and_order_stand_in_the_address(case: Case, practitioner: User, qa_lead: User) -> None:
    first = ActionFactory(owner=practitioner, case=case, priority="low", due_on=timezone.localdate())
    second = ActionFactory(owner=practitioner, case=case, priority="immediate", due_moves=2)
    client, address = browser(qa_lead), reverse("actions:list")
    by_priority = client.get(address, {"show": "all", "sort": "priority"})
    assert [line.id for line in by_priority.context["lines"]] == [second.pk, first.pk]
    low = client.get(address, {"show": "all", "priority": "low"})
    assert [line.id for line in low.context["lines"]] == [first.pk]
    moved = client.get(address, {"show": "all", "moved": "on"})
    assert [line.id for line in moved.context["lines"]] == [second.pk]
    wrong = client.get(address, {"show": "all", "priority": "urgent"})
    assert wrong.status_code == 200
    assert "Choose one of the answers shown" in wrong.content.decode()


def test_many_are_changed_at_once_with_a_list_of_done_and_refused(
    case: Case, practitioner: User, service_lead: User
) -> None:
    fine = ActionFactory(owner=practitioner, case=case)
    inadequate = ActionFactory(owner=practitioner, case=case, from_inadequate=True, verifier=Verifier.QA)
    done = ActionFactory(owner=practitioner, case=case, status=ActionStatus.CANCELLED)
    foreign = ActionFactory(case=CaseFactory())
    keys = [str(action.pk) for action in (fine, inadequate, done, foreign)]
    client, address = browser(service_lead), reverse("actions:change_many")
    first = client.post(address, {"action": [*keys, "nonsense"]})
    assert len(first.context["chosen"]) == 3, "what cannot be seen is not there"
    nothing = client.post(address, {"action": keys, "step": "change", "change": "cancel", "why": " "})
    assert "Say why" in nothing.content.decode()
    answer = client.post(address, {"action": keys, "step": "change", "change": "cancel", "why": "The family moved."})
    result = answer.context["result"]
    assert [action.pk for action in result.done] == [fine.pk]
    assert {refused.row.pk: refused.why for refused in result.refused} == {
        inadequate.pk: "Only the QA lead can cancel this action.",
        done.pk: "This action is now “Cancelled”; you cannot cancel it.",
    }
    assert answer.context["left_out"] == 1
    page = answer.content.decode()
    assert "1 of those that you ticked is left out" in page
    assert 'name="why" value="The family moved."' in page
    refused = [str(each.row.pk) for each in result.refused]
    again = client.post(address, {"action": refused, "step": "again", "change": "cancel", "why": "The family moved."})
    assert "The family moved.</textarea>" in again.content.decode()
    assert not again.context["form"].errors
    assert Action.objects.get(pk=inadequate.pk).status != ActionStatus.CANCELLED
    assert client.post(address, {"step": "change", "change": "note", "why": "x"}).status_code == 200


def test_many_get_a_new_owner_a_new_date_or_a_note(
    case: Case, practitioner: User, team_manager: User, qa_lead: User
) -> None:
    rows = [ActionFactory(owner=practitioner, case=case) for _ in range(3)]
    base = {"action": [str(row.pk) for row in rows], "step": "change", "why": "Cover for leave."}
    client, address = browser(qa_lead), reverse("actions:change_many")
    assert "Choose the new owner" in client.post(address, {**base, "change": "reassign"}).content.decode()
    given = client.post(address, {**base, "change": "reassign", "owner": str(team_manager.pk)})
    assert len(given.context["result"].done) == 3
    new = timezone.localdate() + timedelta(days=9)
    typed = {"due_on_day": new.day, "due_on_month": new.month, "due_on_year": new.year}
    moved = client.post(address, {**base, "change": "move_due", **typed})
    assert len(moved.context["result"].done) == 3
    assert len(client.post(address, {**base, "change": "note"}).context["result"].done) == 3
    row = Action.objects.get(pk=rows[0].pk)
    assert (row.owner, row.due_on, row.due_moves) == (team_manager, new, 1)
    assert row.original_due_on == rows[0].original_due_on
    assert row.notes.get().text == "Cover for leave."


def test_duplicates_are_shown_and_a_tick_makes_it_all_the_same(
    case: Case, practitioner: User, team_manager: User
) -> None:
    before = theme_groups
    register_theme_provider(lambda: [ThemeGroup("Practice", ("Child's voice", "Chronology"))])
    try:
        ActionFactory(owner=practitioner, case=case, themes=["Chronology"], reference="ACT-2020-77777")
        typed = {
            "what": "Bring the chronology up to date.", "how_we_know": "It is.", "level": "case",
            "owner": str(practitioner.pk), "priority": "high", "themes": ["Chronology"],
        }  # fmt: skip
        address = reverse("actions:create_for_case", args=[case.pk])
        shown = browser(team_manager).post(address, typed)
        assert "There may be an action for this already" in shown.content.decode()
        assert "ACT-2020-77777" in shown.content.decode()
        assert Action.objects.count() == 1
        browser(team_manager).post(address, {**typed, "despite_duplicates": "on"})
        assert Action.objects.count() == 2
    finally:
        groups = before()
        register_theme_provider(lambda: groups)


@pytest.mark.parametrize("show", ["team", "verify", "overdue", "all"])
def test_a_list_asks_the_database_no_more_when_it_is_longer(
    show: str, case: Case, practitioner: User, team_manager: User
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser(team_manager).get(reverse("actions:list"), {"show": show}).status_code == 200
        return len(queries)

    claimed(owner=practitioner, case=case)
    ActionFactory(owner=practitioner, case=case, due_on="2026-01-05")
    asked()  # the first page of all begins the log of views
    few = asked()
    for _ in range(20):
        claimed(owner=practitioner, case=CaseFactory(team=case.team))
        ActionFactory(owner=practitioner, case=CaseFactory(team=case.team), due_on="2026-01-05")
    assert asked() == few


def test_hostile_and_long_text_is_kept_and_escaped(case: Case, practitioner: User, team_manager: User) -> None:
    action = ActionFactory(owner=practitioner, case=case)
    hostile = "<script>alert(1)</script> ‘Word’ \u202eevil 👍"
    assert change(practitioner, action, "update", text=hostile).status_code == 302
    page = browser(team_manager).get(reverse("actions:detail", args=[action.pk])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ‘Word’ evil 👍" in page
    assert "Shorten this" in change(practitioner, action, "update", text="x" * 20_000).content.decode()


def test_every_role_opens_the_list_on_an_empty_database(
    qa_lead: User, read_only: User, system_administrator: User, practitioner: User, panel_member: User
) -> None:
    for person in (qa_lead, read_only, system_administrator, practitioner, panel_member):
        assert browser(person).get(reverse("actions:list")).status_code == 200
        assert browser(person).get(reverse("actions:recommendations")).status_code == 200


@pytest.mark.parametrize("unit", ["", "nonsense", "\x00", "00000000-0000-0000-0000-000000000000", "the other team's"])
def test_a_unit_that_was_not_offered_is_refused_and_for_a_case_has_no_effect(
    unit: str, service_lead: User, other_team: OrgUnit, case: Case
) -> None:
    unit = str(other_team.pk) if unit.startswith("the") else unit
    typed = {
        "what": "Run a workshop on recording.", "how_we_know": "Attendance.", "owner": str(service_lead.pk),
        "priority": "low", "unit": unit,
    }  # fmt: skip
    client, stand_alone = browser(service_lead), reverse("actions:create")
    refused = client.post(f"{stand_alone}?unit={other_team.pk}", {**typed, "level": Level.TEAM})
    assert "unit" in refused.context["form"].errors
    assert not Action.objects.exists()
    address = reverse("actions:create_for_case", args=[case.pk])
    client.post(f"{address}?unit={other_team.pk}", {**typed, "level": Level.CASE})
    made = Action.objects.get()
    assert (made.case, made.team, made.service) == (case, case.team, case.service)


def test_stand_alone_for_a_service_and_the_partnership(
    qa_lead: User, service_lead: User, service: OrgUnit, practitioner: User
) -> None:
    typed = {
        "what": "Run a workshop on recording.", "how_we_know": "Attendance.", "owner": str(service_lead.pk),
        "priority": "low",
    }  # fmt: skip
    address = reverse("actions:create")
    browser(qa_lead).post(address, {**typed, "level": Level.SERVICE, "unit": str(service.pk)})
    browser(qa_lead).post(address, {**typed, "level": Level.PARTNERSHIP})
    made = list(Action.objects.order_by("reference").values_list("level", "service", "verifier", "origin"))
    assert made == [
        (Level.SERVICE, service.pk, Verifier.QA, Origin.STAND_ALONE),
        (Level.PARTNERSHIP, None, Verifier.QA, Origin.STAND_ALONE),
    ]
    without = browser(qa_lead).post(address, {**typed, "level": Level.TEAM})
    assert "Choose the service or team" in without.content.decode()
    assert browser(practitioner).get(address).status_code == 403
