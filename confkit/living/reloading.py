"""Reading the sources again: what to believe, what to keep, and what to say of it.

A reload is all or nothing. What cannot be read or is not valid keeps the settings as they are, and
is in the status. A watched file is not believed at once: content that keeps every key that was
there counts after a short quiet, content that lost one may be half-written and has to stay the
same for longer; a file that vanished or is empty is not a configuration without keys.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from confkit import clocks
from confkit.errors import InvalidConfig, Problem
from confkit.layers import Layer, Origin
from confkit.living.status import ReloadError

log = logging.getLogger("confkit.config")

#: Seconds for which content that cannot be taken has to stay the same until that is a failure:
#: the sources are read a moment after the watch found them quiet.
LASTS = 0.2
#: Seconds after which what failed is tried again, though nothing changed: a secret may be there.
RETRY = 5.0


class Reloader:
    """Decides about each look of a watcher; the configuration takes what it accepts.

    :param read: reads every source; the layers, and the problems of those that cannot be read.
    :param adopt: takes layers; raises :class:`confkit.InvalidConfig` and changes nothing where
        they give no valid settings.
    :param held: the layers that were taken last.
    :param versions: of the secrets in the settings; another one is a reason to read again.
    :param hold: keeps every other change away from reading to taking.
    :param settle: seconds that content which lost a key has to stay unchanged.
    """

    def __init__(
        self,
        read: Callable[[], tuple[list[Layer], list[Problem]]],
        adopt: Callable[[Sequence[Layer]], None],
        held: Callable[[], Sequence[Layer]],
        versions: Callable[[], object],
        hold: Callable[[], AbstractContextManager[None]] = nullcontext,
        settle: float = 3.0,
    ) -> None:
        self._read = read
        self._adopt = adopt
        self._held = held
        self.versions = versions
        self._hold = hold
        #: Empty, so that settings with secrets are read once more when a watch begins: what was
        #: rotated between the load and now is found.
        self._taken: object = {}
        self.settle = settle
        self._said: str | None = None
        self.error: ReloadError | None = None
        self.failures = 0

    def look(self, unchanged: float) -> float | None:
        """Read and decide. The seconds after which to look again, or None when it is decided."""
        with self._hold():
            return self._decided(unchanged)

    def _decided(self, unchanged: float) -> float | None:
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
        self.error = ReloadError(clocks.time(), error.problems)
        text = str(error)
        if text != self._said:  # once for each distinct failure, not at every try
            self._said = text
            self.failures += 1
            log.error("the configuration was not reloaded; the last good one is kept: %s", text)
        return unchanged + RETRY


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
        state = _state(layer.base / Path(layer.name).name)
        if state not in _UNTIL:
            continue  # comments only: somebody wrote that
        until = _UNTIL[state]
        message = f"the file is {state}; what it set is kept until {until}"
        origin = Origin("file", layer.name)
        problems.append(Problem("", message, origin, code=f"{state}-file"))
    return problems


_UNTIL = {"empty": "it is written", "missing": "it is back"}


def _state(path: Path) -> str:
    """``missing``, ``empty`` or ``written``: a layer of variables does not keep its text."""
    try:
        return "written" if path.is_dir() or path.read_bytes().strip() else "empty"
    except OSError:
        return "missing"


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
