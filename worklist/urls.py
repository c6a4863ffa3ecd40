"""The home floor."""

from django.urls import path

from worklist import views

app_name = "worklist"
urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("help", views.help_page, name="help"),
]
