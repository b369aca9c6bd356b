"""Every way in which a file's content changes is seen, with events and without."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from confkit import watch
from confkit.watch import Watcher
from tests.watching import EVENTS, POLL, Seen, until, watching


def replace(path: Path, text: str, aside: Path | None = None) -> None:
    new = (aside or path.parent) / "new.tmp"
    new.write_text(text)
    new.replace(path)


def in_place(path: Path) -> None:
    path.write_text("b")


def replaced(path: Path) -> None:
    replace(path, "b")


def from_elsewhere(path: Path) -> None:
    (path.parent.parent / "aside").mkdir()
    replace(path, "b", path.parent.parent / "aside")


def deleted_and_created(path: Path) -> None:
    path.unlink()
    path.write_text("b")


def backed_up(path: Path) -> None:
    path.rename(path.with_name("app.yaml~"))
    path.write_text("b")


def same_size_and_time(path: Path) -> None:
    stat = path.stat()
    new = path.with_name("new")
    new.write_text("b")
    os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    new.replace(path)


def same_size_and_time_in_place(path: Path) -> None:
    stat = path.stat()
    path.write_text("b")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def directory_replaced(path: Path) -> None:
    new = path.parent.with_name("etc.new")
    new.mkdir()
    (new / path.name).write_text("x")
    path.parent.rename(path.parent.with_name("etc.old"))
    new.rename(path.parent)
    time.sleep(2 * POLL)
    path.write_text("b")


def directory_made_again(path: Path) -> None:
    shutil.rmtree(path.parent)
    time.sleep(2 * POLL)
    path.parent.mkdir()
    path.write_text("x")
    time.sleep(2 * POLL)
    path.write_text("b")


def burst(path: Path) -> None:
    for n in range(100):
        path.write_text(f"{n}")
    path.write_text("b")


CHANGES = [
    in_place,
    replaced,
    from_elsewhere,
    deleted_and_created,
    backed_up,
    same_size_and_time,
    same_size_and_time_in_place,
    directory_replaced,
    directory_made_again,
    burst,
]


@pytest.mark.parametrize("events", EVENTS)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_is_seen(tmp_path, change, events):
    path = tmp_path / "etc" / "app.yaml"
    path.parent.mkdir()
    path.write_text("a")
    with watching(path, events=events) as seen:
        change(path)
        seen.until("b")


@pytest.mark.parametrize("events", EVENTS)
def test_a_burst_is_few_looks_and_nothing_in_between_is_seen(tmp_path, events):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    with watching(path, events=events) as seen:
        burst(path)
        seen.until("b")
        assert len(seen.contents) <= 3


@pytest.mark.parametrize("events", EVENTS)
def test_a_write_that_pauses_for_less_than_the_quiet_time_is_one_change(tmp_path, events):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    with watching(path, events=events) as seen:
        with path.open("w") as file:
            for part in ("one ", "two ", "three"):
                file.write(part)
                file.flush()
                time.sleep(watch.QUIET / 3)
        seen.until("one two three")
        assert seen.contents == ["a", "one two three"]


@pytest.mark.parametrize("events", EVENTS)
@pytest.mark.parametrize("steps", [1, 5])
def test_the_swap_of_a_kubernetes_volume(tmp_path, events, steps):
    """``app.yaml`` → ``..data/app.yaml``, ``..data`` → ``..1``: only ``..data`` is swapped."""

    def version(number: int, text: str) -> None:
        new = tmp_path / f"..{number}"
        new.mkdir()
        (new / "app.yaml").write_text(text)
        link = tmp_path / "..data_tmp"
        link.symlink_to(new.name)
        link.replace(tmp_path / "..data")
        if number:
            shutil.rmtree(tmp_path / f"..{number - 1}")

    version(0, "a")
    path = tmp_path / "app.yaml"
    path.symlink_to("..data/app.yaml")
    with watching(path, events=events) as seen:
        for step in range(1, steps + 1):
            version(step, f"v{step}")
            seen.until(f"v{step}")


@pytest.mark.parametrize("events", EVENTS)
def test_behind_links(tmp_path, events):
    real, other, links = (tmp_path / name for name in ("real", "other", "links"))
    for directory in (real, other, links):
        directory.mkdir()
    (real / "app.yaml").write_text("a")
    (other / "app.yaml").write_text("c")
    path = links / "app.yaml"
    path.symlink_to("../real/app.yaml")
    with watching(path, events=events) as seen:
        (real / "app.yaml").write_text("b")  # the target is written
        seen.until("b")
        new = links / "new"
        new.symlink_to("../other/app.yaml")
        new.replace(path)  # the link points elsewhere
        seen.until("c")


@pytest.mark.parametrize("events", EVENTS)
def test_a_file_that_comes_later_and_goes_again(tmp_path, events):
    path = tmp_path / "not" / "yet" / "app.yaml"
    with watching(path, events=events) as seen:
        path.parent.mkdir(parents=True)
        path.write_text("a")
        seen.until("a")
        path.unlink()
        seen.until(None)


def test_what_has_not_changed_is_not_looked_at_again(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    with watching(path, events=watch.Observer is not None) as seen:
        path.touch()
        path.read_text()
        (tmp_path / "other").write_text("x")
        time.sleep(3 * POLL)
        assert seen.contents == ["a"]


@pytest.mark.parametrize("events", EVENTS)
def test_a_look_that_waits_is_repeated_when_the_content_was_unchanged_for_so_long(tmp_path, events):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    with watching(path, events=events, wait=0.5) as seen:
        path.write_text("b")
        until(lambda: seen.watcher.status.waiting == 0.5)
        assert seen.contents == ["a"]
        path.write_text("c")
        seen.until("c")
        assert seen.contents == ["a", "c"]
        assert seen.unchanged[-1] >= 0.5
    assert seen.watcher.status.mode == "stopped"


def test_a_look_that_raises_does_not_end_the_watch(tmp_path, caplog):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    calls = []

    def look(_: float) -> None:
        calls.append(path.read_text())
        if len(calls) == 1:
            raise RuntimeError("once")

    watcher = Watcher(lambda: [path], look, poll=0.05, events=False)
    with caplog.at_level(logging.ERROR, "confkit.watch"), watcher:
        until(lambda: watcher.status.failures == 1)
        path.write_text("b")
        until(lambda: calls[-1:] == ["b"])
    assert calls == ["a", "b"]
    assert watcher.status.failures == 1
    assert len(caplog.records) == 1


def test_a_busy_directory_delays_no_change_and_is_not_looked_at_for_every_event(tmp_path):
    path, stop, looks = tmp_path / "app.yaml", threading.Event(), []
    path.write_text("a")

    def paths() -> list[Path]:
        looks.append(path)
        return [path]

    def write_others() -> None:
        while not stop.is_set():
            (tmp_path / "log").write_text("x")

    seen = Seen(path)
    busy = threading.Thread(target=write_others)
    with Watcher(paths, seen.look, poll=60) as watcher:
        seen.until("a")
        busy.start()
        path.write_text("b")
        if watcher.status.mode == "polling":
            watcher.wake()
        seen.until("b")
        looks.clear()
        time.sleep(0.5)
        assert len(looks) < 200  # thousands of events
        stop.set()
    busy.join()


def test_another_answer_of_the_probe_is_other_content(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    seen, version = Seen(path), [1]
    with Watcher(lambda: [path], seen.look, poll=0.05, events=False, probe=lambda: version[0]):
        seen.until("a")
        version[0] = 2
        until(lambda: seen.contents == ["a", "a"])
