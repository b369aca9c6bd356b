"""The live handle: precedence, overrides in any order, runtime settings, reload."""

from __future__ import annotations

import inspect
import os
import threading
import warnings
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from confkit import (
    REQUIRED,
    Check,
    DotEnv,
    Environ,
    File,
    InvalidConfig,
    Renamed,
    Secret,
    Values,
    load,
)


@dataclass(frozen=True)
class Database:
    url: Secret = Secret("sqlite://")
    pool_size: Annotated[int, Check(min=1, max=100), Renamed("database.pool")] = 5


@dataclass(frozen=True)
class Cache:
    pool_size: int = 5
    hosts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    port: int = 80
    hosts: list[str] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    database: Database = field(default_factory=Database)
    cache: Cache | None = None


@dataclass(frozen=True)
class Range:
    low: int = 1
    high: int = 2

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"{self.low} is above {self.high}")


def size(config: Any) -> int:
    return config.current.database.pool_size


# -- precedence ----------------------------------------------------------------------------------

SAYS = {
    "config.yaml": "database: {pool_size: 11}",
    "config.json": '{"database": {"pool_size": 12}}',
    "config.toml": "[database]\npool_size = 13",
    "config/production.yaml": "database: {pool_size: 14}",
    "config/production.json": '{"database": {"pool_size": 15}}',
    ".env": "DATABASE_POOL_SIZE=16",
    ".env.production": "DATABASE_POOL_SIZE=17",
}
ORIGINS = [
    "default Database.pool_size",
    "config.yaml:1:23",
    "config.json:1:28",
    "config.toml (in [database])",
    "config/production.yaml:1:23",
    "config/production.json:1:28",
    ".env:1",
    ".env.production:1",
    "env DATABASE_POOL_SIZE",
    "--database.pool-size (argument 1)",
]


@pytest.mark.parametrize("top", range(len(ORIGINS)))
def test_every_layer_stands_above_those_before_it(tmp_path, top):
    (tmp_path / "config").mkdir()
    for name, text in list(SAYS.items())[:top]:
        (tmp_path / name).write_text(text)
    config = load(
        Settings,
        root=tmp_path,
        environment="production",
        environ={"DATABASE_POOL_SIZE": "18"} if top >= 8 else {},
        argv=["--database.pool-size", "19"] if top >= 9 else [],
    )
    assert size(config) == (5 if top == 0 else 10 + top)
    explanation = config.explain("database.pool_size")
    assert str(explanation.origin) == ORIGINS[top]
    assert [str(row.origin) for row in explanation.rows] == ORIGINS[top::-1]
    config.set("database.pool_size", 20)
    assert size(config) == 20
    with config.override({"database.pool_size": 21}):
        assert size(config) == 21
    config.unset("database.pool_size")
    assert size(config) == (5 if top == 0 else 10 + top)


def test_given_sources_stand_as_given_lowest_first():
    assert load(Settings, Values({"port": 1}), Values({"port": 2})).current.port == 2
    assert load(Settings, Values({"port": 1}), argv=["--port", "2"]).current.port == 2


def test_a_prefix_of_variables():
    environ = {"SHOP_PORT": "1", "PORT": "2", "SHOP_DATABASE__POOL_SIZE": "3"}
    config = load(Settings, Environ("SHOP_", environ=environ))
    assert (config.current.port, size(config)) == (1, 3)
    assert str(config.explain("port").origin) == "env SHOP_PORT"


def test_the_real_environment_is_read_unless_another_stands_in(tmp_path, monkeypatch):
    monkeypatch.setenv("PORT", "1")
    assert load(Settings, root=tmp_path).current.port == 1
    assert load(Settings, root=tmp_path, environ={}).current.port == 80


def test_loading_does_not_touch_the_environment(tmp_path):
    (tmp_path / ".env").write_text("LD_PRELOAD=/evil.so\nCONFKIT_NEW=1\nPORT=1\n")
    before = dict(os.environ)
    load(Settings, root=tmp_path, environ={})
    assert dict(os.environ) == before


# -- override ------------------------------------------------------------------------------------


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
        assert str(row.origin).endswith(f"test_config.py:{line}")
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
        ({"port": "x"}, r"port: is not an integer \(x, override at .*test_config.py"),
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


# -- set and unset -------------------------------------------------------------------------------


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


# -- reload --------------------------------------------------------------------------------------


def test_reload_reads_again_and_a_failure_keeps_the_last_good(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("port: 1")
    config = load(Settings, File(path))
    path.write_text("port: 2")
    config.reload()
    assert config.current.port == 2
    good = config.snapshot
    for bad in ("port: x", "port: [", "prot: 1"):
        path.write_text(bad)
        with pytest.raises(InvalidConfig):
            config.reload()
        assert config.snapshot is good
    path.unlink()
    with pytest.raises(InvalidConfig, match="there is no such file"):
        config.reload()
    assert config.snapshot is good
    path.write_text("port: 3")
    config.reload()
    assert config.snapshot.version == good.version + 1


def test_reload_keeps_overrides_and_what_they_hide_has_to_hold(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("port: 1")
    config = load(Settings, File(path))
    with config.override({"port": 9}):
        path.write_text("port: x")
        with pytest.raises(InvalidConfig):
            config.reload()
        path.write_text("port: 2")
        config.reload()
        assert config.current.port == 9
    assert config.current.port == 2


def test_readers_see_one_generation(tmp_path):
    """Two values of one file always belong together, whoever reads while it is reloaded."""

    class Counting:
        n = 0

        def read(self) -> Any:
            self.n += 1
            return Values({"port": self.n, "database.pool_size": self.n % 100 + 1}).read()

    config = load(Settings, Counting())
    stop = threading.Event()
    torn: list[Any] = []

    def look() -> None:
        while not stop.is_set():
            settings = config.current
            snapshot = config.snapshot
            if settings.database.pool_size != settings.port % 100 + 1:
                torn.append(settings)
            if snapshot.value("port") != snapshot.current.port:
                torn.append(snapshot)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(100):
        config.reload()
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert config.current.port == 101


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


# -- the rest ------------------------------------------------------------------------------------


def test_an_old_key_warns_at_the_callers_line():
    with pytest.warns(FutureWarning, match=r"database.pool is now called database.pool_size"):
        config = load(Settings, Values({"database.pool": 7}))
    assert size(config) == 7
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load(Settings, Values({"database.pool": 7}))
    assert caught[0].filename == __file__


def test_reprs_show_no_value():
    config = load(Settings, Values({"name": "hunter2"}))
    assert repr(config) == "<Config of Settings, version 1>"
    assert repr(config.snapshot) == "<Snapshot of Settings, version 1>"
    assert [repr(source) for source in config.sources] == ["Values('values')"]


def test_the_handle_takes_no_other_attributes():
    config = load(Settings, Values({}))
    with pytest.raises(AttributeError):
        config.database = 1


@dataclass(frozen=True)
class Prefixed:
    workers: int = 1
    secret_key: Secret = REQUIRED


def test_a_prefix_is_part_of_every_variable_that_is_named(tmp_path):
    (tmp_path / ".env").write_text("SHOP_WORKERS=4\nWORKERS=9\n")
    sources = DotEnv(tmp_path / ".env", "SHOP_"), Environ("SHOP_", environ={"SHOP_SECRET_KEY": "x"})
    config = load(Prefixed, *sources)
    assert config.current.workers == 4
    assert config.explain("workers").env_names == ("SHOP_WORKERS",)
    with pytest.raises(InvalidConfig) as error:
        load(Prefixed, Environ("SHOP_", environ={"SHOP_SECRET_KYE": "x"}))
    assert error.value.problems[0].hint == "SHOP_SECRET_KYE is set: did you mean SHOP_SECRET_KEY?"


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
