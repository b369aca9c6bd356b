"""From a source's own spelling to keys of the settings: options, old names, and near misses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from confkit.errors import Problem
from confkit.excerpt import excerpt
from confkit.keypath import Path, below, canonical, child, join, name_of, parent, split, under
from confkit.layers import Entry, Layer, Origin
from confkit.near import KnownNames, near
from confkit.resolution.instances import of_other_classes
from confkit.resolution.merging import Merged
from confkit.resolution.spreading import from_json, looks_like_json, spread
from confkit.resolution.variables import from_variables, renamed_variables
from confkit.schema.places import above_secret, inner_path, is_list, is_mapping, plain_keys
from confkit.schema.spelling import current, present, rest_of
from confkit.schema.tree import Leaf, Schema
from confkit.schema.type_hints import takes_bool

#: A name and a value in YAML without the space that parts them.
_NO_SPACE = re.compile(r"[\w-]+:\S")
#: Looking for what was meant takes time, and nobody reads on behind this many unknown keys.
MOST_HINTS = 50


class Keyed(NamedTuple):
    """A layer whose entries are all under keys of the settings, and what did not fit."""

    layer: Layer
    problems: list[Problem]
    warnings: list[str]
    #: whether every entry simply replaces that of the layers below
    simple: bool


def keyed(layer: Layer, schema: Schema, lower: Merged) -> Keyed:
    """Spell every entry's key as the settings do; unknown keys become problems.

    Unknown environment variables do not: others share the environment. ``lower`` is what the
    layers below make, which tells how the names of open mappings are spelled.
    """
    if layer.spelling == "keys" and layer.entries.keys() <= plain_keys(schema):
        return Keyed(layer, of_other_classes(layer, schema), [], simple=True)
    fitting = _Fitting(layer, schema)
    fitting.problems += of_other_classes(layer, schema)
    entries: Iterable[tuple[str, Entry]] = layer.entries.items()
    if layer.spelling == "variables":
        entries = from_variables(layer, schema, lower, fitting.problems)
    elif layer.spelling == "options":
        entries = _from_options(layer.entries, schema, fitting.problems)
    for key, entry in entries:
        fitting.fit(schema, "", key, entry)
    if layer.spelling == "variables":
        for name, key, entry in renamed_variables(layer, schema, fitting.entries):
            variable = schema.leaves[key].variable(layer.prefix)
            fitting.warnings.append(_renamed(layer.prefix + name, variable, entry))
            fitting.fit(schema, "", key, entry)
    made = Layer(layer.name, fitting.entries, base=layer.base, text=layer.text, prefix=layer.prefix)
    simple = not fitting.appends and made.entries.keys() <= plain_keys(schema)
    return Keyed(made, fitting.problems, fitting.warnings, simple)


class _Fitting:
    """One layer on its way to keys of the settings."""

    def __init__(self, layer: Layer, schema: Schema) -> None:
        self.layer = layer
        self.root = schema
        self.entries: dict[str, Entry] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.unknown = 0
        self._known: KnownNames | None = None
        #: by key, the second name under which the layer sets it
        self.seconds: dict[str, str] = {}
        self.appends = False
        #: the keys of secrets that the layer has mappings for
        self.wrapped: set[str] = set()

    def fit(self, schema: Schema, prefix: str, key: str, entry: Entry) -> None:
        """Take an entry whose key is one of ``schema``, which is at ``prefix``."""
        leaf = schema.leaves.get(key)
        if leaf is not None:
            self._field(leaf, prefix, entry)
        elif key in schema.sections:
            self._section(schema, prefix, key, entry)
        elif (name := present(schema, key)) != key:
            self._second_name(schema, prefix, key, name, entry)
        elif (name := current(schema, key)) != key:
            self.warnings.append(_renamed(below(prefix, key), below(prefix, name), entry))
            if below(prefix, name) not in self.layer.entries:
                self.fit(schema, prefix, name, entry)
        else:
            leaf, inside = schema.place(key)
            if leaf is None or not self._inside(leaf, prefix, inside, entry):
                self._appended_or_unknown(schema, prefix, key, entry)

    def _second_name(self, schema: Schema, prefix: str, key: str, name: str, entry: Entry) -> None:
        target = below(prefix, name)
        other = self.seconds.setdefault(target, key)
        if target in self.layer.entries or other != key:
            message = f"is the same setting as {target}, which is set as well"
            place = below(prefix, key)
            self.problems.append(Problem(place, message, entry.origin, code="duplicate-key"))
        else:
            self.fit(schema, prefix, name, entry)

    def _take(self, key: str, entry: Entry) -> None:
        held = self.entries.get(key)
        if held is not None and held.append != entry.append:
            hint = f"put all items into one of them; the other is at {held.origin}"
            message = "is set and appended to in one layer"
            self.problems.append(Problem(key, message, entry.origin, hint, "append"))
        self.entries[key] = entry
        self.appends |= entry.append

    def _field(self, leaf: Leaf, prefix: str, entry: Entry) -> None:
        key = below(prefix, leaf.key)
        if leaf.open:
            if looks_like_json(entry.raw) and is_mapping(leaf, 0):
                entry = from_json(entry) or entry
            for inner, one in spread(leaf.key, entry):
                if inner == leaf.key:
                    self._take(key, one)
                elif not self._inside(leaf, prefix, inner_path(leaf.key, inner), one):
                    self._unknown(below(prefix, inner), one)
        else:
            self._take(key, entry)

    def _section(self, schema: Schema, prefix: str, key: str, entry: Entry) -> None:
        section = schema.sections[key]
        whole = below(prefix, key)
        if looks_like_json(entry.raw) and not entry.append:
            made = from_json(entry)
            if made is None:
                self._no_mapping(whole, section.type, entry, "is not a mapping in JSON")
                return
            entry = made
        elif self.layer.spelling == "variables":
            return  # a name that is not ours: CACHE=redis beside a section `cache`
        if entry.raw is None or entry.raw == {}:
            # "database:" with nothing below it sets nothing, unless None is a value there.
            if section.optional and self.layer.spelling != "variables":
                self._take(whole, entry)
        elif isinstance(entry.raw, Mapping):
            for inner, one in spread(key, entry):
                if inner == key:
                    self._no_mapping(whole, section.type, entry, "has names that are no text")
                else:
                    self.fit(schema, prefix, inner, one)
        else:
            self._no_mapping(whole, section.type, entry, "a mapping is expected")

    def _inside(self, leaf: Leaf, prefix: str, inside: Path, entry: Entry) -> bool:
        """Take an entry inside a field; False where nothing can be there."""
        if (above := above_secret(leaf, inside)) is not None:
            self._inside_secret(under(below(prefix, leaf.key), above), entry)
            return True
        key = under(below(prefix, leaf.key), inside)
        if isinstance(inside[0], int):
            if is_list(leaf.shape):
                self._take(key, entry)
            return is_list(leaf.shape)
        if not leaf.open:
            return False
        if looks_like_json(entry.raw) and _mapping_at(leaf, inside):
            made = from_json(entry)
            if made is not None:
                for inner, one in spread("x", made):
                    self._inside(leaf, prefix, (*inside, *split(inner)[1:]), one)
                return True
        if leaf.items is None:
            self._take(key, entry)
        elif len(inside) > 1:
            self.fit(
                leaf.items, child(below(prefix, leaf.key), inside[0]), join(*inside[1:]), entry
            )
        elif entry.raw is None or entry.raw == {} or isinstance(entry.raw, leaf.items.type):
            self._take(key, entry)
        else:
            self._no_mapping(key, leaf.items.type, entry, "a mapping is expected")
        return True

    # -- what does not fit ------------------------------------------------------------------

    def _appended_or_unknown(self, schema: Schema, prefix: str, key: str, entry: Entry) -> None:
        name = name_of(key)
        if name.endswith("+"):
            above = parent(key)
            target = child(above, name[:-1]) if name[:-1] else ""
            leaf = schema.leaves.get(target)
            if leaf is not None and is_list(leaf.shape):
                self._take(below(prefix, target), entry._replace(append=True))
                return
        if rest := rest_of(schema, key):
            self.fit(schema, prefix, rest, entry)
        else:
            self._unknown(below(prefix, key), entry)

    def _unknown(self, key: str, entry: Entry) -> None:
        self.unknown += 1
        hint = shown = ""
        if self.unknown <= MOST_HINTS:
            if self._known is None:
                self._known = KnownNames([*self.root.leaves, *self.root.sections])
            hint = _meant(key, self.root, self._known)
            # Without the value: a misspelt name may be that of a secret.
            shown = excerpt(self.layer, entry.origin, "…")
        self.problems.append(
            Problem(key, "is no setting", entry.origin, hint, "unknown-key", excerpt=shown)
        )

    def _inside_secret(self, key: str, entry: Entry) -> None:
        """What looks like a name is the secret, or a part of it: it is not shown."""
        if key not in self.wrapped:
            self.wrapped.add(key)
            message, hint = "is a mapping, and a secret is expected", "put the secret in quotes"
            place = entry.origin
            # Without its note, which may have the name.
            origin = Origin(place.kind, place.name, place.line, place.column)
            self.problems.append(Problem(key, message, origin, hint, "type"))

    def _no_mapping(self, key: str, kind: type, entry: Entry, what: str) -> None:
        shown = excerpt(self.layer, entry.origin, "…")
        message = f"{what} ({kind.__name__})"
        joined = isinstance(entry.raw, str) and _NO_SPACE.match(entry.raw)
        hint = "is a space missing behind the colon?" if joined else ""
        self.problems.append(Problem(key, message, entry.origin, hint, "type", excerpt=shown))


def _mapping_at(leaf: Leaf, inside: Path) -> bool:
    if leaf.items is not None:
        return len(inside) == 1
    return all(isinstance(step, str) for step in inside) and is_mapping(leaf, len(inside))


def _from_options(
    options: Mapping[str, Entry], schema: Schema, problems: list[Problem]
) -> Iterable[tuple[str, Entry]]:
    for option, entry in options.items():
        key = _option_key(option, schema)
        if schema.find(key) is None and entry.raw is True and key.startswith("no_"):
            negated = schema.find(key[3:])
            if negated is not None and negated.type is bool:
                key, entry = key[3:], entry._replace(raw=False)
        leaf = schema.find(key)
        if isinstance(entry.raw, list) and leaf is not None and not is_list(leaf.shape):
            message = f"is given {len(entry.raw)} times, and has one value"
            problems.append(Problem(key, message, entry.origin, code="argument"))
            continue
        if entry.raw is True and leaf is not None and not takes_bool(leaf.type):
            hint = f"write --{option} VALUE"
            problems.append(Problem(key, "takes a value", entry.origin, hint, "argument"))
        else:
            yield key, entry


def _option_key(option: str, schema: Schema) -> str:
    """The key of an option: a dash in the name of a field or section stands for an underscore."""
    key = canonical(option)
    spelled = ""
    path = split(key)
    for at, step in enumerate(path):
        here = child(spelled, step)
        if isinstance(step, str) and here not in schema.leaves and here not in schema.sections:
            here = child(spelled, step.replace("-", "_"))
        spelled = here
        leaf = schema.leaves.get(spelled)
        if leaf is not None and leaf.items is None:
            return under(spelled, path[at + 1 :])
        if leaf is not None and leaf.items is not None and at + 2 < len(path):
            inner = _option_key(join(*path[at + 2 :]), leaf.items)
            return below(child(spelled, path[at + 1]), inner)
    return spelled


def _renamed(old: str, new: str, entry: Entry) -> str:
    return f"{old} is now called {new} ({entry.origin})"


def _meant(key: str, schema: Schema, known: KnownNames) -> str:
    dotted = canonical(str(split(key)[0]))
    if "." in dotted and (schema.find(dotted) or schema.holds(dotted)):
        return f"a dot is part of a name here: write {name_of(dotted)} below {parent(dotted)}"
    leaf, inside = schema.place(key)
    items = leaf.items.leaves if leaf is not None and leaf.items is not None else ()
    names = [below(child(leaf.key, inside[0]), name) for name in items] if leaf is not None else []
    meant = near(key, [known.near(key), *names])
    if not meant:
        last = name_of(key)
        same = [name for name in (*known.names, *names) if name_of(name) == last]
        meant = same[0] if len(same) == 1 else ""
    return f"did you mean {meant}?" if meant else ""
