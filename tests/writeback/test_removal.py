"""Keys taken out of files; everything else stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from confkit.errors import SaveError
from confkit.writeback.file import edit_file
from confkit.writeback.removal import without_json, without_yaml

TEXT = """\
# the shop
name: shop   # of course
# the database
database:
  # how many
  pool_size: 5
  url: |
    a # no comment
    b

  timeout: 3
# the last
levels:
  a.b: "no"
"""


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (("name",), ["name: shop   # of course\n"]),
        (("database", "pool_size"), ["  pool_size: 5\n"]),
        (("database", "url"), ["  url: |\n    a # no comment\n    b\n"]),
        (("database", "timeout"), ["  timeout: 3\n"]),
        (("levels", "a.b"), ['levels:\n  a.b: "no"\n']),
        (("levels",), ['levels:\n  a.b: "no"\n']),
    ],
)
def test_only_the_lines_of_the_value_go(path, gone):
    wanted = TEXT
    for part in gone:
        assert part in wanted
        wanted = wanted.replace(part, "")
    assert without_yaml(TEXT, [path]) == wanted


def test_a_file_is_left_with_its_comments():
    assert without_yaml("# only\na:\n  b: 1\n", [("a", "b")]) == "# only\n"
    assert json.loads(without_json('{"a": {"b": 1}}\n', [("a", "b")])) == {}


@pytest.mark.parametrize("without", [without_yaml, without_json])
@pytest.mark.parametrize("path", [("b",), ("a", "c"), ("a", "b", "c"), ("l", "0")])
def test_what_the_file_does_not_set_is_refused(without, path):
    with pytest.raises(SaveError, match="is not set in this file"):
        without('{"a": {"b": 1}, "l": [1]}', [path])


@pytest.mark.parametrize("text", ["a: {b: 1, c: 2}\n", "a: &x {b: 1}\nc: *x\n", "{a: {b: 1}}"])
def test_what_cannot_be_taken_out_line_by_line_is_refused(text):
    with pytest.raises(SaveError, match="by hand"):
        without_yaml(text, [("a", "b")])


def test_an_anchor_that_others_use_is_refused():
    with pytest.raises(SaveError):
        without_yaml("a: &x 1\nb: *x\n", [("a",)])


def test_a_file_gets_values_and_loses_others_in_one_step(tmp_path: Path):
    path = tmp_path / "c.yaml"
    path.write_text("a: 1\nb: 2\n")
    assert edit_file(path, {("a",): 3}, remove=[("b",)])
    assert path.read_text() == "a: 3\n"


NAMES = st.sampled_from(["a", "b", "c.d", "e"])
TREES = st.recursive(
    st.integers() | st.sampled_from(["x", "# y", "line\nline"]),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def paths(tree, around=()):
    for name, value in tree.items():
        yield (*around, name)
        if isinstance(value, dict):
            yield from paths(value, (*around, name))


def taken(tree, path):
    made = {k: v for k, v in tree.items() if k != path[0]}
    if len(path) > 1 and (inner := taken(tree[path[0]], path[1:])):
        return {k: inner if k == path[0] else v for k, v in tree.items()}
    return made


@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=3), st.data())
def test_what_is_left_is_what_was_there_without_it(tree, data):
    path = data.draw(st.sampled_from(list(paths(tree))))
    text = yaml.safe_dump(tree, default_flow_style=False, width=1000)
    assert (yaml.safe_load(without_yaml(text, [path])) or {}) == taken(tree, path)
    assert json.loads(without_json(json.dumps(tree), [path])) == taken(tree, path)
