"""What is ours of signing in: the forgotten password, and the picture that an authenticator app reads."""

from __future__ import annotations

from allauth.core import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.forms import EmailForm


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Ask for the link to choose a password. The answer is the same for every address."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not ratelimit.consume(request, action="reset_password", key=email.lower()):
            return render(request, "429.html", status=429)
        services.ask_for_password_link(email=email)
        return redirect("account_reset_password_done")
    return render(request, "account/password_reset.html", {"form": form})


@require_safe
def totp_picture(request: HttpRequest) -> HttpResponse:
    """The QR code of the secret that is being set up in this session, as SVG; 404 where none is."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not request.user.is_authenticated or not secret:
        raise Http404
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml")
