"""Env files, read exactly: python-dotenv's parser, never its interpolation.

The parser finds statements and decodes quotes and escapes. Everything else is done here: places
from summed offsets (its own line numbers drift in files with CRLF), limits (it takes quadratic
time in blanks) and errors that name the fault and never show a value.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from confkit.errors import InvalidSource, Problem
from confkit.layers import Entry, Layer, Origin, shown
from confkit.sources.names import Empty, checked_empty, whole_prefix
from confkit.sources.reading import failure, read_text
from confkit.unseen import hiding

#: The largest file, in bytes and lines; the longest line and run of blanks, in characters.
MAX_BYTES = 1024 * 1024
MAX_LINE = 32 * 1024
MAX_BLANKS = 1000
MAX_LINES = 50_000

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLANKS = re.compile(r"[^\S\r\n]+")
_HEAD = re.compile(r"\s*(?P<export>export[^\S\r\n]+)?(?P<name>'[^']+'|(?!['#])[^=#\s]+)?")
_EQUALS = re.compile(r"[^\S\r\n]*(?P<equals>=)[^\S\r\n]*")
_QUOTED = {
    "'": re.compile(r"'(?:\\.|[^'\\])*'", re.DOTALL),
    '"': re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL),
}
_COLON = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:(?=.)")
_COMMENT = re.compile(r"#[^\r\n]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}\Z")


class Fault(NamedTuple):
    """Why a statement cannot be read, and at which offset of the text."""

    message: str
    offset: int
    hint: str = ""


class Statement(NamedTuple):
    """One statement of an env file: ``NAME=value``, ``NAME``, a comment, or a fault.

    Spans are offsets into the text; the value's span includes its quotes. ``text`` is the
    statement with the blank lines before it and its line end: together they make the whole file.
    """

    name: str | None
    value: str | None
    quote: str
    line: int
    column: int
    name_span: tuple[int, int]
    value_span: tuple[int, int] | None
    comment: str
    start: int
    text: str
    fault: Fault | None = None

    @property
    def end(self) -> int:
        """The offset behind the statement and its line end."""
        return self.start + len(self.text)

    @property
    def last_line(self) -> int:
        """The line on which the statement ends."""
        return self.line + len(_LINE_END.findall(self.text.strip()))


class DotEnv:
    """The variables of one env file, as a source.

    A value is its text after quotes and escapes; ``${NAME}`` and ``${scheme:...}`` in it are
    resolved later, among all layers. ``$(command)`` is text. A name without ``=`` is not set, and
    of two with one name the last wins. Nothing is written into the environment, and no directory
    above is searched.

    :param prefix: only names that start with it are read, without it, as ``Environ`` does.
    :param empty: ``"unset"`` takes ``NAME=`` for a name that is not set, as ``Environ`` does.
    :param optional: a missing file is an empty layer instead of an error.
    :param root: origins show the path relative to it, else to the working directory.
    """

    def __init__(
        self,
        path: str | Path,
        prefix: str = "",
        *,
        empty: Empty = "value",
        optional: bool = False,
        root: str | Path | None = None,
    ) -> None:
        self.path = Path(path)
        self.prefix = whole_prefix(prefix)
        self.empty = checked_empty(empty)
        self.optional = optional
        self.root = None if root is None else Path(root)

    def __repr__(self) -> str:
        return f"DotEnv({str(self.path)!r})"

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file, whether or not it is there now."""
        return (self.path,)

    @hiding(InvalidSource)
    def read(self) -> Layer:
        """Read the file.

        :raises InvalidSource: with every line that cannot be read, and a layer of all others.
        """
        name = shown(self.path, self.root)
        text = read_env(self.path, name)
        base = self.path.absolute().parent
        if text is None:
            if not self.optional:
                raise failure(name, "there is no such file", "missing-file")
            return Layer(name, {}, "variables", base)
        statements = parse(text)
        whole = entries_of(statements, name)
        if self.empty == "unset":
            whole = {name: entry for name, entry in whole.items() if entry.raw}
        cut = len(self.prefix)
        mine = {n[cut:]: e for n, e in whole.items() if n.startswith(self.prefix)}
        layer = Layer(name, mine, "variables", base, prefix=self.prefix, whole=whole)
        if problems := faults(statements, text, name):
            raise InvalidSource(problems, layer)
        return layer


def entries_of(statements: list[Statement], file: str) -> dict[str, Entry]:
    """What the statements set. Of two with one name the last one wins.

    A ``${NAME}`` in the value of NAME is what an earlier statement of the file sets it to, if there
    is one: ``PATHS=a`` and then ``PATHS=${PATHS}:b`` is ``a:b``.
    """
    entries: dict[str, Entry] = {}
    for one in statements:
        if one.name is None or one.value is None:
            continue
        value, before = one.value, entries.get(one.name)
        if before is not None and one.quote != "'" and (own := f"${{{one.name}}}") in value:
            text = str(before.raw)
            value = value.replace(own, text.replace("$", "$$") if before.quote == "'" else text)
            if len(value) > MAX_LINE:
                value = one.value  # it doubles with each statement
        entries[one.name] = Entry(value, Origin("file", file, one.line), one.quote)
    return entries


def read_env(path: Path, name: str) -> str | None:
    """The text of an env file within the limits; None when there is no such file.

    :raises InvalidSource: for what :func:`confkit.sources.reading.read_text` refuses, and for
        lines and runs of blanks that are too long.
    """
    text = read_text(path, name, MAX_BYTES)
    if text is not None and (problems := list(excess(text, name))):
        raise InvalidSource(problems, Layer(name, {}, "variables", path.absolute().parent))
    return text


def excess(text: str, name: str) -> Iterator[Problem]:
    if text.count("\n") + text.count("\r") > 2 * MAX_LINES or len(text.splitlines()) > MAX_LINES:
        message = f"more than {MAX_LINES:,} lines"
        yield Problem("", message, Origin("file", name, MAX_LINES + 1), code="too-many-lines")
        return
    for number, line in enumerate(_LINE_END.split(text), 1):
        if len(line) > MAX_LINE:
            origin = Origin("file", name, number)
            message = f"the line is longer than {MAX_LINE:,} characters"
            yield Problem("", message, origin, code="line-too-long")
        elif len(line) > MAX_BLANKS:
            for run in _BLANKS.finditer(line):
                if run.end() - run.start() > MAX_BLANKS:
                    origin = Origin("file", name, number, run.start() + 1)
                    message = f"more than {MAX_BLANKS:,} blanks in a row"
                    yield Problem("", message, origin, code="too-many-blanks")


def parse(text: str) -> list[Statement]:
    """Every statement of an env file with its exact place, faulty ones and comments included."""
    # Imported here: an application without env files does not pay for it.
    from dotenv.parser import parse_stream

    statements = []
    lines = Lines(text)
    offset = 1 if text.startswith("\ufeff") else 0  # the parser drops one byte order mark
    for found in parse_stream(io.StringIO(text, newline="")):
        string = found.original.string
        end = offset + len(string)
        head = _HEAD.match(text, offset, end)
        assert head is not None  # every part of it is optional
        start = head.start("name") if head["name"] else head.end()
        line, column = lines.place(start)
        value, quote, value_span, after = found.value, "", None, head.end()
        equals = _EQUALS.match(text, head.end(), end)
        if equals and found.value is not None:
            opening = after = equals.end()
            if text[opening : opening + 1] in _QUOTED:
                quote = text[opening]
                quoted = _QUOTED[quote].match(text, opening, end)
                assert quoted is not None  # the parser has read it
                value_span = (opening, quoted.end())
                if "\r\n" in quoted[0]:  # a line end of the file, and no CR of the value
                    value = _value(quoted[0].replace("\r\n", "\n"))
            elif found.value:
                value_span = (opening, opening + len(found.value))
            else:
                value_span = (equals.end("equals"), equals.end("equals"))
            after = max(after, value_span[1])
        comment = None if found.error else _COMMENT.search(text, after, end)
        statements.append(
            Statement(
                name=found.key,
                value=value,
                quote=quote,
                line=line,
                column=column,
                name_span=(start, head.end()),
                value_span=value_span,
                comment=comment[0] if comment else "",
                start=offset,
                text=string,
                fault=_fault(text, head, end, lines, error=found.error),
            )
        )
        offset = end
    return statements


def _value(quoted: str) -> str | None:
    from dotenv.parser import parse_stream

    return next(iter(parse_stream(io.StringIO(f"A={quoted}", newline="")))).value


def _fault(text: str, head: re.Match[str], end: int, lines: Lines, *, error: bool) -> Fault | None:
    """Why a statement cannot be read: the parser gives no reason."""
    if not error:
        # To the parser, A:1 is a name without a value.
        colon = _COLON.match(head["name"] or "")
        if colon is None or _EQUALS.match(text, head.end(), end):
            return None
        return Fault("':' stands where '=' belongs", head.start("name") + colon.end() - 1)
    if head["name"] is None:
        start = head.end()
        if text[start : start + 1] == "'":
            return Fault("the quote is never closed", start)
        return Fault("no name before '='", start)
    equals = _EQUALS.match(text, head.end(), end)
    if equals is None:
        if head["name"].endswith(":"):
            return Fault("':' stands where '=' belongs", head.end() - 1)
        blanks = _BLANKS.match(text, head.end(), end)
        return Fault("no '=' after the name", blanks.end() if blanks else head.end())
    opening = equals.end()
    quoted = _QUOTED[text[opening]].match(text, opening, end)
    if quoted is None:
        return Fault("the quote is never closed", opening)
    blanks = _BLANKS.match(text, quoted.end(), end)
    at = blanks.end() if blanks else quoted.end()
    hint = ""
    if _LINE_END.search(quoted[0]):
        hint = f"The quote was opened on line {lines.place(opening)[0]}."
    return Fault("text after the closing quote", at, hint)


def faults(statements: list[Statement], text: str, name: str) -> list[Problem]:
    """A problem for every statement that cannot be read."""
    lines = Lines(text)
    return [
        Problem(
            "",
            b.fault.message,
            Origin("file", name, *lines.place(b.fault.offset)),
            b.fault.hint,
            "syntax",
            excerpt=_excerpt(text, b, b.fault, lines),
        )
        for b in statements
        if b.fault is not None
    ]


def _excerpt(text: str, statement: Statement, fault: Fault, lines: Lines) -> str:
    """The line up to its value, with a caret; a value may be a secret and is left out."""
    start, end = statement.name_span
    line, column = lines.place(fault.offset)
    if line != statement.line:
        return ""
    if end > start and not showable(text[start:end]):
        return "…\n^"
    equals = _EQUALS.match(text, end)
    shown = text[start - statement.column + 1 : equals.end("equals") if equals else end]
    if equals is None and end > start:
        shown += " "
    pointer = re.sub(r"[^\t]", " ", shown[: column - 1]) + "^"
    return f"{shown}…\n{pointer}"


class Lines:
    """Where the lines of a text begin; a lone CR ends a line too, as the parser has it."""

    def __init__(self, text: str) -> None:
        self.starts = [1 if text.startswith("\ufeff") else 0]
        self.starts += [newline.end() for newline in _LINE_END.finditer(text)]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def showable(name: str) -> str:
    """``name`` if it can be shown, else nothing: a broken file may have a secret in its place.

    A line of a private key whose quotes are broken is read as a name.
    """
    if not _NAME.match(name):
        return ""
    for part in re.split(r"[_.:-]", name):
        if len(part) > 32 or (len(part) >= 16 and any(c.isdigit() for c in part)):
            return ""
    return name
