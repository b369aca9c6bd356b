"""One finding: a code, a message, a place, and sometimes the edit that removes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from confkit.envcheck.codes import Level


class Edit(NamedTuple):
    """Put ``text`` in the place of ``start`` to ``end``, offsets of the file's text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, with its place. No message quotes a value: it may be a secret."""

    code: str
    message: str
    file: str
    line: int
    column: int
    level: Level = "error"
    edit: Edit | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.code} {self.message}"

    def as_dict(self) -> dict[str, Any]:
        """The finding for machines."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "level": self.level,
            "message": self.message,
            "fixable": self.edit is not None,
        }
