"""The admin API, measured: ``python3 noxfile.py -s bench -- admin [--json] [--check]``.

How long the core takes for a request, what "not modified" costs beside a whole answer, and how long
a change in Redis takes to reach 200 browsers that listen to event streams of one uvicorn. Starts a
redis-server and a uvicorn of its own on loopback. ``--check`` exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from confkit import Flags, MemoryStore, RedisStore, Secret, load
from confkit.admin import Admin, BearerTokens, Limits, Ofrep, Request, Token
from tests.faults.server import RedisServer

TOKEN = "ada-0123456789-0123456789"
FREE = Limits(reads=None, writes=None, failed_logins=None)
TOKENS = BearerTokens(Token("ada", Secret(TOKEN), "*"))
CLIENTS, CHANGES = 200, 50
ROUNDS, TIMES = 40, 50
#: What is promised: microseconds of the core, 304 beside 200, milliseconds of the 99th of 100.
CORE, NOT_MODIFIED, P99 = 50.0, 0.1, 100.0


@dataclass(frozen=True)
class Database:
    pool_size: int = 5
    timeout: int = 30
    password: Secret = Secret("")


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    hosts: list[str] = field(default_factory=list)
    database: Database = field(default_factory=Database)


class Row(NamedTuple):
    """One kind of request, and the status that it is answered with."""

    name: str
    handler: Any
    request: Callable[[], Request]
    status: int


def request(method: str, path: str, body: Any = None, **headers: str) -> Callable[[], Request]:
    data = b"" if body is None else json.dumps(body).encode()
    sent = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    sent |= {"content-length": str(len(data))} if body is not None else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: Request(method, path, "", sent, lambda size: data)


def rows(root: Path) -> list[Row]:
    (root / "config.yaml").write_text("name: one\nhosts: [a, b]\n")
    config = load(Settings, root=root, environ={})
    rules = {f"flag-{n}": {"enabled": True, "percentage": n % 100} for n in range(100)}
    flags = Flags(MemoryStore(rules), background=False)
    admin = Admin(config, flags, auth=TOKENS, limits=FREE)
    ofrep = Ofrep(flags, auth=TOKENS, limits=FREE)
    bulk, context = "/ofrep/v1/evaluate/flags", {"context": {"targetingKey": "user-42"}}

    def tag(handler: Any, made: Callable[[], Request]) -> str:
        return str(handler.handle(made()).header("ETag"))

    flag, settings = request("GET", "/feature-flags/flag-7"), request("GET", "/config")
    every = request("POST", bulk, context)
    all_tag = tag(ofrep, every)
    decided = request("POST", "/feature-flags/flag-7/decision", {"context": {"user_id": "42"}})
    return [
        Row("nobody is known", admin, request("GET", "/config", authorization=""), 401),
        Row("no such route", admin, request("GET", "/nope"), 404),
        Row("one flag", admin, flag, 200),
        Row("one flag, not modified", admin,
            request("GET", "/feature-flags/flag-7", if_none_match=tag(admin, flag)), 304),
        Row("a decision and why", admin, decided, 200),
        Row("the settings", admin, settings, 200),
        Row("the settings, not modified", admin,
            request("GET", "/config", if_none_match=tag(admin, settings)), 304),
        Row("OFREP, one flag", ofrep, request("POST", f"{bulk}/flag-7", context), 200),
        Row("OFREP, 100 flags", ofrep, every, 200),
        Row("OFREP, 100 flags, not modified", ofrep,
            request("POST", bulk, context, if_none_match=all_tag), 304),
    ]  # fmt: skip


def timed(row: Row) -> float:
    """Microseconds of one request: the best of many rounds."""
    assert row.handler.handle(row.request()).status == row.status, row.name
    best = float("inf")
    for _ in range(ROUNDS):
        made = [row.request() for _ in range(TIMES)]
        begun = time.perf_counter()
        for one in made:
            row.handler.handle(one)
        best = min(best, time.perf_counter() - begun)
    return best / TIMES * 1e6


def app() -> Any:
    """What uvicorn serves: the flags of a Redis."""
    from confkit.admin.asgi import ASGI

    flags = Flags(RedisStore.from_url(os.environ["BENCH_REDIS"]))
    return ASGI(Ofrep(flags, auth=TOKENS, limits=FREE))


async def listen(port: int, heard: list[float], ready: asyncio.Event) -> None:
    """One browser: ask for all flags, open the stream, note when it tells something."""
    head = f"Host: x\r\nAuthorization: Bearer {TOKEN}\r\n"
    body = b'{"context": {}}'
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    text = f"POST /ofrep/v1/evaluate/flags HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
    writer.write(f"{text}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    answer = await reader.read()
    writer.close()
    stream = json.loads(answer.partition(b"\r\n\r\n")[2])["eventStreams"][0]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    uri = stream["endpoint"]["requestUri"]
    writer.write(f"GET {uri} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await reader.readuntil(b"alive")
    ready.set()
    while line := await reader.readline():
        if line.startswith(b"data:"):
            heard.append(time.monotonic())


async def streams(port: int, url: str) -> list[float]:
    """Milliseconds from the write of each change to each client that is told of it."""
    heard: list[list[float]] = [[] for _ in range(CLIENTS)]
    ready = [asyncio.Event() for _ in range(CLIENTS)]
    tasks = [asyncio.ensure_future(listen(port, *pair)) for pair in zip(heard, ready, strict=True)]
    await asyncio.gather(*(event.wait() for event in ready))
    writer = await asyncio.to_thread(lambda: Flags(RedisStore.from_url(url)))
    delays: list[float] = []
    for number in range(CHANGES):
        for one in heard:
            one.clear()
        begun = time.monotonic()
        await asyncio.to_thread(writer.set, "flag", enabled=True, percentage=number)
        end = begun + 10
        while not all(heard) and time.monotonic() < end:
            await asyncio.sleep(0.005)
        delays += [(one[0] - begun) * 1000 if one else 10_000.0 for one in heard]
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    writer.close()
    return delays


def served(url: str) -> list[float]:
    """Start uvicorn, have its clients listen, stop it."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "--port", "0"]
    command += ["--no-access-log", "benchmarks.admin:app"]
    process = subprocess.Popen(
        command, env={**os.environ, "BENCH_REDIS": url}, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "running on http" in line:
                port = int(line.split("http://127.0.0.1:")[1].split()[0])
                return asyncio.run(streams(port, url))
        raise SystemExit("uvicorn did not start")
    finally:
        process.terminate()
        process.wait(timeout=30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as place:
        times = {row.name: timed(row) for row in rows(Path(place))}
    with RedisServer() as server:
        delays = sorted(served(server.url))
    found = {
        "microseconds": {name: round(took, 1) for name, took in times.items()},
        "304 of 200": round(times["OFREP, 100 flags, not modified"] / times["OFREP, 100 flags"], 3),
        "304 of 200, settings": round(
            times["the settings, not modified"] / times["the settings"], 3
        ),
        "stream ms, median": round(statistics.median(delays), 1),
        "stream ms, p99": round(delays[int(len(delays) * 0.99)], 1),
        "stream ms, most": round(delays[-1], 1),
    }
    print(json.dumps(found) if options.json else "\n".join(_lines(found)))
    core = max(times[name] for name in ("one flag", "no such route", "one flag, not modified"))
    missed = core > CORE or found["304 of 200"] > NOT_MODIFIED or found["stream ms, p99"] > P99
    if options.check and missed:
        sys.exit(1)


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{name:34} {took:8.1f} µs" for name, took in found["microseconds"].items()]
    return lines + [f"{name:34} {value:8}" for name, value in found.items() if name[0] != "m"]


if __name__ == "__main__":
    main()
