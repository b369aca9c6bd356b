"""Streams that tell browsers to ask again: tickets that open one, and who listens."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from typing import Any

from confkit import clocks, forking
from confkit.flags.client import Flags
from confkit.secret import Secret

#: Seconds for which a ticket opens a stream, at most; at least half as long.
TICKET = 60


class Tickets:
    """Texts that stand for a principal for a minute: a browser's stream can send no header.

    The same facts have the same ticket for half a minute, so that a client which asks again does
    not have to open its stream again.

    :param key: signs them. Without one it is random: give one where several processes answer.
    """

    def __init__(self, key: Secret | None = None) -> None:
        self._key = secrets.token_bytes(32) if key is None else key.reveal().encode()

    def issue(self, facts: dict[str, Any]) -> str:
        """A ticket that carries some facts, signed and not hidden."""
        until = (self.window() + 2) * (TICKET // 2)
        body = json.dumps({**facts, "until": until}, separators=(",", ":")).encode().hex()
        return f"{body}.{self._signature(body)}"

    def window(self) -> int:
        """Which half minute it is: with the next one, tickets are others."""
        return int(clocks.time()) // (TICKET // 2)

    def facts(self, ticket: str) -> dict[str, Any] | None:
        """The facts of a ticket that still counts, else None."""
        body, _, signature = ticket.partition(".")
        expected = self._signature(body).encode()
        if not hmac.compare_digest(expected, signature.encode("utf-8", "replace")):
            return None
        found: dict[str, Any] = json.loads(bytes.fromhex(body))
        return found if found["until"] >= clocks.time() else None

    def _signature(self, body: str) -> str:
        data = body.encode("utf-8", "replace")
        return hmac.new(self._key, data, "sha256").hexdigest()


class Hub:
    """Who listens to changes of the flags of one client."""

    def __init__(self, flags: Flags) -> None:
        self._flags = flags
        self.after_fork()
        forking.register(self)
        #: how many changes there were: what was decided before one may be another after it
        self.changes = 0
        flags.subscribe(self._changed)

    def after_fork(self) -> None:
        """In a forked child: nobody listens."""
        self._lock = threading.Lock()
        self._listeners: dict[object, Callable[[], None]] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    def _changed(self, change: Any) -> None:
        self.changes += 1
        for wake in list(self._listeners.values()):
            wake()

    def version(self) -> str:
        """Which state of the store the answers are of."""
        found = self._flags.view.answer.version
        return f"{found.epoch}.{found.number}.{found.digest}"

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have ``wake`` called after every change, until what is returned is called."""
        token = object()
        with self._lock:
            self._listeners[token] = wake

        def end() -> None:
            with self._lock:
                self._listeners.pop(token, None)

        return end


class Refetch:
    """One stream: it says "refetchEvaluation" after changes, and nothing else.

    :param seen: the version of the answers that the client has: what changed since, it is told.
    """

    def __init__(self, hub: Hub, seen: str) -> None:
        self._hub = hub
        self._seen = seen

    def open(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Begin to listen."""
        end = self._hub.listen(wake)
        if self._hub.version() != self._seen:
            wake()
        return end

    def part(self, *, fresh: bool) -> bytes:
        """The event after a change; a comment where there was none."""
        if not fresh:
            return b": alive\n\n"
        data = json.dumps({"type": "refetchEvaluation", "etag": self._hub.version()})
        return f"event: message\ndata: {data}\n\n".encode()
