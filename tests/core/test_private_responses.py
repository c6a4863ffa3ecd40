"""No answer is kept by a browser or a proxy."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from core.middleware import PrivateResponses


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/account/login/", "/", "/no-such-page"])
def test_nothing_is_kept(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.headers["Cache-Control"] == "no-store, private"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_view_cannot_loosen_it(rf: RequestFactory) -> None:
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse("text", headers={"Cache-Control": "public, max-age=3600"})

    assert PrivateResponses(page)(rf.get("/")).headers["Cache-Control"] == "no-store, private"
