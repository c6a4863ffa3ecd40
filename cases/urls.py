"""What the pages of cases are called. A reference never stands in an address."""

from django.urls import path

from cases.views import case, listing, quality

app_name = "cases"
urlpatterns = [
    path("", listing.case_list, name="list"),
    path("data-quality/", quality.data_quality, name="data_quality"),
    path("<uuid:pk>/", case.case_detail, name="detail"),
    path("<uuid:pk>/connection/", case.declare_connection, name="connection"),
    path("<uuid:pk>/restrict/", case.restrict, name="restrict"),
    path("<uuid:pk>/lift/", case.lift, name="lift"),
    path("<uuid:pk>/people/", case.people, name="people"),
    path("<uuid:pk>/people/<uuid:person>/remove/", case.remove_person, name="remove_person"),
    path("<uuid:pk>/reference/", case.add_reference, name="add_reference"),
]
