"""People join, change and leave. Whoever leaves is out on their very next request."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import can_grant, can_manage_people, must, no
from accounts.choices import STRONG_ROLES, GrantStatus
from accounts.models import GrantRequest, Membership, User
from accounts.services.roles import keep_a_keeper
from core.history.services import Entry, record, record_many
from core.jobs.services import enqueue


def add_user(*, email: str, name: str, by: Any, password: str | None = None, job_title: str = "") -> User:
    """A new person who may sign in; without a password only once one has been set.

    Raises NotAllowed for anyone but the QA unit, a system administrator and the system, and ValidationError where
    the address is none, or somebody has it already.
    """
    must(can_manage_people(by))
    EmailValidator("Enter an e-mail address in the right form, like name@council.gov.uk")(email)
    if taken := User.objects.filter(email=User.objects.normalize_email(email).lower()).first():
        raise ValidationError({"email": f"{taken.name} has this e-mail address already"})
    with transaction.atomic():
        user = User.objects.create_user(email, name, password, job_title=job_title)
        record(by=by, verb="added", record=user, values={"name": name, "email": user.email})
    return user


def edit_user(*, user: User, by: Any, name: str, email: str, job_title: str) -> list[str]:
    """Change who somebody is. Returns the names of the fields that changed; an unchanged person leaves no trace.

    A new e-mail address ends their sessions, since it is what they sign in with. Raises NotAllowed when `by` may not
    or it is themselves, ValidationError where the address is somebody else's.
    """
    must(can_manage_people(by))
    if getattr(by, "pk", None) == user.pk:
        must(no("You cannot change your own details. Ask a colleague."))
    email = User.objects.normalize_email(email).lower()
    if User.objects.exclude(pk=user.pk).filter(email=email).exists():
        raise ValidationError({"email": "Somebody else has this e-mail address"})
    wanted = {"name": name.strip(), "email": email, "job_title": job_title.strip()}
    changed = {field: value for field, value in wanted.items() if getattr(user, field) != value}
    if not changed:
        return []
    with transaction.atomic():
        for field, value in changed.items():
            setattr(user, field, value)
        user.save(update_fields=list(changed))
        if "email" in changed:
            end_sessions(user=user)
        record(by=by, verb="edited", record=user, values=changed)
    return sorted(changed)


def mark_as_left(*, user: User, by: Any, why: str, last_day: date | None = None, today: date | None = None) -> User:
    """Somebody has left, today unless another last day is said; a day to come is kept until then.

    On the day (or at once, where it has come): sessions end, they cannot sign in, roles end, requests for them are
    withdrawn. A last day in the future ends the roles on it and closes the account on the day after. Raises NotAllowed
    when `by` may not or it is themselves, ValidationError where nobody would be left to look after people.
    """
    must(can_manage_people(by))
    if getattr(by, "pk", None) == user.pk:
        must(no("You cannot mark yourself as having left. Ask a colleague."))
    today = today or timezone.localdate()
    last_day = last_day or today
    held = list(user.memberships.all())
    if user.is_active and any(membership.role in STRONG_ROLES for membership in held):
        keep_a_keeper(without=[membership.pk for membership in held], on=max(last_day, today) + timedelta(days=1))
    with transaction.atomic():
        user.left_on = last_day
        leaves_now = last_day <= today
        if leaves_now:
            user.is_active = False
        user.save(update_fields=["left_on", "is_active"])
        entries = [Entry(user, "left", why=why, values={"left_on": last_day})]
        for membership in held:
            entries += _end_with(membership, last_day)
        for asked in GrantRequest.objects.filter(user=user, status=GrantStatus.PENDING):
            asked.status, asked.decided_at = GrantStatus.WITHDRAWN, timezone.now()
            asked.save(update_fields=["status", "decided_at"])
            entries.append(Entry(asked, "withdrawn", why="The person left"))
        if leaves_now:
            end_sessions(user=user)
        record_many(by=by, entries=entries)
    return user


def _end_with(membership: Membership, last_day: date) -> list[Entry]:
    if membership.ends_on is not None and membership.ends_on <= last_day:
        return []
    if membership.starts_on > last_day:
        entry = Entry(membership, "withdrawn", why="The person left", values={"user": membership.user_id})
        membership.delete()
        return [entry]
    membership.ends_on = last_day
    membership.save(update_fields=["ends_on"])
    return [Entry(membership, "ended", why="The person left", values={"ends_on": last_day})]


def bring_back(*, user: User, by: Any, why: str) -> User:
    """Somebody who left works here again; they hold no role until one is given. Raises NotAllowed when `by` may not."""
    must(can_manage_people(by))
    with transaction.atomic():
        user.is_active, user.left_on = True, None
        user.save(update_fields=["is_active", "left_on"])
        record(by=by, verb="returned", record=user, why=why)
    return user


def close_accounts_of_leavers(*, by: Any, today: date) -> int:
    """Close the account of everybody whose last day has passed. Returns how many. For the nightly job."""
    must(can_manage_people(by))
    gone = User.objects.filter(is_active=True, left_on__lt=today)
    count = 0
    for user in gone:
        why = "The last day that was given has passed."
        mark_as_left(user=user, by=by, why=why, last_day=user.left_on, today=today)
        count += 1
    return count


def end_sessions(*, user: User) -> None:
    """End every session of a person, everywhere, from their very next request. No gate: callers have passed theirs."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


def note_sign_in_change(*, user: User, what: str) -> None:
    """Write down that somebody changed how they sign in, and end every session (the caller keeps its own)."""
    with transaction.atomic():
        end_sessions(user=user)
        record(by=user, verb=what, record=user)


def link_to_provider(*, user: User, subject: str, by: Any) -> None:
    """Say as which subject of the council's identity provider somebody signs in; blank takes the link away.

    Ends their sessions. Raises NotAllowed when `by` may not or it is themselves, ValidationError where somebody else
    has that subject.
    """
    must(can_grant(by, user))
    provider = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["provider_id"]
    subject = subject.strip()
    links = SocialAccount.objects.filter(provider=provider)
    held = links.filter(user=user).first()
    if (held.uid if held else "") == subject:
        return
    if subject and links.filter(uid=subject).exclude(user=user).exists():
        raise ValidationError({"subject": "Somebody else signs in as this"})
    with transaction.atomic():
        links.filter(user=user).delete()
        if subject:
            SocialAccount.objects.create(user=user, provider=provider, uid=subject)
        end_sessions(user=user)
        record(by=by, verb="linked to provider" if subject else "unlinked from provider", record=user)


def send_invitation(*, user: User, by: Any) -> None:
    """Ask for the e-mail with the link by which somebody sets their password. Raises NotAllowed when `by` may not."""
    must(can_manage_people(by))
    with transaction.atomic():
        enqueue("send_password_link", by=by, user_id=user.pk, invitation=True)
        record(by=by, verb="invited", record=user)


def forget_second_factors(*, user: User, by: Any, why: str) -> int:
    """Take away the second factors of somebody who has lost them: keys, app and recovery codes, and every session.

    Returns how many were taken away. They enrol again at the next sign-in. Raises NotAllowed when `by` may not or they
    are their own.
    """
    must(can_manage_people(by))
    if getattr(by, "pk", None) == user.pk:
        must(no("You cannot take away your own second factor here. Ask a colleague."))
    with transaction.atomic():
        count, _ = Authenticator.objects.filter(user=user).delete()
        end_sessions(user=user)
        record(by=by, verb="second factor taken away", record=user, why=why)
    return count
