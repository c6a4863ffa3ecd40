from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    label = "cases"
    verbose_name = "Cases"

    def ready(self) -> None:
        """Tell the import pages, the jobs and the navigation what this app brings."""
        from cases.access import can_import, sees_cases
        from cases.services import CASE_IMPORTER
        from core import navigation
        from core.jobs.services import register_importer

        register_importer(CASE_IMPORTER)
        navigation.register(navigation.NavItem("Cases", "cases:list", order=30, shown_to=sees_cases, prefix="/cases/"))
        navigation.register(
            navigation.NavItem(
                "Data quality", "cases:data_quality", order=86, section="Administration",
                shown_to=lambda user: bool(getattr(user, "pk", None) and can_import(user)),
            )
        )  # fmt: skip
