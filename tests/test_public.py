"""What ``import confkit`` gives, and what it does not load."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import confkit

SOURCE = ast.parse(Path(confkit.__file__).read_text(encoding="utf-8"))


def imported_for_types() -> dict[str, str]:
    """The names that type checkers see, with the modules they come from."""
    (block,) = (node for node in SOURCE.body if isinstance(node, ast.If))
    return {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if alias.asname
    }


def test_the_version_is_that_of_the_distribution():
    assert confkit.__version__ == version("confkit-toolkit")


def test_all_is_sorted_and_complete():
    assert confkit.__all__ == sorted(set(confkit.__all__))
    assert imported_for_types() == confkit._HOME
    assert list(confkit._HOME) == sorted(confkit._HOME)
    assert set(confkit.__all__) <= set(dir(confkit))


#: Names that need an optional library; one session of tests has none.
OPTIONAL = (
    {"AsyncRedisStore", "RedisStore"} if os.environ.get("CONFKIT_TESTS_WITHOUT_EXTRAS") else set()
)


@pytest.mark.parametrize("name", sorted({*confkit.__all__} - OPTIONAL))
def test_every_name_is_there_comes_from_its_home_and_says_what_it_is(name):
    value = getattr(confkit, name)
    assert value is getattr(sys.modules[confkit._HOME[name]], name)
    assert value.__doc__ or not callable(value)


def test_other_names_are_refused_as_by_any_module():
    with pytest.raises(AttributeError, match="module 'confkit' has no attribute 'Confg'"):
        _ = confkit.Confg
    with pytest.raises(ImportError):
        exec("from confkit import Confg")


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """A run of an interpreter that nothing measures: coverage imports modules of its own."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=True, env=environ
    )


def modules_after(code: str) -> set[str]:
    done = python("-c", f"import sys; {code}; print(*sys.modules)")
    return {name.partition(".")[0] for name in done.stdout.split()}


HEAVY = {
    *("cerberus", "dotenv", "redis", "boto3", "botocore", "cryptography", "watchdog", "ruamel"),
    *("click", "rich", "ipywidgets", "flask", "numpy", "pandas", "pytest", "argparse", "tomllib"),
}


def test_importing_loads_no_library():
    assert not modules_after("import confkit") & {*HEAVY, "yaml", "difflib", "json"}


def test_importing_by_the_clock_of_the_interpreter_shows_none_either():
    done = python("-X", "importtime", "-c", "import confkit")
    shown = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "confkit" in shown
    assert not {name.partition(".")[0] for name in shown} & HEAVY


def test_loading_settings_without_rules_and_files_needs_no_library():
    loaded = modules_after(
        "from dataclasses import make_dataclass as m; from confkit import load, Environ; "
        "load(m('S', [('a', int, 1)], frozen=True), Environ(environ={'A': '2'}))"
    )
    assert not loaded & (HEAVY - {"argparse"})
