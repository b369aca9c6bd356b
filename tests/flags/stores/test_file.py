"""The file store: the contract on YAML and JSON, people's edits, crashes, comments."""

from __future__ import annotations

import errno
import multiprocessing
import os
import threading
import time
from pathlib import Path

import pytest

from confkit import atomic, errors
from confkit.flags.client import Flags
from confkit.flags.stores import file_format
from confkit.flags.stores.file import EDITOR, FileStore
from confkit.flags.stores.port import Store
from pytest_confkit.contracts import OFF, ON, StoreContract
from tests.flags.stores.conftest import TEXT
from tests.flags.stores.doubles import put


class TestYamlStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return FileStore(tmp_path / "flags.yaml")


class TestJsonStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return FileStore(tmp_path / "flags.json")


def test_a_file_is_read_and_nothing_is_written(path):
    store = FileStore(path, settle=0)
    flags = store.read().flags
    assert flags["new-checkout"].document == {"enabled": True, "percentage": 10}
    assert flags["dark_mode"].document == {"enabled": False}
    assert flags["beta_api"].document == {"enabled": True, "allow": [42, "007"]}
    assert {f.revision for f in flags.values()} == {1}
    assert [p.name for p in path.parent.iterdir()] == ["flags.yaml"]


def test_a_change_leaves_every_other_line_as_it_is(path):
    put(FileStore(path, settle=0), "dark_mode", {"enabled": True, "percentage": 5})
    assert path.read_text() == TEXT.replace(
        "dark_mode: false\n", "dark_mode:\n  enabled: true\n  percentage: 5\n"
    )


def test_a_new_flag_comes_last_and_a_deleted_one_takes_its_lines_only(path):
    store = FileStore(path, settle=0)
    put(store, "extra", ON)
    assert path.read_text() == TEXT + "extra:\n  enabled: true\n"
    put(store, "extra", None)
    put(store, "dark_mode", None)
    assert path.read_text() == TEXT.replace("dark_mode: false\n", "")


def test_a_file_without_flags(tmp_path):
    path = tmp_path / "flags.yaml"
    path.write_text("# none yet\n{}\n")
    store = FileStore(path, settle=0)
    assert store.read().flags == {}
    put(store, "a", ON)
    put(store, "a", None)
    assert path.read_text() == "# none yet\n{}\n"


def test_an_edit_by_hand_gets_a_revision(path):
    store = FileStore(path, settle=0)
    put(store, "dark_mode", ON)
    path.write_text(path.read_text().replace("percentage: 10", "percentage: 20"))
    assert store.read().flags["new-checkout"].revision == 2
    newest = store.history("new-checkout")[0]
    assert (newest.by, newest.old["percentage"], newest.new["percentage"]) == (EDITOR, 10, 20)


def test_another_instance_goes_on_counting_after_a_restart(path):
    first = FileStore(path, settle=0)
    made = put(first, "dark_mode", ON)
    second = FileStore(path, settle=0)
    assert second.read().version == made.version
    assert second.read().flags["dark_mode"].revision == 2
    assert second.history("dark_mode") == first.history("dark_mode")


def test_an_edit_between_reading_and_writing_is_a_conflict(path):
    store = FileStore(path, settle=0)
    seen = store.read().flags["new-checkout"].revision
    path.write_text(TEXT.replace("percentage: 10", "percentage: 99"))
    with pytest.raises(errors.FlagConflict):
        put(store, "new-checkout", OFF, expect=seen)
    assert "percentage: 99" in path.read_text()


def test_one_wrong_rule_is_told_by_itself(path):
    path.write_text(TEXT.replace("percentage: 10", "percentage: 100.0001"))
    flags = FileStore(path, settle=0).read().flags
    assert flags["new-checkout"].document["percentage"] == 100.0001
    assert flags["new-checkout"].error.startswith(f"{path}:4: percentage: ")
    assert flags["dark_mode"].error == ""


def test_a_file_edited_into_nonsense_keeps_the_last_good(path):
    store = FileStore(path, settle=0)
    with Flags(store, background=False) as flags:
        assert flags.enabled("beta_api", 42)
        path.write_text("beta_api: [\n")
        with pytest.raises(errors.StoreError):
            flags.refresh()
        assert flags.enabled("beta_api", 42)
        assert f"{path}:2:1" in flags.status.last_error
        path.write_text(TEXT.replace("percentage: 10", "percentage: no"))
        flags.refresh()
        assert flags.decide("new-checkout", 1).bucket is not None
        assert f"{path}:4" in flags.status.errors["new-checkout"]
        path.write_text(TEXT.replace("percentage: 10", "percentage: 100"))
        flags.refresh()
        assert flags.enabled("new-checkout", 1)
        assert flags.status.healthy


def test_a_file_that_is_gone_is_no_empty_file(path):
    store = FileStore(path, settle=0)
    store.read()
    path.unlink()
    with pytest.raises(errors.StoreError, match="the file is gone"):
        store.read()


def test_another_process_is_seen_by_the_content(path):
    ours, theirs = FileStore(path, settle=0), FileStore(path)
    known = ours.read().version
    before = path.stat()
    put(theirs, "dark_mode", ON)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert ours.read(known).flags["dark_mode"].document == ON


def test_a_background_thread_sees_an_edit(path):
    seen = threading.Event()
    with Flags(FileStore(path, settle=0), poll=0.02) as flags:
        flags.subscribe(lambda change: seen.set(), "dark_mode")
        path.write_text(TEXT.replace("dark_mode: false", "dark_mode: true"))
        assert seen.wait(10)
        assert flags.enabled("dark_mode")


def test_a_directory_that_takes_no_writes(path, monkeypatch):
    """Reading goes on, revisions counted in memory; writing is refused."""
    store = FileStore(path, settle=0)
    put(store, "dark_mode", ON)

    def refuse(*args, **kwargs):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(atomic.os, "open", refuse)
    path.write_text("dark_mode: false\n")
    assert store.read().flags["dark_mode"].revision == 3
    with pytest.raises(errors.StoreReadOnly):
        put(store, "dark_mode", ON)


def test_a_journal_whose_last_line_was_cut_short(path):
    store = FileStore(path, settle=0)
    put(store, "dark_mode", ON)
    put(store, "dark_mode", OFF)
    journal = path.with_name("flags.yaml.history.jsonl")
    journal.write_bytes(journal.read_bytes()[:-20])
    put(FileStore(path, settle=0), "dark_mode", ON)
    kept = [r.by for r in FileStore(path, settle=0).history("dark_mode")]
    assert kept == ["ann", EDITOR, "ann", EDITOR]
    assert FileStore(path, settle=0).read().flags["dark_mode"].revision == 4


def test_a_stop_between_journal_and_file_is_an_edit_that_goes_back(path, monkeypatch):
    store = FileStore(path)
    put(store, "dark_mode", OFF)
    with monkeypatch.context() as patch:
        patch.setattr("confkit.atomic.replace", lambda *a: os._exit(0))
        pid = os.fork()
        if pid == 0:
            put(FileStore(path), "dark_mode", ON)
        os.waitpid(pid, 0)
    newest = FileStore(path, settle=0)
    assert newest.read().flags["dark_mode"].document == OFF
    assert [c.by for c in newest.history("dark_mode")][:2] == [EDITOR, "ann"]


def _count(path, rounds):
    flags = Flags(FileStore(path, settle=0), background=False)
    for _ in range(rounds):
        while True:
            stored = flags.store.read().flags["n"]
            number = int(stored.document["description"]) + 1
            try:
                put(
                    flags.store, "n", {"enabled": True, "description": str(number)}, stored.revision
                )
                break
            except errors.FlagConflict:
                continue


def test_processes_that_race_lose_nothing(tmp_path):
    path = tmp_path / "flags.yaml"
    put(FileStore(path, settle=0), "n", {"enabled": True, "description": "0"})
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_count, args=(path, 15)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert FileStore(path, settle=0).read().flags["n"].document["description"] == "30"
    assert FileStore(path, settle=0).read().flags["n"].revision == 31


def test_sizes_are_limited(path, monkeypatch):
    monkeypatch.setattr("confkit.flags.stores.file_format.MAX_BYTES", 10)
    with pytest.raises(errors.StoreError, match="larger than"):
        FileStore(path, settle=0).read()


def test_a_directory_is_no_file(tmp_path):
    with pytest.raises(errors.StoreError, match="directory"):
        FileStore(tmp_path).read()


def test_line_ends_and_byte_order_mark_stay(path):
    path.write_bytes(b"\xef\xbb\xbf# ours\r\na: true\r\n\r\nb: true # and b\r\n")
    FileStore(path, settle=0).write("a", {"enabled": False}, expect=None, by="", reason="")
    made = b"\xef\xbb\xbf# ours\r\na:\r\n  enabled: false\r\n\r\nb: true # and b\r\n"
    assert path.read_bytes() == made


def test_a_writer_whose_name_is_no_utf_8_is_on_record(path):
    path.write_text("a: true\n")
    store = FileStore(path, settle=0)
    store.write("a", {"enabled": False}, expect=None, by="\udcff", reason="")
    assert FileStore(path, settle=0).history("a", limit=1)[0].by == "\\udcff"


def test_a_journal_line_nested_without_end_is_passed_over(path):
    path.write_text("a: true\n")
    store = FileStore(path, settle=0)
    store.write("a", {"enabled": False}, expect=None, by="", reason="")
    with path.with_name(f"{path.name}.history.jsonl").open("a") as journal:
        journal.write("[" * 200_000 + "\n")
    assert FileStore(path, settle=0).read().flags["a"].revision == 2


def test_a_client_hears_of_an_edit_before_its_poll(tmp_path):
    path = tmp_path / "flags.yaml"
    path.write_text("a: {enabled: false}\n")
    with Flags(FileStore(path, settle=0), poll=60) as flags:
        assert not flags.enabled("a")
        path.write_text("a: {enabled: true}\n")
        end = time.monotonic() + 10
        while not flags.enabled("a"):
            assert time.monotonic() < end, "only the poll, a minute away, would find it"
            time.sleep(0.01)


def test_hints_end_with_the_client_and_leave_no_thread(tmp_path):
    path = tmp_path / "flags.yaml"
    path.write_text("a: {enabled: true}\n")
    before = threading.active_count()
    for _ in range(5):
        with Flags(FileStore(path)) as flags:
            assert flags.enabled("a")
    end = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < end, threading.enumerate()
        time.sleep(0.01)


def test_a_change_among_many_flags_reads_the_text_once(tmp_path, monkeypatch):
    path = tmp_path / "flags.yaml"
    path.write_text("".join(f"f{n}:\n  enabled: true\n" for n in range(100)))
    texts = []
    whole = file_format.parse

    def counted(content, **options):
        texts.append(content)
        return whole(content, **options)

    with Flags(FileStore(path), background=False) as flags:
        flags.set("f1", percentage=1)
        monkeypatch.setattr(file_format, "parse", counted)
        flags.set("f1", percentage=2)
        assert texts == [path.read_bytes()], "what is written, to be sure of it"
        path.write_bytes(path.read_bytes().replace(b"percentage: 2", b"percentage: 3"))
        flags.set("f2", percentage=4)
        assert len(texts) == 3
        assert flags.view.flags["f1"].rule.percentage == 3
