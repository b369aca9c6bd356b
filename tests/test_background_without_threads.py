"""Where no thread can be started, as in a browser: what needs none works, the rest is refused."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass

import pytest

import confkit


@dataclass(frozen=True)
class Small:
    level: int = 1


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(threading.Thread, "start", refused)


def test_flags_answer_and_are_refreshed_by_hand(no_threads, tmp_path):
    file = tmp_path / "flags.yaml"
    file.write_text("a: {enabled: true}\n")
    flags = confkit.Flags(confkit.FileStore(file))
    assert flags.enabled("a")
    file.write_text("a: {enabled: false}\n")
    os.utime(file, (1_000_000_000, 1_000_000_000))  # long ago: a new edit is waited for
    flags.refresh()
    assert not flags.enabled("a")
    flags.set("a", enabled=True)
    assert flags.enabled("a")
    flags.close()


def test_exposures_are_told_at_once(no_threads):
    told: list[str] = []
    store = confkit.MemoryStore({"a": {"enabled": True}})
    flags = confkit.Flags(store, on_exposure=lambda decision: told.append(decision.name))
    flags.enabled("a", "ada")
    assert told == ["a"]
    flags.close()
    assert told == ["a"]


def test_a_configuration_is_read_and_reloaded_and_not_watched(no_threads, tmp_path):
    (tmp_path / "config.yaml").write_text("level: 2\n")
    config = confkit.load(Small, root=tmp_path, environ={})
    changes: list[confkit.Change[Small]] = []
    config.subscribe(changes.append)
    config.subscribe(changes.append, background=True)
    (tmp_path / "config.yaml").write_text("level: 3\n")
    config.reload()
    assert config.current.level == 3
    assert len(changes) == 2
    with pytest.raises(RuntimeError, match="reload"):
        config.watch()
