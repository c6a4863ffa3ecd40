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
        from audits.models import Audit, SafeguardingAlert, Theme
        from audits.rules.timescales import TIMESCALES
        from audits.selectors import leavers
        from audits.services.importing import AUDIT_IMPORTER
        from core import panels
        from core.council.selectors import declare
        from core.jobs.services import register_importer
        from core.navigation import NavItem, register
        from core.notifications.services import NoticeKind, register_kind

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

        def holds(*roles: str) -> Any:
            return lambda user: bool(getattr(user, "pk", None)) and user.holds(*roles)

        moderators = (Role.MODERATOR, Role.HEAD_OF_SERVICE)
        readers = (*QA_ROLES, *LINE_ROLES, Role.AUDITOR, Role.MODERATOR, Role.PRACTITIONER)
        alerted = (*QA_ROLES, *LINE_ROLES, Role.AUDITOR, Role.DUTY_MANAGER)
        register(NavItem("Audits", "audits:list", order=20, shown_to=holds(*readers)))
        register(NavItem("Moderation", "audits:moderation_queue", order=25, shown_to=holds(*moderators)))
        register(NavItem("Alerts", "audits:alerts", order=28, shown_to=holds(*alerted)))
