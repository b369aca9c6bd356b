"""The live handle that holds the current snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar, overload

from confkit import forking
from confkit.callers import call_site
from confkit.discovery import Discovery
from confkit.environments import refuse_change
from confkit.keypath import canonical
from confkit.layered import held
from confkit.living.life import SETTLE, Life, Watch
from confkit.overlays import Overlay, configs, over_all
from confkit.persisting import NEVER, Persisting
from confkit.resolution.pipeline import Pipeline
from confkit.resolution.snapshot import Resolution, Snapshot
from confkit.resolution.variables import named_files
from confkit.schema.tree import Schema
from confkit.sources.mapping import layer_of
from confkit.tables import html_details
from confkit.watched_paths import digest

if TYPE_CHECKING:
    from confkit.delivery import Stream
    from confkit.layers import Layer
    from confkit.living.change import Change
    from confkit.living.history import Accepted
    from confkit.living.reloading import Reloader
    from confkit.living.status import ConfigStatus
    from confkit.reports.explanation import Explanation
    from confkit.reports.matrix import Matrix

T = TypeVar("T")


class Config(Persisting[T]):
    """The live handle: ``current`` is the settings, frozen and typed.

    Take ``current`` (or ``snapshot``) once per piece of work: two reads may straddle a change.
    The handle is the only object here that changes, and it changes by one assignment.
    """

    __slots__ = ()

    def __init__(self, pipeline: Pipeline, discovery: Discovery) -> None:
        self._life = Life()
        super().__init__(pipeline, discovery)
        for overlay in over_all():
            self._take(overlay)
        self.reload(reason="loaded")
        if self.choice is not None and self.choice.forced is not None:
            self._unforced = NEVER
        forking.register(self)
        if configs.join(self):  # not before: one that cannot be made is no live one
            for overlay in over_all():
                self.lay(overlay)

    def __repr__(self) -> str:
        return f"<Config of {self._pipeline.schema.name}, version {self._version}>"

    def _repr_html_(self) -> str:
        matrix = self.resolution.matrix()
        return html_details(repr(self)[1:-1], matrix._repr_html_(), shown=True)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Config cannot be pickled: load it again in the other process")

    def _choose_class(self) -> None:
        asks = self._scopes.entered or self._withdrawn is not None
        self.__class__ = _Asking if asks else Config

    @property
    def schema(self) -> Schema:
        """The settings class, read."""
        return self._pipeline.schema

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

    def resolve_layers(self, layers: Iterable[Layer]) -> Resolution[T]:
        """What these settings would be from other layers, right or wrong; nothing changes.

        :param layers: lowest precedence first, without the defaults.
        """
        return self._pipeline.resolve(layers)

    def keys(self) -> tuple[str, ...]:
        """Every key that is set, in the order of declaration."""
        return self.resolution.keys

    def as_dict(self, *, masked: bool = True) -> dict[str, Any]:
        """The settings as nested mappings, with ``***`` for what is secret.

        :param masked: False gives the typed values as they are, secrets as ``Secret``.
        """
        return self.resolution.as_dict(masked=masked)

    def reload(self, *, by: str = "", reason: str = "reloaded") -> None:
        """Look for the conventional files again, read every source, and swap the snapshot.

        All or nothing: the settings stay as they were where anything is wrong.

        :param by: who asks, and ``reason`` why: for the history.
        :raises InvalidConfig: with every problem.
        """
        self._look_again(reason, by)

    def _versions(self) -> object:
        """What else the settings were built from: versions of secrets, content of named files."""
        named = {str(path): digest(path) for path in self._named_files()}
        return held(self).resolution.variables().references.versions(), named

    def _named_files(self) -> list[Path]:
        """The files that variables such as ``API_KEY_FILE`` name."""
        return [path for layer in self._read for path in named_files(layer, self.schema)]

    def set(self, key: str, value: Any, *, by: str = "", reason: str = "") -> None:
        """Override one key until it is unset: the top layer, above the command line.

        :param by: who asks, and ``reason`` why: for the history.
        :raises InvalidConfig: for an unknown key and a value that does not fit.
        """
        key = canonical(key)
        layer = layer_of({key: value}, "runtime", call_site("override"))
        del value  # what is left in a frame, a traceback with locals prints
        refuse_change(self.schema.name, self._sources, layer)
        with self._changing():
            rest = {k: one for k, one in self._runtime.items() if k != key}
            self._rebuilt({**rest, key: layer})  # what is set last is on top
            self._accepted(by, reason or f"set {key}")

    def unset(self, key: str, *, by: str = "", reason: str = "") -> None:
        """Take back what ``set`` set for a key.

        :param by: who asks, and ``reason`` why: for the history.
        :raises KeyError: when nothing was set.
        """
        key = canonical(key)
        with self._changing():
            rest = {k: layer for k, layer in self._runtime.items() if k != key}
            if len(rest) == len(self._runtime):
                raise KeyError(key)
            self._rebuilt(rest)
            self._accepted(by, reason or f"unset {key}")

    @contextmanager
    def override(
        self,
        values: Mapping[str, Any],
        *,
        name: str = "override",
        scope: Literal["process", "context"] = "process",
    ) -> Iterator[T]:
        """Override keys inside the block; gives the settings.

        Overrides are taken back in any order, each by its own identity.

        :param scope: ``"process"``, or ``"context"`` for the current task or thread only.
        :raises InvalidConfig: for an unknown key and a value that does not fit, as in a file.
        """
        if scope not in ("process", "context"):
            raise ValueError(f"scope is 'process' or 'context', and not {scope!r}")
        site = call_site("override")
        layer = layer_of(values, name, site)
        del values  # as in set()
        refuse_change(self.schema.name, self._sources, layer)
        if scope == "context":
            with self._in_context(layer):
                yield self.current
            return
        overlay = Overlay(layer, site.place, self.lift)
        try:
            self._lay(overlay, layer)
            yield self.current
        finally:
            self.lift(overlay)

    # -- while it runs ------------------------------------------------------------------------

    def watch(self, *, poll: float = 1.0, events: bool = True, settle: float = SETTLE) -> Watch:
        """Reload when a file changes: ``with config.watch(): ...``, or until ``stop()``.

        Content that keeps every key counts 0.1 s after the last write; content that lost a key
        counts when it was the same for ``settle`` seconds. A file that is missing or empty keeps
        what it set. What is not valid keeps the settings as they are and is in :attr:`status`.

        :param poll: seconds between two looks that no event asked for.
        :param events: False for polling only; without the extra ``watch`` it always polls.
        """

        def reloader() -> Reloader:
            from confkit.living.reloading import Reloader

            return Reloader(
                self._read_all,
                self._adopt,
                lambda: self._seen,
                self._versions,
                outcome=self._life.outcome,
                hold=self._changing,
                settle=settle,
            )

        def paths() -> list[Path]:
            return [*self._files(), *self._named_files()]

        return self._life.watch(reloader, paths, poll=poll, events=events, settle=settle)

    @property
    def status(self) -> ConfigStatus:
        """The version, the last failure, and how the files are watched."""
        return self._life.status(held(self))

    def subscribe(
        self, function: Callable[[Change[T]], Any], /, *keys: str, background: bool = False
    ) -> Callable[[], None]:
        """Call ``function`` with a :class:`Change` after changes of ``keys`` (none: of any).

        Called in the thread that changed something, after the swap and outside of locks; what it
        raises is logged. A coroutine function is awaited on the event loop that runs now. With
        ``background`` it has a thread of its own; while it is slow, changes are merged into one.

        :returns: a function that ends it.
        :raises UnknownKey: for a key that the settings do not have.
        """
        self._check_keys(keys)
        return self._life.announcer.subscribe(function, keys, background=background)

    def changes(self, *keys: str) -> Stream[Change[T]]:
        """The changes of ``keys`` from now on: ``async for change in config.changes("db"):``.

        ``aclose()`` ends it, also while it waits.

        :raises UnknownKey: for a key that the settings do not have.
        """
        self._check_keys(keys)
        return self._life.announcer.changes(keys)

    def _check_keys(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.resolution.leaf(self.resolution.key(key))

    def history(self) -> list[Accepted[T]]:
        """The last accepted snapshots, newest first: when, by whom, why, and what changed."""
        return self._life.history.newest_first()

    def rollback(self, version: int, *, by: str = "", reason: str = "") -> None:
        """Bring the settings of an earlier version back, as a new version.

        What was read and what was set are those of that version; overrides in force stay. Files
        are not written: the next accepted reload reads them again.

        :raises UnknownKey: for a version that is not kept.
        """
        with self._changing():
            read, runtime = self._life.history.of(version).layers
            reason = reason or f"rollback to {version}"
            self._adopt(read, runtime=dict(runtime), seen=False, reason=reason, by=by)


class _Asking(Config[T]):
    """A handle with no settings, or while an override of one context is in force somewhere."""

    __slots__ = ()

    @property
    def snapshot(self) -> Snapshot[T]:  # type: ignore[override]
        """What holds in this context."""
        if self._withdrawn is not None:
            raise self._withdrawn
        return self._scopes.snapshot(held(self))

    @property
    def current(self) -> T:  # type: ignore[override]
        """The settings of this context."""
        return self.snapshot.current
