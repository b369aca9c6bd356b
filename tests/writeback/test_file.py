"""Configuration files edited in one step, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from confkit import atomic
from confkit.errors import FileChanged, MissingExtra, NotWritable, SaveError
from confkit.writeback.file import edit_file, fingerprint, fingerprint_of
from confkit.writeback.yaml_structure import Ruamel

TEXT = "# mine\na: 1 # one\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.local.yaml"
    path.write_text(TEXT)
    return path


def litter(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir() if p.suffix not in (".lock", ".yaml"))


def test_a_value_is_set_and_the_file_keeps_mode_and_comments(file):
    file.chmod(0o640)
    assert edit_file(file, {("a",): 2})
    assert file.read_text() == "# mine\na: 2 # one\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert not edit_file(file, {("a",): 2})
    assert litter(file) == []


def test_a_new_file_is_made_yaml_or_json(tmp_path):
    assert edit_file(tmp_path / "new.yml", {("a", "b.c"): "no"})
    assert (tmp_path / "new.yml").read_text() == 'a:\n  b.c: "no"\n'
    assert edit_file(tmp_path / "new.json", {("a",): None})
    assert (tmp_path / "new.json").read_text() == '{\n  "a": null\n}\n'


def test_a_link_is_followed_and_stays(file):
    link = file.with_name("link.yaml")
    link.symlink_to(file.name)
    edit_file(link, {("a",): 2})
    assert link.is_symlink()
    assert "a: 2" in file.read_text()


def test_what_changed_meanwhile_is_refused(file):
    before = fingerprint(file)
    file.write_text("a: 5\n")
    with pytest.raises(FileChanged, match=r"config\.local\.yaml changed"):
        edit_file(file, {("a",): 2}, expect=before)
    assert file.read_text() == "a: 5\n"
    assert edit_file(file, {("a",): 2}, expect=fingerprint(file))
    assert fingerprint(file.with_name("none.yaml")) == fingerprint_of("")
    with pytest.raises(FileChanged):
        edit_file(file, {("a",): 3}, expect=fingerprint_of(""))
    file.write_text("\ufeffa: 1\n")
    assert fingerprint(file) == fingerprint_of("a: 1\n")


def test_whoever_has_to_accept_the_text_can_refuse_it(file):
    def refuse(text: str) -> None:
        assert text == "# mine\na: 2 # one\n"
        raise SaveError("no")

    with pytest.raises(SaveError, match=r"config\.local\.yaml: no"):
        edit_file(file, {("a",): 2}, accept=refuse)
    assert file.read_text() == TEXT


@pytest.mark.parametrize("call", ["mkstemp", "fchmod", "fsync", "replace", "open"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_whatever_the_disk_refuses_nothing_has_changed(file, monkeypatch, call, number):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    module = atomic.tempfile if call == "mkstemp" else atomic.os
    with monkeypatch.context() as patch:
        patch.setattr(module, call, refuse)
        with pytest.raises(NotWritable, match=os.strerror(number)):
            edit_file(file, {("a",): 2})
    assert file.read_text() == TEXT
    assert litter(file) == []
    assert edit_file(file, {("a",): 2})


def test_a_file_that_is_a_mount_of_its_own_is_written_in_place(file, monkeypatch):
    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "busy")

    inode = file.stat().st_ino
    monkeypatch.setattr(atomic.os, "replace", busy)
    assert edit_file(file, {("a",): 2})
    assert file.read_text() == "# mine\na: 2 # one\n"
    assert file.stat().st_ino == inode
    assert litter(file) == []


@pytest.mark.parametrize("name", ["config.toml", "config", ".env"])
def test_other_formats_are_refused_by_name(tmp_path, name):
    with pytest.raises(SaveError, match="YAML and JSON"):
        edit_file(tmp_path / name, {("a",): 1})
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_are_not_utf_8_stay(file):
    file.write_bytes(b"a: \xff\n")
    with pytest.raises(SaveError, match="UTF-8"):
        edit_file(file, {("a",): 1})
    assert file.read_bytes() == b"a: \xff\n"


@pytest.mark.skipif(Ruamel is not None, reason="only without the extra write")
def test_without_the_extra_a_file_with_comments_is_left_alone(file):
    with pytest.raises(MissingExtra):
        edit_file(file, {("b",): 1})
    assert file.read_text() == TEXT


def test_the_order_of_calls_survives_a_power_loss(file, monkeypatch):
    """``fchmod``, ``fsync`` of the file, ``replace``, ``fsync`` of the directory."""
    calls: list[str] = []
    for name in ("fchmod", "fsync", "replace"):
        real = getattr(os, name)

        def watched(*words: object, name: str = name, real: object = real) -> object:
            calls.append(name)
            return real(*words)  # type: ignore[operator]

        monkeypatch.setattr(atomic.os, name, watched)
    edit_file(file, {("a",): 2})
    assert calls[-4:] == ["fchmod", "fsync", "replace", "fsync"]  # before them, the lock file's


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_half_of_a_surrogate_pair_is_refused(tmp_path, name):
    with pytest.raises(SaveError):
        edit_file(tmp_path / name, {("a",): "\ud800"})
    assert not (tmp_path / name).exists()
