"""Both pages work where numpy, pyarrow, threads and a user's name are not: in a browser."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

CODE = """
import sys
for name in ("numpy", "pyarrow", "pandas", "polars", "duckdb", "scipy", "matplotlib", "yaml._yaml"):
    sys.modules[name] = None
import threading
def refuse(*_, **__):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refuse

import asyncio
from dataclasses import dataclass
from confkit import Values, load
from confkit.widgets import config_resolution, rollout_explorer

@dataclass(frozen=True)
class Settings:
    size: int = 5

async def main():
    rule = {"enabled": True, "percentage": 10, "deny": ["user-1"],
            "conditions": [{"attribute": "country", "in": ["DE"]}]}
    page = rollout_explorer({"beta": rule, "plain": {"enabled": True, "percentage": 5}})
    assert page.view.found.total == 100_000, page.message.value
    page.controls.flag.value = "beta"
    page.controls.percentage.value = 30
    assert "users are on" in page.verdict.value
    page.controls.users.value = 1_000_000
    page.controls.users.value = 10_000
    await asyncio.sleep(0)
    assert page.view.found.total == 10_000
    page.exports.kind.value = "the assignment as CSV"
    page.exports.button.click()
    assert "Written" in page.exports.done.value, page.exports.done.value
    page.exports.kind.value = "the histogram as PNG"
    page.exports.button.click()
    assert "matplotlib" in page.exports.done.value
    config = config_resolution(load(Settings, Values({"size": 6})))
    assert config.resolution.value.size == 6

asyncio.run(main())
print("ok")
"""


def test_both_pages(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "ok\n", done.stderr
