"""CONTRIBUTING.md shows the tree as it is, and the glossary has every term once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def floors() -> list[str]:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    return next(c["layers"] for c in contracts if c.get("containers") == ["confkit"])


def test_the_floors_are_those_that_lint_holds():
    (block,) = re.findall(r"^```text floors\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert block.splitlines() == floors()


def test_every_room_has_its_line_and_no_other_has_one():
    table = GUIDE[GUIDE.index("| room |") :].partition("\n\n")[0]
    heads = [row.split("|")[1] for row in table.splitlines()[2:]]
    named = [name for head in heads for name in re.findall(r"`(\w+)`", head)]
    rooms = {name for floor in floors() for name in floor.split(" | ")} - {"__main__"}
    assert sorted(named) == sorted(rooms)


@pytest.mark.parametrize("what", ["source", "store", "resolver", "check of env files", "condition"])
def test_how_to_add_something_takes_ten_lines(what):
    _, _, rest = GUIDE.partition(f"## Add a {what}\n")
    assert 3 <= len(rest.partition("\n## ")[0].strip().splitlines()) <= 10


def test_files_and_names_that_the_guide_names_are_there():
    for path in re.findall(r"`((?:confkit|tests|docs|benchmarks)/[\w./-]+\.\w+)`", GUIDE):
        assert (ROOT / path).exists(), path


def test_a_term_has_one_meaning():
    terms = re.findall(r"^\| \*\*([\w ]+)\*\*", GLOSSARY, re.MULTILINE)
    assert len(terms) > 40
    assert len(terms) == len(set(terms))
