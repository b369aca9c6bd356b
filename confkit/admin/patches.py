"""JSON merge patches (RFC 7396), JSON patches (RFC 6902), and what two documents differ in."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from confkit.admin.problems import Refused, pointer

Path = tuple[str, ...]


def merged(target: Any, patch: Any) -> Any:
    """A document after a merge patch: objects merge, null takes away, all else replaces.

    >>> merged({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 4}})
    {'b': {'c': 4, 'd': 3}}
    """
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


class Operation(NamedTuple):
    """One operation of a JSON patch, checked."""

    number: int
    name: str
    path: Path
    source: Path
    value: Any


def operations(patch: Any) -> list[Operation]:
    """The operations of a JSON patch.

    :raises Refused: 422 for what is no patch.
    """
    if not isinstance(patch, list):
        raise Refused("shape", "a JSON patch is a list of operations")
    return [_operation(index, one) for index, one in enumerate(patch)]


def _operation(index: int, given: Any) -> Operation:
    if not isinstance(given, dict):
        raise _no_patch(index, "an operation is an object")
    name = given.get("op")
    if name not in ("add", "remove", "replace", "move", "copy", "test"):
        raise _no_patch(index, "op is add, remove, replace, move, copy or test")
    if name in ("add", "replace", "test") and "value" not in given:
        raise _no_patch(index, f"{name} needs a value")
    source = _steps(given["from"], index, "from") if "from" in given else ()
    if name in ("move", "copy") and "from" not in given:
        raise _no_patch(index, f"{name} needs from")
    return Operation(
        index, name, _steps(given.get("path"), index, "path"), source, given.get("value")
    )


def _steps(text: Any, index: int, name: str) -> Path:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise _no_patch(index, f"{name} is a JSON pointer, such as /database/pool_size")
    steps = text.split("/")[1:]
    for step in steps:
        if "~" in step.replace("~0", "").replace("~1", ""):
            raise _no_patch(index, f"{name} is no JSON pointer: ~ is written ~0")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def patched(target: Any, patch: Iterable[Operation]) -> Any:
    """A document after the operations of a JSON patch: all of them, or none.

    :raises Refused: 409 where one does not apply.
    """
    made = copy.deepcopy(target)
    for one in patch:
        made = _applied(made, one)
    return made


def _applied(document: Any, one: Operation) -> Any:
    index, to, source = one.number, one.path, one.source
    value = copy.deepcopy(one.value)
    if one.name in ("move", "copy"):
        if one.name == "move" and to[: len(source)] == source and to != source:
            raise _conflict(index, "a value cannot be moved into itself")
        value = copy.deepcopy(_at(document, source, index))
        if one.name == "move":
            document = _without(document, source, index)
    if one.name == "test":
        if not same(_at(document, to, index), value):
            raise _conflict(index, "the value is another one")
        return document
    if one.name == "remove":
        return _without(document, to, index)
    return _with(document, to, value, index, replace=one.name == "replace")


def _at(document: Any, path: Path, index: int) -> Any:
    here = document
    for step in path:
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and (place := _place(step, len(here))) is not None:
            here = here[place]
        else:
            raise _conflict(index, f"there is nothing at {pointer(path)}")
    return here


def _place(step: str, count: int) -> int | None:
    """The index that a step of a pointer names; None where there is no such item."""
    if not step.isascii() or not step.isdigit() or (step[0] == "0" and step != "0"):
        return None
    return int(step) if len(step) < 10 and int(step) < count else None


def _with(document: Any, path: Path, value: Any, index: int, *, replace: bool) -> Any:
    if replace:
        _at(document, path, index)
    if not path:
        return value
    around, last = _at(document, path[:-1], index), path[-1]
    if isinstance(around, dict):
        around[last] = value
    elif isinstance(around, list):
        end = len(around)
        place = end if last == "-" else _place(last, end if replace else end + 1)
        if place is None:
            raise _conflict(index, f"there is no place {pointer(path)}")
        around[place : place + replace] = [value]
    else:
        raise _conflict(index, f"{pointer(path[:-1])} holds nothing that can have parts")
    return document


def _without(document: Any, path: Path, index: int) -> Any:
    _at(document, path, index)
    if not path:
        return None
    around, last = _at(document, path[:-1], index), path[-1]
    if isinstance(around, list):
        del around[int(last)]
    else:
        del around[last]
    return document


def _no_patch(index: int, detail: str) -> Refused:
    return Refused("shape", f"operation {index}: {detail}", errors=[_error(index, detail)])


def _conflict(index: int, detail: str) -> Refused:
    return Refused("conflict", f"operation {index}: {detail}", errors=[_error(index, detail)])


def _error(index: int, detail: str) -> dict[str, str]:
    return {"pointer": pointer([index]), "detail": detail}


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: true is not 1, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and bool(one == other)


class Changes(NamedTuple):
    """What turns one document into another: values by path, and paths that go."""

    values: Mapping[Path, Any]
    removed: tuple[Path, ...]

    def __bool__(self) -> bool:
        return bool(self.values or self.removed)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """The smallest changes that turn ``old`` into ``new``; a list is one value.

    >>> changes({"a": 1, "b": {"c": 2}}, {"b": {"c": 3}})
    Changes(values={('b', 'c'): 3}, removed=(('a',),))
    """
    found = list(_differing(old, new, ()))
    values = {path: value for path, value, there in found if there}
    return Changes(values, tuple(path for path, _, there in found if not there))


def _differing(
    old: Mapping[str, Any], new: Mapping[str, Any], around: Path
) -> Iterator[tuple[Path, Any, bool]]:
    for name in dict.fromkeys((*old, *new)):
        path = (*around, name)
        if name not in new:
            yield path, None, False
        elif name not in old or not same(old[name], new[name]):
            before, after = old.get(name), new[name]
            if isinstance(before, dict) and isinstance(after, dict):
                yield from _differing(before, after, path)
            else:
                yield path, after, True
