"""Nothing is shown to somebody who has not signed in."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

# The whole list of what is open. Pages under /account/ (sign in, forgotten password) guard themselves.
PUBLIC_PREFIXES = ("/account/", "/static/")
PUBLIC_PATHS = frozenset({"/healthz", "/readyz", "/accessibility"})


class SignInRequired:
    """Send whoever is not signed in to the sign-in page, and back afterwards.

    A path is closed unless it is listed above; a view cannot open itself by accident.
    Somebody made inactive loses the session on the next request. A request by a script
    (not a page load) gets 401, so that the script can say so and keep what was typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated and SESSION_KEY in request.session:
            logout(request)
        if request.user.is_authenticated or _is_public(request.path):
            return self.get_response(request)
        if request.headers.get("Sec-Fetch-Dest") == "empty":
            return HttpResponse("You have been signed out. Sign in again to go on.", status=401)
        back = _way_back(request)
        return redirect_to_login(back) if back else redirect("account_login")


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
