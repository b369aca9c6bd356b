"""To whom an override belongs: the test, a fixture, a marker. What outlives its owner is a leak.

Values are never compared to find leaks, except in the environment: a fixture of a module takes
its values back in the last test of the module, and a test may set by chance what a fixture holds.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from confkit.overriding import Owner, Token
    from confkit.testing.temporary import Temporary

#: By scope; an override of a higher level wins. The command line is below all, unless forced.
LEVELS = {"session": 10, "package": 20, "module": 30, "class": 40, "function": 60}
COMMAND_LINE, FORCED = -5, 100

Environment = dict[str, str]


class ConfkitLeak(pytest.PytestWarning):
    """An override that is still in force after the test or fixture that set it."""


_NAMES = pytest.StashKey[frozenset[str]]()


def marker_names(item: pytest.Item) -> frozenset[str]:
    """The names of all markers of a test, looked up once."""
    found = item.stash.get(_NAMES, None)
    if found is None:
        found = item.stash[_NAMES] = frozenset(mark.name for mark in item.iter_markers())
    return found


def overriding() -> Any:
    """``confkit.overriding``, once the code under test has imported it; the plugin does not."""
    return sys.modules.get("confkit.overriding")


class Ownership:
    """Knows the owner of every moment, takes back what it holds for them, and reports leaks."""

    def __init__(self, leaks: str) -> None:
        self.mode = leaks
        self._held: dict[Owner, list[Temporary]] = {}
        self._fixtures: dict[Any, Owner] = {}
        self._late: list[str] = []
        self._test: Owner | None = None
        self._around: Owner | None = None
        self._environments: list[Environment] = []
        #: Asked when a test is finished; each raises where the test is to fail.
        self.checks: list[Callable[[], None]] = []

    # What the fixtures and markers set

    def hold(self, change: Temporary) -> None:
        """Take an applied change back when its owner is finished, or the hypothesis example."""
        self._held.setdefault(overriding().owner(), []).append(change)
        control = sys.modules.get("hypothesis.control")
        if control is not None and control.currently_in_test_context():
            control.cleanup(change.remove)

    def held(self, kind: type[Temporary]) -> Temporary | None:
        """The change of a kind that is held for the present owner and still in force."""
        changes = self._held.get(overriding().owner(), ())
        return next((c for c in reversed(changes) if type(c) is kind and c.applied), None)

    @contextmanager
    def owner(self, name: str, level: int) -> Iterator[None]:
        """Let what is set inside be held until the test is finished, at another level."""
        module = overriding()
        new = module.Owner(name, level)
        with module.owned_by(new):
            yield
        if self._test is not None and new in self._held:
            self._held.setdefault(self._test, []).extend(self._held.pop(new))

    # Hooks

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        self.begin(item)
        yield
        if self.mode == "all" or _asks_for_environment(item):
            self._environments = [dict(os.environ)]

    def begin(self, item: pytest.Item) -> None:
        """Let what is set from now on belong to a test."""
        self._test = None
        if (module := overriding()) is not None:
            self._test = module.Owner(item.nodeid, LEVELS["function"])
            self._around = module.hand_to(self._test)

    def begun(self, item: pytest.Item) -> None:
        """Be sure that a test owns what is set, for who is about to set something for it."""
        import confkit.overriding  # noqa: F401 - from now on it is needed

        if self._test is None:
            self.begin(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        module = overriding()
        if fixturedef.scope == "function" or module is None:
            return (yield)
        name = f"the {fixturedef.scope} fixture {fixturedef.argname}"
        owner = self._fixtures[fixturedef] = module.Owner(name, LEVELS[fixturedef.scope])
        before = module.hand_to(owner)
        try:
            return (yield)
        finally:
            module.hand_to(before)

    def pytest_fixture_post_finalizer(self, fixturedef: Any) -> None:
        owner = self._fixtures.pop(fixturedef, None)
        if owner is not None:
            self._late += self._finish(owner)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        if self._environments:
            self._environments.append(dict(os.environ))
        try:
            yield
        except BaseException:
            if leaks := self.end():
                item.add_report_section("teardown", "confkit", _report(leaks))
            raise
        leaks = self.end()
        for check in self.checks:
            check()
        if leaks:
            self._tell(item, leaks)

    def pytest_sessionfinish(self) -> None:
        for owner in list(self._held):
            self._finish(owner)

    def end(self) -> list[str]:
        """Finish the test; gives its leaks, and those of fixtures that were finished with it."""
        module = overriding()
        if module is None:
            return self._environment_leaks()
        if self._test is None:  # the test was the first to import confkit
            self._test = module.PROGRAM
        leaks = self._finish(self._test) + self._environment_leaks() + self._late
        self._test, self._late = None, []
        # Where pytest runs inside a test of pytest, the outer test is the owner again.
        module.hand_to(self._around or module.PROGRAM)
        self._around = None
        return leaks

    def _finish(self, owner: Owner) -> list[str]:
        """Take back what is held for an owner, then undo and name what it left in force."""
        untaken = []
        for change in reversed(self._held.pop(owner, ())):
            keys = getattr(change, "unknown", ()) if change.applied else ()
            untaken += [f"{change.site}: no configuration has {key}" for key in keys]
            change.remove()
        module = overriding()
        left = [token for token in module.active() if token.owner is owner] if module else []
        if self.mode == "off" or (owner is module.PROGRAM and not left):
            return untaken
        for token in reversed(left):
            token.undo()
        return untaken + [_line(token) for token in left]

    def _environment_leaks(self) -> list[str]:
        environments, self._environments = self._environments, []
        if len(environments) < 2:
            return []
        before, after = environments
        leaks = []
        for name in sorted(before.keys() | after.keys()):
            old, new, now = before.get(name), after.get(name), os.environ.get(name)
            # Changed in the body of the test, and never changed back.
            if old != new and now == new and name != "PYTEST_CURRENT_TEST":
                leaks.append(f"the environment variable {name} was changed in the test")
                if old is None:
                    del os.environ[name]
                else:
                    os.environ[name] = old
        return leaks if self.mode != "off" else []

    def _tell(self, item: pytest.Item, leaks: list[str]) -> None:
        text = _report(leaks)
        if self.mode == "warn":
            file, line, _ = item.location
            warnings.warn_explicit(text, ConfkitLeak, file, (line or 0) + 1)
        else:
            pytest.fail(text, pytrace=False)


def _asks_for_environment(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return "override_env" in names or "override_env" in marker_names(item)


def _line(token: Token) -> str:
    return f"{token.site}: {token.what}, set for {token.owner.name}"


def _report(leaks: list[str]) -> str:
    forgotten = [leak for leak in leaks if ": no configuration has " not in leak]
    count = f"{len(forgotten)} override{'s' if len(forgotten) > 1 else ''}"
    title = f"{count} left in force, taken back now" if forgotten else "overrides without effect"
    lines = "".join(f"\n  {leak}" for leak in leaks)
    return f"confkit: {title}:{lines}"
