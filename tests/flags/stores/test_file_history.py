"""The record of changes beside a flag file: kept in bounds, and nothing forgotten that counts."""

from __future__ import annotations

import pytest

from confkit.flags.stores import file_history as journal
from confkit.flags.stores.file import FileStore
from confkit.flags.stores.file_history import Journal
from pytest_confkit.contracts import OFF, ON


@pytest.fixture
def few(monkeypatch):
    """Ten changes are kept, so that a test need not make ten thousand."""
    monkeypatch.setattr(journal, "KEPT", 10)


def write(store, name, document):
    return store.write(name, document, expect=None, by="ann", reason="")


@pytest.mark.usefixtures("few")
def test_the_oldest_changes_go_when_there_are_twice_as_many_as_are_kept(tmp_path):
    path = tmp_path / "flags.yaml"
    store = FileStore(path)
    write(store, "quiet", ON)
    for i in range(20):
        write(store, "busy", ON if i % 2 else OFF)
    lines = Journal(tmp_path / "flags.yaml").path.read_text().splitlines()
    assert len(lines) == 11, "the last of the quiet flag, and ten of the busy one"
    other = FileStore(path)
    assert [c.revision for c in other.history("busy")] == list(range(20, 10, -1))
    assert [c.revision for c in other.history("quiet")] == [1]


@pytest.mark.usefixtures("few")
def test_revisions_and_versions_go_on_behind_a_trim(tmp_path):
    store, other = (FileStore(tmp_path / "flags.yaml") for _ in range(2))
    write(store, "quiet", ON)
    seen = other.read().version
    for _ in range(30):
        last = write(store, "busy", ON)
    assert other.read(seen).version == last.version
    assert write(other, "quiet", OFF).revision == 2
    assert write(other, "busy", OFF).revision == 31


def test_the_record_is_bounded_by_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "BYTES", 10_000)
    store = FileStore(tmp_path / "flags.yaml")
    write(store, "quiet", ON)
    for i in range(60):
        write(store, "busy", {"enabled": True, "description": "x" * 400 + str(i)})
    assert Journal(tmp_path / "flags.yaml").path.stat().st_size < 25_000
    other = FileStore(tmp_path / "flags.yaml")
    assert other.history("busy")[0].revision == 60
    assert [c.revision for c in other.history("quiet")] == [1]


def test_it_is_read_on_from_where_it_was_read_last(tmp_path, monkeypatch):
    parsed = []
    real = journal._change
    monkeypatch.setattr(journal, "_change", lambda line: parsed.append(line) or real(line))
    store = FileStore(tmp_path / "flags.yaml")
    for i in range(50):
        write(store, "a", {"enabled": True, "percentage": i})
    assert len(parsed) == 50, "each change is parsed once, however many there are"


def test_a_record_that_was_replaced_is_read_anew(tmp_path):
    first = FileStore(tmp_path / "flags.yaml")
    write(first, "a", ON)
    file = Journal(tmp_path / "flags.yaml")
    assert len(file.load().changes) == 1
    kept = file.path.read_bytes()
    write(first, "a", OFF)
    assert len(file.load().changes) == 2
    file.path.write_bytes(kept)
    assert len(file.load().changes) == 1
    file.path.write_bytes(kept.replace(b'"ann"', b'"bob"'))
    assert file.load().changes[0].by == "bob"
