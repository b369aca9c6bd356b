"""The pipeline: layers in, a snapshot or every problem out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from confkit import SchemaError, Values, load
from confkit.resolution.pipeline import Pipeline
from confkit.schema.reading import read_schema


def test_a_pipeline_refuses_a_class_that_cannot_work_before_anything_is_read():
    @dataclass(frozen=True)
    class Bad:
        blob: complex = 0j

    with pytest.raises(SchemaError, match=r"Bad\.blob"):
        Pipeline(read_schema(Bad))


@dataclass(frozen=True)
class Pool:
    size: int = 5


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    pool: Pool = field(default_factory=Pool)
    spare: Pool | None = None
    items: list[Pool] = field(default_factory=list)


def test_an_overlay_gives_what_resolving_all_layers_gives():
    """The quick way to an override may not differ from the long one."""
    base = load(Settings, Values({"pool.size": 2})).resolution
    pipeline = Pipeline(read_schema(Settings))
    for values in ({"name": "x"}, {"pool.size": 9, "items": [{"size": 1}]}, {"spare.size": 1}):
        layer = Values(values).read()
        quick = pipeline.overlaid(base, layer)
        long = pipeline.resolve([*base.read, layer])
        assert quick.value == long.value
        assert list(quick.settings()) == list(long.settings())
