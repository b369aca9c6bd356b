"""Markers of the same names and arguments as the fixtures; the nearest to the test wins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_confkit.owners import LEVELS, Ownership, marker_names

#: Name -> what `pytest --markers` shows of it.
MARKERS = {
    "override_config": (
        "override_config(values, *, layer='override', environment=None): settings of every Config."
    ),
    "override_flags": "override_flags(values, *, where=None): flags forced in every Flags.",
    "override_secrets": "override_secrets(values): secrets by name, in place of any resolver.",
    "override_env": "override_env(values=None, /, **variables): os.environ; None unsets.",
}

FLAG_EXPIRED = (
    "flag_expired(name): the test lives as long as the flag; it fails once no Flags knows it."
)


def level_of(node: Any) -> int:
    """The level of a marker on a node: class in class above class, function above all."""
    if isinstance(node, pytest.Class):
        inside = sum(isinstance(parent, pytest.Class) for parent in node.listchain())
        return LEVELS["class"] + inside
    if isinstance(node, pytest.Module):
        return LEVELS["module"] + 1
    if isinstance(node, pytest.Package | pytest.Directory):
        return LEVELS["package"] + 1
    return LEVELS["session"] if isinstance(node, pytest.Session) else LEVELS["function"] - 1


def site_of(node: Any) -> str:
    """``tests/test_x.py:12``: the definition that carries a marker."""
    if isinstance(node, pytest.Item):
        file, line, _ = node.location
        return f"{file}:{(line or 0) + 1}"
    path = Path(getattr(node, "path", "?"))
    root = node.config.rootpath
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    found = getattr(node, "obj", None)
    if isinstance(found, type):
        import inspect

        try:
            return f"{shown}:{inspect.getsourcelines(found)[1]}"
        except (OSError, TypeError):
            pass  # a class made at run time has no line
    return str(shown)


def marks(node: Any) -> list[tuple[Any, pytest.Mark]]:
    """Our markers of a node and its parents, the farthest first."""
    found = [(owner, mark) for owner, mark in node.iter_markers_with_node() if mark.name in MARKERS]
    return found[::-1]


def change_of(mark: pytest.Mark, site: str) -> Any:
    """The change that a marker asks for.

    :raises Exception: what the change itself raises for wrong arguments.
    """
    from confkit import testing

    return getattr(testing, mark.name)(*mark.args, site=site, **mark.kwargs)


class Markers:
    """Checks markers when tests are collected, and applies them before fixtures are set up."""

    def __init__(self, owners: Ownership) -> None:
        self._owners = owners
        self._checked: set[int] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        problems = [
            problem
            for node, mark in marks(metafunc.definition)
            if id(mark) not in self._checked
            for problem in self._check(node, mark)
        ]
        if problems:
            pytest.fail("\n".join(problems), pytrace=False)

    def _check(self, node: Any, mark: pytest.Mark) -> Iterator[str]:
        self._checked.add(id(mark))
        from pytest_confkit.known import check

        site = site_of(node)
        try:
            check(change_of(mark, site), node.config)
        except Exception as error:
            yield f"{site}: @pytest.mark.{mark.name}: {error}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        names = marker_names(item)
        if not names.isdisjoint(MARKERS):
            found = marks(item)
            self._owners.begun(item)
            for node, mark in found:
                with self._owners.owner(f"the marker of {node.name}", level_of(node)):
                    self._owners.hold(change_of(mark, site_of(node)).apply())
        if "flag_expired" in names:
            for mark in item.iter_markers("flag_expired"):
                _expired(mark, item.config)


def _expired(mark: pytest.Mark, config: pytest.Config) -> None:
    from pytest_confkit.known import known_flags

    for name in mark.args:
        if name not in known_flags(config, collected=True):
            pytest.fail(f"the flag {name} is gone, and so may this test be", pytrace=False)
