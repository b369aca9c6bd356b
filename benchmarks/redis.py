"""Flags in Redis, measured: ``python3 noxfile.py -s bench -- redis [--json]``.

Starts a server of its own on loopback. Prints how long a change takes to reach 20 other
processes, what 50 idle clients cost the server, and what a question costs while Redis fails.
Times depend on the machine and on who else uses it: compare figures of one run only.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from confkit.flags import Flags
from confkit.flags.redis.store import RedisStore
from tests.faults.proxy import FaultProxy
from tests.faults.server import RedisServer

PROCESSES, CHANGES, READERS, SECONDS = 20, 100, 50, 10


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
    # As in real life there are flags at the start: the first rule ever costs an import.
    store.write("other", {"enabled": True}, expect=0, by="benchmark", reason="")
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


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print JSON")
    options.add_argument("only", nargs="?", choices=("propagation", "idle", "questions"))
    given = options.parse_args()
    found: dict[str, Any] = {}
    for part in (propagation, idle, questions):
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
