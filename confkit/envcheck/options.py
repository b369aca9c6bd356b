"""What a run checks: the ``[tool.confkit.env]`` table, and the command line above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any, get_args

from confkit.envcheck.codes import CODES, GROUPS
from confkit.envcheck.filenames import LOCAL
from confkit.envcheck.syntax import Quotes
from confkit.errors import ConfkitError
from confkit.near import did_you_mean

DEFAULT_CODES = frozenset(code for code, known in CODES.items() if known.default)


class InvalidOptions(ConfkitError, ValueError):
    """An option of the checks that does not exist, or has a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to check.

    ``codes`` are those reported. ``known`` are names, or patterns with ``*``, that others read
    from the same files; ``local`` the environments whose files may hold secrets in clear text.
    ``strict`` demands a value for every ``${NAME}`` and fails on warnings too; ``scan`` looks for
    credentials with detect-secrets. ``files`` are checked where none are named. ``quotes`` is the
    style of quotes: those that a value needs, double or single ones around every text, or any.
    ``per_file`` are patterns of paths or names of files, and the codes that they ignore.
    """

    codes: frozenset[str] = DEFAULT_CODES
    known: tuple[str, ...] = ()
    local: frozenset[str] = LOCAL
    strict: bool = False
    scan: bool = False
    files: tuple[str, ...] = ()
    quotes: Quotes = "when-needed"
    per_file: tuple[tuple[str, frozenset[str]], ...] = ()

    def choose(
        self,
        select: Iterable[str] = (),
        extend_select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> Options:
        """With other codes: those selected instead, those added, without those ignored.

        :raises InvalidOptions: for a code that does not exist, with a near one.
        """
        codes = frozenset(expand(select)) or self.codes
        return replace(self, codes=(codes | expand(extend_select)) - expand(ignore))

    def ignored(self, name: str) -> frozenset[str]:
        """The codes that a file of this name ignores."""
        base = PurePath(name).name
        found = [
            codes
            for pattern, codes in self.per_file
            if fnmatchcase(name, pattern) or fnmatchcase(base, pattern)
        ]
        return frozenset().union(*found)


def expand(words: Iterable[str]) -> frozenset[str]:
    """The codes that ``words`` stand for; each may be several, parted by commas.

    :raises InvalidOptions: for a code that does not exist.
    """
    found: set[str] = set()
    for word in words:
        for code in filter(None, map(str.strip, word.split(","))):
            if code in GROUPS:
                found.update(GROUPS[code])
            elif code in CODES:
                found.add(code)
            else:
                hint = did_you_mean(code, [*CODES, *GROUPS], ": ")
                raise InvalidOptions(f"there is no code {code}{hint}")
    return frozenset(found)


_LISTS = ("select", "extend-select", "ignore", "known", "local", "files", "packages")
_PER_FILE = "per-file-ignores"
_SWITCHES = ("strict", "scan")


def from_table(table: Mapping[str, Any]) -> Options:
    """The options that ``[tool.confkit.env]`` sets.

    :raises InvalidOptions: for a key or a value that is none.
    """
    for key, value in table.items():
        if key in _LISTS:
            if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
                raise InvalidOptions(f"[tool.confkit.env] {key} must be a list of strings")
        elif key == _PER_FILE:
            lists = value.values() if isinstance(value, dict) else [None]
            if not all(isinstance(codes, list) for codes in lists):
                raise InvalidOptions(f"[tool.confkit.env] {key} must be a table of lists of codes")
        elif key == "quotes":
            if value not in get_args(Quotes):
                styles = ", ".join(map(repr, get_args(Quotes)))
                raise InvalidOptions(f"[tool.confkit.env] quotes must be one of {styles}")
        elif key in _SWITCHES:
            if not isinstance(value, bool):
                raise InvalidOptions(f"[tool.confkit.env] {key} must be true or false")
        else:
            hint = did_you_mean(key, [*_LISTS, *_SWITCHES, _PER_FILE, "quotes"], ": ")
            raise InvalidOptions(f"[tool.confkit.env] has no {key}{hint}")
    options = Options(
        known=tuple(table.get("known", ())),
        local=frozenset(map(str.lower, table["local"])) | {""} if "local" in table else LOCAL,
        strict=table.get("strict", False),
        scan=table.get("scan", False),
        files=tuple(table.get("files", ())),
        quotes=table.get("quotes", "when-needed"),
        per_file=tuple(
            (pattern, expand(codes)) for pattern, codes in table.get(_PER_FILE, {}).items()
        ),
    )
    return options.choose(
        table.get("select", ()), table.get("extend-select", ()), table.get("ignore", ())
    )
