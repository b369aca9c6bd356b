"""Every change of a store as it happens, and every turn of the connection to it."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator

from confkit.errors import StoreError
from confkit.flags.client import Flags
from confkit.flags.replica.view import FlagsChange
from confkit.flags.stores.port import Revision, Version

#: How far back one look at the record goes; how many changes lie beyond it is not known.
RECORDS = 500
#: Seconds between looks at the connection.
LOOK = 0.2


def follow(flags: Flags) -> Iterator[Revision | str]:
    """Each new record, oldest first, and each turn of the connection as a sentence; never ends.

    :raises confkit.StoreError: when the first look at the record fails; later ones are waited for.
    """
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
        now = status.last_error or status.quarantine
        if now != trouble:
            trouble = now
            yield f"The store: {now or 'is back.'}"
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
