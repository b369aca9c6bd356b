"""What counts when layers lie on top of each other: mappings merge key by key, all else replaces.

A :class:`Merged` holds the entries of one settings class that count. An open mapping of dataclasses
holds one :class:`Merged` for each of its items, so that every level merges by the same rules.
"""

from __future__ import annotations

import dataclasses
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from functools import cache
from typing import Any

from confkit.keypath import Path, child, join, split
from confkit.layers import Entry, Layer
from confkit.resolution.members import named, tagged
from confkit.resolution.pieces import changed
from confkit.resolution.spreading import spread
from confkit.schema.defaults import counting
from confkit.schema.places import nullable, optional_above
from confkit.schema.reading import read_schema
from confkit.schema.tree import Leaf, Schema, Section, fill_defaults

#: Looking through more tables than this takes longer than making one of them.
MOST_CHAINED = 8
#: The items of a mapping by name: an entry, a mapping inside it, or an item with fields.
Tree = dict[str, "Entry | Tree | Merged"]


class Merged:
    """The entries of one settings class that count, lowest layer first put in.

    ``fields`` holds one entry for every field that is set, by key, and one for every optional
    section that is null; ``mappings`` the items of the open mappings that have any.
    """

    __slots__ = ("_shared", "fields", "mappings", "schema")

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.fields: MutableMapping[str, Entry] = {}
        self.mappings: dict[str, Tree] = {}
        #: open mappings whose items are those of another Merged until they change
        self._shared: set[str] = set()

    def copy(self) -> Merged:
        """A copy that can change without this one."""
        made = Merged(self.schema)
        made.fields = dict(self.fields)  # no longer a chain, where it was one
        made.mappings = dict(self.mappings)
        made._shared = set(self.mappings)
        return made

    def under(self, entries: Mapping[str, Entry]) -> Merged:
        """What counts with simple entries on top; the fields below are looked up, not copied."""
        made = Merged(self.schema)
        below: list[MutableMapping[str, Entry]] = [self.fields]
        if isinstance(self.fields, ChainMap):
            below = self.fields.maps
        if len(below) > MOST_CHAINED:
            below = [dict(self.fields)]
        made.fields = ChainMap(dict(entries), *below)
        made.mappings = self.mappings
        made._shared = set(self.mappings)
        return made

    def add(self, entries: Mapping[str, Entry], *, simple: bool = False) -> None:
        """Lay the entries of one more layer on top; ``simple`` ones just replace."""
        if simple:
            self.fields.update(entries)
        else:
            self.give_way(entries)
            for key, entry in entries.items():
                self.put(key, entry)

    def give_way(self, entries: Mapping[str, Entry]) -> None:
        """Drop what a layer replaces as a whole: a dataclass of a union, where it names another."""
        unions = tagged(self.schema)
        for key, entry in entries.items() if unions else ():
            leaf, inside = self.schema.place(key)
            if leaf is None or leaf.key not in unions or not inside:
                continue
            if leaf.items is None:
                self._give_way(leaf, inside, entry)
            elif len(inside) > 1:
                item = self._tree(leaf).get(str(inside[0])) if leaf.key in self.mappings else None
                if isinstance(item, Merged):
                    item.give_way({join(*inside[1:]): entry})

    def _give_way(self, leaf: Leaf, inside: Path, entry: Entry) -> None:
        new = named(leaf, inside, entry)
        if new is None or leaf.key not in self.mappings:
            return
        above, here = None, self._tree(leaf)
        for step in inside[:-1]:
            inner = here.get(str(step))
            if not isinstance(inner, dict):
                return
            above, here = here, inner
        held = here.get(str(inside[-1]))
        if not isinstance(held, Entry) or named(leaf, inside, held) in (None, new):
            return
        if above is None:
            del self.mappings[leaf.key]
        else:
            del above[str(inside[-2])]

    def put(self, key: str, entry: Entry) -> None:
        """Lay one entry on top; its key names a field or section, or lies inside a field."""
        schema = self.schema
        if key in schema.sections:
            self._section(schema.sections[key], entry)
            return
        leaf, inside = schema.place(key)
        if leaf is None:  # pragma: no cover - such keys are problems before
            raise AssertionError(f"{key} was not fitted to the settings")
        self._begin_above(leaf.key)
        if inside:
            self._inside(leaf, inside, entry)
        elif leaf.open and entry.raw == {}:
            if not self.mappings.get(leaf.key):
                self.fields[leaf.key] = entry
        else:
            self.mappings.pop(leaf.key, None)
            self.fields[leaf.key] = changed(self.fields.get(leaf.key), (), entry)

    # -- sections ---------------------------------------------------------------------------

    def _section(self, section: Section, entry: Entry) -> None:
        self._begin_above(section.key)
        if entry.raw is None:
            for one in section.below():
                self.fields.pop(one.key, None)
                for leaf in one.leaves:
                    self.fields.pop(leaf.key, None)
                    self.mappings.pop(leaf.key, None)
            self.fields[section.key] = entry
        else:
            self._begin(section)

    def _begin_above(self, key: str) -> None:
        for section in optional_above(self.schema).get(key, ()):
            self._begin(section)

    def _begin(self, section: Section) -> None:
        """Let an optional section that was null exist, with the defaults of its class."""
        if self.fields.pop(section.key, None) is not None:
            for key, one in _defaults_below(self.schema, section).items():
                self.put(key, one)

    def is_null(self, section: Section) -> bool:
        """Whether an optional section is None."""
        return section.key in self.fields

    # -- open mappings ----------------------------------------------------------------------

    def _tree(self, leaf: Leaf) -> Tree:
        self.fields.pop(leaf.key, None)
        tree = self.mappings.setdefault(leaf.key, {})
        if leaf.key in self._shared:
            self._shared.discard(leaf.key)
            tree = self.mappings[leaf.key] = _copied(tree)
        return tree

    def _inside(self, leaf: Leaf, inside: Path, entry: Entry) -> None:
        names = [step for step in inside if isinstance(step, str)]
        if not isinstance(inside[0], str):
            self.fields[leaf.key] = changed(self.fields.get(leaf.key), inside, entry)
            return
        tree = self._tree(leaf)
        if leaf.items is not None:
            self._item(leaf, tree, inside, entry)
        else:
            at = next((i for i, step in enumerate(inside) if isinstance(step, int)), len(inside))
            _put(tree, names[:at], inside[at:], entry, removes=not nullable(leaf, at))
        if not tree:  # the last item was taken away
            del self.mappings[leaf.key]
            self.fields[leaf.key] = Entry({}, entry.origin)

    def _item(self, leaf: Leaf, tree: Tree, inside: Path, entry: Entry) -> None:
        name = str(inside[0])
        held = tree.get(name)
        if len(inside) == 1 and entry.raw is None and not nullable(leaf, 1):
            tree.pop(name, None)
        elif len(inside) == 1 and entry.raw != {}:
            tree[name] = entry
        elif not isinstance(held, Merged):
            assert leaf.items is not None
            tree[name] = held = _begun(leaf.items, held if isinstance(held, Entry) else None)
        if len(inside) > 1 and isinstance(held, Merged):
            held.put(join(*inside[1:]), entry)

    # -- looking up -------------------------------------------------------------------------

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """Every entry that counts with its whole key, in the order of declaration."""
        yield from self._walk(self.schema.root, prefix)

    def _walk(self, section: Section, prefix: str) -> Iterator[tuple[str, Entry]]:
        for leaf in section.leaves:
            if leaf.key in self.mappings:
                yield from entries_of(self.mappings[leaf.key], prefix + leaf.key)
            elif leaf.key in self.fields:
                yield prefix + leaf.key, self.fields[leaf.key]
        for _, inner in section.sections:
            if inner.key in self.fields:
                yield prefix + inner.key, self.fields[inner.key]
            else:
                yield from self._walk(inner, prefix)

    def find(self, key: str) -> tuple[str, Entry] | None:
        """The entry that ``key`` names or lies in, with the key that this entry has."""
        if key in self.fields:
            return key, self.fields[key]
        leaf, inside = self.schema.place(key)
        if leaf is None:
            return None
        if leaf.key in self.fields:
            return leaf.key, self.fields[leaf.key]
        here: Any = self.mappings.get(leaf.key)
        path = leaf.key
        for at, step in enumerate(inside):
            if not isinstance(here, dict) or step not in here:
                return None
            here, path = here[step], child(path, step)
            if isinstance(here, Entry):
                return path, here
            if isinstance(here, Merged):
                found = here.find(join(*inside[at + 1 :])) if inside[at + 1 :] else None
                return None if found is None else (f"{path}.{found[0]}", found[1])
        return None

    def spelled(self, leaf: Leaf, names: list[str]) -> list[str]:
        """Names of a variable as a lower layer spells them, else in lower case.

        Case, ``-`` and ``_`` make no difference: ``CONTENT_TYPE`` is ``Content-Type`` where a
        lower layer has that.
        """
        made: list[str] = []
        here: Any = self.mappings.get(leaf.key)
        for name in names:
            known = here if isinstance(here, dict) else {}
            alike = [one for one in known if folded(one) == folded(name)]
            exact = [one for one in (name, name.lower()) if one in known]
            made.append((exact or alike or [name.lower()])[0])
            here = known.get(made[-1])
        return made


def folded(name: str) -> str:
    """A name as the names of variables are compared with it."""
    return name.lower().replace("-", "_")


def _put(tree: Tree, names: list[str], inside: Path, entry: Entry, *, removes: bool) -> None:
    *above, last = names
    here = tree
    for name in above:
        inner = here.get(name)
        if not isinstance(inner, dict):
            inner = here[name] = {}
        here = inner
    held = here.get(last)
    if inside:
        here[last] = changed(held if isinstance(held, Entry) else None, inside, entry)
    elif entry.raw is None and removes:
        here.pop(last, None)
    elif entry.raw != {} or not (isinstance(held, dict) and held):
        here[last] = entry


def _begun(schema: Schema, instance: Entry | None) -> Merged:
    """An item with the defaults of its class, or with the fields of an instance that code gave."""
    if instance is None or not dataclasses.is_dataclass(instance.raw):
        return started(schema).copy()
    given: Any = instance.raw
    made = started(read_schema(type(given))).copy()
    # A field that the class computes from others is computed again from those that win.
    counts = counting(given, str(instance.origin))
    for leaf in made.schema.leaves.values():
        names = list(map(str, split(leaf.key)))
        if names[0] in counts:
            here = given
            for name in names:
                here = getattr(here, name, None)
            made.mappings.pop(leaf.key, None)
            made.fields.pop(leaf.key, None)
            for key, entry in _spread(leaf, instance._replace(raw=here)):
                made.put(key, entry)
    return made


def _spread(leaf: Leaf | None, entry: Entry, key: str = "") -> Iterable[tuple[str, Entry]]:
    key = key or (leaf.key if leaf is not None else "")
    return spread(key, entry) if leaf is not None and leaf.open else [(key, entry)]


@cache
def started(schema: Schema) -> Merged:
    """The defaults of a class; for copies only."""
    made = Merged(schema)
    made.add(defaults_of(schema).entries)
    return made


@cache
def defaults_of(schema: Schema) -> Layer:
    """The lowest layer: what the code sets, the items of mappings under their own keys."""
    entries: dict[str, Entry] = {}
    for key, entry in schema.defaults.entries.items():
        entries.update(_spread(schema.leaves.get(key), entry, key))
    return Layer("defaults", entries)


@cache
def _defaults_below(schema: Schema, section: Section) -> Mapping[str, Entry]:
    given: dict[str, Entry] = {}
    fill_defaults(section, given)
    entries: dict[str, Entry] = {}
    for key, entry in given.items():
        entries.update(_spread(schema.leaves.get(key), entry, key))
    return entries


def _copied(tree: Tree) -> Tree:
    return {
        name: inner.copy()
        if isinstance(inner, Merged)
        else _copied(inner)
        if isinstance(inner, dict)
        else inner
        for name, inner in tree.items()
    }


def entries_of(tree: Tree, key: str) -> Iterator[tuple[str, Entry]]:
    """Every entry in the items of a mapping with its whole key."""
    for name, inner in tree.items():
        path = child(key, name)
        if isinstance(inner, Merged):
            yield from inner.walk(f"{path}.")
        elif isinstance(inner, dict):
            yield from entries_of(inner, path)
        else:
            yield path, inner
