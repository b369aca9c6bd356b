"""Classes with fields inside a type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, NamedTuple, NotRequired, TypedDict, TypeVar

import pytest

from confkit import Alias, Check, Entry, Open, Origin, Renamed
from confkit.resolution.coercion import coercer
from confkit.resolution.scalars import Refused
from confkit.schema.reading import read_schema
from confkit.schema.shapes import shape_of

AT = Origin("env", "X")
T = TypeVar("T")


class Point(NamedTuple):
    x: int
    y: Annotated[int, Check(min=0)] = 0


class Options(TypedDict):
    name: str
    size: NotRequired[Annotated[int, Check(min=1)]]


@dataclass(frozen=True)
class Box(Generic[T]):
    value: T
    more: list[T] = field(default_factory=list)


@dataclass(frozen=True)
class IntBox(Box[int]):
    label: str = ""


@dataclass(frozen=True)
class Node:
    name: str
    children: list[Node] = field(default_factory=list)
    by_name: dict[str, Node] = field(default_factory=dict)
    left: Node | None = None


@dataclass(frozen=True)
class Rule:
    source: Annotated[str, Alias("from"), Renamed("src")]
    key: Annotated[str | None, Check(dependencies=["source", "cert"])] = None
    cert: str | None = None
    extra: Annotated[dict[str, Any], Open()] = field(default_factory=dict)


def read(annotation: Any, raw: Any) -> Any:
    return coercer(shape_of(annotation)[0])(Entry(raw, AT))


@pytest.mark.parametrize(
    ("annotation", "raw", "value"),
    [
        (Point, "1,2", Point(1, 2)),
        (Point, "1", Point(1)),
        (Point, '{"x": 1}', Point(1)),
        (Point, {"y": Entry("2", AT), "x": 1}, Point(1, 2)),
        (Point, Point(1, 2), Point(1, 2)),
        (list[Point], "[[1, 2], [3]]", [Point(1, 2), Point(3)]),
        (Options, {"name": "a"}, {"name": "a"}),
        (Options, {"name": "a", "size": "2"}, {"name": "a", "size": 2}),
        (Box[int], {"value": "1", "more": "2,3"}, Box(1, [2, 3])),
        (list[Box[str]], [{"value": "1"}], [Box("1")]),
        (IntBox, {"value": "1", "label": "x"}, IntBox(1, label="x")),
        (Node, {"name": "a", "left": {"name": "b"}}, Node("a", left=Node("b"))),
        (
            Node,
            {"name": "a", "children": [{"name": "b", "by_name": {"c": {"name": "c"}}}]},
            Node("a", [Node("b", by_name={"c": Node("c")})]),
        ),
        (Rule, {"from": "a", "more": 1}, Rule("a", extra={"more": 1})),
        (Rule, {"source": "a", "extra": {"x": 1}, "y": 2}, Rule("a", extra={"x": 1, "y": 2})),
    ],
)
def test_reads(annotation, raw, value):
    made = read(annotation, raw)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("annotation", "raw", "faults"),
    [
        (Point, "1,-1", [(("y",), "min")]),
        (Point, "1,2,3", [((), "type")]),
        (Point, "", [(("x",), "missing")]),
        (Point, {"x": 1, "z": 2}, [(("z",), "unknown-key")]),
        (Options, {"size": 0}, [(("name",), "missing"), (("size",), "min")]),
        (Options, "x", [((), "type")]),
        (Box[int], {"value": "x", "more": "1,y"}, [(("value",), "type"), (("more", 1), "type")]),
        (
            Node,
            {"name": "a", "left": {"nam": "b"}},
            [(("left", "nam"), "unknown-key"), (("left", "name"), "missing")],
        ),
        (Rule, {"from": "a", "key": "k"}, [(("key",), "dependencies")]),
        (list[Rule], [Rule("a", key="k")], [((0, "key"), "dependencies")]),
    ],
)
def test_refuses(annotation, raw, faults):
    with pytest.raises(Refused) as caught:
        read(annotation, raw)
    assert [(f.path, f.code) for f in caught.value.faults] == faults


def test_an_old_name_inside_a_list_works_and_warns():
    with pytest.warns(FutureWarning, match="src is now called source"):
        assert read(list[Rule], [{"src": "a"}]) == [Rule("a")]


@dataclass(frozen=True)
class Tls:
    cert: Annotated[str, Renamed("certificate"), Renamed("old.cert")] = ""
    key: str = ""


@dataclass(frozen=True)
class Server:
    tls: Annotated[Tls, Alias("ssl"), Renamed("crypto")] = field(default_factory=Tls)


@pytest.mark.parametrize(
    ("raw", "server"),
    [
        ({"certificate": "c"}, Server(Tls("c"))),
        ({"old": {"cert": "c"}}, Server(Tls("c"))),
        ({"crypto": {"key": "k"}, "certificate": "c"}, Server(Tls("c", "k"))),
        ({"certificate": "c", "tls": Entry({"cert": "new"}, AT)}, Server(Tls("new"))),
    ],
)
@pytest.mark.filterwarnings("ignore:.*is now called:FutureWarning")
def test_old_names_are_paths_inside_the_class(raw, server):
    before = repr(raw)
    assert read(list[Server], [raw]) == [server]
    assert repr(raw) == before


def test_a_field_that_is_set_under_both_of_its_names():
    with pytest.raises(Refused) as caught:
        read(Server, {"ssl": {"key": "a"}, "tls": {"key": "b"}})
    assert [(f.path, f.code) for f in caught.value.faults] == [(("ssl",), "duplicate-key")]


def test_an_instance_given_in_code_is_judged():
    @dataclass(frozen=True)
    class Pool:
        size: Annotated[int, Check(min=1)] = 1

    read_schema(Pool)
    assert read(list[Pool], [Pool(2)]) == [Pool(2)]
    with pytest.raises(Refused, match="at least 1"):
        read(list[Pool], [Pool(0)])
