"""Where each app's pages are mounted."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    # The address that a person signs in with is the council's to change, not the person's.
    path("account/email/", RedirectView.as_view(pattern_name="account_change_password"), name="account_email"),
    path("account/", include("allauth.account.urls")),
    path("", include("core.urls")),
    path("people/", include("accounts.urls")),
    path("notices/", include("core.notifications.urls")),
    path("jobs/", include("core.jobs.urls")),
    path("cases/", include("cases.urls")),
    path("audits/", include("audits.urls")),
    path("clinics/", include("assurance_clinics.urls")),
    path("learning/", include("learning.urls")),
    path("reports/", include("reports.urls")),
    path("", include("worklist.urls")),
]
handler400 = "core.errors.bad_request"
handler403 = "core.errors.forbidden"
handler404 = "core.errors.not_found"
handler500 = "core.errors.server_error"
