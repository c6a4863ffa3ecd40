from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "learning"
    label = "learning"
    verbose_name = "Learning"

    def ready(self) -> None:
        from core import navigation
        from core.council.selectors import declare
        from core.jobs.services import register_schedule
        from core.notifications.services import NoticeKind, register_kind
        from learning import access, tasks
        from learning.models import PanelSummary
        from learning.rules import summaries as rules

        declare(rules.TIMESCALES)
        register_schedule(tasks.MONTHLY)
        register_kind(
            NoticeKind(
                "panel_summary",
                "The panel's summary is ready: {reference}",
                lambda user, key: PanelSummary.objects.visible_to(user).filter(pk=key).exists(),
            )
        )
        navigation.register(
            navigation.NavItem("Panel", "learning:list", order=60, shown_to=access.reads_summaries, prefix="/learning/")
        )
