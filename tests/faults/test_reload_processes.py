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
from pathlib import Path

import pytest

from confkit import Environ, File, Secret, load
from confkit.errors import FileChanged
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
    for n in range(100):
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


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_t5_a_configuration_is_loaded_anew_where_it_would_be_pickled(tmp_path, method):
    config = load(Settings, Environ(environ={}))
    with pytest.raises(TypeError, match="load it again in the other process"):
        pickle.dumps(config)
    process = multiprocessing.get_context(method).Process(target=print, args=(config,))
    with pytest.raises(TypeError, match="load it again"):
        process.start()


def run(code: str, *words: str, seconds: float = 20) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *words],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def test_t9_an_interpreter_ends_while_it_reloads_and_waits_for_no_subscriber(tmp_path):
    (tmp_path / "config.yaml").write_text(text(1))
    code = """
        import sys, threading, time
        from pathlib import Path
        from confkit import Environ, File, load
        from tests.faults.reloading import Settings, text
        path = Path(sys.argv[1])
        config = load(Settings, File(path), Environ(environ={}))
        watch = config.watch(poll=0.05)
        config.subscribe(lambda change: watch.stop(), "name")
        config.subscribe(lambda change: time.sleep(30), background=True)
        n = 1
        end = time.monotonic() + 1
        while time.monotonic() < end:
            n += 1
            path.write_text(text(n % 100 + 1))
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
        for number in range(1, 1001):
            vault.number = number
            time.sleep(0.001)
        until(lambda: config.current.first.reveal() == "user-1000")
        assert config.status.failures == config.status.watch.failures == 0
    stop.set()
    for reader in readers:
        reader.join()
    assert mixed == []


@pytest.mark.parametrize("preload", [True, False])
def test_t3_every_worker_of_gunicorn_sees_a_change(tmp_path, preload):
    pytest.importorskip("gunicorn")
    path = tmp_path / "config.yaml"
    path.write_text(text(1))
    (tmp_path / "app.py").write_text(
        textwrap.dedent(f"""
            import os
            from confkit import Environ, File, load
            from tests.faults.reloading import Settings
            config = load(Settings, File({str(path)!r}), Environ(environ={{}}))
            watch = config.watch(poll=0.2)

            def app(environ, start_response):
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [f"{{os.getpid()}} {{config.current.database.pool_size}}".encode()]
        """)
    )
    words = ["--workers", "2", "--bind", "127.0.0.1:0", "--pythonpath", f"{tmp_path},."]
    words += ["--preload"] if preload else []
    assert _seen_by_all(["gunicorn", *words, "app:app"], path, 2)


def test_t3_uvicorn_sees_a_change(tmp_path):
    pytest.importorskip("uvicorn")
    path = tmp_path / "config.yaml"
    path.write_text(text(1))
    (tmp_path / "app.py").write_text(
        textwrap.dedent(f"""
            import os
            from confkit import Environ, File, load
            from tests.faults.reloading import Settings
            config = load(Settings, File({str(path)!r}), Environ(environ={{}}))
            watch = config.watch(poll=0.2)

            async def app(scope, receive, send):
                if scope["type"] != "http":
                    return
                body = f"{{os.getpid()}} {{config.current.database.pool_size}}".encode()
                await send({{"type": "http.response.start", "status": 200, "headers": []}})
                await send({{"type": "http.response.body", "body": body}})
        """)
    )
    words = ["uvicorn", "--port", "0", "--app-dir", str(tmp_path), "--lifespan", "off", "app:app"]
    assert _seen_by_all(words, path, 1)


def _seen_by_all(words: list[str], path: Path, workers: int) -> bool:
    """Start a server, change the file, and ask until every worker has answered with the change."""
    import re
    import urllib.request

    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([".", str(path.parent)])}
    server = subprocess.Popen(
        [sys.executable, "-m", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environ,
    )
    try:
        assert server.stdout is not None
        port = None
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                port = int(found[1])
                break
        assert port, "the server did not start"

        def ask() -> tuple[str, str]:
            for _ in range(100):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                        pid, size = answer.read().decode().split()
                        return pid, size
                except OSError:
                    time.sleep(0.1)
            raise AssertionError("no answer")

        until(lambda: ask()[1] == "1", 20)
        path.write_text(text(2))
        seen: set[str] = set()
        end = time.monotonic() + 5
        while len(seen) < workers and time.monotonic() < end:
            pid, size = ask()
            if size == "2":
                seen.add(pid)
        return len(seen) == workers
    finally:
        server.terminate()
        server.communicate(timeout=10)
