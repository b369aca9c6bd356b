"""JSON text becomes entries; lines and columns are looked for only when somebody asks.

The standard parser is many times faster than any that keeps positions, and a position is wanted
for few values: those that are explained and those that are wrong.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from confkit.errors import InvalidSource, Problem
from confkit.forking import cached_property
from confkit.keypath import leaves
from confkit.layers import Entry, Origin
from confkit.nesting import TOO_DEEP, too_deep
from confkit.sources.reading import position, without_secret

_NEWLINE = re.compile("\n")
_SPACE = re.compile(r"[ \t\r\n]*")
_CONSTANT = re.compile(r'"(?:\\.|[^"\\])*"|NaN|-?Infinity')
_SCALAR = re.compile(r"[^\s,\]}]+")
Path = tuple[str | int, ...]


class Positions:
    """Where every value of a JSON text starts, computed once, at the first question."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def starts(self) -> dict[Path, tuple[int, int]]:
        """Line and column by path, from 1."""
        lines = [0, *(newline.end() for newline in _NEWLINE.finditer(self.text))]
        found = {}
        for path, offset in _walk(self.text):
            line = bisect_right(lines, offset)
            found[path] = (line, offset - lines[line - 1] + 1)
        return found


def _walk(text: str) -> Iterator[tuple[Path, int]]:
    """Every value's path and offset, in the order of the text, which has been parsed before."""
    end = 0

    def value(at: int, path: Path) -> Iterator[tuple[Path, int]]:
        nonlocal end
        yield path, at
        opening = text[at]
        if opening == '"':
            _, end = scanstring(text, at + 1)
        elif opening in "{[":
            at = skip(at + 1)
            index = 0
            while text[at] not in "}]":
                name: str | int = index
                if opening == "{":
                    name, at = scanstring(text, at + 1)
                    at = skip(skip(at) + 1)
                yield from value(at, (*path, name))
                at = skip(end)
                if text[at] == ",":
                    at = skip(at + 1)
                index += 1
            end = at + 1
        else:
            match = _SCALAR.match(text, at)
            end = match.end() if match else at + 1

    def skip(at: int) -> int:
        match = _SPACE.match(text, at)
        return match.end() if match else at

    yield from value(skip(0), ())


class JsonOrigin(Origin):
    """An origin that reads its line and column from the text when they are asked for."""

    __slots__ = ("_path", "_positions")

    def __init__(self, name: str, positions: Positions, path: Path) -> None:
        self.kind = "file"
        self.name = name
        self.note = ""
        self._positions = positions
        self._path = path

    @property
    def line(self) -> int:  # type: ignore[override]
        """The line of the value, from 1."""
        return self._positions.starts[self._path][0]

    @property
    def column(self) -> int:  # type: ignore[override]
        """The column of the value, from 1."""
        return self._positions.starts[self._path][1]

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the text: it holds every other value of the file.
        return (Origin, (self.kind, self.name, self.line, self.column))


class _Refused(Exception):
    pass


def read_json(text: str, name: str) -> dict[str, Entry]:
    """The entries of a JSON object, flat, by key; an empty text has none.

    :raises InvalidSource: with the line and column; ``name`` is how the file is shown.
    """
    if not text.strip():
        return {}
    duplicates = False

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal duplicates
        made = dict(pairs)
        duplicates |= len(made) < len(pairs)
        return made

    def constant(word: str) -> Any:
        raise _Refused(word)

    try:
        root = json.loads(text, object_pairs_hook=table, parse_constant=constant)
        deep = too_deep(root)
    except _Refused as word:
        offset = next(m.start() for m in _CONSTANT.finditer(text) if m[0] == str(word))
        raise _fault(text, name, f"{word} is not JSON", offset, "json") from None
    except json.JSONDecodeError as error:
        start = text[error.pos :].lstrip()
        comment = start.startswith(("#", "//", "/*"))
        message = "JSON has no comments" if comment else f"is not JSON: {error.msg}"
        raise _fault(text, name, message, error.pos, "json") from None
    except RecursionError:
        deep, root = True, None
    except ValueError:
        raise _fault(text, name, "holds a number with too many digits", 0, "json") from None
    if deep:
        raise _fault(text, name, TOO_DEEP, 0, "too-deep")
    if not isinstance(root, dict):
        raise _fault(text, name, "is not an object of keys and values", 0, "not-a-mapping")
    if duplicates:
        raise InvalidSource(_duplicates(text, name))
    positions = Positions(text)
    return {key: _entry(value, path, name, positions) for key, path, value in leaves(root)}


def _entry(value: Any, path: Path, name: str, positions: Positions) -> Entry:
    origin = JsonOrigin(name, positions, path)
    if isinstance(value, list):
        value = [_entry(item, (*path, i), name, positions) for i, item in enumerate(value)]
    elif isinstance(value, dict):
        value = {k: _entry(item, (*path, k), name, positions) for k, item in value.items()}
    return Entry(value, origin, '"' if isinstance(value, str) else "")


def _duplicates(text: str, name: str) -> Iterator[Problem]:
    """A problem for every key that its object has set before."""
    first: dict[Path, int] = {}
    inside: Path | None = None  # what lies in a second object is compared with nothing
    for path, offset in _walk(text):
        if inside is not None and path[: len(inside)] == inside and path != inside:
            continue
        inside = None
        if path in first:
            inside = path
            yield Problem(
                "",
                without_secret(
                    f"the key {path[-1]!r} is already set in this object",
                    str(path[-1]),
                    [str(step) for step in path[:-1]],
                ),
                Origin("file", name, *position(text, offset)),
                f"the first is in line {position(text, first[path])[0]}",
                "duplicate-key",
            )
        else:
            first[path] = offset


def _fault(text: str, name: str, message: str, offset: int, code: str) -> InvalidSource:
    line, column = position(text, max(offset, 0))
    return InvalidSource([Problem("", message, Origin("file", name, line, column), code=code)])
