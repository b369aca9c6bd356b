"""Values of variants: what a flag gives instead of on and off.

All values of a flag are of one kind: text, numbers or objects of JSON. A flag without values is on
or off, and a variant without one is a name.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from confkit.bucket import unit_text
from confkit.nesting import too_deep

T = TypeVar("T")
#: The longest value, in characters of its JSON.
MAX_LENGTH = 10_000
#: The kinds by their names, as people read them.
KINDS = {"string": "text", "number": "a number", "object": "a mapping"}


class VariantValue(NamedTuple):
    """What the variant ``name`` gives."""

    name: str
    value: Any

    def __hash__(self) -> int:
        return hash(self.name)  # objects of JSON have none, and equal ones have equal names


class Mismatch(Exception):
    """A value is of another type than it was asked for; the text says of which."""


def kind_of(value: object) -> str:
    """``string``, ``number`` or ``object``; empty for what a variant cannot give."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, Mapping) else ""


def value_fault(value: object) -> str:
    """Why a variant cannot give a value; empty if it can."""
    kind = kind_of(value)
    if not kind:
        wanted = "text, a number or a mapping"
        if isinstance(value, bool):
            return f"must be {wanted}: on and off are the flag's own answer"
        return f"must be {wanted}, not {type(value).__name__}"
    if too_deep(value):
        return "is nested too deep"
    if fault := _inner_fault(value):
        return fault
    if len(json.dumps(value)) > MAX_LENGTH:
        return f"must be at most {MAX_LENGTH:,} characters of JSON long"
    return ""


def _inner_fault(value: object) -> str:
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            return "must have names that are text"
        return next(filter(None, map(_inner_fault, (*value, *value.values()))), "")
    if isinstance(value, list):
        return next(filter(None, map(_inner_fault, value)), "")
    if isinstance(value, str):
        return "" if unit_text(value) is not None else "must be text that has a UTF-8 form"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "must be a finite number"
    plain = value is None or isinstance(value, bool | int)
    return "" if plain else f"cannot hold what JSON has no form for: {type(value).__name__}"


def own(value: T) -> T:
    """The value, for a caller to do with as it likes: an object is copied."""
    return copy.deepcopy(value) if isinstance(value, dict | list) else value


def as_asked(value: Any, default: T) -> T:
    """A value as the type of ``default``; a whole number is a ``float`` where one is asked for.

    :raises Mismatch: when it is of another type.
    """
    wanted: Any = type(default)
    if default is None or type(value) is wanted:
        return value  # type: ignore[no-any-return]
    if wanted is float and type(value) is int:
        return float(value)  # type: ignore[return-value]
    if isinstance(default, Mapping) and isinstance(value, Mapping):
        return value  # type: ignore[return-value]
    raise Mismatch(f"a value of the type {type(value).__name__}, and {wanted.__name__} is asked")
