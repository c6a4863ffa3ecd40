"""What a machine may ask of the service, and the pages that belong to no app."""

from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("session", views.stay_signed_in, name="session"),
    path("accessibility", views.accessibility, name="accessibility"),
]
