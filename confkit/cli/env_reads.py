"""``confkit env reads``: the variables that code reads, and those that the settings do not know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from confkit.cli.output import OK, PROBLEMS, json_option, print_json, print_table
from confkit.cli.target import importing_from, load_target
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.options import InvalidOptions
from confkit.envcheck.projects import Project, project
from confkit.envreads.comparison import Drift, compare
from confkit.envreads.proposal import proposal
from confkit.envreads.reads import of_the_platform
from confkit.envreads.tree import Reads, scan
from confkit.schema.reading import read_schema
from confkit.schema.tree import Schema

EXAMPLE = ".env.example"
_COMMENTED = re.compile(r"(?m)^[^\S\r\n]*#[^\S\r\n]*(?:export[^\S\r\n]+)?([A-Z][A-Z0-9_]*)=")


@click.command()
@click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]..."
)
@click.option(
    "--settings",
    "-s",
    multiple=True,
    metavar="MODULE:CLASS",
    help="A settings class; may repeat. Default: [tool.confkit] settings.",
)
@click.option(
    "--example",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"The template to compare with. Default: {EXAMPLE} of the root, if there is one.",
)
@click.option("--check", "must_match", is_flag=True, help="Fail when code and settings differ.")
@click.option("--propose", is_flag=True, help="Print settings for what is not declared.")
@click.option("--all", "every", is_flag=True, help="Also list PATH, HOME and the like.")
@json_option
def reads(
    paths: tuple[Path, ...],
    settings: tuple[str, ...],
    example: Path | None,
    must_match: bool,
    propose: bool,
    every: bool,
    as_json: bool,
) -> int:
    """List every environment variable that code reads, found in its source.

    PATH is a file or a directory; the working directory if left out. Known are os.environ,
    os.getenv and functions around them, python-decouple, django-environ, environs, pydantic's
    settings, and options with envvar=. Nothing is imported but the settings.

    \b
    Examples:
      confkit env reads src
      confkit env reads src --check        # code, settings and .env.example agree
      confkit env reads src --propose      # a dataclass for what is not declared
    """
    try:
        one = project()
    except InvalidOptions as error:
        raise click.UsageError(str(error)) from None
    schemas = _schemas(one, settings)
    template = example or one.root / EXAMPLE
    if must_match and not schemas and not template.is_file():
        raise click.UsageError(
            f"--check compares with settings or a template, and here is neither: "
            f"name them by --settings or --example, or work where {EXAMPLE} is"
        )
    found = scan(paths or [Path()])
    drift = _drift(one, found, schemas, template)
    if propose:
        names = found.names
        if schemas:
            undeclared = {read.name for read in drift.undeclared}
            names = {name: some for name, some in names.items() if name in undeclared}
        print_proposal = {n: r for n, r in names.items() if every or not of_the_platform(n)}
        click.echo(proposal(print_proposal), nl=False)
        return OK
    if as_json:
        print_json(
            {
                "files": found.files,
                "reads": [r.as_dict() for r in found.reads if every or not of_the_platform(r.name)],
                "unnamed": found.unnamed,
                "unreadable": found.unreadable,
                **drift.as_dict(),
            }
        )
    else:
        _print(found, drift, every=every)
    return PROBLEMS if must_match and (drift or found.unreadable) else OK


def _schemas(one: Project, named: tuple[str, ...]) -> list[Schema]:
    with importing_from(one.directory):
        return [read_schema(load_target(text)) for text in named or one.settings]


def _drift(one: Project, found: Reads, schemas: list[Schema], template: Path) -> Drift:
    declared: set[str] = set()
    required: set[str] = set()
    for schema in schemas:
        declared.update(schema.variables)
        for leaf in schema.leaves.values():
            if leaf.open:
                declared.update(f"{name}__*" for name in leaf.env_names)
            if leaf.required:
                required.add(leaf.env_names[0])
    listed: set[str] | None = None
    if template.is_file():
        file = EnvFile.load(template)
        listed = {*file.variables, *_COMMENTED.findall(file.text)}
    return compare(
        found,
        declared=declared if schemas else None,
        required=required,
        listed=listed,
        known=one.options.known,
    )


def _print(found: Reads, drift: Drift, *, every: bool) -> None:
    undeclared = {read.name for read in drift.undeclared}
    rows: list[tuple[Any, ...]] = []
    for name, some in found.names.items():
        if every or not of_the_platform(name):
            more = f" and {len(some) - 1} more" if len(some) > 1 else ""
            default = next((r.default for r in some if r.default is not None), None)
            shown = "required" if any(r.required for r in some) else default or ""
            state = "not declared" if name in undeclared else ""
            rows.append((name, f"{some[0].place}{more}", some[0].how, shown, state))
    if rows:
        print_table(("variable", "read at", "by", "default", ""), rows)
    else:
        click.echo(f"{found.files} files read no variables.")
    for text, names in (
        ("Not in the template", drift.unlisted),
        ("In the template, and read by nothing", drift.unread),
    ):
        if names:
            click.echo(f"{text}: {', '.join(names)}.")
    if found.unnamed:
        places = ", ".join(found.unnamed[:3]) + (" ..." if len(found.unnamed) > 3 else "")
        count = len(found.unnamed)
        one = "1 read has a name" if count == 1 else f"{count} reads have names"
        click.echo(f"{one} that the source does not tell: {places}.")
    for path in found.unreadable:
        click.echo(f"Error: {path} cannot be read as Python.", err=True)
