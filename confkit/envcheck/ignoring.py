"""Comments that switch findings off.

``# confkit: ignore[Code]`` behind a value, or alone on the line above it, holds for that statement;
``# confkit: ignore-file[Code]`` holds for the whole file, wherever it stands. Without brackets
either holds for every code. ``# dotenv-linter:off Code`` holds from its line on until
``# dotenv-linter:on Code``, with dotenv-linter's own codes; without codes, for all of those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from confkit.envcheck.codes import CODES, DOTENV_LINTER, GROUPS
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.findings import Finding

_DIRECTIVE = re.compile(r"#\s*confkit:\s*ignore(?P<file>-file)?\s*(?:\[(?P<codes>[^\]]*)\])?")
_SWITCH = re.compile(r"#\s*dotenv-linter:(?P<turn>on|off)\b(?P<codes>[^\r\n]*)")


class Ignored:
    """What the comments of one file switch off."""

    def __init__(self, file: EnvFile) -> None:
        self.everywhere: set[str] = set()
        self.lines: dict[int, set[str]] = {}
        self.unknown: list[Finding] = []
        #: (line, code, off?) of every switch of dotenv-linter, by code in the order of the lines
        self.switches: dict[str, list[tuple[int, bool]]] = {}
        pending: set[str] = set()
        for statement in file.statements:
            here: set[str] = set()
            offset = file.text.rfind(statement.comment, statement.start, statement.end)
            if statement.text.startswith(("\n", "\r")):
                pending = set()  # a blank line parts a comment from what follows
            for match in _DIRECTIVE.finditer(statement.comment):
                codes = set(self._codes(match["codes"], file, offset + match.start()))
                if match["file"]:
                    self.everywhere |= codes
                else:
                    here |= codes
            if switch := _SWITCH.match(statement.comment):
                line = file.lines.place(offset)[0]
                for code in self._switched(switch["codes"], file, offset):
                    turns = self.switches.setdefault(code, [])
                    turns.append((line, switch["turn"] == "off"))
            if statement.name is None and statement.fault is None:
                pending |= here
                continue
            if here | pending:
                for line in range(statement.line, statement.last_line + 1):
                    self.lines.setdefault(line, set()).update(here | pending)
            pending = set()

    def _codes(self, listed: str | None, file: EnvFile, offset: int) -> Iterator[str]:
        if listed is None:
            yield from CODES
            return
        for word in re.split(r"[\s,]+", listed.strip()):
            if word in CODES:
                yield word
            elif word in GROUPS:
                yield from GROUPS[word]
            else:
                self._unknown(word, file, offset)

    def _switched(self, listed: str, file: EnvFile, offset: int) -> Iterator[str]:
        words = [word for word in re.split(r"[\s,]+", listed) if word]
        for word in words:
            if word in CODES:
                yield word
            else:
                self._unknown(word, file, offset)
        if not words:
            yield from DOTENV_LINTER

    def _unknown(self, word: str, file: EnvFile, offset: int) -> None:
        shown = word if re.fullmatch(r"[A-Za-z]{1,40}", word) else "this"
        self.unknown.append(file.at(offset, "UnknownCode", f"there is no code {shown}"))

    def keeps(self, finding: Finding) -> bool:
        """Whether no comment switches ``finding`` off."""
        off = False
        for line, turn in self.switches.get(finding.code, ()):
            if line > finding.line:
                break
            off = turn
        return not (
            off
            or finding.code in self.everywhere
            or finding.code in self.lines.get(finding.line, ())
        )


def without_ignored(file: EnvFile, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of ``file`` that no comment switches off, and what is wrong with comments."""
    if "confkit:" not in file.text and "dotenv-linter:" not in file.text:
        yield from findings
        return
    ignored = Ignored(file)
    yield from filter(ignored.keeps, findings)
    yield from filter(ignored.keeps, ignored.unknown)
