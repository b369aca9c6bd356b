"""What sources of variables share: the prefix of their names, and what an empty one means."""

from __future__ import annotations

from typing import Literal

Empty = Literal["value", "unset"]


def whole_prefix(prefix: str) -> str:
    """A prefix of variables, which ends in an underscore or is empty.

    :raises ValueError: for one that would also be the start of other names.
    :raises TypeError: for anything but text.
    """
    if not isinstance(prefix, str):
        raise TypeError("a prefix is text; variables are given as environ={...}")
    if prefix and not prefix.endswith("_"):
        raise ValueError(f"a prefix ends in an underscore: write {prefix + '_'!r}")
    return prefix


def checked_empty(empty: str) -> Empty:
    """Whether an empty variable is a value.

    :raises ValueError: for anything but ``"value"`` and ``"unset"``.
    """
    if empty == "unset":
        return "unset"
    if empty == "value":
        return "value"
    raise ValueError(f'empty is "value" or "unset", not {empty!r}')
