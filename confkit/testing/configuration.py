"""Settings in tests: any layer overridden in every ``Config``, and configurations apart."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from confkit.config import Config
from confkit.environments import Chosen, is_name, refuse_change
from confkit.errors import InvalidConfig, UnknownKey
from confkit.flags.client import Flags
from confkit.flags.stores.memory import MemoryStore
from confkit.forced_environments import ForcedEnvironment
from confkit.layers import Layer, Origin
from confkit.live import apart
from confkit.loading import load
from confkit.near import near
from confkit.overlays import (
    PLACES,
    Overlay,
    Place,
    configs,
    force_environment,
    lay_over_all,
    lift_from_all,
    unforce_environment,
)
from confkit.sources.argv import command_line
from confkit.sources.dotenv import DotEnv
from confkit.sources.files import SUFFIXES, File
from confkit.sources.mapping import Values, layer_of
from confkit.testing.temporary import Temporary

T = TypeVar("T")

#: What the files of a place are called where no name is given.
_FILES = {"file": "config.yaml", ".env": ".env"}


class override_config(Temporary):  # noqa: N801 - used like a function
    """Override settings in every ``Config`` of the process, those made later too.

    >>> with override_config({"database.pool_size": 1}):
    ...     config.current.database.pool_size
    1

    :param values: values by key; or text: what a file contains; or a list of words: the command
        line.
    :param layer: the layer to override, so that precedence itself can be tested: ``"override"``
        (on top of all), ``"argv"``, ``"env"``, ``".env"``, ``"file"``, ``"defaults"``. The values
        win over that layer, and lose to the layers above it. Or the name of a file, as
        ``"config/production.yaml"`` or ``".env.local"``: the values are then its whole content.
    :param config: only in this configuration.
    :param environment: the environment to be in: its files are looked for and read in place of
        those of now, until the end. ``values`` may then be left out.
    :raises ValueError: for a layer that is none, for text where the layer has no text, for a name
        that no environment can have, and for one of a ``config`` with sources of its own.
    """

    def __init__(
        self,
        values: Mapping[str, Any] | str | Sequence[str] | None = None,
        /,
        *,
        layer: str = "override",
        config: Config[Any] | None = None,
        environment: str | None = None,
        site: str | None = None,
    ) -> None:
        super().__init__(site)
        if values is None and environment is None:
            raise TypeError("override_config needs values, or environment=")
        self.config = config
        self._place, self._instead = _place(layer)
        file, _, line = self.site.rpartition(":")
        origin = Origin("override", file, int(line)) if line.isdigit() else None
        origin = origin or Origin("override", self.site)
        self._chosen = _chosen(environment, origin, config)
        self._forced: ForcedEnvironment | None = None
        self._lies = values is not None
        name = layer if self._instead else f"override of {layer}"
        name = "override" if layer == "override" else name
        if values is None or isinstance(values, Mapping):
            self.layer = layer_of(values or {}, name, origin)
        else:
            self.layer = _read(values, layer, self._place)
            self._instead = isinstance(values, str)
        self._overlay: Overlay | None = None
        self.what = f"settings {', '.join(self.layer.entries)}"
        if environment is not None:
            self.what = f"the environment {environment}"

    def _set(self) -> None:
        if self._chosen is not None:
            self._force(self._chosen)
        try:
            if self._lies:
                self._lay()
        except BaseException:
            self._unforce()
            raise

    def _force(self, chosen: Chosen) -> None:
        choice = None if self.config is None else self.config.choice
        forced = ForcedEnvironment(chosen, self.site, self._unforce, choice=choice)
        forced.token.release()  # the token of this object stands for it
        force_environment(forced, self.config)
        self._forced = forced

    def _unforce(self) -> None:
        forced, self._forced = self._forced, None
        if forced is not None:
            unforce_environment(forced)

    def _lay(self) -> None:
        if self.config is None:
            self.check_in_use()
        else:
            self.check([self.config])
        lift = lift_from_all if self.config is None else self.config.lift
        self._overlay = overlay = Overlay(
            self.layer,
            self.site,
            lift,
            place=self._place,
            instead=self._instead,
            alone=self.config is not None,
        )
        try:
            if self.config is None:
                lay_over_all(overlay)
            else:
                self.config.lay(overlay)
        except BaseException:
            overlay.token.undo()
            raise
        # The token of this object stands for both.
        overlay.token.release()

    def _undo(self) -> None:
        if self._overlay is not None:
            self._overlay.token.undo()
            self._overlay = None
        self._unforce()

    def check(self, targets: Iterable[Any], schemas: Iterable[Any] = ()) -> None:
        """Refuse keys that none of ``targets`` knows and that are nearly known ones.

        :raises confkit.UnknownKey: with the key that was probably meant.
        :raises confkit.InvalidConfig: for the name of the environment, which chose the files.
        """
        if self.layer.spelling != "keys" or self.layer.text:
            return  # as in a file: what it contains is checked when it is read
        targets = list(targets)
        for config in targets:
            refuse_change(config.schema.name, config.sources, self.layer)
        known = [*(config.schema for config in targets), *schemas]
        for key in self.layer.entries:
            if any(schema.knows(key) for schema in known):
                continue
            names = [name for schema in known for name in (*schema.leaves, *schema.sections)]
            if meant := near(key, names):
                raise UnknownKey(f"there is no setting {key}: did you mean {meant}?")

    def check_in_use(self, schemas: Iterable[Any] = ()) -> None:
        """The same for every configuration in use, where one that is garbage refuses nothing.

        :raises confkit.UnknownKey: as :meth:`check`.
        :raises confkit.InvalidConfig: as :meth:`check`.
        """
        with contextlib.suppress(UnknownKey, InvalidConfig):
            return self.check(configs, schemas)
        return self.check(configs.collected(), schemas)

    @property
    def unknown(self) -> list[str]:
        """The keys that no configuration took while the override was in force.

        Empty while there is no configuration at all: it may be yet to come.
        """
        if self.layer.spelling != "keys" or self.layer.text:
            return []
        taken = set() if self._overlay is None else self._overlay.taken
        if not taken and not configs.collected():
            return []
        return [key for key in self.layer.entries if key not in taken]


def _chosen(name: str | None, origin: Origin, config: Config[Any] | None) -> Chosen | None:
    if name is None:
        return None
    if not is_name(name):
        raise ValueError(f"{name!r} is no name of an environment: letters, digits, - and _ only")
    if config is not None and config.choice is None:
        raise ValueError("this configuration has sources of its own, and no environment")
    return Chosen(name, origin)


def _place(layer: str) -> tuple[Place, bool]:
    """The place of a layer, and whether the name is that of one file."""
    for place in PLACES:
        if layer == place:
            return place, False
    name = Path(layer).name
    if name.startswith(".env"):
        return ".env", True
    if Path(name).suffix in SUFFIXES:
        return "file", True
    meant = near(layer, PLACES)
    hint = f": did you mean {meant}?" if meant else f": it is one of {', '.join(PLACES)}, or a file"
    raise ValueError(f"there is no layer {layer!r}{hint}")


def _read(content: str | Sequence[str], layer: str, place: Place) -> Layer:
    """The layer that a file's text or the words of a command line make."""
    if not isinstance(content, str):
        if place != "argv":
            raise ValueError(f"a list of words is for the layer 'argv', not {layer!r}")
        return command_line(content).read()
    if place not in _FILES:
        raise ValueError(f"text is for a file or '.env', not for the layer {layer!r}")
    name = _FILES.get(layer, layer)
    with tempfile.TemporaryDirectory(prefix="confkit-") as directory:
        path = Path(directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        root = Path(directory)
        source = DotEnv(path, root=root) if place == ".env" else File(path, root=root)
        return source.read()


def isolated_config(
    settings: type[T],
    values: Mapping[str, Any] | None = None,
    /,
    *,
    flags: Mapping[str, Mapping[str, Any]] | None = None,
    declared: object = (),
) -> tuple[Config[T], Flags]:
    """A configuration and flags that nothing else reaches: no file, no variable, no override.

    :param values: what is set beyond the defaults, by key.
    :param flags: rules by name, as in a flag file: ``{"new-checkout": {"enabled": True}}``.
    :param declared: declarations, as ``Flags`` takes them.
    :raises confkit.InvalidConfig: with every problem of the values.
    """
    with apart():
        config = load(settings, Values(values or {}))
        return config, Flags(MemoryStore(dict(flags or {})), declared, background=False)
