"""``load()`` and the live handle that holds the current snapshot."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from confkit.callers import call_site
from confkit.discovery import conventional
from confkit.errors import InvalidSource, Problem
from confkit.keypath import canonical
from confkit.layers import Layer, Source, stack
from confkit.resolution.interpolation import Resolver
from confkit.resolution.pipeline import Pipeline
from confkit.resolution.snapshot import Snapshot
from confkit.schema.reading import read_schema
from confkit.sources.mapping import layer_of

if TYPE_CHECKING:
    import argparse

    from confkit.reports.explanation import Explanation
    from confkit.reports.matrix import Matrix

T = TypeVar("T")


class Config(Generic[T]):
    """The live handle: ``current`` is the settings, frozen and typed.

    Take ``current`` (or ``snapshot``) once per piece of work: two reads may straddle a change.
    The handle is the only object here that changes, and it changes by one assignment.
    """

    __slots__ = (
        "_lock",
        "_overrides",
        "_pipeline",
        "_read",
        "_runtime",
        "_sources",
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
        self._overrides: list[Layer] = []
        self._read: tuple[Layer, ...] = ()
        self.reload()

    def __repr__(self) -> str:
        return f"<Config of {self._pipeline.schema.name}, version {self.snapshot.version}>"

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
        # Imported here: most programs start and end without it.
        from confkit.reports.explanation import explain
        from confkit.reports.matrix import matrix

        return matrix(self.snapshot) if key is None else explain(self.snapshot, key)

    def reload(self) -> None:
        """Read every source again and swap the snapshot in one assignment.

        :raises InvalidConfig: with every problem; the snapshot stays as it was.
        """
        with self._lock:
            layers, problems = read_sources(self._sources)
            version = self.snapshot.version + 1 if hasattr(self, "snapshot") else 1
            if self._overrides and not problems:
                # What an override hides has to be right too, or leaving its block would fail.
                self._pipeline.build([*layers, *_above(self._runtime, [])])
            snapshot = self._pipeline.build(
                [*layers, *_above(self._runtime, self._overrides)],
                version=version,
                problems=problems,
                incomplete=bool(problems),
            )
            self._read = tuple(layers)
            self._swap(snapshot)

    def set(self, key: str, value: Any) -> None:
        """Override one key until it is unset: the top layer, above the command line.

        :raises InvalidConfig: for an unknown key and a value that does not fit.
        """
        key = canonical(key)
        layer = layer_of({key: value}, "runtime", call_site("override"))
        with self._lock:
            rest = {k: one for k, one in self._runtime.items() if k != key}
            self._rebuilt({**rest, key: layer}, self._overrides)  # what is set last is on top

    def unset(self, key: str) -> None:
        """Take back what ``set`` said of a key.

        :raises KeyError: when nothing was set.
        """
        key = canonical(key)
        with self._lock:
            rest = {k: layer for k, layer in self._runtime.items() if k != key}
            if len(rest) == len(self._runtime):
                raise KeyError(key)
            self._rebuilt(rest, self._overrides)

    @contextmanager
    def override(self, values: Mapping[str, Any], *, name: str = "override") -> Iterator[T]:
        """Override keys inside the block, for the whole process; gives the settings.

        Overrides are taken back in any order, each by its own identity.

        :raises InvalidConfig: for an unknown key and a value that does not fit, as in a file.
        """
        layer = layer_of(values, name, call_site("override"))
        with self._lock:
            before = self.snapshot
            inside = self._pipeline.overlaid(before, layer)
            below = self._overrides
            self._overrides = [*below, layer]
            self._swap(inside)
        try:
            yield inside.current
        finally:
            with self._lock:
                rest = [one for one in self._overrides if one is not layer]
                self._overrides = rest
                # As it was before, unless an override below this one has gone meanwhile.
                if self.snapshot is inside and list(map(id, rest)) == list(map(id, below)):
                    self._swap(before)
                else:
                    self._rebuilt(self._runtime, self._overrides)

    def _rebuilt(self, runtime: dict[str, Layer], overrides: list[Layer]) -> None:
        version = self.snapshot.version + 1
        if overrides:
            self._pipeline.build([*self._read, *_above(runtime, [])])  # as in reload()
        layers = [*self._read, *_above(runtime, overrides)]
        snapshot = self._pipeline.build(layers, version=version)
        self._runtime, self._overrides = runtime, overrides
        self._swap(snapshot)

    def _swap(self, snapshot: Snapshot[T]) -> None:
        # Readers of `current` never see a mix: each of the two is one consistent state.
        self.snapshot = snapshot
        self.current = snapshot.current


def _above(runtime: Mapping[str, Layer], overrides: Sequence[Layer]) -> list[Layer]:
    """The layers above the sources: all that was set as one, then the overrides."""
    winners = stack(*runtime.values()).winners
    entries = {key: say.entry for key, say in winners.items()}
    return [*([Layer("runtime", entries)] if entries else []), *overrides]


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


def load(
    settings: type[T],
    *sources: Source,
    environment: str | None = None,
    root: str | os.PathLike[str] | None = None,
    argv: Sequence[str] | argparse.Namespace | None = None,
    rules: Mapping[str, Any] | None = None,
    resolvers: Mapping[str, Resolver] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config[T]:
    """Resolve ``settings``, a frozen dataclass, from its layers.

    Without ``sources`` the conventional layers are read, lowest precedence first: defaults in
    code, ``config.{yaml,yml,json,toml}``, ``config/{environment}.{...}``, ``.env``,
    ``.env.{environment}``, the process environment, and the command line where ``argv`` gives it:
    words without the program's name, or an ``argparse`` namespace. They are looked up under
    ``root``: the argument, else ``root`` in ``[tool.confkit]`` of ``pyproject.toml``, else the
    working directory. ``environment`` is the argument, else ``$ENVIRONMENT``, else
    ``development``. ``environ`` stands in for ``os.environ``.

    ``rules`` is a whole Cerberus schema beside the ``Check`` of the fields; ``resolvers`` answer
    ``${scheme:reference}`` by scheme.

    :raises SchemaError: when the class cannot work as settings.
    :raises InvalidConfig: with every problem of every layer.
    """
    schema = read_schema(settings)
    recipe = Pipeline(schema, rules, resolvers or {})
    found: list[Source] = list(sources)
    if not found:
        found = conventional(
            environment=environment,
            root=None if root is None else Path(root),
            environ=os.environ if environ is None else environ,
            settings=settings.__name__,
        )
    if argv is not None:
        from confkit.sources.argv import command_line  # argparse is for those who have words

        found.append(command_line(argv))
    return Config(recipe, found)
