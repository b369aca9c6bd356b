"""Changing flags from a coroutine: the event loop never waits for a store.

Questions need nothing of this: ``flags.enabled(...)`` does no I/O, so a coroutine asks it as well.
"""

from __future__ import annotations

import asyncio
from typing import Protocol, Unpack

from confkit.errors import FlagConflict
from confkit.flags.client import Flags
from confkit.flags.questions import AnyFlag
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import RuleFields, name_of
from confkit.flags.stores.port import Revision, Version
from confkit.flags.writer import RECORDS, Wish, may_repeat, pause


class AsyncStore(Protocol):
    """A store whose changes and history are awaited."""

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
        ...

    async def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all."""
        ...


class AsyncFlags:
    """Changes to ``flags`` from a coroutine, by the same rules as its own.

    The copy stays the client's: it is read in a thread, and what is believed of it decides here,
    too.

    :param store: the same flags as those of ``flags``, in a store that is awaited.
    """

    def __init__(self, flags: Flags, store: AsyncStore) -> None:
        self.flags = flags
        self.store = store

    async def set(
        self,
        flag: AnyFlag,
        /,
        *,
        by: str = "",
        reason: str = "",
        expect: int | None = None,
        **fields: Unpack[RuleFields],
    ) -> Revision:
        """Change the fields of a rule that are named; see :meth:`confkit.Flags.set`."""
        return await self.change(Wish(name_of(flag), fields, None, by, reason, expect))

    async def delete(
        self, flag: AnyFlag, /, *, by: str = "", reason: str = "", expect: int | None = None
    ) -> Revision:
        """Delete a flag; see :meth:`confkit.Flags.delete`."""
        return await self.change(Wish(name_of(flag), None, None, by, reason, expect))

    async def rollback(
        self, flag: AnyFlag, /, revision: int, *, by: str = "", reason: str = ""
    ) -> Revision:
        """Bring back an earlier rule; see :meth:`confkit.Flags.rollback`."""
        return await self.change(Wish(name_of(flag), None, revision, by, reason))

    async def change(self, wish: Wish) -> Revision:
        """Read, decide, write and read back; see :meth:`confkit.Flags.change`."""
        attempt = 1
        while True:
            await self.refresh()
            past = () if wish.revision is None else await self.history(wish.name, limit=RECORDS)
            made = self.flags.decided(wish, past)
            try:
                written = await self.store.write(**made.written())
                break
            except FlagConflict:
                if not may_repeat(wish, attempt):
                    raise
            await asyncio.sleep(pause(attempt))
            attempt += 1
        await asyncio.to_thread(self.flags.read_back, made.name)
        return written

    async def history(self, flag: AnyFlag | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes on record, newest first, of one flag or of all."""
        return await self.store.history(None if flag is None else name_of(flag), limit=limit)

    async def refresh(self) -> None:
        """Read the store now, in a thread; see :meth:`confkit.Flags.refresh`."""
        await asyncio.to_thread(self.flags.refresh)

    async def confirm(self, *, by: str = "", reason: str = "") -> bool:
        """Believe what the store holds now; see :meth:`confkit.Flags.confirm`."""
        return await asyncio.to_thread(self.flags.confirm, by=by, reason=reason)

    async def reseed(self) -> bool:
        """Put back what the store lost; see :meth:`confkit.Flags.reseed`."""
        return await asyncio.to_thread(self.flags.reseed)
