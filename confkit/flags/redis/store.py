"""Flags in Redis: changed once, seen by every process, safe when Redis is not.

What is stored is told in :mod:`confkit.flags.redis.format`. Readers and writers share a
connection only where both wait equally long, and no call waits for ever: a frozen server costs
redis-py's defaults a minute.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
import uuid
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from confkit import forking
from confkit.errors import StoreUnavailable
from confkit.flags.redis import connection
from confkit.flags.redis.commands import Commands
from confkit.flags.redis.connection import Result, Steps, place
from confkit.flags.redis.format import Message
from confkit.flags.redis.mirror import Mirror
from confkit.flags.rules.literals import Document
from confkit.flags.stores.port import FlagSet, Revision, Version, Wake, Wanted

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

logger = logging.getLogger("confkit.flags")

#: Seconds that a reader waits for one answer. Nobody but a background thread waits with it.
READ_TIMEOUT = 0.25
#: Seconds that a writer waits for one answer; with the one repetition a write takes under two.
WRITE_TIMEOUT = 0.9
#: Seconds of silence after which a subscription is asked whether it is still there.
HEARTBEAT = 15.0
#: Seconds between looks at whether the flags are still there: eviction takes them, not the version,
#: which every poll touches.
VERIFY = 60.0
#: Seconds between looks at every document: who changes one past confkit changes nothing else.
REREAD = 3600.0
#: Seconds after which a waiting subscription looks whether it shall stop.
STOP_LOOK = 0.25


class _Clients(NamedTuple):
    reader: Any
    writer: Any


class RedisStore:
    """Flags in one namespace of a Redis or Valkey server, a Sentinel group or a cluster.

    :param client: a ``redis.Redis`` or ``redis.RedisCluster``, used as a pattern only: the store
        opens connections of its own to the same place, with its own time-outs and no retries.
    :param namespace: all keys begin with it, in braces.
    """

    def __init__(
        self,
        client: Redis | RedisCluster,
        *,
        namespace: str = "confkit",
        read_timeout: float = READ_TIMEOUT,
        write_timeout: float = WRITE_TIMEOUT,
        heartbeat: float = HEARTBEAT,
        verify: float = VERIFY,
        reread: float = REREAD,
    ) -> None:
        self.commands = Commands(namespace)
        #: What is wrong with how the server is set up: what :meth:`inspect` found last.
        self.warnings: tuple[str, ...] = ()
        self._pattern = client
        self._read_timeout = read_timeout
        self._write_timeout = write_timeout
        self._heartbeat = heartbeat
        self._verify = verify
        self._reread = reread
        self._clients: _Clients | None = None
        self._verified = self._read_all = time.monotonic()
        #: When the server last answered a reader, by ``time.monotonic``.
        self.last_reply = 0.0
        self._mirror = Mirror()
        self._reading = threading.RLock()
        forking.register(self)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        namespace: str | None = None,
        read_timeout: float | None = None,
        write_timeout: float | None = None,
        **options: Any,
    ) -> RedisStore:
        """A store from ``redis://``, ``rediss://`` (TLS) or ``unix://``, by redis-py's rules.

        :param namespace: default what ``?namespace=`` in the URL says, else ``confkit``.
        :param read_timeout: seconds that a reader waits for one answer: default what
            ``?read_timeout=`` or ``?socket_timeout=`` in the URL says, else 0.25.
        :param write_timeout: the same for a writer; else 0.9.
        :param options: go to ``redis.Redis.from_url``: ``ssl_ca_certs``, ``credential_provider``…
        :raises confkit.StoreError: when it is no such URL; the message does not quote it.
        """
        client, asked = connection.from_url(url, **options)
        return cls(
            client,
            namespace=namespace or asked.namespace or "confkit",
            read_timeout=asked.read_timeout or read_timeout or READ_TIMEOUT,
            write_timeout=asked.write_timeout or write_timeout or WRITE_TIMEOUT,
        )

    def __repr__(self) -> str:
        return f"<RedisStore {place(self._pattern)}, namespace {self.commands.keys.namespace!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a RedisStore holds connections: make one in each process, from its URL")

    def after_fork(self) -> None:
        """Forget the parent's connections, without touching them."""
        self._clients = None
        self._reading = threading.RLock()

    def close(self) -> None:
        """Close the connections of this process; the next call opens new ones."""
        clients, self._clients = self._clients, None
        for client in clients or ():
            client.close()

    # -- the port --

    def read(self, known: Version | None = None) -> FlagSet | None:
        """Every flag, or None when the store is still at ``known``: one short command then.

        What changed since the last read is fetched by itself; everything, page by page, only at
        the start, after a loss, and after 500 changes at once.
        """
        with self._reading:
            verify, again = self._shall_verify()
            steps = self.commands.reading(self._mirror, verify=verify, again=again, wait=time.sleep)
            self._mirror = mirror = self.run(self._noting(steps), role="reader")
        if known is None:
            return deepcopy(mirror.answer(None))
        return None if known == mirror.version else mirror.answer(known)

    def _noting(self, steps: Steps[Result]) -> Steps[Result]:
        """The same steps, and note when each reply comes: a long answer is no silence."""
        replies: Any = None
        try:
            while True:
                commands = steps.send(replies)
                replies = yield commands
                self.last_reply = time.monotonic()
        except StopIteration as stop:
            result: Result = stop.value
            return result

    def write(
        self,
        name: str,
        document: Document | None,
        *,
        expect: int | None,
        by: str,
        reason: str,
        base: Version | None = None,
    ) -> Revision:
        """Put or delete one flag; see :class:`confkit.flags.stores.port.Store`."""
        return self.write_all([(name, document, expect)], by=by, reason=reason, base=base)[0]

    def write_all(
        self, changes: Sequence[Wanted], *, by: str, reason: str, base: Version | None = None
    ) -> list[Revision]:
        """Put or delete several flags in one step of the server: all of them, or none.

        A reply that is lost is asked for once more, and counts once however often it is asked.
        """
        return self.run(self.commands.writing(changes, by=by, reason=reason, base=base))

    def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all: 10,000 are kept, and 32 MB of them."""
        return self.run(self.commands.recalling(name, limit))

    def seed(self, flags: FlagSet, seen: Version) -> bool:
        """Put ``flags`` in the place of what a store holds that lost data, if it is at ``seen``.

        Each flag keeps the version of its last change, so that of several clients that do this
        the later change of each flag wins.
        """
        epoch = flags.version.epoch or uuid.uuid4().hex[:16]
        return self.run(self.commands.adopting(flags, seen, epoch=epoch))

    def confirm(self, seen: Version, *, by: str, reason: str) -> bool:
        """Give what the store holds at ``seen`` a new epoch, which every reader accepts."""
        with self._reading:
            mirror = self._mirror
            if mirror.version != seen:
                return False
            flags = replace(mirror.answer(None), confirmed=True, floor=mirror.state.number)
            epoch = uuid.uuid4().hex[:16]
            done = self.run(self.commands.adopting(flags, mirror.state, epoch=epoch, now=True))
        if done:
            logger.warning("%r: its content is confirmed by %r: %r", self, by, reason)
        return done

    def hints(self, wake: Wake, stop: threading.Event) -> None:
        """Call ``wake`` at every change and every subscription, until ``stop`` is set.

        :raises confkit.StoreError: when the connection is lost, or silent for too long.
        """
        self.inspect()
        with connection.typed(self._pattern), contextlib.ExitStack() as closing:
            client = closing.enter_context(connection.like(self._pattern, self._read_timeout))
            pubsub = closing.enter_context(client.pubsub())
            pubsub.subscribe(self.commands.keys.changed)
            heard, asked = time.monotonic(), False
            while not stop.is_set():
                message = pubsub.get_message(timeout=min(STOP_LOOK, self._heartbeat))
                now = time.monotonic()
                if message is not None:
                    heard, asked = now, False
                    if message["type"] in ("subscribe", "message"):
                        self._tell(message, wake)
                elif asked and now - heard > self._heartbeat + 1.0:
                    # A frozen server and a peer that is gone look just like silence.
                    raise StoreUnavailable(f"{place(self._pattern)}: the subscription is dead")
                elif not asked and now - heard > self._heartbeat:
                    pubsub.ping()
                    asked = True

    def _tell(self, message: Any, wake: Wake) -> None:
        """Follow a message where it fits; else have the store read, after a while of its own."""
        told = Message.of(message["data"]) if message["type"] == "message" else None
        with self._reading:
            before = self._mirror
            after = None if told is None else before.told(told)
            if after is not None:
                self._mirror = after
        if after is not None:
            wake(after.answer(before.version))
        else:
            wake(None, before.pause())

    # -- connections --

    def run(self, steps: Steps[Result], *, role: str = "writer") -> Result:
        """Carry out ``steps``, in the calling thread, with the time-outs of ``role``.

        :raises confkit.StoreError: for whatever goes wrong with the server.
        """
        with connection.typed(self._pattern):
            return connection.drive(lambda: getattr(self._connected(), role), steps)

    def _connected(self) -> _Clients:
        clients = self._clients
        if clients is None:
            # Two threads may both come here: one pair wins, the other is closed when collected.
            reader = writer = connection.like(self._pattern, self._read_timeout)
            if self._write_timeout != self._read_timeout:
                writer = connection.like(self._pattern, self._write_timeout)
            clients = self._clients = _Clients(reader, writer)
        return clients

    def _shall_verify(self) -> tuple[bool, bool]:
        """Whether to look if the flags are still there, and whether to read all of them."""
        now = time.monotonic()
        again = now - self._read_all >= self._reread
        if again:
            self._read_all = now + random.uniform(0, self._reread / 10)  # noqa: S311 - no secret
        verify = now - self._verified >= self._verify
        if verify:
            self._verified = now
        return verify, again

    def inspect(self) -> None:
        """Warn of a server that may forget flags; silent where the server will not say.

        What subscribes calls it: a command that asks one question waits for no second answer.
        """
        found = {}
        with contextlib.suppress(*connection.ERRORS):  # CONFIG is forbidden on many managed servers
            found = connection.settings(self._connected().reader)
        policy, save = found.get("maxmemory-policy", ""), found.get("save", "?")
        problems = []
        if policy.startswith("allkeys-"):
            problems.append(
                f"maxmemory-policy {policy} may evict the flags: use noeviction or volatile-*"
            )
        if not save and found.get("appendonly") == "no":
            problems.append("neither save nor appendonly is set: a restart loses the flags")
        before, self.warnings = self.warnings, tuple(problems)
        for problem in problems if self.warnings != before else ():
            logger.warning("%r: %s", self, problem)
