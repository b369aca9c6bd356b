"""What editors did to a flag file, and when to believe it: pure."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from confkit.errors import InvalidFlag
from confkit.flags.rules.model import Rule
from confkit.flags.stores.file_format import Block
from confkit.flags.stores.file_history import Records
from confkit.flags.stores.port import Revision, Version, timestamp

#: Who is on record for a change that no writer of ours made.
EDITOR, EDITED = "(edited)", "edited in the file"
#: Seconds that an edit must stay as it is to be believed.
QUIET = 0.1
#: Fields without which a flag is on for more people.
RESTRICTING = frozenset({"percentage", "allow", "deny", "conditions", "schedule", "rules"})
#: The epoch of every file until somebody confirms it: the file is the data set, whoever keeps a
#: record of it.
EPOCH = "file"


class Edit(NamedTuple):
    """What the file has and the record does not; ``new`` None: the flag is gone."""

    name: str
    old: Any
    new: Any


class Pending(NamedTuple):
    """A content that is not believed yet, and since when it has not changed."""

    digest: bytes
    since: float


def edits_of(blocks: Mapping[str, Block], recorded: Mapping[str, Any]) -> list[Edit]:
    """The edits between a record and a file."""
    found = [
        Edit(name, recorded.get(name), block.document)
        for name, block in blocks.items()
        if name not in recorded or recorded[name] != block.document
    ]
    found.extend(Edit(name, old, None) for name, old in recorded.items() if name not in blocks)
    return found


def loses(edit: Edit) -> bool:
    """Whether an edit takes away a flag, or a field that restricts one: half of a file does."""
    if edit.new is None:
        return True
    if not isinstance(edit.old, Mapping):
        return False
    kept = edit.new if isinstance(edit.new, Mapping) else {}
    return any(field in edit.old and field not in kept for field in RESTRICTING)


def settled(
    pending: Pending | None,
    content: bytes | None,
    edits: Iterable[Edit],
    settle: float,
    age: float,
) -> tuple[Pending | None, float]:
    """What waits now, and how many seconds are left until it is believed; 0: it is.

    :param age: seconds since the file was written; a future time counts as now.
    """
    edits = list(edits)
    if not edits or not settle:
        return None, 0.0
    wait = settle if any(map(loses, edits)) else min(QUIET, settle)
    digest, now = hashlib.sha256(content or b"").digest(), time.monotonic()
    if pending is None or pending.digest != digest:
        pending = Pending(digest, now - max(0.0, age))
    left = pending.since + wait - now
    return (None, 0.0) if left <= 0 else (pending, left)


def shrunken(records: Records, edits: Iterable[Edit]) -> bool:
    """Whether more than half of the flags are gone at once: that is a loss, no edit."""
    gone = sum(edit.new is None for edit in edits)
    return 2 * gone > len(records.documents)


def confirmed_version(records: Records) -> Version:
    """The version of a record that somebody confirmed: of another epoch than all before."""
    return Version(uuid.uuid4().hex[:16], _later(records.version))


def _later(version: Version) -> int:
    return max(version.number + 1, int(time.time() * 1_000_000))


def revision_of(records: Records, edit: Edit, by: str, reason: str) -> Revision:
    """The record of a change that comes after all that are on record."""
    return Revision(
        name=edit.name,
        revision=records.revisions.get(edit.name, 0) + 1,
        version=Version(records.version.epoch or EPOCH, _later(records.version)),
        at=timestamp(),
        # What came from a command line need not have a UTF-8 form; it is on record all the same.
        by=by.encode(errors="backslashreplace").decode(),
        reason=reason.encode(errors="backslashreplace").decode(),
        old=edit.old,
        new=edit.new,
    )


def changes_of(records: Records, edits: Sequence[Edit], by: str, reason: str) -> list[Revision]:
    """Edits as changes that follow each other."""
    done, ahead = [], records.copy()
    for edit in edits:
        done.append(revision_of(ahead, edit, by, reason))
        ahead.put(done[-1])
    return done


def fault_of(path: Path, name: str, block: Block) -> str:
    """Why a document of a file is no rule, with its line; empty, if it is one."""
    try:
        Rule.from_document(name, block.document)
    except InvalidFlag as error:
        text = "; ".join(f"{p.key}: {p.message} {p.hint}".strip(": ") for p in error.problems)
        return f"{path}:{max(block.first, 0) + 1}: {text}"
    return ""
