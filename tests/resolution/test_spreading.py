"""A mapping given as one value becomes entries under keys of their own."""

from __future__ import annotations

from enum import Enum

import pytest

from confkit import Entry, Origin
from confkit.resolution.spreading import from_json, looks_like_json, name_text, spread

AT = Origin("env", "X")


class Color(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"a": 1, "b": {"c.d": 2}}, {"m.a": 1, 'm.b."c.d"': 2}),
        ({}, {"m": {}}),
        ({"a": {}}, {"m.a": {}}),
        ({2: "x", Color.RED: "y", True: "z"}, {"m.2": "x", "m.true": "z", "m.red": "y"}),
        ({(1, 2): "x"}, {"m": {(1, 2): "x"}}),
        ("text", {"m": "text"}),
        ([1], {"m": [1]}),
    ],
)
def test_a_mapping_is_spread_and_all_else_stays(raw, expected):
    assert {key: entry.raw for key, entry in spread("m", Entry(raw, AT))} == expected


def test_text_inside_is_quoted_and_keeps_its_origin():
    (found,) = dict(spread("m", Entry({"a": "5"}, AT, literal=True))).values()
    assert (found.quote, found.origin, found.literal) == ('"', AT, True)


def test_entries_inside_stay_as_they_are():
    inner = Entry("5", Origin("file", "a.yaml", 1, 2))
    assert dict(spread("m", Entry({"a": inner}, AT))) == {"m.a": inner}


@pytest.mark.parametrize(
    ("text", "table"),
    [('{"a": 1}', {"a": 1}), ("{}", {}), ("{a: 1}", None), ("[1]", None), ("{" * 9999, None)],
)
def test_json_text_is_an_object_or_nothing(text, table):
    found = from_json(Entry(text, AT))
    assert (found and found.raw) == table


def test_what_begins_as_an_object_looks_like_json():
    assert looks_like_json('  {"a"')
    assert not looks_like_json("a{")
    assert not looks_like_json({"a": 1})


@pytest.mark.parametrize(
    ("name", "text"),
    [("a", "a"), (5, "5"), (1.5, "1.5"), (False, "false"), (Color.RED, "red"), (None, None)],
)
def test_names_that_are_plain_values_have_a_text(name, text):
    assert name_text(name) == text
