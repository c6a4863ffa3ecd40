"""How a notice leaves the product: pure, one sentence each."""

from __future__ import annotations

from core.notifications.choices import Route, Wish


def route_of(*, urgent: bool, must: bool, wish: str) -> Route:
    """What has to be sent is sent at once whatever a person wishes; else urgent things at once and the rest in the
    digest, unless the person wants everything in the digest or no e-mail."""
    if must:
        return Route.NOW
    if wish == Wish.PAGE:
        return Route.PAGE
    return Route.NOW if urgent and wish != Wish.DIGEST else Route.DIGEST
