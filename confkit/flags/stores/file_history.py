"""What happened to the flags of a file: one change a line, the newest last."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from confkit import atomic
from confkit.flags.stores.file_errors import typed
from confkit.flags.stores.port import Revision, Version, timestamp

NOTHING = Version("", 0)
#: How many changes are kept on record; up to twice as many stand in the file.
KEPT = 10_000
#: How many bytes of them; up to twice as many are in the file.
BYTES = 32 * 1024 * 1024

log = logging.getLogger("confkit.flags")


@dataclass(slots=True)
class Records:
    """What a journal adds up to: the version, and each flag's document and last revision."""

    version: Version = NOTHING
    documents: dict[str, Any] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    #: The version number of each flag's last change, deletions included.
    changed: dict[str, int] = field(default_factory=dict)
    changes: list[Revision] = field(default_factory=list)

    def copy(self) -> Records:
        """The same sums without the changes, to put more on top."""
        return Records(self.version, dict(self.documents), dict(self.revisions), dict(self.changed))

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
    """A file of changes beside a file of flags, read on from where it was read last.

    It is beside the file that a link leads to, so that all names of a file share one history. A
    last line that was cut short by a crash is passed over.
    """

    def __init__(self, flags: Path) -> None:
        self._flags = flags
        self._records = Records()
        self._read: tuple[Path, int, int] | None = None  # which file, and how much of it
        self._tail = b""  # the last line that was read

    @property
    def path(self) -> Path:
        """Where the changes are."""
        return Path(f"{os.path.realpath(self._flags)}.history.jsonl")

    def exists(self) -> bool:
        """Whether anything was ever put on record."""
        return self.path.exists()

    def mark(self) -> tuple[int, ...]:
        """Something that differs after each change: which file it is, and how long."""
        with typed(self.path):
            try:
                found = self.path.stat()
            except FileNotFoundError:
                return ()
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    def load(self) -> Records:
        """Everything on record; the same object as before, with what came since.

        :raises confkit.StoreError: when the file cannot be read.
        """
        path = self.path
        with typed(path):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                self._forget()
                return self._records
            with file:
                self._read_on(path, file)
        return self._records

    def _read_on(self, path: Path, file: BinaryIO) -> None:
        found = os.fstat(file.fileno())
        if self._read is not None:
            known, inode, offset = self._read
            file.seek(offset - len(self._tail))
            if (known, inode) != (path, found.st_ino) or file.read(len(self._tail)) != self._tail:
                self._forget()
                file.seek(0)
        offset = file.tell()
        for line in file.read().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break  # somebody is writing it, or a crash cut it short
            offset += len(line)
            self._tail = line
            if (change := _change(line)) is not None:
                self._records.put(change)
            elif (version := _confirmed(line)) is not None:
                self._records.version = version
        self._read = (path, found.st_ino, offset)

    def _forget(self) -> None:
        self._records, self._read, self._tail = Records(), None, b""

    def add(self, changes: Sequence[Revision]) -> None:
        """Put changes on record."""
        if changes:
            self._append(b"".join(map(_line, changes)))

    def confirm(self, version: Version, by: str, reason: str) -> None:
        """Put on record that somebody accepted what is there, under an epoch of its own."""
        told = {"confirmed": version.epoch, "number": version.number, "at": timestamp()}
        self._append(json.dumps({**told, "by": by, "reason": reason}).encode() + b"\n")

    def _append(self, text: bytes) -> None:
        # Begun anew after a line that a crash cut short, or it would spoil this one, too.
        with typed(self.path):
            start = b"" if self._ends_whole() else b"\n"
            atomic.append(self.path, start + text, like=self._flags)
        self.load()

    @contextmanager
    def added(self, changes: Sequence[Revision]) -> Iterator[None]:
        """Put changes on record, and take them off again when what follows fails."""
        path = self.path
        before = path.stat().st_size if path.exists() else None
        try:
            self.add(changes)
            yield
        except BaseException:
            self._take_off(path, before)
            raise

    def _take_off(self, path: Path, size: int | None) -> None:
        try:
            if size is None:
                path.unlink(missing_ok=True)
            else:
                os.truncate(path, size)
        except OSError as error:
            # The next reader sees that the file differs, and puts that on record.
            log.warning("flags: %s: a change that failed stays on record: %s", path, error)
        self._forget()

    def trim(self) -> None:
        """Let go of the oldest changes once there are twice as many as are kept.

        The last change of every flag stays, so that its revisions go on where they ended.
        """
        changes = self._records.changes
        size = 0 if self._read is None else self._read[2]
        if len(changes) <= 2 * KEPT and size <= 2 * BYTES:
            return
        lines = [_line(change) for change in changes[-KEPT:]]
        total, first = 0, len(lines)
        while first and total + len(lines[first - 1]) <= BYTES:
            first -= 1
            total += len(lines[first])
        first = min(first, len(lines) - 1)
        newest = changes[-KEPT:][first:]
        recent = {change.name for change in newest}
        older = changes[: len(changes) - len(newest)]
        last = {change.name: change for change in older if change.name not in recent}
        kept = sorted(last.values(), key=lambda change: change.version.number)
        with typed(self.path):
            atomic.replace(self.path, b"".join([*map(_line, kept), *lines[first:]]))

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


def _line(change: Revision) -> bytes:
    return json.dumps(asdict(change), ensure_ascii=False).encode() + b"\n"


def _confirmed(line: bytes) -> Version | None:
    try:
        raw = json.loads(line)
        return Version(str(raw["confirmed"]), int(raw["number"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


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
