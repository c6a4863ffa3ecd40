from typing import Any
from uuid import UUID

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ReportsConfig(AppConfig):
    name = "reports"
    label = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        """Tell the navigation, the settings, the jobs and the notices what this app brings."""
        from core import navigation
        from core.council.selectors import declare
        from core.jobs.services import Exporter, on_event, register_exporter, register_schedule
        from core.notifications.services import NoticeKind, register_kind
        from reports import access, tasks
        from reports.rules.freezing import TIMESCALES
        from reports.services import figures, rows, saving, standard, written

        declare(TIMESCALES)
        for schedule in tasks.SCHEDULES:
            register_schedule(schedule)
        for event in ("audits.settled", "audits.feedback_issued"):
            on_event(event, tasks.NOTE)

        def may_publish(user: Any, key: UUID) -> bool:
            return bool(access.can_publish_months(user))

        def may_see_report(user: Any, key: UUID) -> bool:
            return saving.may_see(by=user, key=key)

        register_kind(NoticeKind("saved_report", "Your {reference} report can be read", may_see_report))
        register_kind(NoticeKind("month_to_publish", "Publish the figures of {reference}", may_publish))
        register_exporter(Exporter(figures.KIND, "Grade table or breakdown", figures.may, figures.scope, figures.make))
        register_exporter(Exporter(standard.KIND, "Standard report", standard.may, standard.scope, standard.make))
        register_exporter(Exporter(written.KIND, "Written report", written.may, written.scope, written.make))
        pre_migrate.connect(_before_migrating, sender=self)
        post_migrate.connect(_after_migrating, sender=self)
        register_exporter(Exporter(rows.KIND, "Rows behind the figures", rows.may, rows.scope, rows.make, rows.still))
        navigation.register(
            navigation.NavItem(
                "Figures", "reports:monthly", order=50, shown_to=lambda user: bool(access.can_read_figures(user)),
                prefix="/reports/", section="Figures",
            )
        )  # fmt: skip


def _before_migrating(*, plan: Any = (), using: str, **_: Any) -> None:
    """The feed's views stand on the tables of every app: they go before those are changed, and come back after."""
    from reports.services import feed

    if plan and using == "default":
        feed.drop_views()


def _after_migrating(*, using: str, **_: Any) -> None:
    from reports.services import feed

    if using == "default":
        feed.make_views()
