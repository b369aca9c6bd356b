"""A real server, a proxy that fails on demand, and waiting until something is so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from confkit.flags import Flags
from confkit.flags.redis.store import RedisStore
from tests.faults.proxy import FaultProxy
from tests.faults.server import RedisServer


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
def proxy(server: RedisServer) -> Iterator[FaultProxy]:
    with FaultProxy(server.port) as running:
        yield running


@pytest.fixture
def writer(server: RedisServer) -> Iterator[RedisStore]:
    """A store straight to the server, for the changes that others make."""
    store = RedisStore.from_url(server.url)
    yield store
    store.close()


@pytest.fixture
def reader(proxy: FaultProxy) -> Iterator[Callable[..., Flags]]:
    """Makes clients that reach the server through the proxy."""
    with ExitStack() as closing:

        def make(
            url: str | None = None, *, verify: float = 60.0, reread: float = 3600.0, **options: Any
        ) -> Flags:
            store = RedisStore(
                RedisStore.from_url(url or proxy.url)._pattern, verify=verify, reread=reread
            )
            closing.callback(store.close)
            # The first attempt ends the wait; a busy machine shall not end it before.
            options.setdefault("start_timeout", 15.0)
            return closing.enter_context(Flags(store, **options))

        yield make


def until(condition: Callable[[], Any], seconds: float = 15.0) -> float:
    """Wait until ``condition`` holds; gives the seconds it took, fails at the deadline."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"not so after {seconds} s"
        time.sleep(0.005)
    return time.monotonic() - begun


def fill(store: RedisStore, count: int) -> None:
    """``count`` flags, all on, named f0, f1, …"""
    for number in range(count):
        store.write(f"f{number}", {"enabled": True}, expect=None, by="test", reason="")


def answers(flags: Flags, count: int) -> list[bool]:
    return [flags.enabled(f"f{number}") for number in range(count)]
