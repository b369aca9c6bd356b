"""What became of the last try to read the sources again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from confkit.errors import InvalidConfig

if TYPE_CHECKING:
    from confkit.living.status import ReloadError


class Outcome:
    """What became of the last try to read the sources again."""

    def __init__(self) -> None:
        self.error: ReloadError | None = None
        #: how many distinct failures there were
        self.failures = 0
        self._text: str | None = None

    def failed(self, error: InvalidConfig) -> bool:
        """Note a failure; whether it is another one than before."""
        from confkit import clocks
        from confkit.living.status import ReloadError  # most programs load once, and well

        text, before = str(error), self._text
        self.error, self._text = ReloadError(clocks.time(), error.problems), text
        self.failures += text != before
        return text != before

    def well(self) -> bool:
        """Note that the sources are right; whether they were not before."""
        failed, self.error, self._text = self.error is not None, None, None
        return failed

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what becomes of what is inside."""
        try:
            yield
        except InvalidConfig as error:
            self.failed(error)
            raise
        self.well()
