"""One consistent state: its keys, its values, and what it is built from."""

from __future__ import annotations

import datetime as dt
from dataclasses import FrozenInstanceError, dataclass, field
from typing import Any

import pytest

from confkit import Environ, Snapshot, UnknownKey, Values, load


@dataclass(frozen=True)
class Pool:
    size: int = 5


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    pool: Pool = field(default_factory=Pool)
    pools: dict[str, Pool] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    spare: Pool | None = None
    items: list[Pool] = field(default_factory=list)


VALUES = {
    "pools": {"main": {"size": 1}, "example.com": {"size": 2}, "main.x": {"size": 3}},
    "limits": {"a": 1, "b.c": 2},
    "extra": {"x": {"y": 1}},
}


@pytest.fixture
def snapshot() -> Snapshot[Settings]:
    return load(Settings, Values(VALUES)).snapshot


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "shop"),
        ("pool", Pool(5)),
        ("pool.size", 5),
        ("pools.main.size", 1),
        ('pools."example.com".size', 2),
        ('pools."main.x".size', 3),
        ("limits.a", 1),
        ('limits."b.c"', 2),
        ("extra.x.y", 1),
        ("extra.x", {"y": 1}),
        ("spare", None),
        ("items", []),
    ],
)
def test_values_by_key(snapshot, key, value):
    assert snapshot.value(key) == value


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("nmae", "Settings has no setting nmae: did you mean name?"),
        ("pool.siez", "Settings has no setting pool.siez: did you mean pool.size?"),
        ("zzz", "Settings has no setting zzz"),
        ("", "Settings has no setting "),
        ("pools.other.size", "pools.other.size holds no value"),
        ("limits.z", "limits.z holds no value"),
        ("limits.a.b", "limits.a.b holds no value"),
        ("spare.size", "spare.size holds no value"),
        ("pool.size.x", "Settings has no setting pool.size.x"),
    ],
)
def test_unknown_keys_are_refused_with_a_near_miss(snapshot, key, message):
    with pytest.raises(UnknownKey) as caught:
        snapshot.value(key)
    assert message in str(caught.value)


def test_keys_stand_in_the_order_of_declaration(snapshot):
    assert snapshot.keys == (
        *("name", "pools.main.size", 'pools."example.com".size', 'pools."main.x".size'),
        *("limits.a", 'limits."b.c"', "extra.x.y", "items", "pool.size", "spare"),
    )
    for key in snapshot.keys:
        snapshot.value(key)


def test_a_snapshot_is_frozen_and_knows_its_time(snapshot):
    assert snapshot.version == 1
    assert snapshot.time <= dt.datetime.now(dt.UTC)
    with pytest.raises(FrozenInstanceError):
        snapshot.current = Settings()
    with pytest.raises(FrozenInstanceError):
        snapshot.current.name = "x"


def test_the_layers_as_they_were_read_stay_on_record():
    found = load(Settings, Environ(environ={"NAME": "x", "OTHER": "y"})).snapshot
    assert set(found.read[0].entries) == {"NAME", "OTHER"}
