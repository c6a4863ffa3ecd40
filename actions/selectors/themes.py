"""The themes that an action may have. They live in an app above, which says here what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ThemeGroup:
    """A heading and the names of the themes below it."""

    name: str
    themes: tuple[str, ...]


Provider = Callable[[], list[ThemeGroup]]


def _none() -> list[ThemeGroup]:
    return []


_providers: list[Provider] = [_none]


def register_theme_provider(provider: Provider) -> None:
    """Say what themes there are; the app that keeps them calls it when it is ready. The last one counts."""
    _providers[:] = [provider]


def theme_groups() -> list[ThemeGroup]:
    """The themes to choose from, by heading; none where no app keeps any."""
    return _providers[0]()
