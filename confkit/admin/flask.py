"""The API as a Flask blueprint, which also runs the host's own decorators and hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confkit.admin.incoming import body_seconds, end_to_end
from confkit.admin.messages import Handler
from confkit.admin.wsgi import request_of
from confkit.errors import MissingExtra

try:
    from flask import Blueprint, request
    from flask import Response as FlaskResponse
    from werkzeug.datastructures import Headers
except ImportError:
    raise MissingExtra("flask", "flask") from None

#: Every method that is routed to the API, which knows which of them there are.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def blueprint(
    handler: Handler,
    *,
    name: str = "confkit",
    wrap: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
) -> Blueprint:
    """A blueprint around ``Admin`` or ``Ofrep``.

    ``app.register_blueprint(blueprint(admin), url_prefix="/admin")`` mounts it.

    :param name: of the blueprint; each of an application needs another one.
    :param wrap: the host's own decorator, such as ``require_admin``: it is asked first, and the
        API's own ``auth`` after it.
    """
    made = Blueprint(name, __name__)
    seconds = body_seconds(handler)

    def answer(**names: str) -> FlaskResponse:
        environ = dict(request.environ)
        # As many parts as the rule has before the path are the prefix, whatever they are.
        prefix = str(request.url_rule).removesuffix("<path:path>").rstrip("/").count("/")
        parts = environ.get("PATH_INFO", "").split("/")
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/".join(parts[: prefix + 1])
        environ["PATH_INFO"] = "/".join(["", *parts[prefix + 1 :]])
        found = handler.handle(request_of(environ, seconds))
        made = FlaskResponse(found.body, status=found.status)
        made.headers = Headers(end_to_end(found))  # in place of Flask's own default ones
        return made

    view = answer if wrap is None else wrap(answer)
    for rule in ("", "/", "/<path:path>"):
        made.add_url_rule(
            rule, "api", view, methods=METHODS, provide_automatic_options=False,
            strict_slashes=False, merge_slashes=False,
        )  # fmt: skip
    return made
