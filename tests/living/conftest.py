"""A small application whose configuration changes while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pytest

from confkit import Check, Config, Environ, File, Secret, load


@dataclass(frozen=True)
class Database:
    pool_size: Annotated[int, Check(min=1, max=100)] = 5
    password: Secret = Secret("")


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    hosts: list[str] = field(default_factory=list)
    levels: dict[str, str] = field(default_factory=dict)
    database: Database = field(default_factory=Database)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "config.yaml"
    found.write_text("# the shop\nname: one\ndatabase:\n  pool_size: 1 # few\n")
    return found


@pytest.fixture
def config(path: Path) -> Config[Settings]:
    return load(Settings, File(path), Environ(environ={"HOSTS": "a,b"}))


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Config[Settings]]:
    """Load the conventional layers of a project whose files are given by name."""

    def make(files: dict[str, str], **environ: str) -> Config[Settings]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        return load(Settings, root=tmp_path, environ=environ)

    return make
