"""Values given in code, with the line that gave them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import pytest

from confkit import Source, Values
from confkit.callers import call_site
from confkit.sources.mapping import layer_of


@dataclass(frozen=True)
class Pool:
    size: int = 5


@pytest.mark.parametrize(
    ("values", "entries"),
    [
        ({"db.size": 1}, {"db.size": 1}),
        ({"db": {"pool": {"size": 1}}}, {"db.pool.size": 1}),
        ({"db": {"pool.size": 1, "url": None}}, {'db."pool.size"': 1, "db.url": None}),
        ({"db": Pool(7)}, {"db.size": 7}),
        ({"db": {}}, {"db": {}}),
        ({"l": [{"a": 1}]}, {"l": [{"a": 1}]}),
        ({8080: "x"}, {"8080": "x"}),
        ({'db."pool.size"': 1}, {'db."pool.size"': 1}),
        ({"db.'a b'": 1, "c d": 2}, {'db."a b"': 1, '"c d"': 2}),
        ({"db..x": 1, "": 2}, {'"db..x"': 1, '""': 2}),
        ({"db[0].x": 1}, {"db[0].x": 1}),
        ({}, {}),
    ],
)
def test_outer_names_are_keys_and_inner_ones_are_names(values, entries):
    layer = Values(values).read()
    assert {k: e.raw for k, e in layer.entries.items()} == entries
    assert all(e.literal for e in layer.entries.values())


def test_the_origin_is_the_line_that_made_them():
    line = inspect.currentframe().f_lineno + 1
    source = Values({"a": 1}, name="tests")
    layer = source.read()
    assert str(layer.entries["a"].origin).endswith(f"test_mapping.py:{line}")
    assert layer.name == "tests"
    assert isinstance(source, Source)
    assert repr(source) == "Values('tests')"


def test_later_changes_of_the_mapping_do_not_reach_the_layer():
    values = {"a": 1}
    source = Values(values)
    values["a"] = 2
    assert source.read().entries["a"].raw == 1
    assert layer_of(values, "x", call_site("code")).entries["a"].raw == 2
