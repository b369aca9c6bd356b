"""What happened to the flags of a file: one change a line, only ever added to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from confkit.flags import durable
from confkit.flags.store import Revision, Version

NOTHING = Version("", 0)


@dataclass(slots=True)
class Records:
    """What a journal adds up to: the version, and each flag's document and last revision."""

    version: Version = NOTHING
    documents: dict[str, Any] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    changes: list[Revision] = field(default_factory=list)

    def put(self, change: Revision) -> None:
        """Add a change that comes after all that are there."""
        self.version = change.version
        self.revisions[change.name] = change.revision
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

    def mark(self) -> int:
        """Something that differs after each change: how long the file is."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise durable.store_error(error, self.path) from error

    def load(self) -> Records:
        """Everything on record.

        :raises confkit.StoreError: when the file cannot be read.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Records()
        except OSError as error:
            raise durable.store_error(error, self.path) from error
        records = Records()
        for line in content.splitlines():
            if (change := _change(line)) is not None:
                records.put(change)
        return records

    def add(self, change: Revision) -> None:
        """Put a change on record."""
        line = json.dumps(asdict(change), ensure_ascii=False).encode() + b"\n"
        # Begun anew after a line that a crash cut short, or it would spoil this one, too.
        durable.append(self.path, line if self._ends_whole() else b"\n" + line)

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
            raise durable.store_error(error, self.path) from error


def _change(line: bytes) -> Revision | None:
    try:
        raw = json.loads(line)
        epoch, number = raw["version"]
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
