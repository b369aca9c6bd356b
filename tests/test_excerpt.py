"""The line of a file with a caret below the value, and nothing else that stands on it."""

from __future__ import annotations

import pytest

from confkit import Layer, Origin
from confkit.excerpt import excerpt


def shown(text: str, line: int, column: int, value: str = "v") -> str:
    return excerpt(Layer("a.yaml", text=text), Origin("file", "a.yaml", line, column), value)


@pytest.mark.parametrize(
    ("text", "line", "column", "lines"),
    [
        ("a: 1\nport: many\n", 2, 7, ["2 | port: v", "          ^"]),
        ("db:\r\n  port: many\r\n", 2, 9, ["2 |   port: v", "            ^"]),
        ("- x\n- many", 2, 3, ["2 | - v", "      ^"]),
        ('{\n\t\t"port": "many"\n}', 2, 11, ['2 |   "port": v', "              ^"]),
        ("漢: many", 1, 4, ["1 | 漢: v", "        ^"]),
    ],
)
def test_the_caret_stands_below_the_value(text, line, column, lines):
    assert shown(text, line, column).split("\n") == lines


@pytest.mark.parametrize(
    "text", ["{password: hunter2, port: many}", "password: &a hunter2 port: many"]
)
def test_what_else_stands_on_the_line_is_not_shown(text):
    found = shown(text, 1, text.index("many") + 1)
    assert "hunter2" not in found
    assert found.split("\n") == ["1 | … v", "      ^"]


@pytest.mark.parametrize(
    ("layer", "origin"),
    [
        (Layer("a.yaml"), Origin("file", "a.yaml", 1, 1)),
        (Layer("a.yaml", text="a: 1"), Origin("file", "a.yaml", 1)),
        (Layer("a.yaml", text="a: 1"), Origin("file", "a.yaml")),
        (Layer("a.yaml", text="a: 1"), Origin("file", "a.yaml", 7, 1)),
        (Layer("a.yaml", text="a: *b"), Origin("file", "a.yaml", 1, 4, "*b, set at 1:1")),
    ],
)
def test_without_an_exact_place_there_is_no_excerpt(layer, origin):
    assert excerpt(layer, origin, "v") == ""
