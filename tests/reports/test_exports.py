"""What is handed out can be read back, and has no secret."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Annotated

import yaml

from confkit import Check, Secret, Values, diff, resolve
from confkit.reports.exports import to_json, to_markdown, to_yaml


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Check(min=1)] = 5


@dataclass(frozen=True)
class Settings:
    name: str = "x"
    key: Secret = Secret("canary")
    tags: list[str] = field(default_factory=list)
    pool: Pool = field(default_factory=Pool)


def test_yaml_is_read_back():
    found = resolve(Settings, Values({"name": "yes: |", "tags": ["a", "b"]}))
    assert yaml.safe_load(to_yaml(found)) == {
        "name": "yes: |",
        "key": "***",
        "tags": ["a", "b"],
        "pool": {"size": 5},
    }
    assert "canary" not in to_yaml(found)


def test_json_has_the_problems_too():
    found = json.loads(to_json(resolve(Settings, Values({"pool.size": 0}))))
    assert found["keys"]["pool.size"]["value"] is None
    assert [problem["key"] for problem in found["problems"]] == ["pool.size"]


def test_markdown_for_a_review():
    broken = resolve(Settings, Values({"pool.size": 0, "name": "a|`b`\n# c <b>"}))
    made = to_markdown(broken, diff(resolve(Settings), broken, names=("staging", "this")))
    assert "### Problems" in made
    assert "### staging and this" in made
    assert "canary" not in made
    for line in made.splitlines():
        if line.startswith("|"):
            cells = len(re.findall(r"(?<!\\)\|", line)) - 1
            assert cells in (3, 4, 5), line
        assert not line.startswith("# ")
    assert "a\\|`b`\\n# c <b>" in made
    good = resolve(Settings)
    assert "No value differs" in to_markdown(good, diff(good, good))
