"""The API as a WSGI application: for gunicorn, ``DispatcherMiddleware``, and Django by a recipe."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from confkit.admin.bodies import Unreadable
from confkit.admin.incoming import body_seconds, end_to_end, framed, within
from confkit.admin.messages import Handler, Request, Response, no_body


class WSGI:
    """A WSGI application around ``Admin`` or ``Ofrep``.

    :param handler: what answers.
    :param seconds: how long a body may take to arrive.
    """

    def __init__(self, handler: Handler, *, seconds: float | None = None) -> None:
        self._handler = handler
        self._seconds = body_seconds(handler) if seconds is None else seconds

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        response = self._handler.handle(request_of(environ, self._seconds))
        start_response(status_line(response), end_to_end(response))
        return [response.body]


def status_line(response: Response) -> str:
    """The status with its phrase: ``404 Not Found``."""
    return f"{response.status} {HTTPStatus(response.status).phrase}"


def request_of(environ: dict[str, Any], seconds: float) -> Request:
    """The request that an environ describes."""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return Request(
        method=environ["REQUEST_METHOD"].upper(),
        path=_decoded(environ.get("PATH_INFO", "")),
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        read=_reader(environ, headers, seconds),
        address=environ.get("REMOTE_ADDR") or "",
        scheme=environ.get("wsgi.url_scheme", "http"),
        prefix=_decoded(environ.get("SCRIPT_NAME", "")).rstrip("/"),
    )


def _decoded(text: str) -> str:
    """A part of a URL, which WSGI gives as Latin-1."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def _reader(environ: dict[str, Any], headers: dict[str, str], seconds: float) -> Any:
    stream = environ.get("wsgi.input")
    if stream is None:
        return no_body

    def read(size: int) -> bytes:
        if not framed(headers, terminated=bool(environ.get("wsgi.input_terminated"))):
            return b""
        declared = headers.get("content-length", "").strip()
        most = min(size, int(declared)) if declared else size
        body = within(seconds, stream.read, most)
        if declared and len(body) < most:
            raise Unreadable("the body is shorter than its Content-Length")
        return body

    return read
