"""Overrides of one configuration that hold in one task or thread only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from confkit.layers import Layer
from confkit.resolution.snapshot import Resolution, Snapshot


class Overlaying(Protocol):
    """What lays a layer over a resolution: the pipeline."""

    def overlaid(self, base: Resolution[Any], layer: Layer) -> Resolution[Any]: ...

    def snapshot(self, resolution: Resolution[Any], version: int) -> Snapshot[Any]: ...


class Scopes:
    """The scoped overrides of one configuration, and the snapshots under them.

    A task or thread sees the overrides that it entered itself, in their order, above everything
    that holds for the whole process; a task that it starts sees them until their block ends.
    """

    def __init__(self, pipeline: Overlaying) -> None:
        self.pipeline = pipeline
        #: how many are entered, in all contexts
        self.entered = 0
        self._base: Snapshot[Any] | None = None
        self._made: dict[tuple[int, ...], Snapshot[Any]] = {}
        #: the layers whose block has not ended
        self._open: set[int] = set()

    @contextmanager
    def inside(self, layer: Layer) -> Iterator[None]:
        """Have a layer on top, in this context."""
        _active.set({**_every(), self: (*self._layers(), layer)})
        self._open.add(id(layer))
        try:
            yield
        finally:
            self._open.discard(id(layer))
            rest = tuple(one for one in self._layers() if one is not layer)
            others = {k: v for k, v in _every().items() if k is not self}
            _active.set({**others, self: rest} if rest else others)
            self._made = {k: s for k, s in self._made.items() if id(layer) not in k}

    def snapshot(self, base: Snapshot[Any]) -> Snapshot[Any]:
        """``base`` under the overrides of this context.

        :raises InvalidConfig: when a value does not fit, or no longer does after a reload.
        """
        layers = self._layers()
        if not layers:
            return base
        if base is not self._base:
            self._base, self._made = base, {}
        names = tuple(map(id, layers))
        made = self._made.get(names)
        if made is None:
            resolution = base.resolution
            for layer in layers:
                resolution = self.pipeline.overlaid(resolution, layer)
                resolution.required()
            made = self._made[names] = self.pipeline.snapshot(resolution, base.version)
        return made

    def _layers(self) -> tuple[Layer, ...]:
        # A task that was started inside a block has its layers still when the block has ended.
        return tuple(layer for layer in _every().get(self, ()) if id(layer) in self._open)


_active: ContextVar[Mapping[Scopes, tuple[Layer, ...]] | None] = ContextVar("confkit_scopes")


def _every() -> Mapping[Scopes, tuple[Layer, ...]]:
    return _active.get(None) or {}
