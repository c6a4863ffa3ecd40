from typing import Any
from uuid import UUID

from django.apps import AppConfig


class AuditsConfig(AppConfig):
    name = "audits"
    label = "audits"
    verbose_name = "Audits"

    def ready(self) -> None:
        """Tell the notices, the import pages and the navigation what this app brings."""
        from django.db.models import Q

        from accounts.access import unit_scope
        from accounts.choices import LINE_ROLES, QA_ROLES, Role
        from actions.selectors.themes import ThemeGroup, register_theme_provider
        from actions.services.changing import when_reopened
        from audits import tasks
        from audits.choices import DisputeOrigin
        from audits.models import Audit, Calibration, Dispute, Moderation, SafeguardingAlert, Theme
        from audits.rules.timescales import TIMESCALES
        from audits.selectors import leavers
        from audits.services.answering import follow_dispute
        from audits.services.challenging import follow_challenge
        from audits.services.closing import ORIGINS, reopen_with_action
        from audits.services.disputing import when_decided
        from audits.services.importing import AUDIT_IMPORTER
        from core import panels
        from core.council.selectors import declare
        from core.jobs.services import on_event, register_importer, register_schedule
        from core.navigation import NavItem, register
        from core.notifications.services import NoticeKind, register_kind

        for origin in (DisputeOrigin.MODERATION, DisputeOrigin.CONFIRMATION):
            when_decided(origin=origin, follow=follow_dispute)
        when_decided(origin=DisputeOrigin.CHALLENGE, follow=follow_challenge)
        for action_origin in ORIGINS:
            when_reopened(origin=action_origin, follow=reopen_with_action)
        register_schedule(tasks.EVERY_HOUR)
        declare(TIMESCALES)
        register_importer(AUDIT_IMPORTER)
        for schedule in (tasks.EVERY_MORNING, tasks.HOURLY, tasks.EVERY_MONTH, tasks.CALIBRATIONS_HOURLY):
            register_schedule(schedule)
        on_event("audits.submitted", tasks.TELL_MODERATORS)
        on_event("audits.settled", tasks.BOOK_RE_AUDIT)
        on_event("audits.settled", tasks.REVEAL_CALIBRATION)
        on_event("actions.all_verified", tasks.CLOSE_AUDIT)

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

        def keeps_themes(user: Any) -> bool:
            return bool(getattr(user, "pk", None)) and user.holds(*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER)

        register(
            NavItem(
                "Themes", "audits:themes", order=63, shown_to=keeps_themes, prefix="/audits/themes/", section="Learning"
            )
        )

        def sees_audit(user: Any, audit_id: UUID) -> bool:
            return Audit.objects.visible_to(user).filter(pk=audit_id).exists()

        def sees_calibration(user: Any, calibration_id: UUID) -> bool:
            return Calibration.objects.visible_to(user).filter(pk=calibration_id).exists()

        revealed = "The grades of calibration {reference} can be read"
        register_kind(NoticeKind("calibration_revealed", revealed, sees_calibration))

        def sees_alert(user: Any, alert_id: UUID) -> bool:
            return SafeguardingAlert.objects.visible_to(user).filter(pk=alert_id).exists()

        register_kind(NoticeKind("audit_allocated", "Audit {reference} has been allocated to you", sees_audit))
        register_kind(NoticeKind("audit_due_moved", "Audit {reference} is due on another day", sees_audit))
        for name, title in (
            ("alert_raised", "Safeguarding alert on audit {reference}: act today"),
            ("alert_unacknowledged", "Nobody has acknowledged the safeguarding alert on audit {reference}: act now"),
        ):
            register_kind(NoticeKind(name, title, sees_alert, must=True, any_day=True))

        def answers_for(user: Any, audit_id: UUID) -> bool:
            """Whether the audit lies in the units for which this person answers, or they may see it anyway."""
            units = unit_scope(user, Role.SERVICE_LEAD, Role.HEAD_OF_SERVICE)
            there = Q(team__in=units) | Q(service__in=units)
            open_case = ~Q(case__restricted=True)
            return Audit.objects.filter(there & open_case, pk=audit_id).exists() or sees_audit(user, audit_id)

        def sees_moderation(user: Any, moderation_id: UUID) -> bool:
            return Moderation.objects.visible_to(user).filter(pk=moderation_id).exists()

        for name, title in (
            ("audit_due_soon", "Audit {reference} is due soon"),
            ("audit_overdue", "Audit {reference} is overdue"),
        ):
            register_kind(NoticeKind(name, title, sees_audit, urgent=False))
        above = "Audit {reference} in your services is overdue"
        register_kind(NoticeKind("audit_overdue_above", above, answers_for, urgent=False))
        to_confirm = "Audit {reference} waits for your confirmation"
        register_kind(NoticeKind("inadequate_to_confirm", to_confirm, sees_audit, must=True))
        in_queue = "Audit {reference} waits in the moderators’ queue"
        register_kind(NoticeKind("audit_in_queue", in_queue, sees_audit, urgent=False))
        register_kind(NoticeKind("audit_in_queue_today", in_queue, sees_audit))
        for name, title in (
            ("moderation_due_soon", "The moderation of audit {reference} is due soon"),
            ("moderation_overdue", "The moderation of audit {reference} is overdue"),
        ):
            register_kind(NoticeKind(name, title, sees_moderation, urgent=False))
        for name, title in (
            ("response_due", "The response to audit {reference} is due soon"),
            ("response_late", "The response to audit {reference} is late"),
        ):
            register_kind(NoticeKind(name, title, sees_audit, must=True))
        register_kind(
            NoticeKind("challenge_to_decide", "The challenge of audit {reference} waits for its decision", sees_audit)
        )

        def sees_dispute(user: Any, dispute_id: UUID) -> bool:
            return Dispute.objects.visible_to(user).filter(pk=dispute_id).exists()

        for name, title in (
            ("audit_returned", "Audit {reference} was returned to you with questions"),
            ("audit_resubmitted", "Audit {reference} was submitted again"),
            ("third_return", "Audit {reference} would be returned a third time: decide what becomes of it"),
            ("grade_changed", "Moderation changed audit {reference}: accept or dispute"),
        ):
            register_kind(NoticeKind(name, title, sees_audit))
        for name, title in (
            ("dispute_opened", "A dispute about audit {reference} waits for a second moderator"),
            ("dispute_given", "A dispute about audit {reference} was given to you to decide"),
            ("dispute_decided", "The dispute about audit {reference} is decided"),
        ):
            register_kind(NoticeKind(name, title, sees_dispute))
        for name, title in (
            ("feedback_issued", "The feedback of audit {reference} can be read"),
            ("feedback_issued_again", "The feedback of audit {reference} has changed and can be read again"),
            ("challenge_opened", "The feedback of audit {reference} was challenged"),
            ("challenge_decided", "Your challenge of audit {reference} is decided"),
            ("thank_you", "Somebody thanks you for the work that audit {reference} saw"),
            ("consent_asked", "May the work of audit {reference} be shown as an example? You are asked"),
            ("response_to_countersign", "The response to audit {reference} waits for your countersignature"),
            ("response_sent_back", "Your response to audit {reference} came back to you"),
        ):
            register_kind(NoticeKind(name, title, sees_audit))

        def holds(*roles: str) -> Any:
            return lambda user: bool(getattr(user, "pk", None)) and user.holds(*roles)

        moderators = (Role.MODERATOR, Role.HEAD_OF_SERVICE, *QA_ROLES)
        readers = (*QA_ROLES, *LINE_ROLES, Role.AUDITOR, Role.MODERATOR, Role.PRACTITIONER)
        alerted = (*QA_ROLES, *LINE_ROLES, Role.AUDITOR, Role.DUTY_MANAGER)
        register(NavItem("Audits", "audits:list", order=20, shown_to=holds(*readers), section="Audits"))
        register(
            NavItem("Moderation", "audits:moderation_queue", order=25, shown_to=holds(*moderators), section="Audits")
        )
        calibrators = holds(*QA_ROLES, Role.AUDITOR)
        register(NavItem("Calibration", "audits:calibrations", order=26, shown_to=calibrators, section="Audits"))
        register(NavItem("Audit tools", "audits:tools", order=84, shown_to=holds(*QA_ROLES), section="Administration"))
        register(NavItem("Alerts", "audits:alerts", order=28, shown_to=holds(*alerted), section="Audits"))
