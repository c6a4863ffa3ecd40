"""How people sign in: password and second factor, or the council's own identity provider. See docs/adr/0006-sign-in.md.

Part of the base settings; nothing here reads the database.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from config.env import env

AUTHENTICATION_BACKENDS = ["accounts.adapter.SignInBackend"]
PASSWORD_RESET_TIMEOUT = 3600

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "worklist:home"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
# What needs to be sure that it is you (a second factor, a role) asks again after a quarter of an hour.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# A failed sign-in counts against the address typed together with where it comes from, so that nobody can lock a
# colleague out from elsewhere; and against where it comes from alone.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
}
# How many proxies of our own stand in front and write X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

# A second factor, without which nobody gets past the page that sets one up.
MFA_REQUIRED = True
MFA_ADAPTER = "accounts.adapter.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TRUST_ENABLED = False
MFA_TOTP_TOLERANCE = 1

# Thirty idle minutes; twelve hours in all, after which even a busy session signs in again.
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_ABSOLUTE_SECONDS = 12 * 60 * 60
USERSESSIONS_TRACK_ACTIVITY = False

# The council's own identity provider (Entra ID, for one), where it has one. People are known to it by issuer and
# subject alone: the provider's id is made from the issuer, and the subject is set by an administrator.
OIDC_ISSUER: str = env.str("OIDC_ISSUER", default="")
OIDC_NAME: str = env.str("OIDC_NAME", default="your council account")
# Whether the provider always asks for a second factor itself, so that none is asked for here.
OIDC_ASSURES_SECOND_FACTOR: bool = env.bool("OIDC_ASSURES_SECOND_FACTOR", default=False)
SOCIALACCOUNT_ADAPTER = "accounts.adapter.CouncilProvider"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_QUERY_EMAIL = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False


def oidc_provider_id(issuer: str) -> str:
    """The name under which people of an issuer are kept: another issuer's people are never taken for them."""
    return "oidc-" + hashlib.sha256(issuer.encode()).hexdigest()[:16]


def oidc_providers(issuer: str, name: str, client_id: str, secret: str) -> dict[str, Any]:
    """allauth's setting for one OpenID Connect provider; empty without an issuer."""
    if not issuer:
        return {}
    app = {
        "provider_id": oidc_provider_id(issuer),
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True, "fetch_userinfo": False},
    }
    return {"openid_connect": {"APPS": [app]}}


def provider_origins(issuer: str) -> list[str]:
    """The origin of an issuer's address in a list, for the content policy; empty without an issuer."""
    parts = urlsplit(issuer)
    return [f"{parts.scheme}://{parts.netloc}"] if issuer else []


SOCIALACCOUNT_PROVIDERS: dict[str, Any] = oidc_providers(
    OIDC_ISSUER, OIDC_NAME, env.str("OIDC_CLIENT_ID", default=""), env.str("OIDC_CLIENT_SECRET", default="")
)
