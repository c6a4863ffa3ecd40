"""Where the pages of actions are. Addresses hold UUIDs, never references."""

from django.urls import path

from actions.views import checking, listing, making, moving, recommending

app_name = "actions"
urlpatterns = [
    path("", listing.action_list, name="list"),
    path("change/", listing.change_many, name="change_many"),
    path("new/", making.create, name="create"),
    path("new/case/<uuid:case>/", making.create_for_case, name="create_for_case"),
    path("checks/", checking.check_list, name="checks"),
    path("checks/<uuid:check>/", checking.check, name="check"),
    path("recommendations/", recommending.recommendation_list, name="recommendations"),
    path("recommendations.csv", recommending.recommendation_file, {"form": "csv"}, name="recommendations_csv"),
    path("recommendations.xlsx", recommending.recommendation_file, {"form": "xlsx"}, name="recommendations_xlsx"),
    path("recommendations/add/", recommending.add, name="add_recommendation"),
    path("recommendations/<uuid:recommendation>/", recommending.recommendation, name="recommendation"),
    path(
        "recommendations/<uuid:recommendation>/new-action/",
        making.create_for_recommendation,
        name="create_for_recommendation",
    ),
    path("recommendations/<uuid:recommendation>/<slug:verb>/", recommending.change, name="change_recommendation"),
    path("<uuid:action>/", moving.detail, name="detail"),
    path("<uuid:action>/<slug:verb>/", moving.change, name="change"),
]
