"""What every command prints with: tables for people, JSON for machines, exit codes for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from confkit.tables import text_table

#: Exit codes: all well, problems found, wrong usage.
OK, PROBLEMS, USAGE = 0, 1, 2

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def console(*, stderr: bool = False) -> Console:
    """A console on the stream as it is now; plain text where it is no terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=not stream.isatty())


def print_json(value: Any) -> None:
    """Print ``value`` as JSON, keys in their order."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str | Text]], title: str | None = None
) -> None:
    """Print rows as a table: folded to a terminal's width, every cell whole anywhere else."""
    out = console()
    if not out.is_terminal:
        if title:
            click.echo(title)
        click.echo(text_table(columns, [[str(cell) for cell in row] for row in rows]))
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(c if isinstance(c, Text) else Text(c) for c in row))
    out.print(table)
