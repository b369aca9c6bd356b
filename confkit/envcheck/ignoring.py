"""Comments that switch findings off: ``# confkit: ignore[Code]``, ``# confkit: ignore-file[Code]``.

Behind a value, or alone on the line above it, the first form holds for that statement; the second
holds for the whole file, wherever it stands. Without brackets either holds for every code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from confkit.envcheck.codes import CODES, GROUPS
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.findings import Finding

_DIRECTIVE = re.compile(r"#\s*confkit:\s*ignore(?P<file>-file)?\s*(?:\[(?P<codes>[^\]]*)\])?")


class Ignored:
    """What the comments of one file switch off."""

    def __init__(self, file: EnvFile) -> None:
        self.everywhere: set[str] = set()
        self.lines: dict[int, set[str]] = {}
        self.unknown: list[Finding] = []
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
                shown = word if word.isidentifier() else "this"
                message = f"there is no code {shown}"
                self.unknown.append(file.at(offset, "UnknownCode", message))

    def keeps(self, finding: Finding) -> bool:
        """Whether no comment switches ``finding`` off."""
        return finding.code not in self.everywhere and (
            finding.code not in self.lines.get(finding.line, ())
        )


def without_ignored(file: EnvFile, findings: Iterable[Finding]) -> list[Finding]:
    """The findings of ``file`` that no comment switches off, and what is wrong with comments."""
    if "confkit:" not in file.text:
        return list(findings)
    ignored = Ignored(file)
    return [f for f in [*findings, *ignored.unknown] if ignored.keeps(f)]
