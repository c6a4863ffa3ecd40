"""The digest: once on a working day, what is not urgent in one message for each person."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from core.jobs.services import JobFailed, JobRun, NotNow, enqueue, handles
from core.notifications.choices import Route
from core.notifications.models import Notice
from core.notifications.querysets import NoticeQuerySet
from core.notifications.services.kinds import may_open, title_of
from core.notifications.services.refusals import note_delivered, note_refused
from core.notifications.services.sending import GIVE_UP, TRY_AGAIN

SEND_DIGESTS, SEND_DIGEST = "send_digests", "send_digest"


@handles(SEND_DIGESTS, title="Send the morning’s digests")
def send_digests(run: JobRun, *, day: str) -> None:
    """Ask for one digest for each person who has something unread that is not urgent, once for the day."""
    people = sorted({str(key) for key in waiting().values_list("person", flat=True).order_by()})
    with run.completing(people=len(people)):
        for person in people:
            enqueue(SEND_DIGEST, key=f"digest:{day}:{person}", person_id=person, day=day)


def waiting() -> NoticeQuerySet:
    """What waits for a digest: not urgent, not sent, not withheld, and not read in the meantime."""
    return Notice.objects.filter(route=Route.DIGEST, sent_at=None, withheld_at=None, read_at=None)


@handles(SEND_DIGEST, title="Send one person’s digest")
def send_digest(run: JobRun, *, person_id: str, day: str) -> None:
    """Send one message with all that waits for this person and that they may still see.

    The rows are taken before the message goes out, in the transaction that completes the job, as for a single notice.
    """
    person = get_user_model()._default_manager.get(pk=person_id)
    found = list(waiting().filter(person=person).order_by("created_at", "id"))
    sent = [notice for notice in found if person.is_active and may_open(notice, person)]
    withheld = [notice.pk for notice in found if notice not in sent]
    now = timezone.now()
    if not sent:
        with run.completing(sent=0, withheld=len(withheld)):
            Notice.objects.filter(pk__in=withheld).update(withheld_at=now)
        return
    many = f"{len(sent)} notices" if len(sent) > 1 else "1 notice"
    lines = [_line(notice) for notice in sent]
    message = EmailMessage(
        subject=f"{settings.SERVICE_NAME}: {many}",
        body="\n".join([*lines, "", f"Sign in to read them: {settings.SITE_URL}{reverse('notifications:list')}", ""]),
        to=[person.email],
        headers={"Message-ID": f"<digest-{day}-{person.pk}@case-audit>"},
    )
    keys = [notice.pk for notice in sent]
    try:
        with run.completing(sent=len(sent), withheld=len(withheld)):
            Notice.objects.filter(pk__in=withheld).update(withheld_at=now)
            if Notice.objects.filter(pk__in=keys, sent_at=None).update(sent_at=now):
                message.send()
                note_delivered(person=person)
    except SMTPRecipientsRefused:
        note_refused(person=person, notices=keys)
        raise JobFailed("The mail server refused the address of the person who was to be told.") from None
    except OSError as problem:
        if now - sent[0].created_at > GIVE_UP:
            raise JobFailed("The mail server did not take this digest for a whole day.") from problem
        raise NotNow("The mail server did not take the message.", wait=TRY_AGAIN) from problem


def _line(notice: Notice) -> str:
    due = f" (due {date_format(notice.due_on, 'j F Y')})" if notice.due_on else ""
    return f"- {title_of(notice)}{due}"
