"""Directories of secrets as Docker and Kubernetes mount them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pytest

from confkit import Directory, InvalidConfig, InvalidSource, Read, Secret, Source, load


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
    (tmp_path / "api_key").mkdir()
    (tmp_path / ".api_key").write_text("x")
    assert Directory(tmp_path).read().entries == {}


def test_a_directory_that_is_not_there(tmp_path):
    assert Directory(tmp_path / "x", optional=True).read().entries == {}
    with pytest.raises(InvalidSource, match="no such directory"):
        Directory(tmp_path / "x").read()
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidSource, match="no such directory"):
        Directory(tmp_path / "file", optional=True).read()


def test_a_file_that_is_too_large_is_named_and_the_others_are_read(tmp_path):
    (tmp_path / "api_key").write_text("k")
    (tmp_path / "large").write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    with pytest.raises(InvalidSource, match="large") as caught:
        Directory(tmp_path).read()
    assert caught.value.partial is not None
    assert set(caught.value.partial.entries) == {"API_KEY"}


def test_is_a_source_that_is_watched_and_shows_no_value(tmp_path):
    (tmp_path / "api_key").write_text("hunter2")
    source = Directory(tmp_path, root=tmp_path.parent)
    assert isinstance(source, Source)
    assert source.paths == (tmp_path,)
    assert "hunter2" not in repr(source) + repr(source.read())
