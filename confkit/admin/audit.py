"""Who changed what, and who was refused: entries in memory or in a file, secrets masked.

A change is put on record before it is made, and what became of it after it: a change that cannot be
put on record is not made.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from confkit import atomic, clocks, forking
from confkit.admin.masking import masked
from confkit.admin.messages import Principal, Request
from confkit.errors import ConfkitError
from confkit.redaction import mask_text

#: How many entries are kept in memory, and how many bytes of a file.
KEPT = 1000
MAX_BYTES = 16 * 1024 * 1024
#: How much of a path and of an id a request names is kept.
SHOWN = 200

Entry = Mapping[str, Any]


class NotAudited(ConfkitError):
    """An entry cannot be written, so what it is about is not done."""


class Audit(Protocol):
    """Where entries go."""

    def write(self, entry: Entry) -> None:
        """Keep an entry, or raise whatever fails."""
        ...

    def entries(self, after: str, limit: int) -> list[Entry]:
        """The newest entries whose id is greater than ``after``, newest first."""
        ...


class AuditMemory:
    """The last entries of this process."""

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)

    def write(self, entry: Entry) -> None:
        """Keep an entry."""
        self._entries.append(entry)

    def entries(self, after: str, limit: int) -> list[Entry]:
        """The newest entries whose id is greater than ``after``, newest first."""
        newest = reversed(list(self._entries))
        return list(itertools.islice((e for e in newest if e["id"] > after), limit))


class AuditFile:
    """A file of JSON lines that several processes append to.

    :param max_bytes: from this size on the file is renamed to ``NAME.1``, in place of the one
        before, and a new one begins.
    """

    def __init__(self, path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> None:
        self.path = Path(path)
        self._max = max_bytes

    def write(self, entry: Entry) -> None:
        """Put an entry on the disk.

        :raises OSError: when it cannot be.
        """
        line = json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        with atomic.locked(self.path):
            if self.path.exists() and self.path.stat().st_size + len(line) > self._max:
                self.path.replace(self._old)
            atomic.append(self.path, line)

    @property
    def _old(self) -> Path:
        return self.path.with_name(f"{self.path.name}.1")

    def entries(self, after: str, limit: int) -> list[Entry]:
        """The newest entries whose id is greater than ``after``, newest first."""
        found: deque[Entry] = deque(maxlen=limit)
        for path in (self._old, self.path):
            if path.exists():
                found.extend(entry for entry in _lines(path) if entry["id"] > after)
        return list(reversed(found))


def _lines(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:  # a machine that stopped half-way wrote a part of it
                continue
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                yield entry


class _Ids:
    """Ids that grow with time, and are never the same twice: the time, the process, a number."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> str:
        with self._lock:
            now = self._last = max(self._last + 1, int(clocks.time() * 1_000_000))
        return f"{now:016x}-{os.getpid():08x}"


_ids = _Ids()


def entry(
    event: str, request: Request, principal: Principal | None, **facts: Any
) -> dict[str, Any]:
    """What is kept of one change or denial.

    :param event: ``attempt`` before a change, ``done`` or ``failed`` after it, ``denied``.
    """
    return {
        "id": _ids.next(),
        "at": datetime.fromtimestamp(clocks.time(), UTC).isoformat(timespec="milliseconds"),
        "event": event,
        "by": None if principal is None else principal.name,
        "address": request.address,
        "method": request.method,
        "path": mask_text(request.path[:SHOWN]),
        **{name: masked(fact) for name, fact in facts.items() if fact is not None},
    }
