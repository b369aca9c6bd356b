"""Checks of names, values and lines that need no schema, under dotenv-linter's names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from confkit.envcheck.envfile import EnvFile, Setting
from confkit.envcheck.findings import Edit, Finding
from confkit.envcheck.portability import BARE, portable
from confkit.envcheck.references import expanded
from confkit.layers import Entry, Origin
from confkit.resolution.scalars import anything
from confkit.sources.dotenv import Statement, showable

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_TRAILING = re.compile(r"(?<![^\S\r\n])[^\S\r\n]+(?=[\r\n]|\Z)")
_BLANK_LINES = re.compile(r"(?:(?<=\n)|(?<=\r)|\A)[^\S\r\n]*(?:\r\n|\n|\r)")
_REFERRED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_COMMAND = re.compile(r"(?<!\\)(?:\$\(|`)")
#: Names by which a file takes over the programs that are started with it.
_DANGEROUS = (
    "PATH LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH PYTHONPATH "
    "PYTHONSTARTUP PYTHONHOME PYTHONINSPECT BASH_ENV ENV SHELLOPTS BASHOPTS PROMPT_COMMAND IFS "
    "NODE_OPTIONS NODE_PATH PERL5LIB PERL5OPT RUBYLIB RUBYOPT JAVA_TOOL_OPTIONS OPENSSL_CONF "
    "GIT_SSH_COMMAND GIT_SSH GIT_EXTERNAL_DIFF GIT_PAGER PAGER EDITOR VISUAL BROWSER"
)
_DANGEROUS_NAMES = frozenset(_DANGEROUS.split())


def check(file: EnvFile) -> Iterator[Finding]:
    """Everything that can be said of one file without knowing its settings."""
    for statement in file.statements:
        if statement.fault is not None:
            message, offset, hint = statement.fault
            yield file.at(offset, "UnreadableLine", f"{message}. {hint}" if hint else message)
        elif statement.name is not None:
            yield from _name(file, statement)
            if statement.value is None:
                message = f"{named(statement)} has no '=' and is not set"
                yield file.at(statement.name_span[0], "KeyWithoutValue", message)
    for setting in file.settings:
        yield from _value(file, setting)
    yield from _duplicates(file)
    yield from _lines(file)


def named(statement: Statement) -> str:
    """The name for a message, unless the text in its place may be a secret."""
    return showable(statement.name or "") or "a name that is not shown"


def _name(file: EnvFile, statement: Statement) -> Iterator[Finding]:
    name = statement.name or ""
    start, end = statement.name_span
    if statement.column > 1:
        line_start = start - statement.column + 1
        lead = re.match(r"[^\S\r\n]*", file.text[line_start:start])
        if lead and lead[0]:
            strip = Edit(line_start, line_start + len(lead[0]), "")
            yield file.at(line_start, "LeadingCharacter", "blanks before the name", strip)
    if _NAME.match(name) and end - start == len(name):
        return
    if end - start != len(name):
        edit = Edit(start, end, name) if re.match(r"[^=#\s']+\Z", name) else None
        yield file.at(start, "LeadingCharacter", "the name stands in quotes", edit)
    elif not (name[0] == "_" or (name[0].isascii() and name[0].isalpha())):
        message = "the name does not start with a letter or _"
        yield file.at(start, "LeadingCharacter", message)
    if odd := next((c for c in name[1:] if not (c.isascii() and (c.isalnum() or c == "_"))), None):
        # The code point, since letters of other alphabets can look like ours.
        shown = f"'{odd}'" if odd.isascii() and odd.isprintable() else f"U+{ord(odd):04X}"
        at = start + file.text[start:end].index(odd, 1)
        yield file.at(at, "IncorrectDelimiter", f"the name holds {shown}; common readers refuse it")
    if name.upper() != name:
        yield file.at(start, "LowercaseKey", f"{named(statement)} is not in upper case")


def _value(file: EnvFile, setting: Setting) -> Iterator[Finding]:
    start, end = setting.span
    name_end = setting.statement.name_span[1]
    between = file.text[name_end:start]
    if between != "=" and end > start:
        close = Edit(name_end, start, "=")
        yield file.at(name_end, "SpaceCharacter", "a blank beside '='", close)
    elif end == start and not between.startswith("="):
        close = Edit(name_end, name_end + between.index("="), "")
        yield file.at(name_end, "SpaceCharacter", "a blank before '='", close)
    name = named(setting.statement)
    if setting.name in _DANGEROUS_NAMES:
        message = f"{name} changes how programs are started: set it elsewhere"
        yield file.at(setting.start, "DangerousKey", message)
    value, quote = setting.value, setting.quote
    if not value:
        return
    if quote:
        # A bare null is nothing, and a bare 5 is a number where the type leaves it open.
        if BARE.match(value) and "=" not in value and value.lower() not in ("null", "none"):
            plain = isinstance(anything(Entry(value, Origin("file", file.name))), str)
            edit = Edit(start, end, value) if plain else None
            yield file.at(start, "QuoteCharacter", f"{name} needs no quotes", edit)
    elif any(c.isspace() for c in value):
        text = portable(value)
        edit = None if text is None else Edit(start, end, text)
        message = f"{name} holds a blank and no quotes"
        yield file.at(start, "ValueWithoutQuotes", message, edit)
    if "$" in value or "`" in value:
        yield from _dollars(file, setting, name)


def _dollars(file: EnvFile, setting: Setting, name: str) -> Iterator[Finding]:
    start = setting.span[0]
    if setting.quote != "'" and _COMMAND.search(file.text[slice(*setting.span)]):
        message = f"{name} holds a command: bash and dotenvx execute it, here it is text"
        yield file.at(start, "CommandSubstitution", message)
    for found in expanded(setting.value, setting.quote):
        if found.kind == "open":
            yield file.at(start, "SubstitutionKey", f"{name} holds a ${{ that is not closed")
        elif found.kind == "stray":
            message = f"{name} holds a $NAME}} without its opening brace"
            yield file.at(start, "SubstitutionKey", message)
        elif found.kind == "bad":
            message = f"{name} holds a ${{...}} that is no ${{NAME}}, ${{NAME:-default}} or "
            yield file.at(start, "SubstitutionKey", message + "${NAME:?message}")


def _duplicates(file: EnvFile) -> Iterator[Finding]:
    seen: dict[str, Setting] = {}
    referred = set(_REFERRED.findall(file.text))
    for setting in file.settings:
        before = seen.get(setting.name)
        if before is not None:
            line = before.statement.line
            message = f"{named(setting.statement)} is set on line {line} too; the last one wins"
            # What bash reads in between would change, if something there refers to the name.
            fixable = setting.name not in referred and before.statement.last_line == line
            line_start = before.start - before.statement.column + 1
            edit = Edit(line_start, line_start, "# ") if fixable else None
            yield file.at(setting.start, "DuplicatedKey", message, edit)
        seen[setting.name] = setting


def _lines(file: EnvFile) -> Iterator[Finding]:
    text = file.text
    inside = [s.span for s in file.settings if s.quote and s.statement.last_line > s.statement.line]

    starts = [start for start, _ in inside]

    def quoted(offset: int) -> bool:
        before = bisect_right(starts, offset) - 1
        return before >= 0 and offset < inside[before][1]

    for match in _TRAILING.finditer(text):
        if not quoted(match.start()):
            edit = Edit(match.start(), match.end(), "")
            yield file.at(
                match.start(), "TrailingWhitespace", "blanks at the end of the line", edit
            )
    last = -1
    for match in _BLANK_LINES.finditer(text):
        if match.start() == last and not quoted(match.start()):
            edit = Edit(match.start(), match.end(), "")
            yield file.at(match.start(), "ExtraBlankLine", "another blank line", edit)
        last = match.end()
    if text and text[-1] not in "\r\n":
        edit = Edit(len(text), len(text), "\r\n" if "\r\n" in text else "\n")
        yield file.at(len(text), "EndingBlankLine", "the last line has no line end", edit)
