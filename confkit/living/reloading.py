"""Reading the sources again: what to believe, what to keep, and what to say of it.

A reload is all or nothing. What cannot be read or is not valid keeps the settings as they are, and
is in the status. A watched file is not believed at once: content that keeps every key that was
there counts after a short quiet, content that lost one may be half-written and has to stay the
same for longer; a file that vanished or is empty is not a configuration without keys.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from confkit import clocks
from confkit.errors import InvalidConfig, Problem
from confkit.layers import Layer, Origin
from confkit.living.status import ReloadError

log = logging.getLogger("confkit.config")

#: Seconds for which content that cannot be taken has to stay the same until that is a failure:
#: the sources are read a moment after the watch found them quiet.
LASTS = 0.2


class Reloader:
    """Decides about each look of a watcher; the configuration takes what it accepts.

    :param read: reads every source; the layers, and the problems of those that cannot be read.
    :param adopt: takes layers; raises :class:`confkit.InvalidConfig` and changes nothing where
        they give no valid settings.
    :param held: the layers that were taken last.
    :param versions: of the secrets in the settings; another one is a reason to read again.
    :param settle: seconds that content which lost a key has to stay unchanged.
    """

    def __init__(
        self,
        read: Callable[[], tuple[list[Layer], list[Problem]]],
        adopt: Callable[[Sequence[Layer]], None],
        held: Callable[[], Sequence[Layer]],
        versions: Callable[[], object],
        settle: float = 3.0,
    ) -> None:
        self._read = read
        self._adopt = adopt
        self._held = held
        self.versions = versions
        #: Empty, so that settings with secrets are read once more when a watch begins: what was
        #: rotated between the load and now is found.
        self._taken: object = {}
        self.settle = settle
        self._said: str | None = None
        self.error: ReloadError | None = None
        self.failures = 0

    def look(self, unchanged: float) -> float | None:
        """Read and decide. The seconds after which to look again, or None when it is decided."""
        try:
            layers, problems = self._read()
        except InvalidConfig as error:  # the environment has no file any more, or no root
            return self._failed(error, unchanged)
        held = self._held()
        versions = self.versions()
        if not problems and _same(held, layers) and versions == self._taken:
            self.well()
            return None
        problems += _vanished(held, layers)
        if not problems and unchanged < self.settle and (lost := _lost(held, layers)):
            log.debug("waiting for %s, which lost %s", *lost)
            return self.settle
        if problems:
            return self._failed(InvalidConfig("configuration", problems), unchanged)
        try:
            self._adopt(layers)
            self._taken = versions
        except InvalidConfig as error:
            return self._failed(error, unchanged)
        self.well()
        return None

    def well(self) -> None:
        """Note that the last read was right."""
        if self.error is not None:
            log.info("the configuration is right again")
        self.error, self._said = None, None

    def _failed(self, error: InvalidConfig, unchanged: float) -> float | None:
        """Note a failure that lasts; what is just being written gets a second look."""
        if unchanged < LASTS:
            return LASTS
        self.failures += 1
        self.error = ReloadError(clocks.time(), error.problems)
        text = str(error)
        if text != self._said:  # once for each distinct failure, not at every poll
            self._said = text
            log.error("the configuration was not reloaded; the last good one is kept: %s", text)
        return None


def _same(held: Sequence[Layer], layers: Sequence[Layer]) -> bool:
    """Whether two reads found the same."""
    return len(held) == len(layers) and all(
        one is other
        or (one.name == other.name and one.text == other.text and one.entries == other.entries)
        for one, other in zip(held, layers, strict=True)
    )


def _vanished(held: Sequence[Layer], layers: Sequence[Layer]) -> list[Problem]:
    """Files that had values and are gone or empty now: not yet written again, as it seems."""
    now = {layer.name: layer for layer in layers}
    problems = []
    for layer in held:
        found = now.get(layer.name)
        if layer.base is None or not layer.entries or (found is not None and found.entries):
            continue
        if found is not None and found.text.strip():
            continue  # comments only: somebody wrote that
        there = (layer.base / Path(layer.name).name).exists()
        state, until = ("empty", "it is written") if there else ("missing", "it is back")
        message = f"the file is {state}; what it set is kept until {until}"
        origin = Origin("file", layer.name)
        problems.append(Problem("", message, origin, code=f"{state}-file"))
    return problems


def _lost(held: Sequence[Layer], layers: Sequence[Layer]) -> tuple[str, str] | None:
    """The first file that lost a key, and the key."""
    now = {layer.name: layer for layer in layers}
    for layer in held:
        found = now.get(layer.name)
        if layer.base is not None and found is not None:
            for key in layer.entries:
                if key not in found.entries:
                    return layer.name, key
    return None
