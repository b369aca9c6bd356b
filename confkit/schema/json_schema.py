"""A JSON Schema of the configuration files, for the completion and the checks of editors.

Draft 2020-12, https://json-schema.org/draft/2020-12/schema. Values stay text until a field's type
reads them, so a field takes its own JSON type or text that names a reference.
"""

from __future__ import annotations

import dataclasses
from enum import Enum, Flag
from pathlib import PurePath
from typing import Any

from confkit.schema.markers import REQUIRED
from confkit.schema.reading import read_schema
from confkit.schema.shapes import Shape
from confkit.schema.tree import Leaf, Section

#: Cerberus rules that JSON Schema has under another name; those of lists and mappings are apart.
_RULES = {"min": "minimum", "max": "maximum", "minlength": "minLength", "maxlength": "maxLength"}
_ITEMS = {"minlength": "minItems", "maxlength": "maxItems"}
_NAMES = {"minlength": "minProperties", "maxlength": "maxProperties"}
_TEXT: dict[str, Any] = {"type": "string"}
_SCALARS: dict[str, dict[str, Any]] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "Decimal": {"type": ["number", "string"]},
    "NoneType": {"type": "null"},
    "UUID": {**_TEXT, "format": "uuid"},
    "datetime": {**_TEXT, "format": "date-time"},
    "date": {**_TEXT, "format": "date"},
    "time": {**_TEXT, "format": "time"},
    "timedelta": {**_TEXT, "examples": ["30s", "5m", "PT1H"]},
    "IPv4Address": {**_TEXT, "format": "ipv4"},
    "IPv6Address": {**_TEXT, "format": "ipv6"},
    "Pattern": {**_TEXT, "format": "regex"},
    "bytes": {**_TEXT, "contentEncoding": "base64"},
    "SecretBytes": {**_TEXT, "contentEncoding": "base64"},
    "ZoneInfo": {**_TEXT, "examples": ["Europe/Berlin"]},
}
_REFERENCE = {"type": "string", "pattern": r"\$\{"}


def json_schema(settings: type) -> dict[str, Any]:
    """The JSON Schema of one settings class.

    :raises SchemaError: when the class cannot work as settings.
    """
    writer = _Writer()
    made = writer.section(read_schema(settings).root)
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": settings.__name__,
        **made,
    }
    if writer.recursive:
        document["$defs"] = writer.definitions()
    return document


class _Writer:
    """One document; classes that contain themselves become definitions in it."""

    def __init__(self) -> None:
        self.open: list[Any] = []
        self.recursive: dict[str, Shape] = {}

    def definitions(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while missing := [name for name in self.recursive if name not in made]:
            for name in missing:
                made[name] = self._record(self.recursive[name])
        return made

    def section(
        self, section: Section, *, variables: bool = True, rest: str = ""
    ) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        by_name = {leaf.name: leaf for leaf in section.leaves}
        children = dict(section.sections)
        rest = rest or section.rest
        for f in dataclasses.fields(section.type):
            if (leaf := by_name.get(f.name)) is not None:
                made = self._leaf(leaf, variables)
                names = (leaf.name, *leaf.aliases)
            elif (child := children.get(f.name)) is not None:
                inner = self.section(child, variables=variables)
                if child.doc:
                    inner["description"] = child.doc
                made = {"anyOf": [inner, {"type": "null"}]}
                names = (f.name, *child.aliases)
            else:
                continue
            properties.update(dict.fromkeys(names, made))
        further: Any = False
        if rest:
            further = self.shape(by_name[rest].shape.members[0].inside[1])
        made = {"type": "object", "additionalProperties": further, "properties": properties}
        lists = [
            name
            for leaf in section.leaves
            if any(member.kind == "list" for member in leaf.shape.members)
            for name in (leaf.name, *leaf.aliases)
            if name.replace("-", "_").isidentifier()  # no character of a pattern
        ]
        if lists:  # `tags+: [...]` appends to the list of the layers below
            made["patternProperties"] = {f"^(?:{'|'.join(lists)})\\+$": {"type": "array"}}
        return made

    def _leaf(self, leaf: Leaf, variables: bool) -> dict[str, Any]:
        made = dict(self.shape(leaf.shape))
        made.pop("description", None)
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

    def shape(self, shape: Shape) -> dict[str, Any]:
        made = dict(self._kind(shape))
        if shape.doc:
            made["description"] = shape.doc
        return {**made, **_rules(shape)}

    def _kind(self, shape: Shape) -> dict[str, Any]:
        kind = shape.kind
        if kind == "scalar":
            made = _SCALARS.get(shape.type.__name__, _TEXT)
            if shape.seconds:
                made = {**made, "type": ["number", "string"]}
            return {**made, "format": "uri"} if shape.url is not None else made
        if kind in ("any", "own"):
            return {}
        if kind == "literal":
            return {"enum": [v.value if isinstance(v, Enum) else v for v in shape.values]}
        if kind == "enum":
            if issubclass(shape.type, Flag):
                return {"type": ["array", "integer", "string"]}
            return {"enum": [member.value for member in shape.type]}
        if kind == "record":
            return self._record_or_reference(shape)
        inside = [self.shape(inner) for inner in shape.inside]
        if kind == "union":
            return {"anyOf": inside}
        if kind == "dict":
            return {"type": "object", "additionalProperties": inside[1]}
        if kind == "typed":
            return self._typed(shape, inside)
        return _array(shape, inside)

    def _typed(self, shape: Shape, inside: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": dict(zip(shape.names, inside, strict=True)),
            "required": [name for name in shape.names if name not in shape.optional],
        }

    def _record_or_reference(self, shape: Shape) -> dict[str, Any]:
        if shape.type not in self.open:
            return self._record(shape)
        self.recursive[shape.name] = shape
        return {"$ref": f"#/$defs/{shape.name}"}

    def _record(self, shape: Shape) -> dict[str, Any]:
        self.open.append(shape.type)
        made = self.section(read_schema(shape.type).root, variables=False, rest=shape.rest)
        self.open.pop()
        return made


def _array(shape: Shape, inside: list[dict[str, Any]]) -> dict[str, Any]:
    array: dict[str, Any] = {"type": "array"}
    if shape.kind == "list":
        array["items"] = inside[0]
    else:
        array |= {"prefixItems": inside, "items": False}
    if shape.made in (set, frozenset):
        array["uniqueItems"] = True
    other: dict[str, Any] = {"type": "string"}
    if shape.kind == "named":
        other = {
            "type": ["object", "string"],
            "additionalProperties": False,
            "properties": dict(zip(shape.names, inside, strict=True)),
        }
    # A flat list may be written as text, its items parted by commas.
    return {"anyOf": [array, other]}


def _rules(shape: Shape) -> dict[str, Any]:
    made: dict[str, Any] = {}
    names = {"list": _ITEMS, "tuple": _ITEMS, "dict": _NAMES, "typed": _NAMES}
    for rule, operand in shape.rules.items():
        if rule == "regex":
            made["pattern"] = f"^(?:{operand.removesuffix('$')})$"
        elif rule == "allowed" and shape.kind in ("scalar", "literal", "enum"):
            made["enum"] = [_plain(value) for value in operand]
        elif (name := names.get(shape.kind, _RULES).get(rule)) is not None:
            bound = float(operand) if type(operand).__name__ == "Decimal" else operand
            if isinstance(bound, int | float):
                made[name] = bound
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, PurePath) else value


def _shows_default(leaf: Leaf) -> bool:
    if leaf.default is REQUIRED or leaf.sensitive or isinstance(leaf.default, Enum):
        return False
    return isinstance(leaf.default, str | int | float) or leaf.default is None
