"""Instances that code gives for sections and items: their class has to be the one that is built."""

from __future__ import annotations

from confkit.errors import Problem
from confkit.layers import Layer
from confkit.schema.places import place_of
from confkit.schema.tree import Schema
from confkit.schema.type_hints import dataclass_of


def of_other_classes(layer: Layer, schema: Schema) -> list[Problem]:
    """Instances whose fields would make another class than the one that was given."""
    problems = []
    for key, entry in layer.instances.items():
        given = type(entry.raw)
        expected = _classes(schema, key)
        if expected and given not in expected:
            names = " or ".join(cls.__name__ for cls in expected)
            message = f"is a {given.__name__}, and {names} is expected"
            hint = "give its fields by name, or an instance of that class"
            problems.append(Problem(key, message, entry.origin, hint, "type"))
    return problems


def _classes(schema: Schema, key: str) -> tuple[type, ...]:
    """The dataclasses that a key may hold; none where it is no place for one."""
    section = schema.sections.get(key)
    if section is not None:
        return (section.type,)
    leaf, inside = schema.place(key)
    place = None if leaf is None else place_of(leaf, inside)
    members = () if place is None else place.shape.members
    return tuple(dataclass_of(m.type) or m.type for m in members if m.kind == "record")
