"""How allauth is closed: nobody signs themselves up, and nobody is recognised by an e-mail address alone."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthProcess
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from accounts import services
from accounts.models import Membership, User


class SignInBackend(AuthenticationBackend):
    """allauth's way of recognising somebody. Who asks, and what they may, is read anew on every request."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session with the memberships in force today, by one statement; None for who has left."""
        held = list(Membership.objects.active(timezone.localdate()).filter(user=user_id).select_related("user", "unit"))
        if not held:
            return super().get_user(user_id)
        user = held[0].user
        user.active_memberships = held
        return user


class ClosedAdapter(DefaultAccountAdapter):
    """Accounts are made by the council, never by the person at the sign-in page."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is wrong. Check both and try again",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, then try again",
        "incorrect_password": "The password is wrong",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs themselves up."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person with this address and password; None for whoever has left, just as for nobody."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether this is the password of the person who is signed in."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not again by somebody who signed in or proved themselves within the last minutes."""
        records = get_authentication_records(self.request, self.request.user)
        since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        if any(each.get("at", 0) > since for each in records):
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failed attempts are counted by address typed and place together: nobody locks a colleague out from afar."""
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}@{self.get_client_ip(request)}"


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"second factors|{key!s}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class SecondFactors(DefaultMFAAdapter):
    """Second factors: their secrets are encrypted in the database, and they are bound to SITE_URL."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The code is wrong or has run out. Enter the code that the app shows now",
    }

    def encrypt(self, text: str) -> str:
        """The secret as it is stored."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret itself, also where an earlier SECRET_KEY encrypted it."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """What the app calls this service."""
        return f"{settings.SERVICE_NAME} {settings.COUNCIL_NAME}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Keys are bound to the host of SITE_URL, whatever the request says."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "localhost", "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """The name that a new key is offered."""
        count = user.authenticator_set.filter(type=type).count()
        return f"Key {count + 1}"


class CouncilProvider(DefaultSocialAccountAdapter):
    """The council's identity provider: it lets in whoever an administrator has linked by issuer and subject."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody signs themselves up through it."""
        return False

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        """The provider of the settings alone; none can be added in the database."""
        if not settings.OIDC_ISSUER:
            return []
        apps = super().list_apps(request, provider=provider, client_id=client_id)
        return [app for app in apps if app.pk is None]

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse tokens of another issuer, links made by oneself, and subjects that nobody has linked."""
        claims = sociallogin.account.extra_data.get("id_token") or {}
        sociallogin.account.extra_data = {"iss": claims.get("iss")}
        trusted = claims.get("iss") == settings.OIDC_ISSUER and claims.get("sub") == sociallogin.account.uid
        linking = sociallogin.state.get("process") == AuthProcess.CONNECT
        if trusted and not linking and sociallogin.is_existing and sociallogin.user.is_active:
            sociallogin.account.save(update_fields=["extra_data"])
            return
        subject = sociallogin.account.uid if trusted and not sociallogin.is_existing else ""
        raise ImmediateHttpResponse(render(request, "accounts/not_linked.html", {"subject": subject}, status=403))


def password_was_set(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Write down that somebody changed their password; the new one ends every session by itself."""
    services.note_sign_in_change(user=user, what="password changed")


def second_factors_changed(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """A second factor was added, removed or renewed: every session but this one ends."""
    services.note_sign_in_change(user=user, what="second factor changed")
    user.refresh_from_db(fields=["session_epoch"])
    request.session.pop("second_factor", None)
    update_session_auth_hash(request, user)
