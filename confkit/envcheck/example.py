"""A commented ``.env.example`` from the settings: every variable, its type, default and meaning."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, Flag

from confkit.envcheck.portability import quote
from confkit.schema.shapes import Shape
from confkit.schema.tree import Leaf, Schema, Section
from confkit.schema.written import written
from confkit.secret import Secret, SecretBytes

_HEAD = """\
# Made from {name} by `confkit env example`: change the settings, not this file.
# Copy it to .env, and uncomment what you want to set.
"""


def env_example(schema: Schema) -> str:
    """The file for ``schema``; required variables are set to nothing, the others commented out."""
    parts = [_HEAD.format(name=schema.name)]
    for section in schema.root.below():
        blocks = ["\n".join(_leaf(leaf)) + "\n" for leaf in section.leaves]
        if blocks:
            parts += [*_title(section), *blocks]
    return "\n".join(parts)


def _title(section: Section) -> Iterator[str]:
    if section.key:
        about = f": {section.doc}" if section.doc else ""
        yield f"# -- {section.key}{about}\n"


def _leaf(leaf: Leaf) -> Iterator[str]:
    name = leaf.env_names[0]
    if leaf.doc:
        yield f"# {leaf.doc}"
    facts = [describe(leaf.shape), *_rules(leaf)]
    if leaf.required:
        facts.append("required")
    yield f"# {'; '.join(facts)}"
    if leaf.required:
        yield f"{name}="
    else:
        text = _default(leaf)
        yield f"# {name}={'' if text is None else quote(text)}"
    if leaf.open:
        yield f"# or one by one: {leaf.env_names[-1]}__NAME=..."


def describe(shape: Shape) -> str:
    """A type in words: ``int``, ``one of DEBUG, INFO``, ``list of str``."""
    if shape.kind == "union":
        return " or ".join(dict.fromkeys(describe(member) for member in shape.members))
    if shape.kind in ("literal", "enum"):
        if shape.kind == "enum" and issubclass(shape.type, Flag):
            return f"some of {', '.join(shape.type.__members__)}, parted by |"
        values = shape.type if shape.kind == "enum" else shape.values
        return f"one of {', '.join(str(v.value if isinstance(v, Enum) else v) for v in values)}"
    if shape.kind in ("list", "tuple", "named"):
        inside = ", ".join(dict.fromkeys(map(describe, shape.inside)))
        made = shape.made.__name__ if shape.kind == "list" else "tuple"
        return f"{made} of {inside}: JSON, or parted by commas" if inside else made
    if shape.kind in ("dict", "record", "typed"):
        return "JSON object"
    if shape.kind in ("any", "own"):
        return "any" if shape.kind == "any" else shape.name
    words = {Secret: "secret", SecretBytes: "secret in base64", bytes: "base64"}
    if shape.seconds:
        return "timedelta, or seconds"
    return words.get(shape.type) or str(shape.type.__name__)


def _rules(leaf: Leaf) -> Iterator[str]:
    words = {"min": "at least", "max": "at most", "minlength": "length at least"}
    words |= {"maxlength": "length at most", "regex": "matches"}
    for rule, limit in leaf.rules.items():
        if rule == "allowed":
            yield f"one of {', '.join(map(str, limit))}"
        elif rule in words:
            yield f"{words[rule]} {limit}"
    for shape in leaf.shape.walk():
        if shape.url is not None:
            yield "URL: " + ", ".join(f"{scheme}://" for scheme in shape.url.schemes)


def _default(leaf: Leaf) -> str | None:
    """The default as text; None where it has none that a file could hold, or may not show it."""
    return None if leaf.masked or leaf.required else written(leaf.default, leaf.shape)
