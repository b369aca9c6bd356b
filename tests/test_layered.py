"""Layers become the snapshot that counts, and a lock keeps changes in order."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from confkit import Environ, File, InvalidConfig, load
from confkit.layered import read_sources
from confkit.sources.mapping import Values


@dataclass(frozen=True)
class Settings:
    a: int = 1
    b: int = 1

    def __post_init__(self) -> None:
        if self.a > self.b * 10:
            raise ValueError("a is too large for b")


def test_a_source_that_cannot_be_read_gives_its_problems_and_what_could_be_read(tmp_path):
    (tmp_path / "bad.yaml").write_text("a: [")
    layers, problems = read_sources([Values({"a": 2}), File(tmp_path / "bad.yaml")])
    assert [problem.code for problem in problems] == ["yaml"]
    assert layers[0].entries["a"].raw == 2


def test_what_an_override_hides_has_to_be_right_too():
    config = load(Settings, Environ(environ={}))
    with config.override({"b": 100}):
        config_inside = config.current
        with pytest.raises(InvalidConfig):
            config.set("a", 50)  # right now, and wrong when the override ends
        assert config.current is config_inside


def test_changes_of_many_threads_are_all_there_in_the_end():
    config = load(Settings, Environ(environ={}))
    threads = [
        threading.Thread(target=lambda n=n: [config.set("b", 1 + n + i) for i in range(50)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert config.snapshot.version == 201
