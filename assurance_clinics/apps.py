from typing import Any
from uuid import UUID

from django.apps import AppConfig


class AssuranceClinicsConfig(AppConfig):
    name = "assurance_clinics"
    label = "assurance_clinics"
    verbose_name = "Assurance clinics"

    def ready(self) -> None:
        """Tell the jobs, the import pages and the navigation what this app brings."""
        from assurance_clinics import access, tasks
        from assurance_clinics.models import Clinic
        from assurance_clinics.rules.timescales import TIMESCALES
        from assurance_clinics.services import EVENT_IMPORTER, INDICATOR_IMPORTER
        from core.council.selectors import declare
        from core.jobs.services import on_event, register_importer, register_schedule
        from core.navigation import NavItem, register
        from core.notifications.services import NoticeKind, register_kind

        declare(TIMESCALES)
        register_importer(INDICATOR_IMPORTER)
        register_importer(EVENT_IMPORTER)
        on_event("cases.extract_kept", tasks.COMPUTE)
        register_schedule(tasks.EVERY_MORNING)

        def sees_clinic(user: Any, clinic_id: UUID) -> bool:
            return Clinic.objects.visible_to(user).filter(pk=clinic_id).exists()

        for name, title in (
            ("clinic_to_schedule", "A clinic is to be convened: {reference}"),
            ("clinic_scheduled", "You are asked to a clinic: {reference}"),
            ("clinic_postponed", "A clinic was postponed: {reference}"),
            ("clinic_cancelled", "A clinic was cancelled: {reference}"),
            ("clinic_pack", "The pack is ready: {reference}"),
            ("clinic_data_late", "Figures are missing for a clinic: {reference}"),
            ("clinic_missed", "A clinic was missed: {reference}"),
            ("clinic_notes_due", "The notes of a clinic wait for you to confirm them: {reference}"),
            ("clinic_notes_late", "The notes of a clinic are late: {reference}"),
        ):
            register_kind(NoticeKind(name, title, sees_clinic))
        register_kind(
            NoticeKind(
                "clinic_figure_missing",
                "A figure is missing for a clinic: {reference}",
                lambda user, key: access.sees_figures_of(user, None),
            )
        )
        for order, (label, page, shown_to, prefix) in enumerate(
            (
                ("All clinics", "clinics", access.sees_clinics, "/clinics/"),
                ("What is overdue", "exceptions", access.works_on_exceptions, None),
                ("Indicators", "indicators", access.sees_indicators, "/clinics/indicators/"),
                ("Rota", "rota", access.sees_clinics, None),
            ),
            start=55,
        ):
            register(NavItem(label, f"assurance_clinics:{page}", order, shown_to, prefix, section="Clinics"))
