"""``confkit env check``: of a project, of its packages, or of the files that are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from confkit import __version__
from confkit.cli.output import OK, PROBLEMS, json_option, print_json, print_table
from confkit.cli.target import importing_from, load_target
from confkit.envcheck import formats
from confkit.envcheck.checking import Report, run
from confkit.envcheck.codes import CODES
from confkit.envcheck.git import repository
from confkit.envcheck.options import InvalidOptions
from confkit.envcheck.projects import Project, packages, project
from confkit.envcheck.template_schema import Template, template_schema
from confkit.errors import ConfkitError
from confkit.schema.reading import read_schema
from confkit.schema.tree import Schema


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--settings",
    "-s",
    multiple=True,
    metavar="MODULE:CLASS",
    help="Settings, or a template such as .env.example; may repeat. Default: those of the project.",
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The directory of the project's pyproject.toml.",
)
@click.option("--select", multiple=True, metavar="CODES", help="Report these codes only.")
@click.option("--extend-select", multiple=True, metavar="CODES", help="Report these codes too.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Do not report these codes.")
@click.option("--strict", is_flag=True, help="Demand a value for ${NAME}; fail on warnings.")
@click.option("--scan", is_flag=True, help="Look for credentials with detect-secrets.")
@click.option("--fix", is_flag=True, help="Fix what can be fixed without changing a value.")
@json_option
@click.option("--github", is_flag=True, help="Print annotations for GitHub Actions.")
@click.option("--sarif", is_flag=True, help="Print a SARIF 2.1.0 log.")
@click.option("--codes", is_flag=True, help="List every code, and check nothing.")
def check(codes: bool, as_json: bool, github: bool, sarif: bool, **asked: Any) -> int:
    """Find what is wrong in env files: syntax, style, secrets, and what the settings expect.

    Without FILE, those of [tool.confkit.env] files are checked, else .env, .env.* and the like
    of the root, and those of the packages that [tool.confkit.env] packages names.
    Exit codes: 0 all well, 1 errors found, 2 wrong usage.

    \b
    Examples:
      confkit env check .env.staging .env.production
      confkit env check --fix --ignore NotPortable
      confkit env check --sarif > env.sarif
    """
    if as_json + github + sarif > 1:
        raise click.UsageError("--json, --github and --sarif exclude each other")
    if codes:
        _print_codes()
        return OK
    # Where GitHub and code scanning look a file up.
    top = repository(Path()) if github or sarif else None
    try:
        report = _report(top, **asked)
    except (click.ClickException, ConfkitError) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        if sarif:  # an empty log would say that all is well
            print_json(formats.failed_sarif(message, __version__))
        if not isinstance(error, InvalidOptions):
            raise
        raise click.UsageError(message) from None
    if as_json:
        print_json(formats.document(report.findings, report.files, report.needed, report.fixes))
    elif sarif:
        print_json(formats.sarif(report.findings, __version__))
    else:
        _print(report, formats.github if github else formats.line)
    return OK if report.ok else PROBLEMS


def _report(
    top: Path | None,
    *,
    files: tuple[Path, ...],
    settings: tuple[str, ...],
    root: Path,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    scan: bool,
    fix: bool,
) -> Report:
    """What the projects that the command is about are told, as one report."""
    for file in files:
        if not file.is_file():
            what = "is a directory" if file.is_dir() else "does not exist"
            raise click.UsageError(f"{file} {what}")
    report = Report((), (), ())
    for one, paths in _projects(root, files):
        options = one.options.choose(select, extend_select, ignore)
        options = replace(options, strict=options.strict or strict, scan=options.scan or scan)
        schemas = _schemas(one, settings)
        report += run(paths, options, schemas, root=top, fix=fix)
    return report


def _projects(root: Path, files: tuple[Path, ...]) -> Iterator[tuple[Project, list[Path]]]:
    here = project(root)
    if files:
        yield here, list(files)
        return
    inside = list(packages(root))
    # A root that only holds packages needs no env file of its own.
    if not inside or here.options.files or here.settings:
        yield here, here.files()
    for one in inside:
        yield one, one.files()


def _schemas(one: Project, named: tuple[str, ...]) -> list[Schema | Template]:
    with importing_from(one.directory):
        return [_schema(text, one.directory) for text in named or one.settings]


def _schema(text: str, directory: Path) -> Schema | Template:
    """The schema of a settings class, or of a template such as ``.env.example``."""
    if ":" not in text and (path := directory / text).is_file():
        return template_schema(path)
    return read_schema(load_target(text))


def _print_codes() -> None:
    rows = [
        (code, known.level, "yes" if known.fixable else "", known.summary)
        for code, known in CODES.items()
    ]
    print_table(("code", "level", "--fix", "meaning"), rows)


def _print(report: Report, line: Callable[[Any], str]) -> None:
    for finding in report.findings:
        click.echo(line(finding))
    if report.fixes:
        click.echo(f"{report.fixes} finding{'s' if report.fixes != 1 else ''} fixed.")
    click.echo(formats.summary(report.findings, len(report.files), report.needed))
