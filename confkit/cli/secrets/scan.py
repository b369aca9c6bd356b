"""``confkit secrets scan``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from confkit.cli.output import OK, PROBLEMS, json_option, print_json
from confkit.cli.target import Target, environment_option
from confkit.errors import InvalidConfig
from confkit.layers import shown
from confkit.project import tool_settings
from confkit.secrets.scan import Leak, files_of, scan_file, scan_staged


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
