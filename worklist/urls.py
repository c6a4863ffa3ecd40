"""The home floor."""

from django.urls import path

from worklist.views import home, trail

app_name = "worklist"
urlpatterns = [
    path("", home.home, name="home"),
    path("search", home.search, name="search"),
    path("help", home.help_page, name="help"),
    path("trail/", trail.log, name="trail_log"),
    path("trail/access.csv", trail.log_csv, name="trail_csv"),
    path("trail/find/", trail.find, name="trail_find"),
    path("trail/cases/<uuid:case>/", trail.who_looked, name="trail_case"),
    path("trail/my-work/", trail.own_work, name="trail_own"),
    path("trail/outside/", trail.outside, name="trail_outside"),
    path("trail/break-glass/", trail.glass_list, name="trail_glass"),
    path("trail/break-glass/open/", trail.glass_open, name="trail_glass_open"),
]
