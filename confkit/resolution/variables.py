"""From the names of variables to keys: ``DATABASE_POOL_SIZE`` is ``database.pool_size``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from confkit.errors import Problem
from confkit.keypath import below, child, join, split, under
from confkit.layers import Entry, Layer
from confkit.near import did_you_mean
from confkit.resolution.merging import Merged
from confkit.schema.places import is_list, path_inside
from confkit.schema.tree import Leaf, Schema

#: What a name ends in whose value is appended to the list of the layers below.
APPEND = "__APPEND"


def from_variables(layer: Layer, schema: Schema, lower: Merged) -> Iterator[tuple[str, Entry]]:
    """The entries of the variables that name a setting, wider ones first: those below them count.

    ``lower`` tells how names of open mappings are spelled.
    """
    whole: dict[str, Entry] = {}
    single: dict[str, Entry] = {}
    known = schema.variables
    for name, entry in layer.entries.items():
        key = known.get(name)
        if key is None:
            if "__" in name and (found := _inside(name, schema, lower)) is not None:
                key, leaf, append = found
                single[key] = entry._replace(append=True) if append else entry
            continue
        if key in schema.sections:
            whole[key] = entry
            continue
        leaf = schema.leaves[key]
        if leaf.open:
            whole[key] = entry
        elif key not in single or name == leaf.env_names[0]:
            single[key] = entry
    yield from whole.items()
    yield from single.items()


@cache
def _containers(schema: Schema) -> Mapping[str, Leaf]:
    """Environment name -> field, for the fields that have something inside."""
    return {
        name: leaf
        for leaf in schema.leaves.values()
        if leaf.open or is_list(leaf.shape)
        for name in leaf.env_names
    }


def _inside(name: str, schema: Schema, lower: Merged) -> tuple[str, Leaf, bool] | None:
    """The key that ``DATABASES__MAIN__POOL_SIZE`` or ``SERVERS__0__PORT`` names."""
    append = name.endswith(APPEND)
    parts = name.removesuffix(APPEND).split("__")
    containers = _containers(schema)
    for end in range(len(parts), 0, -1):
        leaf = containers.get("__".join(parts[:end]))
        rest = parts[end:]
        if leaf is None or not (append or rest) or not all(rest):
            continue
        if leaf.open and not rest:
            return None
        if not leaf.open and rest and not rest[0].isdigit():
            return None
        return _key(leaf, rest, lower), leaf, append
    return None


def _key(leaf: Leaf, rest: list[str], lower: Merged) -> str:
    if leaf.items is not None and rest:
        item = child(leaf.key, lower.spelled(leaf, rest[:1])[0])
        if len(rest) == 1:
            return item
        inner = leaf.items.variables.get("__".join(rest[1:]))
        if inner is None:
            found = _inside("__".join(rest[1:]), leaf.items, Merged(leaf.items))
            inner = join(*map(str.lower, rest[1:])) if found is None else found[0]
        return below(item, inner)
    return under(leaf.key, path_inside(leaf, lower.spelled(leaf, rest)))


def unknown_variables(layer: Layer, schema: Schema) -> list[Problem]:
    """Variables that name no field: for a check, since others share the environment."""
    problems = []
    empty = Merged(schema)
    for name, entry in layer.entries.items():
        if name in schema.variables or ("__" in name and _inside(name, schema, empty) is not None):
            continue
        hint = did_you_mean(name, schema.variables)
        problems.append(Problem(name, "names no setting", entry.origin, hint, "unknown-variable"))
    return problems


def renamed_variables(
    layer: Layer, schema: Schema, set_already: Mapping[str, Entry]
) -> Iterator[tuple[str, str, Entry]]:
    """Old name, key and entry of the variables that still have an old name."""
    for old, new in schema.renamed.items():
        name = "_".join(map(str, split(old))).upper()
        if name in layer.entries and new not in set_already:
            yield name, new, layer.entries[name]
