"""People, their roles and the structure they work in."""

from django.urls import path

from accounts.views import kept, people, structure

app_name = "accounts"
urlpatterns = [
    path("", people.person_list, name="people"),
    path("add/", people.add_person, name="add"),
    path("waiting/", people.pending, name="pending"),
    path("waiting/<uuid:pk>/", people.decide, name="decide"),
    path("to-reassign/", people.to_reassign, name="to_reassign"),
    path("structure/", structure.structure, name="structure"),
    path("structure/add/", structure.add_unit, name="add_unit"),
    path("structure/<uuid:pk>/rename/", structure.rename_unit, name="rename_unit"),
    path("structure/<uuid:pk>/close/", structure.close_unit, name="close_unit"),
    path("kept/<uuid:pk>/", kept.kept_form, name="kept_form"),
    path("<uuid:pk>/", people.person, name="person"),
    path("<uuid:pk>/edit/", people.edit_person, name="edit"),
    path("<uuid:pk>/leave/", people.leave, name="leave"),
    path("<uuid:pk>/bring-back/", people.bring_back, name="bring_back"),
    path("<uuid:pk>/invite/", people.invite, name="invite"),
    path("<uuid:pk>/second-factor/", people.forget_second_factors, name="forget_second_factors"),
    path("<uuid:pk>/provider/", people.link_to_provider, name="link_to_provider"),
    path("<uuid:pk>/roles/add/", people.grant, name="grant"),
    path("<uuid:pk>/roles/<uuid:membership>/end/", people.end_role, name="end_role"),
]
