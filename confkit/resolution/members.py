"""Which dataclass of a union a layer means, by the field that tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import get_origin

from confkit.keypath import Path
from confkit.layers import Entry
from confkit.schema.places import place_of
from confkit.schema.reading import read_schema
from confkit.schema.shapes import Shape
from confkit.schema.tree import Leaf, Schema
from confkit.schema.type_hints import tags


@cache
def by_tag(shape: Shape) -> Mapping[str, Shape]:
    """The dataclasses of a union by the text that names each of them."""
    records = [member for member in shape.members if member.kind == "record"]
    return {str(value): one for one in records for value in tags(one.type)[shape.tag]}


@cache
def tagged(schema: Schema) -> frozenset[str]:
    """The fields in whose values a union of dataclasses can be, which layers merge key by key."""
    return frozenset(leaf.key for leaf in schema.leaves.values() if leaf.open and _holds(leaf))


def _holds(leaf: Leaf) -> bool:
    if leaf.items is not None:
        return bool(tagged(leaf.items))
    seen: set[type] = set()
    shapes = list(leaf.shape.walk())
    while shapes:
        shape = shapes.pop()
        if shape.tag:
            return True
        kind = get_origin(shape.type) or shape.type
        if shape.kind == "record" and kind not in seen:  # a class may contain itself
            seen.add(kind)
            for inner in read_schema(shape.type).leaves.values():
                shapes += inner.shape.walk()
    return False


def named(leaf: Leaf, path: Path, entry: Entry) -> Shape | None:
    """The dataclass that an entry at a path inside a field names; None where it names none."""
    place = place_of(leaf, path[:-1])
    if place is None or not place.shape.tag or place.shape.tag != path[-1]:
        return None
    return by_tag(place.shape).get(str(entry.raw).strip())
