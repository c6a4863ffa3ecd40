from django.apps import AppConfig


class AssuranceClinicsConfig(AppConfig):
    name = "assurance_clinics"
    label = "assurance_clinics"
    verbose_name = "Assurance clinics"

    def ready(self) -> None:
        """Tell the jobs, the import pages and the navigation what this app brings."""
        from assurance_clinics import access, tasks
        from assurance_clinics.rules.timescales import TIMESCALES
        from assurance_clinics.services import EVENT_IMPORTER, INDICATOR_IMPORTER
        from core import navigation
        from core.council.selectors import declare
        from core.jobs.services import on_event, register_importer

        declare(TIMESCALES)
        register_importer(INDICATOR_IMPORTER)
        register_importer(EVENT_IMPORTER)
        on_event("cases.extract_kept", tasks.COMPUTE)
        navigation.register(
            navigation.NavItem(
                "Indicators", "assurance_clinics:indicators", order=56, shown_to=access.sees_indicators,
                prefix="/clinics/", section="Clinics",
            )
        )  # fmt: skip
