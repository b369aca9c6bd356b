"""Values set in JSON texts."""

from __future__ import annotations

import json
import math

import pytest

from confkit.errors import SaveError
from confkit.writeback.json_edit import edit_json

TEXT = '{\n\t"b": {"x": 1, "é": [1, {"c": 2}]},\n\t"a": null\n}\n'


def test_order_indent_and_the_last_line_end_stay():
    edited = edit_json(TEXT, {("b", "y"): 2, ("a", "n"): True, ("b", "é", 1, "c"): 3})
    assert edited.startswith('{\n\t"b": {\n\t\t"x": 1,')
    assert json.loads(edited) == {
        "b": {"x": 1, "é": [1, {"c": 3}], "y": 2},
        "a": {"n": True},
    }
    assert edited.endswith("}\n")
    assert not edit_json('{"a": 1}', {("a",): 2}).endswith("\n")


def test_mappings_merge_and_everything_else_replaces():
    assert json.loads(edit_json('{"a": {"b": 1}}', {("a",): {"c": [2]}})) == {
        "a": {"b": 1, "c": [2]}
    }
    assert json.loads(edit_json('{"a": {"b": 1}}', {("a",): {}})) == {"a": {}}
    assert json.loads(edit_json('{"a": [1, 2]}', {("a",): [3]})) == {"a": [3]}


def test_an_empty_file_becomes_an_object():
    assert edit_json("", {("a",): 1}) == '{\n  "a": 1\n}\n'


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("{", {("a",): 1}),
        ("[1]", {("a",): 1}),
        ('{"a": 1}', {("a", "b"): 1}),
        ('{"a": [1]}', {("a", 1): 1}),
        ("{}", {("a",): math.nan}),
        ("{}", {("a",): object()}),
        ("[" * 100_000, {("a",): 1}),
    ],
)
def test_what_has_no_place_is_refused(text, changes):
    with pytest.raises(SaveError):
        edit_json(text, changes)


def test_digits_and_line_ends_stay():
    text = '{\r\n  "d": 12345678901234567.123,\r\n  "e": 1.10,\r\n  "f": 1e400\r\n}\r\n'
    edited = edit_json(text, {("x",): 0.5})
    assert edited == text.replace("1e400\r\n}", '1e400,\r\n  "x": 0.5\r\n}')
