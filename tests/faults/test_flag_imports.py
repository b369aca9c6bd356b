"""Imports that break off: what is said of them, what is there, and that the same command finishes.

Each is a real command in a process of its own, on a real server or a real file.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from confkit.flags.redis.store import RedisStore
from confkit.flags.stores.file import FileStore
from tests.faults.conftest import fill
from tests.faults.proxy import FaultProxy
from tests.faults.server import RedisServer

pytestmark = pytest.mark.slow

MANY = 200


@pytest.fixture
def flags_file(tmp_path: Path) -> Path:
    file = tmp_path / "in.json"
    rule = {"enabled": True, "percentage": 5, "owner": "team"}
    file.write_text(json.dumps({f"new-{n}": rule for n in range(MANY)}))
    return file


def command(*words: str, before: str = "") -> list[str]:
    code = f"import sys; from confkit.cli import main; {before}; sys.exit(main(sys.argv[1:]))"
    return [sys.executable, "-c", code, "flags", *words]


def run(*words: str, before: str = "pass") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words, before=before), capture_output=True, text=True, timeout=60
    )


def count(store: RedisStore | FileStore) -> int:
    found = store.read()
    assert found is not None
    return sum(name.startswith("new-") for name in found.flags)


@pytest.mark.parametrize("written", [True, False])
def test_a_lost_answer_is_all_or_none_and_the_same_command_finishes(
    written: bool, proxy: FaultProxy, writer: RedisStore, flags_file: Path
) -> None:
    if written:
        fill(writer, 1)  # the server knows the script, and carries out what comes
    words = ("import", str(flags_file), "--yes", "--store")
    proxy.cut_after(b"EVALSHA", b"EVALSHA")
    failed = run(*words, proxy.url)
    assert failed.returncode == 1
    assert f"Either all of {MANY} changes were written or none" in failed.stderr
    assert count(writer) == (MANY if written else 0)
    again = run(*words, proxy.url)
    assert again.returncode == 0, again.stderr
    told = "Nothing to change." if written else f"{MANY} changes written."
    assert again.stdout.splitlines()[-1] == told
    assert count(writer) == MANY
    assert len(writer.history(limit=5000)) == MANY + written


def test_a_refused_import_says_that_nothing_is_written(
    server: RedisServer, writer: RedisStore, flags_file: Path
) -> None:
    fill(writer, 1)
    with server.client() as client:
        client.config_set("maxmemory", 1)
        failed = run("import", str(flags_file), "--yes", "--json", "--store", server.url)
        client.config_set("maxmemory", 0)
    told = json.loads(failed.stdout)
    assert failed.returncode == 1
    assert (told["error"], told["written"], told["of"]) == ("StoreFull", [], MANY)
    assert f"None of {MANY} changes was written." in told["message"]
    assert count(writer) == 0


def test_an_import_that_is_killed_leaves_all_or_nothing(
    proxy: FaultProxy, writer: RedisStore, flags_file: Path
) -> None:
    fill(writer, 1)
    words = ("import", str(flags_file), "--yes", "--store", proxy.url)
    proxy.slow(0.05)  # so that there is a between
    chance = random.Random(11)
    for _ in range(4):
        accepted = len(proxy.accepted)
        process = subprocess.Popen(
            command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while len(proxy.accepted) == accepted and process.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.7))
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert count(writer) in (0, MANY)
    assert run(*words).returncode == 0
    assert count(writer) == MANY
    assert len(writer.history(limit=5000)) == MANY + 1, "each was written once"


@pytest.mark.parametrize("step", ["os.replace", "os.fsync"])
def test_an_import_into_a_file_that_is_killed_leaves_all_or_nothing(
    step: str, tmp_path: Path, flags_file: Path
) -> None:
    target = tmp_path / "flags.yaml"
    target.write_text("old: true\n")
    words = ("import", str(flags_file), "--yes", "--store", f"file:{target}")
    kill = f"import os, signal; {step} = lambda *a: os.kill(os.getpid(), signal.SIGKILL)"
    assert run(*words, before=kill).returncode == -signal.SIGKILL
    assert target.read_text() == "old: true\n"
    again = run(*words)
    assert again.returncode == 0, again.stderr
    store = FileStore(target)
    assert count(store) == MANY
    assert {c.new is not None for c in store.history("new-7")} >= {True}
    assert run(*words).stdout.splitlines()[-1] == "Nothing to change."
