"""Threads, also where none can be started any more: in callbacks of ``atexit``."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from confkit.background import start_thread

ROOT = Path(__file__).resolve().parent.parent

#: What a callback of ``atexit`` may do; each makes ``tell``, which prints ``done``.
AT_EXIT = {
    "a question": """
        from confkit.flags import FileStore, Flags
        flags = Flags(FileStore("flags.yaml"))
        tell = lambda: print("done" if flags.enabled("a", "1") else "off", flush=True)
    """,
    "an exposure": """
        from confkit.flags import Flags, MemoryStore
        flags = Flags(MemoryStore({"a": {"enabled": True}}), on_exposure=lambda d: say("done"))
        tell = lambda: flags.enabled("a", "1")
    """,
    "a subscriber": """
        from dataclasses import dataclass
        from confkit import Environ, load
        @dataclass(frozen=True)
        class Settings:
            name: str = "one"
        config = load(Settings, Environ(environ={}))
        told = threading.Event()
        config.subscribe(lambda change: (say("done"), told.set()), background=True)
        tell = lambda: (config.set("name", "two"), told.wait(10))
    """,
    "a secret": """
        from confkit import Secret
        from confkit.secrets.cache import Cache
        from confkit.secrets.payload import Payload
        cache = Cache(lambda keys: {key: Payload(Secret("x"), "v1", key) for key in keys})
        tell = lambda: (cache.get("a"), say("done"))
    """,
}


@pytest.mark.parametrize("name", AT_EXIT)
def test_what_is_asked_as_the_interpreter_ends_is_done(name, tmp_path):
    (tmp_path / "flags.yaml").write_text("a: {enabled: true}\n")
    before = "import atexit, threading\nsay = lambda text: print(text, flush=True)\n"
    code = f"{before}{textwrap.dedent(AT_EXIT[name])}\natexit.register(tell)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stderr == ""
    assert done.stdout == "done\n"


def test_a_thread_runs_and_is_handed_back():
    told = threading.Event()
    thread = start_thread("confkit-test", told.set)
    assert thread is not None
    assert thread.daemon
    assert told.wait(10)


def test_no_room_for_a_thread_is_an_error(monkeypatch):
    def full(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", full)
    with pytest.raises(RuntimeError):
        start_thread("confkit-test", print)
