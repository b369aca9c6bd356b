"""What a look at the sources leads to; real files and watchers are in tests/faults."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from confkit.errors import InvalidConfig, Problem
from confkit.layers import Entry, Layer, Origin
from confkit.living.outcome import Outcome
from confkit.living.reloading import RETRY, Reloader

ORIGIN = Origin("file", "config.yaml", 1, 1)


def layer(text: str, *keys: str, name: str = "config.yaml") -> Layer:
    return Layer(name, {key: Entry("x", ORIGIN) for key in keys}, base=Path("/nowhere"), text=text)


class World:
    """Sources that the test writes, and a configuration that takes what they hold."""

    def __init__(self) -> None:
        self.held = [layer("a, b", "a", "b")]
        self.found = self.held
        self.problems: list[Problem] = []
        self.refuse: InvalidConfig | None = None
        self.adopted: list[list[Layer]] = []
        self.versions: dict[str, str] = {}
        self.outcome = Outcome()
        self.reloader = Reloader(
            self.read,
            self.adopt,
            lambda: self.held,
            lambda: (self.versions, {}),
            outcome=self.outcome,
        )

    def read(self):
        return list(self.found), list(self.problems)

    def adopt(self, layers):
        if self.refuse is not None:
            raise self.refuse
        self.adopted.append(list(layers))
        self.held = list(layers)


@pytest.fixture
def world() -> World:
    return World()


def test_the_same_content_is_nothing_new(world):
    assert world.reloader.look(0.3) is None
    assert world.adopted == []


@pytest.mark.parametrize("keys", [("a", "b"), ("a", "b", "c")])
def test_content_that_keeps_every_key_is_believed_at_once(world, keys):
    world.found = [layer("new", *keys)]
    assert world.reloader.look(0.3) is None
    assert world.adopted == [world.found]


def test_another_version_of_a_secret_is_a_reload(world):
    for version in ("1", "2"):
        world.versions = {"aws": version}
        for _ in range(2):
            assert world.reloader.look(0.3) is None
    assert world.adopted == [world.found, world.found]


def test_content_that_lost_a_key_is_believed_when_it_has_settled(world):
    world.found = [layer("new", "a", "c")]
    assert world.reloader.look(0.3) == 3.0
    assert world.reloader.look(2.9) == 3.0
    assert world.adopted == []
    assert world.reloader.look(3.0) is None
    assert world.adopted == [world.found]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], "missing-file"),
        ([layer("")], "missing-file"),  # there is no such file in this test either way
        ([layer(" \n")], "missing-file"),
    ],
)
def test_a_file_without_content_keeps_what_it_set_for_ever(world, found, code):
    world.found = found
    assert world.reloader.look(1e9) == 1e9 + RETRY
    assert world.adopted == []
    assert [problem.code for problem in world.outcome.error.problems] == [code]


def test_an_empty_file_is_told_from_a_missing_one(world, tmp_path):
    (tmp_path / "config.yaml").write_text("")
    world.held = [Layer("config.yaml", {"a": Entry("x", ORIGIN)}, base=tmp_path, text="a: x")]
    world.found = [Layer("config.yaml", {}, base=tmp_path)]
    world.reloader.look(0.3)
    assert [problem.code for problem in world.outcome.error.problems] == ["empty-file"]


def test_a_file_of_comments_is_no_empty_one(world, tmp_path):
    """Also one whose layer does not keep the text, as those of env files."""
    (tmp_path / ".env").write_text("# all off\n")
    world.held = [Layer(".env", {"A": Entry("x", ORIGIN)}, "variables", tmp_path)]
    world.found = [Layer(".env", {}, "variables", tmp_path)]
    assert world.reloader.look(0.3) == 3.0
    assert world.reloader.look(3.1) is None
    assert world.adopted == [world.found]


def test_what_is_just_being_written_is_no_failure_yet(world):
    world.found = [layer("a: [")]
    world.problems = [Problem("", "is not YAML", ORIGIN, code="yaml")]
    assert world.reloader.look(0.1) == 0.2
    assert (world.outcome.error, world.outcome.failures) == (None, 0)
    assert world.reloader.look(0.2) == 0.2 + RETRY
    assert world.outcome.failures == 1


def test_each_distinct_failure_is_logged_once(world, caplog):
    world.found = [layer("broken")]
    world.problems = [Problem("", "is not YAML", ORIGIN, code="yaml")]
    with caplog.at_level(logging.INFO, "confkit.config"):
        for _ in range(3):
            world.reloader.look(0.3)
        world.problems = [Problem("", "is still not YAML", ORIGIN, code="yaml")]
        world.reloader.look(0.3)
        world.problems, world.found = [], world.held
        world.reloader.look(0.3)
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR", "INFO"]
    assert world.outcome.failures == 2  # distinct ones
    assert world.outcome.error is None


def test_what_the_settings_refuse_is_kept_away_and_named(world):
    world.found = [layer("new", "a", "b")]
    world.refuse = InvalidConfig("Settings", [Problem("a", "is bad", ORIGIN)])
    assert world.reloader.look(0.3) == 0.3 + RETRY
    assert world.outcome.error.problems == world.refuse.problems
    world.refuse = None  # a secret that was not there is there now: nothing else has changed
    assert world.reloader.look(0.3) is None
    assert world.outcome.error is None
    assert world.adopted == [world.found]


def test_sources_that_cannot_be_found_are_a_failure_too(world):
    def gone():
        raise InvalidConfig("Settings", [Problem("", "the root is no directory")])

    reloader = Reloader(gone, world.adopt, lambda: world.held, dict, outcome=world.outcome)
    assert reloader.look(0.3) == 0.3 + RETRY
    assert world.outcome.failures == 1


def test_a_file_that_is_no_source_any_more_is_not_missing(world, tmp_path):
    """Another environment was chosen: its file is there, and is not read."""
    (tmp_path / "production.yaml").write_text("a: x\n")
    old = Layer("production.yaml", {"a": Entry("x", ORIGIN)}, base=tmp_path, text="a: x\n")
    world.held = [old]
    world.found = [layer("b: x", "b", name="staging.yaml")]
    assert world.reloader.look(0.1) is None
    assert world.adopted == [world.found]


def test_a_secret_file_that_was_emptied_is_not_yet_written(world, tmp_path):
    origin = Origin("file", "secrets/token")
    (tmp_path / "token").write_text("")
    world.held = [Layer("secrets", {"TOKEN": Entry("x", origin)}, "variables", tmp_path)]
    world.found = [Layer("secrets", {"TOKEN": Entry("", origin)}, "variables", tmp_path)]
    world.reloader.look(0.3)
    assert world.adopted == []
    assert [problem.code for problem in world.outcome.error.problems] == ["empty-file"]
