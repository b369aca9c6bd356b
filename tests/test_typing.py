"""``load(Settings)`` is ``Config[Settings]`` and ``current`` is ``Settings``, for both checkers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TYPED = Path(__file__).parent / "typed"
WRONG = {
    number
    for number, line in enumerate((TYPED / "mistakes.py").read_text().splitlines(), start=1)
    if line.endswith("# wrong")
}


def mypy(name: str, cache: Path) -> tuple[int, set[int], str]:
    pytest.importorskip("mypy")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-pretty"),
            *("--config-file", "", "--cache-dir", str(cache), "--follow-imports", "silent"),
            str(TYPED / name),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=TYPED.parents[1],
    )
    lines = [line for line in done.stdout.splitlines() if f"{name}:" in line and " error:" in line]
    return done.returncode, {int(line.split(":")[1]) for line in lines}, done.stdout + done.stderr


def pyright(name: str) -> tuple[int, set[int], str]:
    pytest.importorskip("pyright")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pyright", "--outputjson"),
            *("--pythonpath", sys.executable, str(TYPED / name)),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=TYPED.parents[1],
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    errors = {d["range"]["start"]["line"] + 1 for d in found if d["severity"] == "error"}
    return done.returncode, errors, done.stdout + done.stderr


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("mypy")


def test_mypy_knows_the_settings(cache):
    code, _, output = mypy("settings.py", cache)
    assert code == 0, output


def test_mypy_finds_the_mistakes(cache):
    code, lines, output = mypy("mistakes.py", cache)
    assert code == 1, output
    assert lines == WRONG


def test_pyright_knows_the_settings():
    code, _, output = pyright("settings.py")
    assert code == 0, output


def test_pyright_finds_the_mistakes():
    code, lines, output = pyright("mistakes.py")
    assert code == 1, output
    assert lines == WRONG
