"""Sending a notice by e-mail: its kind's sentence and a link, nothing of what it is about."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.utils import timezone

from core.jobs.services import JobFailed, JobRun, NotNow, handles
from core.notifications.models import Notice
from core.notifications.services.kinds import may_open, title_of
from core.notifications.services.refusals import note_delivered, note_refused

# While the mail server is away: how often to try again, and for how long. The notice itself is on the person's page.
TRY_AGAIN = timedelta(minutes=5)
GIVE_UP = timedelta(days=1)


@handles("send_notice", title="Send a notice by e-mail")
def send_notice(run: JobRun, *, notice_id: str) -> None:
    """Send one notice by e-mail, unless the person has left or may no longer see what it is about.

    The row is taken before the message goes out, in the transaction that completes the job: of two runs at
    once the second waits for the first and finds nothing left to send.
    """
    notice = Notice.objects.filter(pk=notice_id, sent_at=None, withheld_at=None).first()
    if notice is None:
        return
    unsent = Notice.objects.filter(pk=notice.pk, sent_at=None, withheld_at=None)
    person = get_user_model()._default_manager.get(pk=notice.person_id)
    if not (person.is_active and may_open(notice, person)):
        with run.completing(withheld=True):
            unsent.update(withheld_at=timezone.now())
        return
    title = title_of(notice)
    message = EmailMessage(
        subject=f"{settings.SERVICE_NAME}: {title}",
        body=f"{title}\n\nSign in to read it: {settings.SITE_URL}{notice.link}\n",
        to=[person.email],
        # The same for every attempt, so that a mail server may tell a repeat from a second message.
        headers={"Message-ID": f"<{notice.pk}@case-audit>"},
    )
    try:
        with run.completing(withheld=False):
            if unsent.update(sent_at=timezone.now()):
                message.send()
                note_delivered(person=person)
    except SMTPRecipientsRefused:
        note_refused(person=person, notices=[notice.pk])
        raise JobFailed("The mail server refused the address of the person who was to be told.") from None
    except OSError as problem:
        if timezone.now() - notice.created_at > GIVE_UP:
            raise JobFailed("The mail server did not take this notice for a whole day.") from problem
        raise NotNow("The mail server did not take the message.", wait=TRY_AGAIN) from problem
