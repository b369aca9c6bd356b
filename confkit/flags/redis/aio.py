"""Changing flags from a coroutine: the event loop never waits for Redis.

Questions need nothing of this: ``flags.enabled(...)`` does no I/O, so ask it anywhere.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from confkit.errors import FlagConflict
from confkit.flags.client import Flags
from confkit.flags.redis import connection
from confkit.flags.redis.connection import Result, Steps
from confkit.flags.redis.store import WRITE_TIMEOUT, RedisStore
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Flag, name_of
from confkit.flags.stores.port import FlagSet, Revision, Version
from confkit.flags.writer import RECORDS, RETRIES, Circumstances, Writer

if TYPE_CHECKING:
    from redis.asyncio import Redis


class AsyncRedisStore:
    """The three verbs of :class:`confkit.flags.redis.store.RedisStore`, awaited.

    Belongs to one event loop, as every client of ``redis.asyncio`` does.

    :param client: used as a pattern: the store opens connections of its own to the same place.
    """

    def __init__(
        self, client: Redis, *, namespace: str = "confkit", timeout: float = WRITE_TIMEOUT
    ) -> None:
        # It knows what to say; the connections that it would open are never opened.
        pattern: Any = client
        self._says = RedisStore(pattern, namespace=namespace)
        self._pattern = client
        self._client = connection.like(client, timeout)

    @classmethod
    def from_url(cls, url: str, *, namespace: str | None = None, **options: Any) -> AsyncRedisStore:
        """A store from a URL, as :meth:`confkit.flags.redis.store.RedisStore.from_url` takes it."""
        client, asked = connection.from_url(url, kind=connection.ASYNC, **options)
        return cls(client, namespace=namespace or asked or "confkit")

    def __repr__(self) -> str:
        return repr(self._says).replace("<", "<Async", 1)

    async def read(self, known: Version | None = None) -> FlagSet | None:
        """Every flag, or None when the store still stands at ``known``."""
        return await self._run(self._says.reading(known))

    async def write(
        self, name: str, document: Document | None, *, expect: int | None, by: str, reason: str
    ) -> Revision:
        """Put or delete one flag; see :class:`confkit.flags.stores.port.Store`."""
        steps = self._says.writing(name, document, expect=expect, by=by, reason=reason)
        return await self._run(steps)

    async def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all."""
        return await self._run(self._says.recalling(name, limit))

    async def _run(self, steps: Steps[Result]) -> Result:
        with connection.typed(self._pattern):
            return await connection.drive_async(self._client, steps)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class AsyncFlags:
    """Changes to ``flags`` from a coroutine, by the same rules as its own.

    :param store: the same flags as those of ``flags``.
    """

    def __init__(self, flags: Flags, store: AsyncRedisStore) -> None:
        self._flags = flags
        self._store = store

    async def refresh(self) -> None:
        """Read the store now, in a thread: the copy is the client's, and so are its guards.

        :raises confkit.StoreError: when it gives no answer; the last good flags stand.
        """
        await asyncio.to_thread(self._flags.refresh)

    async def set(
        self,
        flag: str | Flag,
        /,
        *,
        by: str = "",
        reason: str = "",
        expect: int | None = None,
        **fields: Any,
    ) -> Revision:
        """Change the fields of a rule that are named; see :meth:`confkit.Flags.set`."""
        how = Circumstances(by, reason, expect)
        return await self._change(lambda writer: writer.set(name_of(flag), fields, how), expect)

    async def delete(
        self, flag: str | Flag, /, *, by: str = "", reason: str = "", expect: int | None = None
    ) -> Revision:
        """Delete a flag; see :meth:`confkit.Flags.delete`."""
        how = Circumstances(by, reason, expect)
        return await self._change(lambda writer: writer.delete(name_of(flag), how), expect)

    async def rollback(
        self, flag: str | Flag, /, revision: int, *, by: str = "", reason: str = ""
    ) -> Revision:
        """Bring back an earlier rule; see :meth:`confkit.Flags.rollback`."""
        name = name_of(flag)
        past = await self._store.history(name, limit=RECORDS)
        how = Circumstances(by, reason)
        return await self._change(lambda writer: writer.rollback(name, revision, how), None, past)

    async def _change(
        self,
        decide: Callable[[Writer], Revision],
        expect: int | None,
        past: list[Revision] | None = None,
    ) -> Revision:
        attempt = 0
        while True:
            found = await self._store.read()
            assert found is not None, "a store that is asked for everything answers"
            try:
                # The writer decides on what was read; what it would write is awaited here.
                decide(Writer(_Moment(found, past or []), _nothing))
            except _DecidedError as decided:
                change = decided.change
            try:
                made = await self._store.write(**change)
                break
            except FlagConflict:
                attempt += 1
                if expect is not None or attempt == RETRIES:
                    raise
            await asyncio.sleep(random.uniform(0, 0.001 * min(attempt, 20)))  # noqa: S311
        await self.refresh()
        return made


class _DecidedError(BaseException):
    """Not an error: it carries a decision past everything that handles errors."""

    def __init__(self, change: dict[str, Any]) -> None:
        self.change = change


class _Moment:
    """A store as it was read: it answers from that, and takes no writes but hands them up."""

    def __init__(self, found: FlagSet, past: list[Revision]) -> None:
        self._found = found
        self._past = past

    def read(self, known: Version | None = None) -> FlagSet | None:
        return self._found

    def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        return self._past

    def write(
        self, name: str, document: Document | None, *, expect: int | None, by: str, reason: str
    ) -> NoReturn:
        raise _DecidedError(
            {"name": name, "document": document, "expect": expect, "by": by, "reason": reason}
        )


def _nothing() -> None:
    """Reading back is awaited by whoever asked for the change."""
