"""T2 to T5 and T9 for flags in Redis: forks, preloading servers, children that close, exits.

Each runs in a process of its own, so that pytest itself is never forked.
"""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable

import pytest

from confkit.flags import Flags
from confkit.flags.redis.store import RedisStore
from tests.faults.conftest import fill, until
from tests.faults.server import RedisServer

pytestmark = pytest.mark.slow

Reader = Callable[..., Flags]
OFF = {"enabled": False}

BEGIN = """
import os, signal, sys, threading, time
from confkit.flags import Flags
from confkit.flags.redis.store import RedisStore

url = sys.argv[1]
store = RedisStore.from_url(url)
flags = Flags(store)
assert flags.enabled("f0")

def until(condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True

def change(value):
    other = RedisStore.from_url(url)
    other.write("f0", {"enabled": value}, expect=None, by="test", reason="")
    other.close()

def wait(pids, seconds=30):
    end, left = time.monotonic() + seconds, set(pids)
    codes = []
    while left and time.monotonic() < end:
        for pid in list(left):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                left.discard(pid)
                codes.append(os.waitstatus_to_exitcode(status))
        time.sleep(0.002)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return codes, len(left)
"""


def run(server: RedisServer, program: str, seconds: float = 60) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(program), server.url],
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def test_workers_of_a_preloading_server_each_see_a_change(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    out = run(
        server,
        """
        def worker():
            # The first request starts the threads.
            os.write(1, f"first {flags.enabled('f0')}\\n".encode())
            os._exit(0 if until(lambda: not flags.enabled("f0")) else 1)

        pids = []
        for _ in range(2):
            pid = os.fork()
            if pid == 0:
                worker()
            pids.append(pid)
        time.sleep(0.5)
        change(False)
        print(wait(pids), until(lambda: not flags.enabled("f0")), flush=True)
        flags.close()
        """,
    )
    assert out.splitlines() == ["first True", "first True", "([0, 0], 0) True"]


def test_no_child_hangs_that_was_forked_in_the_middle_of_work(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    out = run(
        server,
        """
        stop = threading.Event()

        def work():
            while not stop.is_set():
                flags.refresh()
                flags.set("f0", enabled=True)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        codes, hung = [], 0
        for _ in range(100):
            pid = os.fork()
            if pid == 0:
                signal.alarm(20)
                good = flags.enabled("f0")
                flags.refresh()
                os._exit(0 if good and flags.set("f0", enabled=True).revision else 1)
            done, left = wait([pid])
            codes += done
            hung += left
        stop.set()
        for thread in threads:
            thread.join()
        flags.close()
        print(codes.count(0), hung)
        """,
        seconds=120,
    )
    assert out == "100 0\n"


def test_a_child_that_closes_leaves_its_parent_alone(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    out = run(
        server,
        """
        for way in ("close", "exit"):
            pid = os.fork()
            if pid == 0:
                flags.enabled("f0")
                if way == "close":
                    flags.close()
                    store.close()
                    os._exit(0)
                sys.exit(0)
            print(wait([pid]))
        before = flags.status.failures
        change(False)
        print(until(lambda: not flags.enabled("f0")), flags.status.failures - before)
        flags.close()
        """,
    )
    assert out.splitlines() == ["([0], 0)", "([0], 0)", "True 0"]


def test_the_parents_subscription_survives_its_children(
    server: RedisServer, writer: RedisStore
) -> None:
    """With the poll far away only the subscription can deliver."""
    fill(writer, 1)
    out = run(
        server,
        """
        slow = Flags(RedisStore.from_url(url), poll=60)
        time.sleep(0.5)
        pid = os.fork()
        if pid == 0:
            slow.enabled("f0")
            slow.close()
            os._exit(0)
        print(wait([pid]))
        change(False)
        print(until(lambda: not slow.enabled("f0")))
        slow.close()
        flags.close()
        """,
    )
    assert out.splitlines() == ["([0], 0)", "True"]


def test_an_interpreter_ends_at_once_without_a_close(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    begun = time.monotonic()
    run(server, "threading.Thread(target=change, args=[False]).start()")
    assert time.monotonic() - begun < 10


def test_closing_ends_every_thread_and_connection(
    server: RedisServer, writer: RedisStore, reader: Reader
) -> None:
    fill(writer, 1)
    clients = server.client(single_connection_client=True)
    before = len(clients.client_list())
    store = RedisStore.from_url(server.url)
    flags = Flags(store)
    until(lambda: len(clients.client_list()) >= before + 2)
    flags.close()
    flags.close()
    store.close()
    until(lambda: len(clients.client_list()) == before)
    assert flags.enabled("f0")
    clients.close()


def _answer(url: str) -> bool:
    store = RedisStore.from_url(url)
    with Flags(store) as flags:
        answer = flags.enabled("f0")
    store.close()
    return answer


def test_a_spawned_process_makes_its_own_from_the_url(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    with Flags(RedisStore.from_url(server.url)) as flags:
        with pytest.raises(TypeError):
            pickle.dumps(flags)
        flags.store.close()  # type: ignore[attr-defined]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_answer, [server.url])
