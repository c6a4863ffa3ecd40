"""The frame of every page, its parts, and the pages for requests that could not be answered."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import timezone

from core import context, errors, navigation
from core.navigation import NavItem
from core.page_parts import SummaryRow, Tab, TaskItem, Tile, TimelineEntry

PERSON = SimpleNamespace(is_authenticated=True, get_full_name="Avery Example", get_username="avery")


def asked(path: str = "/", user: Any = None) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user or SimpleNamespace(is_authenticated=False)
    return request


def render(template: str, request: HttpRequest | None = None, **values: Any) -> str:
    loads = "{% load page_parts govuk_fields crispy_forms_filters %}"
    return engines["django"].from_string(loads + template).render(values, request or asked())


def page(request: HttpRequest, **values: Any) -> str:
    return render_to_string("layouts/page.html", {"user": request.user, **values}, request)


@pytest.fixture(autouse=True)
def own_navigation(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(context, "_unread_counter", None)
    yield


# Navigation


def test_entries_are_sorted_shown_to_their_audience_and_one_is_current() -> None:
    navigation.register(NavItem("Statement", "core:accessibility", order=20))
    navigation.register(NavItem("Home", "worklist:home", order=10))
    navigation.register(NavItem("Below", "core:session", order=30, prefix="/accessibility/more/"))
    navigation.register(NavItem("Hidden", "core:healthz", shown_to=lambda user: False))
    navigation.register(NavItem("Gone", "no-such-page"))
    navigation.register(NavItem("At the foot", "core:readyz", place="footer"))

    def current(path: str) -> list[str]:
        return [link.label for link in navigation.links_for(PERSON, path) if link.current]

    assert [link.label for link in navigation.links_for(PERSON, "/")] == ["Home", "Statement", "Below"]
    assert [link.label for link in navigation.links_for(PERSON, "/", "footer")] == ["At the foot"]
    assert current("/") == ["Home"]
    assert current("/accessibility") == ["Statement"]
    assert current("/accessibility/more/1") == ["Below"]
    assert current("/accessibilitymore") == []
    assert navigation.links_for(SimpleNamespace(is_authenticated=False), "/") == []


def test_the_pages_of_a_section_share_one_word_of_the_bar() -> None:
    navigation.register(NavItem("Home", "worklist:home", order=10))
    navigation.register(NavItem("Statement", "core:accessibility", order=20, section="Words"))
    navigation.register(NavItem("Session", "core:session", order=30, section="Words"))
    navigation.register(NavItem("Alive", "core:healthz", order=40, section="Machine"))

    bar = navigation.bar_for(PERSON, "/session")
    assert [(link.label, link.href, link.current) for link in bar.links] == [
        ("Home", "/", False), ("Words", "/accessibility", True), ("Alive", "/healthz", False),
    ]  # fmt: skip
    assert (bar.section, [link.label for link in bar.pages]) == ("Words", ["Statement", "Session"])
    assert navigation.bar_for(PERSON, "/").pages == ()
    assert navigation.bar_for(PERSON, "/healthz").pages == ()
    printed = page(asked("/session", PERSON))
    assert 'aria-label="Words"' in printed


def test_unread_notices_are_counted_by_whoever_registered() -> None:
    assert "unread" not in page(asked(user=PERSON))
    context.register_unread_counter(lambda user: 7)
    assert re.search(r"7<span[^>]*> unread</span>", page(asked(user=PERSON)))


# The frame


def test_a_page_has_language_title_one_heading_landmarks_and_a_skip_link() -> None:
    html = page(asked(user=PERSON))
    assert '<html lang="en"' in html
    assert f"– {settings.SERVICE_NAME} – {settings.COUNCIL_NAME}</title>" in html
    assert html.count("<h1") == html.count("<main") == html.count("<footer") == html.count("<header") == 1
    assert html.index('href="#main-content"') < html.index("<header")
    assert 'id="main-content"' in html


def test_sign_out_is_a_button_that_posts() -> None:
    html = page(asked(user=PERSON))
    assert re.search(r'<form method="post" action="/account/logout/">.*csrfmiddlewaretoken.*Sign out</button>', html)
    assert "Sign out" not in page(asked())


def test_every_template_of_ours_keeps_to_the_content_security_policy() -> None:
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|\|safe\b|autoescape off|<script(?![^>]*\bsrc=)")
    folder = Path(settings.TEMPLATES[0]["DIRS"][0])
    assert [path.name for path in folder.rglob("*.html") if inline.search(path.read_text())] == []


def test_every_static_file_can_be_served_under_a_hashed_name(tmp_path: Path) -> None:
    static = Path(settings.STATICFILES_DIRS[0])
    shutil.copytree(static, tmp_path / "out")
    storage = ManifestStaticFilesStorage(location=tmp_path / "out", base_url="/static/")
    names = [str(path.relative_to(static)) for path in static.rglob("*") if path.is_file()]
    outcomes = list(storage.post_process({name: (storage, name) for name in names}))
    assert [(name, outcome) for name, _, outcome in outcomes if isinstance(outcome, Exception)] == []
    assert len(storage.hashed_files) == len(names)


# Errors


def test_not_found_is_the_same_bytes_for_every_address_and_reason() -> None:
    first = errors.not_found(asked("/audits/1", PERSON), Http404("No Audit matches"))
    second = errors.not_found(asked("/cases/hidden"), Http404())
    assert first.status_code == second.status_code == 404
    assert first.content == second.content
    assert b"matches" not in first.content


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [
        (errors.bad_request, 400, "We could not understand that request"),
        (errors.forbidden, 403, "Your role does not allow it"),
        (errors.not_found, 404, "Page not found"),
        (errors.server_error, 500, "there is a problem with the service"),
        (errors.csrf_failure, 403, "This page is out of date"),
    ],
)
def test_error_pages_need_no_user_and_no_database(view: Any, status: int, words: str) -> None:
    response = view(RequestFactory().get("/x"))  # no request.user; a query would fail, this test has no database
    assert response.status_code == status
    assert words in response.content.decode()


def test_forbidden_gives_the_reason_of_the_refusal_escaped() -> None:
    response = errors.forbidden(asked(), PermissionDenied("You wrote this audit, so you cannot moderate <it>."))
    assert "You wrote this audit, so you cannot moderate &lt;it&gt;." in response.content.decode()


def test_conflict_says_what_the_thing_is_now_and_where_to_go_on() -> None:
    words = "This audit is now In moderation; you cannot submit it again."
    response = errors.conflict(asked(user=PERSON), words, back_url="/audits/1", back_label="Back to the audit")
    assert response.status_code == 409
    assert words in response.content.decode()
    assert '<a class="govuk-link" href="/audits/1">Back to the audit</a>' in response.content.decode()


# Parts


def test_grades_and_statuses_are_words_with_a_colour() -> None:
    html = render('{% grade_tag "requires_improvement" "Overall grade" %}{% grade_tag None %}')
    assert "grade-requires-improvement" in html
    assert "Overall grade: </span>Requires improvement</strong>" in html
    assert "Not graded" in html
    assert "govuk-tag--grey" in render('{% status_tag "<b>" "no-colour" %}')
    assert "&lt;b&gt;" in render('{% status_tag words "red" %}', words="<b>")


@pytest.mark.parametrize(
    ("template", "value", "words"),
    [
        ("{{ value|percent }}", None, "-"),
        ("{{ value|percent }}", 66.5, "67%"),
        ("{{ value|percent:1 }}", 66.65, "66.7%"),
        ("{{ value|percent }}", 0, "0%"),
        ("{{ value|day }}", dt.date(2026, 3, 4), "4 March 2026"),
        ("{{ value|day }}", dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC), "1 July 2026"),
        ("{{ value|day }}", None, ""),
        ("{{ value|moment }}", dt.datetime(2026, 6, 30, 13, 2, tzinfo=dt.UTC), "30 June 2026 at 14:02"),
        ("{{ value|month }}", "2026-04", "April 2026"),
        ("{{ value|grade_label }}", "requires_improvement", "Requires improvement"),
        ("{{ value|working_days_phrase }}", 3, "in 3 working days"),
        ("{{ value|working_days_phrase }}", 1, "in 1 working day"),
        ("{{ value|working_days_phrase }}", 0, "today"),
        ("{{ value|working_days_phrase }}", -2, "2 working days overdue"),
    ],
)
def test_words_for_figures_and_dates(template: str, value: Any, words: str) -> None:
    assert render(template, value=value) == words


def test_lists_of_parts_escape_and_tie_status_to_link() -> None:
    now = timezone.now()
    html = render(
        "{% task_list tasks %}{% summary_list rows %}{% timeline events 3 %}{% tiles tiles %}"
        "{% sub_navigation tabs 'Audit' %}",
        tasks=[TaskItem("<Plan>", "In progress", "/plan", "light-blue", "Reason missing"), TaskItem("End", "Locked")],
        rows=[SummaryRow("Team", "<Heron>", "/change")],
        events=[TimelineEntry("<Submitted>", now, "Avery", "one\ntwo")],
        tiles=[Tile("3", "<overdue>", "/overdue", tone="alert")],
        tabs=[Tab("<Summary>", "/a", current=True), Tab("History", "/b")],
    )
    assert 'aria-describedby="task-1-hint task-1-status"' in html
    assert 'id="task-1-status"' in html
    assert html.count('aria-current="page"') == 1
    assert "<h3" in html
    assert not re.search(r"<(Plan|Heron|Submitted|overdue|Summary)>", html)


def test_pages_of_a_list_keep_the_filters_and_the_order() -> None:
    request = asked("/audits/?team=3&grade=good&grade=inadequate&sort=-due&page=2")
    html = render("{% pagination page %}", request, page=Paginator(range(1000), 50).page(2))
    assert 'href="?team=3&amp;grade=good&amp;grade=inadequate&amp;sort=-due&amp;page=3"' in html
    assert html.count('aria-current="page"') == 1
    assert "Showing 51 to 100 of 1000" in html
    assert "<nav" not in render("{% pagination page %}", request, page=Paginator(range(50), 50).page(1))


def test_a_heading_sorts_one_way_and_then_the_other() -> None:
    heading = '{% sort_header "Due" "due" default="due" %}'
    assert 'aria-sort="ascending"' in render(heading, asked("/?page=3"))
    assert 'href="?sort=-due"' in render(heading, asked("/?page=3"))
    assert 'aria-sort="descending"' in render(heading, asked("/?sort=-due"))
    assert "aria-sort" not in render(heading, asked("/?sort=team"))


def test_every_account_page_is_in_the_frame(db: None) -> None:
    for name in ("login", "logout", "signup_closed", "password_reset", "password_reset_done", "account_inactive"):
        html = get_template(f"account/{name}.html").render({}, asked())
        assert html.count("<h1") == 1
        assert settings.COUNCIL_NAME in html
