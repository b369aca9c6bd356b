"""Test files of a user, run by a pytest of their own that loads nothing but our plugin."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import pytest

# What inner runs in this process share with it has to be imported once, and not by each of them.
import confkit.secrets.front
import confkit.sources.yaml
import confkit.testing.configuration
import confkit.testing.secrets  # noqa: F401
from confkit.flags import everywhere
from confkit.overlays import configs

#: What the test files of a user begin with: settings and flags of a module.
SHOP = """
import os
from dataclasses import dataclass, field
import pytest
from confkit import Flags, MemoryStore, Secret, Values, load
from confkit import testing as confkit_testing

@dataclass(frozen=True)
class Pool:
    pool_size: int = 5

@dataclass(frozen=True)
class Shop:
    port: int = 80
    name: str = "shop"
    database: Pool = field(default_factory=Pool)

config = load(Shop, Values({}))
THEMES = {"dark": 50, "light": 50}
RULES = {"new-checkout": {"enabled": False}, "theme": {"enabled": True, "variants": THEMES}}
flags = Flags(MemoryStore(RULES), background=False)
"""

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    """Only our plugin is loaded, and nothing of this project reaches the inner run."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for live in (configs, everywhere._here.clients):
        monkeypatch.setattr(live, "_objects", weakref.WeakSet())
    pytester.makeini(
        "[pytest]\naddopts = -p pytest_confkit.plugin -p no:cacheprovider\nfilterwarnings =\n"
        # pytest 8 tells it of the plugin that the outer run has loaded.
        "    error\n    ignore:Module already imported:pytest.PytestAssertRewriteWarning\n"
    )


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a test file that begins like the shop's; gives the result."""

    def run(body: str, *options: str, process: bool = False, load: tuple[str, ...] = ()) -> Any:
        pytester.makepyfile(test_it=SHOP + body)
        if load:  # these neighbours, by their entry points, and ours
            monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
            pytester.makeini("[pytest]\nfilterwarnings = error\n")
            left = {"xdist", "randomly", "asyncio", "django"} - set(load)
            options = (*(f"-pno:{name}" for name in sorted(left)), *options)
            return pytester.runpytest_subprocess(*options)
        if process:
            return pytester.runpytest_subprocess(*options)
        return pytester.runpytest_inprocess(*options)

    return run


def line_of(text: str, body: str) -> int:
    """The line that a text of a body is at in the test file."""
    return (SHOP + body).partition(text)[0].lstrip("\n").count("\n") + 1
