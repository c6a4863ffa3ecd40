"""Where the pages of indicators are. Addresses hold UUIDs, never references."""

from django.urls import path

from assurance_clinics.views import cases, definitions, indicators, tables, typing

app_name = "assurance_clinics"

_UNIT = "indicators/<uuid:indicator>/units/<uuid:unit>/"
_WORKER = f"{_UNIT}workers/<uuid:worker>/"

urlpatterns = [
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
