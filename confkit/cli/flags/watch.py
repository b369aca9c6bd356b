"""``confkit flags watch``: changes as they happen."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import sys
from collections.abc import Iterator

import click

from confkit.cli.flags.commands import reporting
from confkit.cli.flags.store import difference, revision_dict, store_option, the_store
from confkit.cli.output import OK, json_option
from confkit.errors import StoreError
from confkit.flags.client import Flags
from confkit.flags.replica.view import FlagsChange
from confkit.flags.stores.port import Revision, Version

#: How far back one look at the record goes; changes beyond it are told of as a number.
RECORDS = 500
#: Seconds between looks at the connection, which is only spoken of when it turns.
LOOK = 0.2


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
            for change in _changes(flags):
                if isinstance(change, str):
                    click.echo(change, err=True)
                    continue
                click.echo(_line(change, as_json))
                left = None if left is None else left - 1
                if left == 0:
                    break
    except KeyboardInterrupt:
        click.echo(err=True)  # the way to end it: below the ^C of the terminal
    except BrokenPipeError:
        # So has whoever read it; click would call that a failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _changes(flags: Flags) -> Iterator[Revision | str]:
    """Each new record, oldest first, and each turn of the connection, as a sentence."""
    told: queue.SimpleQueue[FlagsChange] = queue.SimpleQueue()
    flags.subscribe(told.put)
    seen = {_identity(record) for record in flags.history(limit=RECORDS)}
    version, trouble, pending = flags.status.version, "", False
    yield "Watching; Ctrl-C ends it."
    while True:
        with contextlib.suppress(queue.Empty):
            told.get(timeout=LOOK)
            pending = True
        status = flags.status
        said = status.last_error or status.quarantine
        if said != trouble:
            trouble = said
            yield f"The store: {said or 'is back.'}"
        # A change that alters no rule, as a new revision may, is told by the version alone.
        pending = pending or status.version != version
        if not pending or status.last_error:
            continue
        try:
            records = flags.history(limit=RECORDS)
        except StoreError:
            continue  # the next status says why
        version, pending = status.version, False
        fresh = [record for record in records if _identity(record) not in seen]
        if len(fresh) == RECORDS:
            yield f"{RECORDS} changes or more at once: these are the newest."
        seen = {_identity(record) for record in records}
        yield from reversed(fresh)


def _identity(record: Revision) -> tuple[str, int, Version]:
    return (record.name, record.revision, record.version)


def _line(change: Revision, as_json: bool) -> str:
    if as_json:
        return json.dumps(revision_dict(change), ensure_ascii=False)
    why = f" ({change.reason})" if change.reason else ""
    by = f" by {change.by}" if change.by else ""
    what = difference(change.old, change.new)
    return f"{change.at[11:19]} {change.name} revision {change.revision}{by}: {what}{why}"
