"""A TCP proxy that fails on demand, one thread, so that every fault comes when the test says."""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

RST = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Link:
    """One client's connection and its way to the server."""

    client: socket.socket
    server: socket.socket | None
    subscribed: bool = False
    frozen: bool = False
    cutting: bool = False
    open: bool = True


@dataclass
class FaultProxy:
    """Forward to ``port`` on loopback; misbehave by the methods below, until :meth:`heal`.

    ``accepted`` has the monotonic time of every connection attempt that was accepted.
    """

    port: int
    accepted: list[float] = field(default_factory=list)
    cuts: int = 0

    def __post_init__(self) -> None:
        self.latency = 0.0
        self._mode = "pass"
        self._drop_push = False
        self._cut_tokens: list[bytes] = []
        self._links: set[Link] = set()
        self._due: list[tuple[float, int, Link, socket.socket, bytes]] = []
        self._count = itertools.count()
        self._selector = selectors.DefaultSelector()
        self._inbox, self._outbox = socket.socketpair()
        self._inbox.setblocking(False)
        self._asked: list[tuple[Callable[[], None], threading.Event]] = []
        self._closing = False
        self._listener: socket.socket | None = None
        self._address = ("127.0.0.1", 0)
        self._selector.register(self._inbox, selectors.EVENT_READ, None)
        self._listen()
        self._thread = threading.Thread(target=self._loop, name="fault-proxy", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._address[1]}/0"

    @property
    def address(self) -> tuple[str, int]:
        return self._address

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what a test may ask for --

    def heal(self) -> None:
        """Be a plain proxy again; links that were black holes stay dead to their clients."""
        self._ask(self._heal)

    def refuse(self) -> None:
        """Nobody listens: connections are refused, those that exist are reset."""
        self._ask(self._refuse)

    def reset(self) -> None:
        """Accept, then reset; those that exist are reset too."""
        self._ask(lambda: (setattr(self, "_mode", "reset"), self._reset_all()))

    def blackhole(self) -> None:
        """Accept and swallow, in both directions, for ever."""
        self._ask(lambda: setattr(self, "_mode", "blackhole"))

    def half_open(self) -> None:
        """Links that exist fall silent without a sign; new ones work."""
        self._ask(lambda: [setattr(link, "frozen", True) for link in self._links])

    def drop_push(self) -> None:
        """One-way partition: what the server sends to its subscribers is lost."""
        self._ask(lambda: setattr(self, "_drop_push", True))

    def slow(self, seconds: float) -> None:
        """Delay every piece of every answer."""
        self._ask(lambda: setattr(self, "latency", seconds))

    def kill_all(self) -> None:
        """Reset every link that exists; new ones work."""
        self._ask(self._reset_all)

    def cut_after(self, *tokens: bytes) -> None:
        """For each token: let the request that has it through, then reset instead of answering."""
        self._ask(lambda: self._cut_tokens.extend(tokens))

    def links(self) -> int:
        return len(self._links)

    def close(self) -> None:
        self._closing = True
        self._outbox.send(b"x")
        self._thread.join(10)
        for link in list(self._links):
            self._drop(link)
        self._selector.close()
        for sock in (self._listener, self._inbox, self._outbox):
            if sock is not None:
                sock.close()

    # -- the thread --

    def _ask(self, action: Callable[[], Any]) -> None:
        done = threading.Event()
        self._asked.append((action, done))
        self._outbox.send(b"x")
        assert done.wait(10), "the proxy's thread is gone"

    def _listen(self) -> None:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(self._address)
        self._listener.listen(256)
        self._address = self._listener.getsockname()
        self._selector.register(self._listener, selectors.EVENT_READ, None)

    def _heal(self) -> None:
        if self._mode == "blackhole":
            for link in self._links:
                link.frozen = True
        self._mode, self.latency, self._drop_push = "pass", 0.0, False
        self._cut_tokens.clear()
        if self._listener is None:
            self._listen()

    def _refuse(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        self._reset_all()

    def _reset_all(self) -> None:
        for link in list(self._links):
            self._drop(link, reset=True)

    def _drop(self, link: Link, *, reset: bool = False) -> None:
        self._links.discard(link)
        link.open = False
        if reset:
            link.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
        for sock in (link.client, link.server):
            if sock is not None:
                self._selector.unregister(sock)
                sock.close()

    def _loop(self) -> None:
        while not self._closing:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
            for key, _ in self._selector.select(wait):
                if key.fileobj is self._inbox:
                    self._inbox.recv(4096)
                elif key.fileobj is self._listener:
                    self._accept()
                elif key.data is not None and key.data.open:
                    self._move(key.data, key.fileobj)
            while self._asked:
                action, done = self._asked.pop(0)
                action()
                done.set()
            while self._due and self._due[0][0] <= time.monotonic():
                _, _, link, target, data = heapq.heappop(self._due)
                self._send(link, target, data)

    def _accept(self) -> None:
        assert self._listener is not None
        client, _ = self._listener.accept()
        self.accepted.append(time.monotonic())
        if self._mode == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
            client.close()
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.settimeout(2)
        try:
            server = socket.create_connection(("127.0.0.1", self.port), timeout=2)
        except OSError:
            client.close()
            return
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(client, server)
        self._links.add(link)
        self._selector.register(client, selectors.EVENT_READ, link)
        self._selector.register(server, selectors.EVENT_READ, link)

    def _move(self, link: Link, source: Any) -> None:
        try:
            data = source.recv(65536)
        except OSError:
            data = b""
        silent = self._mode == "blackhole" or link.frozen
        if not data:
            # A peer that is gone in a black hole is not heard to go: keep the other side waiting.
            if silent and source is link.server:
                self._selector.unregister(source)
                source.close()
                link.server = None
            else:
                self._drop(link)
            return
        if silent or link.server is None:
            return
        if source is link.client:
            link.subscribed |= b"SUBSCRIBE" in data
            for token in self._cut_tokens:
                if token in data:
                    self._cut_tokens.remove(token)
                    link.cutting = True
                    break
            self._send(link, link.server, data)
            return
        if link.cutting:
            self.cuts += 1
            self._drop(link, reset=True)
        elif not (self._drop_push and link.subscribed):
            if self.latency:
                due = time.monotonic() + self.latency
                heapq.heappush(self._due, (due, next(self._count), link, link.client, data))
            else:
                self._send(link, link.client, data)

    def _send(self, link: Link, target: socket.socket, data: bytes) -> None:
        if not link.open:
            return
        try:
            target.sendall(data)
        except OSError:
            self._drop(link)
