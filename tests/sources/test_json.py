"""JSON becomes entries whose places are looked for only when somebody asks."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit import InvalidSource
from confkit.layers import bare
from confkit.sources.json import read_json


def read(text: str) -> dict[str, tuple[object, str]]:
    return {k: (bare(e), str(e.origin)[7:]) for k, e in read_json(text, "a.json").items()}


def refused(text: str) -> list[str]:
    """The code and the place of each problem."""
    with pytest.raises(InvalidSource) as caught:
        read_json(text, "a.json")
    assert caught.value.__cause__ is None
    return [f"{p.code} {p.origin.line}:{p.origin.column}" for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"port": 5}', {"port": (5, "1:10")}),
        ('{"a": {"b": {"c": "x"}}, "d": true}', {"a.b.c": ("x", "1:19"), "d": (True, "1:31")}),
        ('{\n\t"a":\n  null,\r\n "b":[]}', {"a": (None, "3:3"), "b": ([], "4:6")}),
        ('{"a\\"]}": 1, "b": -1.5e3}', {r'"a\"]}"': (1, "1:11"), "b": (-1500.0, "1:19")}),
        ('{"ü漢😀": "😀", "b": 5}', {'"ü漢😀"': ("😀", "1:9"), "b": (5, "1:19")}),
        ('{"\\u00fc": 1}', {'"ü"': (1, "1:12")}),
        ('{"a": {}, "b": {"c": {}}}', {"a": ({}, "1:7"), "b.c": ({}, "1:22")}),
        ('{"a.b": 1, "a": {"b": 2}}', {'"a.b"': (1, "1:9"), "a.b": (2, "1:23")}),
        ('{"": 1}', {'""': (1, "1:6")}),
        ('  {"a.b": false}', {'"a.b"': (False, "1:11")}),
        ("{}", {}),
    ],
)
def test_every_value_has_its_line_and_column(text, expected):
    assert read(text) == expected


def test_items_of_lists_have_their_own_places():
    entry = read_json('{"l": [1, ["x"], {"k": [true]}]}', "a.json")["l"]
    assert str(entry.raw[0].origin) == "a.json:1:8"
    assert str(entry.raw[1].raw[0].origin) == "a.json:1:12"
    assert str(entry.raw[2].raw["k"].raw[0].origin) == "a.json:1:25"


def test_text_is_quoted_and_numbers_are_not():
    entries = read_json('{"a": "5", "b": 5}', "a.json")
    assert (entries["a"].quote, entries["b"].quote) == ('"', "")


def test_positions_are_not_looked_for_until_they_are_asked_for(monkeypatch):
    """A position is wanted for few values, and finding them takes longer than the parser."""
    asked = []
    monkeypatch.setattr("confkit.sources.json._walk", lambda text: asked.append(text) or [])
    entries = read_json('{"a": 1}', "a.json")
    assert entries["a"].origin.name == "a.json"
    assert not asked
    with pytest.raises(KeyError):
        _ = entries["a"].origin.line
    assert asked


def test_an_origin_travels_without_the_text_of_the_file():
    origin = read_json('{"a": 1, "b": "hunter2"}', "a.json")["a"].origin
    data = pickle.dumps(origin)
    assert b"hunter2" not in data
    assert pickle.loads(data) == origin
    assert copy.copy(origin) == origin


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=4).filter(lambda k: "." not in k), inner)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,4}", fullmatch=True), JSON),
    st.sampled_from([None, 0, 1, "\t"]),
)
def test_the_text_at_a_place_is_the_value(table, indent):
    text = json.dumps(table, indent=indent, ensure_ascii=False)
    lines = text.split("\n")
    for entry in read_json(text, "a.json").values():
        at = sum(len(line) + 1 for line in lines[: entry.origin.line - 1]) + entry.origin.column - 1
        assert json.JSONDecoder().raw_decode(text, at)[0] == bare(entry)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('{"a": 1, "b": {"a": 1},\n "a": 2}', ["duplicate-key 2:7"]),
        (
            '{"a": {"x": 1, "x": 2},\n "b": {"x": 1,\n "x": 2}}',
            ["duplicate-key 1:21", "duplicate-key 3:7"],
        ),
        ('{"a": {"x": 1}, "a": {"x": 2}}', ["duplicate-key 1:22"]),
        ('{"a": 1, "a": 2, "a": 3}', ["duplicate-key 1:15", "duplicate-key 1:23"]),
        ('{"x": "NaN", "a": NaN}', ["json 1:19"]),
        ('{"a": Infinity}', ["json 1:7"]),
        ('{"a": [-Infinity]}', ["json 1:8"]),
        ('{"a": 1} // c', ["json 1:10"]),
        ('{\n  # c\n  "a": 1}', ["json 2:3"]),
        ('{"a": /* c */ 1}', ["json 1:7"]),
        ("{'a': 1}", ["json 1:2"]),
        ('{"a": 1', ["json 1:8"]),
        ('{"a": "x', ["json 1:7"]),
        ('{"a": "\n"}', ["json 1:8"]),
        ("[1]", ["not-a-mapping 1:1"]),
        ('"hunter2"', ["not-a-mapping 1:1"]),
        ('{"a": ' + "9" * 5000 + "}", ["json 1:1"]),
        ('{"a":' * 101 + "1" + "}" * 101, ["too-deep 1:1"]),
        ('{"a": ' + "[" * 100_000 + "}", ["too-deep 1:1"]),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_cannot_be_read_has_a_code_and_a_place(text, problems):
    assert refused(text) == problems


def test_a_comma_before_the_end_is_refused():
    """Its place differs between versions of Python."""
    assert refused('{"a": 1,}')[0].startswith("json 1:")


@pytest.mark.parametrize("comment", ["// c", "# c", "/* c */"])
def test_comments_are_named(comment):
    with pytest.raises(InvalidSource) as caught:
        read_json('{"a": 1} ' + comment, "a.json")
    assert caught.value.problems[0].message == "JSON has no comments"


def test_the_first_of_two_equal_keys_is_named():
    with pytest.raises(InvalidSource) as caught:
        read_json('{"a": 1,\n "a": 2}', "a.json")
    assert caught.value.problems[0].hint == "the first is in line 1"


def test_no_words_of_the_parser_quote_a_value():
    for text in ('{"password": hunter2}', '{"p": "hunter2', '{"hunter2": 1'):
        with pytest.raises(InvalidSource) as caught:
            read_json(text, "a.json")
        assert "hunter2" not in str(caught.value)


def test_ten_thousand_places_are_found_at_once():
    """Counting lines anew for every value would take a hundred million steps here."""
    text = json.dumps({f"k{i}": i for i in range(10_000)}, indent=1)
    entries = read_json(text, "a.json")
    assert [e.origin.line for e in entries.values()] == list(range(2, 10_002))
