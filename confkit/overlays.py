"""Layers that lie over a configuration for a while: over one, or over every one of the process.

An overlay has a place in the order of precedence: on top as an override, or among the layers of
the sources, so that a test can say what the environment or a file contains and see what wins.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from confkit.errors import InvalidConfig
from confkit.forced_environments import Choice, ForcedEnvironment
from confkit.layers import Layer, Source
from confkit.live import Live, is_apart
from confkit.overriding import Token
from confkit.resolution.keys import keyed
from confkit.resolution.merging import Merged
from confkit.schema.tree import Schema

#: Where an overlay lies: above the last layer of this kind, below the next kind.
Place = Literal["defaults", "file", ".env", "env", "argv", "override"]
PLACES: tuple[Place, ...] = ("defaults", "file", ".env", "env", "argv", "override")


class Overlay:
    """One layer, its place, and the token that gives its rank among others; in force when made.

    :param site: ``file.py:31``, the line that asks for it.
    :param lift: takes the overlay back.
    :param instead: the layer *is* the content of the file of this name: it takes the place of
        the layer that a source read from it.
    :param alone: it is for one configuration, which then takes it with all that is wrong in it.
    """

    __slots__ = ("alone", "instead", "layer", "place", "taken", "token")

    def __init__(
        self,
        layer: Layer,
        site: str,
        lift: Callable[[Overlay], object],
        *,
        place: Place = "override",
        instead: bool = False,
        level: int | None = None,
        alone: bool = False,
    ) -> None:
        self.layer = layer
        what = f"override of {', '.join(layer.entries)}"
        self.token = Token(what, site, lambda: lift(self), level=level)
        self.place = place
        self.alone = alone
        #: The keys that a configuration took.
        self.taken: set[str] = set()
        self.instead = instead


class Laid(NamedTuple):
    """An overlay as one configuration took it: the part that it knows, and what it changed."""

    overlay: Overlay
    layer: Layer
    before: Any
    inside: Any
    below: tuple[Overlay, ...]


class Overlaid(Protocol):
    """What overlays lie over: :class:`confkit.Config`."""

    def lay(self, overlay: Overlay) -> bool:
        """Put an overlay in force; False where it has no key that the settings know."""
        ...

    def lift(self, overlay: Overlay) -> None:
        """Take it back."""
        ...

    @property
    def schema(self) -> Schema:
        """The settings class, read."""
        ...

    @property
    def choice(self) -> Choice | None:
        """What chooses the environment; None where the sources are given."""
        ...

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources, lowest precedence first."""
        ...

    def follow_environment(self) -> None:
        """Have the files of the environment that is forced, or those of before."""
        ...

    def rebuild(self) -> None:
        """Build the settings again, since references may have other answers."""
        ...

    @property
    def withdrawn(self) -> bool:
        """Whether there are no settings."""
        ...

    def used(self) -> list[str]:
        """The variables and references that the settings were built from."""
        ...

    def withdraw(self, error: InvalidConfig) -> None:
        """Have no settings any more, since none can be built."""
        ...


#: Every configuration in use.
configs: Live[Overlaid] = Live()
_over_all: tuple[Overlay, ...] = ()


def over_all() -> tuple[Overlay, ...]:
    """The overlays that lie over every configuration; none for one that is made apart."""
    return () if is_apart() else _over_all


def lay_over_all(overlay: Overlay) -> bool:
    """Lay an overlay over every configuration, those that are made later too.

    :returns: whether a configuration that is there took a key of it.
    :raises confkit.InvalidConfig: when one refuses a value; it then lies over none.
    """
    global _over_all
    with configs.lock:
        _over_all = (*_over_all, overlay)
    try:
        with contextlib.suppress(InvalidConfig):
            return _lay(overlay)
        gc.collect()  # it may have been garbage that refused
        return _lay(overlay)
    except BaseException:
        lift_from_all(overlay)
        raise


def _lay(overlay: Overlay) -> bool:
    taken = [config.lay(overlay) for config in configs]
    return any(taken)


def lift_from_all(overlay: Overlay) -> None:
    """Take an overlay back. A configuration that cannot be without it has no settings then."""
    global _over_all
    overlay.token.release()
    with configs.lock:
        _over_all = tuple(one for one in _over_all if one is not overlay)
    for config in configs:
        try:
            config.lift(overlay)
        except InvalidConfig as error:
            # It was made under the overlay. Its settings would be wrong from now on, in silence.
            config.withdraw(error)


def force_environment(forced: ForcedEnvironment, config: Overlaid | None = None) -> None:
    """Have one configuration, or every one, read the files of an environment.

    :raises confkit.InvalidConfig: when one cannot; it then is forced on none.
    """
    forced.put()
    try:
        if config is not None:
            config.follow_environment()
            return
        with contextlib.suppress(InvalidConfig):
            _follow_environment(configs)
            return
        _follow_environment(configs.collected())  # it may have been garbage that refused
    except BaseException:
        unforce_environment(forced)
        raise


def _follow_environment(them: Iterable[Overlaid]) -> None:
    for config in them:
        if not config.withdrawn:
            config.follow_environment()


def unforce_environment(forced: ForcedEnvironment) -> None:
    """Take it back. A configuration that cannot be without it has no settings then."""
    forced.take_back()
    for config in configs:
        try:
            config.follow_environment()
        except InvalidConfig as error:
            config.withdraw(error)


def arranged(
    read: Sequence[Layer], runtime: Sequence[Layer], laid: Iterable[tuple[Overlay, Layer]]
) -> list[Layer]:
    """The layers of a configuration, lowest first, with every overlay at its place."""
    rows = [(_height(layer), layer) for layer in read]
    top = list(runtime)
    for overlay, layer in sorted(laid, key=lambda one: one[0].token.rank):
        if overlay.place == "override":
            top.append(layer)
            continue
        height = PLACES.index(overlay.place)
        same = [i for i, (_, one) in enumerate(rows) if overlay.instead and one.name == layer.name]
        if same:
            rows[same[-1]] = (rows[same[-1]][0], layer)
        else:
            above = [i for i, (other, _) in enumerate(rows) if other <= height]
            rows.insert(above[-1] + 1 if above else 0, (height, layer))
    return [layer for _, layer in rows] + top


def _height(layer: Layer) -> int:
    if layer.spelling == "options":
        return PLACES.index("argv")
    if layer.spelling == "variables":
        return PLACES.index(".env" if layer.environment is None else "env")
    return PLACES.index("file")


def known_part(overlay: Overlay, schema: Schema) -> Layer | None:
    """The entries of an overlay that concern one configuration; None where none does.

    A key that these settings do not know and another live configuration does is that one's. A key
    of a file's text, of variables or of words that nobody knows stays in: it is an error there, as
    it is in the file.
    """
    layer = overlay.layer
    known = {key for key in layer.entries if _knows(layer, key, schema)}
    if layer.spelling == "keys":
        overlay.taken |= known
    if overlay.alone:
        return layer
    if not known:
        return None
    mine = known
    if layer.spelling != "keys" or layer.text:
        others = [config.schema for config in configs if config.schema is not schema]
        mine = {
            key
            for key in layer.entries
            if key in known or not any(_knows(layer, key, other) for other in others)
        }
    if len(mine) == len(layer.entries):
        return layer
    entries = {key: entry for key, entry in layer.entries.items() if key in mine}
    return dataclasses.replace(layer, entries=entries)


def _knows(layer: Layer, key: str, schema: Schema) -> bool:
    if layer.spelling == "keys":
        return schema.knows(key)
    # As the source spells it: PORT or --port.
    one = dataclasses.replace(layer, entries={key: layer.entries[key]})
    return any(map(schema.knows, keyed(one, schema, Merged(schema)).layer.entries))
