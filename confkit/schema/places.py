"""What is inside a field's type: which places are items of lists, and which may be null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from confkit.keypath import Path, split
from confkit.redaction.names import sensitive_name
from confkit.schema.reading import read_schema
from confkit.schema.shapes import Shape
from confkit.schema.tree import Leaf, Schema, Section
from confkit.schema.type_hints import type_name


class Place(NamedTuple):
    """One place inside settings: its shape, its name, and the field that it is, if it is one."""

    shape: Shape
    name: str = ""
    leaf: Leaf | None = None

    @property
    def secret(self) -> bool:
        """Whether a Secret is a part of its values."""
        return self.shape.secret

    @property
    def mapping(self) -> bool:
        """Whether a mapping can be its value."""
        return any(m.kind in (*_TABLES, "any", "own") for m in self.shape.members)

    @property
    def type_name(self) -> str:
        """The type as people write it."""
        return type_name(self.leaf.type if self.leaf else self.shape.type)

    @property
    def mark(self) -> bool | None:
        """True for Sensitive, False for Public, None where the name decides."""
        return self.leaf.masked if self.leaf is not None else self.shape.masked

    def inside(self, step: str | int) -> Place | None:
        """The place of an item or field inside; None where there is no such place."""
        for member in self.shape.members:
            found = _inside(member, step)
            if found is not None:
                return found
        return None


def place_of(leaf: Leaf, path: Path = ()) -> Place | None:
    """The place of a field, or of what is at a path inside its value."""
    place: Place | None = Place(leaf.shape, leaf.name, leaf)
    for step in path:
        place = place and place.inside(step)
    return place


class Visibility(NamedTuple):
    """How a value may be shown: ``secret`` never, ``public`` whatever its name is."""

    secret: bool
    public: bool


#: Neither secret nor public: the name and the look of the value decide.
_PLAIN = Visibility(secret=False, public=False)


def visibility(leaf: Leaf | None, path: Path = ()) -> Visibility:
    """How the value of a field, or what is at a path inside it, may be shown."""
    if leaf is None:
        return _PLAIN
    if not path:
        if leaf.masked is None and not leaf.secret:
            return _PLAIN
        return Visibility(secret=leaf.secret or leaf.masked is True, public=leaf.masked is False)
    place = Place(leaf.shape, leaf.name, leaf)
    for step in path:
        if place.mark or (place.mark is None and sensitive_name(place.name)):
            return Visibility(secret=True, public=False)
        found = place.inside(step)
        if found is None:  # as below a misspelt name: it may be that of a secret
            return Visibility(place.secret, public=False)
        place = found
    return Visibility(secret=place.secret or place.mark is True, public=place.mark is False)


def _inside(shape: Shape, step: str | int) -> Place | None:
    name = step if isinstance(step, str) else ""
    if shape.kind == "any":
        return Place(shape, name)
    if shape.kind == "list":
        return Place(shape.inside[0]) if isinstance(step, int) else None
    if shape.kind == "tuple":
        known = isinstance(step, int) and step < len(shape.inside)
        return Place(shape.inside[int(step)]) if known else None
    if not isinstance(step, str):
        return None
    if shape.kind == "dict":
        return Place(shape.inside[1], name)
    if shape.kind in ("named", "typed"):
        return Place(shape.inside[shape.names.index(name)], name) if name in shape.names else None
    if shape.kind == "record":
        return _field(read_schema(shape.type).root, name)
    return None


def _field(section: Section, name: str) -> Place | None:
    for leaf in section.leaves:
        if leaf.name == name:
            return Place(leaf.shape, name, leaf)
    for below, inner in section.sections:
        if below == name:
            return Place(Shape("record", inner.type), name)
    return None


def nullable(leaf: Leaf, depth: int) -> bool:
    """Whether null is a value of the items so many mappings inside a field."""
    place = _deep(leaf, depth)
    return place is None or place.shape.nullable


def is_list(shape: Shape) -> bool:
    """Whether a list with places of its own is a value."""
    return any(member.kind in ("list", "tuple", "any") for member in shape.members)


def is_mapping(leaf: Leaf, depth: int) -> bool:
    """Whether the items so many mappings inside a field are mappings, and never plain text."""
    place = _deep(leaf, depth)
    if place is None:
        return False
    kinds = [member.kind for member in place.shape.members]
    texts = any(m.kind == "scalar" and m.type is str for m in place.shape.members)
    return any(kind in _TABLES for kind in kinds) and not texts


_TABLES = ("dict", "record", "typed", "named")


def above_secret(leaf: Leaf, path: Path) -> Path | None:
    """The part of a path up to a secret that is no mapping, where the rest leads inside of it.

    As in ``password: {hunter2}``: what looks like a name there is the secret.
    """
    place = Place(leaf.shape, leaf.name, leaf)
    for at, step in enumerate(path):
        found = place.inside(step)
        if found is None:
            hidden = place.secret or place.mark or sensitive_name(place.name)
            return path[:at] if hidden and not place.mapping else None
        place = found
    return None


def _deep(leaf: Leaf, depth: int) -> Place | None:
    # What the names are does not matter in a dict; a record has no places by number of levels.
    return place_of(leaf, ("",) * depth)


def path_inside(leaf: Leaf, names: Sequence[str]) -> Path:
    """Names of a variable as a path: the number of an item of a list is an index."""
    made: list[str | int] = []
    place: Place | None = Place(leaf.shape)
    for name in names:
        shapes = place.shape.members if place is not None else ()
        listed = any(member.kind in ("list", "tuple") for member in shapes)
        fields = any(member.kind in ("record", "named", "typed") for member in shapes)
        step: str | int = int(name) if listed and name.isdigit() else name
        if fields and isinstance(step, str):
            step = step.lower()
        made.append(step)
        place = place and place.inside(step)
    return tuple(made)


def inner_path(outer: str, key: str) -> Path:
    """The path of ``key`` below ``outer``."""
    return split(key)[len(split(outer)) :]


@cache
def plain_keys(schema: Schema) -> frozenset[str]:
    """The fields whose entries simply replace: no mappings, not below an optional section."""
    above = optional_above(schema)
    return frozenset(
        leaf.key for leaf in schema.leaves.values() if not leaf.open and leaf.key not in above
    )


@cache
def optional_above(schema: Schema) -> Mapping[str, tuple[Section, ...]]:
    """The optional sections that a field or section is in, outermost first."""
    found: dict[str, tuple[Section, ...]] = {}

    def walk(section: Section, above: tuple[Section, ...]) -> None:
        if above:
            found.update({leaf.key: above for leaf in section.leaves})
        for _, inner in section.sections:
            if above:
                found[inner.key] = above
            walk(inner, (*above, inner) if inner.optional else above)

    walk(schema.root, ())
    return found
