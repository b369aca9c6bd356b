"""Configuration that is reloaded while files change in every way that a deployment changes them."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import threading
import time
from typing import Any

import pytest

from confkit import watch as watching
from confkit.living import reloading
from tests.faults.reloading import POLL, Database, live, size, text, until

pytestmark = pytest.mark.slow
EVENTS = [True, False]


@pytest.mark.parametrize("events", EVENTS)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_f1_an_atomic_rename_is_one_reload(tmp_path, events, elsewhere):
    path = tmp_path / "etc" / "config.yaml"
    path.parent.mkdir()
    with live(path, events=events) as config:
        new = (tmp_path if elsewhere else path.parent) / "new"
        new.write_text(text(2))
        new.replace(path)
        until(lambda: size(config) == 2)
        time.sleep(2 * POLL)
        assert config.status.version == 2


@pytest.mark.parametrize("events", EVENTS)
def test_f2_twenty_swaps_of_a_kubernetes_volume(tmp_path, events):
    def version(number: int) -> None:
        new = tmp_path / f"..{number}"
        new.mkdir()
        (new / "config.yaml").write_text(text(number))
        link = tmp_path / "..data_tmp"
        link.symlink_to(new.name)
        link.replace(tmp_path / "..data")
        if number > 1:
            shutil.rmtree(tmp_path / f"..{number - 1}")

    version(1)
    path = tmp_path / "config.yaml"
    path.symlink_to("..data/config.yaml")
    with live(path, events=events) as config:
        for number in range(2, 22):
            version(number)
            until(lambda n=number: size(config) == n, 2)
        until(lambda: config.status.watch.mode == ("events" if events else "polling"))


@pytest.mark.parametrize("events", EVENTS)
def test_f3_a_file_that_is_missing_for_a_while_keeps_its_values(tmp_path, events):
    path = tmp_path / "config.yaml"
    path.write_text(text(7))
    with live(path, events=events, settle=0.5) as config:
        path.unlink()
        until(lambda: config.status.error is not None)
        time.sleep(1.5)
        assert size(config) == 7
        (problem,) = config.status.error.problems
        assert (problem.code, problem.origin.name) == ("missing-file", config.sources[0].name)
        path.write_text(text(8))
        until(lambda: size(config) == 8 and config.status.error is None)


@pytest.mark.parametrize("events", EVENTS)
def test_f4_a_half_written_file_is_never_loaded(tmp_path, events):
    path = tmp_path / "config.yaml"
    with live(path, events=events) as config:
        whole = text(9)
        for cut in (0.3, 0.6, 0.9):
            with path.open("w") as file:
                file.write(whole[: int(len(whole) * cut)])
                file.flush()
                time.sleep(0.5)
                assert size(config) in (1, 9)
                file.write(whole[int(len(whole) * cut) :])
        until(lambda: size(config) == 9)


@pytest.mark.parametrize("events", EVENTS)
def test_f5_an_emptied_file_is_not_yet_written(tmp_path, events):
    path = tmp_path / "config.yaml"
    with live(path, events=events, settle=0.5) as config, path.open("w") as file:
        until(lambda: config.status.error is not None)
        time.sleep(1.5)
        assert size(config) == 1
        assert [problem.code for problem in config.status.error.problems] == ["empty-file"]
        file.write(text(2))
        file.close()
        until(lambda: size(config) == 2)


@pytest.mark.parametrize("events", EVENTS)
def test_a_file_that_lost_a_key_is_believed_after_it_has_settled(tmp_path, events):
    path = tmp_path / "config.yaml"
    path.write_text(text(5))
    with live(path, events=events, settle=1.0) as config:
        path.write_text("name: other\n")
        until(lambda: config.status.watch.waiting == 1.0)
        assert config.current.name == "shop"
        until(lambda: config.current.name == "other")
        assert config.current.database == Database()


@pytest.mark.parametrize("events", EVENTS)
def test_f6_bad_content_keeps_the_last_good_and_says_where_once(tmp_path, events, caplog):
    path = tmp_path / "config.yaml"
    with (
        caplog.at_level(logging.INFO, "confkit.config"),
        live(path, events=events) as config,
    ):
        path.write_text(text(1).replace("pool_size: 1", "pool_size: 500"))
        until(lambda: config.status.error is not None)
        time.sleep(3 * POLL)
        (problem,) = config.status.error.problems
        assert problem.key == "database.pool_size"
        assert (problem.origin.line, problem.origin.column) == (3, 14)
        path.write_text("name: [")
        until(lambda: config.status.failures == 2 and len(caplog.records) == 2)
        assert (config.status.version, size(config)) == (1, 1)
        assert [r.levelname for r in caplog.records] == ["ERROR", "ERROR"]
        assert ":3:14" in caplog.records[0].getMessage()
        path.write_text(text(3))
        until(lambda: size(config) == 3 and config.status.error is None)


@pytest.mark.parametrize("events", EVENTS)
def test_f7_a_burst_is_few_reloads(tmp_path, events):
    path = tmp_path / "config.yaml"
    with live(path, events=events) as config:
        for n in range(100):
            path.write_text(text(n % 100 + 1))
        until(lambda: size(config) == 100)
        assert config.status.version <= 3


@pytest.mark.parametrize("events", EVENTS)
def test_f8_a_directory_that_is_replaced_is_watched_again(tmp_path, events):
    path = tmp_path / "etc" / "config.yaml"
    path.parent.mkdir()
    with live(path, events=events) as config:
        new = tmp_path / "etc.new"
        new.mkdir()
        (new / "config.yaml").write_text(text(2))
        path.parent.rename(tmp_path / "etc.old")
        new.rename(path.parent)
        until(lambda: size(config) == 2)
        path.write_text(text(3))
        until(lambda: size(config) == 3)
        shutil.rmtree(path.parent)
        time.sleep(2 * POLL)
        path.parent.mkdir()
        path.write_text(text(4))
        until(lambda: size(config) == 4)


def test_f9_where_the_system_has_no_room_for_events_it_polls(tmp_path, monkeypatch):
    def no_room(_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(watching.Observer, "start", no_room)
    path = tmp_path / "config.yaml"
    with live(path) as config:
        path.write_text(text(2))
        until(lambda: size(config) == 2, POLL + 1.5)
        assert config.status.watch.mode == "polling"
        assert "Too many open files" in config.status.watch.why


@pytest.mark.parametrize("events", EVENTS)
def test_f10_a_replacement_of_the_same_size_and_time_is_seen(tmp_path, events):
    path = tmp_path / "config.yaml"
    with live(path, events=events) as config:
        stat = path.stat()
        new = tmp_path / "new"
        new.write_text(text(2))
        os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        new.replace(path)
        until(lambda: size(config) == 2)


def test_f11_a_subscriber_that_raises_blocks_or_reenters_holds_up_nobody(tmp_path):
    path = tmp_path / "config.yaml"
    told: list[int] = []
    release = threading.Event()

    def raises(_: Any) -> None:
        raise RuntimeError("no")

    def blocks(_: Any) -> None:
        release.wait(10)

    def reenters(change: Any) -> None:
        if change.new.current.name != "again":
            config.set("name", "again")

    with live(path) as config:
        config.subscribe(raises)
        config.subscribe(blocks, background=True)
        config.subscribe(reenters)
        config.subscribe(lambda change: told.append(change.new.version))
        for number in (2, 3):
            path.write_text(text(number))
            until(lambda n=number: size(config) == n)
        until(lambda: len(told) >= 3)
        assert told == sorted(told)
        assert config.current.name == "again"
        assert config.status.watch.failures == 0
        release.set()


def test_f12_a_fault_inside_the_watch_is_counted_and_survived(tmp_path, monkeypatch):
    path = tmp_path / "config.yaml"
    real, broken = reloading.Reloader.look, threading.Event()

    def fails_once(self: Any, unchanged: float) -> float | None:
        if not broken.is_set() and config.status.version == 1 and "2" in path.read_text():
            broken.set()
            raise RuntimeError("a fault of ours")
        return real(self, unchanged)

    monkeypatch.setattr(reloading.Reloader, "look", fails_once)
    with live(path) as config:
        path.write_text(text(2))
        until(broken.is_set)
        path.write_text(text(3))
        until(lambda: size(config) == 3)
        assert config.status.watch.failures == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            b"a: &a [x]\n" + b"".join(b"b%d: &b%d [*a, *a]\n" % (n, n) for n in range(9)),
            id="unknown",
        ),
        pytest.param(b"name: " + b"[" * 10_000, id="deep"),
        pytest.param(b"name: x\nname: y\n", id="twice"),
        pytest.param(b"name: \x00\n", id="nul"),
        pytest.param("name: ä\n".encode("latin-1"), id="latin-1"),
        pytest.param(b"name: " + b"x" * 5_000_000, id="large"),
    ],
)
def test_f13_hostile_content_is_refused_and_the_watch_goes_on(tmp_path, content):
    path = tmp_path / "config.yaml"
    with live(path) as config:
        path.write_bytes(content)
        until(lambda: config.status.failures == 1)
        assert size(config) == 1
        path.write_text(text(2))
        until(lambda: size(config) == 2)
