"""The layers of a live configuration: what was read, what was set, and what lies over both."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from confkit.discovery import Unfound
from confkit.errors import InvalidConfig, InvalidSource, Problem
from confkit.layers import Layer, Source, as_one
from confkit.living.life import Life
from confkit.overlays import Laid, Overlay, arranged, known_part, over_all
from confkit.resolution.pipeline import Pipeline
from confkit.resolution.snapshot import Resolution, Snapshot
from confkit.scopes import Scopes

T = TypeVar("T")


class Layered(Generic[T]):
    """What :class:`confkit.Config` is built on: layers become the snapshot that counts.

    The only state of a configuration. It changes under one lock, and ends in one assignment.
    """

    __slots__ = (
        "__weakref__",
        "_depth",
        "_laid",
        "_life",
        "_lock",
        "_pipeline",
        "_read",
        "_runtime",
        "_scopes",
        "_seen",
        "_version",
        "_withdrawn",
        "current",
        "snapshot",
    )

    current: T
    snapshot: Snapshot[T]
    _life: Life[T]

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._runtime: dict[str, Layer] = {}
        self._laid: dict[Overlay, Laid] = {}
        self._read: tuple[Layer, ...] = ()
        #: what the sources held when they were read last; after a rollback not what counts
        self._seen: tuple[Layer, ...] = ()
        self._version = 0
        self._withdrawn: InvalidConfig | None = None
        self._scopes = Scopes(pipeline)
        self.after_fork()

    def after_fork(self) -> None:
        """In a forked child: a new lock, since a thread of the parent may have held the old one."""
        self._lock = threading.RLock()
        self._depth = 0

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock; tell subscribers once the outermost change is done and the lock free."""
        outermost = False
        try:
            with self._lock:
                outermost = self._depth == 0
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
        finally:
            if outermost:
                self._life.tell()

    def _adopt(
        self,
        layers: Sequence[Layer],
        problems: Sequence[Problem] = (),
        *,
        runtime: dict[str, Layer] | None = None,
        unfound: Unfound | None = None,
        seen: bool = True,
        reason: str = "reloaded",
        by: str = "",
    ) -> None:
        """Take layers that were read, and what is set above them, or raise and change nothing.

        :param runtime: what is set from now on; None: what is set already.
        :param unfound: what tells that there is no file, where that is to be known.
        :param seen: whether this is what the sources hold now, and not what they once held.
        """
        with self._changing(), self._pipeline.asking_again():
            runtime = self._runtime if runtime is None else runtime
            if not problems:
                self._check_hidden(layers, runtime)
            resolution = self._pipeline.resolve(
                self._layers(layers, runtime),
                problems=problems,
                incomplete=bool(problems),
                unfound=unfound,
            )
            self._commit(resolution, layers, runtime, seen=seen, reason=reason, by=by)

    def _commit(
        self,
        resolution: Resolution[T],
        layers: Sequence[Layer],
        runtime: dict[str, Layer],
        *,
        seen: bool = True,
        reason: str,
        by: str,
    ) -> None:
        """Take what was resolved already; nothing of it can fail where it has a value."""
        snapshot = self._pipeline.snapshot(resolution, self._version + 1)
        self._read, self._runtime = tuple(layers), runtime
        if seen:
            self._seen = self._read
        self._swap(snapshot)
        self._accepted(by, reason)

    def _accepted(self, by: str, reason: str) -> None:
        """Keep what holds now in the history."""
        self._life.history.add(held(self), (self._read, self._runtime), by, reason)

    @contextmanager
    def _in_context(self, layer: Layer) -> Iterator[None]:
        """Have a layer on top in the current task or thread only."""
        with self._scopes.inside(layer):
            self._scopes.snapshot(held(self))  # refuses what does not fit
            self._enter(1)
            try:
                yield
            finally:
                self._enter(-1)

    def _enter(self, step: int) -> None:
        with self._lock:
            self._scopes.entered += step
            self._choose_class()

    def _choose_class(self) -> None:
        """Have ``current`` a plain attribute, and a property only while it has to be one."""
        raise NotImplementedError

    def lay(self, overlay: Overlay) -> bool:
        """Put an overlay in force, for :mod:`confkit.overlays`; False where it has no known key.

        :raises InvalidConfig: for a value that does not fit.
        """
        with self._changing():
            layer = known_part(overlay, self._pipeline.schema)
            if layer is None:
                return False
            if overlay in self._laid:
                return True
            if self._withdrawn is None:
                self._lay(overlay, layer)
                return True
            self._take(overlay)
            return self._returned()

    def _lay(self, overlay: Overlay, layer: Layer) -> None:
        with self._changing():
            before, below = held(self), tuple(self._laid)
            laid = {**self._laid, overlay: Laid(overlay, layer, before, None, below)}
            top = all(one.token.rank < overlay.token.rank for one in below)
            if top and overlay.place == "override":
                resolution = self._pipeline.overlaid(before.resolution, layer)
            else:
                resolution = self._pipeline.resolve(self._layers(self._read, self._runtime, laid))
            inside = self._pipeline.snapshot(resolution, self._version + 1)
            laid[overlay] = Laid(overlay, layer, before, inside, below)
            self._laid = laid
            self._swap(inside)

    def _take(self, overlay: Overlay) -> None:
        """Have an overlay from the start."""
        layer = known_part(overlay, self._pipeline.schema)
        if layer is not None:
            self._laid[overlay] = Laid(overlay, layer, None, None, ())

    def _returned(self) -> bool:
        """Have settings again, where what lies over a withdrawn handle makes them whole."""
        try:
            self._rebuilt(self._runtime)
        except InvalidConfig:
            return False
        self._withdrawn = None
        self._choose_class()
        return True

    def lift(self, overlay: Overlay) -> None:
        """Take an overlay back, in whatever order; doing it twice changes nothing.

        :raises InvalidConfig: when the settings do not hold without it.
        """
        with self._changing():
            overlay.token.release()
            gone = self._laid.get(overlay)
            if gone is None:
                return
            rest = {one: laid for one, laid in self._laid.items() if one is not overlay}
            self._laid = rest
            if self._withdrawn is not None:
                return
            # As it was before, unless an overlay below this one has gone meanwhile.
            same = gone.inside is not None and held(self) is gone.inside
            if same and gone.before is not None and tuple(rest) == gone.below:
                self._swap(gone.before)
            else:
                self._rebuilt(self._runtime)

    @property
    def withdrawn(self) -> bool:
        """Whether there are no settings, since none could be built."""
        return self._withdrawn is not None

    def used(self) -> list[str]:
        """The variables and references that the settings were built from, as they are written."""
        expansions = held(self).resolution.faults.expansions.values()
        return [used.expression for expansion in expansions for _, used in expansion.used]

    def rebuild(self) -> None:
        """Build the settings again where a reference is in them: it may have another answer.

        :raises InvalidConfig: with every problem; the snapshot stays as it was.
        """
        with self._changing():
            if self._withdrawn is not None:
                self._returned()
            elif held(self).resolution.faults.expansions:
                with self._pipeline.asking_again():
                    self._rebuilt(self._runtime)

    def withdraw(self, error: InvalidConfig) -> None:
        """Have no settings any more: reading them raises ``error``."""
        with self._changing():
            self._withdrawn = error
            self._choose_class()

    def _layers(
        self,
        read: Sequence[Layer],
        runtime: Mapping[str, Layer],
        laid: Mapping[Overlay, Laid] | None = None,
    ) -> list[Layer]:
        pairs = [(one.overlay, one.layer) for one in (laid or self._laid).values()]
        return arranged(read, as_one(runtime), pairs)

    def _check_hidden(self, read: Sequence[Layer], runtime: Mapping[str, Layer]) -> None:
        # What an override hides has to be right too, or leaving its block would fail. What lies
        # over every configuration may be what makes this one whole.
        everywhere = {one: laid for one, laid in self._laid.items() if one in over_all()}
        if len(everywhere) < len(self._laid):
            pairs = [(one.overlay, one.layer) for one in everywhere.values()]
            self._pipeline.resolve(arranged(read, as_one(runtime), pairs)).required()

    def _rebuilt(self, runtime: dict[str, Layer]) -> None:
        self._check_hidden(self._read, runtime)
        resolution = self._pipeline.resolve(self._layers(self._read, runtime))
        snapshot = self._pipeline.snapshot(resolution, self._version + 1)
        self._runtime = runtime
        self._swap(snapshot)

    def _swap(self, snapshot: Snapshot[T]) -> None:
        # Readers of `current` never see a mix: each of the two is one consistent state.
        first = self._withdrawn is not None or not self._version
        before = None if first else held(self)
        _SNAPSHOT.__set__(self, snapshot)
        _CURRENT.__set__(self, snapshot.current)
        self._version = max(self._version, snapshot.version)
        if before is not None:
            self._life.post(before, snapshot)


#: The attributes themselves, whatever a class below makes of their names.
_SNAPSHOT: Any = Layered.__dict__["snapshot"]
_CURRENT: Any = Layered.__dict__["current"]


def held(config: Layered[T]) -> Snapshot[T]:
    """The snapshot that holds for the whole process."""
    snapshot: Snapshot[T] = _SNAPSHOT.__get__(config)
    return snapshot


def read_sources(sources: Sequence[Source]) -> tuple[list[Layer], list[Problem]]:
    """Read every source; those that cannot be read give their problems instead."""
    layers: list[Layer] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            layers.append(source.read())
        except InvalidSource as error:
            problems.extend(error.problems)
            if error.partial is not None:
                layers.append(error.partial)
    return layers, problems
