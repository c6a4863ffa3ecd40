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
        from core import navigation
        from core.council.selectors import declare
        from core.jobs.services import on_event, register_importer, register_schedule
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
        navigation.register(
            navigation.NavItem(
                "Indicators", "assurance_clinics:indicators", order=56, shown_to=access.sees_indicators,
                prefix="/clinics/", section="Clinics",
                "Indicators", "assurance_clinics:indicators", order=50, shown_to=access.sees_indicators,
                prefix="/clinics/indicators/",
            )
        )  # fmt: skip
        navigation.register(
            navigation.NavItem(
                "Clinics", "assurance_clinics:clinics", order=52, shown_to=access.sees_clinics, prefix="/clinics/"
            )
        )
