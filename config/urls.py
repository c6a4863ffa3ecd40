"""Where each app's pages are mounted."""

from allauth.socialaccount import views as provider
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.views import signing_in

urlpatterns = [
    # The address that a person signs in with is the council's to change, not the person's.
    path("account/email/", RedirectView.as_view(pattern_name="account_change_password"), name="account_email"),
    path("account/password/reset/", signing_in.forgotten_password, name="account_reset_password"),
    path("account/2fa/picture.svg", signing_in.totp_picture, name="totp_picture"),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("account/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("account/council/cancelled/", provider.login_cancelled, name="socialaccount_login_cancelled"),
    path("account/council/error/", provider.login_error, name="socialaccount_login_error"),
    path("account/", include("allauth.account.urls")),
    path("", include("core.urls")),
    path("people/", include("accounts.urls")),
    path("settings/", include("core.council.urls")),
    path("notices/", include("core.notifications.urls")),
    path("jobs/", include("core.jobs.urls")),
    path("cases/", include("cases.urls")),
    path("actions/", include("actions.urls")),
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
