"""Factories of fixtures of wider scopes, for ``conftest.py``.

::

    from pytest_confkit import override_flags

    new_checkout = override_flags({"new-checkout": True}, scope="module")

They take the arguments of the fixtures of the same names, and ``scope`` (class, module, package,
session) and ``autouse``. The other fixtures and the markers need no import.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

__all__ = ["override_config", "override_env", "override_flags", "override_secrets"]


def _factory(name: str) -> Callable[..., Any]:
    def make(*args: Any, scope: str, autouse: bool = False, **options: Any) -> Any:
        frame = sys._getframe(1)  # noqa: SLF001 - the line that makes the fixture
        site = f"{frame.f_code.co_filename}:{frame.f_lineno}"

        def fixture() -> Iterator[Any]:
            from confkit import testing

            with getattr(testing, name)(*args, site=site, **options) as change:
                yield change

        kind: Any = scope
        return pytest.fixture(scope=kind, autouse=autouse, name=None)(fixture)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"A fixture of a wider scope that holds ``{name}``; ``scope`` is required."
    return make


override_config = _factory("override_config")
override_env = _factory("override_env")
override_flags = _factory("override_flags")
override_secrets = _factory("override_secrets")
