"""Patches: the examples of the RFCs, and laws."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.admin.patches import changes, merged, operations, patched, same
from confkit.admin.problems import Refused

RFC7396 = [  # appendix A
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), RFC7396)
def test_a_merge_patch(target, patch, result):
    before = json.dumps(target)
    assert merged(target, patch) == result
    assert json.dumps(target) == before


RFC6902 = [  # appendix A
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [
            {"op": "test", "path": "/baz", "value": "qux"},
            {"op": "test", "path": "/foo/1", "value": 2},
        ],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    (
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}},
    ),
    (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}],
        {"foo": "bar", "baz": "qux"},
    ),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    (
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
    ({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}], {"b": 2}),
    (
        {"a": {"b": 1}},
        [{"op": "copy", "from": "/a", "path": "/c"}, {"op": "replace", "path": "/c/b", "value": 2}],
        {"a": {"b": 1}, "c": {"b": 2}},
    ),
    ({"": 1}, [{"op": "test", "path": "/", "value": 1}], {"": 1}),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": 1.0}], {"a": 1}),
    ({"a": [1, 2]}, [{"op": "replace", "path": "/a/1", "value": 3}], {"a": [1, 3]}),
    ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
]


@pytest.mark.parametrize(("target", "patch", "result"), RFC6902)
def test_a_json_patch(target, patch, result):
    before = json.dumps(target)
    assert patched(target, operations(patch)) == result
    assert json.dumps(target) == before


CONFLICTS = [
    [{"op": "test", "path": "/baz", "value": "bar"}],
    [{"op": "test", "path": "/~01", "value": "10"}],
    [{"op": "test", "path": "/one", "value": True}],
    [{"op": "add", "path": "/baz/bat", "value": "qux"}],
    [{"op": "remove", "path": "/nope"}],
    [{"op": "replace", "path": "/nope", "value": 1}],
    [{"op": "add", "path": "/list/9", "value": 1}],
    [{"op": "add", "path": "/list/01", "value": 1}],
    [{"op": "remove", "path": "/list/-"}],
    [{"op": "replace", "path": "/list/2", "value": 1}],
    [{"op": "test", "path": "/list/1e0", "value": 1}],
    [{"op": "move", "from": "/deep", "path": "/deep/in"}],
    [{"op": "copy", "from": "/nope", "path": "/x"}],
]
TARGET = {"baz": "qux", "~1": 10, "one": 1, "list": [1, 2], "deep": {"in": 1}}


@pytest.mark.parametrize("patch", CONFLICTS)
def test_what_does_not_apply_is_a_conflict(patch):
    with pytest.raises(Refused) as caught:
        patched(TARGET, operations(patch))
    assert caught.value.kind == "conflict"


NO_PATCHES = [
    {"op": "add"},
    ["add"],
    [{"op": "add", "path": "/a"}],
    [{"op": "frob", "path": "/a"}],
    [{"op": ["add"], "path": "/a", "value": 1}],
    [{"path": "/a"}],
    [{"op": "add", "path": "a", "value": 1}],
    [{"op": "add", "path": "/~2", "value": 1}],
    [{"op": "add", "path": "/~", "value": 1}],
    [{"op": "move", "path": "/a"}],
    [{"op": "remove", "path": 1}],
    [{"op": "add", "path": "/a", "value": 1, "from": 5}],
]


@pytest.mark.parametrize("patch", NO_PATCHES)
def test_what_is_no_patch_is_refused(patch):
    with pytest.raises(Refused) as caught:
        operations(patch)
    assert caught.value.kind == "shape"


SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "1"])
JSONS = st.recursive(
    SCALARS,
    lambda i: st.lists(i, max_size=2) | st.dictionaries(st.sampled_from("abc"), i),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), JSONS)


def applied(old, found):
    made = json.loads(json.dumps(old))
    for path in found.removed:
        here = made
        for step in path[:-1]:
            here = here[step]
        del here[path[-1]]
    for path, value in found.values.items():
        here = made
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = value
    return made


@given(OBJECTS, OBJECTS)
def test_the_changes_turn_one_document_into_the_other(old, new):
    found = changes(old, new)
    assert same(applied(old, found), new)
    assert bool(found) is not same(old, new)


@given(JSONS, JSONS)
def test_same_is_equality_with_true_apart_from_one(one, other):
    assert same(one, other) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )
