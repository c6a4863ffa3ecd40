"""Pages for machines: is the process alive, and is it ready for work."""

from django.http import HttpRequest, HttpResponse, JsonResponse
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
