"""The tree: a test file for every module under the same name, and nothing too long to read.

A test of one module is ``tests/<room>/test_<module>.py``; a second file about it adds an aspect,
``test_<module>_<aspect>.py``. What tests the product as a whole is at the top and listed here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
#: Which tree of tests belongs to which package.
PACKAGES = {"confkit": TESTS, "pytest_confkit": TESTS / "plugin"}
#: Tests of the product as a whole.
WHOLE = {
    "test_bad_input",  # every kind of wrong input gives a typed error
    "test_canary",  # a secret planted in every source, in no public output
    "test_canary_admin",
    "test_canary_commands",
    "test_canary_pages",
    "test_canary_reports",
    "test_contributing",  # CONTRIBUTING.md and the glossary against the tree
    "test_docstrings",  # the public API explains itself
    "test_docs",  # the code blocks of README and docs
    "test_layout",
    "test_properties",  # laws that hold across rooms
    "test_public",  # what ``import confkit`` gives and loads
    "test_requirements",  # the locks of requirements/
    "test_secrets_never_leak",  # a secret in no output of any room
    "test_shop",  # the example
    "test_situations_messages",  # what users wrote and were told
    "test_situations_needs",
    "test_situations_secrets",
    "test_situations_values",
    "test_source_document",  # the faults of the first hand-written version
    "test_typing",  # what type checkers see
}
#: Directories of tests that do not mirror a package.
ASIDE = {"faults", "plugin", "browser", "notebooks", "engines", "projects", "typed", "data"}
LINES = 350
FUNCTION = 60


def modules(package: str) -> list[Path]:
    """Every module that holds code; a package's ``__init__`` only names what is in it."""
    found = (ROOT / package).rglob("*.py")
    return sorted(p for p in found if p.name not in ("__init__.py", "__main__.py"))


def test_of(module: Path) -> Path:
    package, *rooms = module.relative_to(ROOT).parts
    return PACKAGES[package].joinpath(*rooms[:-1], f"test_{module.name}")


test_of.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", modules("confkit"), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_has_its_test_file(module):
    assert test_of(module).is_file(), f"write {test_of(module).relative_to(ROOT)}"


def test_every_test_file_has_its_module():
    homeless = []
    for file in sorted(TESTS.rglob("test_*.py")):
        room = file.relative_to(TESTS).parent
        if room.parts[:1] and room.parts[0] in ASIDE:
            continue
        if not room.parts and file.stem in WHOLE:
            continue
        named = file.stem.removeprefix("test_")
        around = {p.stem for p in (ROOT / "confkit" / room).glob("*.py")}
        if not any(named == stem or named.startswith(f"{stem}_") for stem in around):
            homeless.append(str(file.relative_to(ROOT)))
    assert not homeless, "name each after its module, or list it in WHOLE"


def sources() -> Iterator[Path]:
    for top in (*PACKAGES, "tests", "benchmarks", "examples"):
        yield from sorted((ROOT / top).rglob("*.py"))


def test_no_file_is_too_long():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES
    }
    assert not long, f"split by subject what is above {LINES} lines"


def test_no_function_is_too_long():
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": lines
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION
    }
    assert not long, f"split by idea what is above {FUNCTION} lines"


#: One implementation of each: what a second one would import or define, and where the first is.
ONCE = {
    "get_close_matches": "confkit/near.py",
    "_getframe": "confkit/callers.py",
    "mkstemp": "confkit/atomic.py",
}


@pytest.mark.parametrize("name", ONCE)
def test_there_is_one_of_each(name):
    found = [
        str(path.relative_to(ROOT))
        for path in modules("confkit")
        if name in path.read_text(encoding="utf-8")
    ]
    assert found == [ONCE[name]]
