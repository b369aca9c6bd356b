"""What a store of flags must do whose verbs are awaited: the laws of the other, through a loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pytest_confkit.contracts.stores import StoreContract

if TYPE_CHECKING:
    from confkit.flags.stores.port import Revision


class AsyncStoreContract(StoreContract):
    """The laws of a store for one that is awaited: ``read``, ``write`` and ``history``.

    The fixture ``make_store`` gives a coroutine function that makes an empty store. It is called
    inside of a running loop, in which all of the store's work is done; ``aclose()``, where the
    store has one, is awaited at the end.
    """

    @pytest.fixture
    def make_store(self) -> Callable[[], Awaitable[Any]]:
        """What makes a store without flags, in the loop that it will be used in."""
        raise NotImplementedError("give the contract a fixture named 'make_store'")

    @pytest.fixture
    def store(self, make_store: Callable[[], Awaitable[Any]]) -> Iterator[Any]:
        """The store as the laws ask it."""
        with _loop() as wait:
            made = wait(make_store())
            yield _Awaited(made, wait)
            if hasattr(made, "aclose"):
                wait(made.aclose())

    @staticmethod
    def several(store: Any, changes: list[tuple[str, Any, int | None]]) -> list[Revision]:
        """Write as the tests do; skips the test where the store cannot."""
        if not hasattr(store.awaited, "write_all"):
            pytest.skip("this store writes one flag at a time")
        write = store.awaited.write_all(changes, by="ann", reason="import")
        return store.wait(write)  # type: ignore[no-any-return]


Wait = Callable[[Awaitable[Any]], Any]


class _Awaited:
    """A store that is awaited, as one that is called, from any thread."""

    def __init__(self, awaited: Any, wait: Wait) -> None:
        self.awaited, self.wait = awaited, wait

    def read(self, known: Any = None) -> Any:
        return self.wait(self.awaited.read(known))

    def write(self, *arguments: Any, **named: Any) -> Any:
        return self.wait(self.awaited.write(*arguments, **named))

    def history(self, name: str | None = None, *, limit: int = 100) -> Any:
        return self.wait(self.awaited.history(name, limit=limit))


@contextmanager
def _loop() -> Iterator[Wait]:
    """A loop in a thread of its own, and what waits for its answers."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="contract", daemon=True)
    thread.start()

    async def done(work: Awaitable[Any]) -> Any:
        return await work

    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(done(work), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()
