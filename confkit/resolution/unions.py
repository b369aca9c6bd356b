"""Unions: the member that a value belongs to.

The order of the members means nothing: ``int | str`` and ``str | int`` are the same type in Python,
and one may stand for the other. A value of a member's own type belongs to it. A text is tried by
the members from the narrowest to the widest: a text is an int before it is a ``str``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, get_origin

from confkit.layers import Entry
from confkit.near import near
from confkit.resolution.containers import child, table
from confkit.resolution.members import by_tag
from confkit.resolution.scalars import Coercer, Fault, Refused, nothing
from confkit.resolution.woven import veiled
from confkit.schema.shapes import Shape
from confkit.secret import Secret

_NARROWEST: tuple[Any, ...] = ("literal", "enum", bool, int, "Decimal", float, dt.timedelta)
_NARROWEST += (dt.date, dt.datetime, dt.time)
_WIDEST: tuple[Any, ...] = ("own", bytes, Secret, "path", str, "any")
#: Members that take any text, so that a list beside one of them has to be written as JSON.
_ANY_TEXT = (Secret, "path", str, "any", "own")


def _rank_of(shape: Shape) -> Any:
    if shape.kind != "scalar":
        return shape.kind
    if isinstance(shape.type, type) and issubclass(shape.type, PurePath):
        return "path"
    return "Decimal" if shape.type.__name__ == "Decimal" else shape.type


def _rank(shape: Shape) -> int:
    rank = _rank_of(shape)
    if rank in _NARROWEST:
        return _NARROWEST.index(rank)
    if rank in _WIDEST:
        return 100 + _WIDEST.index(rank)
    return 50


def union(shape: Shape, readers: Mapping[Shape, Coercer]) -> Coercer:
    """The reader of a union: by the value's own type, by a mapping's tag, or narrowest first."""
    members = sorted(shape.members, key=_rank)
    tables = [m for m in members if m.kind in ("record", "dict", "typed")]
    if shape.tag:
        tagged = _tagged(shape, tables, readers)
    elif len(tables) == 1:
        tagged = readers[tables[0]]
    else:
        tagged = None
    lists = [m for m in members if m.kind in ("list", "tuple", "named")]
    listed = (
        readers[lists[0]] if len(lists) == 1 and members[-1].kind not in ("own", "any") else None
    )
    texts = any(_rank_of(m) in _ANY_TEXT for m in members)
    names = ", ".join(m.name for m in shape.members)

    def read(entry: Entry) -> Any:
        raw = entry.raw
        if raw is None and shape.nullable:
            return None
        text = veiled(raw)[0].strip() if isinstance(raw, str) else ""
        json = text.startswith(("{", "["))
        if tagged is not None and (isinstance(raw, Mapping) or text.startswith("{")):
            return tagged(entry)
        if listed is not None and (isinstance(raw, list) or text.startswith("[")):
            return listed(entry)
        for member in members:
            if _own(raw, member, entry.quote):
                return readers[member](entry)
        null = shape.nullable and not entry.quote and isinstance(raw, str)
        if null and text.lower() in ("null", "none", "~", "") and not (texts and text == ""):
            return nothing(entry)
        refused: list[Refused] = []
        for member in members:
            if texts and isinstance(raw, str) and not json and _structured(member):
                continue
            try:
                return readers[member](entry)
            except Refused as error:
                if any(f.code != "type" for f in error.faults):
                    raise  # it is this member's value, and breaks its rules
                refused.append(error)
        if len(refused) == 1:
            raise refused[0]
        raise Refused(f"fits none of {names}")

    return read


def _structured(shape: Shape) -> bool:
    return shape.kind in ("list", "tuple", "named", "dict", "record", "typed")


def _own(raw: Any, shape: Shape, quote: str) -> bool:
    """Whether a value is of a member's own type: a number of JSON, an instance given in code."""
    if isinstance(raw, str):
        return shape.kind == "scalar" and shape.type is str and quote in ("'", '"', "|")
    if shape.kind == "literal":
        return any(type(raw) is type(v) and raw == v for v in shape.values)
    kind = get_origin(shape.type) or shape.type
    if shape.kind in ("scalar", "enum", "record", "named"):
        return type(raw) is kind or (kind not in (int, dt.date) and isinstance(raw, kind))
    if shape.kind == "list":
        return type(raw) is shape.made
    return False


def _tagged(shape: Shape, records: list[Shape], readers: Mapping[Shape, Coercer]) -> Coercer:
    members = by_tag(shape)
    expected = ", ".join(members)

    def read(entry: Entry) -> Any:
        raw = entry.raw
        for record in records:
            kind = get_origin(record.type) or record.type
            if isinstance(raw, kind):
                return readers[record](entry)
        given = table(entry, "a mapping")
        if shape.tag not in given:
            hint = f"{shape.tag} is one of {expected}"
            raise Refused(Fault("is required and not set", (shape.tag,), entry, "missing", hint))
        tag = child(given[shape.tag], entry)
        text = str(tag.raw).strip()
        if text not in members:
            meant = near(text[:100], members)
            hint = f"did you mean {meant}?" if meant else ""
            raise Refused(Fault(f"is none of {expected}", (shape.tag,), tag, "type", hint))
        return readers[members[text]](entry)

    return read
