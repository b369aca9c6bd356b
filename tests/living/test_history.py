"""What was accepted, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from confkit import Environ, File, InvalidConfig, Secret, UnknownKey, load
from confkit.living.history import KEPT


@dataclass(frozen=True)
class Bounded:
    low: int = 1
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


def test_every_accepted_snapshot_has_its_actor_reason_and_masked_changes(config, path):
    config.set("database.password", "hunter2")
    path.write_text("name: two\n")
    config.reload(by="ada", reason="deploy 7")
    newest, set_, first = config.history()
    assert [entry.version for entry in (newest, set_, first)] == [3, 2, 1]
    assert (newest.by, newest.reason) == ("ada", "deploy 7")
    assert set_.reason == "set database.password"
    assert (first.reason, list(first.changes)) == ("loaded", [])
    assert {difference.key for difference in newest.changes} == {"name", "database.pool_size"}
    assert "hunter" not in repr(config.history()) + str([e.as_dict() for e in config.history()])


def test_what_was_refused_is_not_in_it(config, path):
    path.write_text("name: [")
    with pytest.raises(InvalidConfig):
        config.reload()
    with config.override({"name": "x"}):
        pass
    assert [entry.version for entry in config.history()] == [1]


def test_the_oldest_are_forgotten(config):
    for number in range(KEPT + 10):
        config.set("name", f"n{number}")
    versions = [entry.version for entry in config.history()]
    assert len(versions) == KEPT
    assert versions == sorted(versions, reverse=True)
    with pytest.raises(UnknownKey, match="version 1 is not kept"):
        config.rollback(1)


def test_a_rollback_is_a_new_version_with_the_old_values_and_origins(config, path):
    config.set("name", "runtime")
    path.write_text("name: two\ndatabase:\n  pool_size: 50\n")
    config.reload()
    config.rollback(1, by="ada")
    assert (config.current.name, config.current.database.pool_size) == ("one", 1)
    assert str(config.explain("name").origin).endswith("config.yaml:2:7")
    newest = config.history()[0]
    assert (newest.version, newest.by, newest.reason) == (4, "ada", "rollback to 1")
    config.reload()  # files were not written: they count again
    assert config.current.name == "two"


def test_a_rollback_to_what_was_set_at_run_time(config):
    config.set("name", "runtime")
    config.unset("name")
    config.rollback(2)
    assert config.current.name == "runtime"


def test_a_rollback_keeps_what_was_set_apart_from_what_was_read(config):
    config.set("name", "runtime", by="ada", reason="try")
    config.unset("name", by="ada")
    config.rollback(2)
    config.unset("name")
    assert config.current.name == "one"
    assert [(entry.by, entry.reason) for entry in config.history()][2:4] == [
        ("ada", "unset name"),
        ("ada", "try"),
    ]


def test_a_rollback_brings_no_override_back(config):
    with config.override({"name": "inside"}):
        config.set("database.pool_size", 7)
        assert config.history()[0].snapshot.current.name == "inside"
    config.set("database.pool_size", 8)
    config.rollback(config.history()[1].version)
    assert (config.current.name, config.current.database.pool_size) == ("one", 7)
    with config.override({"name": "now"}):
        config.rollback(1)
        assert (config.current.name, config.current.database.pool_size) == ("now", 1)
    assert config.current.name == "one"


def test_a_rollback_that_cannot_be_changes_nothing(path):
    path.write_text("low: 1\n")
    config = load(Bounded, File(path), Environ(environ={}))
    config.set("high", 20)
    with config.override({"low": 15}):
        with pytest.raises(InvalidConfig):
            config.rollback(1)  # 15 is above the 10 of then
        assert config.current == Bounded(15, 20)
    assert config.current.high == 20
    config.unset("high")


def test_a_rollback_asks_for_secrets_of_one_generation(tmp_path):
    path, version = tmp_path / "config.yaml", ["1"]
    path.write_text("a: ${my:a}\nb: ${my:b}\n")
    config = load(Pair, File(path), resolvers={"my": lambda name: name + version[0]})
    path.write_text("a: ${my:a}\n")
    version[0] = "2"
    config.reload()
    version[0] = "3"
    config.rollback(1)
    assert (config.current.a.reveal(), config.current.b.reveal()) == ("a3", "b3")


def test_a_reload_that_fails_changes_no_answer(tmp_path):
    path, version = tmp_path / "config.yaml", ["1"]
    path.write_text("a: ${my:a}\n")
    config = load(Pair, File(path), resolvers={"my": lambda name: name + version[0]})
    version[0] = "2"
    path.write_text("a: ${my:a}\nnothing: 1\n")
    with pytest.raises(InvalidConfig):
        config.reload()
    config.set("b", "x")
    assert config.current.a.reveal() == "a1"


@dataclass(frozen=True)
class Pair:
    a: Secret = Secret("")
    b: Secret = Secret("")
