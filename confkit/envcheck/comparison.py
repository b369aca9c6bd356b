"""Several env files side by side: names that some lack, and values of another kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.findings import Finding
from confkit.envcheck.references import expanded
from confkit.envcheck.secrets import TEMPLATES, environment, looks_real
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


def check(files: Sequence[EnvFile], typed: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Differences between files that are meant to set the same names.

    A template is to be filled in and sets what it likes; ``.env`` lies below the others of its
    directory, so that what it sets none of them lacks.

    :param typed: names whose type is known from the settings, and checked there.
    """
    files = [f for f in files if environment(f.name) not in TEMPLATES]
    bases = {Path(f.name).parent: f for f in files if Path(f.name).name == ".env"}
    peers = [f for f in files if f not in bases.values()]
    for file in peers:
        base = bases.get(Path(file.name).parent)
        known = file.variables.keys() | (base.variables.keys() if base else ())
        lacking: dict[str, list[str]] = {}
        for other in peers:
            for name in other.variables.keys() - known:
                lacking.setdefault(name, []).append(other.name)
        where: dict[tuple[str, ...], list[str]] = {}
        for name in sorted(lacking):
            where.setdefault(tuple(lacking[name]), []).append(showable(name) or "a hidden name")
        for others, names in where.items():
            message = f"lacks {', '.join(names)}, set in {', '.join(others)}"
            yield file.at(file.end, "DifferentKeys", message)
    for i, file in enumerate(files):
        for name, setting in file.variables.items():
            if name in typed:
                continue
            here = kind(setting.value, setting.quote)
            for other in files[:i]:
                if (there := other.variables.get(name)) is None:
                    continue
                if _unlike(here, kind(there.value, there.quote)):
                    message = (
                        f"{showable(name) or 'a hidden name'} is {here}, and "
                        f"{kind(there.value, there.quote)} in {other.name}"
                    )
                    yield file.at(setting.span[0], "DifferingTypes", message)
                    break


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
    left: EnvFile, right: EnvFile, secret: frozenset[str] = frozenset()
) -> list[Difference]:
    """Every name that the files do not set alike, sorted; their references are not resolved.

    :param secret: names that the settings hold as secrets; others are judged by name and value.
    """
    found = []
    for name in sorted(left.variables.keys() | right.variables.keys()):
        one, other = left.variables.get(name), right.variables.get(name)
        if one is not None and other is not None and one.value == other.value:
            continue
        shown = showable(name) or MASK
        hidden = name in secret or not showable(name)
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
