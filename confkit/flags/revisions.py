"""What stores of this process share in making a revision: compare, stamp, copy."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from confkit.errors import FlagConflict
from confkit.flags.store import Revision


def check_expected(name: str, expect: int | None, current: int) -> None:
    """Refuse a write that was decided on another revision; ``current`` 0 means no such flag.

    :raises confkit.FlagConflict: when the flag stands elsewhere.
    """
    if expect is not None and expect != current:
        stands = f"is at revision {current}" if current else "does not exist"
        wanted = f"revision {expect}" if expect else "no such flag"
        raise FlagConflict(f"flag {name!r} {stands}, and the change expects {wanted}")


def timestamp() -> str:
    """Now, in UTC, as ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def copied(revision: Revision) -> Revision:
    """A revision whose documents belong to the caller."""
    old, new = (
        None if d is None else json.loads(json.dumps(d)) for d in (revision.old, revision.new)
    )
    return Revision(
        revision.name,
        revision.revision,
        revision.version,
        revision.at,
        revision.by,
        revision.reason,
        old,
        new,
    )
