from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    label = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        """Tell the navigation what this app brings."""
        from core import navigation
        from reports.access import can_read_figures

        navigation.register(
            navigation.NavItem(
                "Figures", "reports:monthly", order=50, shown_to=lambda user: bool(can_read_figures(user)),
                prefix="/reports/",
            )
        )  # fmt: skip
