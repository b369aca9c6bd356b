"""What a YAML text means, to compare a file before and after an edit."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from confkit.errors import SaveError
from confkit.keypath import Path, join
from confkit.writeback.yaml_values import ambiguous, number
from confkit.yaml_events import AliasNode, MappingNode, Node, ScalarNode, is_null


class _Bare(str):
    """The text of a value without quotation marks that YAML reads as something else than text."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Bare) and str.__eq__(self, other)

    __hash__ = str.__hash__


_NULL = _Bare("null")


def plain(node: Node) -> Any:
    """Dictionaries, lists and texts; equal where two texts mean the same, whatever the quotes."""
    if isinstance(node, AliasNode):
        return plain(node.target)
    if is_null(node):
        return _NULL
    if isinstance(node, ScalarNode):
        return node.value if node.quote or not ambiguous(node.value) else _Bare(node.value)
    if isinstance(node, MappingNode):
        return {key.value: plain(value) for key, value in node.pairs}
    return [plain(item) for item in node.items]


def _as_plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _as_plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_plain(item) for item in value]
    return value if isinstance(value, str) else _Bare(number(value))


def with_values(root: dict[str, Any], flat: Mapping[Path, Any]) -> dict[str, Any]:
    """A copy of what :func:`plain` gave, with every path at its value.

    :raises SaveError: for a path that leads through a value.
    """
    made: dict[str, Any] = _copy(root)
    for path, value in flat.items():
        here: Any = made
        for step, below in pairwise(path):
            inner = _at(here, step, path)
            if inner is None or inner == _NULL:
                if isinstance(below, int):
                    raise SaveError(f"{join(*path)}: there is no list to set an item of")
                inner = here[step] = {}
            here = inner
        _at(here, path[-1], path)
        here[path[-1]] = _as_plain(value)
    return made


def takes_names(root: Any, path: Path) -> bool:
    """Whether a mapping, null or nothing is at the path: what a mapping merges with."""
    here = root
    for step in path:
        if isinstance(here, list):
            here = here[step] if isinstance(step, int) and step < len(here) else None
        else:
            here = here.get(step) if isinstance(here, dict) else None
    return here is None or here == _NULL or isinstance(here, dict)


def _at(here: Any, step: str | int, path: Path) -> Any:
    if isinstance(here, dict) and isinstance(step, str):
        return here.get(step)
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    raise SaveError(f"{join(*path)}: the path leads through a value of the file")


def _copy(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {name: _copy(inner) for name, inner in plain.items()}
    return [_copy(item) for item in plain] if isinstance(plain, list) else plain
