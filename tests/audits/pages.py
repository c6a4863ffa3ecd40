"""What tests of the pages share: signed-in browsers, and what a browser would send for a page."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from audits.models import Audit, AuditSection


def browser(user: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def section_url(row: AuditSection, name: str = "section") -> str:
    """The address of a section's page, or of its autosave."""
    return reverse(f"audits:{name}", args=[row.audit_id, row.pk])


def url(name: str, audit: Audit) -> str:
    """The address of one of an audit's pages."""
    return reverse(f"audits:{name}", args=[audit.pk])


def typed(row: AuditSection, **changes: Any) -> dict[str, Any]:
    """What the page of a section sends when its question, grade and reason are filled in."""
    return {
        "version": str(row.version),
        "q-seen": "yes",
        "grade": "good",
        "reason": "The record shows this clearly in every visit.",
        "then": "continue",
        **{name.replace("__", "-"): value for name, value in changes.items()},
    }


def text_of(response: Any) -> str:
    """The page as text."""
    return str(response.content.decode())
