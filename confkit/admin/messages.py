"""Requests, responses and principals: plain data that every adapter translates to and from."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, quote

#: The grants that there are. ``*`` is all of them but those of :data:`PUBLIC`.
GRANTS = (
    "config:read",
    "config:write",
    "flags:read",
    "flags:write",
    "flags:evaluate",
    "audit:read",
    "status:read",
)
#: Evaluates flags that are marked public, and nothing else.
PUBLIC = "flags:evaluate:public"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    :ivar name: how the audit and the histories call them.
    :ivar grants: what they may do, of :data:`GRANTS`, or ``*``; nothing by default.
    """

    name: str
    grants: Collection[str] = frozenset()

    def __post_init__(self) -> None:
        if isinstance(self.grants, str):
            raise TypeError("grants are a collection of texts, and not one text")
        object.__setattr__(self, "grants", frozenset(self.grants))


def no_body(size: int) -> bytes:
    """The body of a request without one."""
    return b""


@dataclass(slots=True, eq=False)
class Request:
    """One request, as an adapter hands it over. It is not changed.

    :ivar method: upper case.
    :ivar path: below the prefix that the API is mounted at: ``/config``.
    :ivar query: the text behind ``?``.
    :ivar headers: by name in lower case.
    :ivar read: gives at most so many bytes of the body, decoded from its transfer coding. It is
        called once, after everything else about the request was found right.
    :ivar address: of the peer, for the limit of failed logins.
    :ivar scheme: ``http`` or ``https``.
    :ivar prefix: where the API is mounted, without the slash at its end.
    :ivar streams: whether the adapter can send a response that has no end.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[int], bytes] = field(default=no_body, repr=False)
    address: str = ""
    scheme: str = "http"
    prefix: str = ""
    streams: bool = False

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path[:80]}>"  # headers and query may hold tokens

    @property
    def root(self) -> str:
        """The prefix as it is written in URLs, with a slash at its end: ``/admin/``."""
        inside = quote(self.prefix.strip("/"))
        return f"/{inside}/" if inside else "/"

    def header(self, name: str) -> str:
        """A header by its name in lower case; empty where it is missing."""
        return self.headers.get(name, "")

    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the query.

        :raises ValueError: for more than 100 of them.
        """
        return parse_qs(self.query, keep_blank_values=True, max_num_fields=100)


class Stream(Protocol):
    """A response that has no end: text parts, until the peer goes or the stream is closed."""

    def open(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have ``wake`` called from any thread when there is something new; the result ends it."""
        ...

    def part(self, *, fresh: bool) -> bytes:
        """What to send: after ``wake`` (fresh), or to keep the connection open."""
        ...


@dataclass(slots=True, eq=False)
class Response:
    """One answer, as an adapter sends it.

    :ivar headers: pairs of names and values, in order.
    :ivar stream: what follows instead of a body, where the request says that it can be sent.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    stream: Stream | None = None

    def header(self, name: str) -> str:
        """The first header of this name; empty where it is missing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Handler(Protocol):
    """What adapters put into an application: :class:`confkit.admin.Admin` and ``Ofrep``."""

    def handle(self, request: Request) -> Response:
        """The answer to a request; it blocks where a store or a disk does, and never raises."""
        ...


def dumps(value: Any) -> bytes:
    """A value as JSON; text beyond ASCII is written as it is, and a float beyond JSON as text."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:  # the settings may hold what JSON has no number for
        return dumps(_finite(value))
    return text.encode("utf-8", "backslashreplace")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def answer(
    status: int, value: Any = None, headers: Mapping[str, str] | None = None, etag: str = ""
) -> Response:
    """A response in JSON, never to be stored by what is in between."""
    body = b"" if value is None else dumps(value)
    pairs = [("Cache-Control", "no-store")]
    if body:
        pairs.append(("Content-Type", "application/json"))
    if etag:
        pairs.append(("ETag", etag))
    pairs.extend((headers or {}).items())
    return Response(status, pairs, body)
