"""The live handle: precedence, overrides in any order, runtime settings, reload."""

from __future__ import annotations

import os
import threading
import warnings
from dataclasses import dataclass
from typing import Any

import pytest

from confkit import (
    REQUIRED,
    DotEnv,
    Environ,
    File,
    InvalidConfig,
    Secret,
    Values,
    load,
)
from tests.small_settings import Settings, size

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
    (tmp_path / ".env.local").write_text("")  # a root without any file is warned of
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
    (tmp_path / ".env").write_text("")
    monkeypatch.setenv("PORT", "1")
    assert load(Settings, root=tmp_path).current.port == 1
    assert load(Settings, root=tmp_path, environ={}).current.port == 80


def test_loading_does_not_touch_the_environment(tmp_path):
    (tmp_path / ".env").write_text("LD_PRELOAD=/evil.so\nCONFKIT_NEW=1\nPORT=1\n")
    before = dict(os.environ)
    load(Settings, root=tmp_path, environ={})
    assert dict(os.environ) == before


# -- override ------------------------------------------------------------------------------------


# -- set and unset -------------------------------------------------------------------------------


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
