from django.urls import path

from core.jobs.views import exports, imports, jobs

app_name = "jobs"
urlpatterns = [
    path("", jobs.job_list, name="list"),
    path("<uuid:pk>/", jobs.job_detail, name="detail"),
    path("<uuid:pk>/retry/", jobs.job_retry, name="retry"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/<slug:kind>/", imports.give_file, name="give_file"),
    path("imports/<uuid:pk>/", imports.import_detail, name="import"),
    path("imports/<uuid:pk>/apply/", imports.apply_import, name="apply_import"),
    path("imports/<uuid:pk>/discard/", imports.discard_import, name="discard_import"),
    path("imports/<uuid:pk>/faults.csv", imports.import_faults, name="import_faults"),
    path("files/", exports.export_list, name="exports"),
    path("files/<uuid:pk>/", exports.export_detail, name="export"),
    path("files/<uuid:pk>/file", exports.export_file, name="export_file"),
]
