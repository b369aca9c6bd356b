"""A Django project of one view: the recipe of docs/admin.md, as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import clear_url_caches, re_path

PAGE = Path(__file__).parents[2] / "docs" / "admin.md"
urlpatterns: list[Any] = []


def recipe(handler: Any) -> Any:
    """The view of the page, around a handler."""
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    (block,) = [text for text in blocks if "csrf_exempt" in text]
    names: dict[str, Any] = {"admin": handler, "__name__": __name__}
    exec(compile(block, str(PAGE), "exec"), names)
    return names["admin_view"]


def application(handler: Any) -> Any:
    """The project with the API at /admin."""
    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="k" * 50, APPEND_SLASH=False
        )
        django.setup()
    urlpatterns[:] = [re_path(r"^admin(?P<path>/.*|)$", recipe(handler))]
    clear_url_caches()
    return get_wsgi_application()
