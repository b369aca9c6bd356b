"""R1 to R5 and R13: Redis down, silent, slow or half there. Nobody who asks a question waits."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from confkit import StoreUnavailable
from confkit.flags import Flag, Flags
from confkit.flags.redis.store import RedisStore
from tests.faults.conftest import answers, fill, until
from tests.faults.proxy import FaultProxy
from tests.faults.server import RedisServer

pytestmark = pytest.mark.slow

Reader = Callable[..., Flags]
ON, OFF = {"enabled": True}, {"enabled": False}


def put(store: RedisStore, name: str, document: dict[str, Any]) -> None:
    store.write(name, document, expect=None, by="test", reason="")


def settled(server: RedisServer) -> None:
    """Wait until a client has subscribed, and has read what it missed before."""
    until(lambda: server.client().pubsub_numsub("{confkit}:changed")[0][1])
    time.sleep(0.3)


class Asking:
    """A thread that asks a question again and again, and remembers how long each took."""

    def __init__(self, flags: Flags) -> None:
        self.seconds: list[float] = []
        self.wrong = 0
        self._flags = flags
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Asking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.wait(0.0005):
            begun = time.perf_counter()
            answer = self._flags.enabled("f0", "42")
            self.seconds.append(time.perf_counter() - begun)
            self.wrong += not answer

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


def test_a_start_without_redis_uses_the_backup_and_converges_alone(
    proxy: FaultProxy, reader: Reader, writer: RedisStore, tmp_path: Path
) -> None:
    fill(writer, 3)
    backup = tmp_path / "flags.json"
    with reader(backup=backup) as before:
        assert answers(before, 3) == [True] * 3
    proxy.refuse()
    begun = time.monotonic()
    flags = reader(backup=backup, bootstrap={"f0": OFF})
    assert time.monotonic() - begun < 3  # the promise is one second; the machine is shared
    assert flags.status.source == "backup"
    assert "StoreUnavailable" in flags.status.last_error
    assert answers(flags, 3) == [True] * 3
    put(writer, "f1", OFF)
    proxy.heal()
    until(lambda: flags.status.healthy)
    assert answers(flags, 3) == [True, False, True]


def test_a_start_without_redis_and_backup_uses_the_bundled_flags_then_defaults(
    proxy: FaultProxy, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 1)
    proxy.refuse()
    flags = reader(flags=[Flag("declared", default=True)], bootstrap={"f0": ON})
    assert flags.status.source == "bootstrap"
    assert flags.enabled("f0")
    assert flags.enabled("declared")
    bare = reader(flags=[Flag("declared", default=True)])
    assert bare.status.source == "defaults"
    assert bare.enabled("declared")
    assert not bare.enabled("f0")
    proxy.heal()
    until(lambda: bare.enabled("f0"))


def test_a_start_that_must_not_go_without_redis_fails(proxy: FaultProxy, reader: Reader) -> None:
    proxy.blackhole()
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match="no flags at the start"):
        reader(fail_fast=True)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("fault", ["refuse", "reset", "blackhole", "freeze"])
def test_an_outage_leaves_the_last_good_flags_and_costs_a_question_nothing(
    fault: str, server: RedisServer, proxy: FaultProxy, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 5)
    flags = reader()
    with Asking(flags) as healthy:
        time.sleep(0.5)
    if fault == "freeze":
        server.freeze()
    else:
        getattr(proxy, fault)()
    with Asking(flags) as asking:
        until(lambda: flags.status.failures >= 2)
    assert not asking.wrong
    # Far below the 250 ms that one answer is waited for: no question ever waits for Redis.
    assert asking.p99 < max(5 * healthy.p99, 0.05)
    assert "StoreUnavailable" in flags.status.last_error
    assert not flags.status.healthy
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable):
        flags.store.write("f3", OFF, expect=None, by="test", reason="into the void")
    assert time.monotonic() - begun < 4  # twice 0.9 s, and a shared machine
    first = flags.status.staleness
    assert first is not None
    until(lambda: (flags.status.staleness or 0) > first)
    server.thaw()
    proxy.heal()
    put(writer, "f4", OFF)
    until(lambda: not flags.enabled("f4"))
    until(lambda: flags.status.healthy)
    # A frozen server may find the write when it thaws, twice, and counts it once.
    assert len(writer.history("f3")) <= 2


@pytest.mark.parametrize("fault", ["200 ms", "600 ms", "pause"])
def test_a_slow_server_slows_no_question_and_bounds_every_write(
    fault: str, server: RedisServer, proxy: FaultProxy, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 2)
    flags = reader()
    store = flags.store
    if fault == "pause":
        server.client().client_pause(1500)
    else:
        proxy.slow(int(fault.split()[0]) / 1000)
    with Asking(flags) as asking:
        begun = time.monotonic()
        try:
            store.write("f1", OFF, expect=1, by="test", reason="")
            written = True
        except StoreUnavailable:
            written = False
        took = time.monotonic() - begun
    assert took < 4  # two tries of 0.9 s, and a shared machine
    assert asking.p99 < 0.05
    assert not asking.wrong
    proxy.heal()
    server.client().client_unpause()
    until(lambda: flags.status.healthy)
    # Tried once more while it was answering slowly, and counted once at most.
    counted = [r for r in writer.history("f1") if r.revision > 1]
    assert len(counted) in ((1,) if written else (0, 1))
    until(lambda: flags.enabled("f1") == (not counted))


def test_a_message_lost_while_reconnecting_is_made_up_for(
    server: RedisServer, proxy: FaultProxy, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 1)
    flags = reader(poll=30.0)  # so late that only a new subscription can tell
    settled(server)
    server_side = len(proxy.accepted)
    proxy.kill_all()
    put(writer, "f0", OFF)
    until(lambda: not flags.enabled("f0"))
    assert len(proxy.accepted) > server_side


def test_a_subscriber_that_hears_nothing_is_helped_by_the_poll(
    server: RedisServer, proxy: FaultProxy, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 1)
    flags = reader()
    settled(server)
    proxy.drop_push()
    put(writer, "f0", OFF)
    assert until(lambda: not flags.enabled("f0")) < 10
    assert flags.status.failures == 0


def test_links_that_fall_silent_are_noticed_and_replaced(
    server: RedisServer, proxy: FaultProxy, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 1)
    flags = reader()
    settled(server)
    proxy.half_open()
    put(writer, "f0", OFF)
    until(lambda: not flags.enabled("f0"))
    until(lambda: flags.status.healthy)


def test_a_dead_subscription_is_found_out_by_its_heartbeat(
    proxy: FaultProxy, server: RedisServer
) -> None:
    store = RedisStore(RedisStore.from_url(proxy.url)._pattern, heartbeat=0.3)
    woken, failed, stop = threading.Event(), [], threading.Event()

    def listen() -> None:
        try:
            store.hints(lambda answer=None, delay=0.0: woken.set(), stop)
        except StoreUnavailable as error:
            failed.append(error)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        assert woken.wait(10)
        time.sleep(1.0)  # beats, and is answered
        assert thread.is_alive()
        proxy.half_open()
        until(lambda: failed)
        assert "subscription is dead" in str(failed[0])
    finally:
        stop.set()
        thread.join(10)


def test_readers_do_not_storm_a_server_that_comes_back(
    proxy: FaultProxy, writer: RedisStore
) -> None:
    count, watched = 20, 2.0
    fill(writer, 1)
    with ExitStack() as closing:
        readers = []
        for _ in range(count):
            store = RedisStore.from_url(proxy.url)
            closing.callback(store.close)
            readers.append(closing.enter_context(Flags(store)))
        # Accepted and reset: the refusals of a server that is down, but countable.
        proxy.reset()
        until(lambda: all(flags.status.failures for flags in readers), 30)
        begun, before = time.monotonic(), len(proxy.accepted)
        time.sleep(watched)
        tries = [moment - begun for moment in proxy.accepted[before:]]
        assert len(tries) < 2 * count * watched
        # Spread, not in step: no tenth of a second has half of them.
        tenths = Counter(int(moment * 10) for moment in tries)
        assert max(tenths.values()) < max(count / 2, len(tries) / 2)
        proxy.heal()
        put(writer, "f0", OFF)
        until(lambda: not any(flags.enabled("f0") for flags in readers), 30)


def test_silence_beyond_max_stale_gives_the_defaults_of_those_that_ask_for_it(
    proxy: FaultProxy, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 2)
    kill = Flag("f0", default=False, max_stale=0.5, on_stale="default")
    flags = reader(flags=[kill])
    assert answers(flags, 2) == [True, True]
    proxy.blackhole()
    until(lambda: not flags.enabled("f0"))
    assert flags.decide("f0").reason == "stale"
    assert flags.status.stale == ("f0",)
    assert flags.enabled("f1")  # the others keep
    proxy.heal()
    until(lambda: flags.enabled("f0"))
