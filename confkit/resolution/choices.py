"""One of several given values: enums, sets of flags, and literals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, Flag
from typing import Any

from confkit.layers import Entry
from confkit.near import near
from confkit.resolution.scalars import FALSE, TRUE, Coercer, Fault, Refused, unfit


def enumeration(kind: type[Enum]) -> Coercer:
    """A member by its value or its name; in any case, where no two differ by case alone."""
    exact = _unambiguous([*((str(m.value), m) for m in kind), *kind.__members__.items()])
    folded = _unambiguous((text.casefold(), member) for text, member in exact.items())
    expected = ", ".join(str(member.value) for member in kind)

    def read(entry: Entry) -> Any:
        raw = entry.raw
        if isinstance(raw, kind):
            return raw
        if isinstance(raw, str | int | float):
            text = str(raw)
            member = exact.get(text) or folded.get(text.strip().casefold())
            if member is not None:
                return member
        raise _none_of(raw, list(exact), expected)

    return read


def _unambiguous(pairs: Iterable[tuple[str, Enum]]) -> dict[str, Enum]:
    found: dict[str, Enum] = {}
    twice = set()
    for text, member in pairs:
        if found.setdefault(text, member) is not member:
            twice.add(text)
    return {text: member for text, member in found.items() if text not in twice}


def flags(kind: type[Flag]) -> Coercer:
    """Members by name, parted by ``|`` or commas, as a list of names, or as the number."""
    members = {name.casefold(): member for name, member in kind.__members__.items()}
    expected = ", ".join(kind.__members__)

    def one(raw: Any) -> Any:
        if isinstance(raw, Entry):
            raw = raw.raw
        if isinstance(raw, kind):
            return raw
        if isinstance(raw, str) and (member := members.get(raw.strip().casefold())) is not None:
            return member
        raise _none_of(raw, list(kind.__members__), expected)

    def read(entry: Entry) -> Any:
        raw = entry.raw
        if isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit():
            raw = int(raw[:20])
        if type(raw) is int:
            try:
                return kind(raw)
            except ValueError:
                raise Refused(f"is no sum of {expected}") from None
        if isinstance(raw, kind):
            return raw
        if isinstance(raw, str):
            raw = re.split(r"[|,]", raw) if raw.strip() else []
        if not isinstance(raw, list | tuple | set | frozenset):
            raise unfit(raw, f"some of {expected}")
        made = kind(0)
        for item in raw:
            made |= one(item)
        return made

    return read


def literal(values: tuple[Any, ...]) -> Coercer:
    """One of the values of a ``Literal``, exactly; booleans also by their other words."""
    by_text = {_text(v): v for v in values}
    expected = ", ".join(by_text)

    def read(entry: Entry) -> Any:
        raw = entry.raw
        for value in values:
            if type(raw) is type(value) and raw == value:
                return value
        if isinstance(raw, str):
            if raw in by_text:
                return by_text[raw]
            word = raw.strip().lower()
            # By identity: 1 == True, and "yes" is no 1.
            for flag, words in ((True, TRUE), (False, FALSE)):
                if word in words and any(value is flag for value in values):
                    return flag
        raise _none_of(raw, list(by_text), expected)

    return read


def _text(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _none_of(raw: Any, known: list[str], expected: str) -> Refused:
    meant = ""
    if isinstance(raw, str) and len(raw) <= 100:
        same = [name for name in known if name.casefold() == raw.strip().casefold()]
        meant = same[0] if same else near(raw, known)
    hint = f"did you mean {meant}?" if meant else ""
    return Refused(Fault(f"is none of {expected}", hint=hint))
