from django.urls import path

from learning import views

app_name = "learning"
urlpatterns = [
    path("", views.summary_list, name="list"),
    path("<uuid:pk>/", views.summary, name="summary"),
    path("<slug:month>/build/", views.build, name="build"),
]
