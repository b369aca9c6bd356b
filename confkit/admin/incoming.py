"""What adapters share: reading a body that may never come, and the headers of a response."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from confkit.admin.bodies import Unreadable
from confkit.admin.messages import Response

#: How many bytes are asked for at once.
CHUNK = 16 * 1024


def within(seconds: float, read: Callable[[int], bytes], size: int) -> bytes:
    """At most ``size`` bytes of a stream that blocks.

    The stream is read in a thread of its own, which is left behind where the time is up: it ends
    with the connection.

    :raises Unreadable: when the stream fails, or has not ended after so many seconds.
    """
    found: list[bytes] = []
    failures: list[Exception] = []

    def collect() -> None:
        left = size
        try:
            while left > 0:
                part = read(min(left, CHUNK))
                if not part:
                    return
                found.append(part)
                left -= len(part)
        except Exception as error:  # whatever the server has for a body that is cut off
            failures.append(error)

    thread = threading.Thread(target=collect, daemon=True, name="confkit-body")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise Unreadable(f"the body did not arrive within {seconds:g} s")
    if failures:
        raise Unreadable("the body was cut off, or is not framed as its headers say")
    return b"".join(found)


def framed(headers: Mapping[str, str], *, terminated: bool) -> bool:
    """Whether a request has a body that ends: of a declared size, or in chunks.

    :param terminated: whether the server ends the stream itself where no size is declared.
    :raises Unreadable: for chunks that nobody decodes.
    """
    if "transfer-encoding" in headers and not terminated:
        raise Unreadable("this server takes no chunks: send a Content-Length")
    return headers.get("content-length", "").strip() not in ("", "0") or terminated


def end_to_end(response: Response) -> list[tuple[str, str]]:
    """The headers that a WSGI application may send: what is between two hops is the server's."""
    return [(name, value) for name, value in with_length(response) if name != "Connection"]


def with_length(response: Response) -> list[tuple[str, str]]:
    """The headers of a response, with the length of its body."""
    names = {name.lower() for name, _ in response.headers}
    if response.status in (204, 304) or "content-length" in names:
        return response.headers
    return [*response.headers, ("Content-Length", str(len(response.body)))]


def body_seconds(handler: Any) -> float:
    """How long a body may take to arrive, by the limits of the handler."""
    return float(handler.gate.limits.body_seconds)
