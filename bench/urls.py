"""The product's pages, one that does nothing for a signed-in person, and Django's admin over the same audits."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from audits.models import Audit


class AuditAdmin(admin.ModelAdmin):
    """The list of audits as Django's admin makes it: the columns of our own list, as many rows."""

    list_display = ("reference", "case", "audit_type", "team", "service", "auditor", "status", "grade", "due_on")
    list_select_related = ("case", "team", "service", "auditor")
    list_per_page = 50


site = admin.AdminSite(name="admin")
site.register(Audit, AuditAdmin)


def trivial(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and nothing else."""
    return HttpResponse(str(request.user))


urlpatterns = [
    path("bench/trivial", trivial),
    path("bench/admin/", site.urls),
    path("", include("config.urls")),
]
