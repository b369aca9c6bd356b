"""The journal of a file store: only added to, and forgiving of what a crash left."""

from __future__ import annotations

import pytest

from confkit.errors import StoreError
from confkit.flags.journal import Journal
from confkit.flags.store import Revision, Version


def change(revision, name="a", new=None):
    return Revision(name, revision, Version("e", revision), "2027-01-01", "ann", "", None, new)


def test_what_is_added_is_loaded(tmp_path):
    journal = Journal(tmp_path / "j")
    assert not journal.exists()
    assert (journal.mark(), journal.load().changes) == (0, [])
    journal.add(change(1, new={"enabled": True}))
    journal.add(change(2))
    records = journal.load()
    assert records.changes == [change(1, new={"enabled": True}), change(2)]
    assert (records.version, records.documents, records.revisions) == (
        Version("e", 2),
        {},
        {"a": 2},
    )


@pytest.mark.parametrize("rest", [b"", b"\n", b"{", b'{"name": "a"}\n', b"\xff\n", b"5\n", b"[]"])
def test_lines_that_are_no_changes_are_passed_over(tmp_path, rest):
    journal = Journal(tmp_path / "j")
    journal.add(change(1))
    journal.path.write_bytes(journal.path.read_bytes() + rest)
    journal.add(change(2))
    assert [c.revision for c in journal.load().changes] == [1, 2]


def test_an_empty_journal(tmp_path):
    journal = Journal(tmp_path / "j")
    journal.path.touch()
    journal.add(change(1))
    assert journal.path.read_bytes().startswith(b"{")


def test_a_journal_that_cannot_be_read(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "below"):
        journal = Journal(path)
        with pytest.raises(StoreError):
            journal.load()
        with pytest.raises(StoreError):
            journal.add(change(1))
    with pytest.raises(StoreError):
        Journal(tmp_path / "file" / "below").mark()
