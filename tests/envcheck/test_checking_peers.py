"""docs/env-peers.md: every row of it, and a reason for each difference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from confkit.cli import main
from confkit.envcheck.checking import Checks
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.options import Options

PAGE = (Path(__file__).parents[2] / "docs" / "env-peers.md").read_text(encoding="utf-8")
SIGNS = {"⏎": "\n", "␍": "\r", "⇥": "\t", "␣": " ", "�": "\ufeff", "\\|": "|"}


def rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]


def plain(cell: str) -> str:
    match = re.fullmatch(r"``\s(.*?)\s``|`(.*)`", cell)
    text = "" if match is None else match[1] or match[2]
    for sign, meant in SIGNS.items():
        text = text.replace(sign, meant)
    return text


def shown(value: str | None) -> str:
    return "not set" if value is None else value or "(empty)"


READING = [*rows("Reading, as node's"), *rows("Reading, as varlock")]
FINDINGS = rows("Findings, as dotenv-linter")
COMPLETE = rows("Completeness, as dotenv-safe")


def test_every_difference_has_a_reason_and_nothing_else_has():
    assert (len(READING), len(FINDINGS), len(COMPLETE)) >= (60, 50, 6)
    for *_, theirs, ours, why in (*READING, *FINDINGS, *COMPLETE):
        same = theirs.startswith(ours)
        assert bool(why) != same, (theirs, ours)


@pytest.mark.parametrize("row", READING, ids=lambda row: row[0])
def test_the_value_is_the_one_of_the_page(row):
    file = EnvFile(".env", plain(row[0]).removeprefix("\ufeff"))
    if row[2] == "an error":
        assert any(one.fault for one in file.statements)
        return
    assert not any(one.fault for one in file.statements)
    found = file.variables.get("A")
    expected = row[2] if row[2] in ("not set", "(empty)") else plain(row[2])
    assert shown(None if found is None else found.value) == expected


@pytest.mark.parametrize("row", FINDINGS, ids=lambda row: row[0])
def test_the_findings_are_those_of_the_page(row):
    text = plain(row[0])
    text = text.removesuffix("⊣") if text.endswith("⊣") else text + "\n" * (text[-1] != "\n")
    checks = Checks(Options(codes=frozenset(CODES)), environ={})
    found = sorted({one.code for one in checks.every(EnvFile(".env", text))})
    assert found == ([] if row[2] == "none" else re.findall(r"`(\w+)`", row[2]))


@pytest.mark.parametrize("row", COMPLETE, ids=lambda row: f"{row[0]} {row[1]}")
def test_completeness_is_that_of_the_page(row, tmp_path, monkeypatch):
    pytest.importorskip("click")
    pytest.importorskip("rich")
    monkeypatch.chdir(tmp_path)
    Path(".env.example").write_text(plain(row[0]) + "\n")
    Path(".env").write_text(plain(row[1]) + "\n")
    code = main(["env", "check", "-s", ".env.example", ".env"])
    assert code == {"passes": 0, "fails": 1}[row[3]]
