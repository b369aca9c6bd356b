"""From the names of variables to keys: ``DATABASE_POOL_SIZE`` is ``database.pool_size``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confkit.errors import InvalidSource, Problem
from confkit.keypath import below, child, join, split, under
from confkit.layers import Entry, Layer, Origin, shown
from confkit.near import KnownNames
from confkit.resolution.merging import Merged
from confkit.schema.places import is_list, path_inside
from confkit.schema.tree import Leaf, Schema
from confkit.sources.reading import read_text

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution

#: What a name ends in whose value is appended to the list of the layers below.
APPEND = "__APPEND"


def from_variables(
    layer: Layer, schema: Schema, lower: Merged, problems: list[Problem]
) -> Iterator[tuple[str, Entry]]:
    """The entries of the variables that name a setting, wider ones first: those below them count.

    ``lower`` tells how names of open mappings are spelled; ``problems`` gets those of files that
    variables name.
    """
    whole: dict[str, Entry] = {}
    single: dict[str, Entry] = {}
    #: beside the others: a list that is set and appended to in one layer is a problem
    appended: dict[str, Entry] = {}
    known = schema.variables
    variables = named(layer, schema)
    for name, entry in variables.items():
        key = known.get(name)
        if key is None:
            if "__" in name and (found := _inside(name, schema, lower)) is not None:
                key, leaf, append = found
                if isinstance(entry.raw, Problem):
                    problems.append(entry.raw._replace(key=key))
                elif append:
                    appended[key] = entry._replace(append=True)
                else:
                    single[key] = entry
            continue
        if key in schema.sections:
            whole[key] = entry
            continue
        leaf = schema.leaves[key]
        if isinstance(entry.raw, Problem):
            problems.append(entry.raw._replace(key=key))
        elif leaf.open:
            whole[key] = entry
        elif key not in single or name == leaf.env_names[0]:
            single[key] = entry
    for name, key in schema.files.items():
        if name in variables:
            held = single.get(key) or whole.get(key)
            made = from_file(layer, schema.leaves[key], variables[name], held)
            if isinstance(made, Problem):
                problems.append(made)
            else:
                single[key] = made
    yield from whole.items()
    yield from single.items()
    yield from appended.items()


def named(layer: Layer, schema: Schema) -> Mapping[str, Entry]:
    """The variables of a layer by the names that the settings give them: without the prefix, but
    for those that no prefix goes before.
    """
    exact = schema.exact
    if layer.whole is None or not layer.prefix or not exact:
        return layer.entries
    below = tuple(f"{name}__" for name in exact)
    made = {n: e for n, e in layer.entries.items() if n not in exact and not n.startswith(below)}
    made.update({n: e for n, e in layer.whole.items() if n in exact or n.startswith(below)})
    return made


def from_file(layer: Layer, leaf: Leaf, entry: Entry, held: Entry | None) -> Entry | Problem:
    """The entry whose value is in the file that a variable names: ``API_KEY_FILE=/run/api_key``."""
    variable = leaf.variable(layer.prefix)
    if isinstance(entry.raw, Problem):
        return entry.raw._replace(key=leaf.key)
    if held is not None:
        hint = f"set {variable} or {variable}_FILE"
        message = f"is set, and {variable}_FILE as well"
        return Problem(leaf.key, message, entry.origin, hint, "set-twice", others=(held.origin,))
    text = str(entry.raw)
    if "${" in text and not entry.literal:
        message = f"{variable}_FILE is a path, and ${{...}} is not looked for in it"
        return Problem(leaf.key, message, entry.origin, code="interpolation")
    path = (layer.base or Path()) / text
    try:
        trusted = leaf.secret or leaf.sensitive
        content = read_text(path, shown(path), trusted=trusted) if text else None
    except InvalidSource as error:
        return error.problems[0]._replace(key=leaf.key)
    if content is None:
        message = f"{variable}_FILE names no file"
        return Problem(leaf.key, message, entry.origin, code="missing-file", value=text)
    origin = Origin("file", shown(path), note=f"named by {entry.origin}")
    return Entry(content.removesuffix("\n").removesuffix("\r"), origin, '"', literal=True)


def named_files(layer: Layer, schema: Schema) -> list[Path]:
    """The files that variables of a layer name, as ``API_KEY_FILE`` does."""
    if layer.spelling != "variables" or not schema.files:
        return []
    variables = named(layer, schema)
    found = [str(variables[name].raw) for name in schema.files if name in variables]
    return [(layer.base or Path()) / text for text in found if text and "${" not in text]


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
    empty, known = Merged(schema), KnownNames(schema.variables)
    for name, entry in named(layer, schema).items():
        if (
            name in schema.variables
            or name in schema.files
            or isinstance(entry.raw, Problem)
            or ("__" in name and _inside(name, schema, empty) is not None)
        ):
            continue
        hint = known.did_you_mean(name)
        problems.append(Problem(name, "names no setting", entry.origin, hint, "unknown-variable"))
    return problems


def unknown_names(resolution: Resolution[Any]) -> list[Problem]:
    """Variables nobody reads: all of a .env file, and near misses in the shared environment."""
    found = []
    for layer in resolution.read:
        if layer.spelling == "variables":
            for problem in unknown_variables(layer, resolution.schema):
                shared = problem.origin is not None and problem.origin.kind == "env"
                if problem.hint or not shared:
                    found.append(problem)
    return found


def renamed_variables(
    layer: Layer, schema: Schema, set_already: Mapping[str, Entry]
) -> Iterator[tuple[str, str, Entry]]:
    """Old name, key and entry of the variables that still have an old name."""
    for old, new in schema.renamed.items():
        name = "_".join(map(str, split(old))).upper()
        if new in schema.leaves and name in layer.entries and new not in set_already:
            yield name, new, layer.entries[name]
