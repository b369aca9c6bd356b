"""``confkit flags watch``: changes as they happen."""

from __future__ import annotations

import logging
import os
import sys

import click

from confkit.cli.flags.reporting import reporting
from confkit.cli.flags.store import store_option, the_store
from confkit.cli.output import OK, echo, json_option, json_text, line
from confkit.flags.client import Flags
from confkit.flags.following import follow
from confkit.flags.rules.summary import difference
from confkit.flags.stores.port import Revision


@click.command()
@click.option("--count", type=click.IntRange(1), help="End after this many changes.")
@store_option
@json_option
@reporting
def watch(count: int | None, store_url: str | None, as_json: bool) -> int:
    """Print every change of the store as it happens, until Ctrl-C.

    With --json, one JSON object on each line. An outage is said and waited for.
    """
    left = count
    # What is worth knowing of the store is said below, once.
    logging.getLogger("confkit.flags").addHandler(logging.NullHandler())
    try:
        with Flags(the_store(store_url), fail_fast=True) as flags:
            for change in follow(flags):
                if isinstance(change, str):
                    echo(change, err=True)
                    continue
                echo(json_text(change.as_dict()) if as_json else line(_text(change)))
                left = None if left is None else left - 1
                if left == 0:
                    break
    except KeyboardInterrupt:
        click.echo(err=True)  # the way to end it: below the ^C of the terminal
    except BrokenPipeError:
        # So has whoever read it; click would call that a failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _text(change: Revision) -> str:
    why = f" ({change.reason})" if change.reason else ""
    by = f" by {change.by}" if change.by else ""
    what = difference(change.old, change.new)
    return f"{change.at[11:19]} {change.name} revision {change.revision}{by}: {what}{why}"
