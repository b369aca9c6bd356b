"""Writing settings into files: what was set, what somebody else decided, what once was there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from confkit.callers import call_site
from confkit.discovery import Discovery
from confkit.environments import refuse_change
from confkit.errors import Problem
from confkit.forced_environments import Choice
from confkit.keypath import canonical
from confkit.layered import Layered, read_sources
from confkit.layers import Layer, Source, shown
from confkit.resolution.pipeline import Pipeline
from confkit.sources.mapping import layer_of

if TYPE_CHECKING:
    from confkit.living.saving import Layers
    from confkit.reports.difference import Diff

T = TypeVar("T")


class Found(NamedTuple):
    """The sources that were found, what was read of them, and what they held last."""

    sources: tuple[Source, ...]
    read: tuple[Layer, ...]
    seen: tuple[Layer, ...]


#: Of a configuration that was made under a forced environment: there is nothing to go back to.
NEVER = Found((), (), ())


class Persisting(Layered[T]):
    """What :class:`confkit.Config` is built on: sources that are found, read, and written.

    Everything is checked before a file is written, and the settings are swapped after it.
    """

    __slots__ = ("_discovery", "_sources", "_unforced")

    def __init__(self, pipeline: Pipeline, discovery: Discovery) -> None:
        self._discovery = discovery
        self._sources: tuple[Source, ...] = ()
        self._unforced: Found | None = None
        super().__init__(pipeline)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources below the runtime overrides, lowest precedence first."""
        return self._sources

    def _read_all(self) -> tuple[list[Layer], list[Problem]]:
        """Look for the sources again and read them."""
        self._sources = tuple(self._discovery.sources())
        return read_sources(self._sources)

    @property
    def choice(self) -> Choice | None:
        """What chooses the environment; None where the sources are given."""
        return self._discovery.choice

    def follow_environment(self) -> None:
        """Have the files of the environment that a test forces, and those of before without one.

        :raises InvalidConfig: with every problem of the files.
        """
        choice = self.choice
        if choice is None:
            return
        with self._changing():
            if (forced := choice.forced) is not None:
                if self._unforced is None:
                    self._unforced = Found(self._sources, self._read, self._seen)
                self._look_again(f"environment={forced.name}")
            elif (before := self._unforced) is not None:
                self._unforced = None
                if before is NEVER:
                    self._look_again("environment no longer forced")
                    return
                # What was read then: the end of a test shall change nothing else.
                self._sources = before.sources
                with self._life.outcome.noting():
                    self._adopt(before.read, reason="environment as before")
                self._seen = before.seen

    def _look_again(self, reason: str, by: str = "") -> None:
        """Look for the sources again, and take what they hold."""
        with self._changing(), self._life.outcome.noting():
            layers, problems = self._read_all()
            unfound = self._discovery.unfound
            self._adopt(layers, problems, unfound=unfound, reason=reason, by=by)

    def _files(self) -> list[Path]:
        """Every file that is read, or would be if it were there, lowest precedence first."""
        return self._discovery.paths(self._sources)

    def hold(self) -> AbstractContextManager[None]:
        """Keep other threads from changing the settings inside the ``with`` block.

        What is decided on the settings inside is written on the settings that it was decided on.
        Subscribers are told at its end.
        """
        return self._changing()

    def stored(self, to: str | os.PathLike[str] | None = None) -> Layer:
        """What the file that is saved to held when it was read last; empty where it is not there.

        :raises SaveError: for a file that this configuration does not read.
        """
        from confkit.living import saving

        path = saving.target(None if to is None else Path(to), self._files())
        name = shown(path, self._discovery.root)
        return next((layer for layer in self._seen if layer.name == name), Layer(name))

    def save(
        self,
        keys: Iterable[str] | None = None,
        *,
        to: str | os.PathLike[str] | None = None,
        by: str = "",
        reason: str = "saved",
    ) -> Path:
        """Write what ``set`` set into a file, and take it from there from now on.

        :param keys: which of the runtime overrides; None for all.
        :param to: a YAML or JSON file that this configuration reads; ``config.local.*`` otherwise.
        :returns: the file.
        :raises Shadowed: where a higher layer sets a key, so that the file would not count.
        :raises FileChanged: when somebody edited the file since it was read: reload first.
        :raises SaveError: for everything else that cannot be; nothing has changed then.
        """
        from confkit.living import saving  # most programs never save

        with self._changing():
            path = saving.target(None if to is None else Path(to), self._files())
            chosen, rest = saving.parted(self._runtime, keys)
            if chosen:
                layers = self._to_write(chosen, rest)
                read = saving.save(path, self._discovery.root, layers, self._pipeline)
                self._adopt(read, runtime=rest, by=by, reason=reason)
            return path

    def write(
        self,
        values: Mapping[str, Any],
        *,
        remove: Iterable[str] = (),
        to: str | os.PathLike[str] | None = None,
        accept: Callable[[Diff], bool] | None = None,
        by: str = "",
        reason: str = "written",
    ) -> Diff:
        """Write values into a file, and take them from there; what is set at runtime stays.

        :param values: values by key.
        :param remove: keys to take out of the file; what lower layers set counts again.
        :param to: as for :meth:`save`.
        :param accept: gets what would change, before the file is written: False leaves everything
            as it is, and so does what it raises.
        :returns: what changed, secrets masked.
        :raises InvalidConfig: with every problem of the settings that would result.
        :raises Shadowed: where a higher layer sets a key, so that the file would not count.
        :raises FileChanged: when somebody edited a file since it was read: reload first.
        :raises SaveError: for everything else that cannot be; nothing has changed then.
        """
        from confkit.living import writing

        origin = call_site("override")
        chosen = {canonical(k): layer_of({k: v}, "runtime", origin) for k, v in values.items()}
        removed = [canonical(key) for key in remove]
        del values  # what is left in a frame, a traceback with locals prints
        for layer in chosen.values():
            refuse_change(self._pipeline.schema.name, self._sources, layer)
        return self._written(writing.edit(chosen, removed), chosen, to, accept, by, reason)

    def restore(
        self,
        version: int,
        *,
        to: str | os.PathLike[str] | None = None,
        accept: Callable[[Diff], bool] | None = None,
        by: str = "",
        reason: str = "",
    ) -> Diff:
        """Give the file that is saved to the content that it had at an earlier version.

        :meth:`Config.rollback` brings settings back in memory only, and this the file.

        :raises UnknownKey: for a version that is not kept.
        :raises Shadowed: where the settings would not be those of that version, since other sources
            changed as well; it names the keys.
        """
        from confkit.living import writing

        with self._changing():
            past = self._life.history.of(version)
            stored = self.stored(to)
            text = next((one.text for one in past.layers[0] if one.name == stored.name), "")
            reason = reason or f"rollback to {version}"
            edit = writing.whole(text, past.snapshot)
            return self._written(edit, {}, to, accept, by, reason)

    def _written(
        self,
        edit: Any,
        chosen: Mapping[str, Layer],
        to: str | os.PathLike[str] | None,
        accept: Callable[[Diff], bool] | None,
        by: str,
        reason: str,
    ) -> Diff:
        from confkit.living import saving, writing

        with self._changing(), self._pipeline.asking_again():
            path = saving.target(None if to is None else Path(to), self._files())
            layers = self._to_write(chosen, self._runtime)
            plan = writing.Plan(path, self._discovery.root, layers, self._pipeline)
            found = plan.carry_out(
                edit,
                before=self.snapshot.resolution,
                over=lambda read: self._layers(read, self._runtime),
                accept=accept,
            )
            if found.written:
                self._commit(found.resolution, found.read, self._runtime, by=by, reason=reason)
            return found.diff

    def _to_write(self, chosen: Mapping[str, Layer], rest: Mapping[str, Layer]) -> Layers:
        """The layers to decide a write on; refused where a source holds something else by now."""
        from confkit.living import saving

        saving.refuse_changed(self._read, self._seen, *self._read_all())
        names = [shown(one, self._discovery.root) for one in self._files()]
        return saving.Layers(self._read, chosen, rest, names)
