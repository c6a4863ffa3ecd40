from typing import Any

from django.apps import AppConfig

REFUSED_SHOWN = 3


class AccountsConfig(AppConfig):
    name = "accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Tell the navigation and the jobs what this app brings, and hear of changes to how people sign in."""
        from allauth.account import signals as passwords
        from allauth.mfa import signals as factors

        from accounts import adapter, tasks
        from accounts.services import PEOPLE_IMPORTER
        from core import navigation
        from core.jobs.services import register_importer, register_schedule
        from core.notifications.services import refused_people
        from core.panels import Panel
        from core.panels import register as hang

        def keeps_people(user: object) -> bool:
            return bool(getattr(user, "sees_all_jobs", False))

        for signal in (passwords.password_changed, passwords.password_set, passwords.password_reset):
            signal.connect(adapter.password_was_set, dispatch_uid="accounts")
        for signal in (factors.authenticator_added, factors.authenticator_removed, factors.authenticator_reset):
            signal.connect(adapter.second_factors_changed, dispatch_uid="accounts")

        def refused_addresses(user: Any, _: Any) -> dict[str, Any] | None:
            """The people whose address the mail server refuses, for those who can correct it."""
            people = refused_people() if getattr(user, "keeps_settings", False) else []
            return {"count": len(people), "people": people[:REFUSED_SHOWN]} if people else None

        hang(Panel("every page", "accounts/refused_addresses.html", refused_addresses, order=50))
        register_importer(PEOPLE_IMPORTER)
        register_schedule(tasks.NIGHTLY)
        navigation.register(
            navigation.NavItem(
                "People",
                "accounts:people",
                order=80,
                shown_to=keeps_people,
                prefix="/people/",
                section="Administration",
            )
        )
        navigation.register(navigation.NavItem("Your sign-in", "mfa_index", order=20, place="footer"))
        tabs = (
            ("People", "people"),
            ("Structure", "structure"),
            ("Waiting", "pending"),
            ("To reassign", "to_reassign"),
        )
        for order, (label, name) in enumerate(tabs, start=1):
            navigation.register(
                navigation.NavItem(label, f"accounts:{name}", order=order * 10, shown_to=keeps_people, place="people")
            )
