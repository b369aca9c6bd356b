"""Flags in one YAML or JSON file that people edit, too.

The file is the truth. Beside it is, from the first write on, ``<file>.history.jsonl``, one change
a line, which gives the revisions; a change that an editor made is put on record by whoever sees it
first. Before that, and where nothing may be written, each process keeps its own record: reading
alone makes no file. Writers hold ``<file>.lock``.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path

from confkit import atomic, forking
from confkit.errors import (
    FlagConflict,
    StoreBusy,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreReadOnly,
)
from confkit.flags.rules.literals import Document
from confkit.flags.stores import file_format as documents
from confkit.flags.stores.file_edits import (
    EDITED,
    EDITOR,
    EPOCH,
    QUIET,
    Edit,
    Pending,
    changes_of,
    confirmed_version,
    edits_of,
    fault_of,
    revision_of,
    settled,
    shrunken,
)
from confkit.flags.stores.file_errors import store_error, typed
from confkit.flags.stores.file_history import Journal, Records
from confkit.flags.stores.port import (
    FlagSet,
    Revision,
    Stored,
    Version,
    Wake,
    Wanted,
    check_base,
    check_expected,
    copied,
    once_each,
)
from confkit.watch import Watcher

#: Seconds that content which lost a flag or a restriction must stay as it is to be believed.
SETTLE = 3.0


class FileStore:
    """Flags in a file: ``FileStore("flags.yaml")``; ``.json`` is JSON, the rest YAML.

    A file that is not there yet has no flags, and the first write makes it. A file that cannot be
    read raises with file and line, so that clients keep what they have; one wrong rule is named
    by itself. Changes from elsewhere are seen by the content, whatever the clock says.

    An edit is believed after 100 ms without another one; where it lost a flag or a field that
    restricts one, after ``settle`` seconds, since it may be half of a file. Where more than half
    of the flags are gone the others are not deleted until somebody confirms.

    :param path: where the file is, from the working directory of now. Links are followed.
    :param settle: seconds; 0 believes every content at once.
    """

    def __init__(self, path: str | Path, *, settle: float = SETTLE) -> None:
        self.path = Path(os.path.abspath(path))  # noqa: PTH100 - links are followed when used
        #: Why an edit is not believed yet; empty, if none waits.
        self.waiting = ""
        self._settle = settle
        self._is_json = self.path.suffix.lower() == ".json"
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        """Make the lock anew in a forked child."""
        self._lock = threading.RLock()
        self._journal = Journal(self.path)
        self._last: tuple[str, FlagSet] | None = None
        self._read: tuple[bytes, Mapping[str, documents.Block]] | None = None  # parsing is slow
        self._memory: Records | None = None
        self._unwritable = False
        self._pending: Pending | None = None
        self._faults: dict[str, tuple[documents.Block, str]] = {}

    def __repr__(self) -> str:
        return f"<FileStore {self.path.name}>"

    def hints(self, wake: Wake, stop: threading.Event) -> None:
        """Call ``wake`` when the content of the file or of its history changed, until ``stop``."""

        def look(_: float) -> None:
            wake()

        with Watcher(self._watched, look, forks=False):
            stop.wait()

    def _watched(self) -> list[Path]:
        return [self.path, self._journal.path]

    # Reading

    def read(self, known: Version | None = None) -> FlagSet | None:
        """Every flag, or None when the file is what it was at ``known``.

        :raises confkit.StoreError: when the file cannot be read as a whole, with its line.
        """
        with self._lock:
            content = self._content()
            digest = self._digest(content)
            if self._last is None or self._last[0] != digest:
                self._take(content)
            assert self._last is not None
            answer = self._last[1]
        if known is None:
            return deepcopy(answer)  # what a caller does to its answer is not in the file
        return None if known == answer.version else answer

    def _take(self, content: bytes | None) -> None:
        first = self._last is None
        while True:
            blocks = self._parsed(content)
            edits = edits_of(blocks, self._records().documents)
            left = self._left(content, edits)
            if not left:
                break
            if not first:
                return  # what was believed stays until the content is settled
            time.sleep(left)
            content = self._content()
        answer = self._recorded(content)
        self._last = (self._digest(content), answer)

    def _left(self, content: bytes | None, edits: Sequence[Edit]) -> float:
        """Seconds until the content is believed; 0: now."""
        self._pending, left = settled(self._pending, content, edits, self._settle, self._age())
        self.waiting = "an edit is not believed yet: the file may still be written" if left else ""
        return left

    def _age(self) -> float:
        """Seconds since the file was written, by the clock of the day."""
        try:
            return time.time() - self.path.stat().st_mtime
        except OSError:
            return 0.0

    def _digest(self, content: bytes | None) -> str:
        # The journal counts: another process may have put this very content on record.
        mark = self._journal.mark()
        return hashlib.sha256((content or b"") + repr((content is None, mark)).encode()).hexdigest()

    def _content(self) -> bytes | None:
        try:
            if self.path.stat().st_size > documents.MAX_BYTES:
                raise StoreError(f"{self.path}: larger than {documents.MAX_BYTES >> 20} MiB")
            return self.path.read_bytes()
        except FileNotFoundError:
            if self._journal.exists() or (self._memory is not None and self._memory.documents):
                # It was there: gone is not the same as empty.
                raise StoreError(f"{self.path}: the file is gone") from None
            return None
        except OSError as error:
            raise store_error(error, self.path) from error

    def _parsed(self, content: bytes | None) -> Mapping[str, documents.Block]:
        if content is None:
            return {}
        if self._read is not None and self._read[0] == content:
            return self._read[1]
        try:
            read = documents.parse(content, is_json=self._is_json)
        except documents.Unreadable as error:
            failure = StoreError(f"{self.path}:{error.line}:{error.column}: {error}")
            failure.code = error.code
            raise failure from None
        self._read = (content, read)
        return read

    def _recorded(self, content: bytes | None) -> FlagSet:
        """The set that a content stands for, after edits by others are on record."""
        blocks, records = self._parsed(content), self._records()
        edits = edits_of(blocks, records.documents)
        if edits and self._memory is None:
            try:
                with typed(self.path), atomic.locked(self.path):
                    # Anew under the lock: it may have been half of another writer's change.
                    blocks = self._parsed(self._content())
                    records = self._journal.load()
                    self._record(records, edits_of(blocks, records.documents))
            except (StoreDenied, StoreFull, StoreReadOnly):
                self._unwritable = True
                self._memory, edits = records, edits_of(blocks, records.documents)
        if self._memory is not None:
            for edit in self._believed(records, edits):
                records.put(revision_of(records, edit, EDITOR, EDITED))
        return self._set(blocks, records)

    def _records(self) -> Records:
        if self._journal.exists() and not self._unwritable:
            self._memory = None
            return self._journal.load()
        if self._memory is None:
            self._memory = Records()
        return self._memory

    def _set(self, blocks: Mapping[str, documents.Block], records: Records) -> FlagSet:
        flags = {}
        for name, block in blocks.items():
            # Kept though it is no rule: a change of one field must not lose the others.
            document = block.document if isinstance(block.document, Mapping) else None
            fault = self._fault(name, block)
            changed = records.changed.get(name, 0)
            flags[name] = Stored(document, records.revisions.get(name, 0), fault, changed)
        gone = records.changed.keys() - blocks.keys() - records.documents.keys()
        deleted = {name: records.changed[name] for name in gone}
        missing = sorted(records.documents.keys() - blocks.keys())
        # A file without flags that are on record is in another state than the whole one.
        digest = hashlib.sha256("\n".join(missing).encode()).digest() if missing else b""
        version = records.version._replace(digest=int.from_bytes(digest[:6], "big"))
        confirmed = version.epoch not in ("", EPOCH)
        return FlagSet(version, flags, deleted, confirmed=confirmed)

    def _fault(self, name: str, block: documents.Block) -> str:
        known = self._faults.get(name)
        if known is None or known[0] != block:
            known = self._faults[name] = (block, fault_of(self.path, name, block))
        return known[1]

    def _believed(self, records: Records, edits: Sequence[Edit]) -> list[Edit]:
        """The edits to put on record: of a shrunken file, no deletion."""
        if not shrunken(records, edits):
            return list(edits)
        return [edit for edit in edits if edit.new is not None]

    def _record(self, records: Records, edits: Sequence[Edit]) -> None:
        self._journal.add(changes_of(records, self._believed(records, edits), EDITOR, EDITED))

    # Writing

    def write(
        self,
        name: str,
        document: Document | None,
        *,
        expect: int | None,
        by: str,
        reason: str,
        base: Version | None = None,
    ) -> Revision:
        """Put or delete one flag; see :class:`confkit.flags.stores.port.Store`."""
        change = (name, document, expect)
        return self.write_all([change], by=by, reason=reason, base=base)[0]

    def write_all(
        self, changes: Sequence[Wanted], *, by: str, reason: str, base: Version | None = None
    ) -> list[Revision]:
        """Put or delete several flags in one step: all of them, or none.

        :raises confkit.FlagConflict: for the first flag that is at another revision.
        """
        wanted = {
            name: None if document is None else json.loads(json.dumps(dict(document)))
            for name, document, _ in once_each(changes)
        }
        with self._lock, typed(self.path), atomic.locked(self.path):
            content, blocks, records = self._settled_content()
            check_base(base, records.version)
            for name, document, expect in changes:
                there = name in blocks
                check_expected(name, expect, records.revisions.get(name, 0) if there else 0)
                if document is None and not there:
                    raise FlagConflict(f"flag {name!r} does not exist")
            try:
                made = documents.changed(content or b"", blocks, wanted, is_json=self._is_json)
            except documents.Unreadable as error:
                raise StoreError(f"{self.path}: {error}") from None
            steps = [
                Edit(name, blocks[name].document if name in blocks else None, new)
                for name, new in wanted.items()
            ]
            done = changes_of(records, steps, by, reason)
            # On record first: what fails then is taken off again, and nothing was changed.
            with self._journal.added(done):
                atomic.replace(self.path, made[0])
            self._read = made
            self._journal.trim()
            return [copied(change) for change in done]

    def _settled_content(self) -> tuple[bytes | None, Mapping[str, documents.Block], Records]:
        """The content to change, once nobody is writing it and edits by others are on record."""
        deadline = time.monotonic() + self._settle + 1.0
        while True:
            content = self._content()
            blocks, records = self._parsed(content), self._records()
            edits = edits_of(blocks, records.documents)
            if not (left := self._left(content, edits)):
                break
            if time.monotonic() > deadline:
                raise StoreBusy(f"{self.path}: somebody is writing the file")
            time.sleep(min(left, QUIET))
        if self._memory is not None:
            # From the first write on, what was only known here is known to all.
            self._journal.add(self._memory.changes)
            self._memory, self._unwritable = None, False
            records = self._journal.load()
            edits = edits_of(blocks, records.documents)
        self._record(records, edits)
        return content, blocks, records

    def confirm(self, seen: Version, *, by: str, reason: str) -> bool:
        """Put on record that what the file holds is right: every process follows it then.

        Flags that are gone from it are deleted; the record goes on under an epoch of its own.
        """
        with self._lock, typed(self.path), atomic.locked(self.path):
            content = self._content()
            digest, answer = self._last or ("", None)
            if answer is None or digest != self._digest(content) or answer.version != seen:
                return False
            blocks, records = self._parsed(content), self._records()
            edits = edits_of(blocks, records.documents)
            changes = changes_of(records, edits, by or EDITOR, reason or EDITED)
            known = [] if self._memory is None else self._memory.changes
            self._journal.add([*known, *changes])
            self._journal.confirm(confirmed_version(self._journal.load()), by, reason)
            self._last = None
            self._memory, self._unwritable = None, False
        return True

    def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all, edits that were seen included."""
        with self._lock:
            changes = self._records().changes
            chosen = [c for c in reversed(changes) if name is None or c.name == name]
        return [copied(change) for change in chosen[:limit]]
