"""``confkit flags import --legacy``: flags that a program kept under ``feature_flag:<name>``."""

from __future__ import annotations

from typing import Any

import click

from confkit.cli.flags.store import the_store
from confkit.cli.output import echo, print_table
from confkit.flags.rules.literals import Document


def legacy_documents(
    url: str | None, *, prefix: str, reshuffle: bool, as_json: bool
) -> dict[str, Document]:
    """The old flags on a Redis server as rules of today, after saying what should be known.

    :raises click.UsageError: when the URL names no Redis server.
    """
    from confkit.flags.redis.legacy import find
    from confkit.flags.redis.store import RedisStore

    store: Any = the_store(url)
    if not isinstance(store, RedisStore):
        raise click.UsageError("old flags are in Redis: name its server with --from redis://…")
    try:
        found = find(store, prefix=prefix, reshuffle=reshuffle)
    finally:
        store.close()
    notes = [(flag.name, note) for flag in found for note in flag.notes]
    if notes and as_json:
        for name, note in notes:
            echo(f"{name}: {note}", err=True)
    elif notes:
        print_table(("flag", "to know"), notes)
    left = sum(flag.document is None for flag in found)
    echo(
        f"{len(found) - left} old flags found, {left} cannot be read. "
        "Those whose keys have expired are not among them.",
        err=True,
    )
    return {flag.name: flag.document for flag in found if flag.document is not None}
