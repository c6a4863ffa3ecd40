from typing import Any
from uuid import UUID

from django.apps import AppConfig

LEFT_SHOWN = 50


class ActionsConfig(AppConfig):
    name = "actions"
    label = "actions"
    verbose_name = "Actions"

    def ready(self) -> None:
        """Tell the jobs, the notices and the navigation what this app brings."""
        from django.urls import reverse
        from django.utils import timezone

        from accounts.choices import LINE_ROLES, QA_ROLES
        from actions import access, tasks
        from actions.models import Action
        from actions.rules.timescales import TIMESCALES
        from actions.selectors.pages import action_lines, in_order
        from core.council.selectors import declare
        from core.jobs.services import register_schedule
        from core.navigation import NavItem, register
        from core.notifications.services import NoticeKind, register_kind
        from core.panels import Panel
        from core.panels import register as hang

        declare(TIMESCALES)

        def case_actions(user: Any, case: Any) -> dict[str, Any]:
            """The actions about a case that this person may see, and whether they may create one."""
            actions = in_order(Action.objects.visible_to(user).filter(case=case), "-due")
            may = access.can_make(user) and access.can_create(user, case=case, service=case.service, team=case.team)
            return {
                "lines": action_lines(actions, timezone.localdate()),
                "create_url": reverse("actions:create_for_case", args=[case.pk]) if may else "",
            }

        def left_open(user: Any, person: Any) -> dict[str, Any] | None:
            """The open actions of one person, or without one of all who left: to be given to somebody else (NK-9)."""
            if not user.holds(*QA_ROLES, *LINE_ROLES):
                return None
            seen = Action.objects.visible_to(user).open()
            held = seen.filter(owner=person) if person is not None else seen.filter(owner__is_active=False)
            lines = action_lines(in_order(held, "due")[:LEFT_SHOWN], timezone.localdate())
            left = person is None or not person.is_active
            return {"lines": lines, "count": held.count(), "left": left} if lines else None

        for place in ("accounts.person", "accounts.left"):
            hang(Panel(place, "actions/left_open.html", left_open, order=20))
        hang(Panel("cases.case", "actions/case_panel.html", case_actions, order=20))
        register_schedule(tasks.EVERY_MORNING)
        register_schedule(tasks.EVERY_MONTH)

        def sees_action(user: Any, action_id: UUID) -> bool:
            return Action.objects.visible_to(user).filter(pk=action_id).exists()

        for name, title in (
            ("action_assigned", "Action {reference} has been given to you"),
            ("action_claimed", "Action {reference} is claimed done and waits for a check"),
            ("action_sent_back", "Action {reference} was sent back to you"),
            ("action_reopened", "Action {reference} was reopened"),
            ("action_due_moved", "The due date of action {reference} was moved"),
            ("action_due_soon", "Action {reference} is due in 5 working days"),
            ("action_due", "Action {reference} is due today"),
            ("action_overdue", "Action {reference} is overdue"),
            ("action_needs_owner", "Action {reference} needs an owner"),
        ):
            # What a sweep or a claim says can wait for the morning's digest.
            waits = name in ("action_claimed", "action_due_soon", "action_due", "action_overdue")
            register_kind(NoticeKind(name, title, sees_action, urgent=not waits))
        register(
            NavItem(
                "Actions", "actions:list", order=40, shown_to=access.sees_actions, prefix="/actions/", section="Actions"
            )
        )
        register(
            NavItem(
                "Recommendations", "actions:recommendations", order=45, shown_to=access.sees_recommendations,
                prefix="/actions/recommendations/", section="Actions",
            )
        )  # fmt: skip
