"""What happened to the flags of a file: one change a line, the newest last."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from confkit import atomic
from confkit.flags.stores.file_errors import store_error, typed
from confkit.flags.stores.port import Revision, Version

NOTHING = Version("", 0)
#: How many changes are kept on record; up to twice as many stand in the file.
KEPT = 10_000


@dataclass(slots=True)
class Records:
    """What a journal adds up to: the version, and each flag's document and last revision."""

    version: Version = NOTHING
    documents: dict[str, Any] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    #: The version number of each flag's last change, deletions included.
    changed: dict[str, int] = field(default_factory=dict)
    changes: list[Revision] = field(default_factory=list)

    def put(self, change: Revision) -> None:
        """Add a change that comes after all that are there."""
        self.version = change.version
        self.revisions[change.name] = change.revision
        self.changed[change.name] = change.version.number
        self.changes.append(change)
        if change.new is None:
            self.documents.pop(change.name, None)
        else:
            self.documents[change.name] = change.new


class Journal:
    """A file of changes. A last line that was cut short by a crash is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether anything was ever put on record."""
        return self.path.exists()

    def mark(self) -> tuple[int, ...]:
        """Something that differs after each change: which file it is, and how long."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise store_error(error, self.path) from error
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    def load(self) -> Records:
        """Everything on record.

        :raises confkit.StoreError: when the file cannot be read.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Records()
        except OSError as error:
            raise store_error(error, self.path) from error
        records = Records()
        for line in content.splitlines():
            if (change := _change(line)) is not None:
                records.put(change)
        return records

    def add(self, change: Revision) -> None:
        """Put a change on record."""
        line = _line(change)
        # Begun anew after a line that a crash cut short, or it would spoil this one, too.
        with typed(self.path):
            atomic.append(self.path, line if self._ends_whole() else b"\n" + line)

    def trim(self, records: Records) -> None:
        """Let go of the oldest changes once there are twice as many as are kept.

        The last change of every flag stays, so that its revisions go on where they ended.
        """
        if len(records.changes) <= 2 * KEPT:
            return
        older, newest = records.changes[:-KEPT], records.changes[-KEPT:]
        recent = {change.name for change in newest}
        last = {change.name: change for change in older if change.name not in recent}
        kept = sorted(last.values(), key=lambda change: change.version.number)
        with typed(self.path):
            atomic.replace(self.path, b"".join(map(_line, [*kept, *newest])))

    def _ends_whole(self) -> bool:
        try:
            with self.path.open("rb") as file:
                file.seek(0, 2)
                if file.tell() == 0:
                    return True
                file.seek(-1, 2)
                return file.read(1) == b"\n"
        except FileNotFoundError:
            return True
        except OSError as error:
            raise store_error(error, self.path) from error


def _line(change: Revision) -> bytes:
    return json.dumps(asdict(change), ensure_ascii=False).encode() + b"\n"


def _change(line: bytes) -> Revision | None:
    try:
        raw = json.loads(line)
        epoch, number, *_ = raw["version"]
        return Revision(
            name=str(raw["name"]),
            revision=int(raw["revision"]),
            version=Version(str(epoch), int(number)),
            at=str(raw["at"]),
            by=str(raw["by"]),
            reason=str(raw["reason"]),
            old=raw["old"],
            new=raw["new"],
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
