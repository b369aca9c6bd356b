"""How files may spell the keys of settings: second names, old names, and keys without a field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from confkit.keypath import below, child, join, parent, split
from confkit.schema.tree import Schema, Section


def present(schema: Schema, key: str) -> str:
    """``key`` with the names of fields where it has second names: ``Alias("from")``."""
    seconds = _second_names(schema)
    return _replaced(seconds, key) if seconds else key


def current(schema: Schema, key: str) -> str:
    """``key`` with the present names of fields where it has old ones: ``Renamed("old.key")``."""
    return _replaced(schema.renamed, key) if schema.renamed else key


def rest_of(schema: Schema, key: str) -> str:
    """The key in the ``dict`` field that takes a key without a field; empty where none does.

    A section takes further keys where it is ``Open``.
    """
    above = parent(key)
    while above and above not in schema.sections:
        if above in schema.leaves:
            return ""
        above = parent(above)
    section = schema.sections[above] if above else schema.root
    if not section.rest:
        return ""
    inside = split(key)[len(split(above)) if above else 0 :]
    return below(child(above, section.rest), join(*inside))


def _replaced(names: Mapping[str, str], key: str) -> str:
    """The key with its longest beginning that has another name under that name."""
    head, end = key, len(split(key))
    while head:
        if (other := names.get(head)) is not None:
            rest = split(key)[end:]
            return below(other, join(*rest)) if rest else other
        head, end = parent(head), end - 1
    return key


@cache
def _second_names(schema: Schema) -> Mapping[str, str]:
    found: dict[str, str] = {}
    _collect(schema.root, ("",), found)
    return found


def _collect(section: Section, prefixes: tuple[str, ...], found: dict[str, str]) -> None:
    """Every spelling of every field: second names may stand in each other."""
    for leaf in section.leaves:
        for prefix in prefixes:
            for name in (leaf.name, *leaf.aliases):
                found[child(prefix, name)] = leaf.key
    for name, part in section.sections:
        spelled = tuple(child(p, n) for p in prefixes for n in (name, *part.aliases))
        found.update(dict.fromkeys(spelled, part.key))
        _collect(part, spelled, found)
    for key in [key for key, field in found.items() if key == field]:
        del found[key]
