"""``confkit secrets check`` and ``scan``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from confkit.cli.output import OK, PROBLEMS, json_option, print_json, print_table
from confkit.cli.target import Target, environment_option, target_options
from confkit.errors import InvalidConfig, MissingExtra, SecretError
from confkit.layers import shown
from confkit.project import tool_settings
from confkit.resolution.references import LookUp, References
from confkit.secrets.defaults import default_resolvers
from confkit.secrets.files import readable_by_all
from confkit.secrets.scan import Leak, files_of, scan_file, scan_staged


class _Recording:
    """A resolver that remembers what it was asked, and whether there was an answer."""

    def __init__(
        self, scheme: str, inner: Any, seen: dict[str, str], look_up: LookUp | None = None
    ) -> None:
        self._scheme, self._inner, self._seen = scheme, inner, seen
        self._look_up = look_up or _nothing
        self.secret = getattr(inner, "secret", True)
        self.inline = getattr(inner, "inline", False)
        self.remembers = getattr(inner, "remembers", False)

    def with_variables(self, look_up: LookUp) -> _Recording:
        return _Recording(self._scheme, self._inner, self._seen, look_up)

    def fetch(self, references: Collection[str]) -> Mapping[str, Any]:
        asked = References({self._scheme: self._inner}, self._look_up)
        asked.fetch([(self._scheme, reference) for reference in references])
        answers: dict[str, Any] = {}
        for reference in references:
            name = asked.shown(self._scheme, reference)
            try:
                answers[reference] = asked.answer(self._scheme, reference)
                self._seen.setdefault(name, "")
            except (SecretError, MissingExtra) as error:
                answers[reference] = error
                self._seen[name] = str(error)
        return answers

    def resolve(self, reference: str) -> Any:
        raise AssertionError("fetch answers everything")


def _nothing(name: str) -> None:
    return None


@click.command()
@target_options
@environment_option
@json_option
def check(target: Target, environment: str | None, as_json: bool) -> int:
    """Resolve every reference that the settings use; print which could be, and no value.

    \b
    Example:
      confkit secrets check -e production
    """
    seen: dict[str, str] = {}
    resolvers = {
        scheme: _Recording(scheme, one, seen)
        for scheme, one in default_resolvers(target.root).items()
    }
    problems = []
    try:
        target.load(environment, resolvers=resolvers)
    except InvalidConfig as error:
        problems = [p for p in error.problems if p.code in ("secret-in-plain", "unknown-scheme")]
    rows = [(name, why or "resolved", _note(name, target.root)) for name, why in seen.items()]
    failed = [name for name, why in seen.items() if why]
    if as_json:
        listed = [{"reference": name, "error": why or None} for name, why in seen.items()]
        print_json({"references": listed, "problems": [p.as_dict() for p in problems]})
        return PROBLEMS if failed or problems else OK
    if rows:
        print_table(("reference", "state", "note"), rows)
    for problem in problems:
        click.echo(str(problem))
    total = len(rows)
    click.echo(f"{total} reference{'s' * (total != 1)}, {len(failed)} not resolved.")
    return PROBLEMS if failed or problems else OK


def _note(reference: str, root: Path) -> str:
    if not reference.startswith(("${file:", "${file64:")):
        return ""
    path = root / reference.partition(":")[2].removesuffix("}")
    return "every user can read this file: chmod o-r" if readable_by_all(path) else ""


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--staged", is_flag=True, help="Look through what git would commit now.")
@click.option("--settings", "-s", metavar="MODULE:CLASS", help="Whose secrets are looked for.")
@environment_option
@json_option
def scan(
    files: tuple[Path, ...],
    staged: bool,
    settings: str | None,
    environment: str | None,
    as_json: bool,
) -> int:
    """Find secrets in clear text: values of your own secrets, known credentials, private keys.

    The settings are loaded, and the values of their secrets are looked for: as they are, in
    base64, percent-encoded and escaped. Without FILE, all files are looked through that git
    tracks or would add.

    \b
    Examples:
      confkit secrets scan --staged          # before a commit
      confkit secrets scan logs/ config/
    """
    if staged and files:
        raise click.UsageError("--staged and FILE exclude each other")
    note = _remember(settings, environment)
    try:
        leaks = scan_staged(Path()) if staged else _scanned(files)
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        print_json({"leaks": [asdict(leak) for leak in leaks], "note": note or None})
        return PROBLEMS if leaks else OK
    for leak in leaks:
        click.echo(str(leak))
    if note:
        click.echo(note, err=True)
    click.echo(f"{len(leaks)} secret{'s' * (len(leaks) != 1)} in clear text.")
    return PROBLEMS if leaks else OK


def _remember(settings: str | None, environment: str | None) -> str:
    """Load the settings, so that their secrets are known; what could not be done."""
    from confkit.cli.target import load_target
    from confkit.project import project_root

    named = settings or tool_settings().get("settings")
    if not isinstance(named, str) or not named:
        return "No settings are named: values of your own secrets are not looked for."
    try:
        Target(load_target(named), project_root()).load(environment)
    except InvalidConfig as error:
        count = len(error.problems)
        return f"The settings have {count} problems: not all of their secrets are known."
    return ""


def _scanned(files: tuple[Path, ...]) -> list[Leak]:
    leaks: list[Leak] = []
    for start in files or (Path(),):
        for path in files_of(start) if start.is_dir() else (start,):
            leaks += scan_file(path, shown(path))
    return sorted(leaks)
