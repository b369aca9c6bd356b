"""``${file:...}``: the text of a file, its permissions and its version."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from confkit import InvalidConfig, Secret, SecretDenied, SecretGarbled, SecretNotFound, load
from confkit.secrets.files import FileResolver, readable_by_all


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"hunter2", "hunter2"),
        (b"hunter2\n", "hunter2"),
        (b"hunter2\r\n", "hunter2"),
        (b"hunter2\n\n", "hunter2\n"),
        (b" hunter2 ", " hunter2 "),
        (b"", ""),
        (b"a\nb\n", "a\nb"),
        ("ü".encode(), "ü"),
    ],
)
def test_the_text_without_one_line_end(tmp_path, content, text):
    (tmp_path / "x").write_bytes(content)
    assert FileResolver(tmp_path).resolve("x") == text
    assert FileResolver("/nowhere").resolve(str(tmp_path / "x")) == text


def test_the_bytes_as_they_are(tmp_path):
    (tmp_path / "x").write_bytes(b"\xff\x00\n")
    assert FileResolver(tmp_path, binary=True).resolve("x") == b"\xff\x00\n"
    with pytest.raises(SecretGarbled, match="not UTF-8"):
        FileResolver(tmp_path).resolve("x")


@pytest.mark.parametrize("reference", ["missing", "x/y"])
def test_no_file_is_not_found(tmp_path, reference):
    (tmp_path / "x").write_text("")
    with pytest.raises(SecretNotFound):
        FileResolver(tmp_path).resolve(reference)
    for nothing in ("", "a\0b"):
        with pytest.raises(SecretGarbled, match="names no file"):
            FileResolver(tmp_path).resolve(nothing)
    assert FileResolver(tmp_path).version("missing") is None


def test_a_directory_and_a_file_that_is_too_large_hold_no_secret(tmp_path):
    with pytest.raises(SecretGarbled, match="is a directory"):
        FileResolver(tmp_path).resolve(".")
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(SecretGarbled, match="larger than"):
        FileResolver(tmp_path).resolve("large")


def test_a_file_that_anybody_may_write_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_text("hunter2")
    path.chmod(0o666)
    with pytest.raises(SecretDenied, match="by every user"):
        FileResolver(tmp_path).resolve("x")
    path.chmod(0o644)
    assert FileResolver(tmp_path).resolve("x") == "hunter2"
    assert readable_by_all(path)
    path.chmod(0o600)
    assert not readable_by_all(path)
    assert not readable_by_all(tmp_path / "missing")


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_denied(tmp_path):
    (tmp_path / "x").write_text("hunter2")
    (tmp_path / "x").chmod(0o000)
    with pytest.raises(SecretDenied, match="permission denied"):
        FileResolver(tmp_path).resolve("x")


def test_the_version_changes_with_the_content_and_is_no_secret(tmp_path):
    resolver = FileResolver(tmp_path)
    (tmp_path / "x").write_text("hunter2")
    first = resolver.version("x")
    assert resolver.version("x") == first
    (tmp_path / "new").write_text("hunter3")
    (tmp_path / "new").replace(tmp_path / "x")
    assert resolver.version("x") != first
    assert "hunter" not in str(first)


def test_a_kubernetes_directory_is_followed_through_its_links(tmp_path):
    for name, text in (("..1", "old"), ("..2", "new")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "password").write_text(text)
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "password").symlink_to("..data/password")
    resolver = FileResolver(tmp_path)
    first = resolver.version("password")
    assert resolver.resolve("password") == "old"
    (tmp_path / "..tmp").symlink_to("..2")
    (tmp_path / "..tmp").replace(tmp_path / "..data")
    assert resolver.resolve("password") == "new"
    assert resolver.version("password") != first


@dataclass(frozen=True)
class Settings:
    key: Secret = Secret("")


def test_a_load_reads_files_relative_to_its_root(tmp_path, monkeypatch):
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "key.txt").write_text("hunter2\n")
    (tmp_path / "root" / ".env").write_text("KEY='${file:key.txt}'\n")
    config = load(Settings, root=tmp_path / "root", environ={})
    assert config.current.key.reveal() == "hunter2"
    monkeypatch.chdir(tmp_path / "root")
    assert load(Settings, environ={}).current.key.reveal() == "hunter2"
    (tmp_path / "root" / ".env").write_text("KEY='${file64:key.txt}'\n")
    assert load(Settings, environ={}).current.key.reveal() == "aHVudGVyMgo="
    (tmp_path / "root" / ".env").write_text("KEY='${file:other.txt}'\n")
    with pytest.raises(InvalidConfig, match="there is no file") as caught:
        load(Settings, environ={})
    assert caught.value.problems[0].code == "secret-not-found"
