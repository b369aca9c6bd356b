"""The fixtures. Handles live as long as the session, and what they set as long as its owner.

So they may be used in fixtures of any scope, and inside ``@given`` of hypothesis, where what is
set is taken back after every example.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pytest_confkit.owners import Ownership

if TYPE_CHECKING:
    from confkit.testing.clock import moved_clock
    from pytest_confkit.observations import Observations


class Handle:
    """Calls one of the overrides of ``confkit.testing``, and keeps the result in force.

    The result is a context manager too: ``with override_flags({...}):`` ends with the block.
    """

    def __init__(self, name: str, owners: Ownership) -> None:
        self._name = name
        self._owners = owners

    def __repr__(self) -> str:
        return f"<fixture {self._name}>"

    def __call__(self, *args: Any, **options: Any) -> Any:
        from confkit import testing

        __tracebackhide__ = True
        frame = sys._getframe(1)  # noqa: SLF001 - the line of the test, without a traceback
        site = f"{_shown(frame.f_code.co_filename)}:{frame.f_lineno}"
        change = getattr(testing, self._name)(*args, site=site, **options)
        change.apply()
        change.unclaimed = True
        self._owners.hold(change)
        return change


def _shown(file: str) -> str:
    from pathlib import Path

    from confkit.layers import shown

    return shown(Path(file))


def _handle(name: str, doc: str) -> Callable[..., Any]:
    @pytest.fixture(scope="session", name=name)
    def fixture(pytestconfig: pytest.Config) -> Handle:
        owners = pytestconfig.pluginmanager.get_plugin("confkit-owners")
        assert isinstance(owners, Ownership)
        return Handle(name, owners)

    fixture.__doc__ = doc
    return fixture


override_config = _handle("override_config", "Override settings: override_config({'a.b': 1}).")
override_flags = _handle("override_flags", "Force flags: override_flags({'new-checkout': True}).")
override_secrets = _handle("override_secrets", "Stand in for secrets: override_secrets({...}).")
override_env = _handle("override_env", "Set environment variables: override_env(APP_ENV='ci').")


class Clock:
    """confkit's clocks, moved until the test, fixture or hypothesis example is finished."""

    def __init__(self, owners: Ownership) -> None:
        self._owners = owners

    def _moved(self) -> moved_clock:
        from confkit.testing.clock import moved_clock

        found = self._owners.held(moved_clock)
        if not isinstance(found, moved_clock):
            found = moved_clock().apply()
            self._owners.hold(found)
        return found

    @property
    def now(self) -> datetime:
        """The time of day that confkit reads."""
        return self._moved().now

    def shift(self, seconds: float | timedelta = 0, /, **units: float) -> None:
        """Move by seconds, a timedelta, or its units: ``shift(days=2)``."""
        self._moved().shift(seconds, **units)

    def travel(self, when: datetime | str) -> None:
        """Move to an instant: a datetime with a time zone, or ISO text with one."""
        self._moved().travel(when)


@pytest.fixture(scope="session")
def confkit_clock(pytestconfig: pytest.Config) -> Clock:
    """Move confkit's clocks without sleeping: confkit_clock.shift(days=1)."""
    owners = pytestconfig.pluginmanager.get_plugin("confkit-owners")
    assert isinstance(owners, Ownership)
    return Clock(owners)


@pytest.fixture(scope="session")
def isolated_config() -> Any:
    """A fresh pair that nothing reaches: config, flags = isolated_config(Settings, {...})."""
    from confkit.testing import isolated_config

    return isolated_config


@pytest.fixture(scope="session")
def flags_seen(pytestconfig: pytest.Config) -> Iterator[Any]:
    """Every decision on flags in this test: flags_seen.assert_evaluated('new-checkout')."""
    observations: Observations | None = pytestconfig.pluginmanager.get_plugin(
        "confkit-observations"
    )
    assert observations is not None
    with observations.recording() as seen:
        yield seen
