"""The ``$`` expressions in a value, found without resolving them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<rest>:[-?].*)?\Z", re.DOTALL)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?![-?])")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?P<brace>\})?")


class Reference(NamedTuple):
    """One expression: ``${NAME}`` (name), ``${scheme:...}``, ``$NAME`` (bare), or a faulty one.

    ``start`` and ``end`` are offsets into the text it was found in.
    """

    kind: Literal["name", "scheme", "bare", "open", "stray", "bad"]
    start: int
    end: int
    name: str = ""
    rest: str = ""


def references(text: str) -> Iterator[Reference]:
    """Every expression in ``text``, those inside a default included; ``$$`` is a dollar sign."""
    at = 0
    while (at := text.find("$", at)) >= 0:
        if text.startswith("${", at):
            end = _closing(text, at + 2)
            if end < 0:
                yield Reference("open", at, len(text))
                return
            inside = text[at + 2 : end]
            if _SCHEME.match(inside):
                yield Reference("scheme", at, end + 1, inside.partition(":")[0])
            elif match := _INSIDE.match(inside):
                rest = match["rest"] or ""
                yield Reference("name", at, end + 1, match["name"], rest)
                shift = at + 2 + match.start("rest")
                for inner in references(rest):
                    yield inner._replace(start=inner.start + shift, end=inner.end + shift)
            else:
                yield Reference("bad", at, end + 1)
            at = end + 1
        elif text.startswith("$$", at):
            at += 2
        else:
            if match := _BARE.match(text, at + 1):
                kind: Literal["stray", "bare"] = "stray" if match["brace"] else "bare"
                yield Reference(kind, at, match.end(), match[0])
            at += 1


def _closing(text: str, start: int) -> int:
    """The offset of the brace that closes what began before ``start``; -1 when none does."""
    depth = 1
    for i in range(start, len(text)):
        if text[i] == "}":
            depth -= 1
            if not depth:
                return i
        elif text[i] == "{" and text[i - 1] == "$":
            depth += 1
    return -1


def expanded(value: str, quote: str) -> list[Reference]:
    """The expressions of a value that are resolved: in single quotes only ``${scheme:...}``."""
    if "$" not in value:
        return []
    found = references(value)
    return [r for r in found if r.kind == "scheme"] if quote == "'" else list(found)
