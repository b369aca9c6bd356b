"""The watch's own threads: without events, after a fork, at the end."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from confkit import watch
from confkit.watch import Watcher
from tests.watching import EVENTS, POLL, Seen, needs_watchdog, until, watching


@needs_watchdog
def test_without_room_for_events_it_polls_and_tells_why_once(tmp_path, monkeypatch, caplog):
    def no_room(self: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(watch.Observer, "start", no_room)
    path = tmp_path / "app.yaml"
    path.write_text("a")
    with caplog.at_level(logging.WARNING, "confkit.watch"), watching(path, events=True) as seen:
        path.write_text("b")
        seen.until("b")
        time.sleep(3 * POLL)
        status = seen.watcher.status
    assert (status.mode, status.why) == ("polling", "no events: Too many open files")
    assert len(caplog.records) == 1


def test_without_watchdog_it_polls_and_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(watch, "Observer", None)
    path = tmp_path / "app.yaml"
    path.write_text("a")
    with watching(path, events=True) as seen:
        assert seen.watcher.status.mode == "polling"
        assert "confkit-toolkit[watch]" in seen.watcher.status.why


@needs_watchdog
def test_an_emitter_that_died_is_replaced(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    seen = Seen(path)
    with Watcher(lambda: [path], seen.look, poll=0.1) as watcher:
        seen.until("a")
        before = watcher._run.observer
        for emitter in before.emitters:
            emitter.stop()
            emitter.join()
        until(lambda: watcher._run.observer is not before)
        path.write_text("b")
        seen.until("b")


def test_wake_looks_at_once(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    seen = Seen(path)
    with Watcher(lambda: [path], seen.look, poll=60, events=False) as watcher:
        seen.until("a")
        path.write_text("b")
        watcher.wake()
        seen.until("b")


def test_start_and_stop_may_be_called_twice_and_stop_from_inside(tmp_path):
    path = tmp_path / "app.yaml"
    stopped = threading.Event()

    def look(_: float) -> None:
        watcher.stop()
        stopped.set()

    watcher = Watcher(lambda: [path], look, poll=0.05, events=False)
    assert watcher.start() is watcher.start()
    assert stopped.wait(5)
    watcher.stop()
    watcher.stop()
    assert watcher.status.mode == "stopped"


def test_a_poll_of_no_time_is_refused(tmp_path):
    with pytest.raises(ValueError, match="poll"):
        Watcher(lambda: [tmp_path], lambda _: None, poll=0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("events", EVENTS)
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_watches_for_itself_and_leaves_the_parents_watch_alone(tmp_path, events):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    told = tmp_path / "told"
    with watching(path, events=events) as seen:
        child = os.fork()
        if child == 0:
            try:
                end = time.monotonic() + 5
                while seen.contents[-1] != "b" and time.monotonic() < end:
                    time.sleep(0.01)
                told.write_text(str(seen.contents[-1]))
                seen.watcher.stop()
            finally:
                os._exit(0)
        path.write_text("b")
        seen.until("b")
        os.waitpid(child, 0)
        assert told.read_text() == "b"
        path.write_text("c")
        seen.until("c")


def test_no_thread_and_no_descriptor_stays_behind(tmp_path):
    path = tmp_path / "app.yaml"
    path.write_text("a")
    threads, handles = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with watching(path, events=watch.Observer is not None):
            pass
    until(lambda: threading.active_count() <= threads)
    assert len(list(Path("/proc/self/fd").iterdir())) <= handles


def test_an_interpreter_ends_while_it_watches(tmp_path):
    code = f"""
from pathlib import Path
from confkit.watch import Watcher
path = Path({str(tmp_path / "app.yaml")!r})
Watcher(lambda: [path], lambda _: None, poll=60).start()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stderr == ""
