"""Flags that the command line forces: by name, all of them, or at random; and those of a matrix."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_confkit.matrix import LEVEL, Value, combination_of, shown
from pytest_confkit.owners import COMMAND_LINE, FORCED, Ownership, marker_names

_WORDS: dict[str, Value] = {"on": True, "true": True, "off": False, "false": False}


def parse_flag(text: str) -> tuple[str, Value, bool]:
    """``NAME``, ``NAME=VALUE`` or ``NAME=VALUE!``: the name, the value, and whether it is forced.

    >>> parse_flag("new-checkout=off!")
    ('new-checkout', False, True)
    """
    hard = text.endswith("!")
    name, equals, value = text.removesuffix("!").partition("=")
    if not name or (equals and not value):
        raise ValueError(f"--flag {text}: write NAME, NAME=on, NAME=off or NAME=VARIANT")
    return name, _WORDS.get(value.lower(), value) if equals else True, hard


class Combinations:
    """Forces, for every test, its combination of flags.

    :param flags: what ``--flag`` asks for.
    :param every: what ``--flags-all`` asks for; None: nothing.
    :param seed: of ``--flags-random``; None: not at random.
    """

    def __init__(
        self, owners: Ownership, flags: Iterable[str], every: str | None, seed: str | None
    ) -> None:
        self._owners = owners
        parsed = [parse_flag(text) for text in flags]
        self.flags = {name: value for name, value, _ in parsed}
        self.hard = {name for name, _, hard in parsed if hard}
        self.every = every
        self.seed = seed
        #: While a failure is bisected: the flags of the combination that are in force.
        self.subset: frozenset[str] | None = None
        self._session: list[Any] = []

    @property
    def header(self) -> str:
        """What is forced, for the header of the run."""
        parts = [
            f"{name}={shown(value)}{'!' if name in self.hard else ''}"
            for name, value in self.flags.items()
        ]
        if self.every is not None:
            parts.append(f"all others {self.every}")
        if self.seed is not None:
            parts.append(f"at random, --flags-random={self.seed}")
        return ", ".join(parts)

    def pytest_sessionstart(self) -> None:
        # From the start on: modules and fixtures of the session ask flags too.
        if self.flags:
            self.start()

    def start(self) -> None:
        """Force the flags that are named, until :meth:`stop`."""
        from confkit.overriding import Owner, owned_by
        from confkit.testing import override_flags

        changes = []
        for hard, level in ((False, COMMAND_LINE), (True, FORCED)):
            values = {n: v for n, v in self.flags.items() if (n in self.hard) is hard}
            if values:
                with owned_by(Owner("--flag", level)):
                    changes.append(override_flags(values, site="--flag").apply())
        self._session = changes

    def stop(self) -> None:
        """Force them no longer."""
        for change in self._session:
            change.remove()
        self._session = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self.flags:
            from pytest_confkit.known import check_names

            try:
                check_names(self.flags, session.config)
            except Exception as error:
                raise pytest.UsageError(f"--flag: {error}") from None

    def pytest_unconfigure(self) -> None:
        self.stop()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        plain = self.every is None and self.seed is None and self.subset is None
        if plain and "flag_matrix" not in marker_names(item):
            return
        matrix, drawn = combination_of(item), self.drawn(item)
        self._owners.begun(item)
        named = self.flags if self.subset is not None else {}
        for name, values, level in (
            ("--flags-all", drawn, COMMAND_LINE - 1),
            ("--flag", {n: v for n, v in named.items() if n not in self.hard}, COMMAND_LINE),
            ("--flag", {n: v for n, v in named.items() if n in self.hard}, FORCED),
            ("flag_matrix", matrix, LEVEL),
        ):
            self._force(name, {n: v for n, v in values.items() if self._in_force(n)}, level)

    def _in_force(self, name: str) -> bool:
        return self.subset is None or name in self.subset

    def _force(self, name: str, values: dict[str, Value], level: int) -> None:
        if values:
            from confkit.testing import override_flags

            with self._owners.owner(name, level):
                self._owners.hold(override_flags(values, site=name).apply())

    def drawn(self, item: pytest.Item) -> dict[str, Value]:
        """The state of every known flag for a test, as ``--flags-all`` or a seed has it."""
        if self.every is None and self.seed is None:
            return {}
        from pytest_confkit.known import known_flags

        names = sorted(known_flags(item.config))
        if self.seed is None:
            return dict.fromkeys(names, self.every == "on")
        # Each by itself: which other flags are known depends on the tests before.
        return {name: _state(f"{self.seed}:{item.nodeid}:{name}") for name in names}

    def of(self, item: pytest.Item) -> dict[str, Value]:
        """The whole combination of a test: what a bisection looks for culprits in."""
        return {**self.drawn(item), **self.flags, **combination_of(item)}

    @contextmanager
    def only(self, names: Iterable[str]) -> Iterator[None]:
        """Force nothing of the combinations but these flags."""
        self.stop()
        self.subset = frozenset(names)
        try:
            yield
        finally:
            self.subset = None
            if self.flags:
                self.start()


def _state(seed: str) -> bool:
    return random.Random(seed).random() < 0.5  # noqa: S311 - no secret is made


def new_seed() -> str:
    """A seed for ``--flags-random`` without one."""
    return str(random.SystemRandom().randrange(10**6))


def options_of(config: pytest.Config) -> dict[str, Any]:
    """The options that :class:`Combinations` takes, from the command line."""
    return {
        "flags": config.getoption("confkit_flag") or [],
        "every": config.getoption("confkit_flags_all"),
        "seed": config.getoption("confkit_flags_random"),
    }
