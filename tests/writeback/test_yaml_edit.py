"""Values set in YAML texts: everything else stays, and what is read back is what was meant."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from confkit.errors import SaveError
from confkit.writeback import yaml_structure
from confkit.writeback.yaml_edit import edit_yaml

needs_ruamel = pytest.mark.skipif(yaml_structure.Ruamel is None, reason="needs the extra write")

SHOP = """\
# the shop
database:   # where orders are
  url: 'sqlite:///shop.db'
  pool_size: 5      # connections
  hosts: [a, "b", c]   # in order
features: &features {checkout: off, "dark mode": "on"}
copy: *features
levels:
  django.request: INFO
servers:
  - name: one
    port: 80
  - name: two
    port: 81
empty:
text: |
  several
  lines
last: 1"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("database", "pool_size"), 20, "pool_size: 5 ", "pool_size: 20 "),
        (("database", "url"), "it's", "'sqlite:///shop.db'", "'it''s'"),
        (("database", "url"), "a\nb", "'sqlite:///shop.db'", '"a\\nb"'),
        (("database", "hosts", 1), "x", '"b"', '"x"'),
        (("database", "hosts", 2), "x, y", "c]", '"x, y"]'),
        (("levels", "django.request"), "WARN", "INFO", "WARN"),
        (("servers", 1, "port"), 8080, "port: 81", "port: 8080"),
        (("empty",), "x", "empty:", "empty: x"),
        (("last",), None, "last: 1", "last: null"),
        (("last",), "no", "last: 1", 'last: "no"'),
        (("last",), "1e3", "last: 1", 'last: "1e3"'),
        (("last",), "a # b", "last: 1", 'last: "a # b"'),
        (("last",), "", "last: 1", 'last: ""'),
        (("last",), "x ", "last: 1", 'last: "x "'),
        (("last",), True, "last: 1", "last: true"),
        (("last",), math.inf, "last: 1", "last: .inf"),
        (("last",), "é", "last: 1", 'last: "é"'),
        (("last",), "\x7f\x00", "last: 1", 'last: "\\x7F\\0"'),
    ],
)
def test_one_value_is_replaced_and_no_other_byte(path, value, old, new):
    assert SHOP.count(old) == 1
    assert edit_yaml(SHOP, {path: value}) == SHOP.replace(old, new)


def test_several_values_at_once():
    edited = edit_yaml(SHOP, {("last",): 2, ("database",): {"pool_size": 7, "url": "x"}})
    expected = SHOP.replace("last: 1", "last: 2").replace("size: 5", "size: 7")
    assert edited == expected.replace("'sqlite:///shop.db'", "'x'")


def test_line_ends_and_a_byte_order_mark_stay():
    text = "\ufeffa: 1\r\nb: 2 # two\r\n"
    assert edit_yaml(text, {("b",): 3}) == "\ufeffa: 1\r\nb: 3 # two\r\n"


@needs_ruamel
@pytest.mark.parametrize(
    ("changes", "added"),
    [
        ({("database", "timeout"): 30}, "  timeout: 30\n"),
        ({("new", "section", "key"): "x"}, "new:\n  section:\n    key: x\n"),
        ({("database", "hosts"): ["x"]}, ""),
        ({("servers", 0, "tls"): True}, "    tls: true\n"),
        ({("text",): "short"}, "text: |-\n  short\n"),
        ({("levels", "a.b"): "no"}, '  a.b: "no"\n'),
    ],
)
def test_new_keys_and_lists_keep_every_comment_and_anchor(changes, added):
    edited = edit_yaml(SHOP, changes)
    assert added in edited
    for kept in ("# the shop", "# where orders are", "# connections", "&features", "*features"):
        assert edited.count(kept) == 1
    assert "# in order" in edited


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("a: [", {("b",): 1}),
        ("- a\n", {("b",): 1}),
        ("a: 1\na: 2\n", {("b",): 1}),
        ("a: 1\n", {("a", "b"): 1}),
        ("a: [1]\n", {("a", 5): 1}),
        ("a: [1]\n", {("a", "b"): 1}),
        ("a:\n", {("a", 0): 1}),
        ("a: 1\n", {("b",): object()}),
        ("a: 1\n", {("b",): {"c": {1, 2}}}),
        ("a: 1\n", {("a",): b"x"}),
    ],
)
def test_what_has_no_place_is_refused(text, changes):
    with pytest.raises(SaveError):
        edit_yaml(text, changes)


@needs_ruamel
def test_a_value_that_others_share_by_an_alias_is_changed_in_its_own_place_only():
    text = "a: &x\n  b: 1\nc: *x\n"
    with pytest.raises(SaveError):
        edit_yaml(text, {("c", "b"): 2})


ODD = "\x85\u2028\u2029"
texts = st.characters(exclude_categories=("Cs",), exclude_characters=ODD)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False),
    st.text(texts, max_size=12),
    st.sampled_from(["yes", "no", "0x1f", "010", "12:30", "1_000", "~", "- a", "a: b", "#", "$x"]),
)
names = st.one_of(
    st.sampled_from(["a", "b", "c", "pool_size"]),
    st.text(texts, min_size=1, max_size=8),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)
documents = st.dictionaries(names, values, max_size=5)


#: Names that are something else than text where they are written bare.
TYPED = ["OFF", "yes", "y", "True", "12", "0x1f", "010", "1_000", "~", "null", "1e5", "12:30",
         "2020-01-01", "=", "<<", ""]  # fmt: skip


@pytest.mark.parametrize(
    "ruamel", [pytest.param(True, marks=needs_ruamel, id="ruamel"), pytest.param(False, id="base")]
)
@pytest.mark.parametrize("name", TYPED)
def test_a_name_that_looks_like_a_value_stays_a_name(ruamel, name, monkeypatch):
    if not ruamel:
        monkeypatch.setattr(yaml_structure, "Ruamel", None)
    for text in ("", "a: null\n", f'"{name}": 1\n', f'b: {{"{name}": {{c: 1}}}}\n'):
        was = read(text) or {}
        for path in ([name], ["b", name], [name, name], ["b", name, name]):
            if not _leads_through_a_value(was, path):
                assert read(edit_yaml(text, {tuple(path): True})) == _merged(was, path, True)


def read(text: str) -> Any:
    """By PyYAML's own loader, as another program would."""
    return yaml.safe_load(text)


@pytest.mark.parametrize(
    "ruamel", [pytest.param(True, marks=needs_ruamel, id="ruamel"), pytest.param(False, id="base")]
)
@given(document=documents, path=st.lists(names, min_size=1, max_size=3), value=values)
def test_whatever_is_set_is_read_back_and_nothing_else_changes(ruamel, document, path, value):
    with pytest.MonkeyPatch.context() as patch:
        if not ruamel:
            patch.setattr(yaml_structure, "Ruamel", None)
        text = edit_yaml("", {(name,): inner for name, inner in document.items()})
        assert text == "" or read(text) == document
        if _leads_through_a_value(document, path):
            with pytest.raises(SaveError):
                edit_yaml(text, {tuple(path): value})
        else:
            assert read(edit_yaml(text, {tuple(path): value})) == _merged(document, path, value)


def _leads_through_a_value(here: Any, path: list[str]) -> bool:
    for name in path[:-1]:
        here = here.get(name)
        if not isinstance(here, dict):
            return here is not None
    return False


def _merged(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        if isinstance(value, dict) and value and isinstance(document, dict):
            made = dict(document)
            for name, inner in value.items():
                made[name] = _merged(made.get(name), [], inner)
            return made
        return value
    made = dict(document) if isinstance(document, dict) else {}
    made[path[0]] = _merged(made.get(path[0]), path[1:], value)
    return made
