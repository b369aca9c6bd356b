"""Settings overridden at any layer, in every configuration."""

from __future__ import annotations

import gc
import inspect
from dataclasses import dataclass, field

import pytest

from confkit import REQUIRED, InvalidConfig, UnknownKey, Values, load
from confkit.overlays import PLACES
from confkit.overriding import active
from confkit.testing import isolated_config, override_config, override_flags


@dataclass(frozen=True)
class Pool:
    pool_size: int = 5


@dataclass(frozen=True)
class Shop:
    port: int = 80
    database: Pool = field(default_factory=Pool)


@dataclass(frozen=True)
class Other:
    speed: int = 1


@dataclass(frozen=True)
class Incomplete:
    missing: str = REQUIRED


@pytest.fixture
def config(tmp_path):
    (tmp_path / "config.yaml").write_text("port: 1\ndatabase: {pool_size: 1}\n")
    (tmp_path / ".env").write_text("PORT=2\n")
    return load(Shop, root=tmp_path, environ={"PORT": "3"}, argv=["--port", "4"])


def test_on_top_by_default_with_its_line(config):
    line = inspect.currentframe().f_lineno + 1
    with override_config({"port": 9, "database": {"pool_size": 8}}):
        assert (config.current.port, config.current.database.pool_size) == (9, 8)
        assert str(config.explain("port").origin).endswith(f"test_configuration.py:{line}")
        assert load(Shop, Values({})).current.port == 9
    assert config.current.port == 4


@pytest.mark.parametrize("layer", PLACES)
def test_at_any_layer(config, layer):
    with override_config({"port": 9, "database.pool_size": 9}, layer=layer):
        assert config.current.port == (9 if layer in ("argv", "override") else 4)
        assert config.current.database.pool_size == (1 if layer == "defaults" else 9)
        rows = [row.layer for row in config.explain("port").rows]
        name = "override" if layer == "override" else f"override of {layer}"
        assert name in rows
    assert (config.current.port, config.current.database.pool_size) == (4, 1)


def test_the_content_of_a_file(config):
    with override_config("database:\n  pool_size: 7\n", layer="config.yaml"):
        assert config.current.database.pool_size == 7
        assert str(config.explain("database.pool_size").origin) == "config.yaml:2:14"
        rows = [str(row.origin) for row in config.explain("port").rows]
        assert "config.yaml:1:7" not in rows
    with override_config({"database.pool_size": 6}, layer="config.yaml"):
        assert config.current.database.pool_size == 6
    with override_config("DATABASE_POOL_SIZE=5\n", layer=".env"):
        assert str(config.explain("database.pool_size").origin) == ".env:1"
    with override_config("[database]\npool_size = 4", layer="config/production.toml"):
        assert config.current.database.pool_size == 4
    assert config.current.database.pool_size == 1


def test_the_command_line(config):
    with override_config(["--port", "7"], layer="argv"):
        assert config.current.port == 7


@pytest.mark.parametrize(
    ("values", "layer"),
    [
        ({}, "enviroment"),
        ({}, "env2.txt"),
        ("PORT=1", "env"),
        ("port: 1", "override"),
        (["--port", "1"], "file"),
    ],
)
def test_what_cannot_be_is_refused(values, layer):
    with pytest.raises(ValueError, match=layer.partition(".")[0]):
        override_config(values, layer=layer)


TEXTS = [
    ("file", "port: 7\nspeed: 3\n", "spede: 4"),
    (".env", "PORT=7\nSPEED=3\n", None),  # unknown variables are no error, as in a file
    ("argv", ["--port", "7", "--speed", "3"], ["--port", "7", "--spede", "4"]),
]


@pytest.mark.parametrize(("layer", "both", "slip"), TEXTS, ids=["file", ".env", "argv"])
def test_text_gives_each_configuration_what_it_knows(layer, both, slip, tmp_path):
    shop, other = load(Shop, Values({})), load(Other, Values({}))
    with override_config(both, layer=layer):
        assert (shop.current.port, other.current.speed) == (7, 3)
        assert (load(Shop, Values({})).current.port, load(Other, Values({})).current.speed) == (
            7,
            3,
        )
    assert (shop.current.port, other.current.speed) == (80, 1)
    if slip is not None:
        slip = f"{both}{slip}" if isinstance(slip, str) else slip
        with pytest.raises(InvalidConfig, match="spede"):
            override_config(slip, layer=layer).apply()
        assert (shop.current.port, other.current.speed) == (80, 1)


@pytest.mark.parametrize(("layer", "both", "slip"), TEXTS, ids=["file", ".env", "argv"])
def test_text_for_one_configuration_is_all_its_own(layer, both, slip):
    shop, other = load(Shop, Values({})), load(Other, Values({}))
    if layer == ".env":
        with override_config(both, layer=layer, config=shop):
            assert (shop.current.port, other.current.speed) == (7, 1)
        return
    with pytest.raises(InvalidConfig, match="speed"):
        override_config(both, layer=layer, config=shop).apply()
    assert other.current.speed == 1


def test_a_broken_configuration_disturbs_no_other():
    with override_config({"missing": "x"}):
        broken = load(Incomplete, Values({}))
    shop = load(Shop, Values({}))
    for layer, text in (("file", "port: 7"), (".env", "PORT=7"), ("argv", ["--port", "7"])):
        with override_config(text, layer=layer):
            assert shop.current.port == 7
    with pytest.raises(InvalidConfig):
        _ = broken.current


def test_one_configuration(config):
    other = load(Shop, Values({}))
    with override_config({"port": 9}, config=config):
        assert (config.current.port, other.current.port) == (9, 80)
    assert config.current.port == 4


def test_a_slip_is_refused(config):
    before = active()
    with pytest.raises(UnknownKey, match=r"did you mean database\.pool_size\?"):
        override_config({"database.pool_siz": 1}).apply()
    assert active() == before


def test_a_key_that_nobody_took_is_known(config):
    with override_config({"port": 1, "unheard.of": 2}) as change:
        assert change.unknown == ["unheard.of"]


def test_what_an_earlier_test_made_refuses_and_hides_nothing():
    gc.collect()
    gc.disable()
    try:
        loop = [load(Other, Values({}))]  # garbage that Python has not collected yet
        loop.append(loop)
        del loop
        with override_config({"sped": 1}) as change:
            assert change.unknown == [], "there may be a configuration yet to come"
        with override_config({"port": 9}) as change:
            assert change.unknown == []
    finally:
        gc.enable()


def test_a_value_that_does_not_fit_is_refused_and_leaves_nothing(config):
    before = active()
    for layer in ("override", "argv"):
        with pytest.raises(InvalidConfig, match=r"override at .*test_configuration\.py"):
            override_config({"port": "x"}, layer=layer).apply()
    with pytest.raises(InvalidConfig):
        override_config({"port": "x"}, config=config).apply()
    assert config.current.port == 4
    assert active() == before


def test_one_token_for_one_override(config):
    before = len(active())
    with override_config({"port": 1}), override_config({"port": 1}, config=config):
        assert len(active()) == before + 2
    assert len(active()) == before


def test_an_isolated_pair_is_reached_by_nothing(monkeypatch):
    monkeypatch.setenv("PORT", "7")
    rule = {"enabled": True}
    with override_config({"port": 9}), override_flags({"a": False}):
        config, flags = isolated_config(Shop, {"database.pool_size": 3}, flags={"a": rule})
        assert (config.current.port, config.current.database.pool_size) == (80, 3)
        assert flags.enabled("a")
    with config.override({"port": 1}):
        assert config.current.port == 1
