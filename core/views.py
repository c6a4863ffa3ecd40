"""Is the process alive, is it ready for work, is the session alive; and the accessibility statement."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import health


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers. Asks nothing else, so a lost database does not restart every web process."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Readiness: 503 without the database, "degraded" without Redis (pages work, jobs wait), else "ready"."""
    if not health.database_answers():
        return JsonResponse({"status": "not ready"}, status=503)
    return JsonResponse({"status": "ready" if health.broker_answers() else "degraded"})


@require_safe
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """204 to whoever is signed in: the request itself makes the session last. A script that is not gets 401."""
    return HttpResponse(status=204)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement, open to anybody."""
    return render(request, "core/accessibility.html")
