"""Writing a flag file: all or nothing, whatever step fails, whoever writes."""

from __future__ import annotations

import errno
import os

import pytest

from confkit import errors
from confkit.flags.stores.file import FileStore
from pytest_confkit.contracts import OFF, ON
from tests.flags.stores.conftest import TEXT
from tests.flags.stores.doubles import put

STEPS = {
    "the journal": ("confkit.atomic.append", None),
    "the file": ("confkit.atomic.replace", None),
    "the end of the journal": ("confkit.atomic.os.fsync", 1),
    "the end of the file": ("confkit.atomic.os.fsync", 2),
    "the rename": ("confkit.atomic.os.replace", None),
}


@pytest.mark.parametrize("there", [True, False], ids=["again", "first"])
@pytest.mark.parametrize("step", STEPS)
def test_journal_and_file_agree_whatever_step_fails(step, there, path, monkeypatch):
    target, number = STEPS[step]
    store = FileStore(path)
    if there:
        put(store, "dark_mode", ON)
    before, records = path.read_bytes(), len(FileStore(path).history())
    counted = []
    real = os.fsync if target.endswith("fsync") else None

    def fail(*given, **named):
        counted.append(1)
        if number is None or len(counted) == number:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(target, fail)
        with pytest.raises(errors.StoreFull):
            put(store, "new-checkout", {"enabled": True, "percentage": 100})
    assert path.read_bytes() == before
    for reader in (store, FileStore(path)):
        assert reader.read().flags["new-checkout"].document["percentage"] == 10
        assert not [c for c in reader.history() if c.new == {"enabled": True, "percentage": 100}]
    if there:
        assert len(FileStore(path).history()) == records
    assert put(store, "new-checkout", OFF).new == OFF


def test_several_flags_are_written_in_one_step_or_none(path):
    store = FileStore(path)
    made = store.write_all(
        [("a", ON, 0), ("dark_mode", None, 1), ("b", OFF, None)], by="ann", reason="import"
    )
    assert [(c.name, c.revision) for c in made] == [("a", 1), ("dark_mode", 2), ("b", 1)]
    assert path.read_text() == (
        TEXT.replace("dark_mode: false\n", "") + "a:\n  enabled: true\nb:\n  enabled: false\n"
    )
    before = path.read_bytes()
    with pytest.raises(errors.FlagConflict):
        store.write_all([("c", ON, 0), ("a", ON, 7)], by="", reason="")
    assert path.read_bytes() == before
    assert len(store.history()) == 6


def test_a_link_and_its_target_share_one_history(path, tmp_path):
    link = tmp_path / "linked" / "flags.yaml"
    link.parent.mkdir()
    link.symlink_to(path)
    put(FileStore(link), "dark_mode", ON)
    put(FileStore(path), "dark_mode", OFF)
    assert FileStore(link).read().flags["dark_mode"].revision == 3
    assert [p.name for p in link.parent.iterdir()] == ["flags.yaml"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_what_root_writes_locks_its_owner_out_of_nothing(path):
    os.chown(path, 1234, 2345)
    path.chmod(0o640)
    put(FileStore(path), "dark_mode", ON)
    for name in ("flags.yaml", "flags.yaml.lock", "flags.yaml.history.jsonl"):
        found = path.with_name(name).stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 2345, 0o640), name
