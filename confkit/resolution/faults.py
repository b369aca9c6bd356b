"""What is wrong with values becomes problems: where each is set, its line, and who else sets it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, NamedTuple

from confkit import redaction
from confkit.errors import Problem
from confkit.forking import cached_property
from confkit.keypath import Path, join, name_of, split, under
from confkit.layers import Entry, Layer, Origin, bare
from confkit.resolution.merging import Merged
from confkit.resolution.pieces import Pieces
from confkit.resolution.validation import Violation
from confkit.schema.places import inner_path, visibility
from confkit.schema.tree import Leaf, Schema

if TYPE_CHECKING:
    from confkit.near import KnownNames
    from confkit.resolution.interpolation import Used, Variables

#: More of a value than this says no more about what is wrong with it.
LONGEST_SHOWN = 80
#: Looking for a misspelt variable takes time, and nobody reads on behind this many.
MOST_HINTS = 50

#: Problems that are about a name, or about nothing being there, so that no value is shown.
_ABOUT_NAMES = ("unknown-key", "missing")


class Faults:
    """The problems of one resolution, and what is known of the places they are about."""

    def __init__(self, schema: Schema, layers: Sequence[Layer]) -> None:
        self.schema = schema
        self.layers = layers
        self.problems: list[Problem] = []
        #: values with their variables filled in, by key
        self.expansions: dict[str, Expansion] = {}
        #: keys whose text was built from a secret
        self.tainted: set[str] = set()
        self._hints = 0
        self._names: KnownNames | None = None

    def keep(self, key: str, expansion: Expansion) -> None:
        """Remember what a value was built from."""
        self.expansions[key] = expansion
        self.tainted.update(expansion.tainted)

    def add(self, problem: Problem) -> None:
        """Keep a problem that is complete already."""
        self.problems.append(problem)

    @cached_property
    def _by_origin(self) -> dict[int, Layer]:
        return {id(e.origin): layer for layer in self.layers for e in layer.entries.values()}

    def layer_of(self, key: str, entry: Entry) -> Layer:
        """The layer that an entry is in; the lowest one for what only this resolution knows."""
        if entry.origin.kind != "default":
            for layer in reversed(self.layers):
                if layer.entries.get(key) is entry:
                    return layer
            if (made_of := self._by_origin.get(id(entry.origin))) is not None:
                return made_of
        return self.layers[0]

    def base_of(self, entry: Entry) -> FilePath | None:
        """The directory of the file that an entry is in, where that is known."""
        layer = self._by_origin.get(id(entry.origin))
        return None if layer is None else layer.base

    def missing(
        self, leaf: Leaf, key: str, merged: Merged, variables: Callable[[], Variables]
    ) -> None:
        """A required field that no layer sets."""
        variable = ""
        if key == leaf.key:
            prefixes = (layer.prefix for layer in reversed(self.layers) if layer.prefix)
            variable = leaf.variable(next(prefixes, ""))
        hint = f"set {variable} in the environment or {key} in a file" if variable else ""
        if variable and self._hints < MOST_HINTS:
            self._hints += 1
            if self._names is None:
                from confkit.near import KnownNames  # only what is wrong needs it

                self._names = KnownNames(variables().names)
            if misspelt := self._names.near(variable):
                hint = f"{misspelt} is set: did you mean {variable}?"
        # An item of a mapping is set somewhere, and that is where the field is missing.
        beside = () if key == leaf.key else merged.fields.values()
        origin = next((e.origin for e in beside if e.origin.kind != "default"), None)
        self.add(Problem(key, "is required and not set", origin, hint, "missing"))

    def value(
        self,
        leaf: Leaf | None,
        key: str,
        entry: Entry,
        message: str,
        hint: str,
        code: str,
        where: Path = (),
        inner: Entry | None = None,
    ) -> None:
        """Something about one value; ``where`` is the place inside it, ``inner`` what is there."""
        here = inner or entry
        inside = where
        if leaf is not None and key != leaf.key and leaf.items is None:
            inside = (*self.schema.place(key)[1], *where)
        secret, public = visibility(leaf, inside)
        if where:
            key = under(key, where)
        shown = line = ""
        if not secret and not self.is_tainted(key):
            if code not in _ABOUT_NAMES and not isinstance(here.raw, Pieces):
                text = redaction.show(bare(here.raw), name=name_of(key), public=public)
                shown = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
            line = self._line(here.origin, shown or "…")
        others: tuple[Origin, ...] = ()
        for layer in self.layers:
            other = layer.entries.get(key)
            if other is None or other.origin is here.origin or other.origin.kind == "default":
                continue
            others = (other.origin, *others)  # the highest layer first
        text = _masked(message)
        self.problems.append(Problem(key, text, here.origin, hint, code, shown, line, others))

    def is_tainted(self, key: str) -> bool:
        """Whether the text of a key, or of the value that it is in, was built from a secret."""
        if not self.tainted:
            return False
        steps = split(key)
        return any(join(*steps[:end]) in self.tainted for end in range(len(steps), 0, -1))

    def _line(self, origin: Origin, shown: str) -> str:
        if origin.kind != "file" or (layer := self._texts.get(origin.name)) is None:
            return ""
        from confkit.excerpt import excerpt  # only what is wrong needs it

        return excerpt(layer, origin, shown)

    @cached_property
    def _texts(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers if layer.text}

    def violations(self, merged: Merged, found: Iterable[Violation]) -> None:
        """Rules that typed values break; keys that have a problem already are passed over."""
        done = {problem.key for problem in self.problems}
        for violation in found:
            if violation.key not in done:
                self._violation(merged, violation)

    def _violation(self, merged: Merged, violation: Violation) -> None:
        found = merged.find(violation.key)
        if found is None:
            self.add(Problem(violation.key, violation.message, code=violation.rule))
            return
        key, entry = found
        expansion = self.expansions.get(key)
        where = inner_path(key, violation.key)
        inner = _inside(entry if expansion is None else expansion.made, violation.key, key)
        leaf = self.schema.find(key)
        self.value(leaf, key, entry, violation.message, "", violation.rule, where, inner)


@lru_cache(maxsize=256)
def _masked(message: str) -> str:
    return redaction.mask_text(message)


class Expansion(NamedTuple):
    """An entry with its variables filled in, so that nothing is looked up twice."""

    source: Entry
    made: Entry
    used: tuple[tuple[str, Used], ...]
    tainted: tuple[str, ...]


def _inside(entry: Entry, key: str, outer: str) -> Entry:
    """What ``key`` names inside the entry of ``outer``."""
    here = entry
    for step in split(key)[len(split(outer)) :]:
        raw = here.raw
        held = None  # as inside a text, or an object of code
        if isinstance(raw, list | tuple) and isinstance(step, int) and step < len(raw):
            held = raw[step]
        elif isinstance(raw, dict):
            held = raw.get(step)
        here = held if isinstance(held, Entry) else here._replace(raw=held)
    return here
