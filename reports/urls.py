from django.urls import path

from reports.views import figures

app_name = "reports"
urlpatterns = [
    path("", figures.monthly, name="monthly"),
    path("grade-table.csv", figures.monthly_file, {"form": "csv"}, name="monthly_csv"),
    path("grade-table.xlsx", figures.monthly_file, {"form": "xlsx"}, name="monthly_xlsx"),
    path("breakdown/", figures.breakdown, name="breakdown"),
    path("breakdown.csv", figures.breakdown_file, {"form": "csv"}, name="breakdown_csv"),
    path("breakdown.xlsx", figures.breakdown_file, {"form": "xlsx"}, name="breakdown_xlsx"),
]
