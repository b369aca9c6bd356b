"""Directories of secrets as Docker and Kubernetes mount them."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pytest

from confkit import Directory, File, InvalidConfig, InvalidSource, Read, Secret, Source, load


@dataclass(frozen=True)
class Database:
    password: Secret = Secret("")
    pool_size: int = 5


@dataclass(frozen=True)
class Settings:
    api_key: Secret | None = None
    keystore: Annotated[bytes, Read(bytes)] = b""
    database: Database = field(default_factory=Database)


def kubernetes(root: Path, files: dict[str, bytes]) -> Path:
    """A mounted secret: the names are links into a directory that is swapped as a whole."""
    version = root / "..2026_01_31"
    version.mkdir(parents=True)
    for name, content in files.items():
        (version / name).write_bytes(content)
        (root / name).symlink_to(Path("..data") / name)
    (root / "..data").symlink_to(version.name)
    return root


def test_the_content_of_a_file_is_the_value(tmp_path):
    root = kubernetes(
        tmp_path / "run",
        {
            "api_key": b"k ${X}\n",
            "database_password": b" p\r\n",
            "DATABASE__POOL_SIZE": b"7",
            "keystore": b"\xff\x00",
            "unknown": b"\xff",
        },
    )
    current = load(Settings, Directory(root)).current
    assert current.api_key is not None
    assert current.api_key.reveal() == "k ${X}"
    assert current.database.password.reveal() == " p"
    assert current.database.pool_size == 7
    assert current.keystore == b"\xff\x00"


def test_names_may_have_a_prefix_dots_and_dashes(tmp_path):
    (tmp_path / "shop_api-key").write_text("a")
    (tmp_path / "shop_database.pool_size").write_text("8")
    (tmp_path / "api_key").write_text("b")
    current = load(Settings, Directory(tmp_path, "SHOP_")).current
    assert (current.api_key, current.database.pool_size) == (Secret("a"), 8)


def test_a_file_that_is_no_text_is_refused_where_text_is_expected(tmp_path):
    (tmp_path / "api_key").write_bytes(b"\xff")
    with pytest.raises(InvalidConfig, match="api_key: is not text") as caught:
        load(Settings, Directory(tmp_path))
    (problem,) = caught.value
    assert problem.origin is not None
    assert problem.origin.name.endswith("/api_key")


def test_directories_and_hidden_files_are_no_values(tmp_path):
    (tmp_path / "kubernetes.io").mkdir()
    (tmp_path / ".api_key").write_text("x")
    assert load(Settings, Directory(tmp_path)).current == Settings()


def unusable(path: Path, kind: str) -> None:
    """Make what has the name of a secret, and gives none."""
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(os.path.relpath(path))
    elif kind == "link to nothing":
        path.symlink_to(path.parent / "gone")
    elif kind == "link to itself":
        path.symlink_to(path.name)
    elif kind == "link to a directory":
        path.symlink_to(path.parent)
    elif kind == "too large":
        path.write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    else:
        assert kind == "writable by all"
        path.write_text("hunter2")
        path.chmod(0o646)


KINDS = ["directory", "pipe", "socket", "link to nothing", "link to itself"]
KINDS += ["link to a directory", "too large", "writable by all"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["api_key", "API-KEY", "database.password", "keystore"])
def test_what_has_the_name_of_a_field_and_is_no_secret_is_a_problem(
    tmp_path, kind, name, monkeypatch
):
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    unusable(tmp_path / name, kind)
    (tmp_path / "database_pool_size").write_text("7")
    (tmp_path / "kubernetes.io").mkdir()
    unusable(tmp_path / "unknown", kind)
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, Directory(tmp_path))
    (problem,) = caught.value.problems
    field = name.lower().replace("-", "_")
    assert problem.key == field
    assert problem.origin is not None
    assert problem.origin.name.endswith(name)
    assert problem.code in ("unreadable", "too-large", "writable")
    assert "hunter2" not in str(caught.value)
    (tmp_path / "secrets").mkdir()
    unusable(tmp_path / "secrets" / name, kind)
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, root=tmp_path, secrets_dir=tmp_path / "secrets", environ={})
    assert field in {p.key for p in caught.value.problems}


def test_a_variable_is_not_built_from_what_cannot_be_read(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token").mkdir()
    (tmp_path / "secrets" / "bytes").write_bytes(b"\xff")
    for name in ("TOKEN", "BYTES"):
        (tmp_path / "a.yaml").write_text(f"api_key: x${{{name}}}\n")
        with pytest.raises(InvalidConfig) as caught:
            load(Settings, Directory(tmp_path / "secrets"), File(tmp_path / "a.yaml"))
        (problem,) = caught.value.problems
        assert problem.key == "api_key"
        assert name in problem.message


def test_two_files_of_one_name_are_a_problem(tmp_path):
    (tmp_path / "api-key").write_text("a")
    (tmp_path / "api_key").write_text("b")
    (tmp_path / "other-one").write_text("c")
    (tmp_path / "other_one").write_text("d")
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, Directory(tmp_path))
    (problem,) = caught.value.problems
    assert (problem.key, problem.code) == ("api_key", "set-twice")
    assert [other.name.rpartition("/")[2] for other in problem.others] == ["api-key"]


def test_a_directory_that_cannot_be_trusted_or_followed_is_refused(tmp_path):
    root = tmp_path / "secrets"
    root.mkdir()
    (root / "api_key").write_text("k")
    root.chmod(0o777)
    with pytest.raises(InvalidSource) as caught:
        Directory(root).read()
    assert [p.code for p in caught.value.problems] == ["writable"]
    root.chmod(0o1777)  # as /tmp: nobody replaces the file of another
    assert set(Directory(root).read().entries) == {"API_KEY"}
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for optional in (False, True):
        with pytest.raises(InvalidSource):
            Directory(tmp_path / "link", optional=optional).read()


def test_a_directory_that_is_not_there(tmp_path):
    assert Directory(tmp_path / "x", optional=True).read().entries == {}
    with pytest.raises(InvalidSource, match="no such directory"):
        Directory(tmp_path / "x").read()
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidSource, match="no such directory"):
        Directory(tmp_path / "file", optional=True).read()


def test_is_a_source_that_is_watched_and_shows_no_value(tmp_path):
    (tmp_path / "api_key").write_text("hunter2")
    source = Directory(tmp_path, root=tmp_path.parent)
    assert isinstance(source, Source)
    assert source.paths == (tmp_path,)
    assert "hunter2" not in repr(source) + repr(source.read())
