"""A raw value becomes a typed value, or a :class:`Refused` says why it cannot.

The field's type decides, strictly and the same for every text source: ``no`` is False in a bool
field and the text "no" in a str field. No message here ever quotes the value: it may be a secret.
"""

from __future__ import annotations

import copy
import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache, partial
from typing import Any, Literal, get_args, get_origin

from confkit.errors import SchemaError
from confkit.keypath import quote
from confkit.layers import Entry
from confkit.redaction import mask_text, sensitive_name
from confkit.resolution.scalars import (
    FALSE,
    TRUE,
    Coercer,
    Refused,
    anything,
    nothing,
    scalar,
    text,
    unfit,
)
from confkit.schema.reading import read_schema
from confkit.schema.tree import Schema, Section
from confkit.schema.type_hints import unalias, union_members


@cache
def coercers(schema: Schema) -> Mapping[str, Coercer]:
    """A coercer for every leaf of ``schema``.

    :raises SchemaError: naming the first field whose type is not supported.
    """
    found = {}
    for leaf in schema.leaves.values():
        try:
            found[leaf.key] = coercer(leaf.type)
        except TypeError as error:
            raise SchemaError(f"{leaf.owner.__name__}.{leaf.name}: {error}") from None
        if leaf.items is not None:
            coercers(leaf.items)
    return found


def coercer(annotation: Any) -> Coercer:
    """The function that reads an entry as ``annotation``.

    :raises TypeError: when no reading of that type exists.
    """
    annotation = unalias(annotation)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return coercer(args[0])
    if members := union_members(annotation):
        return _union(members)
    if origin is Literal:
        return _literal(args)
    kind = origin or annotation
    if annotation in (Any, object):
        return anything
    if not isinstance(kind, type):
        raise TypeError(f"the type {annotation!r} is not supported")
    if plain := scalar(kind):
        return plain
    if issubclass(kind, Enum):
        return _enum(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass(read_schema(kind))
    if issubclass(kind, tuple) and kind is tuple:
        return _tuple(args)
    for made, kinds in _CONTAINERS:
        if kind in kinds:
            return _sequence(made, coercer(args[0]) if args else anything)
    if kind in (dict, Mapping, MutableMapping):
        if args and coercer(args[0]) is not text:
            raise TypeError(f"the keys of {annotation!r} must be str")
        return _mapping(coercer(args[1]) if args else anything)
    raise TypeError(f"the type {annotation!r} is not supported")


def _enum(kind: type[Enum]) -> Coercer:
    by_text = {str(member.value): member for member in kind}
    by_text.update(kind.__members__)
    expected = ", ".join(str(member.value) for member in kind)

    def read(entry: Entry) -> Any:
        raw = entry.raw
        if isinstance(raw, kind):
            return raw
        if isinstance(raw, str | int | float) and str(raw) in by_text:
            return by_text[str(raw)]
        raise Refused(f"is none of {expected}")

    return read


def _literal(values: tuple[Any, ...]) -> Coercer:
    by_text = {str(v): v for v in values}
    expected = ", ".join(map(str, values))

    def read(entry: Entry) -> Any:
        raw = entry.raw
        for value in values:
            if type(raw) is type(value) and raw == value:
                return value
        if isinstance(raw, str):
            if raw in by_text:
                return by_text[raw]
            word = raw.strip().lower()
            # By identity: 1 == True, and "yes" is no 1.
            for flag, words in ((True, TRUE), (False, FALSE)):
                if word in words and any(value is flag for value in values):
                    return flag
        raise Refused(f"is none of {expected}")

    return read


def _union(members: tuple[Any, ...]) -> Coercer:
    """The first member that takes the value. None is tried last, but before failing on text."""
    real = [m for m in members if m is not types.NoneType]
    readers = [coercer(m) for m in real]
    optional = len(real) < len(members)

    def read(entry: Entry) -> Any:
        if optional and entry.raw is None:
            return None
        refused: list[Refused] = []
        for reader in readers:
            try:
                return reader(entry)
            except Refused as error:
                refused.append(error)
        if optional and not entry.quote and isinstance(entry.raw, str):
            try:
                return nothing(entry)
            except Refused:
                pass
        if len(refused) == 1:
            raise refused[0]
        names = ", ".join(getattr(m, "__name__", str(m)) for m in real)
        raise Refused(f"fits none of {names}")

    return read


# -- containers ----------------------------------------------------------------------------------

_CONTAINERS: tuple[tuple[Callable[[Iterable[Any]], Any], tuple[Any, ...]], ...] = (
    (list, (list, Sequence, MutableSequence, Iterable)),
    (set, (set, AbstractSet)),
    (frozenset, (frozenset,)),
)


def _from_json(document: str, what: str) -> Any:
    import json  # not every program has JSON in its settings

    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        raise Refused(f"is not {what} in JSON") from None


def _child(item: Any, parent: Entry) -> Entry:
    if isinstance(item, Entry):
        return item
    # JSON text inside: quoted there, so that a text "5" stays text for a field of any type.
    return Entry(item, parent.origin, '"' if isinstance(item, str) else "")


def _items(entry: Entry) -> list[Entry]:
    raw = entry.raw
    if isinstance(raw, str):
        bare = raw.strip()
        if bare.startswith("["):
            raw = _from_json(bare, "a list")
        else:
            parts = bare.split(",") if bare else []
            return [Entry(part.strip(), entry.origin) for part in parts]
    if isinstance(raw, list | tuple | AbstractSet):
        return [_child(item, entry) for item in raw]
    raise unfit(raw, "a list (JSON, or values parted by commas)")


def _inside(reader: Coercer, item: Entry, where: str) -> Any:
    try:
        return reader(item)
    except Refused as error:
        raise Refused(error.why, where + error.where, error.origin or item.origin) from None


def _sequence(made: Callable[[Iterable[Any]], Any], reader: Coercer) -> Coercer:
    def read(entry: Entry) -> Any:
        values = [_inside(reader, item, f"[{i}]") for i, item in enumerate(_items(entry))]
        try:
            return made(values)
        except TypeError:
            raise Refused("has items that cannot stand in a set") from None

    return read


def _tuple(args: tuple[Any, ...]) -> Coercer:
    if not args:
        return _sequence(tuple, anything)
    if len(args) == 2 and args[1] is Ellipsis:
        return _sequence(tuple, coercer(args[0]))
    readers = [coercer(arg) for arg in args if arg != ()]

    def read(entry: Entry) -> Any:
        items = _items(entry)
        if len(items) != len(readers):
            raise Refused(f"has {len(items)} items, and {len(readers)} are expected")
        return tuple(
            _inside(reader, item, f"[{i}]")
            for i, (reader, item) in enumerate(zip(readers, items, strict=True))
        )

    return read


def _table(entry: Entry, what: str) -> dict[str, Any]:
    raw = entry.raw
    if isinstance(raw, str) and raw.strip().startswith("{"):
        raw = _from_json(raw, what)
    if isinstance(raw, Mapping):
        return dict(raw)
    if isinstance(raw, str) and raw:
        raise Refused(f"is not {what}: as text, write a JSON object")
    raise unfit(raw, what)


def _mapping(reader: Coercer) -> Coercer:
    def read(entry: Entry) -> Any:
        return {
            str(key): _inside(reader, _child(item, entry), f".{quote(str(key))}")
            for key, item in _table(entry, "a mapping").items()
        }

    return read


def refusal(section: Section, error: Exception) -> str:
    """What a class says against values that fit their types, unless it may quote a secret."""
    secret = any(leaf.secret or sensitive_name(leaf.name) for leaf in section.walk())
    why = "" if secret else f": {mask_text(str(error))}"
    return f"is refused by {section.type.__name__}{why}"


def _dataclass(schema: Schema) -> Coercer:
    """Items of lists: a mapping becomes the dataclass, with its defaults; unknown keys refused."""

    readers = coercers(schema)

    def build(section: Section, entry: Entry) -> Any:
        if isinstance(entry.raw, section.type) or (section.optional and entry.raw is None):
            return entry.raw
        table = _table(entry, f"a mapping ({section.type.__name__})")
        values: dict[str, Any] = {}
        for leaf in section.leaves:
            if leaf.name in table:
                item = _child(table.pop(leaf.name), entry)
                values[leaf.name] = _inside(readers[leaf.key], item, f".{leaf.name}")
            elif leaf.required:
                raise Refused(f"lacks {leaf.name}")
            else:
                values[leaf.name] = copy.deepcopy(leaf.default)
        for name, child in section.sections:
            absent: Any = None if child.default_origin is not None else {}
            item = _child(table.pop(name, absent), entry)
            values[name] = _inside(partial(build, child), item, f".{name}")
        if table:
            raise Refused(f"has no field {min(map(str, table))!r}")
        try:
            return section.type(**values)
        except (ValueError, TypeError) as error:
            raise Refused(refusal(section, error)) from None

    return partial(build, schema.root)
