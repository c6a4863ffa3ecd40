"""What somebody wrote in a form that they sent after their session had ended."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.models import KeptForm
from accounts.selectors import written_in


@require_http_methods(["GET", "POST"])
def kept_form(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what was written and offer to send it; a form sent to this page itself throws it away."""
    kept = get_object_or_404(KeptForm.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        services.drop_kept_form(kept=kept, by=request.user)
        messages.success(request, "What you had typed was thrown away.")
        return redirect("/")
    return render(request, "accounts/kept_form.html", {"kept": kept, "written": written_in(kept)})
