"""A Django project of one view, as in the recipe of docs/admin.md."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from confkit.admin.wsgi import WSGI

urlpatterns: list[Any] = []


def application(handler: Any) -> Any:
    """The project with the API at /admin."""
    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="k" * 50, APPEND_SLASH=False
        )
        django.setup()
    app = WSGI(handler)

    @csrf_exempt  # the API takes JSON only, and checks the origin of what has a cookie
    def view(request: Any, path: str) -> HttpResponse:
        environ = {
            **request.META,
            "SCRIPT_NAME": "/admin",
            "PATH_INFO": path.encode().decode("latin-1"),
        }
        head: list[Any] = []
        body = b"".join(app(environ, lambda *given: head.extend(given)))
        headers = {"Content-Type": "", **dict(head[1])}
        return HttpResponse(body, status=int(head[0][:3]), headers=headers)

    urlpatterns[:] = [re_path(r"^admin(?P<path>/.*|)$", view)]
    from django.urls import clear_url_caches

    clear_url_caches()
    return get_wsgi_application()
