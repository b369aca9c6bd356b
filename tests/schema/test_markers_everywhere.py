"""A mark holds wherever it is: random types around a marked one, its violation at its key."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confkit import (
    REQUIRED,
    Check,
    File,
    InvalidConfig,
    Read,
    RelativePath,
    Renamed,
    Seconds,
    Secret,
    Url,
    Values,
    load,
)
from confkit.keypath import join


class Around(NamedTuple):
    """A type around another one: how its value is made, and the steps to what is inside."""

    annotation: Any
    value: Any
    path: tuple[str | int, ...]


def _class(name: str, **annotations: Any) -> Any:
    body = {"__annotations__": annotations, **dict.fromkeys(annotations, REQUIRED)}
    return dataclass(frozen=True)(type(name, (), body))


def _named(inner: Any) -> Any:
    return NamedTuple("Pair", [("first", str), ("second", inner)])


def _typed(inner: Any) -> Any:
    return TypedDict("Typed", {"part": inner})


AROUND = [
    lambda a: Around(list[a.annotation], [a.value], (0, *a.path)),
    lambda a: Around(deque[a.annotation], [a.value], (0, *a.path)),
    lambda a: Around(tuple[a.annotation, ...], [a.value], (0, *a.path)),
    lambda a: Around(tuple[int, a.annotation], [5, a.value], (1, *a.path)),
    lambda a: Around(dict[str, a.annotation], {"a b": a.value}, ("a b", *a.path)),
    lambda a: Around(dict[int, a.annotation], {7: a.value}, ("7", *a.path)),
    lambda a: Around(a.annotation | None, a.value, a.path),
    lambda a: Around(a.annotation | dt.date, a.value, a.path),
    lambda a: Around(_class("Part", part=a.annotation), {"part": a.value}, ("part", *a.path)),
    lambda a: Around(_named(a.annotation), ["x", a.value], ("second", *a.path)),
    lambda a: Around(_typed(a.annotation), {"part": a.value}, ("part", *a.path)),
]


def refuse(value: Any) -> Any:
    if value == "bad":
        raise ValueError("no")
    return value


MARKED = [
    Around(Annotated[int, Check(min=1)], 0, ()),
    Around(Annotated[str, Check(regex="[a-z]+")], "A", ()),
    Around(Annotated[Secret, Check(minlength=3)], "ab", ()),
    Around(Annotated[str, Url("http")], "ftp://h", ()),
    Around(Annotated[Secret, Url("redis")], "redis://", ()),
    Around(Annotated[complex, Read(refuse)], "bad", ()),
    Around(Annotated[int, Check(anyof=[{"max": 1}, {"min": 9}])], 5, ()),
    Around(Annotated[list[int], Check(minlength=1)], [], ()),
]


@settings(deadline=None)  # classes are made for each example
@given(st.sampled_from(MARKED), st.lists(st.sampled_from(AROUND), max_size=4))
def test_a_violation_is_found_at_its_key(marked, around):
    made = marked
    for wrap in around:
        made = wrap(made)
    kind = _class("Settings", field=made.annotation)
    with pytest.raises(InvalidConfig) as caught:
        load(kind, Values({"field": made.value}))
    assert [p.key for p in caught.value] == [join("field", *made.path)]


HELD = [
    (Annotated[Path, RelativePath()], "x", lambda base: base / "x"),
    (Annotated[dt.timedelta, Seconds()], 30, lambda _: dt.timedelta(seconds=30)),
    (Annotated[complex, Read(complex)], "1j", lambda _: 1j),
]


@settings(deadline=None)  # classes are made for each example
@given(
    held=st.sampled_from(HELD),
    around=st.lists(st.sampled_from(AROUND), max_size=3),
    ending=st.sampled_from(["json", "yaml"]),
)
def test_a_mark_that_changes_how_a_value_is_read_is_applied(tmp_path_factory, held, around, ending):
    import json

    annotation, raw, expected = held
    made = Around(annotation, raw, ())
    for wrap in around:
        made = wrap(made)
    base = tmp_path_factory.mktemp("marks")
    file = base / f"a.{ending}"
    # JSON is YAML as well.
    file.write_text(json.dumps({"field": made.value}))
    here = load(_class("Settings", field=made.annotation), File(file)).current.field
    for step in made.path:
        if isinstance(here, dict) and step not in here:
            step = int(step)
        here = getattr(here, step) if hasattr(here, str(step)) else here[step]
    assert here == expected(base)


@dataclass(frozen=True)
class Item:
    name: Annotated[str, Renamed("title")] = ""
    place: Annotated[Path, RelativePath()] = Path("p")


@dataclass(frozen=True)
class Settings:
    listed: list[Item] = REQUIRED
    named: dict[str, Annotated[Path, RelativePath()]] = REQUIRED
    deep: dict[str, list[Item]] = REQUIRED


def test_relative_paths_and_old_names_inside_types_from_several_files(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (one / "a.yaml").write_text("listed: [{title: x, place: l}]\nnamed: {a: f, b: g}\ndeep: {}\n")
    (two / "b.yaml").write_text("named: {b: h}\ndeep: {k: [{place: d}]}\n")
    with pytest.warns(FutureWarning, match="title is now called name"):
        found = load(Settings, File(one / "a.yaml"), File(two / "b.yaml")).current
    assert found.listed == [Item("x", one / "l")]
    assert found.named == {"a": one / "f", "b": two / "h"}
    assert found.deep == {"k": [Item("", two / "d")]}
