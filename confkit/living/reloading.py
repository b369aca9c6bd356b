"""Reading the sources again: what to believe, what to keep, and what to say of it.

A reload is all or nothing. What cannot be read or is not valid keeps the settings as they are, and
is in the status. A watched file is not believed at once: content that keeps every key that was
there counts after a short quiet, content that lost one may be half-written and has to stay the
same for longer; a file that vanished or is empty is not a configuration without keys.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from confkit.errors import InvalidConfig, Problem
from confkit.layers import Layer, Origin, same_layer
from confkit.living.outcome import Outcome

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
    :param seen: the layers that were read and taken last.
    :param versions: of what else the settings were built from, secrets and named files; another
        one is a reason to read again.
    :param outcome: takes what becomes of it.
    :param hold: keeps every other change away from reading to taking.
    :param settle: seconds that content which lost a key has to stay unchanged.
    """

    def __init__(
        self,
        read: Callable[[], tuple[list[Layer], list[Problem]]],
        adopt: Callable[[Sequence[Layer]], None],
        seen: Callable[[], Sequence[Layer]],
        versions: Callable[[], object],
        *,
        outcome: Outcome,
        hold: Callable[[], AbstractContextManager[None]] = nullcontext,
        settle: float = 3.0,
    ) -> None:
        self._read = read
        self._adopt = adopt
        self._seen = seen
        self.versions = versions
        self._outcome = outcome
        self._hold = hold
        self._settle = settle
        #: Nothing, so that settings with secrets are read once more when a watch begins: what was
        #: rotated between the load and now is found.
        self._taken: object = ({}, {})

    def look(self, unchanged: float) -> float | None:
        """Read and decide. The seconds after which to look again, or None when it is decided."""
        with self._hold():
            return self._decided(unchanged)

    def _decided(self, unchanged: float) -> float | None:
        try:
            layers, problems = self._read()
        except InvalidConfig as error:  # the environment has no file any more, or no root
            return self._failed(error, unchanged)
        seen = self._seen()
        versions = self.versions()
        if not problems and _same(seen, layers) and versions == self._taken:
            self._well()
            return None
        problems += _vanished(seen, layers)
        if not problems and unchanged < self._settle and (lost := _lost(seen, layers)):
            log.debug("waiting for %s, which lost %s", *lost)
            return self._settle
        if problems:
            return self._failed(InvalidConfig("configuration", problems), unchanged)
        try:
            self._adopt(layers)
            self._taken = versions
        except InvalidConfig as error:
            return self._failed(error, unchanged)
        self._well()
        return None

    def _well(self) -> None:
        if self._outcome.well():
            log.info("the configuration is right again")

    def _failed(self, error: InvalidConfig, unchanged: float) -> float:
        """Note a failure that lasts; what is just being written gets a second look."""
        if unchanged < LASTS:
            return LASTS
        if self._outcome.failed(error):  # once for each distinct failure, not at every try
            text = "the configuration was not reloaded; the last good one is kept: %s"
            log.error(text, error)
        return unchanged + RETRY


def _same(seen: Sequence[Layer], layers: Sequence[Layer]) -> bool:
    return len(seen) == len(layers) and all(map(same_layer, seen, layers))


def _vanished(seen: Sequence[Layer], layers: Sequence[Layer]) -> list[Problem]:
    """Files that had values and are gone or empty now: not yet written again, as it seems."""
    now = {layer.name: layer for layer in layers}
    problems = []
    for layer in seen:
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
    return problems + [problem for layer in seen for problem in _emptied(layer, now)]


def _emptied(layer: Layer, now: Mapping[str, Layer]) -> Iterator[Problem]:
    """Files of one value that had one and are empty now."""
    found = now.get(layer.name)
    for name, entry in layer.entries.items() if found is not None else ():
        value = found.entries.get(name) if found is not None else None
        one_file = entry.origin.kind == "file" and entry.origin.line is None
        if one_file and value is not None and value.raw == "" and entry.raw != "":
            message = "the file is empty; what it set is kept until it is written"
            yield Problem("", message, entry.origin, code="empty-file")


_UNTIL = {"empty": "it is written", "missing": "it is back"}


def _state(path: Path) -> str:
    """``missing``, ``empty`` or ``written``: a layer of variables does not keep its text."""
    try:
        return "written" if path.is_dir() or path.read_bytes().strip() else "empty"
    except OSError:
        return "missing"


def _lost(seen: Sequence[Layer], layers: Sequence[Layer]) -> tuple[str, str] | None:
    """The first file that lost a key, and the key."""
    now = {layer.name: layer for layer in layers}
    for layer in seen:
        found = now.get(layer.name)
        if layer.base is not None and found is not None:
            for key in layer.entries:
                if key not in found.entries:
                    return layer.name, key
    return None
