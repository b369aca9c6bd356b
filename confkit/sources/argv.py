"""The command line: ``--database.pool-size 20``, ``--set database.pool_size=20``, or argparse."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any

from confkit.errors import InvalidSource, Problem
from confkit.layers import Entry, Layer, Origin
from confkit.schema.options import PREFIX, option
from confkit.unseen import hiding


class Argv:
    """Command line words as a source, without the program's name; ``None`` takes ``sys.argv``.

    ``--key value``, ``--key=value`` and ``--set key=value`` set a key; ``--key`` alone is true,
    and ``--no-key`` false. Dashes in a name stand for underscores. An option that is given more
    than once is a list: ``--tags a --tags b``.
    """

    def __init__(self, words: Sequence[str] | None = None) -> None:
        self.words = list(sys.argv[1:] if words is None else words)

    @hiding(InvalidSource)
    def read(self) -> Layer:
        """The options as entries; the key's own spelling is settled against the settings.

        :raises InvalidSource: for words that are no options and options without a name.
        """
        entries: dict[str, Entry] = {}
        problems: list[Problem] = []
        words = list(enumerate(self.words, start=1))
        while words:
            number, word = words.pop(0)
            option, equals, value = _parted(word)
            if not option.startswith("--") or option == "--":
                where = Origin("argv", f"argument {number}")
                problems.append(
                    Problem("", "is not an option", where, "write --key value", "argument")
                )
                continue
            literal: Any = value
            if not equals:
                taken = words and (not words[0][1].startswith("--") or option == "--set")
                literal = words.pop(0)[1] if taken else True
            key, shown = option[2:], option
            if option == "--set":
                key, found, literal = _parted(str(literal))
                shown = f"--set {key}"
                if not found:
                    where = Origin("argv", f"--set, argument {number}")
                    problems.append(
                        Problem("", "takes key=value", where, "write --set key=value", "argument")
                    )
                    continue
            origin = Origin("argv", shown, note=f"argument {number}")
            entry = Entry(literal, origin, literal=True)
            entries[key] = _again(entries[key], entry) if key in entries else entry
        layer = Layer("command line", entries, spelling="options")
        if problems:
            raise InvalidSource(problems, layer)
        return layer

    def __repr__(self) -> str:
        return "Argv()"  # without the words: they may hold secrets


def _again(before: Entry, entry: Entry) -> Entry:
    """The list of the values of an option that is given again."""
    items = before.raw if isinstance(before.raw, list) else [before]
    return before._replace(raw=[*items, entry])


class Arguments:
    """The options of an ``argparse`` namespace that :func:`add_arguments` added."""

    def __init__(self, namespace: argparse.Namespace) -> None:
        self.namespace = namespace

    def read(self) -> Layer:
        """The options that were given; those that were not are no entries."""
        entries = {
            name.removeprefix(PREFIX): Entry(
                _single(value), Origin("argv", option(name.removeprefix(PREFIX))), literal=True
            )
            for name, value in vars(self.namespace).items()
            if name.startswith(PREFIX)
        }
        return Layer("command line", entries)

    def __repr__(self) -> str:
        return "Arguments()"


#: A key, with its names in quotation marks, up to the equals sign behind it.
_UP_TO_EQUALS = re.compile(
    r"""((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^="']|["'])*?)(?:(=)(.*))?\Z""", re.DOTALL
)


def _parted(word: str) -> tuple[str, str, str]:
    """``key=value`` as key, ``=`` and value; an equals sign in a quoted name is part of it."""
    match = _UP_TO_EQUALS.match(word)
    assert match is not None
    return match[1], match[2] or "", match[3] or ""


def _single(value: Any) -> Any:
    """An option given once is what it says, be it ``a,b``; given again, each is an item."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def command_line(argv: Sequence[str] | argparse.Namespace) -> Argv | Arguments:
    """The source of words without the program's name, or of an ``argparse`` namespace."""
    return Arguments(argv) if isinstance(argv, argparse.Namespace) else Argv(argv)
