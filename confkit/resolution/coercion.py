"""A shape becomes the reader of its values, which reads strictly or tells what is wrong.

The field's type decides, the same for every text source: ``no`` is False in a bool field and the
text "no" in a str field. No message ever quotes the value: it may be a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Flag
from pathlib import PurePath
from typing import Any, get_origin

from confkit import redaction
from confkit.errors import SchemaError
from confkit.layers import Entry, bare
from confkit.resolution.scalars import (
    SCALARS,
    Coercer,
    Fault,
    Refused,
    anything,
    boolean,
    path,
    sensitive_text,
    unfit,
)
from confkit.resolution.validation import across, judge
from confkit.resolution.woven import plain
from confkit.schema.shapes import Shape
from confkit.schema.tree import Leaf, Schema

#: Values of these sources are text as somebody wrote it; those of code are typed already.
_WRITTEN = ("file", "env", "argv")


class Reader:
    """The reader of one field, and the rules that the field's own default breaks."""

    __slots__ = ("broken", "read")

    def __init__(self, read: Coercer, broken: tuple[Fault, ...]) -> None:
        self.read = read
        self.broken = broken

    def __call__(self, entry: Entry) -> Any:
        return self.read(entry)


_readers: dict[Schema, Mapping[str, Reader]] = {}


def coercers(schema: Schema) -> Mapping[str, Reader]:
    """A reader for every leaf of ``schema``.

    :raises SchemaError: for a default that is no value of its field's type.
    """
    found = _readers.get(schema)
    if found is None:
        found = {leaf.key: _reader(leaf) for leaf in schema.leaves.values()}
        for leaf in schema.leaves.values():
            if leaf.items is not None:
                coercers(leaf.items)
        _readers[schema] = found
    return found


def _reader(leaf: Leaf) -> Reader:
    read = coercer(leaf.shape, leaf.name, quiet=leaf.sensitive)
    if leaf.required:
        return Reader(read, ())
    try:
        value = read(Entry(leaf.default, leaf.default_origin, '"', True))
    except Refused as error:
        wrong = [f for f in error.faults if f.code in ("type", "unknown-key", "missing", "refused")]
        if wrong:
            raise SchemaError(f"{leaf.place}: its default {_why(leaf, wrong[0])}") from None
        return Reader(read, error.faults)
    if not _same_kind(value, leaf.default):
        kind = type(leaf.default).__name__
        raise SchemaError(
            f"{leaf.place}: its default is a {kind}, and {leaf.shape.name} is expected"
        )
    return Reader(read, ())


def _why(leaf: Leaf, fault: Fault) -> str:
    if leaf.default is None:
        return f"is None: write {leaf.shape.name} | None"
    return fault.why


def _same_kind(value: Any, default: Any) -> bool:
    """Whether a default reads as itself; an int is a float, as it is for type checkers."""
    if type(value) is not type(default):
        return type(value) is float and type(default) is int
    return bool(value == default) or value != value


def coercer(shape: Shape, name: str = "", *, quiet: bool = False) -> Coercer:
    """The function that reads an entry as ``shape``, and judges it by the rules on it.

    ``quiet`` values are secret: no text of a user's function about them is shown.
    """
    read = _typed(shape, name, quiet)
    rules = judge(shape, name, quiet=quiet)
    if rules is None:
        return read

    def judged(entry: Entry) -> Any:
        value = read(entry)
        if value is not None and (faults := rules(value)):
            raise Refused(*[f._replace(entry=f.entry or entry) for f in faults])
        return value

    return judged


def _typed(shape: Shape, name: str, quiet: bool) -> Coercer:
    # Each module is imported by programs that have such types only.
    kind = shape.kind
    if kind == "scalar":
        if quiet and shape.type is str:
            return sensitive_text
        return SCALARS.get(shape.type) or _special(shape)
    if kind == "any":
        return anything
    if kind in ("literal", "enum"):
        from confkit.resolution import choices

        if kind == "literal":
            return choices.literal(shape.values)
        flags = issubclass(shape.type, Flag)
        return choices.flags(shape.type) if flags else choices.enumeration(shape.type)
    if kind == "own":
        return _own(shape, quiet)
    if kind == "record":
        from confkit.resolution.records import record

        return record(shape, coercers, across)
    inside = tuple(coercer(inner, name, quiet=quiet) for inner in shape.inside)
    if kind == "union":
        return _union(shape, inside)
    if kind in ("named", "typed"):
        from confkit.resolution import records

        return (records.named if kind == "named" else records.typed)(shape, inside)
    from confkit.resolution import containers

    if kind == "list":
        return containers.sequence(shape.made, inside[0])
    return containers.places(inside) if kind == "tuple" else containers.mapping(*inside)


def _special(shape: Shape) -> Coercer:
    kind = shape.type
    if issubclass(kind, PurePath):
        return path(kind, relative=shape.relative)
    if kind.__module__ in ("datetime", "zoneinfo"):
        from confkit.resolution import times

        if kind.__module__ == "zoneinfo":
            return times.zone
        return times.seconds if shape.seconds else times.TIMES[kind]
    from confkit.resolution.formats import formatted

    made = formatted(kind)
    assert made is not None, kind  # the shape refuses what has no reader
    return made


def _union(shape: Shape, inside: tuple[Coercer, ...]) -> Coercer:
    from confkit.resolution.unions import union

    readers = dict(zip(shape.inside, inside, strict=True))
    numbers = [m for m in shape.members if m.type is int or m.type is float]
    for member in shape.members:
        if member.type is bool and numbers:
            readers[member] = _words(boolean)
    return union(shape, readers)


def _words(read: Coercer) -> Coercer:
    """A boolean beside a number: digits are the number."""

    def words(entry: Entry) -> Any:
        raw = entry.raw
        if not isinstance(raw, bool) and str(raw).strip() in ("0", "1"):
            raise unfit(raw, "a boolean (true, false, yes, no, on, off)")
        return read(entry)

    return words


def _own(shape: Shape, quiet: bool) -> Coercer:
    function, kind = shape.read, get_origin(shape.type) or shape.type
    known = isinstance(kind, type) and kind is not Any  # Any is a class of its own kind
    assert function is not None
    label = getattr(function, "__name__", "function")

    def read(entry: Entry) -> Any:
        raw = entry.raw
        written = entry.origin.kind in _WRITTEN
        if not written and (not known or isinstance(raw, kind)):
            return raw
        try:
            return function(bare(plain(raw)))
        except (ValueError, TypeError, ArithmeticError, LookupError) as error:
            why = "" if quiet or not str(error) else f": {redaction.mask_text(str(error))}"
            raise Refused(f"is refused by {label}{why}") from None

    return read
