"""A text file is read once, within limits, and an error says what is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confkit import InvalidSource
from confkit.layers import shown
from confkit.sources.reading import MAX_BYTES, decode, position, read_text, refuse_writable


def refused(path: Path, **kwargs: int) -> str:
    with pytest.raises(InvalidSource) as caught:
        read_text(path, "a.yaml", **kwargs)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_reads_utf_8_without_its_byte_order_mark(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffa: ü 漢 😀\r\n".encode())
    assert read_text(path, "a.yaml") == "a: ü 漢 😀\r\n"


def test_what_is_not_there_is_none(tmp_path):
    (tmp_path / "file").write_text("")
    assert read_text(tmp_path / "none.yaml", "a.yaml") is None
    assert read_text(tmp_path / "no" / "such" / "a.yaml", "a.yaml") is None
    assert read_text(tmp_path / "file" / "a.yaml", "a.yaml") is None


def test_a_directory_in_place_of_a_file(tmp_path):
    assert refused(tmp_path) == "is a directory, and a file is expected (a.yaml)"


def test_a_named_pipe_does_not_hold_the_program(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe") == "is not a regular file (a.yaml)"


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1")
    path.chmod(0)
    assert refused(path) == "permission denied (a.yaml)"


def test_permission_denied_is_said_for_root_too(tmp_path, monkeypatch):
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied", "secret-path")

    monkeypatch.setattr(os, "open", denied)
    assert refused(tmp_path / "a.yaml") == "permission denied (a.yaml)"


def test_a_loop_of_links(tmp_path):
    (tmp_path / "a.yaml").symlink_to("a.yaml")
    assert "cannot be opened" in refused(tmp_path / "a.yaml")


def test_a_path_that_cannot_be_one():
    assert "not a path" in refused(Path("a\0b"))


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_a_file_that_cannot_be_read_though_it_opens():
    assert "cannot be read" in refused(Path("/proc/self/mem"))


def test_a_file_beyond_the_limit(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert refused(path) == "is larger than 4,096 kB (a.yaml)"
    path.write_bytes(b"#" * MAX_BYTES)
    assert len(read_text(path, "a.yaml") or "") == MAX_BYTES


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("ok\nx: ü".encode("latin-1"), "is not UTF-8: save it as UTF-8 (a.yaml:2:4)"),
        ("漢x".encode() + b"\xff", "is not UTF-8: save it as UTF-8 (a.yaml:1:3)"),
        ("a".encode("utf-16"), "is UTF-16: save it as UTF-8 (a.yaml:1:1)"),
        (b"a: 1\nb: \0", "holds a NUL character (a.yaml:2:4)"),
        (b"\xed\xa0\x80", "is not UTF-8: save it as UTF-8 (a.yaml:1:1)"),
    ],
)
def test_bad_bytes_have_a_line_and_a_column(data, says):
    with pytest.raises(InvalidSource) as caught:
        decode(data, "a.yaml")
    assert str(caught.value) == says


def test_positions_count_characters_from_1():
    assert position("a\nüb", 0) == (1, 1)
    assert position("a\nüb", 3) == (2, 2)
    assert position("a\n", 2) == (2, 1)


def test_paths_are_shown_relative_to_the_root_else_to_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    inside = tmp_path / "project" / "config" / "a.yaml"
    assert shown(inside) == "config/a.yaml"
    assert shown(Path("config/a.yaml")) == "config/a.yaml"
    assert shown(inside, tmp_path / "project" / "config") == "a.yaml"
    assert shown(inside, Path("config")) == "a.yaml"
    outside = tmp_path / "b.yaml"
    assert shown(outside) == outside.as_posix()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize(("platform", "shared"), [("linux", True), ("emscripten", False)])
def test_a_file_that_all_may_write_is_refused_where_there_are_others(monkeypatch, platform, shared):
    monkeypatch.setattr("sys.platform", platform)
    if shared:
        with pytest.raises(InvalidSource, match="written to by every user"):
            refuse_writable(0o100666, "key")
    refuse_writable(0o100666 if not shared else 0o100664, "key")
    refuse_writable(0o041777, "tmp")
