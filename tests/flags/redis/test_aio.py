"""Changes from a coroutine: same rules, same record, and the loop goes on meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import fakeredis
import pytest

from confkit import FlagConflict, InvalidFlag, StoreError, StoreUnavailable, UnknownFlag
from confkit.flags import Flags
from confkit.flags.aio import AsyncFlags
from confkit.flags.redis.aio import AsyncRedisStore
from confkit.flags.redis.store import RedisStore
from pytest_confkit.contracts import AsyncStoreContract
from tests.faults.conftest import fill
from tests.faults.proxy import FaultProxy
from tests.faults.server import RedisServer


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


class TestAsyncRedisStoreOnFakeredis(AsyncStoreContract):
    @pytest.fixture
    def make_store(self) -> Callable[[], Coroutine[Any, Any, AsyncRedisStore]]:
        async def make() -> AsyncRedisStore:
            return AsyncRedisStore(fakeredis.FakeAsyncRedis())

        return make


class TestAsyncRedisStoreOnARealServer(AsyncStoreContract):
    @pytest.fixture
    def make_store(self, server: RedisServer) -> Callable[[], Coroutine[Any, Any, AsyncRedisStore]]:
        server.client().flushall()

        async def make() -> AsyncRedisStore:
            return AsyncRedisStore.from_url(server.url)

        return make


def run(
    url: str, work: Callable[[AsyncFlags, Flags, AsyncRedisStore], Coroutine[Any, Any, None]]
) -> None:
    async def whole() -> None:
        store = RedisStore.from_url(url)
        asynchronous = AsyncRedisStore.from_url(url)
        with Flags(store, background=False) as flags:
            try:
                await work(AsyncFlags(flags, asynchronous), flags, asynchronous)
            finally:
                await asynchronous.aclose()
                store.close()

    asyncio.run(whole())


def test_changes_are_those_of_the_client(server: RedisServer) -> None:
    server.client().flushall()

    async def work(changing: AsyncFlags, flags: Flags, store: AsyncRedisStore) -> None:
        made = await changing.set("a", enabled=True, percentage=5, by="ann", reason="pilot")
        assert (made.revision, made.new) == (1, {"enabled": True, "percentage": 5})
        assert flags.decide("a", "42").revision == 1
        await changing.set("a", percentage=None, expect=1)
        assert flags.enabled("a")
        await changing.delete("a")
        assert not flags.enabled("a")
        back = await changing.rollback("a", 1)
        assert back.reason == "rollback to revision 1"
        assert [r.revision for r in await store.history("a")] == [4, 3, 2, 1]
        known = (await store.read()).version  # type: ignore[union-attr]
        assert await store.read(known) is None
        with pytest.raises(FlagConflict):
            await changing.set("a", enabled=False, expect=1)
        with pytest.raises(InvalidFlag):
            await changing.set("a", percentage=101)
        with pytest.raises(UnknownFlag):
            await changing.delete("b")
        with pytest.raises(UnknownFlag):
            await changing.rollback("a", 9)
        assert len(await store.history()) == 4

    run(server.url, work)


def test_racing_coroutines_lose_no_change(server: RedisServer) -> None:
    server.client().flushall()

    async def work(changing: AsyncFlags, flags: Flags, store: AsyncRedisStore) -> None:
        await asyncio.gather(
            *(
                changing.set("a", **{field: "x", "enabled": True})
                for field in ("owner", "description")
            )
        )
        await asyncio.gather(*(changing.set("a", percentage=n) for n in range(8)))
        assert len(await store.history("a", limit=50)) == 10
        assert flags.status.errors == {}

    run(server.url, work)


def test_a_server_that_is_silent_costs_the_loop_nothing(server: RedisServer) -> None:
    server.client().flushall()

    async def work(changing: AsyncFlags, flags: Flags, store: AsyncRedisStore) -> None:
        await changing.set("a", enabled=True)
        server.freeze()
        try:
            turns = 0

            async def turn() -> None:
                nonlocal turns
                while True:
                    await asyncio.sleep(0.01)
                    turns += 1

            turning = asyncio.create_task(turn())
            begun = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await changing.set("a", enabled=False)
            with pytest.raises(StoreUnavailable):
                await changing.refresh()
            assert time.monotonic() - begun < 10
            turning.cancel()
            assert turns > 20
            assert flags.enabled("a")
        finally:
            server.thaw()

    run(server.url, work)


def test_a_lost_reply_counts_once(server: RedisServer) -> None:
    server.client().flushall()
    with FaultProxy(server.port) as proxy:

        async def work(changing: AsyncFlags, flags: Flags, store: AsyncRedisStore) -> None:
            await changing.set("a", enabled=True)
            proxy.cut_after(b"EVALSHA")
            assert (await changing.set("a", enabled=False)).revision == 2
            assert proxy.cuts == 1
            assert len(await store.history("a")) == 2

        run(proxy.url, work)


def test_on_fakeredis_and_what_it_prints() -> None:
    server = fakeredis.FakeServer()
    fill(RedisStore(fakeredis.FakeRedis(server=server)), 2)

    async def work() -> None:
        store = AsyncRedisStore(fakeredis.FakeAsyncRedis(server=server))
        found = await store.read()
        assert found is not None
        assert set(found.flags) == {"f0", "f1"}
        await store.aclose()

    asyncio.run(work())
    assert repr(AsyncRedisStore.from_url("rediss://:canary@db.example/2?namespace=shop")) == (
        "<AsyncRedisStore rediss://db.example:6379/2, namespace 'shop'>"
    )
    with pytest.raises(StoreError, match="not a Redis URL"):
        AsyncRedisStore.from_url("redis://:canary@host:port")
