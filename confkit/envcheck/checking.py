"""One run over several files: read, check, mend, report."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from confkit.envcheck import comparison, order, portability, run_time, secrets, syntax
from confkit.envcheck.against_settings import SettingsCheck
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.findings import Finding
from confkit.envcheck.fixes import fixed, write
from confkit.envcheck.ignoring import without_ignored
from confkit.envcheck.options import Options
from confkit.errors import InvalidSource
from confkit.schema.tree import Schema


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found. ``needed`` are names that get their values at run time."""

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    needed: tuple[str, ...]
    mended: int = 0
    strict: bool = False

    @property
    def ok(self) -> bool:
        """No errors; in a strict run no warnings either."""
        return not any(self.strict or f.level == "error" for f in self.findings)


class Checks:
    """The checks that ``options`` and the settings ask for; made once, used for every file.

    :param schema: the settings the files are for, if known.
    :param environ: where a strict run looks for values; the process environment by default.
    """

    def __init__(
        self,
        options: Options,
        schema: Schema | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.options = options
        self.environ = os.environ if environ is None else environ
        around = self.environ if options.strict else {}
        self.settings = (
            None if schema is None else SettingsCheck(schema, known=options.known, environ=around)
        )
        self.scanner: secrets.Scanner | None = None
        if options.scan:
            from confkit.envcheck.scanning import scan

            self.scanner = scan

    def of(self, file: EnvFile) -> list[Finding]:
        """Every finding of one file, sorted by place."""
        findings = [f for f in self._all(file) if f.code in self.options.codes]
        kept = without_ignored(file, findings)
        return sorted(kept, key=lambda f: (f.line, f.column, f.code))

    def _all(self, file: EnvFile) -> Iterator[Finding]:
        options = self.options
        yield from syntax.check(file)
        yield from portability.check(file)
        if "UnorderedKey" in options.codes:
            yield from order.check(file)
        settings = self.settings
        secret = settings.secret if settings else frozenset()
        yield from secrets.check(file, secret=secret, local=options.local, scanner=self.scanner)
        if options.strict:
            yield from run_time.check(file, self.environ, below(file))
        if settings is not None:
            yield from settings.check(file)


def below(file: EnvFile) -> frozenset[str]:
    """The names that ``.env`` sets for a file of one environment beside it."""
    if file.path is None or not file.path.name.startswith(".env."):
        return frozenset()
    try:
        return frozenset(EnvFile.load(file.path.with_name(".env")).variables)
    except InvalidSource:
        return frozenset()  # missing, or reported where it is checked itself


def run(
    paths: Sequence[Path],
    options: Options,
    schema: Schema | None = None,
    *,
    root: Path | None = None,
    fix: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Report:
    """Check files, and mend them first if ``fix`` says so.

    :param root: paths are shown relative to it, else to the working directory.
    :raises InvalidSource: when a mended file cannot be written.
    """
    checks = Checks(options, schema, environ)
    findings: list[Finding] = []
    files: list[EnvFile] = []
    names: list[str] = []
    mended = 0
    for path in paths:
        try:
            file = EnvFile.load(path, root)
        except InvalidSource as error:
            findings += unreadable(error)
            names += dict.fromkeys(p.origin.name for p in error.problems if p.origin)
            continue
        if fix:
            before = file.text
            file, count = fixed(file, checks.of)
            if count:
                write(file, before)
            mended += count
        findings += checks.of(file)
        files.append(file)
        names.append(file.name)
    if len(files) > 1:
        typed = checks.settings.typed if checks.settings else frozenset()
        compared = [f for f in comparison.check(files, typed) if f.code in options.codes]
        for file in files:
            findings += without_ignored(file, (f for f in compared if f.file == file.name))
    needed = dict.fromkeys(name for file in files for name in run_time.needed(file, below(file)))
    place = {name: i for i, name in enumerate(names)}
    findings.sort(key=lambda f: (place[f.file], f.line, f.column, f.code))
    return Report(tuple(findings), tuple(names), tuple(needed), mended, options.strict)


def unreadable(error: InvalidSource) -> list[Finding]:
    """The problems of a file that cannot be read, as findings."""
    code = "UnreadableFile"
    return [
        Finding(
            code, p.message, p.origin.name, p.origin.line or 1, p.origin.column or 1,
            CODES[code].level,
        )
        for p in error.problems
        if p.origin is not None
    ]  # fmt: skip
