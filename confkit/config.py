"""The live handle that holds the current snapshot."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from confkit.callers import call_site
from confkit.errors import InvalidConfig, InvalidSource, Problem
from confkit.keypath import canonical, within
from confkit.layers import Entry, Layer, Source
from confkit.overlays import Laid, Overlay, arranged, configs, known_part, over_all
from confkit.resolution.pipeline import Pipeline
from confkit.resolution.snapshot import Resolution, Snapshot
from confkit.schema.tree import Schema
from confkit.sources.mapping import layer_of

if TYPE_CHECKING:
    from confkit.reports.explanation import Explanation
    from confkit.reports.matrix import Matrix

T = TypeVar("T")


class Config(Generic[T]):
    """The live handle: ``current`` is the settings, frozen and typed.

    Take ``current`` (or ``snapshot``) once per piece of work: two reads may straddle a change.
    The handle is the only object here that changes, and it changes by one assignment.
    """

    __slots__ = (
        "__weakref__",
        "_laid",
        "_lock",
        "_pipeline",
        "_read",
        "_runtime",
        "_sources",
        "_version",
        "_withdrawn",
        "current",
        "snapshot",
    )

    current: T
    snapshot: Snapshot[T]

    def __init__(self, recipe: Pipeline, sources: Sequence[Source]) -> None:
        self._pipeline = recipe
        self._sources = tuple(sources)
        self._lock = threading.RLock()
        self._runtime: dict[str, Layer] = {}
        self._laid: dict[Overlay, Laid] = {}
        self._read: tuple[Layer, ...] = ()
        self._version = 0
        self._withdrawn: InvalidConfig | None = None
        for overlay in over_all():
            self._take(overlay)
        self.reload()
        if configs.join(self):  # not before: one that cannot be made is no live one
            for overlay in over_all():
                self.lay(overlay)

    def __repr__(self) -> str:
        return f"<Config of {self._pipeline.schema.name}, version {self._version}>"

    def __getattr__(self, name: str) -> Any:
        # Only reached for what is not set: `current` and `snapshot` of a withdrawn handle.
        if name in ("current", "snapshot") and self._withdrawn is not None:
            raise self._withdrawn
        raise AttributeError(f"'Config' object has no attribute {name!r}")

    @property
    def schema(self) -> Schema:
        """The settings class, read."""
        return self._pipeline.schema

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources below the runtime overrides, lowest precedence first."""
        return self._sources

    @overload
    def explain(self) -> Matrix: ...

    @overload
    def explain(self, key: str) -> Explanation: ...

    def explain(self, key: str | None = None) -> Explanation | Matrix:
        """Every layer's say on one key, and why the winner won; without a key, on every key.

        :raises UnknownKey: with a near miss, if there is one.
        """
        resolution = self.snapshot.resolution
        return resolution.matrix() if key is None else resolution.explain(key)

    @property
    def resolution(self) -> Resolution[T]:
        """What the current settings were resolved from."""
        return self.snapshot.resolution

    def reload(self) -> None:
        """Read every source again and swap the snapshot in one assignment.

        :raises InvalidConfig: with every problem; the snapshot stays as it was.
        """
        with self._lock:
            self._pipeline.ask_again()
            layers, problems = read_sources(self._sources)
            if not problems:
                self._check_hidden(layers, self._runtime)
            resolution = self._pipeline.resolve(
                self._layers(layers, self._runtime), problems=problems, incomplete=bool(problems)
            )
            snapshot = self._pipeline.snapshot(resolution, self._version + 1)
            self._read = tuple(layers)
            self._swap(snapshot)

    def set(self, key: str, value: Any) -> None:
        """Override one key until it is unset: the top layer, above the command line.

        :raises InvalidConfig: for an unknown key and a value that does not fit.
        """
        key = canonical(key)
        layer = layer_of({key: value}, "runtime", call_site("override"))
        del value  # what is left in a frame, a traceback with locals prints
        with self._lock:
            rest = {k: one for k, one in self._runtime.items() if k != key}
            self._rebuilt({**rest, key: layer})  # what is set last is on top

    def unset(self, key: str) -> None:
        """Take back what ``set`` said of a key.

        :raises KeyError: when nothing was set.
        """
        key = canonical(key)
        with self._lock:
            rest = {k: layer for k, layer in self._runtime.items() if k != key}
            if len(rest) == len(self._runtime):
                raise KeyError(key)
            self._rebuilt(rest)

    @contextmanager
    def override(self, values: Mapping[str, Any], *, name: str = "override") -> Iterator[T]:
        """Override keys inside the block, for the whole process; gives the settings.

        Overrides are taken back in any order, each by its own identity.

        :raises InvalidConfig: for an unknown key and a value that does not fit, as in a file.
        """
        site = call_site("override")
        layer = layer_of(values, name, site)
        del values  # as in set()
        overlay = Overlay(layer, site.place, self.lift)
        try:
            self._lay(overlay, layer)
            yield self.current
        finally:
            self.lift(overlay)

    def lay(self, overlay: Overlay) -> bool:
        """Put an overlay in force, for :mod:`confkit.overlays`; False where it has no known key.

        :raises InvalidConfig: for a value that does not fit.
        """
        with self._lock:
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
        with self._lock:
            before, below = self.snapshot, tuple(self._laid)
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
        return True

    def lift(self, overlay: Overlay) -> None:
        """Take an overlay back, in whatever order; doing it twice changes nothing.

        :raises InvalidConfig: when the settings do not hold without it.
        """
        with self._lock:
            overlay.token.release()
            gone = self._laid.get(overlay)
            if gone is None:
                return
            rest = {one: laid for one, laid in self._laid.items() if one is not overlay}
            self._laid = rest
            if self._withdrawn is not None:
                return
            # As it was before, unless an overlay below this one has gone meanwhile.
            same = gone.inside is not None and self.snapshot is gone.inside
            if same and gone.before is not None and tuple(rest) == gone.below:
                self._swap(gone.before)
            else:
                self._rebuilt(self._runtime)

    def rebuild(self) -> None:
        """Build the settings again where a reference is in them: it may have another answer.

        :raises InvalidConfig: with every problem; the snapshot stays as it was.
        """
        with self._lock:
            if self._withdrawn is not None:
                self._returned()
            elif self.resolution.faults.expansions:
                self._pipeline.ask_again()
                self._rebuilt(self._runtime)

    def withdraw(self, error: InvalidConfig) -> None:
        """Have no settings any more: reading them raises ``error``."""
        with self._lock:
            self._withdrawn = error
            del self.current, self.snapshot

    def _layers(
        self,
        read: Sequence[Layer],
        runtime: Mapping[str, Layer],
        laid: Mapping[Overlay, Laid] | None = None,
    ) -> list[Layer]:
        pairs = [(one.overlay, one.layer) for one in (laid or self._laid).values()]
        return arranged(read, _as_one(runtime), pairs)

    def _check_hidden(self, read: Sequence[Layer], runtime: Mapping[str, Layer]) -> None:
        # What an override hides has to be right too, or leaving its block would fail. What lies
        # over every configuration may be what makes this one whole.
        everywhere = {one: laid for one, laid in self._laid.items() if one in over_all()}
        if len(everywhere) < len(self._laid):
            pairs = [(one.overlay, one.layer) for one in everywhere.values()]
            self._pipeline.resolve(arranged(read, _as_one(runtime), pairs)).required()

    def _rebuilt(self, runtime: dict[str, Layer]) -> None:
        self._check_hidden(self._read, runtime)
        resolution = self._pipeline.resolve(self._layers(self._read, runtime))
        snapshot = self._pipeline.snapshot(resolution, self._version + 1)
        self._runtime = runtime
        self._swap(snapshot)

    def _swap(self, snapshot: Snapshot[T]) -> None:
        # Readers of `current` never see a mix: each of the two is one consistent state.
        self.snapshot = snapshot
        self.current = snapshot.current
        self._version = max(self._version, snapshot.version)


def _as_one(runtime: Mapping[str, Layer]) -> list[Layer]:
    """All that was set at runtime as one layer; none where nothing was."""
    entries: dict[str, Entry] = {}
    for layer in runtime.values():
        for key, entry in layer.entries.items():
            # What is set later takes the place of what is above and below it.
            for other in [k for k in entries if within(k, key) or within(key, k)]:
                if entry.raw != {} or other == key:
                    del entries[other]
            entries[key] = entry
    return [Layer("runtime", entries)] if entries else []


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
