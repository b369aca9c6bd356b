"""Flags in Redis for coroutines: the same commands as the store for threads, awaited."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from confkit.flags.redis import connection
from confkit.flags.redis.commands import Commands
from confkit.flags.redis.connection import Result, Steps, place
from confkit.flags.redis.mirror import Mirror
from confkit.flags.redis.store import WRITE_TIMEOUT
from confkit.flags.rules.literals import Document
from confkit.flags.stores.port import FlagSet, Revision, Version

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
        self.commands = Commands(namespace)
        self._pattern = client
        self._mirror = Mirror()
        self._client = connection.like(client, timeout)

    @classmethod
    def from_url(cls, url: str, *, namespace: str | None = None, **options: Any) -> AsyncRedisStore:
        """A store from a URL, as :meth:`confkit.flags.redis.store.RedisStore.from_url` takes it."""
        client, asked = connection.from_url(url, kind=connection.ASYNC, **options)
        timeout = asked.write_timeout or WRITE_TIMEOUT
        return cls(client, namespace=namespace or asked.namespace or "confkit", timeout=timeout)

    def __repr__(self) -> str:
        namespace = self.commands.keys.namespace
        return f"<AsyncRedisStore {place(self._pattern)}, namespace {namespace!r}>"

    async def read(self, known: Version | None = None) -> FlagSet | None:
        """Every flag, or None when the store is still at ``known``; by differences, as the other.

        :raises confkit.StoreError: when the server gives no answer.
        """
        self._mirror = mirror = await self._run(self.commands.reading(self._mirror))
        if known is None:
            return deepcopy(mirror.answer(None))
        return None if known == mirror.version else mirror.answer(known)

    async def write(
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
        changes = [(name, document, expect)]
        steps = self.commands.writing(changes, by=by, reason=reason, base=base)
        return (await self._run(steps))[0]

    async def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all."""
        return await self._run(self.commands.recalling(name, limit))

    async def _run(self, steps: Steps[Result]) -> Result:
        with connection.typed(self._pattern):
            return await connection.drive_async(self._client, steps)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
