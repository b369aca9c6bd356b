"""The pipeline: layers in, a snapshot or every problem out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from confkit import Check, SchemaError, Values, load
from confkit.resolution.pipeline import Pipeline
from confkit.schema.reading import read_schema


def test_a_pipeline_refuses_a_class_that_cannot_work_before_anything_is_read():
    @dataclass(frozen=True)
    class Bad:
        blob: complex = 0j

    with pytest.raises(SchemaError, match=r"Bad\.blob"):
        Pipeline(read_schema(Bad), None, {})


@dataclass(frozen=True)
class Pool:
    size: int = 5


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    pool: Pool = field(default_factory=Pool)
    spare: Pool | None = None
    items: list[Pool] = field(default_factory=list)


def test_an_overlay_gives_what_a_build_gives():
    """The quick way round an override may not differ from the long one."""
    snapshot = load(Settings, Values({"pool.size": 2})).snapshot
    recipe = Pipeline(read_schema(Settings), None, {})
    for values in ({"name": "x"}, {"pool.size": 9, "items": [{"size": 1}]}, {"spare.size": 1}):
        layer = Values(values).read()
        quick = recipe.overlaid(snapshot, layer)
        long = recipe.build([*snapshot.read, layer])
        assert quick.current == long.current
        assert quick.stack.winners == long.stack.winners
    assert Check(min=1).rules == {"min": 1}
