"""Running ``confkit env`` in a directory of its own."""

from __future__ import annotations

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
