from django.urls import path

from reports.views import answers, feed, figures, files, months, saving, standard, writing

app_name = "reports"
urlpatterns = [
    path("", figures.monthly, name="monthly"),
    path("grade-table.csv", figures.monthly_file, {"form": "csv"}, name="monthly_csv"),
    path("grade-table.xlsx", figures.monthly_file, {"form": "xlsx"}, name="monthly_xlsx"),
    path("breakdown/", figures.breakdown, name="breakdown"),
    path("breakdown.csv", figures.breakdown_file, {"form": "csv"}, name="breakdown_csv"),
    path("breakdown.xlsx", figures.breakdown_file, {"form": "xlsx"}, name="breakdown_xlsx"),
    path("standard/", standard.report_list, name="standard_list"),
    path("standard/<slug:key>/", standard.report, name="standard"),
    path("standard/<slug:key>/pdf/", standard.report_pdf, name="standard_pdf"),
    path("standard/<slug:key>/<slug:form>", standard.report_file, name="standard_file"),
    path("written/", writing.written_list, name="written_list"),
    path("written/<uuid:pk>/", writing.written, name="written"),
    path("written/<uuid:pk>/write/", writing.write, name="write"),
    path("written/<uuid:pk>/<slug:form>", writing.written_file, name="written_file"),
    path("answers/", answers.answers, name="answers"),
    path("answers.csv", answers.answers_file, {"form": "csv"}, name="answers_csv"),
    path("answers.xlsx", answers.answers_file, {"form": "xlsx"}, name="answers_xlsx"),
    path("months/", months.month_list, name="months"),
    path("months/<str:month>/", months.month, name="month"),
    path("months/<str:month>/draft/", months.draft, name="draft_month"),
    path("months/<str:month>/publish/", months.publish, name="publish_month"),
    path("saved/", saving.saved_list, name="saved"),
    path("saved/new/", saving.save_report, name="save_report"),
    path("saved/<uuid:pk>/", saving.open_report, name="saved_report"),
    path("saved/<uuid:pk>/subscribe/", saving.subscribe, name="subscribe"),
    path("saved/<uuid:pk>/delete/", saving.delete_report, name="delete_report"),
    path("saved/subscriptions/<uuid:pk>/end/", saving.unsubscribe, name="unsubscribe"),
    path("feed/", feed.tokens, name="feed"),
    path("feed/<uuid:pk>/revoke/", feed.revoke_token, name="revoke_token"),
    path("feed/data/<slug:table>.csv", feed.feed_csv, name="feed_csv"),
    path("files/rows/", files.rows, name="rows"),
    path("files/figures/", files.make_figures, name="make_figures"),
]
