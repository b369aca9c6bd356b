"""Writing so that whoever stops half-way leaves the old file or the new."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from confkit import atomic


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes(b"old")
    return file


def test_the_order_of_the_calls(path, monkeypatch):
    calls = []
    for name in ("fchmod", "fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *a, real=real, name=name, **k: (calls.append(name), real(*a, **k))[1]
        )
    atomic.replace(path, b"new")
    assert calls == ["fchmod", "fsync", "replace", "fsync"]
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod"])
@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()], ids=repr)
def test_a_fault_at_any_step_changes_nothing_and_leaves_no_litter(path, monkeypatch, step, fault):
    def fail(*args):
        raise fault

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(fault)):
        atomic.replace(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_mode_and_links_stay(path, tmp_path):
    path.chmod(0o640)
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    atomic.replace(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.getuid() != 0, reason="only root may")
def test_a_directory_that_gives_its_group_to_new_files_changes_none_of_ours(path):
    os.chown(path.parent, -1, 2345)
    path.parent.chmod(0o2775)
    atomic.replace(path, b"new")
    assert path.stat().st_gid == os.getegid()


def test_a_file_that_is_a_mount_is_written_in_place(path, monkeypatch):
    inode = path.stat().st_ino

    def busy(*args):
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(os, "replace", busy)
    atomic.replace(path, b"x")
    assert path.read_bytes() == b"x"
    assert path.stat().st_ino == inode
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_what_a_killed_writer_left_is_swept(path):
    left = path.with_name(".a.txt.1234.tmp")
    left.write_bytes(b"half")
    atomic.replace(path, b"new")
    assert left.exists()  # without the lock it may be another writer's
    with atomic.locked(path):
        assert not left.exists()


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        atomic.replace(tmp_path / "no" / "a", b"x")
    with pytest.raises(FileNotFoundError), atomic.locked(tmp_path / "no" / "a"):
        pass
    with pytest.raises(FileNotFoundError):
        atomic.append(tmp_path / "no" / "a", b"x")


def test_the_lock_is_free_after_use_and_kept_beside_the_file(path):
    for _ in range(2):
        with atomic.locked(path):
            atomic.replace(path, b"new")
    assert sorted(p.name for p in path.parent.iterdir()) == ["a.txt", "a.txt.lock"]


def test_a_large_file_takes_the_place_when_it_is_whole(path):
    path.chmod(0o640)
    with atomic.written(path) as beside:
        beside.write_text("new")
        assert path.read_text() != "new"
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(UnicodeEncodeError), atomic.written(path) as beside:
        beside.write_text("\ud800")
    assert path.read_text() == "new"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_directory_that_cannot_be_synced_is_no_failure(path, monkeypatch, caplog):
    """The new content is in its place by then."""
    real = os.fsync

    def refuse(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(handle)

    monkeypatch.setattr(atomic.os, "fsync", refuse)
    atomic.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert "cannot be synced" in caplog.text


def test_a_mount_that_cannot_be_written_whole_has_its_old_content_back(path, monkeypatch):
    before, calls = path.read_bytes(), []
    real = os.fsync

    def full(handle: int) -> None:
        if os.fstat(handle).st_ino == path.stat().st_ino and not calls:
            calls.append(handle)
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(atomic.os, "replace", busy)
    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic.replace(path, b"a longer content than before")
    assert path.read_bytes() == before
