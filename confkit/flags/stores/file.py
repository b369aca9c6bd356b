"""Flags in one YAML or JSON file that people edit, too.

The file is the truth. Beside it stands, from the first write on, ``<file>.history.jsonl``, one
change a line, which gives the revisions; a change that an editor made is put on record by whoever
sees it first. Before that, and where nothing may be written, each process keeps its own record:
reading alone makes no file. Writers hold ``<file>.lock``.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import uuid
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from confkit import atomic, forking
from confkit.errors import (
    FlagConflict,
    InvalidFlag,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreReadOnly,
)
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule, check_name
from confkit.flags.stores import file_format as documents
from confkit.flags.stores.file_errors import store_error, typed
from confkit.flags.stores.file_history import Journal, Records
from confkit.flags.stores.port import (
    FlagSet,
    Revision,
    Stored,
    Version,
    check_base,
    check_expected,
    copied,
    timestamp,
)

#: Who is on record for a change that no writer of ours made.
EDITOR, EDITED = "(edited)", "edited in the file"


class FileStore:
    """Flags in a file: ``FileStore("flags.yaml")``; ``.json`` is JSON, the rest YAML.

    A file that is not there yet has no flags, and the first write makes it. A file that cannot be
    read raises with file and line, so that clients keep what they have; one wrong rule is told of
    by itself. Changes from elsewhere are seen by the content, whatever the clock says.

    :param path: where the file is, from the working directory of now.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(os.path.abspath(path))  # noqa: PTH100 - links are followed when used
        self._is_json = self.path.suffix.lower() == ".json"
        self._journal = Journal(self.path.with_name(self.path.name + ".history.jsonl"))
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        """Make the lock anew in a forked child."""
        self._lock = threading.RLock()
        self._last: tuple[str, FlagSet] | None = None
        self._memory: Records | None = None
        self._unwritable = False

    def __repr__(self) -> str:
        return f"<FileStore {self.path.name}>"

    def read(self, known: Version | None = None) -> FlagSet | None:
        """Every flag, or None when the file still says what it said at ``known``.

        :raises confkit.StoreError: when the file cannot be read as a whole, with its line.
        """
        content = self._content()
        digest = self._digest(content)
        with self._lock:
            if self._last is None or self._last[0] != digest:
                self._last = (digest, self._recorded(content))
            answer = self._last[1]
        # A copy: what a caller does to its answer is not what the file says.
        return None if known == answer.version else deepcopy(answer)

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

    def _parsed(self, content: bytes | None) -> dict[str, documents.Block]:
        if content is None:
            return {}
        try:
            return documents.parse(content, is_json=self._is_json)
        except documents.Unreadable as error:
            place = f"{self.path}:{error.line}:{error.column}"
            failure = StoreError(f"{place}: {error}")
            failure.code = error.code
            raise failure from None

    def _recorded(self, content: bytes | None) -> FlagSet:
        """The set that a content stands for, after edits by others are on record."""
        blocks = self._parsed(content)
        records = self._records()
        edits = _edits(blocks, records.documents)
        if edits and self._memory is None:
            try:
                with typed(self.path), atomic.locked(self.path):
                    # Anew under the lock: it may have been half of another writer's change.
                    blocks = self._parsed(self._content())
                    records = self._journal.load()
                    self._record(records, _edits(blocks, records.documents))
            except (StoreDenied, StoreFull, StoreReadOnly):
                self._unwritable = True
                self._memory, edits = records, _edits(blocks, records.documents)
        if self._memory is not None:
            for name, old, new in edits:
                records.put(_revision(records, name, old, new, EDITOR, EDITED))
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
            revision = records.revisions.get(name, 0)
            fault = self._fault(name, block)
            # Kept though it is no rule: a change of one field must not lose the others.
            document = block.document if isinstance(block.document, Mapping) else None
            flags[name] = Stored(document, revision, fault, records.changed.get(name, 0))
        deleted = {name: n for name, n in records.changed.items() if name not in blocks}
        return FlagSet(records.version, flags, deleted)

    def _fault(self, name: str, block: documents.Block) -> str:
        try:
            Rule.from_document(name, block.document)
        except InvalidFlag as error:
            said = "; ".join(f"{p.key}: {p.message} {p.hint}".strip(": ") for p in error.problems)
            return f"{self.path}:{max(block.first, 0) + 1}: {said}"
        return ""

    def _record(self, records: Records, edits: list[tuple[str, Any, Any]]) -> None:
        for name, old, new in edits:
            change = _revision(records, name, old, new, EDITOR, EDITED)
            self._journal.add(change)
            records.put(change)
        self._journal.trim(records)

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
        check_name(name)
        new = None if document is None else json.loads(json.dumps(dict(document)))
        with self._lock, typed(self.path), atomic.locked(self.path):
            content = self._content()
            blocks = self._parsed(content)
            records = self._records()
            if self._memory is not None:
                # From the first write on, what was only known here is known to all.
                for change in self._memory.changes:
                    self._journal.add(change)
                self._memory, self._unwritable = None, False
            self._record(records, _edits(blocks, records.documents))
            check_base(base, records.version)
            there = name in blocks
            check_expected(name, expect, records.revisions.get(name, 0) if there else 0)
            if new is None and not there:
                raise FlagConflict(f"flag {name!r} does not exist")
            try:
                made = documents.changed(content or b"", name, new, is_json=self._is_json)
            except documents.Unreadable as error:
                raise StoreError(f"{self.path}: {error}") from None
            old = blocks[name].document if there else None
            # The file first: a stop in between leaves a change that the next reader records.
            with typed(self.path):
                atomic.replace(self.path, made)
            change = _revision(records, name, old, new, by, reason)
            self._journal.add(change)
            records.put(change)
            self._journal.trim(records)
            return change

    def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all, edits that were seen included."""
        with self._lock:
            changes = self._records().changes
        chosen = [c for c in reversed(changes) if name is None or c.name == name]
        return [copied(change) for change in chosen[:limit]]


def _revision(records: Records, name: str, old: Any, new: Any, by: str, reason: str) -> Revision:
    epoch, number, _ = records.version
    return Revision(
        name=name,
        revision=records.revisions.get(name, 0) + 1,
        version=Version(epoch or uuid.uuid4().hex, number + 1),
        at=timestamp(),
        # What came from a command line need not have a UTF-8 form; it is on record all the same.
        by=by.encode(errors="backslashreplace").decode(),
        reason=reason.encode(errors="backslashreplace").decode(),
        old=old,
        new=new,
    )


def _edits(
    blocks: Mapping[str, documents.Block], recorded: Mapping[str, Any]
) -> list[tuple[str, Any, Any]]:
    """What the file says and the record does not: name, old and new."""
    found = []
    for name, block in blocks.items():
        if name not in recorded or recorded[name] != block.document:
            found.append((name, recorded.get(name), block.document))
    found.extend((name, old, None) for name, old in recorded.items() if name not in blocks)
    return found
