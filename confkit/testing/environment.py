"""Environment variables for a while: ``override_env(APP_ENV="ci", LEGACY=None)``."""

from __future__ import annotations

import os
from collections.abc import Mapping

from confkit.testing.temporary import Temporary


class override_env(Temporary):  # noqa: N801 - used like a function
    """Set variables of ``os.environ``, and unset those whose value is None.

    >>> with override_env(APP_ENV="ci", LEGACY=None):
    ...     os.environ["APP_ENV"], "LEGACY" in os.environ
    ('ci', False)

    A configuration that is loaded or reloaded inside sees them; one that was loaded before does
    not, as in a program: for that there is ``override_config(..., layer="env")``.

    :param values: variables whose names are no Python names, or from a mapping.
    :raises TypeError: for a value that is neither text nor None.
    """

    def __init__(
        self,
        values: Mapping[str, str | None] | None = None,
        /,
        *,
        site: str | None = None,
        **variables: str | None,
    ) -> None:
        super().__init__(site)
        self.values = {**(values or {}), **variables}
        for name, value in self.values.items():
            if value is not None and not isinstance(value, str):
                raise TypeError(f"{name}: an environment variable is text or None")
        self.what = f"environment {', '.join(self.values)}"

    def _set(self) -> None:
        for name in self.values:
            if name not in _variables:
                _variables[name] = (os.environ.get(name), [])
            _variables[name][1].append(self)
            _settle(name)

    def _undo(self) -> None:
        for name in self.values:
            _variables[name][1].remove(self)
            _settle(name)

    @property
    def rank(self) -> tuple[int, int]:
        """What overrides of one variable are sorted by."""
        return (0, 0) if self._token is None else self._token.rank


#: Of every overridden variable: its value before, and the overrides in force.
_variables: dict[str, tuple[str | None, list[override_env]]] = {}


def _settle(name: str) -> None:
    """Give a variable the value of the override that wins, else the one from before."""
    before, overrides = _variables[name]
    if overrides:
        value = max(overrides, key=lambda one: one.rank).values[name]
    else:
        value = before
        del _variables[name]
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
