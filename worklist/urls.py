"""The home floor."""

from django.urls import path

from worklist.views import home

app_name = "worklist"
urlpatterns = [
    path("", home.home, name="home"),
    path("search", home.search, name="search"),
    path("help", home.help_page, name="help"),
]
