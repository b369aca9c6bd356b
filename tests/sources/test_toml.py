"""TOML becomes entries with file and table."""

from __future__ import annotations

import datetime as dt

import pytest

from confkit import InvalidSource
from confkit.layers import bare
from confkit.sources.toml import read_toml

TEXT = """
port = 5
day = 2026-01-31
"quoted.key" = 1
[db]
url = "x"
pool.size = 5
hosts = ["a", {name = "b"}]
empty = {}
[db.tls]
verify = true
[[servers]]
name = "one"
[nothing]
"""


def refused(text: str) -> str:
    with pytest.raises(InvalidSource) as caught:
        read_toml(text, "a.toml")
    return str(caught.value)


def test_every_value_has_its_file_and_table():
    entries = read_toml(TEXT, "a.toml")
    assert {k: bare(e) for k, e in entries.items()} == {
        "port": 5,
        "day": dt.date(2026, 1, 31),
        '"quoted.key"': 1,
        "db.url": "x",
        "db.pool.size": 5,
        "db.hosts": ["a", {"name": "b"}],
        "db.empty": {},
        "db.tls.verify": True,
        "servers": [{"name": "one"}],
        "nothing": {},
    }
    assert str(entries["port"].origin) == "a.toml"
    assert str(entries["db.url"].origin) == "a.toml (in [db])"
    assert str(entries["db.tls.verify"].origin) == "a.toml (in [db.tls])"
    assert {e.origin.name for e in entries.values()} == {"a.toml"}


def test_text_is_quoted_and_numbers_are_not():
    entries = read_toml('a = "5"\nb = 5', "a.toml")
    assert (entries["a"].quote, entries["b"].quote) == ('"', "")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a = 1\nb =\n", "toml", "2:4"),
        ("a = 1\na = 2\n", "toml", "2:6"),
        ("[a]\n[a]\n", "toml", "2:3"),
        ("a = no", "toml", "1:5"),
        ('a = "x', "toml", "1:7"),
        ("- a", "toml", "1:3"),
        ("a = 2026-99-99", "toml", "1:9"),
        ("a = " + "9" * 5000, "toml", "None:None"),
        ("a = " + "[" * 100_000, "too-deep", "None:None"),
        ("a = " + "[" * 100 + "]" * 100, "too-deep", "None:None"),
        (f"[{'.'.join('a' * 101)}]", "too-deep", "None:None"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_cannot_be_read_has_a_code_and_a_place(text, code, place):
    with pytest.raises(InvalidSource) as caught:
        read_toml(text, "a.toml")
    (problem,) = caught.value.problems
    assert (problem.code, f"{problem.origin.line}:{problem.origin.column}") == (code, place)


def test_a_hundred_levels_are_fine():
    assert len(read_toml("a = " + "[" * 99 + "]" * 99, "a.toml")) == 1


def test_no_words_of_the_parser_quote_a_value():
    assert "hunter2" not in refused("password = hunter2") + refused("p = 'hunter2")
