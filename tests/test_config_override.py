"""Overrides and runtime values: built as in a file, removed in any order."""

from __future__ import annotations

import inspect
import threading
from dataclasses import dataclass

import pytest

from confkit import (
    File,
    InvalidConfig,
    Values,
    load,
)
from tests.small_settings import Cache, Database, Range, Settings, size


def test_an_override_holds_inside_the_block_and_gives_the_settings():
    config = load(Settings, Values({}))
    before = config.snapshot
    line = inspect.currentframe().f_lineno + 1
    with config.override({"database.pool_size": 9, "name": "test"}, name="mine") as settings:
        assert settings is config.current
        assert (size(config), settings.name) == (9, "test")
        row = config.explain("name").winner
        assert row.layer == "mine"
        assert str(row.origin).startswith("override at ")
        assert str(row.origin).endswith(f"test_config_override.py:{line}")
    assert config.snapshot is before


def test_overrides_are_taken_back_in_any_order():
    config = load(Settings, Values({}))
    one = config.override({"port": 1})
    two = config.override({"port": 2, "name": "two"})
    three = config.override({"hosts": ["three"]})
    for block in (one, two, three):
        block.__enter__()
    assert (config.current.port, config.current.name) == (2, "two")
    one.__exit__(None, None, None)
    assert (config.current.port, config.current.name) == (2, "two")
    two.__exit__(None, None, None)
    assert (config.current.port, config.current.name) == (80, "shop")
    assert config.current.hosts == ["three"]
    three.__exit__(None, None, None)
    assert config.current == Settings()


def test_the_same_override_twice_is_two_overrides():
    config = load(Settings, Values({}))
    with config.override({"port": 1}):
        with config.override({"port": 1}):
            pass
        assert config.current.port == 1
    assert config.current.port == 80


def test_an_override_ends_with_an_exception_too():
    config = load(Settings, Values({}))

    def fail() -> None:
        with config.override({"port": 1}):
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    assert config.current.port == 80


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"prot": 1}, r"prot: is no setting .* did you mean port\?"),
        ({"database.pool_siz": 1}, r"did you mean database.pool_size\?"),
        ({"port": "x"}, r"port: is not an integer \(x, override at .*test_config_override.py"),
        ({"database.pool_size": 101}, "database.pool_size: must be at most 100"),
        ({"database": 5}, r"database: a mapping is expected \(Database\)"),
        ({"database": {"pool_size": 0}}, "database.pool_size: must be at least 1"),
        ({"port": None}, "port: is null"),
    ],
)
def test_an_override_that_does_not_fit_is_refused_as_in_a_file_and_changes_nothing(values, message):
    config = load(Settings, Values({}))
    before = config.snapshot
    with pytest.raises(InvalidConfig, match=message), config.override(values):
        pytest.fail("the block must not be entered")
    assert config.snapshot is before
    with config.override({"port": 1}):
        assert config.current.port == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"database": {"pool_size": 7}}, {"database": Database(pool_size=7)}),
        ({"database": Database(pool_size=7)}, {"database": Database(pool_size=7)}),
        ({"cache": {"pool_size": 7}}, {"cache": Cache(7)}),
        ({"cache.pool_size": 7}, {"cache": Cache(7)}),
        ({"cache.hosts": "a"}, {"cache": Cache(hosts=["a"])}),
        ({"limits": {"a": 1}}, {"limits": {"a": 1, "base": 0}}),
        ({"limits.a": "1"}, {"limits": {"a": 1, "base": 0}}),
        ({"hosts": []}, {"hosts": []}),
        ({"hosts": "a,b"}, {"hosts": ["a", "b"]}),
        ({}, {}),
    ],
)
def test_sections_mappings_and_lists_can_be_overridden(values, expected):
    base = {"limits": {"base": 0}, "hosts": ["x"]}
    config = load(Settings, Values(base))
    with config.override(values) as settings:
        for name, value in expected.items():
            assert getattr(settings, name) == value
    assert config.current.hosts == ["x"]
    assert config.current.cache is None


def test_an_override_reads_no_source_again(tmp_path):
    (tmp_path / "a.yaml").write_text("port: 1")
    config = load(Settings, File(tmp_path / "a.yaml"))
    (tmp_path / "a.yaml").write_text("port: 2")
    with config.override({"name": "x"}), config.override({"limits": {"a": 1}}):
        assert config.current.port == 1
    assert config.current.port == 1


@pytest.mark.parametrize("values", [{"name": "x"}, {"cache.pool_size": 1}])
def test_a_list_changed_inside_an_override_is_not_that_of_the_others(values):
    config = load(Settings, Values({"hosts": ["a"], "limits": {"a": 1}}))
    with config.override(values) as settings:
        settings.hosts.append("b")
        settings.limits["b"] = 2
    assert (config.current.hosts, config.current.limits) == (["a"], {"a": 1})


def test_variables_still_mean_the_same_inside_an_override(tmp_path):
    (tmp_path / ".env").write_text("WHO=me\nNAME=${WHO}\n")
    config = load(Settings, root=tmp_path, environ={})
    with config.override({"cache": {"pool_size": 3}}) as settings:
        assert settings.name == "me"


def test_fields_that_only_fit_together_are_overridden_together():
    config = load(Range, Values({}))
    with config.override({"low": 8, "high": 9}) as settings:
        assert settings == Range(8, 9)
    with (
        pytest.raises(InvalidConfig, match="is refused by Range: 8 is above 2"),
        config.override({"low": 8}),
    ):
        pytest.fail("the block must not be entered")


def test_an_override_is_no_longer_explained_by_what_it_hides(tmp_path):
    (tmp_path / ".env").write_text("WHO=me\nNAME=${WHO}\n")
    config = load(Settings, root=tmp_path, environ={})
    assert config.explain("name").used
    with config.override({"name": "x"}):
        assert config.explain("name").used == ()


def test_what_is_set_stays_until_it_is_unset():
    config = load(Settings, Values({"port": 1}))
    config.set("port", 2)
    config.set("database.pool_size", 9)
    config.reload()
    assert (config.current.port, size(config)) == (2, 9)
    assert [row.layer for row in config.explain("port").rows] == ["runtime", "values", "defaults"]
    config.unset("port")
    assert (config.current.port, size(config)) == (1, 9)
    with pytest.raises(KeyError):
        config.unset("port")


def test_what_is_set_last_counts():
    config = load(Settings, Values({}))
    config.set("database", {"pool_size": 1})
    config.set("database.pool_size", 2)
    config.set("database", {"pool_size": 3})
    assert size(config) == 3


def test_a_value_that_does_not_fit_is_not_set():
    config = load(Settings, Values({}))
    for key, value in (("port", "x"), ("prot", 1), ("database.pool_size", 0)):
        with pytest.raises(InvalidConfig):
            config.set(key, value)
    config.set("name", "x")
    assert config.current == Settings(name="x")


def test_setting_under_an_override_is_hidden_and_has_to_hold_by_itself():
    config = load(Settings, Values({}))
    with config.override({"port": 1}):
        config.set("port", 2)
        assert config.current.port == 1
        with pytest.raises(InvalidConfig):
            config.set("port", "x")
    assert config.current.port == 2


def test_overrides_of_many_threads_all_end():
    config = load(Settings, Values({}))

    def work(n: int) -> None:
        for _ in range(20):
            with config.override({f"limits.t{n}": n}) as settings:
                assert settings.limits[f"t{n}"] == n

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert config.current.limits == {}


@dataclass(frozen=True)
class Paired:
    a: int | None = None
    b: int | None = None

    def __post_init__(self) -> None:
        if self.b is not None and self.a is None:
            raise ValueError("b needs a")


def test_an_override_that_another_needs_leaves_nothing_behind_when_it_goes_first():
    config = load(Paired, Values({}))
    first, second = config.override({"a": 1}), config.override({"b": 2})
    first.__enter__()
    second.__enter__()
    with pytest.raises(InvalidConfig, match="b needs a"):
        first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert config.current == Paired()
    assert config.explain("a").winner.layer == "defaults"
