"""What the checks of env files find: the codes, a finding with its place, a file as they see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from confkit.layers import shown
from confkit.sources.dotenv import Binding, Lines, parse, read_env
from confkit.sources.reading import failure

Level = Literal["error", "warning"]


class Code(NamedTuple):
    """One kind of finding. An error fails a run, a warning only a strict one."""

    summary: str
    level: Level = "error"
    fixable: bool = False
    default: bool = True


#: Every code, in the order of the documentation. The first thirteen are known from dotenv-linter.
CODES: dict[str, Code] = {
    "DuplicatedKey": Code("the name is set twice; the last one wins", fixable=True),
    "EndingBlankLine": Code("the last line has no line end", fixable=True),
    "ExtraBlankLine": Code("more than one blank line in a row", fixable=True),
    "IncorrectDelimiter": Code("a character in the name that most readers refuse"),
    "KeyWithoutValue": Code("a name without '=' is not set"),
    "LeadingCharacter": Code("the name does not start the line with a letter or _", fixable=True),
    "LowercaseKey": Code("the name is not in upper case"),
    "QuoteCharacter": Code("quotes that the value does not need", fixable=True),
    "SpaceCharacter": Code("a blank beside '='", fixable=True),
    "SubstitutionKey": Code("a ${ that is not closed, or holds no name"),
    "TrailingWhitespace": Code("blanks at the end of the line", fixable=True),
    "UnorderedKey": Code("names that are not sorted in their group", fixable=True, default=False),
    "ValueWithoutQuotes": Code("a blank in a value without quotes", fixable=True),
    "UnreadableLine": Code("the line cannot be read, and is left out"),
    "UnreadableFile": Code("the file cannot be read"),
    "UnknownCode": Code("an ignore comment names a code that does not exist"),
    "NotPortable": Code("common readers read the value differently", "warning", fixable=True),
    "CommandSubstitution": Code("a command that some readers execute"),
    "DangerousKey": Code("a name that changes how programs are started"),
    "UnknownName": Code("no setting has this name"),
    "MissingRequired": Code("a setting without a default that nothing sets"),
    "WrongType": Code("the value does not fit the type of the setting"),
    "RuleViolation": Code("the value breaks a rule of the setting"),
    "UnusableVariable": Code("the variable is set and has no effect"),
    "UnsetReference": Code("a ${NAME} that nothing sets; only in a strict run"),
    "ClearTextSecret": Code("a secret in clear text where a reference is expected"),
    "RealLookingSecret": Code("text that looks like a real credential"),
    "ReadableByOthers": Code("a file with secrets that other users can read", "warning"),
    "TrackedByGit": Code("a file with secrets in clear text that git tracks"),
    "DifferentKeys": Code("names that other files of the run set", "warning"),
    "DifferingTypes": Code("the value is of another kind than in another file", "warning"),
}

#: Words that stand for several codes where codes are selected or ignored.
GROUPS: dict[str, tuple[str, ...]] = {
    "ALL": tuple(CODES),
    "SchemaViolation": (
        "UnknownName",
        "MissingRequired",
        "WrongType",
        "RuleViolation",
        "UnusableVariable",
    ),
}


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


class Setting(NamedTuple):
    """A statement that sets a name to a value; ``span`` is the value's, with its quotes."""

    name: str
    value: str
    span: tuple[int, int]
    binding: Binding

    @property
    def quote(self) -> str:
        return self.binding.quote

    @property
    def start(self) -> int:
        """The offset of the name."""
        return self.binding.name_span[0]


class EnvFile:
    """An env file as the checks see it: its text, its statements and their places."""

    def __init__(self, name: str, text: str, path: Path | None = None, *, mark: bool = False):
        self.name = name
        self.text = text
        self.path = path
        self.mark = mark  # whether a byte order mark stood before the text
        self.bindings: list[Binding] = parse(text)
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
    def settings(self) -> list[Setting]:
        """The statements that set a name, in their order."""
        return [
            Setting(b.name, b.value, b.value_span, b)
            for b in self.bindings
            if b.name is not None and b.value is not None and b.value_span is not None
        ]

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
        """A finding at an offset of the text; ``edit`` mends it without changing what is read."""
        line, column = self.lines.place(offset)
        return Finding(code, message, self.name, line, column, level or CODES[code].level, edit)
