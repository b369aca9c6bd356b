"""A higher layer that names another dataclass of a union replaces the one of the lower layers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit import Environ, InvalidConfig, Values, load, resolve
from confkit.resolution.members import by_tag, named, tagged
from confkit.schema.reading import read_schema
from confkit.schema.shapes import shape_of


@dataclass(frozen=True)
class S3:
    bucket: str = "b"
    kind: Literal["s3"] = "s3"
    parts: int = 1


@dataclass(frozen=True)
class Disk:
    path: str = "/"
    kind: Literal["disk", "nfs"] = "disk"
    parts: int = 2


@dataclass(frozen=True)
class Cached:
    below: S3 | Disk
    kind: Literal["cached"] = "cached"


@dataclass(frozen=True)
class Item:
    store: S3 | Disk = Disk("/")


@dataclass(frozen=True)
class Settings:
    store: S3 | Disk = Disk("/default")
    deep: S3 | Cached | None = None
    stores: dict[str, S3 | Disk] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    listed: list[S3 | Disk] = field(default_factory=list)
    plain: dict[str, str] = field(default_factory=dict)


#: Where a union is, and what is around it in a file.
PLACES: list[tuple[str, Any]] = [
    ("store", lambda inner: {"store": inner}),
    ("stores.x", lambda inner: {"stores": {"x": inner}}),
    ("items.x.store", lambda inner: {"items": {"x": {"store": inner}}}),
    ("deep.below", lambda inner: {"deep": {"kind": "cached", "below": inner}}),
]


@pytest.mark.parametrize(("key", "around"), PLACES)
@pytest.mark.parametrize(
    ("lower", "higher", "value"),
    [
        ({"kind": "s3", "bucket": "q"}, {"kind": "disk"}, Disk()),
        ({"kind": "s3", "parts": 7}, {"kind": "disk", "path": "/x"}, Disk("/x")),
        ({"kind": "s3", "parts": 7}, {"path": "/x", "kind": "nfs"}, Disk("/x", "nfs")),
        ({"kind": "s3", "parts": 7}, {"kind": "s3", "bucket": "q"}, S3("q", parts=7)),
        ({"kind": "disk", "path": "/x"}, {"kind": "nfs"}, Disk("/x", "nfs")),
        ({"kind": "s3", "parts": 7}, {"bucket": "q"}, S3("q", parts=7)),
        ({"parts": 7}, {"kind": "s3"}, S3(parts=7)),
        (S3("q", parts=7), {"kind": "disk"}, Disk()),
        (S3("q", parts=7), Disk("/y"), Disk("/y")),
    ],
)
def test_another_tag_replaces_and_the_same_merges(key, around, lower, higher, value):
    def found(current: Any) -> Any:
        for step in key.split("."):
            current = current[step] if isinstance(current, dict) else getattr(current, step)
        return current

    sources = [Values(around(one), name=f"layer {i}") for i, one in enumerate((lower, higher))]
    assert found(load(Settings, *sources).current) == value
    under = load(Settings, Values(around(lower))) if lower != {"parts": 7} else None
    if under is not None:  # the same by an override, which binds only what it touches
        before = under.current
        with under.override(around(higher)) as inside:
            assert found(inside) == value
        assert under.current == before


def test_variables_and_json_name_another_member_too():
    below = Values({"store": {"kind": "s3", "bucket": "q"}, "stores": {"x": {"kind": "s3"}}})
    environ = {"STORE": '{"kind": "disk", "path": "/x"}', "STORES__X__KIND": "disk"}
    environ["STORES__X__PATH"] = "/y"
    current = load(Settings, below, Environ(environ=environ)).current
    assert (current.store, current.stores) == (Disk("/x"), {"x": Disk("/y")})


def test_what_is_replaced_stays_on_record():
    below = Values({"store": {"kind": "s3", "bucket": "q"}}, name="below")
    above = Values({"store": {"kind": "disk"}}, name="above")
    resolution = resolve(Settings, below, above)
    assert resolution.explain("store").value == {"path": "/", "kind": "disk", "parts": 2}
    (kind,) = [row for row in resolution.explain("store.kind").rows if row.won]
    assert kind.layer == "above"
    assert {row.layer for row in resolution.explain("store").rows} >= {"below", "above"}
    assert "store.bucket" not in resolution.keys


@pytest.mark.parametrize(
    ("lower", "higher", "key"),
    [
        ({"kind": "s3"}, {"path": "/x"}, "store.path"),
        ({"kind": "s3"}, {"kind": "s4"}, "store.kind"),
        ({"kind": "s4"}, {"kind": "s3", "path": "/"}, "store.path"),
        ({"kind": "s3"}, {"kind": "disk", "bucket": "q"}, "store.bucket"),
        ({"kind": "s3"}, {"kind": None}, "store.kind"),
    ],
)
def test_fields_of_a_member_that_nobody_names_stay_errors(lower, higher, key):
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, Values({"store": lower}), Values({"store": higher}))
    assert [problem.key for problem in caught.value.problems] == [key]


def test_an_item_of_a_list_keeps_its_fields_and_says_so():
    below = Values({"listed": [{"kind": "s3", "bucket": "q"}]})
    with pytest.raises(InvalidConfig, match=r"listed\[0\].bucket: is no setting"):
        load(Settings, below, Environ(environ={"LISTED__0__KIND": "disk"}))


TREES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(["s3", "disk", "nfs"]),
            "bucket": st.just("q"),
            "path": st.just("/x"),
            "parts": st.integers(5, 9),
        },
    ),
    min_size=1,
    max_size=4,
)


@given(TREES)
def test_layers_give_what_the_last_named_member_and_all_above_it_give(trees):
    merged: dict[str, Any] = {}
    family = {"s3": "s3", "disk": "disk", "nfs": "disk"}
    for tree in trees:
        switched = "kind" in merged and "kind" in tree
        if switched and family[merged["kind"]] != family[tree["kind"]]:
            merged = {}
        merged |= tree

    def given_as(tree: dict[str, Any]) -> Values:
        return Values({"store": tree} if tree else {})

    got = resolve(Settings, *map(given_as, trees))
    expected = resolve(Settings, given_as(merged))
    assert got.value == expected.value
    assert {p.key for p in got.problems} == {p.key for p in expected.problems}


def test_the_fields_in_which_a_union_can_be():
    schema = read_schema(Settings)
    assert tagged(schema) == {"store", "deep", "stores", "items"}
    assert tagged(read_schema(S3)) == frozenset()
    shape = shape_of(S3 | Disk)[0]
    assert {text: one.type for text, one in by_tag(shape).items()} == {
        "s3": S3,
        "disk": Disk,
        "nfs": Disk,
    }
    entry = Values({"x": "nfs"}).read().entries["x"]
    assert named(schema.leaves["store"], ("kind",), entry) is not None
    assert named(schema.leaves["store"], ("path",), entry) is None
    assert named(schema.leaves["plain"], ("kind",), entry) is None


@dataclass(frozen=True)
class Node:
    kind: Literal["node"] = "node"
    inner: Node | Leaf | None = None


@dataclass(frozen=True)
class Leaf:
    kind: Literal["leaf"] = "leaf"
    size: int = 1


@dataclass(frozen=True)
class Recursive:
    root: Node | Leaf | None = None


def test_a_class_that_contains_itself():
    below = Values({"root": {"kind": "node", "inner": {"kind": "node"}}})
    above = Values({"root": {"inner": {"kind": "leaf", "size": 3}}})
    assert load(Recursive, below, above).current.root == Node(inner=Leaf(size=3))
