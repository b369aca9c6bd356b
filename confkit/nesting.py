"""How deep a value may be nested: one limit for every file and every format."""

from __future__ import annotations

from typing import Any

#: How many mappings and lists may be nested in each other.
MAX_DEPTH = 100
#: What is reported of a value beyond it.
TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels"


def too_deep(value: Any) -> bool:
    """Whether a value has more levels than ``MAX_DEPTH``. Looks at it level by level.

    >>> too_deep({"a": [1]})
    False
    """
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
    return bool(level)
