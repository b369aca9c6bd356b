"""Public names that are imported when they are first used.

A name whose optional library is missing is there all the same, so that ``import *``, ``hasattr``,
``dir``, ``pydoc`` and ``inspect`` work on any installation; using it raises ``MissingExtra``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NoReturn


def names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package whose names are at home in other modules.

    :param homes: each name and the module that defines it: absolute, or ``.module`` below
        the package.

    ::

        __getattr__, __dir__ = names(__name__, {"Config": "confkit.config"})
    """

    def get(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            value = getattr(import_module(home, package), name)
        except ImportError as error:
            if not hasattr(error, "extra"):
                raise
            return _missing(name, package, error)
        setattr(sys.modules[package], name, value)
        return value

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, listed


class _Missing(type):
    """The class of names that cannot be used; every use but looking at them raises."""

    _error: ImportError

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        raise cls._error.with_traceback(None)

    def __getattr__(cls, name: str) -> NoReturn:
        # Tools look for such names on whatever they find; only a public name is a use.
        if name.startswith("_"):
            raise AttributeError(name)
        raise cls._error.with_traceback(None)

    def __instancecheck__(cls, instance: object) -> bool:
        return False


def _missing(name: str, package: str, error: ImportError) -> type:
    body = {"__module__": package, "__doc__": str(error), "_error": error}
    return _Missing(name, (), body)
