"""The ASGI adapter: threads, disconnects, streams, the start and end of a server."""

from __future__ import annotations

import asyncio
import threading

import pytest

from confkit.admin import Limits, Request, Response
from confkit.admin.asgi import ASGI
from confkit.admin.bodies import read
from confkit.admin.problems import Refused


class Echo:
    """Answers with what it read of the body, or with a stream."""

    class Gate:
        limits = Limits(body_seconds=0.05)

    gate = Gate()
    stream = None

    def handle(self, request: Request) -> Response:
        self.thread = threading.current_thread()
        if self.stream is not None:
            return Response(200, [("Content-Type", "text/event-stream")], stream=self.stream)
        try:
            return Response(200, [], read(request, self.gate.limits))
        except Refused as refused:
            return Response(413 if refused.kind == "too-large" else 400)


def scope(**changes):
    made = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    return {**made, **changes}


def run(app, messages, given=None, forever=False):
    sent = []

    async def receive():
        if messages:
            return messages.pop(0)
        if forever:
            await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(given or scope(), receive, send))
    return sent


def part(data, more=False):
    return {"type": "http.request", "body": data, "more_body": more}


def test_what_blocks_has_a_thread_of_its_own():
    echo = Echo()
    sent = run(ASGI(echo), [part(b"ab", True), part(b"", True), part(b"cd")])
    assert (sent[0]["status"], sent[1]["body"]) == (200, b"abcd")
    assert echo.thread is not threading.main_thread()


def test_a_slow_body_and_one_that_is_cut_off_are_400():
    assert run(ASGI(Echo()), [part(b"a", True)], forever=True)[0]["status"] == 400
    assert run(ASGI(Echo()), [part(b"a", True)])[0]["status"] == 400


def test_an_endless_body_is_413():
    messages = [part(b"x" * 1000, True) for _ in range(1000)]
    assert run(ASGI(Echo()), messages)[0]["status"] == 413
    assert len(messages) > 900


def test_an_address_a_prefix_and_repeated_headers():
    seen = []

    class Seeing(Echo):
        def handle(self, request):
            seen.append(request)
            return Response(204)

    headers = [(b"X-A", b"1"), (b"x-a", b"2"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    given = scope(path="/p/config", root_path="/p", headers=headers, client=("192.0.2.7", 5))
    run(ASGI(Seeing()), [part(b"")], given)
    run(ASGI(Seeing()), [part(b"")], scope(path="/config", root_path="/p"))
    first, second = seen
    assert (first.path, first.prefix, first.address) == ("/config", "/p", "192.0.2.7")
    assert (first.header("x-a"), first.header("cookie")) == ("1, 2", "a=1; b=2")
    assert (second.path, second.address, second.streams) == ("/config", "", True)


def test_a_server_starts_and_ends():
    sent = run(
        ASGI(Echo()), [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}],
        {"type": "lifespan"},
    )  # fmt: skip
    assert [one["type"] for one in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_a_web_socket_is_refused():
    assert run(ASGI(Echo()), [], {"type": "websocket"})[0]["type"] == "websocket.close"


class Ticks:
    def __init__(self):
        self.closed = threading.Event()

    def open(self, wake):
        self.wake = wake
        return self.closed.set

    def part(self, *, fresh):
        return b"fresh" if fresh else b"-"


@pytest.mark.parametrize("ending", ["peer", "send"])
def test_a_stream_sends_what_is_new_until_the_peer_is_gone(ending):
    echo, ticks = Echo(), Ticks()
    echo.stream = ticks
    sent, gone = [], asyncio.Event()

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if ending == "send" and message.get("body") == b"fresh":
            raise OSError("gone")
        sent.append(message)

    async def scenario():
        task = asyncio.ensure_future(ASGI(echo, keep_alive=0.02)(scope(), receive, send))
        while len(sent) < 4:
            await asyncio.sleep(0.005)
        threading.Thread(target=ticks.wake).start()
        while ending == "peer" and not any(one.get("body") == b"fresh" for one in sent):
            await asyncio.sleep(0.005)
        if ending == "peer":
            gone.set()
        await asyncio.wait_for(task, 10)

    asyncio.run(scenario())
    assert ticks.closed.is_set()
    assert b"-" in [one.get("body") for one in sent]
    assert not any(name == b"content-length" for name, _ in sent[0]["headers"])
    ticks.wake()  # after the loop is closed, this tells nobody
