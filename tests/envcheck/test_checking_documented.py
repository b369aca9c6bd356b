"""docs/env-check.md and the hooks say what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from confkit.cli import main
from confkit.envcheck.codes import CODES
from confkit.envcheck.options import from_table

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "env-check.md").read_text(encoding="utf-8")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_every_code_is_in_the_table_with_its_level_and_meaning():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| `")
    ]
    documented = {row[0].strip("`"): row[1:] for row in rows if row[0].strip("`") in CODES}
    assert list(documented) == list(CODES)
    for code, (level, meaning, fix) in documented.items():
        known = CODES[code]
        assert level.partition(",")[0] == known.level
        assert ("only if selected" in level) != known.default
        assert meaning == known.summary
        assert bool(fix) == known.fixable


def test_the_table_of_options_is_one_that_works():
    (block,) = re.findall(r"```toml\n(\[tool\.confkit\.env\].*?)```", PAGE, re.DOTALL)
    options = from_table(tomllib.loads(block)["tool"]["confkit"]["env"])
    assert "UnorderedKey" in options.codes


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_hooks_name_commands_that_exist(hook, capsys):
    program, *words = hook["entry"].split()
    assert program == "confkit"
    assert main([*words, "--help"]) == 0
    assert hook["id"] in PAGE


@pytest.mark.parametrize(
    ("name", "matches"),
    [
        (".env", True),
        ("deploy/.env.production", True),
        ("a.env", True),
        (".env-staging", True),
        ("env.production", True),
        ("apps/web/pyproject.toml", True),
        ("shop/settings.py", True),
        ("config.yaml", True),
        ("config/production.json", True),
        ("environment", False),
        ("docs/page.yaml", False),
        ("README.md", False),
    ],
)
def test_the_hook_looks_at_env_files(name, matches):
    (check,) = [hook for hook in HOOKS if hook["id"] == "confkit-env-check"]
    assert bool(re.search(check["files"], name)) == matches
