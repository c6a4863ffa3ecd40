"""Where the pages of indicators are. Addresses hold UUIDs, never references."""

from django.urls import path

from assurance_clinics.views import cases, clinics, definitions, exceptions, indicators, rota, running, tables, typing

app_name = "assurance_clinics"

_UNIT = "indicators/<uuid:indicator>/units/<uuid:unit>/"
_WORKER = f"{_UNIT}workers/<uuid:worker>/"

_CLINIC = "<uuid:clinic>/"

urlpatterns = [
    path("", clinics.clinics, name="clinics"),
    path("list/", clinics.clinic_list, name="clinic_list"),
    path("rota/", rota.rota, name="rota"),
    path("rota/<uuid:service>/", rota.rota_place, name="rota_place"),
    path("exceptions/", exceptions.exception_list, name="exceptions"),
    path("exceptions/<uuid:indicator>/cases/<uuid:case>/note/", exceptions.case_note, name="case_note"),
    path("exceptions/<uuid:indicator>/cases/<uuid:case>/actions/create/", exceptions.act, name="act_on_case"),
    path(_CLINIC, clinics.clinic, name="clinic"),
    path(f"{_CLINIC}pack/", clinics.pack, name="pack"),
    path(f"{_CLINIC}schedule/", running.schedule, name="schedule"),
    path(f"{_CLINIC}build/", running.build, name="build"),
    path(f"{_CLINIC}actions/create/", running.act, name="act"),
    path(f"{_CLINIC}notes/<uuid:note>/", running.write_note, name="note"),
    path(f"{_CLINIC}notes/<uuid:note>/actions/create/", running.act, name="act_on"),
    path(f"{_CLINIC}moves/<slug:verb>/", running.move, name="move"),
    path("indicators/", tables.table, name="indicators"),
    path("indicators/table.csv", tables.table_csv, name="indicators_csv"),
    path("indicators/table.xlsx", tables.table_xlsx, name="indicators_xlsx"),
    path("indicators/drafts/", definitions.drafts, name="drafts"),
    path("indicators/<uuid:indicator>/", indicators.indicator, name="indicator"),
    path("indicators/<uuid:indicator>/definition/", definitions.define, name="define"),
    path("indicators/<uuid:indicator>/cases/", cases.case_lines, name="cases"),
    path("indicators/<uuid:indicator>/type/", typing.type_figure, name="type"),
    path(f"{_UNIT}type/", typing.type_figure, name="type_of_unit"),
    path(_UNIT, indicators.indicator, name="indicator_of_unit"),
    path(f"{_UNIT}cases/", cases.case_lines, name="cases_of_unit"),
    path(_WORKER, indicators.indicator, name="indicator_of_worker"),
    path(f"{_WORKER}cases/", cases.case_lines, name="cases_of_worker"),
]
