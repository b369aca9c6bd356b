"""Settings as nested mappings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import confkit
from confkit import Secret, Values, load


@dataclass(frozen=True)
class Pool:
    size: int = 5
    timeout: timedelta = timedelta(seconds=3)
    url: str = "redis://u:hunter2@h"


@dataclass(frozen=True)
class Settings:
    pool: Pool = field(default_factory=Pool)
    key: Secret = Secret("hunter2")
    spare: Pool | None = None
    pools: dict[str, Pool] = field(default_factory=dict)
    listed: list[Pool] = field(default_factory=list)
    extra: Any = None


VALUES = {"pools": {"a": {"size": 6}}, "listed": [{"size": 7}], "extra": {"password": "hunter2"}}


def test_masked_it_is_json_without_a_secret():
    found = load(Settings, Values(VALUES)).as_dict()
    assert list(found) == ["pool", "key", "spare", "pools", "listed", "extra"]
    assert found["pool"]["size"] == 5
    assert (found["key"], found["spare"]) == ("***", None)
    assert found["pools"]["a"]["size"] == 6
    assert found["listed"][0]["size"] == 7
    assert "hunter2" not in json.dumps(found)


def test_unmasked_it_has_the_typed_values():
    found = load(Settings, Values(VALUES)).as_dict(masked=False)
    assert found["pool"]["timeout"] == timedelta(seconds=3)
    assert found["key"] == Secret("hunter2")
    assert found["pools"]["a"] == {"size": 6, **{k: found["pool"][k] for k in ("timeout", "url")}}
    assert found["extra"] == {"password": "hunter2"}


def test_broken_values_are_left_out():
    found = confkit.resolve(Settings, Values({"pool": {"size": "x"}})).as_dict()
    assert "size" not in found["pool"]
    assert found["spare"] is None


def test_keys_are_those_that_are_set():
    keys = load(Settings, Values(VALUES)).keys()
    assert "pools.a.size" in keys
    assert "spare" in keys
