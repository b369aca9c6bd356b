"""Readers, forks and processes beside a configuration that is reloaded."""

from __future__ import annotations

import os
import threading
import time

import pytest

from confkit import Environ, File, load
from tests.faults.reloading import Database, Settings, live, size, text, until

pytestmark = pytest.mark.slow


def test_t1_no_reader_sees_half_of_two_reloads(tmp_path):
    path = tmp_path / "config.yaml"
    torn: list[Database] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            found = config.current.database
            if found.timeout != found.pool_size + 1000:
                torn.append(found)

    path.write_text(text(1))
    config = load(Settings, File(path), Environ(environ={}))
    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for n in range(300):
        path.write_text(text(n % 100 + 1))
        config.reload()
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_t2_children_forked_while_locks_are_held_do_not_hang(tmp_path):
    path = tmp_path / "config.yaml"
    stop = threading.Event()
    with live(path) as config:

        def busy() -> None:
            n = 0
            while not stop.is_set():
                n += 1
                config.set("database", {"pool_size": n % 100 + 1, "timeout": n % 100 + 1001})

        worker = threading.Thread(target=busy)
        worker.start()
        try:
            for _ in range(100):
                child = os.fork()
                if child == 0:
                    try:
                        config.set("name", "child")
                        os._exit(0 if config.current.name == "child" else 2)
                    finally:
                        os._exit(1)
                end = time.monotonic() + 10
                while (done := os.waitpid(child, os.WNOHANG)) == (0, 0):
                    assert time.monotonic() < end, "a child hangs"
                    time.sleep(0.001)
                assert done[1] == 0
        finally:
            stop.set()
            worker.join()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_t4_a_child_that_stops_its_watch_leaves_the_parents_alone(tmp_path):
    path = tmp_path / "config.yaml"
    with live(path) as config:
        child = os.fork()
        if child == 0:
            config.watch().stop()
            os._exit(0)
        os.waitpid(child, 0)
        path.write_text(text(2))
        until(lambda: size(config) == 2)
