"""A commented ``.env.example`` from the settings: every variable, its type, default and meaning."""

from __future__ import annotations

import types
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from confkit.envcheck.portability import quote
from confkit.schema.tree import Leaf, Schema, Section
from confkit.schema.type_hints import union_members
from confkit.secret import Secret

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
    facts = [describe(leaf.type), *_rules(leaf)]
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


def describe(annotation: Any) -> str:
    """A type in words: ``int``, ``one of DEBUG, INFO``, ``list of str``."""
    if members := union_members(annotation):
        real = [describe(m) for m in members if m is not types.NoneType]
        return " or ".join(real)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return f"one of {', '.join(map(str, args))}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return f"one of {', '.join(str(m.value) for m in annotation)}"
    kind = origin or annotation
    name = {Secret: "secret", dict: "JSON object"}.get(kind) or getattr(kind, "__name__", "any")
    inside = [describe(arg) for arg in args if arg is not Ellipsis]
    if kind in (list, tuple, set, frozenset) and inside:
        return f"{name} of {', '.join(dict.fromkeys(inside))}: JSON, or parted by commas"
    return str(name)


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
    return _text(leaf.default)


def _text(value: Any) -> str | None:
    import dataclasses
    import datetime as dt
    import json

    if value is None or isinstance(value, Secret) or dataclasses.is_dataclass(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dt.timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset | dict):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        try:
            plain = dict(value) if isinstance(value, dict) else list(items)
            return json.dumps(plain, ensure_ascii=False)
        except TypeError:
            return None
    return str(value)
