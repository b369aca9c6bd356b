"""Readers, forks and processes beside a configuration that is reloaded."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import dataclass
from typing import Any

import pytest

from confkit import Config, Environ, File, Secret, load
from confkit.errors import FileChanged
from tests.faults.reloading import Database, Settings, live, size, text, until
from tests.sizes import sized

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
    for n in range(sized(100)):
        path.write_text(text(n + 1))
        config.reload()
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []


def test_t2_children_forked_while_locks_are_held_do_not_hang(tmp_path):
    """In an interpreter that nothing measures: what measures has locks of its own."""
    code = """
        import os, sys, threading, time
        from pathlib import Path
        from tests.faults.reloading import live
        stop = threading.Event()
        with live(Path(sys.argv[1])) as config:
            def busy():
                n = 0
                while not stop.is_set():
                    n += 1
                    config.set("database", {"pool_size": n % 100 + 1, "timeout": n % 100 + 1001})
            worker = threading.Thread(target=busy)
            worker.start()
            for number in range(300):
                child = os.fork()
                if child == 0:
                    config.set("name", "child")
                    os._exit(0 if config.current.name == "child" else 2)
                end = time.monotonic() + 20
                while (done := os.waitpid(child, os.WNOHANG)) == (0, 0):
                    if time.monotonic() > end:
                        os.kill(child, 9)
                        done = os.waitpid(child, 0)
                        break
                    time.sleep(0.001)
                if done[1]:
                    print(f"child {number} ended with {done[1]}")
            stop.set()
            worker.join()
        print("done")
    """
    done = run(code, str(tmp_path / "config.yaml"), seconds=300, warn="ignore")
    assert (done.stdout, done.stderr) == ("done\n", "")


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


def _in_child(config: Config[Settings], answers: Any) -> None:
    until(lambda: size(config) == 2)
    answers.put(config.status.watch.mode)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_of_multiprocessing_follows_files_too(tmp_path):
    path = tmp_path / "config.yaml"
    context = multiprocessing.get_context("fork")
    with live(path) as config:
        answers = context.Queue()
        child = context.Process(target=_in_child, args=(config, answers))
        child.start()
        path.write_text(text(2))
        assert answers.get(timeout=20) in ("events", "polling")
        child.join(20)
        assert child.exitcode == 0
        path.write_text(text(3))  # the child's end left the parent's watch alone
        until(lambda: size(config) == 3)


def test_t6_a_clock_that_is_set_hours_back_or_forward_delays_no_reload(tmp_path, monkeypatch):
    path = tmp_path / "config.yaml"
    real, moved = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + moved[0])
    with live(path) as config:
        for number, hours in ((2, 1), (3, -2), (4, 0)):
            moved[0] = hours * 3600.0
            path.write_text(text(number))
            until(lambda n=number: size(config) == n)
        assert [entry.version for entry in config.history()] == [4, 3, 2, 1]


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_t5_a_configuration_is_loaded_anew_where_it_would_be_pickled(tmp_path, method):
    config = load(Settings, Environ(environ={}))
    with pytest.raises(TypeError, match="load it again in the other process"):
        pickle.dumps(config)
    process = multiprocessing.get_context(method).Process(target=print, args=(config,))
    with pytest.raises(TypeError, match="load it again"):
        process.start()


def run(
    code: str, *words: str, seconds: float = 60, warn: str = "error"
) -> subprocess.CompletedProcess[str]:
    environ = {name: v for name, v in os.environ.items() if not name.startswith("COV")}
    return subprocess.run(
        [sys.executable, "-W", warn, "-c", textwrap.dedent(code), *words],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=environ,
    )


def test_t9_an_interpreter_ends_while_it_reloads_and_waits_for_no_subscriber(tmp_path):
    (tmp_path / "config.yaml").write_text(text(1))
    code = """
        import sys, threading, time
        from pathlib import Path
        from confkit import Environ, File, load
        from tests.faults.reloading import Settings, text
        path = Path(sys.argv[1])
        new = path.with_suffix(".new")
        config = load(Settings, File(path), Environ(environ={}))
        watch = config.watch(poll=0.05)
        config.subscribe(lambda change: watch.stop(), "name")
        config.subscribe(lambda change: time.sleep(30), background=True)
        n = 1
        end = time.monotonic() + 1
        while time.monotonic() < end:
            n += 1
            new.write_text(text(n % 100 + 1))
            new.replace(path)  # no poll sees a half
            config.reload()
        config.set("name", "stops the watch from inside a callback")
        watch.stop()
        print(time.time())
    """
    done = run(code, str(tmp_path / "config.yaml"))
    ended = time.time()
    assert done.stderr == ""
    assert ended - float(done.stdout) < 15  # the subscriber sleeps for 30


def _count(path: str, times: int) -> None:
    config = load(Counter, File(path), Environ(environ={}))
    done = 0
    while done < times:
        config.reload()
        config.set("count", config.current.count + 1)
        try:
            config.save(to=path)
        except FileChanged:
            config.unset("count")
            continue
        done += 1


@dataclass(frozen=True)
class Counter:
    count: int = 0


def test_f16_no_saved_value_of_eight_processes_is_lost(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("# counted by many\ncount: 0\n")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_count, args=(str(path), 60)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert path.read_text() == "# counted by many\ncount: 480\n"


def test_f17_a_humans_edit_in_between_is_never_overwritten(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("count: 1\n")
    config = load(Counter, File(path), Environ(environ={}))
    config.set("count", 2)
    path.write_text("# mine\ncount: 7\n")
    with pytest.raises(FileChanged):
        config.save(to=path)
    assert path.read_text() == "# mine\ncount: 7\n"
    assert config.current.count == 2


class Vault:
    """Secrets of two fields that are rotated together."""

    secret = True

    def __init__(self) -> None:
        self.number = 0

    def fetch(self, references: list[str]) -> dict[str, str]:
        number = self.number
        return {reference: f"{reference}-{number}" for reference in references}

    def resolve(self, reference: str) -> str:
        return self.fetch([reference])[reference]

    def version(self, _: str) -> str:
        return str(self.number)


@dataclass(frozen=True)
class Rotated:
    first: Secret = Secret("")
    second: Secret = Secret("")


def test_a_thousand_rotations_reach_the_settings_and_no_pair_is_mixed(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("first: ${vault:user}\nsecond: ${vault:password}\n")
    vault = Vault()
    config = load(Rotated, File(path), Environ(environ={}), resolvers={"vault": vault})
    mixed: list[tuple[str, str]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            now = config.current
            pair = now.first.reveal().split("-")[1], now.second.reveal().split("-")[1]
            if pair[0] != pair[1]:
                mixed.append(pair)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    with config.watch(poll=0.01):
        last = sized(1000)
        for number in range(1, last + 1):
            vault.number = number
            time.sleep(0.001)
        until(lambda: config.current.first.reveal() == f"user-{last}")
        assert config.status.failures == config.status.watch.failures == 0
    stop.set()
    for reader in readers:
        reader.join()
    assert mixed == []
