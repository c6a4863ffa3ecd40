from django.urls import path

from learning.views import summaries

app_name = "learning"
urlpatterns = [
    path("", summaries.summary_list, name="list"),
    path("<uuid:pk>/", summaries.summary, name="summary"),
    path("<slug:month>/build/", summaries.build, name="build"),
]
