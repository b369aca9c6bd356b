"""When two YAML texts mean the same."""

from __future__ import annotations

import pytest

from confkit.errors import SaveError
from confkit.writeback.yaml_meaning import plain, takes_names, with_values
from confkit.yaml_events import read_mapping


def meaning(text: str) -> dict[str, object]:
    document = read_mapping(text)
    assert document is not None
    found: dict[str, object] = plain(document.root)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a: x", "a: 'x'"),
        ("a: x", '{"a": "x"}'),
        ("a: ~", "a:"),
        ("a: &n [1, 2]\nb: *n", "a:\n- 1\n- 2\nb: [1, 2]"),
        ("a: |\n  x", 'a: "x"'),
    ],
)
def test_quotes_and_layout_do_not_count(one, other):
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a: 1", "a: '1'"),
        ("a: no", 'a: "no"'),
        ("a: 010", "a: 8"),
        ("a: ~", "a: ''"),
        ("a: 1", "a: [1]"),
    ],
)
def test_what_a_reader_takes_for_something_else_differs(one, other):
    assert meaning(one) != meaning(other)


def test_a_path_is_set_in_a_copy():
    before = meaning("a: {b: 1}\nc: [1, {d: 2}]\ne:")
    after = with_values(before, {("a", "x"): 5, ("c", 1, "d"): "y", ("e", "f"): None})
    assert before == meaning("a: {b: 1}\nc: [1, {d: 2}]\ne:")
    assert after == meaning("a: {b: 1, x: 5}\nc: [1, {d: y}]\ne: {f: null}")


@pytest.mark.parametrize("path", [("a", "b"), ("c", 1), ("c", "x"), ("none", 0), ("a", 0)])
def test_a_path_through_a_value_is_refused(path):
    with pytest.raises(SaveError):
        with_values(meaning("a: x\nc: [1]"), {path: 1})


def test_names_fit_into_mappings_nulls_and_nothing():
    root = meaning("a: {}\nb:\nc: 1\nd: [{}, 1]")
    assert [takes_names(root, (name,)) for name in "abcdx"] == [True, True, False, False, True]
    assert takes_names(root, ("d", 0))
    assert not takes_names(root, ("d", 1))
