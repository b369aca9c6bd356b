"""``confkit flags watch`` and ``import --legacy`` as the shell runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fakeredis
import pytest

from confkit.cli import main
from confkit.flags.redis.connection import Asked
from confkit.flags.redis.store import RedisStore
from tests.faults.server import RedisServer

ON, OFF = {"enabled": True}, {"enabled": False}


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@contextmanager
def watching(url: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "confkit", "flags", "watch", "--store", url, *options]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    # Whatever goes wrong ends: a reader of its lines is not kept waiting for ever.
    watchdog = threading.Timer(60, os.killpg, [process.pid, signal.SIGKILL])
    watchdog.start()
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == "Watching; Ctrl-C ends it.\n"
        yield process
    finally:
        watchdog.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)


def change(store: RedisStore, name: str, document: dict[str, bool] | None) -> None:
    store.write(name, document, expect=None, by="ann", reason="because")


def test_changes_are_printed_as_they_happen_until_an_interrupt(server: RedisServer) -> None:
    store = RedisStore.from_url(server.url)
    change(store, "before", ON)
    with watching(server.url) as process:
        assert process.stdout is not None
        change(store, "a", ON)
        assert process.stdout.readline()[9:] == (
            "a revision 1 by ann: created, enabled: unset -> True (because)\n"
        )
        change(store, "a", OFF)
        assert "a revision 2 by ann: enabled: True -> False" in process.stdout.readline()
        change(store, "a", OFF)
        assert "a revision 3 by ann: no difference" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out == ""
    assert err.strip() == ""
    store.close()


def test_as_json_one_object_a_line_and_so_many(server: RedisServer) -> None:
    store = RedisStore.from_url(server.url)
    with watching(server.url, "--json", "--count", "2") as process:
        change(store, "a", ON)
        change(store, "a", None)
        out, err = process.communicate(timeout=20)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line["name"], line["revision"], line["new"]) for line in lines] == [
        ("a", 1, ON),
        ("a", 2, None),
    ]
    assert (process.returncode, err) == (0, "")
    store.close()


def test_a_reader_that_went_away_is_no_traceback(server: RedisServer) -> None:
    store = RedisStore.from_url(server.url)
    with watching(server.url) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        change(store, "a", ON)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()
    store.close()


def test_an_outage_is_said_and_what_changed_in_it_is_told(server: RedisServer) -> None:
    persistent = RedisServer(persist=True)
    with persistent, watching(persistent.url) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        persistent.kill()
        assert process.stderr.readline().startswith("The store: StoreUnavailable: ")
        persistent.start()
        store = RedisStore.from_url(persistent.url)
        change(store, "a", ON)
        said = process.stderr.readline()
        while said != "The store: is back.\n":
            assert said.startswith("The store: Store")  # another word for the same outage
            said = process.stderr.readline()
        assert "a revision 1 by ann" in process.stdout.readline()
        store.close()


def test_a_store_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flags", "watch", "--store", "redis://:canary@127.0.0.1:1/0"]) == 1
    assert "no flags at the start: StoreUnavailable" in capsys.readouterr().err


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> fakeredis.FakeRedis:
    """A server with old flags, behind every Redis URL."""
    client = fakeredis.FakeRedis()
    client.set("feature_flag:half", json.dumps({"enabled": True, "percentage_rollout": 50}))
    client.set("feature_flag:some", json.dumps({"enabled": True, "user_whitelist": ["ann"]}))
    client.set("feature_flag:torn", "{")
    monkeypatch.setattr(
        "confkit.flags.redis.connection.from_url", lambda *_, **__: (client, Asked())
    )
    return client


LEGACY = ["flags", "import", "--legacy", "--store", "redis://localhost"]


def test_old_flags_are_shown_and_nothing_is_written(
    old: fakeredis.FakeRedis, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*LEGACY, "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert "legacy-md5-100" in out
    assert "without a user id" in out
    assert "torn" in out
    assert "2 old flags found, 1 cannot be read" in err
    assert not old.exists("{confkit}:flags")


def test_old_flags_come_over_with_their_users(
    old: fakeredis.FakeRedis, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*LEGACY, "--yes", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["written"] == 2
    assert "torn: is no JSON" in err
    store = RedisStore(old)
    found = store.read()
    assert found is not None
    assert found.flags["half"].document == {
        "enabled": True,
        "percentage": 50,
        "scheme": "legacy-md5-100",
    }
    assert found.flags["some"].document == {"enabled": True, "allow": ["ann"]}
    assert store.history("half")[0].reason == "import of feature_flag:*"
    assert old.exists("feature_flag:half")
    store.close()


def test_old_flags_may_be_shuffled_anew_and_go_elsewhere(
    old: fakeredis.FakeRedis, tmp_path: Path
) -> None:
    command = ["flags", "import", "--legacy", "--reshuffle", "--yes", "--from", "redis://localhost"]
    assert main([*command, "--store", f"file:{tmp_path}/flags.yaml"]) == 0
    assert "scheme" not in (tmp_path / "flags.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a file, or --legacy"),
        (["--legacy", "--store", "memory:"], "old flags are in Redis"),
    ],
)
def test_wrong_usage(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flags", "import", *words]) == 2
    assert said in capsys.readouterr().err
