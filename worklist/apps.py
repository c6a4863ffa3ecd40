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
        from core.jobs.services import on_event, register_schedule
        from core.navigation import NavItem, register
        from core.notifications.services import NoticeKind, register_kind
        from core.panels import Panel
        from core.panels import register as hang
        from worklist import access, tasks
        from worklist.selectors.trail import OpenGlass, open_glass

        def case_audits(user: Any, case: Any) -> dict[str, Any]:
            """A case's audits that this person may see, newest first, and whether they may plan one."""
            audits = for_rows(Audit.objects.visible_to(user).filter(case=case)).order_by("-created_at", "id")
            return {
                "audits": audit_rows(audits, timezone.localdate()),
                "plan_url": reverse("audits:plan", args=[case.pk]) if can(user, "create", case) else "",
                "calibrate_url": reverse("audits:calibrate", args=[case.pk]) if can(user, "calibrate", case) else "",
            }

        def glass_banner(user: Any, _: Any) -> OpenGlass | None:
            """What this person has open by break-glass; asked of those alone who may open anything so."""
            looks = access.breaks_glass(user) and user.lent("cases.case")
            return open_glass(user, now=timezone.now()) if looks else None

        def who_looked(user: Any, case: Any) -> dict[str, Any] | None:
            """A link for those who may ask who looked at the case."""
            if not access.can_see_who_looked(user, case):
                return None
            return {"url": reverse("worklist:trail_case", args=[case.pk])}

        register(NavItem("My work", "worklist:home", order=10))
        register(NavItem("Search", "worklist:search", order=95))
        register(NavItem("Help and privacy", "worklist:help", order=10, place="footer"))
        register(
            NavItem(
                "Access log",
                "worklist:trail_log",
                order=85,
                shown_to=access.reads_log,
                prefix="/trail/",
                section="Administration",
            )
        )
        register(NavItem("Break-glass", "worklist:trail_glass", order=20, shown_to=access.breaks_glass, place="footer"))
        register(
            NavItem(
                "Who read audits of my work",
                "worklist:trail_own",
                order=20,
                shown_to=lambda user: bool(getattr(user, "pk", None) and access.can_see_who_read_own_work(user)),
                place="footer",
            )
        )
        hang(Panel("cases.case", "worklist/case_audits.html", case_audits, order=10))
        hang(Panel("cases.case", "worklist/parts/who_looked_link.html", who_looked, order=90))
        hang(Panel("every page", "worklist/parts/glass_banner.html", glass_banner))
        on_event("many_exports", "tell_of_many_exports")
        register_kind(
            NoticeKind(
                "many_exports",
                "Somebody has taken out as many files as one person may in a day",
                lambda user, _: access.reads_log(user),
            )
        )
        register_kind(
            NoticeKind(
                "break_glass",
                "A case was opened by break-glass. See who opened it and why",
                lambda user, _: access.reads_log(user),
                must=True,
            )
        )
        register_kind(
            NoticeKind(
                "outside_views",
                "The week's report of views outside caseload is ready",
                lambda user, _: access.reads_log(user),
            )
        )
        register_schedule(tasks.HOURLY)
        register_schedule(tasks.WEEKLY)
