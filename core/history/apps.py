from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "core.history"
    label = "history"
    verbose_name = "History"
