"""One run over several files: read, check, fix, report."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from confkit.envcheck import comparison, order, portability, run_time, secrets, syntax
from confkit.envcheck.against_settings import SettingsCheck
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.filenames import role
from confkit.envcheck.findings import Finding
from confkit.envcheck.fixes import fixed, write
from confkit.envcheck.git import Tracked
from confkit.envcheck.ignoring import without_ignored
from confkit.envcheck.options import Options
from confkit.envcheck.template_schema import Template
from confkit.errors import InvalidSource
from confkit.forking import cached_property
from confkit.schema.tree import Schema

#: How many findings of one code are reported for one file.
MOST = 50


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found. ``needed`` are names that get their values at run time."""

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    needed: tuple[str, ...]
    fixes: int = 0
    strict: bool = False

    def __add__(self, other: Report) -> Report:
        """Two runs as one: of the packages of a repository."""
        return Report(
            self.findings + other.findings,
            self.files + other.files,
            tuple(dict.fromkeys(self.needed + other.needed)),
            self.fixes + other.fixes,
            self.strict or other.strict,
        )

    @property
    def ok(self) -> bool:
        """No errors; in a strict run no warnings either."""
        return not any(self.strict or f.level == "error" for f in self.findings)


class Checks:
    """The checks that ``options`` and the settings ask for; made once, used for every file.

    :param schemas: the settings the files are for, if known. What one of them reads, the others
        do not call unknown.
    :param environ: where a strict run looks for values; the process environment by default.
    """

    def __init__(
        self,
        options: Options,
        schemas: Sequence[Schema | Template] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.options = options
        self.environ = os.environ if environ is None else environ
        around = self.environ if options.strict else {}
        self.templates = [one for one in schemas if isinstance(one, Template)]
        self.settings = [
            SettingsCheck(
                one.schema if isinstance(one, Template) else one,
                known=(*options.known, *_patterns(s for s in schemas if s is not one)),
                environ=around,
                blank=isinstance(one, Template),
            )
            for one in schemas
        ]
        self.tracked = Tracked()
        self.scanner: secrets.Scanner | None = None
        if options.scan:
            from confkit.envcheck.scanning import scan

            self.scanner = scan

    def of(self, file: EnvFile) -> list[Finding]:
        """The findings of one file, sorted by place; of one code at most :data:`MOST`."""
        return capped(file, self.every(file))

    def every(self, file: EnvFile) -> Iterator[Finding]:
        """Every finding of one file, in no order."""
        return self.kept(file, _quotes_kept(file, self._all(file)))

    def kept(self, file: EnvFile, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Those of the findings that neither the options nor a comment in the file switch off."""
        codes = self.options.codes - self.options.ignored(file.name)
        return without_ignored(file, (f for f in findings if f.code in codes))

    def _all(self, file: EnvFile) -> Iterator[Finding]:
        options = self.options
        yield from syntax.check(file, options.quotes)
        if "NotPortable" in options.codes:
            yield from portability.check(file)
        if "UnorderedKey" in options.codes:
            yield from order.check(file)
        yield from secrets.check(
            file,
            secret=self.secret,
            local=options.local,
            scanner=self.scanner,
            tracked=self.tracked,
        )
        if options.strict:
            yield from run_time.check(file, self.environ, below(file))
        for settings in self.settings:
            yield from settings.check(file)
        for template in self.templates:
            yield from lacking(file, template, below(file))

    @cached_property
    def secret(self) -> Mapping[str, bool]:
        """The variables of which the settings tell whether they hold secrets."""
        found: dict[str, bool] = {}
        for settings in self.settings:
            for name, secret in settings.secret.items():
                found[name] = secret or found.get(name, False)
        return found


def _quotes_kept(file: EnvFile, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings; none puts or removes a quote in a file with a line that is not understood.

    There a quote further down may be the other half of one that is not closed.
    """
    unread = any(statement.fault is not None for statement in file.statements)
    for finding in findings:
        edit = finding.edit
        if unread and edit is not None:
            text = file.text[edit.start : edit.end] + edit.text
            if "'" in text or '"' in text:
                finding = replace(finding, edit=None)
        yield finding


def lacking(file: EnvFile, template: Template, below: frozenset[str]) -> Iterator[Finding]:
    """The names that a template sets and a file does not."""
    if file.name == template.file or role(file.name).template:
        return
    names = sorted(template.expected - file.variables.keys() - below)
    if names:
        message = f"lacks {', '.join(names)}, set in {template.file}"
        yield file.at(file.end, "DifferentKeys", message)


def _patterns(schemas: Iterable[Schema | Template]) -> Iterator[str]:
    """Names and patterns of the variables that some settings read."""
    for one in schemas:
        schema = one.schema if isinstance(one, Template) else one
        yield from schema.variables
        for leaf in schema.leaves.values():
            if leaf.open:
                yield from (f"{name}__*" for name in leaf.env_names)


def capped(file: EnvFile, findings: Iterable[Finding]) -> list[Finding]:
    """The findings sorted by place; beyond :data:`MOST` of one code, their number."""
    found: list[Finding] = []
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.code] += 1
        if counts[finding.code] <= MOST:
            found.append(finding)
    found.sort(key=lambda f: (f.line, f.column, f.code))
    for code, count in counts.items():
        if count > MOST:
            last = max((f for f in found if f.code == code), key=lambda f: (f.line, f.column))
            message = f"{count - MOST:,} more of these in this file"
            found.insert(found.index(last) + 1, replace(last, message=message, edit=None))
    return found


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
    schemas: Sequence[Schema | Template] = (),
    *,
    root: Path | None = None,
    fix: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Report:
    """Check files, and fix them first if ``fix`` is true.

    :param root: paths are shown relative to it, else to the working directory.
    :raises InvalidSource: when a fixed file cannot be written.
    """
    checks = Checks(options, schemas, environ)
    findings: dict[str, list[Finding]] = {}
    files: list[EnvFile] = []
    fixes = 0
    for path in paths:
        try:
            file = EnvFile.load(path, root)
        except InvalidSource as error:
            for finding in unreadable(error):
                findings.setdefault(finding.file, []).append(finding)
            continue
        if fix:
            before = file.text
            file, count = fixed(file, checks.every)
            if count:
                write(file, before)
            fixes += count
        findings[file.name] = checks.of(file)
        files.append(file)
    if len(files) > 1:
        _compare(checks, files, findings)
    needed = dict.fromkeys(name for file in files for name in run_time.needed(file, below(file)))
    every = tuple(f for found in findings.values() for f in found)
    return Report(every, tuple(findings), tuple(needed), fixes, options.strict)


def _compare(checks: Checks, files: list[EnvFile], into: dict[str, list[Finding]]) -> None:
    """Add what the files are told of each other."""
    typed = frozenset[str]().union(*(settings.typed for settings in checks.settings))
    optional = frozenset[str]().union(*(settings.optional for settings in checks.settings))
    by_file: dict[str, list[Finding]] = {}
    for finding in comparison.check(files, typed, optional):
        by_file.setdefault(finding.file, []).append(finding)
    for file in files:
        if file.name in by_file:
            into[file.name] += capped(file, checks.kept(file, by_file[file.name]))
            into[file.name].sort(key=lambda f: (f.line, f.column))


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
