"""Running the command in a directory of its own, and in a project."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from confkit.cli import main

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``confkit env`` in an empty directory; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str) -> tuple[int, str]:
        code = main(["env", *argv])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


SETTINGS = """
from __future__ import annotations
from dataclasses import dataclass, field
from typing import Annotated
from confkit import REQUIRED, Check, Secret

@dataclass(frozen=True)
class Database:
    password: Secret = REQUIRED
    pool_size: Annotated[int, Check(max=100)] = 5

@dataclass(frozen=True)
class Settings:
    log_level: str = "INFO"
    database: Database = field(default_factory=Database)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with settings, two environments and a secret, as the working directory."""
    (tmp_path / "appsettings.py").write_text(SETTINGS)
    (tmp_path / "pyproject.toml").write_text('[tool.confkit]\nsettings = "appsettings:Settings"\n')
    (tmp_path / "config.yaml").write_text("database:\n  pool_size: 10\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "production.yaml").write_text("database:\n  pool_size: 20\n")
    (tmp_path / "config" / "staging.yaml").write_text("log_level: DEBUG\n")
    (tmp_path / ".env").write_text("DATABASE_PASSWORD=hunter2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("ENVIRONMENT", "DATABASE_PASSWORD", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, "appsettings", raising=False)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run one command in this process; gives its exit code and what it printed."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        assert "hunter2" not in out + err
        return code, out, err

    return run
