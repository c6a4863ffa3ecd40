from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "worklist"
    label = "worklist"
    verbose_name = "Worklist"
