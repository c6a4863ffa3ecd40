from typing import Any
from uuid import UUID

from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "learning"
    label = "learning"
    verbose_name = "Learning"

    def ready(self) -> None:
        """Tell the jobs, the notices, the settings and the navigation what this app brings."""
        from core import navigation
        from core.council.selectors import declare
        from core.jobs.services import Exporter, on_event, register_exporter, register_schedule
        from core.notifications.services import NoticeKind, register_kind
        from learning import access, tasks
        from learning.models import Briefing, Exemplar, Meeting, PanelSummary, PracticeList
        from learning.querysets import learns
        from learning.rules import meetings
        from learning.services import files

        for paper in files.PAPERS:
            register_exporter(Exporter(paper.kind, paper.title, paper.may, paper.scope, paper.make))
        declare(meetings.SETTINGS)
        register_schedule(tasks.MONTHLY)
        register_schedule(tasks.EVERY_MORNING)
        register_schedule(tasks.GOOD_PRACTICE)
        on_event("audits.dispute_with_panel", "put_dispute_before_panel")
        register_kind(
            NoticeKind(
                "panel_summary",
                "The panel's summary is ready: {reference}",
                lambda user, key: PanelSummary.objects.visible_to(user).filter(pk=key).exists(),
            )
        )

        def sees_meeting(user: Any, key: UUID) -> bool:
            return Meeting.objects.visible_to(user).filter(pk=key).exists()

        register_kind(NoticeKind("panel_pack", "The panel's pack is ready: {reference}", sees_meeting))
        register_kind(NoticeKind("panel_minutes", "The panel's minutes are there to agree: {reference}", sees_meeting))

        def sees(model: Any) -> Any:
            return lambda user, key: model.objects.visible_to(user).filter(pk=key).exists()

        register_kind(
            NoticeKind("practice_list", "The month's good practice is listed: {reference}", sees(PracticeList))
        )
        register_kind(
            NoticeKind("exemplar_consent", "You are asked whether a text about your work may be published",
                       sees(Exemplar))
        )  # fmt: skip
        register_kind(NoticeKind("briefing", "There is a new briefing for your team", sees(Briefing)))
        navigation.register(
            navigation.NavItem(
                "Good practice",
                "learning:library",
                order=62,
                shown_to=learns,
                prefix="/learning/practice/",
                section="Learning",
            )
        )
        navigation.register(
            navigation.NavItem(
                "Panel",
                "learning:panels",
                order=60,
                shown_to=access.sees_panels,
                prefix="/learning/",
                section="Learning",
            )
        )
