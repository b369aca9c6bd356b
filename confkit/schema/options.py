"""Settings as options of an ``argparse`` parser."""

from __future__ import annotations

import argparse
from typing import Any, Literal, get_args, get_origin

from confkit.redaction import show
from confkit.schema.reading import read_schema
from confkit.schema.tree import Leaf

#: How the destinations of settings begin in a namespace, so that they meet no other option's.
PREFIX = "confkit:"


def add_arguments(parser: argparse.ArgumentParser, settings: type) -> None:
    """Add one option per field to ``parser``, with help, type and environment name.

    Give the parsed namespace to ``load(settings, argv=namespace)``. A secret has no option: a
    command line is seen by everyone on the machine.

    :raises SchemaError: when ``settings`` cannot be read as settings.
    """
    schema = read_schema(settings)
    group = parser.add_argument_group(f"settings ({schema.name})")
    for leaf in schema.leaves.values():
        if leaf.secret:
            continue
        group.add_argument(
            option(leaf.key),
            dest=PREFIX + leaf.key,
            default=argparse.SUPPRESS,
            help=_help(leaf),
            **_shape(leaf),
        )


def _shape(leaf: Leaf) -> dict[str, Any]:
    if leaf.type is bool:
        return {"action": argparse.BooleanOptionalAction}
    if get_origin(leaf.type) is Literal:
        return {"metavar": f"{{{','.join(map(str, get_args(leaf.type)))}}}"}
    return {"metavar": getattr(leaf.type, "__name__", "value").upper()}


def _help(leaf: Leaf) -> str:
    default = "required" if leaf.required else f"default {show(leaf.default, name=leaf.name)}"
    text = f"{leaf.doc} " if leaf.doc else ""
    # argparse reads % in help texts as its own.
    return f"{text}[{default}; env {leaf.env_names[0]}]".replace("%", "%%")


def option(key: str) -> str:
    """The option that sets a key: ``--database.pool-size``."""
    return "--" + key.replace("_", "-")
