"""What every command prints with: tables for people, JSON for machines, exit codes for scripts."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from confkit.atomic import written
from confkit.layers import printable
from confkit.tables import text_table

#: Exit codes: all well, problems found, wrong usage.
OK, PROBLEMS, USAGE = 0, 1, 2

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")

html_option = click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page that opens in any browser, without a network.",
)


def write_html(path: Path, content: str) -> None:
    """Write a page, whole or not at all, and tell where it is."""
    try:
        with written(path) as beside:
            beside.write_text(content, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from None
    click.echo(f"Written: {path}", err=True)


def console(*, stderr: bool = False) -> Console:
    """A console on the stream as it is now; plain text where it is no terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=not stream.isatty())


_NOT_ASCII = re.compile(r"[^\x00-\x7e]")


def echo(text: str = "", *, err: bool = False) -> None:
    """Print a text; control characters that came with a value are shown, never obeyed.

    Line ends count as ours: a value that may hold some goes through :func:`line` first.
    """
    click.echo("\n".join(map(printable, text.split("\n"))), err=err)


def line(text: str) -> str:
    """A text as one line, whatever is in it: a value cannot forge a second one."""
    return printable(text)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """``value`` as JSON, keys in their order, and nothing in it that a terminal obeys."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, default=str)
    return _NOT_ASCII.sub(
        lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text
    )


def print_json(value: Any) -> None:
    """Print ``value`` as JSON, keys in their order."""
    click.echo(json_text(value, indent=2))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str | Text]], title: str | None = None
) -> None:
    """Print rows as a table: folded to a terminal's width, every cell whole anywhere else."""
    out = console()
    if not out.is_terminal:
        if title:
            click.echo(line(title))
        click.echo(text_table(columns, [[line(str(cell)) for cell in row] for row in rows]))
        return
    title = None if title is None else line(title)
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(c if isinstance(c, Text) else Text(line(c)) for c in row))
    out.print(table)
