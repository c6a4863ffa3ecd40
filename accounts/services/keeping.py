"""What somebody wrote in a form that they sent after their session had ended: kept until they have signed in again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import KeptForm, User
from core.sessions import SessionStore

# For the next working day, and a long weekend before it.
KEPT_FOR = timedelta(days=7)
# Of one person; the oldest go first.
MOST = 20
# Characters of one form, names and values together.
LONGEST = 1_000_000
LONGEST_PATH = 2000
# They belong to the page, not to what was written in it.
OF_THE_PAGE = frozenset({"csrfmiddlewaretoken", "kept"})


def writer_of(*, session_key: str) -> User | None:
    """Whose session ran out; None where it was ended on purpose, or its person cannot sign in any more."""
    row = Session.objects.filter(session_key=session_key).first()
    if row is None:
        return None
    was = SessionStore().decode(row.session_data)
    user = User.objects.filter(pk=was[SESSION_KEY], is_active=True).first() if SESSION_KEY in was else None
    if user is None or not constant_time_compare(was.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return user


def keep_form(*, by: User, path: str, fields: Iterable[tuple[str, str]]) -> KeptForm | None:
    """Keep what was written, for its writer alone. None where nothing was, or it is longer than any form of ours."""
    # A NUL is nothing that anybody types, and PostgreSQL refuses it.
    kept = [[name, value.replace("\0", "")] for name, value in fields if name not in OF_THE_PAGE]
    written = any(value.strip() for name, value in kept if name != "version")
    if not written or len(path) > LONGEST_PATH or sum(len(name) + len(value) for name, value in kept) > LONGEST:
        return None
    form = KeptForm.objects.create(user=by, path=path, fields=kept)
    older = KeptForm.objects.filter(user=by).order_by("-kept_at", "id").values_list("pk", flat=True)[MOST:]
    KeptForm.objects.filter(pk__in=list(older)).delete()
    return form


def drop_kept_form(*, kept: KeptForm, by: Any) -> None:
    """Forget what was kept: it was sent again, or its writer does not want it."""
    KeptForm.objects.visible_to(by).filter(pk=kept.pk).delete()


def forget_old_kept_forms(*, now: datetime | None = None) -> int:
    """Forget what nobody came back for within a week. Returns how many forms."""
    gone, _ = KeptForm.objects.filter(kept_at__lt=(now or timezone.now()) - KEPT_FOR).delete()
    return gone
