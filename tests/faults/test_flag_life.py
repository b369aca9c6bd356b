"""Ends of programs that use flags: callbacks that hang, exposures, signals, garbage."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time

import pytest

from confkit.flags.redis.store import RedisStore
from tests.faults.conftest import fill
from tests.faults.server import RedisServer

pytestmark = pytest.mark.slow

BEGIN = """
import os, signal, sys, threading, time
from confkit.flags import Flags
from confkit.flags.redis.store import RedisStore

store = RedisStore.from_url(sys.argv[1])

def hang(*_):
    print("hangs", flush=True)
    time.sleep(600)

def change():
    other = RedisStore.from_url(sys.argv[1])
    other.write("f0", {"enabled": False}, expect=None, by="test", reason="")
    other.close()
"""

PROGRAMS = {
    "an exposure callback": """
        flags = Flags(store, on_exposure=hang)
        flags.enabled("f0", "1")
        time.sleep(0.5)
    """,
    "a subscriber": """
        flags = Flags(store)
        flags.subscribe(hang)
        change()
        time.sleep(0.5)
    """,
    "both, and nobody closes": """
        flags = Flags(store, on_exposure=hang)
        flags.subscribe(hang)
        flags.enabled("f0", "1")
        change()
        time.sleep(0.5)
        sys.exit(0)
    """,
}


def run(server: RedisServer, program: str, begun: str = BEGIN) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", begun + textwrap.dedent(program), server.url],
        capture_output=True,
        text=True,
        timeout=40,
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_ends_whatever_a_callback_does(
    name: str, server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    close = "" if "nobody" in name else "flags.close()\nprint('closed')"
    done = run(server, textwrap.dedent(PROGRAMS[name]) + close)
    assert done.returncode == 0, done.stderr
    assert "hangs" in done.stdout
    assert close == "" or "closed" in done.stdout
    assert "Traceback" not in done.stderr


def test_closing_inside_a_callback_ends_the_program(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    done = run(
        server,
        """
        closed = threading.Event()
        def tell(*_):
            flags.close()
            closed.set()
        flags = Flags(store, on_exposure=tell)
        flags.subscribe(tell)
        flags.enabled("f0", "1")
        change()
        print(closed.wait(10))
        """,
    )
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


@pytest.mark.parametrize("end", ["", "sys.exit(3)", "raise SystemExit(3)", "1 / 0"])
def test_the_exposures_of_a_short_script_are_told_however_it_ends(
    end: str, server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 3)
    program = """
        flags = Flags(store, on_exposure=lambda decision: print(decision.name, flush=True))
        for name in ("f0", "f1", "f2", "f0"):
            flags.enabled(name, "1")
    """
    done = run(server, f"{textwrap.dedent(program)}\n{end}")
    assert done.stdout.split() == ["f0", "f1", "f2"], done.stderr


def test_a_worker_that_is_told_to_end_does_so_and_tells_its_exposures(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    program = """
        flags = Flags(store, on_exposure=lambda decision: print(decision.unit, flush=True))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        for number in range(500):
            flags.enabled("f0", str(number))
        print("ready", flush=True)
        while True:
            time.sleep(1)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + textwrap.dedent(program), server.url],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    while not lines or lines[-1] != "ready\n":
        lines.append(process.stdout.readline())
        assert lines[-1], "it ended"
    process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert time.monotonic() - begun < 20
    units = {line.strip() for line in [*lines, *out.splitlines()]} - {"ready"}
    assert units == {str(number) for number in range(500)}


def test_clients_that_are_garbage_leave_no_thread_and_no_connection(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    done = run(
        server,
        """
        import gc
        def use():
            flags = Flags(RedisStore.from_url(sys.argv[1]), poll=0.1, on_exposure=lambda d: None)
            flags.subscribe(lambda change: flags)  # a cycle, as with bound methods
            assert flags.enabled("f0", "1")
        for _ in range(5):
            use()
        end = time.monotonic() + 20
        while threading.active_count() > 1 and time.monotonic() < end:
            gc.collect()
            time.sleep(0.05)
        print([t.name for t in threading.enumerate()])
        admin = store._connected().reader
        while len(admin.client_list()) > 2 and time.monotonic() < end:
            gc.collect()
            time.sleep(0.05)
        print(len([c for c in admin.client_list() if c["cmd"] != "client|list"]))
        """,
    )
    threads, left = done.stdout.splitlines()
    assert threads == "['MainThread']", done.stderr
    assert int(left) <= 1, "the writer of this test"
