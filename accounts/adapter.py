"""How allauth is closed: nobody signs themselves up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """Accounts are made by the council, never by the person at the sign-in page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
