"""An env file as the checks see it: its text, its statements and their places."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from confkit.envcheck.codes import CODES, Level
from confkit.envcheck.findings import Edit, Finding
from confkit.forking import cached_property
from confkit.layers import shown
from confkit.sources.dotenv import Lines, Statement, parse, read_env, showable
from confkit.sources.reading import failure

#: In place of a name that may be a secret.
HIDDEN = "a name that is not shown"
_SURE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z")


class Setting(NamedTuple):
    """A statement that sets a name to a value; ``span`` is the value's, with its quotes."""

    name: str
    value: str
    span: tuple[int, int]
    statement: Statement

    @property
    def quote(self) -> str:
        return self.statement.quote

    @property
    def start(self) -> int:
        """The offset of the name."""
        return self.statement.name_span[0]


class EnvFile:
    """An env file as the checks see it: its text, its statements and their places."""

    def __init__(self, name: str, text: str, path: Path | None = None, *, mark: bool = False):
        self.name = name
        self.text = text
        self.path = path
        self.mark = mark  # whether a byte order mark stood before the text
        self.statements: list[Statement] = parse(text)
        self.lines = Lines(text)

    @classmethod
    def load(cls, path: Path, root: Path | None = None) -> EnvFile:
        """Read a file.

        :raises InvalidSource: when it is missing, no text, or beyond the limits.
        """
        name = shown(path, root)
        text = read_env(path, name)
        if text is None:
            raise failure(name, "there is no such file", "missing")
        try:
            with path.open("rb") as file:
                mark = file.read(3) == b"\xef\xbb\xbf"
        except OSError as error:  # it was there a moment ago
            raise failure(name, f"cannot be read: {error.strerror}", "unreadable") from None
        return cls(name, text, path, mark=mark)

    @cached_property
    def variables(self) -> dict[str, Setting]:
        """The statement that counts for every name that is set: of two, the last."""
        return {s.name: s for s in self.settings}

    @cached_property
    def unclear(self) -> int | None:
        """The first line that may be a part of another one, so that none can be moved or left out.

        A key without quotes, or a quote that is never closed, is read as lines of their own; a line
        that ends in a backslash goes on in the next one, to bash and others.
        """
        for one in self.statements:
            if one.fault is not None or (one.name and one.value is None):
                return one.line
            if one.name and not one.quote and one.text.rstrip().endswith("\\"):
                return one.line
        return None

    @cached_property
    def settings(self) -> list[Setting]:
        """The statements that set a name, in their order."""
        return [
            Setting(b.name, b.value, b.value_span, b)
            for b in self.statements
            if b.name is not None and b.value is not None and b.value_span is not None
        ]

    @cached_property
    def _in_doubt(self) -> frozenset[int]:
        """Where statements start whose name may be the rest of a broken value."""
        doubtful, broken = set(), False
        for one in self.statements:
            if one.name is None and one.fault is None:
                continue
            if one.value is None or broken:
                doubtful.add(one.start)
            # A value that was meant for a line may be on the next one, or on many.
            broken = not one.value or (broken and not _SURE.match(one.name or ""))
        return frozenset(doubtful)

    def named(self, statement: Statement) -> str:
        """The name of a statement for a message, unless its text may be a secret.

        A value that was put on a line of its own is read as a name, and so is every line of a key
        without quotes.
        """
        name = statement.name or ""
        # The end of a key in base64 is read as a name, an equals sign, and perhaps another.
        empty = not (statement.value or "").strip("=")
        if (statement.start in self._in_doubt and empty) or (
            not _SURE.match(name) and (empty or statement.start in self._in_doubt)
        ):
            return HIDDEN
        return showable(name) or HIDDEN

    @property
    def end(self) -> int:
        """The offset behind the last statement: where something that is missing would stand."""
        return len(self.text.rstrip())

    def at(
        self,
        offset: int,
        code: str,
        message: str,
        edit: Edit | None = None,
        level: Level | None = None,
    ) -> Finding:
        """A finding at an offset of the text; ``edit`` fixes it without changing what is read."""
        line, column = self.lines.place(offset)
        return Finding(code, message, self.name, line, column, level or CODES[code].level, edit)
