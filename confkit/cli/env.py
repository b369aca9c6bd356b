"""``confkit env check``, ``diff``, ``example`` and ``sort``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from confkit.cli.groups import Command, LazyGroup
from confkit.cli.output import OK, PROBLEMS, json_option, print_json, print_table
from confkit.cli.target import load_target
from confkit.envcheck.against_settings import SettingsCheck
from confkit.envcheck.comparison import differences
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.example import env_example
from confkit.envcheck.fixes import replace as replace_file
from confkit.envcheck.fixes import write
from confkit.envcheck.order import sort as sorted_text
from confkit.layers import shown
from confkit.project import project_root, tool_settings
from confkit.schema.reading import read_schema
from confkit.schema.tree import Schema
from confkit.sources.dotenv import read_env

EXAMPLE = ".env.example"
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


_HERE = "confkit.cli.env"
COMMANDS = {
    "check": Command("confkit.cli.env_check", "check", "Find what is wrong in env files."),
    "diff": Command(_HERE, "diff", "Show what two env files set differently."),
    "example": Command(_HERE, "example", "Print a commented .env.example."),
    "reads": Command("confkit.cli.env_reads", "reads", "List the variables that code reads."),
    "sort": Command(_HERE, "sort", "Sort the names of env files inside their groups."),
}


@click.command(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
def env() -> None:
    """Check, compare and complete env files."""


def _schema_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--settings",
        "-s",
        "settings",
        metavar="MODULE:CLASS",
        help="The settings class. Default: [tool.confkit] settings.",
    )(command)


def _schema(settings: str | None) -> Schema | None:
    """The settings that the command line or pyproject.toml name; None where neither does."""
    named = settings or tool_settings().get("settings")
    return read_schema(load_target(named)) if isinstance(named, str) and named else None


@click.command()
@click.argument("left", type=_file)
@click.argument("right", type=_file)
@_schema_option
@json_option
@click.option("--check", "must_match", is_flag=True, help="Fail when the names differ.")
def diff(left: Path, right: Path, settings: str | None, as_json: bool, must_match: bool) -> int:
    """Show what two env files set differently, with secrets masked.

    Different values are what several files are for, so they are no failure; with --check, a name
    that only one of the files sets is.
    """
    one, other = EnvFile.load(left), EnvFile.load(right)
    schema = _schema(settings)
    secret = SettingsCheck(schema).secret if schema is not None else None
    found = differences(one, other, secret)
    if as_json:
        print_json(
            {
                "left": one.name,
                "right": other.name,
                "differences": [difference.as_dict() for difference in found],
            }
        )
    elif found:
        rows = [(d.name, _cell(d.left), _cell(d.right)) for d in found]
        print_table(("variable", one.name, other.name), rows)
    else:
        click.echo(f"{one.name} and {other.name} set the same.")
    uneven = any(d.left is None or d.right is None for d in found)
    return PROBLEMS if must_match and uneven else OK


def _cell(text: str | None) -> str:
    return "(not set)" if text is None else text or "(empty)"


@click.command()
@_schema_option
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Write this file; with --check, compare it. Default there: {EXAMPLE} of the root.",
)
@click.option("--check", "must_match", is_flag=True, help="Fail when the file is out of date.")
@json_option
def example(settings: str | None, output: Path | None, must_match: bool, as_json: bool) -> int:
    """Print a commented .env.example with every variable, its type, default and meaning.

    \b
    Examples:
      confkit env example > .env.example
      confkit env example --check
    """
    schema = _schema(settings)
    if schema is None:
        raise click.UsageError(
            "which settings? Name them with --settings package.module:Class, "
            'or once in pyproject.toml: [tool.confkit] settings = "package.module:Class"'
        )
    text = env_example(schema)
    if must_match:
        path = output or project_root() / EXAMPLE
        name = shown(path)
        current = read_env(path, name) == text
        if as_json:
            print_json({"file": name, "up_to_date": current})
        elif current:
            click.echo(f"{name} is up to date.")
        else:
            click.echo(f"{name} is out of date: confkit env example -o {name}")
        return OK if current else PROBLEMS
    if output is not None:
        replace_file(output, shown(output), text.encode())
    if as_json:
        print_json({"file": shown(output) if output else None, "text": text})
    elif output is not None:
        click.echo(f"{shown(output)} written.")
    else:
        click.echo(text, nl=False)
    return OK


@click.command()
@click.argument("files", nargs=-1, required=True, type=_file, metavar="FILE...")
@click.option("--check", "only_check", is_flag=True, help="Fail when a file is not sorted.")
@json_option
def sort(files: tuple[Path, ...], only_check: bool, as_json: bool) -> int:
    """Sort the names of env files inside their groups; blank lines part groups.

    Comments move with the name below them. A name that refers to another stays behind it. A file
    with a line that is not understood is left alone: the line may be a part of the one above.
    """
    unsorted: list[str] = []
    refused: list[str] = []
    for path in files:
        file = EnvFile.load(path)
        if line := file.unclear:
            refused.append(file.name)
            click.echo(f"Error: {file.name}:{line} is not understood: not sorted", err=True)
            continue
        text = sorted_text(file)
        if text == file.text:
            continue
        unsorted.append(file.name)
        if not only_check:
            write(EnvFile(file.name, text, file.path, mark=file.mark), file.text)
        if not as_json:
            click.echo(f"{file.name} {'is not sorted' if only_check else 'sorted'}.")
    if as_json:
        print_json({"unsorted" if only_check else "sorted": unsorted, "refused": refused})
    return PROBLEMS if refused or (unsorted and only_check) else OK
