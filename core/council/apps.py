from django.apps import AppConfig


class CouncilConfig(AppConfig):
    name = "core.council"
    label = "council"
    verbose_name = "Council settings"

    def ready(self) -> None:
        """Tell the navigation what this app brings."""
        from core import navigation
        from core.council.access import keeps_settings

        for order, (label, name) in enumerate((("Settings", "settings"), ("Working days", "calendar")), start=6):
            navigation.register(
                navigation.NavItem(
                    label, f"council:{name}", order=order * 10, shown_to=keeps_settings, place="people"
                )
            )  # fmt: skip
        navigation.register(
            navigation.NavItem(
                "Settings", "council:settings", order=82, shown_to=keeps_settings, section="Administration"
            )
        )
