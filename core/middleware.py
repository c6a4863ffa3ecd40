"""What every answer that is not a static file says about keeping it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class PrivateResponses:
    """No page is kept by a browser, a proxy or another site.

    Static files are answered further out (WhiteNoise) and keep their own headers.
    Everything that passes here may hold somebody's case, a sign-in form included, so
    the header is not left to each view, and a view's own Cache-Control is overruled.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
