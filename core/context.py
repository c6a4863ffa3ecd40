"""What every page needs around its content: names, navigation, the count of unread notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core import navigation, panels

_unread_counter: Callable[[Any], int] | None = None


def register_unread_counter(counter: Callable[[Any], int]) -> None:
    """Name the function that counts a user's unread notices; called in an `AppConfig.ready`."""
    global _unread_counter
    _unread_counter = counter


def names() -> dict[str, Any]:
    """The names printed on every page, which need neither a request nor a database."""
    return {
        "council_name": settings.COUNCIL_NAME,
        "service_name": settings.SERVICE_NAME,
        "demo_mode": settings.DEMO_MODE,
        "session_seconds": settings.SESSION_COOKIE_AGE,
        "session_minutes": settings.SESSION_COOKIE_AGE // 60,
    }


def page_chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the names, plus navigation and unread notices for the signed-in user.

    Navigation and the count are worked out only when a template prints them.
    """
    user = getattr(request, "user", None)
    return {
        **names(),
        "nav_bar": SimpleLazyObject(lambda: navigation.bar_for(user, request.path)),
        "footer_items": SimpleLazyObject(lambda: navigation.links_for(user, request.path, "footer")),
        "unread_notices": SimpleLazyObject(lambda: _unread(user)),
        "page_banners": SimpleLazyObject(
            lambda: panels.panels_for("every page", user, None) if navigation.signed_in(user) else []
        ),
    }


def _unread(user: Any) -> int:
    if _unread_counter is None or not navigation.signed_in(user):
        return 0
    return _unread_counter(user)
