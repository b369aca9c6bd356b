"""The ``$`` expressions in a value, found without resolving them."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

#: The names that any reader may look up, whatever the quotes are.
REFERRED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_NAMED = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<operator>:?[-?+])?")
_SCHEME = re.compile(r"(?P<name>[a-z][a-z0-9+.-]*):(?![-?+])")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?P<brace>\})?")
_BRACE = re.compile(r"\$\{|\}")


class Reference(NamedTuple):
    """One expression: ``${NAME}`` (name), ``${scheme:...}``, ``$NAME`` (bare), or a faulty one.

    ``start`` and ``end`` are offsets into the text it was found in. ``rest`` of a name is its
    operator and what follows it: ``:-default``, ``-default``, ``:?message``, ``?message``,
    ``:+instead``, ``+instead``.
    """

    kind: Literal["name", "scheme", "bare", "open", "stray", "bad"]
    start: int
    end: int
    name: str = ""
    rest: str = ""

    @property
    def operator(self) -> str:
        """``-``, ``?`` or ``+``; empty for a plain name."""
        return self.rest[:2].lstrip(":")[:1]

    @property
    def word(self) -> str:
        """What follows the operator."""
        return self.rest.removeprefix(":")[1:]


def references(text: str) -> list[Reference]:
    """Every expression in ``text``, those inside a default included; ``$$`` is a dollar sign.

    Takes time in proportion to the text, however deep it is nested.
    """
    closing = _closing(text)
    found: list[Reference] = []
    regions = [(0, len(text))]
    while regions:
        at, stop = regions.pop()
        while (at := text.find("$", at, stop)) >= 0:
            if text.startswith("${", at):
                end = closing.get(at, stop)
                if end >= stop:
                    found.append(Reference("open", at, len(text)))
                    break
                found.append(_expression(text, at, end))
                if found[-1].rest:
                    regions.append((end - len(found[-1].rest), end))
                at = end + 1
            elif text.startswith("$$", at):
                at += 2
            else:
                if match := _BARE.match(text, at + 1, stop):
                    kind: Literal["stray", "bare"] = "stray" if match["brace"] else "bare"
                    found.append(Reference(kind, at, match.end(), match[0]))
                at += 1
    return sorted(found, key=lambda r: (r.start, -r.end))


def _expression(text: str, start: int, end: int) -> Reference:
    """What stands between ``${`` at ``start`` and its ``}`` at ``end``."""
    if scheme := _SCHEME.match(text, start + 2, end):
        return Reference("scheme", start, end + 1, scheme["name"])
    match = _NAMED.match(text, start + 2, end)
    if match is None or not (match.end() == end or match["operator"]):
        return Reference("bad", start, end + 1)
    return Reference("name", start, end + 1, match["name"], text[match.end("name") : end])


def _closing(text: str) -> dict[int, int]:
    """The offset of the ``}`` for every ``${`` that has one."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for brace in _BRACE.finditer(text):
        if brace[0] == "${":
            opened.append(brace.start())
        elif opened:
            closing[opened.pop()] = brace.start()
    return closing


def expanded(value: str, quote: str) -> list[Reference]:
    """The expressions of a value that are resolved: in single quotes only ``${scheme:...}``."""
    if "$" not in value:
        return []
    found = references(value)
    return [r for r in found if r.kind == "scheme"] if quote == "'" else found


def literals(value: str, quote: str) -> tuple[str, list[str]]:
    """What is written in a value besides references: the text around them, and every default.

    >>> literals("postgres://${USER:-shop}:pw@h", "")
    ('postgres://:pw@h', ['shop'])
    """
    around = _Region(0, len(value))
    open_, defaults = [around], []
    for found in expanded(value, quote):
        if found.kind not in ("name", "scheme"):
            continue
        while found.start >= open_[-1].end:
            open_.pop()
        open_[-1].leave_out(value, found)
        if found.operator in ("-", "+"):
            defaults.append(_Region(found.end - 1 - len(found.word), found.end - 1))
            open_.append(defaults[-1])
        else:  # nothing inside it is a part of the value
            open_.append(_Region(found.end, found.end))
    return around.text(value), [one.text(value) for one in defaults]


class _Region:
    """A stretch of a value, and what is written in it besides references."""

    def __init__(self, start: int, end: int) -> None:
        self.at, self.end = start, end
        self.parts: list[str] = []

    def leave_out(self, value: str, found: Reference) -> None:
        if found.start >= self.at:
            self.parts.append(value[self.at : found.start])
            self.at = found.end

    def text(self, value: str) -> str:
        return "".join(self.parts) + value[self.at : self.end]
