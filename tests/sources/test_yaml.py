"""YAML becomes entries with exact places; scalars stay text; nothing crashes or grows."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from confkit import InvalidSource
from confkit.layers import bare
from confkit.sources.yaml import read_yaml


def read(text: str) -> dict[str, tuple[object, str]]:
    return {k: (bare(e), str(e.origin)[7:]) for k, e in read_yaml(text, "a.yaml").items()}


def values(text: str) -> dict[str, object]:
    return {k: bare(e) for k, e in read_yaml(text, "a.yaml").items()}


def refused(text: str) -> list[str]:
    """The code and the place of each problem."""
    with pytest.raises(InvalidSource) as caught:
        read_yaml(text, "a.yaml")
    origins = [(p.code, p.origin) for p in caught.value.problems]
    return [f"{code} {origin.line}:{origin.column}" for code, origin in origins if origin]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("port: 5", {"port": ("5", "1:7")}),
        ("db:\n  pool:\n    size: 5", {"db.pool.size": ("5", "3:11")}),
        ("db: {url: x, pool: {size: 5}}", {"db.url": ("x", "1:11"), "db.pool.size": ("5", "1:27")}),
        ('"quoted key" : v', {'"quoted key"': ("v", "1:16")}),
        ("'a': \"b\"", {"a": ("b", "1:6")}),
        ("a:    5", {"a": ("5", "1:7")}),
        ("a:\n  5", {"a": ("5", "2:3")}),
        ("# c\n\n---\na: 5\n...\n", {"a": ("5", "4:4")}),
        ("ü漢😀: x", {'"ü漢😀"': ("x", "1:6")}),
        (
            'a: "😀"\nb: {x: "😀", y: 5}',
            {"a": ("😀", "1:4"), "b.x": ("😀", "2:8"), "b.y": ("5", "2:16")},
        ),
        ("a: 1\r\nb:\r\n  c: 2\r\n", {"a": ("1", "1:4"), "b.c": ("2", "3:6")}),
        ("a: |\n  one\n  two\nb: 1", {"a": ("one\ntwo\n", "1:4"), "b": ("1", "4:4")}),
        ("a: >-\n  one\n  two\n", {"a": ("one two", "1:4")}),
        ("a: one\n  two\nb: 1", {"a": ("one two", "1:4"), "b": ("1", "3:4")}),
        ('a: "one\n  two"', {"a": ("one two", "1:4")}),
        ("? a\n: 5", {"a": ("5", "2:3")}),
        (
            "8080: x\nnull: y\ntrue: z",
            {"8080": ("x", "1:7"), "null": ("y", "2:7"), "true": ("z", "3:7")},
        ),
        ("a: {}\nb: []", {"a": ({}, "1:4"), "b": ([], "2:4")}),
        ("a.b: 1\na: {b: 2}", {'"a.b"': ("1", "1:6"), "a.b": ("2", "2:8")}),
        ("'': 1", {'""': ("1", "1:5")}),
        ("a.b: 5", {'"a.b"': ("5", "1:6")}),
    ],
)
def test_every_value_has_its_line_and_column(text, expected):
    assert read(text) == expected


def test_items_of_lists_have_their_own_places():
    entry = read_yaml("hosts:\n  - a\n  - {name: b, ports: [1, 2]}\n", "a.yaml")["hosts"]
    assert str(entry.origin) == "a.yaml:2:3"
    assert str(entry.raw[0].origin) == "a.yaml:2:5"
    assert str(entry.raw[1].raw["name"].origin) == "a.yaml:3:12"
    assert str(entry.raw[1].raw["ports"].raw[1].origin) == "a.yaml:3:26"
    assert bare(entry) == ["a", {"name": "b", "ports": ["1", "2"]}]


def test_an_alias_stands_where_it_is_used_and_says_where_it_was_set():
    found = read("x: &p 5\ndb:\n  size: *p\nlist: [*p, 6]\n")
    assert found["db.size"] == ("5", "3:9 (*p, set at 1:4)")
    listed = read_yaml("x: &p 5\nl: [*p]\n", "a.yaml")["l"]
    assert str(listed.raw[0].origin) == "a.yaml:2:5 (*p, set at 1:4)"


def test_an_alias_of_a_mapping_says_for_each_key_where_it_was_set():
    found = read("base: &b\n  url: x\n  pool: {size: 5}\ndb: *b\n")
    assert found["db.url"] == ("x", "4:5 (*b, set at 2:8)")
    assert found["db.pool.size"] == ("5", "4:5 (*b, set at 3:16)")
    assert found["base.url"] == ("x", "2:8")


def test_merge_keys_give_way_to_the_keys_beside_them():
    found = read("base: &b {url: x, size: 5}\ndb:\n  <<: *b\n  size: 9\n")
    assert found["db.size"] == ("9", "4:9")
    assert found["db.url"] == ("x", "3:7 (*b, set at 1:16)")


def test_of_several_merged_mappings_the_first_wins_and_merges_nest():
    text = "a: &a {x: 1, y: 1}\nb: &b {<<: *a, y: 2, z: 2}\nc: {<<: [*b, *a], z: 3}\n"
    found = values(text)
    assert (found["c.x"], found["c.y"], found["c.z"]) == ("1", "2", "3")
    assert values("a: {<<: {x: 1}, y: 2}") == {"a.x": "1", "a.y": "2"}


def test_merge_keys_inside_lists_and_a_quoted_one_that_is_a_key():
    assert values("b: &b {x: 1}\nl: [{<<: *b, y: 2}]")["l"] == [{"x": "1", "y": "2"}]
    assert values('a: {"<<": 1}') == {'a."<<"': "1"}


@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.text(), min_size=1))
def test_reads_text_as_pyyaml_does(table):
    text = yaml.safe_dump({"base": table, "own": {"k": "v"}}, allow_unicode=True)
    peer = yaml.load(text, yaml.CBaseLoader)
    assert values(text) == {f"{k}.{name}": v for k in peer for name, v in peer[k].items()}


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("x", ""),
        ("'x'", "'"),
        ('"x"', '"'),
        ("|\n  x", "|"),
        (">\n  x", "|"),
        ("!!str x", '"'),
        ("! x", '"'),
        ("!!int x", ""),
    ],
)
def test_the_quotation_mark_is_kept(text, quote):
    assert read_yaml(f"a: {text}", "a.yaml")["a"].quote == quote


@pytest.mark.parametrize(
    "text", ["no", "012", "12:30", "1e3", "0x1F", "2026-01-31", "1.10", "=", "<<"]
)
def test_scalars_stay_text_until_the_type_of_their_field_reads_them(text):
    assert values(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    "text",
    ["1" * 5000, "2026-99-99", "!!int abc", "!!bool x", "!!float x", "0b_", "0x_", "!!null x"],
)
def test_scalars_that_blow_up_in_pyyaml_are_text(text):
    assert isinstance(values(f"a: {text}")["a"], str)


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nulls_are_null_unless_quoted(text):
    assert values(f"a: {text}") == {"a": None}
    assert values(f"a: '{text}'") == {"a": text}


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3\nb: 4\n", ["duplicate-key 3:1", "duplicate-key 4:1"]),
        ("a: {x: 1, x: 2}\n?\n: 1", ["duplicate-key 1:11", "key 2:2"]),
        ("a: {x: 1, x: 2}\n[b]: 1\nc: [", ["duplicate-key 1:11", "key 2:1", "yaml 4:1"]),
        ("- a\n- b", ["not-a-mapping 1:1"]),
        ("just text", ["not-a-mapping 1:1"]),
        ("5", ["not-a-mapping 1:1"]),
        ("a: 1\n---\nb: 2", ["yaml 2:1"]),
        ("a: !custom x", ["tag 1:4"]),
        ("a: b: c", ["yaml 1:5"]),
        ("[a, b]: c\nd: 1", ["key 1:1"]),
        ("a: {<<: 5}", ["yaml 1:9"]),
        ("b: &b [1]\na: {<<: *b}", ["yaml 1:8"]),
        ("a: 1\nb: \x07", ["yaml 2:4"]),
        ("a: " + "[" * 101, ["too-deep 1:103"]),
        ("a: " + "[" * 30_000 + "]" * 30_000, ["too-deep 1:103"]),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_cannot_be_read_is_refused_with_code_line_and_column(text, problems):
    assert refused(text) == problems


def test_the_first_of_two_equal_keys_is_named():
    with pytest.raises(InvalidSource) as caught:
        read_yaml("a: 1\nb: {c: 2, c: 3}\na: 4", "a.yaml")
    hints = [problem.hint for problem in caught.value.problems]
    assert hints == ["the first is in line 2", "the first is in line 1"]


def test_a_long_chain_of_merges_is_written_out_once():
    chain = "".join(f"a{i}: &a{i} {{<<: *a{i - 1}}}\n" for i in range(1, 97))
    found = values("a0: &a0 {k: 1, l: 2}\n" + chain)
    assert len(found) == 2 * 97
    assert found["a96.k"] == "1"


def test_too_many_values_are_refused(monkeypatch):
    monkeypatch.setattr("confkit.yaml_events.MAX_NODES", 1_000)
    assert refused("a: [" + "1," * 1_001 + "]") == ["too-large 1:2001"]
