"""Nothing is shown to somebody who has not signed in, or not with a second factor where one is asked for."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import services
from accounts.models import KeptForm, User

# The whole list of what is open. Pages under /account/ (sign in, forgotten password) guard
# themselves; the feed opens to a token alone.
PUBLIC_PREFIXES = ("/account/", "/static/", "/reports/feed/data/")
PUBLIC_PATHS = frozenset({"/healthz", "/readyz", "/accessibility"})
# When this session was signed in to, in seconds of the clock; it lives for SESSION_ABSOLUTE_SECONDS at most.
SIGNED_IN_AT = "signed_in_at"
# That this person has a second factor was found out in this session.
SECOND_FACTOR = "second_factor"


class SignInRequired:
    """Send whoever is not signed in to the sign-in page, and back afterwards.

    A path is closed unless it is listed above; a view cannot open itself by accident.
    Somebody made inactive loses the session on the next request, and so does everybody after
    SESSION_ABSOLUTE_SECONDS, however busy. A request by a script
    (not a page load) gets 401, so that the script can say so and keep what was typed. What was typed into a form
    that is sent after its session ran out is kept on the server, for its writer alone, and shown after signing in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        writer: User | None = None
        if SESSION_KEY in request.session and (not request.user.is_authenticated or _is_over(request)):
            writer = request.user if isinstance(request.user, User) else None
            logout(request)
        if request.user.is_authenticated or _is_public(request.path):
            response = self.get_response(request)
            _drop_what_was_sent_again(request, response)
            return response
        if request.headers.get("Sec-Fetch-Dest") == "empty":
            return HttpResponse("You have been signed out. Sign in again to go on.", status=401)
        back = _kept(request, writer) or _way_back(request)
        return redirect_to_login(back) if back else redirect("account_login")


def _kept(request: HttpRequest, writer: User | None) -> str:
    """Keep a form that came from a page of ours after its writer's session ran out: where it is shown. Blank if not."""
    if request.method != "POST" or CsrfViewMiddleware(_no_answer).process_view(request, _no_answer, (), {}):
        return ""
    writer = writer or services.writer_of(session_key=request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    if writer is None:
        return ""
    fields = [(name, value) for name, values in request.POST.lists() for value in values if isinstance(value, str)]
    kept = services.keep_form(by=writer, path=request.get_full_path(), fields=fields)
    return reverse("accounts:kept_form", args=[kept.pk]) if kept else ""


def _no_answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _drop_what_was_sent_again(request: HttpRequest, response: HttpResponse) -> None:
    """A kept form that its page has taken need not be kept any more."""
    if request.method != "POST" or response.status_code != 302 or "kept" not in request.POST:
        return
    try:
        key = UUID(request.POST["kept"])
    except ValueError:
        return
    if isinstance(request.user, User) and (kept := KeptForm.objects.visible_to(request.user).filter(pk=key).first()):
        services.drop_kept_form(kept=kept, by=request.user)


def _is_over(request: HttpRequest) -> bool:
    """Whether this session has lasted as long as any may; one that has just begun starts to count."""
    now = time.time()
    began: float = request.session.setdefault(SIGNED_IN_AT, now)
    return not 0 <= now - began < settings.SESSION_ABSOLUTE_SECONDS


class SecondFactorRequired:
    """Where MFA_REQUIRED, lead whoever has no second factor to the page that sets one up, and nowhere else.

    The pages under /account/ stay open to them: that is where it is set up, and where they sign out. Whoever came
    through the council's provider needs none here where OIDC_ASSURES_SECOND_FACTOR says that the provider asks for one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.MFA_REQUIRED or not request.user.is_authenticated or _is_public(request.path):
            return self.get_response(request)
        if self._has_one(request):
            return self.get_response(request)
        if request.headers.get("Sec-Fetch-Dest") == "empty":
            return HttpResponse("Set up a second factor first.", status=403)
        return redirect("mfa_index")

    @staticmethod
    def _has_one(request: HttpRequest) -> bool:
        if request.session.get(SECOND_FACTOR):
            return True
        if settings.OIDC_ASSURES_SECOND_FACTOR and _came_through_provider(request):
            return True
        if is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
            request.session[SECOND_FACTOR] = True
            return True
        return False


def _came_through_provider(request: HttpRequest) -> bool:
    methods = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    return any(each.get("method") == "socialaccount" for each in methods)


def _is_public(path: str) -> bool:
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_PREFIXES)


def _way_back(request: HttpRequest) -> str:
    """The local path to return to after signing in: this page, or the page whose form was sent. Blank if unsure."""
    if request.method in ("GET", "HEAD"):
        back = request.get_full_path()
    else:
        came_from = urlsplit(request.headers.get("Referer", ""))
        back = came_from.path if came_from.netloc == request.get_host() else ""
    return back if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""
