"""Classes and types that contain themselves, and classes that are read by several threads."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from confkit import REQUIRED, SchemaError
from confkit.schema.reading import read_schema


def make(**annotations: Any) -> type:
    body = {"__annotations__": annotations, **dict.fromkeys(annotations, REQUIRED)}
    return dataclass(frozen=True)(type("Made", (), body))


@dataclass(frozen=True)
class Tree:
    children: "list[Tree]" = field(default_factory=list)


@dataclass(frozen=True)
class Node:
    child: "Node | None" = None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type aliases are new in 3.12")
def test_a_type_that_contains_itself_is_refused():
    names: dict[str, Any] = {}
    exec("type Json = dict[str, Json] | list[Json] | int\ntype Endless = Endless", names)
    for alias in ("Json", "Endless"):
        with pytest.raises(SchemaError, match=r"Made\.a"):
            read_schema(make(a=names[alias]))


@dataclass(frozen=True)
class Holder:
    broken: "list[Broken]" = field(default_factory=list)


@dataclass(frozen=True)
class Broken:
    holder: "list[Holder]" = field(default_factory=list)
    value: "list[Other]" = field(default_factory=list)


@dataclass(frozen=True)
class Other:
    value: complex = 0j


def test_a_class_that_contains_one_that_cannot_work_is_refused_every_time():
    for settings in (Broken, Holder, Broken, Holder):
        with pytest.raises(SchemaError, match=r"Other\.value: the type complex"):
            read_schema(settings)


def test_threads_read_a_class_once():
    def read(_: int) -> Any:
        return read_schema(fresh)

    fresh = make(part=Tree, node=Node)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(read, range(50))))) == 1
