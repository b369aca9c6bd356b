"""Several env files side by side: names that some lack, and values of another kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.filenames import role
from confkit.envcheck.findings import Finding
from confkit.envcheck.references import expanded
from confkit.envcheck.secrets import looks_real
from confkit.redaction import show
from confkit.resolution.scalars import FALSE, TRUE
from confkit.secret import MASK
from confkit.sources.dotenv import showable

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")


def kind(value: str, quote: str = "") -> str:
    """What a value looks like; empty for one that can become anything."""
    if not value or any(r.kind in ("name", "scheme") for r in expanded(value, quote)):
        return ""
    if _INTEGER.match(value):
        return "a boolean or an integer" if value in TRUE | FALSE else "an integer"
    if _NUMBER.match(value):
        return "a number"
    if value.lower() in TRUE | FALSE:
        return "a boolean"
    if _URL.match(value):
        return "a URL"
    if value[0] in "[{":
        try:
            return "a JSON list" if isinstance(json.loads(value), list) else "a JSON object"
        except (ValueError, RecursionError):
            pass
    return "text"


def _unlike(one: str, other: str) -> bool:
    """Whether two kinds cannot both be of one type. Any text is a text, whatever it looks like."""
    if not one or not other or one == other:
        return False
    pair = {one, other}
    if pair == {"an integer", "a number"}:
        return False
    return not (
        "a boolean or an integer" in pair and pair & {"a boolean", "an integer", "a number"}
    )


#: How many files a finding names.
_NAMED = 3


def check(
    files: Sequence[EnvFile],
    typed: frozenset[str] = frozenset(),
    optional: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    """Differences between files that are meant to set the same names.

    A template is to be filled in and sets what it likes; ``.env`` lies below the others of its
    directory, so that what it sets none of them lacks. Only files of one directory are compared.

    :param typed: names whose type is known from the settings, and checked there.
    :param optional: names that have a default in the settings, which a file need not set.
    """
    together: dict[Path, list[EnvFile]] = {}
    for file in files:
        if not role(file.name).template:
            together.setdefault(Path(file.name).parent, []).append(file)
    for some in together.values():
        yield from _lacking(some, optional)
        yield from _of_other_kinds(some, typed)


def _lacking(files: Sequence[EnvFile], optional: frozenset[str]) -> Iterator[Finding]:
    base = next((f for f in files if Path(f.name).name == ".env"), None)
    peers = [f for f in files if f is not base]
    below = base.variables.keys() if base else frozenset[str]()
    setters: dict[str, list[EnvFile]] = {}
    for file in peers:
        for name in file.variables:
            if name not in optional and name not in below:
                setters.setdefault(name, []).append(file)
    for file in peers:
        where: dict[tuple[str, ...], list[str]] = {}
        for name in sorted(setters.keys() - file.variables.keys()):
            others = setters[name]
            shown = others[0].named(others[0].variables[name].statement)
            where.setdefault(tuple(f.name for f in others), []).append(shown)
        for their, names in where.items():
            message = f"lacks {', '.join(names)}, set in {_some(their)}"
            yield file.at(file.end, "DifferentKeys", message)


def _some(names: Sequence[str]) -> str:
    text = ", ".join(names[:_NAMED])
    return text if len(names) <= _NAMED else f"{text} and {len(names) - _NAMED:,} others"


def _of_other_kinds(files: Sequence[EnvFile], typed: frozenset[str]) -> Iterator[Finding]:
    seen: dict[str, dict[str, str]] = {}  # name -> kind -> the first file with it
    for file in files:
        for name, setting in file.variables.items():
            if name in typed:
                continue
            here = kind(setting.value, setting.quote)
            if not here:
                continue
            before = seen.setdefault(name, {})
            for there, other in before.items():
                if _unlike(here, there):
                    message = f"{file.named(setting.statement)} is {here}, and {there} in {other}"
                    yield file.at(setting.span[0], "DifferingTypes", message)
                    break
            before.setdefault(here, file.name)


@dataclass(frozen=True, slots=True)
class Difference:
    """One name in two files; None where a file does not set it. Secrets are masked."""

    name: str
    left: str | None
    right: str | None

    def as_dict(self) -> dict[str, Any]:
        """The difference for machines."""
        return {"name": self.name, "left": self.left, "right": self.right}


def differences(
    left: EnvFile, right: EnvFile, secret: Mapping[str, bool] | None = None
) -> list[Difference]:
    """Every name that the files do not set alike, sorted; their references are not resolved.

    :param secret: names of which the settings tell whether they are secret; others are judged by
        name and value.
    """
    found = []
    for name in sorted(left.variables.keys() | right.variables.keys()):
        one, other = left.variables.get(name), right.variables.get(name)
        if one is not None and other is not None and one.value == other.value:
            continue
        shown = showable(name) or MASK
        hidden = (secret or {}).get(name, False) or not showable(name)
        texts = [
            None if s is None else _shown(s.value, s.quote, name, secret=hidden)
            for s in (one, other)
        ]
        found.append(Difference(shown, *texts))
    return found


def _shown(value: str, quote: str, name: str, *, secret: bool) -> str:
    # A reference to a secret is no secret: it says where the secret comes from.
    spans = [r for r in expanded(value, quote) if r.kind == "name" and not r.rest]
    if spans and spans[0].start == 0 and spans[0].end == len(value):
        return value
    return show(value, secret=(secret and value != "") or looks_real(value), name=name)
