from django.apps import AppConfig

from core import navigation


class WorklistConfig(AppConfig):
    name = "worklist"
    label = "worklist"
    verbose_name = "Worklist"

    def ready(self) -> None:
        navigation.register(navigation.NavItem("My work", "worklist:home", order=10))
        navigation.register(navigation.NavItem("Search", "worklist:search", order=90))
        navigation.register(navigation.NavItem("Help and privacy", "worklist:help", order=10, place="footer"))
