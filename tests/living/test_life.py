"""What runs beside a snapshot: the watch, and gradual values."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from confkit import Directory, Environ, File, load
from confkit.resolution.gradual import share


@dataclass(frozen=True)
class Small:
    name: str = "one"


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_watch_runs_until_it_is_stopped(config, path):
    with config.watch(poll=0.05) as watch:
        path.write_text("name: two\n")
        assert watch.status.mode in ("events", "polling")
        until(lambda: config.current.name == "two" or config.status.watch.waiting > 0)
    assert config.status.watch.mode == "stopped"
    again = config.watch(poll=0.05)
    again.stop()
    again.stop()


def test_a_conventional_file_that_appears_later_is_found(project, tmp_path):
    config = project({"config.yaml": "name: one\n"})
    with config.watch(poll=0.05):
        (tmp_path / "config.local.yaml").write_text("name: local\n")
        until(lambda: config.current.name == "local")
        (tmp_path / ".env").write_text("NAME=env\n")
        until(lambda: config.current.name == "env")
    (tmp_path / ".env.local").write_text("NAME=mine\n")
    config.reload()
    assert config.current.name == "mine"


def test_a_file_is_gone_only_when_it_is_reloaded_by_hand(project, tmp_path):
    config = project({"config.yaml": "name: one\n", "config.local.yaml": "name: local\n"})
    with config.watch(poll=0.05, settle=0.1):
        (tmp_path / "config.local.yaml").unlink()
        until(lambda: config.status.error is not None)
        assert config.current.name == "local"
        config.reload()
        assert config.current.name == "one"
        assert config.status.error is None


def test_a_directory_of_secrets_is_watched(tmp_path):
    (tmp_path / "name").write_text("one")
    config = load(Small, Directory(tmp_path), Environ(environ={}))
    with config.watch(poll=0.05):
        (tmp_path / "name").write_text("two")
        until(lambda: config.current.name == "two")


def test_a_gradual_value_is_decided_by_the_instance(config, path, monkeypatch):
    monkeypatch.setenv("CONFKIT_INSTANCE", "web-7")
    reference = "pool@50%:new|old"
    path.write_text(f"name: ${{rollout:{reference}}}\n")
    loaded = load(type(config.current), File(path), Environ(environ={}))
    decided = share(reference, "web-7")
    assert loaded.current.name == decided.value
    assert loaded.status.gradual == {"name": decided}
    assert "web-7" in str(loaded.status.as_dict()["gradual"])


def test_a_configuration_that_nobody_holds_is_freed_at_once(tmp_path):
    gc.disable()
    try:
        config = load(Small, File(tmp_path / "config.yaml", optional=True), Environ(environ={}))
        config.subscribe(lambda _: None)
        config.set("name", "two")
        assert config.status.healthy
        gone = weakref.ref(config)
        del config
        assert gone() is None
    finally:
        gc.enable()
