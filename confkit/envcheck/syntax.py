"""Checks of names, values and lines that need no schema, under dotenv-linter's names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

from confkit.envcheck.codes import Level
from confkit.envcheck.envfile import EnvFile, Setting
from confkit.envcheck.filenames import role
from confkit.envcheck.findings import Edit, Finding
from confkit.envcheck.portability import BARE, UNFIT_DOUBLE, UNFIT_SINGLE, portable
from confkit.envcheck.references import REFERRED, expanded
from confkit.layers import Entry, Origin
from confkit.resolution.scalars import anything
from confkit.sources.dotenv import Statement

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
#: What every reader takes for a blank.
_BLANKS = " \t"
_LINE_OVER = re.compile(r"[ \t]*(?=[\r\n]|\Z)")
_TRAILING = re.compile(r"(?<![^\S\r\n])[^\S\r\n]+(?=[\r\n]|\Z)")
#: The second and further blank lines of a row; a CRLF is one line end.
_BLANK_LINES = re.compile(
    r"(?:(?<=\n)|(?<=\r)(?!\n)|\A)[^\S\r\n]*(?:\r\n|\n|\r(?!\n))"
    r"(?P<more>(?:[^\S\r\n]*(?:\r\n|\n|\r(?!\n)))+)"
)
_LINE_END = re.compile(r"\r\n|\n|\r")
#: How many names of a circle a message has.
_LONGEST_CIRCLE = 10
_COMMAND = re.compile(r"(?<!\\)(?:\$\(|`)")
#: Names by which a file makes every program that is started with it run other code.
_HIJACKING = frozenset(
    {"LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "BASH_ENV", "ENV", "PROMPT_COMMAND"}
    | {"PYTHONSTARTUP", "PYTHONHOME", "PYTHONINSPECT", "PYTHONBREAKPOINT", "PERL5OPT", "RUBYOPT"}
    | {"DOTNET_STARTUP_HOOKS", "GIT_SSH_COMMAND", "GIT_SSH", "GIT_ASKPASS", "SSH_ASKPASS"}
    | {"GIT_EXTERNAL_DIFF", "GIT_PAGER", "SHELLOPTS", "BASHOPTS", "IFS"}
)
#: Names that change how programs run, and are often meant to.
_STEERING = frozenset(
    {"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "NODE_PATH", "PERL5LIB"}
    | {"RUBYLIB", "CLASSPATH", "OPENSSL_CONF", "PAGER", "EDITOR", "VISUAL", "BROWSER"}
    | {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "NPM_CONFIG_REGISTRY"}
    | {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}
    | {"NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED"}
)
#: Options of an interpreter, which do harm only where they load code.
_OPTIONS = frozenset({"NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
_LOADING = re.compile(
    r"(?:^|\s)(?:-r|--require|--import|--(?:experimental-)?loader|--inspect(?:-brk)?|-javaagent"
    r"|-agentlib|-agentpath|-Xbootclasspath)\b"
)
Quotes = Literal["when-needed", "double", "single", "any"]


def check(file: EnvFile, quotes: Quotes = "when-needed") -> Iterator[Finding]:
    """Everything that can be found in one file without knowing its settings."""
    template = role(file.name).template
    for statement in file.statements:
        if statement.fault is not None:
            message, offset, hint = statement.fault
            yield file.at(offset, "UnreadableLine", f"{message}. {hint}" if hint else message)
        elif statement.name is not None:
            if statement.value is not None:
                yield from _name(file, statement)
                continue
            # Not named: a value that was put on a line of its own is read as a name.
            message = "a name without '=' is not set"
            yield file.at(statement.name_span[0], "KeyWithoutValue", message)
    for setting in file.settings:
        yield from _value(file, setting, quotes, template=template)
    yield from _duplicates(file)
    yield from _circles(file)
    yield from _lines(file)


def _name(file: EnvFile, statement: Statement) -> Iterator[Finding]:
    name = statement.name or ""
    start, end = statement.name_span
    if statement.column > 1:
        line_start = start - statement.column + 1
        lead = re.match(r"[^\S\r\n]*", file.text[line_start:start])
        if lead and lead[0]:
            strip = (
                None if lead[0].strip(_BLANKS) else Edit(line_start, line_start + len(lead[0]), "")
            )
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
        yield file.at(start, "LowercaseKey", f"{file.named(statement)} is not in upper case")


def _value(file: EnvFile, setting: Setting, quotes: Quotes, *, template: bool) -> Iterator[Finding]:
    start, end = setting.span
    name_end = setting.statement.name_span[1]
    between = file.text[name_end:start]
    if between != "=" and end > start:
        close = None if between.strip(_BLANKS + "=") else Edit(name_end, start, "=")
        yield file.at(name_end, "SpaceCharacter", "a blank beside '='", close)
    elif end == start and not between.startswith("="):
        blanks = between[: between.index("=")]
        close = None if blanks.strip(_BLANKS) else Edit(name_end, name_end + len(blanks), "")
        yield file.at(name_end, "SpaceCharacter", "a blank before '='", close)
    name = file.named(setting.statement)
    value, quote = setting.value, setting.quote
    if level := _danger(setting):
        message = f"{name} changes how programs are started: set it elsewhere"
        yield file.at(setting.start, "DangerousKey", message, level=level)
    if not value:
        return
    yield from _quotes(file, setting, quotes, name)
    if not quote and any(c.isspace() for c in value):
        text = portable(value)
        edit = None if text is None else Edit(start, end, text)
        message = f"{name} holds a blank and no quotes"
        yield file.at(start, "ValueWithoutQuotes", message, edit)
    if "$" in value or "`" in value:
        yield from _dollars(file, setting, name, template=template)


def _danger(setting: Setting) -> Level | None:
    name = setting.name.upper()
    if name in _HIJACKING:
        return "error" if setting.value else None
    if name in _OPTIONS:
        return "error" if _LOADING.search(setting.value) else None
    return "warning" if name in _STEERING and setting.value else None


def _quotes(file: EnvFile, setting: Setting, quotes: Quotes, name: str) -> Iterator[Finding]:
    start, end = setting.span
    value, quote = setting.value, setting.quote
    if quotes == "when-needed":
        # A bare null is nothing, and a bare 5 is a number where the type leaves it open.
        nothing = value.lower() in ("null", "none")
        if quote and BARE.match(value) and "=" not in value and not nothing:
            plain = isinstance(anything(Entry(value, Origin("file", file.name))), str)
            edit = Edit(start, end, value) if plain else None
            yield file.at(start, "QuoteCharacter", f"{name} needs no quotes", edit)
    elif quotes != "any":
        wanted, unfit = {"double": ('"', UNFIT_DOUBLE), "single": ("'", UNFIT_SINGLE)}[quotes]
        # A value that these quotes would change keeps those it has.
        if quote != wanted and not unfit.search(value):
            same = not quote and isinstance(anything(Entry(value, Origin("file", ""))), str)
            edit = Edit(start, end, f"{wanted}{value}{wanted}") if quote or same else None
            yield file.at(start, "QuoteCharacter", f"{name} is not in {quotes} quotes", edit)


def _dollars(file: EnvFile, setting: Setting, name: str, *, template: bool) -> Iterator[Finding]:
    start = setting.span[0]
    if setting.quote != "'" and _COMMAND.search(file.text[slice(*setting.span)]):
        message = f"{name} holds a command: bash and dotenvx execute it, here it is text"
        # In a template it tells people how to make the value.
        yield file.at(start, "CommandSubstitution", message, level="warning" if template else None)
    for found in expanded(setting.value, setting.quote):
        if found.kind == "open":
            yield file.at(start, "SubstitutionKey", f"{name} holds a ${{ that is not closed")
        elif found.kind == "stray":
            message = f"{name} holds a $NAME}} without its opening brace"
            yield file.at(start, "SubstitutionKey", message)
        elif found.kind == "bad":
            message = f"{name} holds a ${{...}} that is no ${{NAME}} or ${{NAME:-default}}"
            yield file.at(start, "SubstitutionKey", message)


def _duplicates(file: EnvFile) -> Iterator[Finding]:
    seen: dict[str, Setting] = {}
    referred = set(REFERRED.findall(file.text))
    for setting in file.settings:
        before = seen.get(setting.name)
        if before is not None:
            line = before.statement.line
            message = (
                f"{file.named(setting.statement)} is set on line {line} too; the last one wins"
            )
            # What bash reads in between would change, if something there refers to the name.
            fixable = setting.name not in referred and before.statement.last_line == line
            line_start = before.start - before.statement.column + 1
            fixable = fixable and file.unclear is None and _same_form(file, before, setting)
            edit = Edit(line_start, line_start, "# ") if fixable else None
            level: Level | None = "warning" if setting.value == before.value else None
            yield file.at(setting.start, "DuplicatedKey", message, edit, level)
        seen[setting.name] = setting


def _same_form(file: EnvFile, before: Setting, after: Setting) -> bool:
    """Whether every reader that sees the earlier of two lines sees the later one, too.

    Some do not know ``export``; some execute a line with a blank beside ``=``; some read a comment
    behind a value as a part of it.
    """
    exported = [
        "export" in file.text[one.start - one.statement.column + 1 : one.start]
        for one in (before, after)
    ]
    plain = file.text[after.statement.name_span[1] : after.span[0]] == "="
    behind = _LINE_OVER.match(file.text, after.span[1])
    return exported[0] == exported[1] and plain and behind is not None


def _circles(file: EnvFile) -> Iterator[Finding]:
    """Variables that need each other; one that names itself means the one around the file."""
    needs = {
        name: [
            r.name
            for r in expanded(setting.value, setting.quote)
            if r.kind == "name" and r.name != name and r.name in file.variables
        ]
        for name, setting in file.variables.items()
        if "${" in setting.value
    }
    done: set[str] = set()
    for first in needs:
        trail: dict[str, Iterator[str]] = {} if first in done else {first: iter(needs[first])}
        while trail:
            name = next(reversed(trail))
            following = next(trail[name], None)
            if following is None:
                done.add(name)
                del trail[name]
            elif following in trail:
                names = list(trail)
                circle = [*names[names.index(following) :], following][:_LONGEST_CIRCLE]
                shown = " -> ".join(f"${{{one}}}" for one in circle)
                message = f"the variables go round in a circle: {shown}"
                start = file.variables[following].span[0]
                yield file.at(start, "SubstitutionKey", message)
            elif following not in done:
                trail[following] = iter(needs.get(following, ()))


def _lines(file: EnvFile) -> Iterator[Finding]:
    text = file.text
    inside = [s.span for s in file.settings if s.quote and s.statement.last_line > s.statement.line]

    starts = [start for start, _ in inside]

    def quoted(offset: int) -> bool:
        before = bisect_right(starts, offset) - 1
        return before >= 0 and offset < inside[before][1]

    for match in _TRAILING.finditer(text):
        if not quoted(match.start()):
            start, end = match.span()
            # Behind a backslash the line end would become a part of the value for some readers.
            safe = text[start - 1 : start] != "\\" and not match[0].strip(_BLANKS)
            edit = Edit(start, end, "") if safe else None
            yield file.at(start, "TrailingWhitespace", "blanks at the end of the line", edit)
    for match in _BLANK_LINES.finditer(text):
        start, end = match.span("more")
        if not quoted(start):
            count = len(_LINE_END.findall(match["more"]))
            message = "another blank line" if count == 1 else f"{count:,} more blank lines"
            yield file.at(start, "ExtraBlankLine", message, Edit(start, end, ""))
    if text and text[-1] not in "\r\n":
        last = next((s for s in reversed(file.statements) if s.text.strip()), None)
        # What a line end completes, other readers may read: `5:`, `A=x\`.
        whole = last is None or (
            last.fault is None and (last.name is None or last.value is not None)
        )
        newline = "\r\n" if "\r\n" in text else "\n"
        edit = Edit(len(text), len(text), newline) if whole and text[-1] != "\\" else None
        yield file.at(len(text), "EndingBlankLine", "the last line has no line end", edit)
