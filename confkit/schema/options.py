"""Settings as options of an ``argparse`` parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from enum import Enum
from typing import Any

from confkit.redaction import show
from confkit.schema.reading import read_schema
from confkit.schema.shapes import Shape
from confkit.schema.tree import Leaf

#: How the destinations of settings begin in a namespace, so that they meet no other option's.
PREFIX = "confkit:"


def add_arguments(parser: argparse.ArgumentParser, settings: type) -> None:
    """Add one option per field to ``parser``, with help, type and environment name.

    Give the parsed namespace to ``load(settings, argv=namespace)``. What is ``Secret`` or
    ``Sensitive`` has no option: a command line is seen by everyone on the machine. The option of a
    list may be given again for every item.

    :raises SchemaError: when ``settings`` cannot be read as settings.
    """
    schema = read_schema(settings)
    group = parser.add_argument_group(f"settings ({schema.name})")
    for leaf in schema.leaves.values():
        if leaf.secret or leaf.masked:
            continue
        group.add_argument(
            option(leaf.key),
            dest=PREFIX + leaf.key,
            default=argparse.SUPPRESS,
            help=_help(leaf),
            **_words(leaf),
        )


def _words(leaf: Leaf) -> dict[str, Any]:
    shapes = leaf.shape.members
    if [shape.type for shape in shapes] == [bool]:
        return {"action": argparse.BooleanOptionalAction}
    if len(shapes) == 1 and shapes[0].kind in ("list", "tuple"):
        items = {one.name for one in shapes[0].inside}
        return {"action": "append", "metavar": "|".join(sorted(items)).upper() or "VALUE"}
    choices = [str(value) for shape in shapes for value in _choices(shape)]
    return {"metavar": f"{{{','.join(choices)}}}" if choices else leaf.shape.name.upper()}


def _choices(shape: Shape) -> Iterable[Any]:
    values = shape.type if shape.kind == "enum" else shape.values
    return [value.value if isinstance(value, Enum) else value for value in values]


def _help(leaf: Leaf) -> str:
    shown = show(leaf.default, name=leaf.name, secret=leaf.sensitive, public=leaf.masked is False)
    default = "required" if leaf.required else f"default {shown}"
    text = f"{leaf.doc} " if leaf.doc else ""
    # argparse reads % in help texts as its own.
    return f"{text}[{default}; env {leaf.env_names[0]}]".replace("%", "%%")


def option(key: str) -> str:
    """The option that sets a key: ``--database.pool-size``."""
    return "--" + key.replace("_", "-")
