"""Every change of a store as it happens."""

from __future__ import annotations

import threading

import pytest

from confkit.flags import Flags, MemoryStore
from confkit.flags.following import follow

ON = {"enabled": True}


def test_more_changes_than_one_look_takes_in_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("confkit.flags.following.RECORDS", 2)
    store = MemoryStore({"a": ON})
    with Flags(store, background=False) as flags:
        changes = follow(flags)
        threading.Timer(0.3, _write_three, [store, flags]).start()
        assert next(changes) == "Watching; Ctrl-C ends it."
        first = next(changes)
        if isinstance(first, str):
            assert first.startswith("2 changes or more at once")
            first = next(changes)
        assert not isinstance(first, str)
        assert first.name == "b"


def _write_three(store: MemoryStore, flags: Flags) -> None:
    with flags._lock:  # so that nobody is told before all three are made
        for revision in range(3):
            store.write("b", ON, expect=revision, by="", reason="")
