"""The e-mails by which somebody sets a password. Their links lead to SITE_URL, whoever asked and however."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from accounts.models import User
from core.jobs.services import NotNow, enqueue

NOBODY = ""


def ask_for_password_link(*, email: str) -> None:
    """Ask for the e-mail with a link to choose a password.

    For an address that nobody has, or of somebody who has left, the same work is asked for and does nothing: neither
    the answer nor its time tells who has an account.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    enqueue("send_password_link", user_id=user.pk if user else NOBODY, invitation=False)


def password_link(*, user: User) -> str:
    """The address at which this person may choose a password once, within PASSWORD_RESET_TIMEOUT."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return settings.SITE_URL.rstrip("/") + path


def password_mail(*, name: str, link: str, invitation: bool) -> str:
    """The words of the e-mail; plain text, so nothing in it is escaped."""
    account = f"{settings.SERVICE_NAME} at {settings.COUNCIL_NAME}"
    ask_again = settings.SITE_URL.rstrip("/") + reverse("account_reset_password")
    if invitation:
        opening = f"you have an account for {account}. Choose a password here:"
    else:
        opening = f"somebody asked for a new password for your account for {account}. If it was you, choose one here:"
    closing = "We never ask for your password by e-mail or telephone."
    if not invitation:
        closing = f"If it was not you, ignore this e-mail: your password stays as it is.\n\n{closing}"
    return (
        f"Hello {name},\n\n{opening}\n\n{link}\n\n"
        f"The link works once, for one hour. If it has run out, ask for another here:\n\n{ask_again}\n\n{closing}\n"
    )


def send_password_link(*, user_id: str, invitation: bool) -> bool:
    """Send the e-mail. True if it was sent; False where there is nobody to send it to.

    Raises NotNow while the mail server cannot be reached.
    """
    user = User.objects.filter(pk=UUID(user_id), is_active=True).first() if user_id != NOBODY else None
    if user is None:
        return False
    subject = f"{settings.SERVICE_NAME}: {'your account' if invitation else 'choose a new password'}"
    text = password_mail(name=user.name, link=password_link(user=user), invitation=invitation)
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
    except (OSError, SMTPException) as down:
        raise NotNow("The mail server cannot be reached.", wait=timedelta(minutes=5)) from down
    return True
