"""Keys: the path of a value as one text, ``database.pool_size`` or ``levels."django.request"``.

A key is a path of names parted by dots. A name that holds anything but ASCII letters, digits,
``_`` and ``-`` is written in quotation marks with the escapes of TOML, so that every name has
exactly one spelling and no name can be taken for two. The items of a list follow in brackets:
``servers[0].port``. Every text that this module returns is in that spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

#: The names of a path, outermost first; an int is the index of a list item.
Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
#: A key that needs no reading: bare names and dots.
_SIMPLE = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\Z")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CHARACTERS = {escape: char for char, escape in _ESCAPES.items()}
_ESCAPE = r"(?s)\\(?:u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})|.)"
_NO_KEY = 'is no key: names are parted by dots, and quoted ("a.b") where they hold others'
#: Compiled where a key needs it, which most never do.
_STEP = r"""(?P<dot>\A|\.)
    (?:"(?P<basic>(?:[^"\\]|\\.)*)"|'(?P<literal>[^']*)'|(?P<bare>[^."'\[\]]+))
    |\[(?P<index>[0-9]{1,9})\]"""


@lru_cache(maxsize=16384)
def quote(name: str) -> str:
    """A name as it is written in a key: itself, or in quotation marks.

    >>> quote("pool_size"), quote("django.request")
    ('pool_size', '"django.request"')
    """
    if _BARE.match(name):
        return name
    return f'"{"".join(map(_escaped, name))}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def join(*path: str | int) -> str:
    """The key of a path.

    >>> join("levels", "django.request"), join("servers", 0, "port")
    ('levels."django.request"', 'servers[0].port')
    """
    parts = [f"[{step}]" if isinstance(step, int) else f".{quote(step)}" for step in path]
    return "".join(parts).removeprefix(".")


def under(key: str, path: Path) -> str:
    """The key of what ``path`` names below ``key``.

    >>> under("servers", (0, "port"))
    'servers[0].port'
    """
    return join(*split(key), *path) if key and path else key or join(*path)


def child(key: str, step: str | int) -> str:
    """The key of what ``step`` names directly below ``key``; below the root where it is empty."""
    if isinstance(step, int):
        return f"{key}[{step}]"
    return f"{key}.{quote(step)}" if key else quote(step)


def below(key: str, inner: str) -> str:
    """The key of ``inner``, a key itself, below ``key``: either may be empty, the root."""
    if not key or not inner:
        return key or inner
    return key + inner if inner.startswith("[") else f"{key}.{inner}"


@lru_cache(maxsize=16384)
def split(key: str) -> Path:
    """The path of a key.

    >>> split('levels."django.request"')
    ('levels', 'django.request')

    :raises ValueError: for a text that is no key.
    """
    if _SIMPLE.match(key):
        return tuple(key.split("."))
    path: list[str | int] = []
    at, steps = 0, re.compile(_STEP, re.VERBOSE | re.DOTALL)
    while at < len(key):
        step = steps.match(key, at)
        if step is None or (not at and step["dot"]):
            raise ValueError(_NO_KEY)
        at = step.end()
        if step["index"] is not None:
            path.append(int(step["index"]))
        elif step["basic"] is not None:
            path.append(_unescaped(step["basic"]))
        else:
            path.append(step["bare"] if step["literal"] is None else step["literal"])
    if not path or isinstance(path[0], int):
        raise ValueError(_NO_KEY)
    return tuple(path)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(_ESCAPE, _character, text)


def _character(match: re.Match[str]) -> str:
    digits, other = match[1] or match[2], match[0]
    if digits is None and other not in _CHARACTERS:
        raise ValueError(_NO_KEY)
    return chr(int(digits, 16)) if digits else _CHARACTERS[other]


@lru_cache(maxsize=16384)
def canonical(text: str) -> str:
    """The one spelling of a key that a user wrote: ``levels.'a b'`` is ``levels."a b"``.

    A text that is no key is taken for one name, which no settings have, and is reported as such.
    """
    if _SIMPLE.match(text):
        return text
    try:
        return join(*split(text))
    except ValueError:
        return quote(text)


def parent(key: str) -> str:
    """The key directly above; an empty text for a key of the root."""
    if '"' not in key and "[" not in key:
        return key.rpartition(".")[0]
    return join(*split(key)[:-1])


def name_of(key: str) -> str:
    """The last name in a key: ``port`` of ``servers[0].port``, ``hosts`` of ``hosts[0]``."""
    if '"' not in key and "[" not in key:
        return key.rpartition(".")[2]
    return next((step for step in reversed(split(key)) if isinstance(step, str)), "")


def within(key: str, outer: str) -> bool:
    """Whether ``key`` is ``outer`` or stands below it."""
    if not key.startswith(outer):
        return False
    return len(key) == len(outer) or not outer or key[len(outer)] in ".["


def _mapping(value: Any) -> Mapping[Any, Any] | None:
    return value if isinstance(value, Mapping) else None


def leaves(
    table: Mapping[Any, Any],
    prefix: str = "",
    path: tuple[str, ...] = (),
    inside: Callable[[Any], Mapping[Any, Any] | None] = _mapping,
) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Everything in nested mappings that is no mapping itself: its key, its path, its value.

    An empty mapping is a value. ``prefix`` is the key above ``table`` with its dot, ``path`` the
    names of it; ``inside`` gives the mapping that a value is or stands for, else None.

    >>> list(leaves({"a": {"b": 1, "c.d": {}}}))
    [('a.b', ('a', 'b'), 1), ('a."c.d"', ('a', 'c.d'), {})]
    """
    for name, value in table.items():
        key, here = prefix + quote(str(name)), (*path, str(name))
        if below_it := inside(value):
            yield from leaves(below_it, f"{key}.", here, inside)
        else:
            yield key, here, value
