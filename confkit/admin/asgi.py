"""The API as an ASGI application: for uvicorn, FastAPI and Starlette.

What answers may block (a disk, Redis), so each request has a thread. The body is read on the event
loop, when the API asks for it. Responses without an end are sent from the loop and cost no thread.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from confkit.admin.bodies import Unreadable
from confkit.admin.incoming import body_seconds, with_length
from confkit.admin.messages import Handler, Request, Response, Stream

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: Seconds after which a stream that has nothing to tell sends a comment, so that nobody in between
#: takes the connection for dead.
KEEP_ALIVE = 15.0
#: How many requests are answered at the same time.
THREADS = 8


class ASGI:
    """An ASGI application around ``Admin`` or ``Ofrep``.

    :param handler: what answers.
    :param seconds: how long a body may take to arrive.
    :param keep_alive: seconds between two signs of life of a stream.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        seconds: float | None = None,
        keep_alive: float = KEEP_ALIVE,
    ) -> None:
        self._handler = handler
        self._seconds = body_seconds(handler) if seconds is None else seconds
        self._keep_alive = keep_alive
        # Of its own: the default one of a loop is the application's, and may be full.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="confkit-admin")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or the start and the end of a server."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        body = _Body(receive, self._seconds)

        def read(size: int) -> bytes:
            return asyncio.run_coroutine_threadsafe(body.read(size), loop).result()

        request = request_of(scope, read)
        context = contextvars.copy_context()  # overrides of one context count in the thread
        answered = functools.partial(context.run, self._handler.handle, request)
        response: Response = await loop.run_in_executor(self._threads, answered)
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in (
                response.headers if response.stream is not None else with_length(response)
            )
        ]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if response.stream is None:
            await send({"type": "http.response.body", "body": response.body})
        else:
            await self._stream(response.stream, body, send)

    async def _stream(self, stream: Stream, body: _Body, send: Send) -> None:
        loop, stirred, news = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

        def tell() -> None:
            news.set()
            stirred.set()

        def wake() -> None:  # from any thread
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell)

        gone = asyncio.ensure_future(body.gone())
        gone.add_done_callback(lambda _: stirred.set())
        close = stream.open(wake)
        try:
            while not gone.done():
                fresh = news.is_set()
                news.clear()
                await send(_part(stream.part(fresh=fresh)))
                # One event for all that may happen: there may be hundreds of streams.
                timer = loop.call_later(self._keep_alive, stirred.set)
                await stirred.wait()
                timer.cancel()
                stirred.clear()
        except OSError:  # the peer went away while something was sent
            return
        finally:
            gone.cancel()
            close()


def _part(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


class _Body:
    """The body of one request, as it arrives."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._ended = False

    async def read(self, size: int) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._collect(size)
        except TimeoutError:
            raise Unreadable(f"the body did not arrive within {self._seconds:g} s") from None

    async def _collect(self, size: int) -> bytes:
        parts, left = [], size
        while left > 0 and not self._ended:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Unreadable("the body was cut off")
            part = message.get("body", b"")[:left]
            self._ended = not message.get("more_body", False)
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    async def gone(self) -> None:
        """Return when the peer is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def request_of(scope: Message, read: Callable[[int], bytes]) -> Request:
    """The request that a scope describes; the values of a repeated header are joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{separator}{value}" if name in headers else value
    prefix = scope.get("root_path", "").rstrip("/")
    path = scope["path"]
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        path = path[len(prefix) :]
    client = scope.get("client")
    return Request(
        method=scope["method"].upper(),
        path=path,
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
        read=read,
        address=client[0] if client else "",
        scheme=scope.get("scheme", "http"),
        prefix=prefix,
        streams=True,
    )


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
