"""The tables of docs/env-files.md: each row is read here, and by python-dotenv and bash.

What docker compose and node's dotenv make of a row was measured once; neither is installed here.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values

from confkit.errors import InvalidSource
from confkit.resolution.interpolation import Variables
from confkit.resolution.unresolved import Unresolved
from confkit.sources.dotenv import DotEnv

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "env-files.md").read_text(encoding="utf-8")
CASES = json.loads((ROOT / "tests" / "data" / "dotenv_cases.json").read_text(encoding="utf-8"))

ERROR, UNSET = "an error", "not set"


def ours(text: str, path: Path, name: str = "A") -> str:
    """What confkit makes of variable ``name``, in the words of the page."""
    path.write_text(text, encoding="utf-8", newline="")
    try:
        layer = DotEnv(path).read()
    except InvalidSource:
        return ERROR
    entry = layer.entries.get(name)
    if entry is None:
        return UNSET
    try:
        return Variables([layer.entries], {}).expand(entry).text
    except Unresolved:
        return ERROR


def python_dotenv(text: str, monkeypatch: pytest.MonkeyPatch, name: str = "A") -> str:
    for variable in ("A", "B", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    # Its warning about a line it cannot parse goes to a logger, not to warnings.
    values = dotenv_values(stream=io.StringIO(text, newline=""))
    value = values.get(name)
    return UNSET if value is None else value


def bash(text: str, path: Path, name: str = "A") -> str:
    path.write_text(text, encoding="utf-8", newline="")
    script = f'set -a; . {path}; printf "%s" "${{{name}-not set}}"'
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        env={"PATH": "/usr/bin:/bin"},
        cwd=path.parent,
        check=False,
    )
    if b"command not found" in done.stderr:
        return "runs a command"
    return ERROR if done.returncode else done.stdout.decode()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, code marks and escapes taken away."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    cells = [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]
    return [[_plain(cell) for cell in row] for row in cells]


def _plain(cell: str) -> str:
    if cell == "(empty)":
        return ""
    if match := re.fullmatch(r"``\s?(.*?)\s?``|`(.*)`", cell):
        cell = match[1] or match[2]
    return cell.replace("\\|", "|").replace("⏎", "\n").replace("␍", "\r")


READERS = rows("Where readers differ")


def test_the_table_has_its_rows():
    assert len(READERS) >= 25
    assert all(len(row) == 6 for row in READERS)


@pytest.mark.parametrize("row", READERS, ids=lambda row: row[0])
def test_confkit_reads_the_row_as_the_page_says(row, tmp_path):
    assert ours(row[0] + "\n", tmp_path / ".env") == row[1]


@pytest.mark.parametrize("row", READERS, ids=lambda row: row[0])
def test_python_dotenv_reads_the_row_as_the_page_says(row, monkeypatch):
    assert python_dotenv(row[0] + "\n", monkeypatch) == row[2]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("row", READERS, ids=lambda row: row[0])
def test_bash_reads_the_row_as_the_page_says(row, tmp_path):
    if row[3] == "its process number":
        assert bash(row[0] + "\n", tmp_path / ".env").isdigit()
        return
    assert bash(row[0] + "\n", tmp_path / ".env") == row[3]


def _expected(case: dict[str, object], tmp_path: Path) -> dict[str, str]:
    path = tmp_path / ".env"
    path.write_text(str(case["text"]), encoding="utf-8", newline="")
    try:
        layer = DotEnv(path).read()
    except InvalidSource as error:
        assert error.partial is not None  # noqa: PT017 - what could be read is compared below
        layer = error.partial
    values = {}
    for name, entry in layer.entries.items():
        try:
            values[name] = Variables([layer.entries], {}).expand(entry).text
        except Unresolved:
            values[name] = ERROR
    return values


#: Cases in which our interpolation differs from python-dotenv's, each explained on the page.
DIFFERENT = {
    "unset reference": {"B": ERROR},
    "default on empty": {"A": "", "B": "d"},
    "reference in single quotes": {"A": "1", "B": "${A}"},
    "forward reference": {"A": "1", "B": "1"},
    "self reference": {"A": ERROR},
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["note"] or "plain")
def test_interpolation_agrees_with_python_dotenv_but_for_what_the_page_explains(case, tmp_path):
    theirs = {k: v for k, v in case["python_dotenv"].items() if v is not None}
    values = _expected(case, tmp_path)
    assert values == DIFFERENT.get(case["note"], theirs)
    if case["note"] in DIFFERENT:
        assert values != theirs
        assert case["note"] in [row[0] for row in rows("Where confkit differs from python-dotenv")]
