"""What the flags answered during the tests: for ``flags_seen``, failures and the summary."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: How many decisions of one test are shown when it fails.
SHOWN = 20

#: By flag, by state (``on``, ``off`` or a variant), the tests that saw it.
States = dict[str, dict[str, list[str]]]


class Observations:
    """Observes every client once the code under test has imported confkit's flags."""

    def __init__(self) -> None:
        #: Without summary and report nobody needs to see the decisions of every test.
        self.quiet = False
        self.states: dict[str, dict[str, dict[str, None]]] = {}
        self.known: set[str] = set()
        self.last: deque[Any] = deque(maxlen=SHOWN)
        self._test = ""
        self._seen: Any = None
        self._stop: Callable[[], None] | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._test = item.nodeid
        if self._stop is not None:
            self.last.clear()
            if self._seen is not None:
                self._seen.clear()
        elif self.quiet:
            if self._seen is not None:
                self._seen.clear()
        elif (everywhere := sys.modules.get("confkit.flags.everywhere")) is not None:
            self._stop = everywhere.observe(self._observe)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._stop is not None:
            self._stop()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["confkit"] = {"states": self.collected(), "known": sorted(self.known)}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        found = getattr(node, "workeroutput", {}).get("confkit", {})
        self.known.update(found.get("known", ()))
        for flag, states in found.get("states", {}).items():
            for state, tests in states.items():
                self.states.setdefault(flag, {}).setdefault(state, {}).update(dict.fromkeys(tests))

    def _observe(self, decision: Any) -> None:
        self.last.append(decision)
        state = decision.variant or ("on" if decision.value else "off")
        if decision.reason != "unknown":
            self.known.add(decision.name)
        tests = self.states.setdefault(decision.name, {}).setdefault(state, {})
        tests[self._test] = None

    @contextmanager
    def recording(self) -> Iterator[Any]:
        """Record the decisions of each test, for ``flags_seen``."""
        from pytest_confkit.seen import FlagsSeen

        with FlagsSeen() as seen:
            self._seen = seen
            yield seen
        self._seen = None

    def collected(self) -> States:
        """Every flag that was asked, the states it was seen in, and the tests that saw them."""
        return {
            flag: {state: list(tests) for state, tests in sorted(states.items())}
            for flag, states in sorted(self.states.items())
        }

    def one_sided(self) -> dict[str, list[str]]:
        """The flags that were never seen on, and those never seen off."""
        never: dict[str, list[str]] = {"on": [], "off": []}
        for flag, states in sorted(self.states.items()):
            if not any(state != "off" for state in states):
                never["on"].append(flag)
            if "off" not in states:
                never["off"].append(flag)
        return never

    def unknown(self) -> list[str]:
        """The flags that were asked and that no store and no declaration knows."""
        return sorted(self.states.keys() - self.known)

    def write(self, path: Path) -> None:
        """Write flag × state × tests as JSON."""
        report = {"flags": self.collected(), "never": self.one_sided(), "unknown": self.unknown()}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
