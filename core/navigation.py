"""The navigation bar and the footer: each app declares its own entries, the page chrome only prints them.

An app calls `register(NavItem(...))` in its `AppConfig.ready`. Nothing here knows a domain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse


def signed_in(user: Any) -> bool:
    """True for anybody who has signed in: the audience of an entry that names no other."""
    return bool(getattr(user, "is_authenticated", False))


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation bar.

    `label` is what a person reads; `url_name` the name of a URL without arguments; `order`
    sorts (small numbers first); `shown_to` says whether this user has any use for the page
    (it hides a link, it guards nothing); `prefix` is the path below which the entry counts as
    current, by default the path of its own URL; `place` is "bar", below the header, "footer", or the
    name of a section whose pages print `{% section_tabs %}`. Entries of the bar with the same `section`
    share one word of it, and stand below the bar while one of them is current.
    """

    label: str
    url_name: str
    order: int = 100
    shown_to: Callable[[Any], bool] = signed_in
    prefix: str | None = None
    place: str = "bar"
    section: str = ""


@dataclass(frozen=True)
class NavLink:
    """An entry as printed for one request: its words, its path, whether it is current, and its section."""

    label: str
    href: str
    current: bool
    section: str = ""


@dataclass(frozen=True)
class NavBar:
    """The navigation bar of one request: its words, and the pages of the section that is current."""

    links: tuple[NavLink, ...]
    section: str = ""
    pages: tuple[NavLink, ...] = ()


_items: dict[tuple[str, str], NavItem] = {}


def register(item: NavItem) -> None:
    """Add an entry; a second entry with the same `url_name` in the same place replaces the first."""
    _items[item.url_name, item.place] = item


def links_for(user: Any, path: str, place: str = "bar") -> list[NavLink]:
    """The entries of one place for this user on this path, in order, at most one of them current.

    The entry with the longest matching prefix is the current one; an entry at "/" is current
    on that page alone. An entry whose URL does not exist in this installation is left out.
    """
    found: list[tuple[NavItem, str, str]] = []
    for item in sorted(_items.values(), key=lambda each: (each.order, each.label)):
        if item.place != place or not item.shown_to(user):
            continue
        try:
            href = reverse(item.url_name)
        except NoReverseMatch:
            continue
        found.append((item, href, item.prefix or href))
    matching = [prefix for _, _, prefix in found if _is_below(path, prefix)]
    longest = max(matching, key=len, default=None)
    links = []
    for item, href, prefix in found:
        current = prefix == longest
        if current:
            longest = None  # two entries with one prefix: the first is current
        links.append(NavLink(label=item.label, href=href, current=current, section=item.section))
    return links


def bar_for(user: Any, path: str) -> NavBar:
    """The bar for this user on this path: each section once, where its first entry stands, and leading to that.

    A section of which this person sees one page alone is called by the name of the page.
    """
    links = links_for(user, path)
    sections: dict[str, list[NavLink]] = {}
    for link in links:
        sections.setdefault(link.section or link.href, []).append(link)
    words = tuple(
        NavLink(
            label=pages[0].section if len(pages) > 1 else pages[0].label,
            href=pages[0].href,
            current=any(page.current for page in pages),
            section=pages[0].section,
        )
        for pages in sections.values()
    )
    open_one = next(
        (pages for pages in sections.values() if len(pages) > 1 and any(page.current for page in pages)), []
    )
    return NavBar(words, open_one[0].section if open_one else "", tuple(open_one))


def _is_below(path: str, prefix: str) -> bool:
    if prefix == "/":
        return path == "/"
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")
