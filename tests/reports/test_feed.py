"""The feed: de-identified facts for programs, the same in PostgreSQL's views and as CSV, for whoever holds a token."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.models import OrgUnit, User
from actions.models import Action
from audits.choices import AuditStatus, FindingKind
from audits.models import Audit, Finding
from audits.services.tallies import rebuild
from cases.models import Case
from core.history.models import Event
from reports.models import FeedKey, FeedReading, FeedToken
from reports.rules.pseudonyms import pads, plain, pseudonym
from reports.selectors.feed import TABLES, Feed
from reports.services import feed
from reports.services.feed import FeedRefused, NewToken, issue_token, revoke_token
from scripts import feed as page
from tests.factories.actions import ActionFactory
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def council(team: OrgUnit, other_team: OrgUnit) -> None:
    """A settled audit whose grade moderation changed, a provisional one, a draft, and one of a restricted case."""
    settled = graded_audit("inadequate", case=CaseFactory(team=team), rationale="Sensitive words")
    Audit.objects.filter(pk=settled.pk).update(auditor_grade="good", allocated_at=timezone.now() - timedelta(days=90))
    settled.sections.update(grade="good", settled_grade="inadequate", reason="Sensitive words")
    left_out = settled.sections.order_by("pk")[0]
    left_out.not_applicable = True
    left_out.save()
    for kind in FindingKind.values:
        Finding.objects.create(audit=settled, audit_section=left_out, kind=kind, text="Sensitive words")
    provisional = graded_audit("good", case=CaseFactory(team=other_team), status=AuditStatus.SUBMITTED)
    Audit.objects.filter(pk=provisional.pk).update(settled_at=None)
    provisional.sections.update(grade="good")
    graded_audit("good", case=CaseFactory(team=team), status=AuditStatus.IN_PROGRESS)
    hidden = graded_audit("outstanding", case=CaseFactory(team=team))
    ActionFactory(case=settled.case, what="Sensitive words")
    ActionFactory(case=hidden.case)
    Case.objects.filter(pk=hidden.case_id).update(restricted=True)


def token(by: User, *tables: str) -> NewToken:
    until = timezone.localdate() + timedelta(days=30)
    return issue_token(name="Power BI", tables=list(tables or TABLES), expires_on=until, by=by)


def ask(client: Client, secret: str, table: str) -> Any:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.get(reverse("reports:feed_csv", args=[table]), headers=headers)


def read(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_halves_of_a_key_make_the_same_pseudonyms_as_hmac() -> None:
    for length in (1, 32, 64, 65, 200):
        key, record = b"k" * length, uuid4()
        assert pseudonym(pads(key), "audit", record) == plain(key, "audit", record)
    assert pseudonym(pads(b"k"), "audit", None) is None
    record = uuid4()
    assert pseudonym(pads(b"k"), "audit", record) != pseudonym(pads(b"k"), "case", record)


def test_a_token_reads_facts_without_names_references_or_texts(client: Client, qa_lead: User, council: None) -> None:
    secret = token(qa_lead).secret
    everything = ""
    for name in TABLES:
        answer = ask(client, secret, name)
        everything += answer.content.decode("utf-8-sig")
        assert list(read(answer)[0]) == [column.name for column in TABLES[name].columns]
    rows = read(ask(client, secret, "audits"))
    assert [(row["grade"], row["auditor_grade"], row["provisional"]) for row in rows] in (
        [("inadequate", "good", "False"), ("good", "good", "True")],
        [("good", "good", "True"), ("inadequate", "good", "False")],
    )
    known = [
        *Audit.objects.values_list("reference", flat=True), *Case.objects.values_list("reference", flat=True),
        *Action.objects.values_list("reference", flat=True), *User.objects.values_list("name", flat=True),
        *map(str, Audit.objects.values_list("pk", flat=True)), *map(str, Case.objects.values_list("pk", flat=True)),
        "Sensitive",
    ]  # fmt: skip
    assert not [word for word in known if word in everything]
    assert not re.search(r"\d{4}-\d{2}-\d{2}", everything)


def test_restricted_cases_and_drafts_are_left_out(client: Client, qa_lead: User, council: None) -> None:
    secret = token(qa_lead).secret
    rows = read(ask(client, secret, "audits"))
    assert {row["status"] for row in rows} == {"feedback_issued", "submitted"}
    assert "outstanding" not in {row["grade"] for row in rows}
    assert len(read(ask(client, secret, "actions"))) == 1


def test_what_two_programs_read_cannot_be_joined_but_one_programs_tables_can(
    client: Client, qa_lead: User, council: None
) -> None:
    one, two = token(qa_lead).secret, token(qa_lead).secret

    def ids(secret: str, table: str) -> set[str]:
        return {row["audit_id"] for row in read(ask(client, secret, table))}

    assert ids(one, "audits") == ids(one, "audits")
    assert ids(one, "sections") <= ids(one, "audits")
    assert not ids(one, "audits") & ids(two, "audits")


def test_only_the_digest_of_a_token_is_kept_and_each_reading_is_written_down(
    client: Client, qa_lead: User, council: None
) -> None:
    made = token(qa_lead, "audits")
    held = FeedToken.objects.get()
    assert made.secret not in str(FeedToken.objects.values().get())
    ask(client, made.secret, "audits")
    reading = FeedReading.objects.get()
    assert (reading.token, reading.table, reading.rows, reading.address) == (held, "audits", 2, "127.0.0.1")
    for change in (lambda: FeedReading.objects.update(rows=0), FeedReading.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.parametrize("fault", ["none", "wrong", "other table", "revoked", "over", "keeper gone"])
def test_a_token_that_opens_nothing_gets_one_and_the_same_answer(
    client: Client, qa_lead: User, council: None, fault: str
) -> None:
    made = token(qa_lead, "audits")
    table, secret = "audits", made.secret
    if fault == "none":
        secret = ""
    elif fault == "wrong":
        secret = "x" * 43
    elif fault == "other table":
        table = "actions"
    elif fault == "revoked":
        revoke_token(token=made.token, by=qa_lead)
    elif fault == "over":
        FeedToken.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    else:
        qa_lead.memberships.update(ends_on=date(2026, 1, 1))
    answer = ask(client, secret, table)
    assert (answer.status_code, answer.content) == (401, b"This token opens nothing here.")
    assert not FeedReading.objects.exists()


def test_a_revoked_token_takes_its_key_along(qa_lead: User) -> None:
    made = token(qa_lead)
    assert FeedKey.objects.filter(purpose=f"token:{made.token.pk}").exists()
    assert revoke_token(token=made.token, by=qa_lead)
    assert not revoke_token(token=made.token, by=qa_lead)
    assert not FeedKey.objects.filter(purpose=f"token:{made.token.pk}").exists()
    assert list(Event.objects.filter(object_id=made.token.pk).values_list("verb", flat=True)) == ["issued", "revoked"]


def test_nobody_but_the_qa_lead_makes_or_takes_away_tokens(qa_lead: User, qa_admin: User) -> None:
    with pytest.raises(NotAllowed):
        token(qa_admin)
    made = token(qa_lead)
    with pytest.raises(NotAllowed):
        revoke_token(token=made.token, by=qa_admin)
    assert FeedToken.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(("tables", "days"), [([], 30), (["audits", "users"], 30), (["audits"], 0), (["audits"], 400)])
def test_a_token_is_for_known_tables_and_a_year_at_most(qa_lead: User, tables: list[str], days: int) -> None:
    with pytest.raises(FeedRefused):
        issue_token(name="x", tables=tables, expires_on=timezone.localdate() + timedelta(days=days), by=qa_lead)
    assert not FeedToken.objects.exists()


def test_the_page_shows_a_token_once(client: Client, qa_lead: User) -> None:
    client.force_login(qa_lead)
    until = timezone.localdate() + timedelta(days=30)
    data = {
        "name": "Power BI", "tables": ["audits"], "expires_on_day": until.day, "expires_on_month": until.month,
        "expires_on_year": until.year,
    }  # fmt: skip
    shown = client.post(reverse("reports:feed"), data).content.decode()
    secret = re.search(r"<code class=\"app-text\">([\w-]{43})</code>", shown)
    assert secret
    assert ask(Client(), secret.group(1), "audits").status_code == 200
    assert secret.group(1) not in client.get(reverse("reports:feed")).content.decode()


def test_the_dictionary_in_the_handbook_is_that_of_the_feed() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.text(), "run: .venv/bin/python -m scripts.feed"


@pytest.mark.sqlite
def test_elsewhere_than_on_postgresql_there_are_no_views() -> None:
    assert feed.make_views() is False
    feed.drop_views()


def fetched(sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [column.name for column in cursor.description], cursor.fetchall()


@pytest.mark.postgres
@pytest.mark.parametrize("name", TABLES)
def test_the_views_hold_the_very_rows_of_the_csv(name: str, council: None) -> None:
    columns, rows = fetched(f'SELECT * FROM reporting."{name}"')
    assert columns == [column.name for column in TABLES[name].columns]
    held = Feed(Audit.objects.visible_to(SYSTEM), Action.objects.visible_to(SYSTEM))
    expected = list(TABLES[name].rows(held, feed.key_for(purpose=feed.VIEWS)))
    assert rows
    assert sorted(rows, key=str) == sorted(expected, key=str)


@pytest.mark.postgres
def test_the_views_explain_themselves() -> None:
    _, rows = fetched("SELECT * FROM reporting.dictionary")
    assert len(rows) == sum(len(table.columns) for table in TABLES.values())
    _, said = fetched("SELECT col_description('reporting.audits'::regclass, 1)")
    assert said == [(TABLES["audits"].columns[0].meaning,)]


@pytest.mark.postgres
def test_a_role_of_the_recipe_reads_the_views_and_nothing_else(council: None) -> None:
    recipe = (page.ROOT / "deploy" / "bi-role.sql").read_text(encoding="utf-8")
    statements = [text for text in re.sub(r"--.*", "", recipe).split(";") if text.strip()]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.replace("case_audit_bi", "case_audit_bi_test").replace("LOGIN PASSWORD '...'", ""))
        cursor.execute("SET LOCAL ROLE case_audit_bi_test")
        cursor.execute("SELECT count(*) FROM reporting.audits")
        assert cursor.fetchone() == (2,)
        for sql in ("SELECT 1 FROM public.audits_audit", "SELECT 1 FROM public.reports_feedkey",
                    "DELETE FROM reporting.audits"):  # fmt: skip
            with pytest.raises(DatabaseError, match="permission denied|cannot delete"), transaction.atomic():
                cursor.execute(sql)
        cursor.execute("RESET ROLE")
        transaction.set_rollback(True)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_bi_tool_signs_in_counts_what_the_command_counts_and_reaches_no_other_table(council: None) -> None:
    """With a connection and a password of its own, as Power BI has them."""
    import psycopg

    recipe = re.sub(r"--.*", "", (page.ROOT / "deploy" / "bi-role.sql").read_text(encoding="utf-8"))
    role, password = "case_audit_bi_login", "kestrel-9Q"
    at = {"host": connection.settings_dict["HOST"], "port": connection.settings_dict["PORT"] or 5432}
    rebuild()
    with connection.cursor() as owner:
        owner.execute(recipe.replace("case_audit_bi", role).replace("'...'", f"'{password}'"))
        try:
            with psycopg.connect(
                dbname=connection.settings_dict["NAME"], user=role, password=password, autocommit=True, **at
            ) as bi:
                rows = bi.execute(
                    "SELECT service, count(*) FROM reporting.audits WHERE purpose = 'standard' AND counted_grade <> '' "
                    "GROUP BY service ORDER BY service"
                ).fetchall()
                tables = bi.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
                assert len(tables) > 50
                for (table,) in tables:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        bi.execute(f'SELECT 1 FROM public."{table}"')
                with pytest.raises(psycopg.Error):
                    bi.execute("CREATE TABLE public.mine (it int)")
        finally:
            owner.execute(f"DROP OWNED BY {role}")
            owner.execute(f"DROP ROLE {role}")
    out = io.StringIO()
    call_command(
        "grade_table", "--from", "2026-10", "--to", "2026-10", "--by", "service", "--format", "json", stdout=out
    )
    told = json.loads(out.getvalue())
    # The restricted case counts in the table and is in no feed.
    assert sum(count for _, count in rows) == told["total"]["audited"] - 1
    assert {name for name, _ in rows} == {row["key"] for row in told["rows"]}


@pytest.mark.postgres
def test_views_go_before_a_migration_and_come_back_after_it() -> None:
    feed.drop_views()
    assert fetched("SELECT count(*) FROM pg_views WHERE schemaname = 'reporting'")[1] == [(0,)]
    assert feed.make_views()
    assert fetched("SELECT count(*) FROM pg_views WHERE schemaname = 'reporting'")[1] == [(len(TABLES) + 1,)]
