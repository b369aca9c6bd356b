"""Every adapter as one function: a request in, status, headers and body out."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any, NamedTuple

from confkit.admin.asgi import ASGI
from confkit.admin.wsgi import WSGI


class Answer(NamedTuple):
    """One answer, as it is on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


Ask = Callable[..., Answer]
PREFIX = "/admin"


def environ_of(method: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": PREFIX,
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ


def by_wsgi(app: Callable[..., Any]) -> Ask:
    """Ask a WSGI application."""

    def ask(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        found: list[Any] = []
        environ = environ_of(method, path, headers, body)
        parts = app(environ, lambda status, headers, *_: found.append((status, headers)))
        status, sent = found[0]
        return Answer(int(status[:3]), {k.lower(): v for k, v in sent}, b"".join(parts))

    return ask


def wsgi(handler: Any) -> Ask:
    """The WSGI adapter."""
    return by_wsgi(WSGI(handler))


def flask(handler: Any) -> Ask:
    """The blueprint of a Flask application."""
    from flask import Flask

    from confkit.admin.flask import blueprint

    app = Flask("host")
    app.register_blueprint(blueprint(handler), url_prefix=PREFIX)

    def ask(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        environ = environ_of(method, path, headers, body)
        environ["PATH_INFO"] = PREFIX + environ["PATH_INFO"]
        environ["SCRIPT_NAME"] = ""
        return by_wsgi(lambda given, start: app(environ, start))(method, path, headers, body)

    return ask


def by_asgi(app: Any) -> Ask:
    """Ask an ASGI application, on a loop of its own."""

    def ask(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": PREFIX + path,
            "raw_path": (PREFIX + path).encode(),
            "root_path": PREFIX,
            "query_string": query.encode("latin-1"),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()],
            "client": ("192.0.2.1", 1),
            "server": ("localhost", 80),
        }
        parts = [body[i : i + 1000] for i in range(0, len(body), 1000)] or [b""]
        incoming = [
            {"type": "http.request", "body": part, "more_body": i + 1 < len(parts)}
            for i, part in enumerate(parts)
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return incoming.pop(0) if incoming else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(app(scope, receive, send))
        start, rest = sent[0], sent[1:]
        names = {k.decode(): v.decode("latin-1") for k, v in start["headers"]}
        return Answer(start["status"], names, b"".join(m.get("body", b"") for m in rest))

    return ask


def asgi(handler: Any) -> Ask:
    """The ASGI adapter."""
    return by_asgi(ASGI(handler))


def starlette(handler: Any) -> Ask:
    """The ASGI adapter, mounted in Starlette (as in FastAPI)."""
    from starlette.applications import Starlette
    from starlette.routing import Mount

    app = Starlette(routes=[Mount(PREFIX, app=ASGI(handler))])

    async def unmounted(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "root_path": ""}, receive, send)

    return by_asgi(unmounted)


def django(handler: Any) -> Ask:
    """A Django view, as in the recipe of docs/admin.md."""
    from tests.admin.django_host import application

    def ask(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        app = application(handler)
        environ = environ_of(method, path, headers, body)
        environ["PATH_INFO"] = PREFIX + environ["PATH_INFO"]
        environ["SCRIPT_NAME"] = ""
        return by_wsgi(lambda given, start: app(environ, start))(method, path, headers, body)

    return ask
