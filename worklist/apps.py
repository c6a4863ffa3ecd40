from typing import Any

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "worklist"
    label = "worklist"
    verbose_name = "Worklist"

    def ready(self) -> None:
        """Tell the navigation what is here, and hang a case's audits on its page."""
        from django.urls import reverse
        from django.utils import timezone

        from audits.access import can
        from audits.models import Audit
        from audits.selectors.pages import audit_rows, for_rows
        from core.navigation import NavItem, register
        from core.panels import Panel
        from core.panels import register as hang

        def case_audits(user: Any, case: Any) -> dict[str, Any]:
            """A case's audits that this person may see, newest first, and whether they may plan one."""
            audits = for_rows(Audit.objects.visible_to(user).filter(case=case)).order_by("-created_at", "id")
            return {
                "audits": audit_rows(audits, timezone.localdate()),
                "plan_url": reverse("audits:plan", args=[case.pk]) if can(user, "create", case) else "",
            }

        register(NavItem("My work", "worklist:home", order=10))
        register(NavItem("Search", "worklist:search", order=90))
        register(NavItem("Help and privacy", "worklist:help", order=10, place="footer"))
        hang(Panel("cases.case", "worklist/case_audits.html", case_audits, order=10))
