"""A JSON Schema of the configuration files, for the completion and the checks of editors.

Draft 2020-12, https://json-schema.org/draft/2020-12/schema. Values stay text until a field's type
reads them, so a field takes its own JSON type or text that names a reference.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
from collections.abc import Mapping, MutableMapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from confkit.redaction import sensitive_name
from confkit.schema.markers import REQUIRED
from confkit.schema.reading import read_schema
from confkit.schema.tree import Leaf, Section
from confkit.schema.type_hints import unalias, union_members
from confkit.secret import Secret

#: Cerberus rules that JSON Schema has under another name.
_RULES = {
    "min": "minimum",
    "max": "maximum",
    "minlength": "minLength",
    "maxlength": "maxLength",
    "regex": "pattern",
    "allowed": "enum",
}
_TYPES: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": ["number", "string"]},
    Secret: {"type": "string"},
    Path: {"type": "string"},
    UUID: {"type": "string", "format": "uuid"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dt.date: {"type": "string", "format": "date"},
    dt.time: {"type": "string", "format": "time"},
    dt.timedelta: {"type": "string", "examples": ["30s", "5m", "PT1H"]},
    types.NoneType: {"type": "null"},
    Any: {},
    object: {},
}
_REFERENCE = {"type": "string", "pattern": r"\$\{"}


def json_schema(settings: type) -> dict[str, Any]:
    """The JSON Schema of one settings class.

    :raises SchemaError: when the class cannot work as settings.
    """
    made = _section(read_schema(settings).root)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": settings.__name__,
        **made,
    }


def _section(section: Section, *, variables: bool = True) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for f in dataclasses.fields(section.type):
        for leaf in section.leaves:
            if leaf.name == f.name:
                properties[f.name] = _leaf(leaf, variables)
        for name, child in section.sections:
            if name == f.name:
                made = _section(child, variables=variables)
                if child.doc:
                    made["description"] = child.doc
                properties[name] = {"anyOf": [made, {"type": "null"}]}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _leaf(leaf: Leaf, variables: bool) -> dict[str, Any]:
    made = dict(_type(leaf.type))
    for rule, name in _RULES.items():
        if rule in leaf.rules:
            value = leaf.rules[rule]
            made[name] = list(value) if rule == "allowed" else value
    if "string" not in str(made.get("type", "string")) or "enum" in made:
        # Any value may be written as ${NAME}.
        made = {"anyOf": [made, _REFERENCE]}
    text = [leaf.doc] if leaf.doc else []
    if variables:
        text.append(f"Environment: {leaf.env_names[0]}.")
    if text:
        made["description"] = " ".join(text)
    if _shows_default(leaf):
        made["default"] = leaf.default
    return made


def _shows_default(leaf: Leaf) -> bool:
    if leaf.default is REQUIRED or leaf.secret or sensitive_name(leaf.name):
        return False
    return isinstance(leaf.default, str | int | float) or leaf.default is None


def _type(annotation: Any) -> dict[str, Any]:
    annotation = unalias(annotation)
    if annotation in _TYPES:
        return _TYPES[annotation]
    if members := union_members(annotation):
        return {"anyOf": [_type(member) for member in members]}
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return {"enum": list(args)}
    if origin is not None and not isinstance(origin, type):
        return _type(args[0])
    kind: type = origin or annotation
    if issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    if dataclasses.is_dataclass(kind):
        return _section(read_schema(kind).root, variables=False)
    if issubclass(kind, Mapping | MutableMapping):
        return {"type": "object", "additionalProperties": _type(args[1]) if args else {}}
    item = _type(args[0]) if args else {}
    array: dict[str, Any] = {"type": "array", "items": item}
    if issubclass(kind, tuple) and args and args[-1] is not Ellipsis:
        array = {"type": "array", "prefixItems": [_type(arg) for arg in args], "items": False}
    if issubclass(kind, AbstractSet):
        array["uniqueItems"] = True
    # A flat list may be written as text, its items parted by commas.
    return {"anyOf": [array, {"type": "string"}]}
