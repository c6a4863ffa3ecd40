"""The council's settings and working days."""

from django.urls import path

from core.council import views

app_name = "council"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("number/<slug:key>/", views.setting, name="setting"),
    path("working-days/", views.calendar, name="calendar"),
    path("working-days/<int:year>/", views.calendar, name="calendar_of"),
    path("working-days/<int:year>/check/", views.check_year, name="check_year"),
    path("working-days/<uuid:pk>/remove/", views.remove_closing_day, name="remove_closing_day"),
]
