"""``confkit flags assign``: a flag for every row of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from confkit.cli.flags.reporting import reporting
from confkit.cli.flags.store import client, pairs, store_option, the_flag
from confkit.cli.output import OK, console, json_option, print_json


@contextmanager
def progress_bar(text: str, rows: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal's error stream; yields the function that is told how many are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console(stderr=True),
        disable=quiet or not sys.stderr.isatty(),
        transient=True,
    ) as shown:
        task = shown.add_task(text, total=rows)
        yield lambda done: shown.update(task, completed=done)


@click.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: .parquet or .csv.",
)
@click.option("--id", "unit", metavar="COLUMN", help="The column of the ids; else the flag's unit.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="A further column to copy.")
@click.option("--attribute", multiple=True, metavar="NAME=VALUE", help="An attribute of all ids.")
@store_option
@json_option
@reporting
def assign(
    name: str,
    file: Path,
    out: Path,
    unit: str | None,
    keep: tuple[str, ...],
    attribute: tuple[str, ...],
    store_url: str | None,
    as_json: bool,
) -> int:
    """Decide a flag for every row of a Parquet or CSV file, or a file of ids, one a line.

    The file may be larger than the memory. A missing id has no answer.

    \b
    Examples:
      confkit flags assign new-checkout users.parquet --out assigned.parquet
      confkit flags assign new-checkout users.csv --out assigned.csv --id customer --keep country
    """
    from confkit.analysis.files import assign_file
    from confkit.analysis.population import population

    if out.exists() and out.samefile(file):
        raise click.UsageError("--out is the file itself: name another one")
    if not out.parent.is_dir():
        raise click.UsageError(f"there is no directory {out.parent}")
    with client(store_url) as found:
        flag = the_flag(found, name)
        people = population(file)
        with progress_bar(file.name, people.rows, quiet=as_json) as progress:
            outcome = assign_file(
                flag,
                people,
                out,
                table=found.view.flags,
                unit=unit,
                keep=keep,
                shared=pairs(attribute, "--attribute"),
                progress=progress,
            )
    if as_json:
        print_json({"file": str(file), "out": str(out), **outcome.to_dict()})
    else:
        click.echo(str(outcome))
    return OK
