"""The feed for business intelligence: PostgreSQL's views, and the same rows as CSV for whoever holds a token."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.access import SYSTEM, must
from actions.models import Action
from audits.models import Audit
from core.history.services import record
from reports.access import can_keep_feed
from reports.models import FeedKey, FeedReading, FeedToken
from reports.rules.pseudonyms import pads
from reports.selectors.feed import SCHEMA, TABLES, Feed, FeedTable, create_statements, drop_statements

VIEWS = "views"
LONGEST = timedelta(days=366)
"""No token is good for longer than a year."""


class FeedRefused(Exception):
    """The feed is not open to this token; the message is a sentence."""


@dataclass(frozen=True)
class NewToken:
    """A token just made, with the secret that is shown this once."""

    token: FeedToken
    secret: str


def key_for(*, purpose: str) -> tuple[bytes, bytes]:
    """The halves of the key of one purpose; made at first use."""
    inner, outer = pads(secrets.token_bytes(32))
    key, _ = FeedKey.objects.get_or_create(purpose=purpose, defaults={"inner": inner, "outer": outer})
    return bytes(key.inner), bytes(key.outer)


def make_views() -> bool:
    """Put the views up anew, on PostgreSQL. False elsewhere, where there are none."""
    if connection.vendor != "postgresql":
        return False
    statements = create_statements()
    stand = hashlib.sha256("".join(statements).encode()).hexdigest()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", [SCHEMA])
        if cursor.fetchone() != (stand,):
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            # The comment says which views stand, so that a migration without news leaves them alone.
            for statement in (*drop_statements(), *statements, f"COMMENT ON SCHEMA {SCHEMA} IS '{stand}'"):
                cursor.execute(statement)
    key_for(purpose=VIEWS)
    return True


def drop_views() -> None:
    """Take the views away before the tables under them are changed; `make_views` puts them up again."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", [SCHEMA])
        if cursor.fetchone():
            for statement in (*drop_statements(), f"COMMENT ON SCHEMA {SCHEMA} IS NULL"):
                cursor.execute(statement)


def issue_token(*, name: str, tables: list[str], expires_on: date, by: Any) -> NewToken:
    """Make a token for a program. The secret is shown once and kept nowhere.

    Raises NotAllowed for whoever may not, FeedRefused with a sentence for tables or a day that will not do.
    """
    must(can_keep_feed(by))
    today = timezone.localdate()
    if not tables or not set(tables) <= set(TABLES):
        raise FeedRefused("Choose the tables that the program may read.")
    if not today < expires_on <= today + LONGEST:
        raise FeedRefused("Choose a last day within the next year.")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        token = FeedToken.objects.create(
            name=name, digest=_digest(secret), tables=sorted(tables), made_by=by, made_at=timezone.now(),
            expires_on=expires_on,
        )  # fmt: skip
        key_for(purpose=f"token:{token.pk}")
        record(by=by, verb="issued", record=token, values={"tables": token.tables, "until": expires_on})
    return NewToken(token, secret)


def revoke_token(*, token: FeedToken, by: Any) -> bool:
    """Take a token away, and its key with it: nobody can make its pseudonyms again. False where it was done before."""
    must(can_keep_feed(by))
    with transaction.atomic():
        moved = FeedToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by)
        if moved:
            FeedKey.objects.filter(purpose=f"token:{token.pk}").delete()
            record(by=by, verb="revoked", record=token)
    return bool(moved)


def _digest(secret: str) -> str:
    # A secret of 256 random bits needs no slow hash: nobody can try them all.
    return hashlib.sha256(secret.encode()).hexdigest()


def read_feed(*, secret: str, table: str, address: str | None) -> tuple[FeedTable, Iterator[tuple[Any, ...]]]:
    """The rows of a table for whoever holds a token that opens it; each reading is written down with its rows.

    Raises FeedRefused with one and the same sentence for whatever is wrong with the token.
    """
    found = FeedToken.objects.in_force(timezone.localdate()).filter(digest=_digest(secret)).first() if secret else None
    if found is None or table not in found.tables or not found.made_by.is_active or not can_keep_feed(found.made_by):
        raise FeedRefused("This token opens nothing here.")
    halves = key_for(purpose=f"token:{found.pk}")
    feed = Feed(Audit.objects.visible_to(SYSTEM), Action.objects.visible_to(SYSTEM))
    rows = list(TABLES[table].rows(feed, halves))
    FeedReading.objects.create(token=found, at=timezone.now(), table=table, rows=len(rows), address=address)
    return TABLES[table], iter(rows)
