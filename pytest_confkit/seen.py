"""``flags_seen``: recorded decisions, of the present example only inside ``@given``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from confkit.flags import everywhere
from confkit.flags.rules.decision import Decision
from confkit.testing.flags import record_flags


class FlagsSeen(record_flags):
    """The decisions of one test; of a test of hypothesis, those of the present example."""

    _example: Any = None

    def _set(self) -> None:
        self._stop = everywhere.observe(self._record)

    def _record(self, decision: Decision) -> None:
        self._begin_example()
        self.decisions.append(decision)

    def __iter__(self) -> Iterator[Decision]:
        self._begin_example()
        return super().__iter__()

    def _begin_example(self) -> None:
        control = sys.modules.get("hypothesis.control")
        if control is not None and control.currently_in_test_context():
            example = control.current_build_context()
            if example is not self._example:
                self._example = example
                self.decisions.clear()
