"""Autosave: the reply says what was saved; it never says anything to somebody else."""

from __future__ import annotations

import re

from django.test import Client

from accounts.models import User
from audits.models import Audit, Finding
from tests.audits.drafts import section
from tests.audits.pages import browser, section_url, text_of, typed, url


def test_a_save_says_when_what_version_and_what_is_left(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    reply = browser(auditor).post(section_url(row, "section_autosave"), typed(row, grade="")).json()
    row.refresh_from_db()
    assert re.fullmatch(r"\d\d:\d\d:\d\d", reply["saved_at"])
    assert (reply["version"], reply["state"], reply["left"]) == (row.version, "in_progress", "Left to do: the grade.")
    assert row.reason


def test_new_findings_get_their_keys_so_that_they_are_not_made_twice(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    block = {"strength": ["0", "3"], "strength-0-text": "", "strength-3-text": "Seen alone"}
    reply = client.post(section_url(row, "section_autosave"), typed(row, **block)).json()
    finding = Finding.objects.get()
    assert reply["findings"] == {"strength-3": str(finding.pk)}
    block |= {"strength-3-text": "Seen alone each time", "strength-3-id": reply["findings"]["strength-3"]}
    client.post(section_url(row, "section_autosave"), typed(row, **block, version=reply["version"]))
    assert Finding.objects.get().pk == finding.pk


def test_what_cannot_be_stored_stays_as_it_was_and_the_rest_is_saved(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    bad = {
        "grade": "excellent",
        "strength": ["0"],
        "strength-0-text": "Seen",
        "strength-0-evidence_date_day": "31",
        "strength-0-evidence_date_month": "2",
        "strength-0-evidence_date_year": "2026",
    }
    reply = client.post(section_url(row, "section_autosave"), typed(row, **bad)).json()
    row.refresh_from_db()
    assert row.reason
    assert row.grade == ""
    assert reply["errors"] == [
        "Choose one of the answers shown",
        "The date of the document must be a real date, like 27 3 2026",
    ]


def test_a_stored_finding_survives_a_half_typed_date(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    block = {"strength": ["0"], "strength-0-text": "Seen alone"}
    reply = client.post(section_url(row, "section_autosave"), typed(row, **block)).json()
    block |= {"strength-0-id": reply["findings"]["strength-0"], "strength-0-evidence_date_day": "3"}
    reply = client.post(section_url(row, "section_autosave"), typed(row, **block, version=reply["version"])).json()
    assert reply["errors"] == ["The date of the document must include a month and a year"]
    assert Finding.objects.get().text == "Seen alone"


def test_a_stale_version_is_a_conflict_and_changes_nothing(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    client.post(section_url(row, "section_autosave"), typed(row, reason="What the first tab says, at length."))
    answer = client.post(
        section_url(row, "section_autosave"), typed(row, reason="What the second tab says, at length.")
    )
    assert (answer.status_code, answer.json()) == (409, {"conflict": True})
    row.refresh_from_db()
    assert row.reason == "What the first tab says, at length."


def test_nobody_else_gets_an_answer_or_changes_anything(
    under_way: Audit, auditor: User, moderator: User, qa_lead: User
) -> None:
    row = section(under_way, "voice")
    address = section_url(row, "section_autosave")
    browser(auditor).post(address, typed(row, reason="Canary words of the auditor's own."))
    row.refresh_from_db()
    for person, status in ((moderator, 404), (qa_lead, 403)):
        for answer in (browser(person).get(address), browser(person).post(address, typed(row, reason="Mine now"))):
            assert answer.status_code == status
            assert "Canary" not in text_of(answer)
    row.refresh_from_db()
    assert row.reason == "Canary words of the auditor's own."


def test_somebody_signed_out_gets_401_as_a_script(under_way: Audit) -> None:
    row = section(under_way, "voice")
    answer = Client().post(section_url(row, "section_autosave"), typed(row), headers={"Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 401


def test_a_fresh_token_is_given_for_a_page_that_outlived_its_session(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = Client(enforce_csrf_checks=True)
    client.force_login(auditor)
    address = section_url(row, "section_autosave")
    assert client.post(address, typed(row)).status_code == 403
    token = client.get(address).json()["token"]
    assert client.post(address, {**typed(row), "csrfmiddlewaretoken": token}).status_code == 200


def test_after_submitting_it_says_that_the_audit_has_moved_on(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    Audit.objects.filter(pk=under_way.pk).update(status="submitted")
    answer = browser(auditor).post(section_url(row, "section_autosave"), typed(row))
    assert answer.status_code == 409
    assert answer.json()["moved_on"] == "This audit is now “Submitted”; you cannot change what was written."


def test_a_missing_or_mangled_version_is_never_a_silent_save(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    for version in ("", "abc", "-1", "0"):
        answer = client.post(section_url(row, "section_autosave"), typed(row, version=version))
        assert answer.status_code in (409, 422), version
    row.refresh_from_db()
    assert row.reason == ""


def test_the_overall_judgement_is_saved_in_the_same_way(under_way: Audit, auditor: User) -> None:
    address = url("overall_autosave", under_way)
    client = browser(auditor)
    data = {"version": under_way.version, "grade": "good", "working_well": "The child is known."}
    reply = client.post(address, data).json()
    under_way.refresh_from_db()
    assert (reply["version"], under_way.working_well) == (under_way.version, "The child is known.")
    assert reply["left"] == "Give the rationale for the overall grade."
    assert client.post(address, {**data, "worries": "Another tab"}).json() == {"conflict": True}
    assert client.get(address).json()["version"] == under_way.version
