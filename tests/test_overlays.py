"""Layers that lie over configurations: their place, their rank, over one and over all."""

from __future__ import annotations

import dataclasses
import gc
import itertools
import weakref
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from confkit import REQUIRED, DotEnv, Environ, InvalidConfig, Renamed, Values, load
from confkit.layers import Origin
from confkit.live import apart
from confkit.overlays import PLACES, Overlay, configs, lay_over_all, lift_from_all, over_all
from confkit.overriding import Owner, active, owned_by
from confkit.sources.mapping import layer_of


@dataclass(frozen=True)
class Settings:
    port: Annotated[int, Renamed("old_port")] = 80
    name: str = "shop"


@dataclass(frozen=True)
class Other:
    speed: int = 1
    name: str = "other"


@dataclass(frozen=True)
class Named:
    port: str = "https"


@dataclass(frozen=True)
class Strict:
    key: str = REQUIRED


@dataclass(frozen=True)
class Incomplete:
    missing: str = REQUIRED


def overlay(values: Any, place: Any = "override", **options: Any) -> Overlay:
    layer = layer_of(values, f"test {place}", Origin("override", "test_x.py", 7))
    return Overlay(layer, "test_x.py:7", lift_from_all, place=place, **options)


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch):
    # What other tests left alive has settings and rules of its own.
    monkeypatch.setattr(configs, "_objects", weakref.WeakSet())
    yield
    left = over_all()
    for one in left:
        lift_from_all(one)
    assert not left


def every_source(tmp_path):
    """A configuration with one source of each kind, all of which set the port."""
    (tmp_path / ".env").write_text("PORT=3\n")
    return load(
        Settings,
        Values({"port": 2}),
        DotEnv(tmp_path / ".env"),
        Environ(environ={"PORT": "4"}),
        argv=["--port", "5"],
    )


@pytest.mark.parametrize("place", PLACES)
def test_an_overlay_wins_over_its_own_kind_and_what_is_below(tmp_path, place):
    config = every_source(tmp_path)
    one = overlay({"port": 99}, place)
    assert lay_over_all(one)
    rows = [row.layer for row in config.explain("port").rows]
    kinds = [row.layer for row in config.explain("port").rows if row.layer != one.layer.name]
    assert rows.index(one.layer.name) == len(kinds) - 1 - min(PLACES.index(place), 4)
    assert config.current.port == (99 if place in ("argv", "override") else 5)
    lift_from_all(one)
    assert config.current.port == 5


@pytest.mark.parametrize(("low", "high"), list(itertools.combinations(PLACES, 2)))
def test_the_higher_place_wins_whatever_the_order(low, high):
    for order in ((low, high), (high, low)):
        config = load(Settings, Values({}))
        laid = [overlay({"port": PLACES.index(place) + 1}, place) for place in order]
        for one in laid:
            lay_over_all(one)
        assert config.current.port == PLACES.index(high) + 1
        for one in laid:
            lift_from_all(one)
        assert config.current.port == 80


def test_the_nearer_owner_wins_at_the_same_place():
    config = load(Settings, Values({}))
    with owned_by(Owner("test", 4)):
        near = overlay({"port": 1})
    with owned_by(Owner("module", 2)):
        far = overlay({"port": 2})
    for one in (near, far):
        lay_over_all(one)
    assert config.current.port == 1
    lift_from_all(near)
    assert config.current.port == 2
    lift_from_all(far)


def test_it_lies_over_every_configuration_and_those_made_later():
    first = load(Settings, Values({}))
    with apart():
        alone = load(Settings, Values({}))
    one = overlay({"name": "test"})
    lay_over_all(one)
    later, other = load(Settings, Values({})), load(Other, Values({}))
    assert [c.current.name for c in (first, later, other, alone)] == ["test"] * 3 + ["shop"]
    lift_from_all(one)
    assert [c.current.name for c in (first, later, other)] == ["shop", "shop", "other"]


def test_each_takes_the_keys_that_it_knows():
    config, other = load(Settings, Values({})), load(Other, Values({}))
    one = overlay({"port": 1, "speed": 2})
    assert lay_over_all(one)
    assert (config.current.port, other.current.speed) == (1, 2)
    lift_from_all(one)
    nobody = overlay({"nothing": 1})
    assert not lay_over_all(nobody)
    lift_from_all(nobody)


@pytest.mark.filterwarnings("ignore:.*:FutureWarning")
def test_a_key_by_its_old_name_is_known():
    config = load(Settings, Values({}))
    one = overlay({"old_port": 7})
    lay_over_all(one)
    assert config.current.port == 7
    lift_from_all(one)


def test_a_value_that_one_refuses_lies_over_none():
    first, second = load(Settings, Values({})), load(Settings, Values({}))
    before = active()
    one = overlay({"port": "x"})
    with pytest.raises(InvalidConfig, match=r"override at test_x\.py:7"):
        lay_over_all(one)
    assert over_all() == ()
    assert active() == before
    assert (first.current.port, second.current.port) == (80, 80)


def test_one_that_is_garbage_refuses_nothing():
    def leave_a_cycle():
        config = load(Settings, Values({}))
        cycle = [config]
        cycle.append(cycle)

    gc.disable()
    try:
        leave_a_cycle()
        other = load(Named, Values({}))
        one = overlay({"port": "http"})
        assert lay_over_all(one)
    finally:
        gc.enable()
    assert other.current.port == "http"
    lift_from_all(one)


def test_it_may_give_what_a_configuration_needs_to_be_made():
    one = overlay({"key": "k"})
    lay_over_all(one)
    config = load(Strict, Values({}))
    assert config.current.key == "k"
    config.reload()
    config.set("key", "mine")
    config.unset("key")
    assert config.current.key == "k"
    lift_from_all(one)
    # Its settings would be wrong from now on, so it has none.
    with pytest.raises(InvalidConfig, match="key: is required"):
        _ = config.current
    with pytest.raises(InvalidConfig, match="key: is required"):
        config.explain("key")
    assert "Strict" in repr(config)
    wrong = overlay({"key": None})
    assert not lay_over_all(wrong)
    lift_from_all(wrong)
    again = overlay({"key": "again"})
    lay_over_all(again)
    assert config.current.key == "again"
    lift_from_all(again)


def test_reload_and_set_keep_it():
    config = load(Settings, Values({}))
    one = overlay({"port": 1}, "env")
    lay_over_all(one)
    config.set("name", "x")
    config.reload()
    assert (config.current.port, config.current.name) == (1, "x")
    config.set("port", 2)
    assert config.current.port == 2
    lift_from_all(one)
    assert config.current.port == 2


def test_it_mixes_with_overrides_of_the_one_configuration():
    config = load(Settings, Values({}))
    with config.override({"port": 2, "name": "mine"}):
        one = overlay({"port": 1})
        lay_over_all(one)
        assert (config.current.port, config.current.name) == (1, "mine")
    assert (config.current.port, config.current.name) == (1, "shop")
    with config.override({"port": 3}):
        lift_from_all(one)
        assert config.current.port == 3
    assert config.current.port == 80


def test_one_that_cannot_be_made_is_no_live_one():
    with pytest.raises(InvalidConfig) as kept:
        load(Incomplete, Values({}))
    assert kept.value.__traceback__ is not None  # it holds the handle that was not made
    one = overlay({"missing": "k"})
    assert not lay_over_all(one)
    lift_from_all(one)


def test_content_stands_instead_of_the_file(tmp_path):
    (tmp_path / ".env").write_text("PORT=3\nNAME=file\n")
    config = load(Settings, root=tmp_path, environ={})
    (tmp_path / "other").write_text("PORT=9\n")
    read = DotEnv(tmp_path / "other").read()
    layer = dataclasses.replace(read, name=".env")
    one = Overlay(layer, "test_x.py:7", lift_from_all, place=".env", instead=True)
    lay_over_all(one)
    assert (config.current.port, config.current.name) == (9, "shop")
    lift_from_all(one)
    assert (config.current.port, config.current.name) == (3, "file")


def test_a_configuration_is_not_kept_alive():
    gc.collect()
    known = len(configs)
    config = load(Settings, Values({}))
    assert len(configs) == known + 1
    del config
    gc.collect()
    assert len(configs) == known


def test_an_override_in_force_is_known_with_its_line():
    config = load(Settings, Values({}))
    with config.override({"port": 1}):
        token = active()[-1]
        assert token.what == "override of port"
        assert "test_overlays.py:" in token.site
        token.undo()
        assert config.current.port == 80
        assert token not in active()
    assert config.current.port == 80
