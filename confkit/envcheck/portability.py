"""Values that every common reader of env files reads alike: how to write them, and which are not.

The readers compared are python-dotenv, bash, docker compose, node's dotenv, dotenv-expand, dotenvx
and direnv. They agree on: a bare value of letters, digits and ``_./:@%+,=-``; single quotes around
anything without ``'``, ``\\``, ``$`` and line ends; double quotes around anything without ``"``,
``\\``, ``$``, backticks and line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from confkit.envcheck.envfile import EnvFile, Setting
from confkit.envcheck.findings import Edit, Finding
from confkit.envcheck.references import references
from confkit.sources.dotenv import excess

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+\Z")
#: Beside what quotes give a meaning, whatever some reader takes for the end of a line.
UNFIT_SINGLE = re.compile(r"['\\$\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
UNFIT_DOUBLE = re.compile(r'["\\$`\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]')


def portable(value: str) -> str | None:
    """``value`` as every reader reads it, quoted if need be; None when there is no such form."""
    if not value or BARE.match(value):
        return value
    if not UNFIT_SINGLE.search(value):
        return f"'{value}'"
    if not UNFIT_DOUBLE.search(value):
        return f'"{value}"'
    return None


def quote(value: str) -> str:
    """``value`` as an env file writes it, so that reading gives it back character for character.

    The portable form where there is one, else single quotes with ``\\\\`` and ``\\'``, in which
    ``${NAME}`` stays text. A CR before a line end, which is read as a part of the line end, is
    written as ``\\r`` in double quotes.

    :raises ValueError: for a NUL character, which no env file can hold, and for a text with both
        a CR before a line end and a ``${``.
    """
    if "\0" in value:
        raise ValueError("an env file cannot hold a NUL character")
    if "\r\n" in value:
        if "${" in value:
            raise ValueError("an env file cannot hold a CR before a line end beside a ${")
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "\\r\n")
        return f'"{escaped}"'
    if (text := portable(value)) is not None:
        return text
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def dump(variables: Mapping[str, str]) -> str:
    """An env file that sets ``variables``; write it with ``newline=""`` to keep CR characters.

    :raises ValueError: for a name that is no ``[A-Za-z_][A-Za-z0-9_]*``, a NUL character, or a
        value beyond the limits of reading.
    """
    for name in variables:
        if not NAME.match(name):
            raise ValueError(f"not a portable name: {name!r}")
    text = "".join(f"{name}={quote(value)}\n" for name, value in variables.items())
    for problem in excess(text, "env file"):
        raise ValueError(problem.message)
    return text


def check(file: EnvFile) -> Iterator[Finding]:
    """Values that are not read alike."""
    if file.mark:
        yield file.at(0, "NotPortable", "a byte order mark: bash and direnv do not skip it")
    if (crlf := file.text.find("\r")) >= 0:
        message = "lines end in CR: bash keeps it as part of the values"
        yield file.at(crlf, "NotPortable", message)
    for setting in file.settings:
        if why := _why(file.text[slice(*setting.span)], setting):
            yield file.at(setting.span[0], "NotPortable", why, _requote(setting))


def _requote(setting: Setting) -> Edit | None:
    text = portable(setting.value)
    if text is None or "$" in setting.value:
        return None
    return Edit(*setting.span, text)


def _why(written: str, setting: Setting) -> str:
    """Which readers differ, and in what; empty when none does."""
    if BARE.match(written) or not written:
        return ""
    style = setting.quote
    inner = written[1:-1] if style else written
    # What is reported for itself, as a command or a blank, is not reported twice.
    inner = re.sub(r"\$\([^)]*\)?|`", "", inner) if style != "'" else inner
    inner, why = _without_references(inner, style)
    if why:
        return why
    if style and ("\n" in inner or "\r" in inner):
        return "a line end in quotes: direnv refuses the file"
    if "\\" in inner:
        return {
            "": "a backslash: bash and direnv drop it, the others keep it",
            "'": "a backslash in single quotes: python-dotenv decodes \\\\ and \\', others do not",
            '"': "a backslash in double quotes: every reader knows other escapes",
        }[style]
    if style:
        return ""
    if "#" in inner:
        return "a # in a bare value: node, dotenv-expand, dotenvx and direnv cut the value there"
    if "'" in inner or '"' in inner:
        return "a quotation mark in a bare value: bash and direnv drop it"
    # Letters of any alphabet are read alike, but not blanks of any: those want quotes anyway.
    # Nothing is expanded by pattern in an assignment; a ~ is, at its start and behind a colon.
    if re.search(r"[^\w./:@%+,=\-\s$?*\[\]!^{}~]|(?:\A|:)~", inner):
        return "a character that bash and direnv may read as syntax: quote the value"
    return ""


def _without_references(inner: str, style: str) -> tuple[str, str]:
    """``inner`` without the references that are meant as such, and what is wrong with another.

    ``${NAME}`` is written on purpose: its value depends on the reader's surroundings anyway.
    """
    if "$" not in inner:
        return inner, ""
    parts, at = [], 0
    for found in references(inner):
        if found.kind == "scheme":
            if style != "'":
                return inner, (
                    "a ${scheme:...} outside single quotes: compose refuses the file, "
                    "and bash gives an empty text"
                )
        elif style == "'":
            return inner, "a $ in single quotes: dotenv-expand and python-dotenv may expand it"
        elif found.kind == "bare":
            return inner, (
                "a $NAME: bash, compose, dotenv-expand, dotenvx and direnv expand it, "
                "the others do not; write ${NAME}, or $$ for a dollar sign"
            )
        elif found.rest.startswith(":?"):
            return inner, "a ${NAME:?message}: python-dotenv and node keep it as text"
        elif found.kind != "name":
            return "", ""  # a fault that SubstitutionKey reports
        if found.start >= at:  # else it stands inside the one before
            parts.append(inner[at : found.start])
            at = found.end
    inner = "".join(parts) + inner[at:]
    if "$" in inner:
        return inner, "a $ that stands alone: bash, compose and direnv read it differently"
    return inner, ""
