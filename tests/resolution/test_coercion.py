"""Annotations become readers: unions, enums, literals, containers and dataclasses in lists."""

from __future__ import annotations

import collections
import collections.abc as abc
import enum
import re
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, TypedDict, TypeVar, Union

import pytest

from confkit import REQUIRED, Doc, Entry, Origin, Read, SchemaError, Secret
from confkit.resolution.coercion import coercer
from confkit.resolution.scalars import Refused
from confkit.schema.reading import read_schema
from confkit.schema.shapes import shape_of
from confkit.schema.type_hints import Unsupported

AT = Origin("file", "a.yaml", 1, 1)
UserId = NewType("UserId", int)
T = TypeVar("T")


class Color(enum.Enum):
    RED = "red"
    BLUE = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Pair(NamedTuple):
    a: int


class Typed(TypedDict):
    a: int


@dataclass(frozen=True)
class Tls:
    verify: bool = True
    cert: str = REQUIRED


@dataclass(frozen=True)
class Server:
    host: str
    port: int = 80
    tags: list[str] = field(default_factory=list)
    tls: Tls | None = None
    fallback: Tls = field(default_factory=lambda: Tls(verify=False, cert="own"))

    def __post_init__(self) -> None:
        if self.port == 13:
            raise ValueError(f"port {self.port} is unlucky")


@dataclass(frozen=True)
class Account:
    user: str
    password: Secret

    def __post_init__(self) -> None:
        if len(self.password.reveal()) < 9:
            raise ValueError(f"{self.password.reveal()} is too short")


def read(annotation: Any, raw: object, quote: str = "") -> Any:
    return coercer(shape_of(annotation)[0])(Entry(raw, AT, quote))


def place(error: Refused) -> tuple[tuple[str | int, ...], Origin | None]:
    (fault,) = error.faults
    return fault.path, fault.entry and fault.entry.origin


@pytest.mark.parametrize(
    ("annotation", "raw", "value"),
    [
        (Annotated[int, Doc("x")], "5", 5),
        (UserId, "5", 5),
        (int | None, "5", 5),
        (int | None, None, None),
        (int | None, "null", None),
        (int | None, "", None),
        (Optional[int], "~", None),  # noqa: UP045 - the old spelling has to work
        (Union[int, str], "x", "x"),  # noqa: UP007
        (int | str, "5", 5),
        (str | int, "5", 5),
        (str | None, "", ""),
        (bool | int, "yes", True),
        (Literal["a", "b"], "b", "b"),
        (Literal[1, 2], "2", 2),
        (Literal[1, 2], 2, 2),
        (Literal[True, "auto"], "yes", True),
        (Literal[False, "auto"], "off", False),
        (Literal["auto", False], "auto", "auto"),
        (Literal["a"] | None, None, None),
        (Color, "red", Color.RED),
        (Color, "RED", Color.RED),
        (Color, "2", Color.BLUE),
        (Color, 2, Color.BLUE),
        (Color, Color.RED, Color.RED),
        (Level, "1", Level.LOW),
        (Level, "HIGH", Level.HIGH),
        (list[int], "1, 2,3", [1, 2, 3]),
        (list[int], "[1, 2]", [1, 2]),
        (list[int], "", []),
        (list[int], ["1", 2], [1, 2]),
        (list[str], '["a,b", "c"]', ["a,b", "c"]),
        (list, "1,x", [1, "x"]),
        (list[list[int]], "[[1], [2, 3]]", [[1], [2, 3]]),
        (abc.Sequence[int], "1,2", [1, 2]),
        (tuple[int, ...], "1,2", (1, 2)),
        (tuple, "1,x", (1, "x")),
        (tuple[int, str], "1,2", (1, "2")),
        (set[str], "b,a,b", {"a", "b"}),
        (frozenset[int], "[1]", frozenset({1})),
        (abc.Set[int], "1", {1}),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (dict[str, int], {"a": Entry("1", AT)}, {"a": 1}),
        (abc.Mapping[str, int], {"a": 1}, {"a": 1}),
        (dict, '{"a": [1, "2"]}', {"a": [1, "2"]}),
        (dict[str, list[int]], {"a": "1,2"}, {"a": [1, 2]}),
        (Any, "5", 5),
        (object, "x", "x"),
        (list[Secret], "a,b", [Secret("a"), Secret("b")]),
    ],
)
def test_reads(annotation, raw, value):
    made = read(annotation, raw)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("annotation", "raw", "says"),
    [
        (int | None, "x", "is not an integer"),
        (int | float, "x", "fits none of int, float"),
        (int | None, "null", None),
        (Literal["a", "b"], "c", "is none of a, b"),
        (Literal[1], True, "is none of 1"),
        (Literal[1, 2], "yes", "is none of 1, 2"),
        (Literal[0, 5], "off", "is none of 0, 5"),
        (Literal["True"], True, "is none of True"),
        (Color, "green", "is none of red, 2"),
        (Color, None, "is none of"),
        (list[int], "1,x", "is not an integer"),
        (list[int], "[1, 2", "is not a list in JSON"),
        (list[int], "[" * 100_000, "is not a list in JSON"),
        (list[int], 5, "is not a list"),
        (list[int], {}, "is a mapping, and a list"),
        (list[int], None, "is null, and a list"),
        (set[Any], [Entry(["x"], AT)], "has items that cannot be in a set"),
        (tuple[int, str], "1", "has 1 items, and 2 are expected"),
        (dict[str, int], "a=1", "is not a mapping"),
        (dict[str, int], "[1]", "is not a mapping"),
        (dict[str, int], "{", "is not a mapping in JSON"),
    ],
)
def test_refuses(annotation, raw, says):
    if says is None:  # a text in quotes is no null
        with pytest.raises(Refused):
            read(annotation, raw, '"')
        return
    with pytest.raises(Refused) as caught:
        read(annotation, raw)
    assert says in caught.value.why


def test_a_refusal_inside_says_where_and_has_the_origin_of_the_place():
    there = Origin("file", "a.yaml", 7, 3)
    raw = [Entry("1", AT), Entry({"a": Entry("x", there)}, AT)]
    with pytest.raises(Refused) as caught:
        read(list[int | dict[str, int]], [raw[0], Entry("y", there)])
    assert place(caught.value) == ((1,), there)
    with pytest.raises(Refused) as caught:
        read(list[dict[str, int]], raw[1:])
    assert place(caught.value) == ((0, "a"), there)


def test_a_dataclass_in_a_list_takes_its_defaults_and_its_sections():
    servers = read(list[Server], '[{"host": "a"}, {"host": "b", "tls": {"cert": "x"}}]')
    assert servers == [Server("a"), Server("b", tls=Tls(cert="x"))]
    assert read(list[Server], [Server("c")]) == [Server("c")]


def test_a_section_of_an_item_merges_with_the_default_that_the_item_gives_it():
    (server,) = read(list[Server], [{"host": "a", "fallback": {"cert": "x"}}])
    assert server.fallback == Tls(verify=False, cert="x")


def test_mutable_defaults_of_items_are_not_shared():
    one, two = read(list[Server], [{"host": "a"}, {"host": "b"}])
    one.tags.append("x")
    assert two.tags == []
    assert read(list[Server], [{"host": "c"}])[0].tags == []


@pytest.mark.parametrize(
    ("item", "says", "where"),
    [
        ({"port": 1}, "is required and not set", (0, "host")),
        ({"host": "a", "prot": 1}, "is no setting", (0, "prot")),
        ({"host": "a", 5: 1}, "is no setting", (0, "5")),
        ({"host": "a", "port": "x"}, "is not an integer", (0, "port")),
        ({"host": "a", "tls": {}}, "is required and not set", (0, "tls", "cert")),
        ({"host": "a", "tls": {"cert": "x", "verify": "maybe"}}, "boolean", (0, "tls", "verify")),
        ({"host": "a", "fallback": None}, "is null, and a mapping (Tls)", (0, "fallback")),
        ({"host": "a", "port": 13}, "is refused by Server: port 13 is unlucky", (0,)),
        ("x", "is not a mapping (Server): as text, write a JSON object", (0,)),
    ],
)
def test_an_item_that_does_not_fit_is_refused_with_its_place(item, says, where):
    with pytest.raises(Refused) as caught:
        read(list[Server], [item])
    assert says in caught.value.why
    assert place(caught.value)[0] == where


def test_everything_that_is_wrong_in_a_list_is_found_at_once():
    with pytest.raises(Refused) as caught:
        read(list[Server], [{"host": "a", "port": "x", "prot": 1}, {"host": "b"}, {}, "c"])
    assert [(f.path, f.code, f.hint) for f in caught.value.faults] == [
        ((0, "prot"), "unknown-key", "did you mean port?"),
        ((0, "port"), "type", ""),
        ((2, "host"), "missing", ""),
        ((3,), "type", ""),
    ]


def test_a_class_with_secrets_is_not_quoted_when_it_refuses():
    with pytest.raises(Refused) as caught:
        read(list[Account], [{"user": "u", "password": "hunter2"}])
    assert caught.value.why == "is refused by Account"


@pytest.mark.parametrize(
    "annotation",
    [
        complex,
        type,
        abc.Callable[[], int],
        T,
        list[complex],
        dict[str, complex],
        dict[list[int], str],
        set[list[int]],
        set[dict[str, int]],
        int | complex,
        tuple[int, complex],
        re.Pattern[bytes],
        collections.defaultdict[str, int],
        Pair | dict[str, int],
        3,
    ],
)
def test_unsupported_types_are_refused_before_any_value_arrives(annotation):
    with pytest.raises(Unsupported):
        shape_of(annotation)


def test_the_field_of_an_unsupported_type_is_named_also_inside_lists_and_mappings():
    @dataclass(frozen=True)
    class Item:
        blob: complex = 0j

    for annotation in (complex, list[Item], dict[str, Item], tuple[Item, ...]):
        settings = dataclass(frozen=True)(
            type("Settings", (), {"__annotations__": {"data": annotation}, "data": REQUIRED})
        )
        with pytest.raises(SchemaError, match=r"Settings\.data|Item\.blob"):
            read_schema(settings)


class Version:
    def __init__(self, *parts: int) -> None:
        self.parts = parts

    @classmethod
    def parse(cls, text: str) -> Version:
        if not text.replace(".", "").isdigit():
            raise ValueError(f"{text} is no version")
        return cls(*map(int, text.split(".")))


OWN = Annotated[Version, Read(Version.parse)]
IN_CODE = Origin("code", "x.py", 1)


def test_a_type_of_ones_own_is_read_by_its_function():
    assert read(OWN, "1.2").parts == (1, 2)
    assert [v.parts for v in read(list[OWN], "1,2.0")] == [(1,), (2, 0)]
    given = Version(3)
    assert coercer(shape_of(OWN)[0])(Entry(given, IN_CODE)) is given
    assert coercer(shape_of(Annotated[Any, Read(str)])[0])(Entry(5, IN_CODE)) == 5
    assert read(Annotated[Any, Read(str)], {"a": Entry("1", AT)}) == "{'a': '1'}"


def test_text_given_in_code_is_read_where_it_is_not_of_the_type():
    assert coercer(shape_of(OWN)[0])(Entry("1", IN_CODE)).parts == (1,)
    assert coercer(shape_of(Annotated[str, Read(str.upper)])[0])(Entry("a", IN_CODE)) == "a"


def test_what_a_function_refuses_is_told_unless_it_is_secret():
    with pytest.raises(Refused, match="is refused by parse: x is no version"):
        read(OWN, "x")
    with pytest.raises(Refused) as caught:
        coercer(shape_of(OWN)[0], quiet=True)(Entry("hunter2", AT))
    assert caught.value.why == "is refused by parse"
