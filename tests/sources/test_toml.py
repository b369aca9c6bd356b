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
    ("text", "says"),
    [
        ("a = 1\nb =\n", "is not TOML: Invalid value (a.toml:2:4)"),
        ("a = 1\na = 2\n", "is not TOML: Cannot overwrite a value (a.toml:2:"),
        ("[a]\n[a]\n", "is not TOML: Cannot declare"),
        ("a = no", "is not TOML: Invalid value (a.toml:1:5)"),
        ('a = "x', "is not TOML: "),
        ("- a", "is not TOML: "),
        ("a = " + "[" * 100_000, "is nested too deep"),
        ("a = " + "9" * 5000, "too many digits"),
        ("a = 2026-99-99", "is not TOML: "),
    ],
)
def test_what_cannot_be_read_is_refused(text, says):
    assert says in refused(text)


def test_no_words_of_the_parser_quote_a_value():
    assert "hunter2" not in refused("password = hunter2") + refused("p = 'hunter2")
