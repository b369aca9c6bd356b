"""Classes with fields inside a type: dataclasses, named tuples and typed dicts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from confkit.callers import warn_caller
from confkit.keypath import Path, split
from confkit.layers import Entry
from confkit.near import near
from confkit.resolution.containers import child, inside, items, table
from confkit.resolution.scalars import Coercer, Fault, Refused
from confkit.resolution.validation import refusal
from confkit.schema.markers import REQUIRED
from confkit.schema.reading import read_schema
from confkit.schema.shapes import Shape
from confkit.schema.tree import Leaf, Schema, Section

#: The readers of a schema's leaves by key, and what its fields say about each other.
Readers = Callable[[Schema], Mapping[str, Coercer]]
Across = Callable[[Schema, Mapping[str, Any]], list[Fault]]


def record(shape: Shape, readers: Readers, across: Across) -> Coercer:
    """A dataclass from a mapping: defaults for what is left out, a fault for what is unknown."""

    def read(entry: Entry) -> Any:
        # Looked up here and not above: a class may contain itself.
        schema = read_schema(shape.type)
        if schema.renamed and not isinstance(entry.raw, schema.type):
            entry = _old_names(schema, entry)
        reading = _Reading(schema, readers(schema), across)
        return reading.section(schema.root, entry, shape.rest)

    return read


class _Reading:
    """One mapping becoming one dataclass."""

    def __init__(self, schema: Schema, readers: Mapping[str, Coercer], across: Across) -> None:
        self.schema = schema
        self.readers = readers
        self.across = across

    def section(self, section: Section, entry: Entry, rest: str = "") -> Any:
        if section.optional and entry.raw is None:
            return None
        faults: list[Fault] = []
        if isinstance(entry.raw, section.type):
            values = self._of(section, entry, faults)
            made = entry.raw
        else:
            values = self._from(section, entry, rest or section.rest, faults)
            made = None
        if not faults and not section.key:
            faults += self.across(self.schema, values)
        if faults:
            raise Refused(*faults)
        if made is not None:
            return made
        try:
            return section.type(**values)
        except Exception as error:
            raise Refused(Fault(refusal(section, error), code="refused")) from None

    def _of(self, section: Section, entry: Entry, faults: list[Fault]) -> dict[str, Any]:
        """An instance given in code: its values are judged like any others."""
        values = {leaf.name: getattr(entry.raw, leaf.name) for leaf in section.leaves}
        for leaf in section.leaves:
            inside(self.readers[leaf.key], child(values[leaf.name], entry), leaf.name, faults)
        for name, part in section.sections:
            values[name] = getattr(entry.raw, name)
            inside(partial(self.section, part), child(values[name], entry), name, faults)
        return values

    def _from(
        self, section: Section, entry: Entry, rest: str, faults: list[Fault]
    ) -> dict[str, Any]:
        given = table(entry, f"a mapping ({section.type.__name__})")
        _second_names(section, given, entry, faults)
        known = {leaf.name for leaf in section.leaves} | {name for name, _ in section.sections}
        unknown = [name for name in given if name not in known]
        if rest and unknown:
            extra = child(given.get(rest, {}), entry)
            raw = {name: given.pop(name) for name in unknown}
            given[rest] = extra._replace(raw={**table(extra, "a mapping"), **raw})
            unknown = []
        for name in unknown:
            meant = near(str(name), known)
            hint = (
                f"did you mean {meant}?" if meant else f"{section.type.__name__} has no such field"
            )
            place = child(given[name], entry)
            faults.append(Fault("is no setting", (str(name),), place, "unknown-key", hint))
        values = {leaf.name: self._leaf(leaf, given, entry, faults) for leaf in section.leaves}
        for name, part in section.sections:
            absent: Any = None if part.default_origin is not None else {}
            item = child(given.get(name, absent), entry)
            values[name] = inside(partial(self.section, part), item, name, faults)
        return values

    def _leaf(self, leaf: Leaf, given: Mapping[Any, Any], entry: Entry, faults: list[Fault]) -> Any:
        if leaf.name in given:
            item = child(given[leaf.name], entry)
            return inside(self.readers[leaf.key], item, leaf.name, faults)
        if leaf.required:
            faults.append(Fault("is required and not set", (leaf.name,), entry, "missing"))
            return None
        broken: tuple[Fault, ...] = getattr(self.readers[leaf.key], "broken", ())
        faults += [f._replace(path=(leaf.name, *f.path), entry=entry) for f in broken]
        return copy.deepcopy(leaf.default)


def _second_names(
    section: Section, given: dict[Any, Any], entry: Entry, faults: list[Fault]
) -> None:
    """Put the values of second names under the names of the fields."""
    parts: list[tuple[str, Leaf | Section]] = [(leaf.name, leaf) for leaf in section.leaves]
    parts += section.sections
    for name, part in parts:
        for alias in part.aliases:
            if alias not in given:
                continue
            value = given.pop(alias)
            if name in given:
                why = f"is the same setting as {name}, which is set as well"
                faults.append(Fault(why, (alias,), child(value, entry), "duplicate-key"))
            given.setdefault(name, value)


def _old_names(schema: Schema, entry: Entry) -> Entry:
    """The entry of a record with the values of old names under the names of the fields."""
    given: Mapping[Any, Any] = table(entry, "a mapping")
    # Sections first, so that what belongs into one is put into it.
    for old, new in sorted(schema.renamed.items(), key=lambda pair: len(split(pair[1]))):
        found = _taken(given, split(old))
        if found is None:
            continue
        given, value = found
        warn_caller(f"{old} is now called {new} ({child(value, entry).origin})")
        given = _put(given, split(new), value)
    return entry._replace(raw=given)


def _inner(given: Mapping[Any, Any], name: Any) -> Mapping[Any, Any] | None:
    inner = given.get(name)
    raw = inner.raw if isinstance(inner, Entry) else inner
    return raw if isinstance(raw, Mapping) else None


def _taken(given: Mapping[Any, Any], path: Path) -> tuple[dict[Any, Any], Any] | None:
    """A copy of a mapping without what is at a path in it, and what was there."""
    name, *rest = path
    if name not in given:
        return None
    made = dict(given)
    value = made.pop(name)
    if not rest:
        return made, value
    inner = _inner(given, name)
    found = None if inner is None else _taken(inner, tuple(rest))
    if found is None:
        return None
    if found[0]:
        made[name] = found[0]
    return made, found[1]


def _put(given: Mapping[Any, Any], path: Path, value: Any) -> dict[Any, Any]:
    """A copy of a mapping with a value at a path in it, unless one is there."""
    name, *rest = path
    made = dict(given)
    if rest:
        made[name] = _put(_inner(given, name) or {}, tuple(rest), value)
    else:
        made.setdefault(name, value)
    return made


def named(shape: Shape, readers: tuple[Coercer, ...]) -> Coercer:
    """A named tuple, from a mapping by names or from a list by places."""
    by_name = dict(zip(shape.names, readers, strict=True))

    def read(entry: Entry) -> Any:
        raw = entry.raw
        text = raw.strip() if isinstance(raw, str) else ""
        given: dict[Any, Any]
        if isinstance(raw, Mapping) or text.startswith("{"):
            given = table(entry, f"a mapping ({shape.name})")
        else:
            found = items(entry)
            if len(found) > len(shape.names):
                raise Refused(f"has {len(found)} items, and {len(shape.names)} are expected")
            given = dict(zip(shape.names, found, strict=False))
        return shape.type(**_fields(shape, by_name, given, entry))

    return read


def typed(shape: Shape, readers: tuple[Coercer, ...]) -> Coercer:
    """A typed dict, from a mapping; a name that it does not have is a fault."""
    by_name = dict(zip(shape.names, readers, strict=True))

    def read(entry: Entry) -> Any:
        given = table(entry, f"a mapping ({shape.name})")
        values = _fields(shape, by_name, given, entry)
        return {name: value for name, value in values.items() if name in given}

    return read


def _fields(
    shape: Shape, readers: Mapping[str, Coercer], given: Mapping[Any, Any], entry: Entry
) -> dict[str, Any]:
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for name in given:
        if name not in readers:
            meant = near(str(name), readers)
            hint = f"did you mean {meant}?" if meant else ""
            place = child(given[name], entry)
            faults.append(Fault("is no setting", (str(name),), place, "unknown-key", hint))
    for name, reader in readers.items():
        if name in given:
            values[name] = inside(reader, child(given[name], entry), name, faults)
        elif (default := shape.optional.get(name, REQUIRED)) is REQUIRED:
            faults.append(Fault("is required and not set", (name,), entry, "missing"))
        else:
            values[name] = copy.deepcopy(default)
    if faults:
        raise Refused(*faults)
    return values
