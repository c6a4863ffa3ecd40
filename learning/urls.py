from django.urls import path

from learning.views import briefings, files, items, meetings, packs, panels, practice, summaries

app_name = "learning"
urlpatterns = [
    path("", summaries.summary_list, name="list"),
    path("<uuid:pk>/", summaries.summary, name="summary"),
    path("<uuid:pk>/file/", files.summary_file, name="summary_file"),
    path("<slug:month>/build/", summaries.build, name="build"),
    path("panels/", panels.panel_list, name="panels"),
    path("panels/new/", panels.set_up, name="set_up"),
    path("panels/<uuid:panel>/", panels.detail, name="panel"),
    path("panels/<uuid:panel>/edit/", panels.edit, name="edit_panel"),
    path("panels/<uuid:panel>/seats/", panels.seat, name="seat"),
    path("panels/<uuid:panel>/seats/<uuid:seat>/end/", panels.end_seat, name="end_seat"),
    path("panels/<uuid:panel>/schedule/", panels.schedule, name="schedule"),
    path("panels/<uuid:panel>/propose/", panels.propose, name="propose"),
    path("meetings/<uuid:meeting>/", meetings.detail, name="meeting"),
    path("meetings/<uuid:meeting>/build/", meetings.build, name="build_pack"),
    path("meetings/<uuid:meeting>/<slug:verb>/", meetings.change, name="change_meeting"),
    path("items/<uuid:item>/", items.detail, name="item"),
    path("items/<uuid:item>/<slug:verb>/", items.change, name="change_item"),
    path("packs/<uuid:pack>/", packs.detail, name="pack"),
    path("practice/", practice.library, name="library"),
    path("practice/exemplars/<uuid:exemplar>/", practice.detail, name="exemplar"),
    path("practice/exemplars/<uuid:exemplar>/<slug:verb>/", practice.change, name="change_exemplar"),
    path("practice/months/<uuid:practice>/", practice.practice, name="practice"),
    path("practice/months/<uuid:practice>/<uuid:audit>/", practice.nominate, name="nominate"),
    path("practice/briefings/", briefings.briefing_list, name="briefings"),
    path("practice/briefings/new/", briefings.write, name="write_briefing"),
    path("practice/briefings/<uuid:briefing>/", briefings.detail, name="briefing"),
    path("practice/briefings/<uuid:briefing>/edit/", briefings.edit, name="edit_briefing"),
    path("practice/briefings/<uuid:briefing>/publish/", briefings.publish, name="publish_briefing"),
    path("practice/briefings/<uuid:briefing>/withdraw/", briefings.withdraw, name="withdraw_briefing"),
    path("practice/briefings/<uuid:briefing>/read/", briefings.read, name="read_briefing"),
    path("definitions/", packs.definitions, name="definitions"),
]
