from typing import Any
from uuid import UUID

from django.apps import AppConfig


class AuditsConfig(AppConfig):
    name = "audits"
    label = "audits"
    verbose_name = "Audits"

    def ready(self) -> None:
        """Tell the notices, the import pages and the navigation what this app brings."""
        from accounts.choices import LINE_ROLES, QA_ROLES, Role
        from actions.selectors.themes import ThemeGroup, register_theme_provider
        from audits import tasks
        from audits.choices import DisputeOrigin
        from audits.models import Audit, Dispute, SafeguardingAlert, Theme
        from audits.rules.timescales import TIMESCALES
        from audits.selectors import leavers
        from audits.services.answering import follow_dispute
        from audits.services.disputing import when_decided
        from audits.services.importing import AUDIT_IMPORTER
        from core import panels
        from core.council.selectors import declare
        from core.jobs.services import register_importer, register_schedule
        from core.navigation import NavItem, register
        from core.notifications.services import NoticeKind, register_kind

        for origin in (DisputeOrigin.MODERATION, DisputeOrigin.CONFIRMATION):
            when_decided(origin=origin, follow=follow_dispute)
        register_schedule(tasks.EVERY_HOUR)
        declare(TIMESCALES)
        register_importer(AUDIT_IMPORTER)

        def left_open(user: Any, person: Any) -> dict[str, Any] | None:
            audits = leavers.left_open(Audit.objects.visible_to(user), person) if user.holds(*QA_ROLES) else []
            left = person is None or not person.is_active
            return {"audits": audits, "left": left} if audits else None

        for order, place in enumerate(("accounts.person", "accounts.left")):
            panels.register(panels.Panel(place, "audits/parts/left_open.html", left_open, order))

        def themes() -> list[ThemeGroup]:
            """The themes in use, by their heading."""
            groups: dict[str, list[str]] = {}
            rows = Theme.objects.filter(parent__isnull=False, retired_on=None).order_by("parent__name", "name")
            for heading, name in rows.values_list("parent__name", "name"):
                groups.setdefault(heading, []).append(name)
            return [ThemeGroup(heading, tuple(names)) for heading, names in groups.items()]

        register_theme_provider(themes)

        def sees_audit(user: Any, audit_id: UUID) -> bool:
            return Audit.objects.visible_to(user).filter(pk=audit_id).exists()

        def sees_alert(user: Any, alert_id: UUID) -> bool:
            return SafeguardingAlert.objects.visible_to(user).filter(pk=alert_id).exists()

        register_kind(NoticeKind("audit_allocated", "Audit {reference} has been allocated to you", sees_audit))
        register_kind(NoticeKind("alert_raised", "Safeguarding alert on audit {reference}: act today", sees_alert))

        def sees_dispute(user: Any, dispute_id: UUID) -> bool:
            return Dispute.objects.visible_to(user).filter(pk=dispute_id).exists()

        for name, title in (
            ("audit_returned", "Audit {reference} was returned to you with questions"),
            ("audit_resubmitted", "Audit {reference} was submitted again"),
            ("third_return", "Audit {reference} would be returned a third time: decide what becomes of it"),
            ("grade_changed", "Moderation changed audit {reference}: accept or dispute"),
            ("inadequate_to_confirm", "Audit {reference} waits for your confirmation"),
        ):
            register_kind(NoticeKind(name, title, sees_audit))
        for name, title in (
            ("dispute_opened", "A dispute about audit {reference} waits for a second moderator"),
            ("dispute_given", "A dispute about audit {reference} was given to you to decide"),
            ("dispute_decided", "The dispute about audit {reference} is decided"),
        ):
            register_kind(NoticeKind(name, title, sees_dispute))

        def holds(*roles: str) -> Any:
            return lambda user: bool(getattr(user, "pk", None)) and user.holds(*roles)

        moderators = (Role.MODERATOR, Role.HEAD_OF_SERVICE)
        readers = (*QA_ROLES, *LINE_ROLES, Role.AUDITOR, Role.MODERATOR, Role.PRACTITIONER)
        alerted = (*QA_ROLES, *LINE_ROLES, Role.AUDITOR, Role.DUTY_MANAGER)
        register(NavItem("Audits", "audits:list", order=20, shown_to=holds(*readers), section="Audits"))
        register(
            NavItem("Moderation", "audits:moderation_queue", order=25, shown_to=holds(*moderators), section="Audits")
        )
        register(NavItem("Audit tools", "audits:tools", order=84, shown_to=holds(*QA_ROLES), section="Administration"))
        register(NavItem("Alerts", "audits:alerts", order=28, shown_to=holds(*alerted), section="Audits"))
