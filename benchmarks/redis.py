"""Flags in Redis, measured: ``python3 noxfile.py -s bench -- redis [--json]``.

Starts a server of its own on loopback. Prints how long a change takes to reach 30 other processes
at 5,000 flags, what it costs a reader there, how 900 light readers fare, how long a start with
20,000 flags takes, what 50 idle clients cost the server, and a question while Redis fails.
Times depend on the machine and on who else uses it: compare figures of one run only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from redis import asyncio as aio

from confkit import StoreUnavailable
from confkit.flags import Flags
from confkit.flags.redis.aio import AsyncRedisStore
from confkit.flags.redis.store import RedisStore
from confkit.flags.stores.port import FlagSet, Stored, Version
from tests.faults.proxy import FaultProxy
from tests.faults.server import RedisServer

PROCESSES, CHANGES, READERS, SECONDS = 30, 100, 50, 10
FLAGS, MANY, HERD = 5_000, 20_000, 900


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def client(url: str) -> Iterator[Flags]:
    store = RedisStore.from_url(url)
    try:
        with Flags(store) as flags:
            yield flags
    finally:
        store.close()


def _reader(url: str, ready: Any, told: Any) -> None:
    """Say for each percentage when it was first seen here."""
    seen: dict[int, float] = {}
    done = threading.Event()
    with client(url) as flags:

        def note(_: object) -> None:
            now, revision = time.monotonic(), flags.decide("change", "42").revision or 0
            for number in range(len(seen) + 1, revision + 1):
                seen[number] = now
            if revision == CHANGES:
                done.set()

        flags.subscribe(note)
        ready.release()
        done.wait(60)
    told.put(seen)


def propagation(server: RedisServer) -> dict[str, float]:
    """Milliseconds from the call of ``write`` until another process answers by the new rule."""
    url = server.url
    store, sent = RedisStore.from_url(url), {}
    filled(store, FLAGS)
    context = multiprocessing.get_context("spawn")
    ready, told = context.Semaphore(0), context.Queue()
    readers = [context.Process(target=_reader, args=(url, ready, told)) for _ in range(PROCESSES)]
    for reader in readers:
        reader.start()
    for _ in readers:
        ready.acquire()
    time.sleep(2)
    for number in range(1, CHANGES + 1):
        sent[number] = time.monotonic()
        document = {"enabled": True, "percentage": number / 10}
        store.write("change", document, expect=None, by="benchmark", reason="")
        time.sleep(0.1)
    delays = []
    for _ in readers:
        seen = told.get(timeout=90)
        delays += [(seen[number] - sent[number]) * 1000 for number in sent if number in seen]
    for reader in readers:
        reader.join()
    store.close()
    return {
        "changes seen": len(delays),
        "of": PROCESSES * CHANGES,
        "p50 ms": percentile(delays, 0.5),
        "p99 ms": percentile(delays, 0.99),
        "max ms": max(delays),
    }


def idle(server: RedisServer) -> dict[str, float]:
    """Commands a second that idle clients cost the server."""
    with ExitStack() as closing:
        for _ in range(READERS):
            closing.enter_context(client(server.url))
        time.sleep(2)
        admin = server.client()
        begun, before = time.monotonic(), admin.info("stats")["total_commands_processed"]
        time.sleep(SECONDS * 2)
        after = admin.info("stats")["total_commands_processed"]
        rate = (after - before - 1) / (time.monotonic() - begun)
    return {"clients": READERS, "commands a second": rate}


def _p99(flags: Flags, seconds: float) -> tuple[float, float]:
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(200):
            begun = time.perf_counter()
            flags.enabled("f0", "42")
            times.append(time.perf_counter() - begun)
        time.sleep(0.001)
    return percentile(times, 0.99) * 1e6, max(times) * 1e6


def questions(server: RedisServer) -> dict[str, Any]:
    """Microseconds of a question, healthy and during each fault, in one run."""
    found: dict[str, Any] = {}
    writer = RedisStore.from_url(server.url)
    for number in range(200):
        document = {"enabled": True, "percentage": 50}
        writer.write(f"f{number}", document, expect=None, by="benchmark", reason="")
    with FaultProxy(server.port) as proxy, client(proxy.url) as flags:

        def measure(name: str) -> None:
            p99, worst = _p99(flags, 3)
            found[name] = {"p99 µs": p99, "max µs": worst}

        _p99(flags, 1)  # warm
        measure("healthy")
        for fault in ("refuse", "reset", "blackhole", "half_open", "drop_push"):
            getattr(proxy, fault)()
            measure(fault)
            proxy.heal()
            time.sleep(1)
        proxy.slow(0.2)
        measure("200 ms slow")
        proxy.heal()
        server.freeze()
        measure("frozen")
        server.thaw()
        time.sleep(1)
        server.client().flushall()
        measure("flushed")
        healthy = found["healthy"]["p99 µs"]
        for row in found.values():
            row["times healthy"] = row["p99 µs"] / healthy
    writer.close()
    return found


def filled(store: RedisStore, count: int) -> None:
    """Put ``count`` flags into an empty store at once."""
    document = {"enabled": True, "percentage": 25, "owner": "team", "description": "a flag"}
    flags = {f"flag-{n}": Stored(document, 1, changed=n + 1) for n in range(count)}
    assert store.seed(FlagSet(Version("benchmark", count), flags), Version("", 0))


def scale(server: RedisServer) -> dict[str, float]:
    """What one change costs a reader of 5,000 flags that reads what it missed."""
    writer, admin = RedisStore.from_url(server.url), server.client()
    filled(writer, FLAGS)
    cpu, sent = [], []
    with Flags(RedisStore.from_url(server.url), background=False) as flags:
        for number in range(200):
            document = {"enabled": True, "percentage": number / 10}
            writer.write("flag-7", document, expect=None, by="benchmark", reason="")
            before = admin.info("stats")["total_net_output_bytes"]
            own = admin.info("stats")["total_net_output_bytes"] - before
            begun = time.process_time()
            flags.refresh()
            cpu.append((time.process_time() - begun) * 1000)
            sent.append(admin.info("stats")["total_net_output_bytes"] - before - 2 * own)
    writer.close()
    return {"bytes": percentile(sent, 0.5), "CPU ms": percentile(cpu, 0.5)}


def herd(server: RedisServer) -> dict[str, float]:
    """900 readers that missed one change of 5,000 flags, all asking within the usual spread."""
    return asyncio.run(_herd(server))


async def _herd(server: RedisServer) -> dict[str, float]:
    writer = RedisStore.from_url(server.url)
    filled(writer, FLAGS)
    first = AsyncRedisStore.from_url(server.url)
    await first.read()
    pattern = aio.Redis.from_url(server.url)
    stores = [AsyncRedisStore(pattern, timeout=0.25) for _ in range(HERD)]
    for store in stores:
        store._mirror = first._mirror  # as if each had read everything before
    waiting = list(stores)
    while waiting:  # connections are made before the change
        batch, waiting = waiting[:50], waiting[50:]
        reads = (store.read(first._mirror.version) for store in batch)
        found = await asyncio.gather(*reads, return_exceptions=True)
        waiting += [s for s, one in zip(batch, found, strict=True) if isinstance(one, Exception)]
    writer.write("flag-7", {"enabled": False}, expect=None, by="benchmark", reason="")
    failures, seconds = [0], []

    async def read(store: AsyncRedisStore) -> None:
        begun = time.monotonic()
        await asyncio.sleep(random.uniform(0, min(2.0, HERD * 0.0002)))
        try:
            await store.read(first._mirror.version)
        except StoreUnavailable:
            failures[0] += 1
        seconds.append(time.monotonic() - begun)

    await asyncio.gather(*map(read, stores))
    for store in (first, *stores):
        await store.aclose()
    writer.close()
    return {"readers": HERD, "time-outs": failures[0], "last ms": max(seconds) * 1000}


def start(server: RedisServer) -> dict[str, float]:
    """Seconds until a new client has 20,000 flags."""
    store = RedisStore.from_url(server.url)
    filled(store, MANY)
    begun = time.monotonic()
    with Flags(RedisStore.from_url(server.url), background=False) as flags:
        seconds = time.monotonic() - begun
        count = len(flags.view.flags)
    store.close()
    return {"flags": count, "seconds": seconds}


PARTS = (propagation, scale, herd, start, idle, questions)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print JSON")
    options.add_argument("only", nargs="?", choices=[part.__name__ for part in PARTS])
    given = options.parse_args()
    found: dict[str, Any] = {}
    for part in PARTS:
        if given.only in (None, part.__name__):
            with RedisServer() as server:
                found[part.__name__] = part(server)
    if given.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for title, rows in found.items():
        print(title)
        for name, value in rows.items():
            cells = value if isinstance(value, dict) else {"": value}
            text = ", ".join(f"{n} {v:.2f}".strip() for n, v in cells.items())
            print(f"  {name:22} {text}")


if __name__ == "__main__":
    main()
